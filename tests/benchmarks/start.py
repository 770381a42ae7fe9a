"""From `streamlit run` to the first decoded digit and to the ready plane, beside a bare one-line Streamlit app.

python -m tests.benchmarks.start

Both apps are started in turn, each time with a new server process and an empty browser cache; the browser itself is
already running. Prints the medians, in seconds from the start of the process, and the ratios to the bare app.
"""

import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import PROJECTOR, launch
from tests.server import serve

ROUNDS = 7
BARE = 'import streamlit as st; st.write("ready")'
TIMEOUT = 60_000  # ms

# Looks at every frame, so that a time is that of the frame which showed the thing.
WATCH = """(() => {
    const marks = {
        text: () => [...document.querySelectorAll(".stMarkdown")].some((node) => node.textContent.trim() === "ready"),
        digit: () => document.querySelector('[data-testid="decoded-image"][data-z]'),
        plane: () => document.querySelector('[data-testid="latent-plane"][data-ready="true"]'),
    };
    window.seen = {};
    const look = () => {
        for (const [name, there] of Object.entries(marks)) {
            if (!(name in window.seen) && there()) window.seen[name] = performance.timeOrigin + performance.now();
        }
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})();"""


def once(browser: Browser, script: str, marks: list[str]) -> list[float]:
    """Seconds from the start of the server process to each mark."""
    context = browser.new_context(viewport=PROJECTOR)
    context.add_init_script(WATCH)
    page = context.new_page()
    begin = time.time()
    with serve(script) as (address, _pid):
        page.goto(address, wait_until="commit")
        page.wait_for_function(
            "marks => marks.every((name) => name in (window.seen ?? {}))", arg=marks, timeout=TIMEOUT
        )
        seen = page.evaluate("window.seen")
        context.close()
    return [seen[name] / 1000 - begin for name in marks]


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        launch(playwright) as browser,
    ):
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE, encoding="utf-8")
        rounds = []
        for _ in range(ROUNDS):
            rounds.append(once(browser, str(bare), ["text"]) + once(browser, "explorer/app.py", ["digit", "plane"]))
    text, digit, plane = np.median(rounds, axis=0)
    ratios = np.array(rounds)[:, 1:] / np.array(rounds)[:, :1]
    print(f"bare app, text            {text:5.2f} s")
    for name, seconds, column in (("first decoded digit", digit, 0), ("ready plane", plane, 1)):
        low, high = ratios[:, column].min(), ratios[:, column].max()
        print(f"{name:<26}{seconds:5.2f} s   {seconds / text:.2f} times the bare app (rounds: {low:.2f} to {high:.2f})")


if __name__ == "__main__":
    main()
