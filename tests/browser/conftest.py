"""The real app behind a real Chromium."""

import base64
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

import numpy as np
import pytest
import torch
from playwright.sync_api import (
    Browser,
    Error,
    Locator,
    Page,
    Playwright,
    ViewportSize,
    expect,
    sync_playwright,
)

from explorer.catalogue import library
from explorer.catalogue.titles import titles
from explorer.settings import FRONTEND
from model.networks import AutoEncoder
from tests.__main__ import BROWSERS

TITLES = titles(library.shipped()[0])  # what the shipped models are called
PALETTE = re.findall(r'"#(\w{6})"', (FRONTEND / "core" / "palette.js").read_text(encoding="utf-8"))
COLOURS = np.array([list(bytes.fromhex(colour)) for colour in PALETTE])  # red, green, blue by class
KERNELS = ("gemm-fused.wasm", "gemm.wasm", "")  # of core/gemm.js, and plain JavaScript
READY = '[data-testid="latent-plane"][data-ready="true"]'
ANY = re.compile(".")
PROJECTOR: ViewportSize = {"width": 1366, "height": 768}
TABLET: ViewportSize = {"width": 820, "height": 1180}
PHONE: ViewportSize = {"width": 390, "height": 844}
NARROW: ViewportSize = {"width": 320, "height": 256}  # 1280 × 1024 at 400 %; the narrowest phone is as wide
# How wide all is that can be scrolled to.
WIDTH = "Math.max(...[document.documentElement, document.querySelector('.stMain')].map((node) => node.scrollWidth))"

# Each new context has a window, though nobody sees it, and the list below its address bar is two pages, loaded ahead:
# 0.4 s of CPU time. Of switches of one name the last counts, so Playwright's own list stands before.
DISABLED = (
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,"
    "LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,"
    "TcpPortRandomizationWin,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch,"
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup"
)

# Puts back what a test may have changed, as a user would, but for the point; false where only opening it anew does.
RESET = """() => {
    const at = (name) => document.querySelector(`[data-testid="${name}"]`);
    if (at("latent-plane")?.dataset.checkpoint !== "vae-mnist") return false;
    if (!at("panel-neighbours")?.checkVisibility()) return false;
    document.activeElement.blur();
    for (const chip of document.querySelectorAll('[data-testid^="class-"][aria-pressed="false"]')) chip.click();
    for (const name of ["show-points", "toggle-prior", "toggle-numerals"]) {
        if (at(name).getAttribute("aria-pressed") !== "true") at(name).click();
    }
    if (at("toggle-training").getAttribute("aria-pressed") === "true") at("toggle-training").click();
    if (at("overlay").value) {
        at("overlay").value = "";
        at("overlay").dispatchEvent(new Event("change", { bubbles: true }));
    }
    return true;
}"""
FORGET = """() => new Promise((resolve, reject) => {
    localStorage.clear();
    sessionStorage.clear();
    const request = indexedDB.deleteDatabase("latent-explorer");
    Object.assign(request, { onsuccess: resolve, onerror: reject });
})"""
AT_HOME = """() => {
    const query = new URLSearchParams(location.search);
    query.delete("model");
    query.delete("depth");
    return query.toString().replaceAll("%2C", ",") === "z=0,0";
}"""

# ms until what does not come is given up: on a machine that has other work, too, all of it takes ten times as long.
PATIENCE = 90_000
expect.set_options(timeout=PATIENCE)


class AxesRead(NamedTuple):
    """What the numbers on a plane's axes say: where its latent points lie on the page.

    Attributes:
        scale: pixels a latent unit, to the right and down; shape (2,).
        origin: page coordinates of (0, 0); shape (2,).
        low, high: the latent points at its lower left and its upper right; shape (2,).
    """

    scale: np.ndarray
    origin: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def to_pixel(self, x: float, y: float) -> tuple[float, float]:
        px, py = self.origin + self.scale * (x, y)
        return float(px), float(py)

    def to_latent(self, px: float, py: float) -> np.ndarray:
        return ((px, py) - self.origin) / self.scale


# Of each axis the numbers written on it, and where they stand: right of the plane's left edge, under its top.
READ_AXES = """plane => {
    const { left, top } = plane.getBoundingClientRect(), { clientLeft, clientTop, clientWidth, clientHeight } = plane;
    const axis = (name) => [...plane.querySelectorAll(`.lse-ticks[data-axis="${name}"] text`)]
        .map((text) => [Number(text.textContent.replaceAll("−", "-")), Number(text.getAttribute(name))]);
    return [axis("x"), axis("y"), [left + clientLeft, top + clientTop], [clientWidth, clientHeight]];
}"""


# Of a plane its lowest and its highest z1, by the same numbers: those of two planes are equal where these are.
RANGE = """(plane) => {
    const numbers = [...plane.querySelectorAll('.lse-ticks[data-axis="x"] text')];
    const value = (text) => Number(text.textContent.replaceAll("−", "-"));
    const place = (text) => Number(text.getAttribute("x"));
    const first = numbers[0], last = numbers.at(-1);
    const unit = (value(last) - value(first)) / (place(last) - place(first)), left = value(first) - place(first) * unit;
    return [left, left + plane.clientWidth * unit];
}"""


class Evaluates(Protocol):
    """An element in whatever browser: runs a JavaScript function of it and of what else is given."""

    def evaluate(self, expression: str, arg: Any = None) -> Any: ...


def read_axes(plane: Evaluates) -> AxesRead:
    """Read a plane's axes, which have two numbers each at least."""
    *axes, corner, size = plane.evaluate(READ_AXES)
    fits = []
    for number in axes:
        values, places = np.array(number, dtype=float).T
        slope, start = np.polyfit(values, places, 1)
        # All of them stand where they should: 2 decimals are written of each place.
        np.testing.assert_allclose(slope * values + start, places, atol=0.02)
        fits.append((slope, start))
    (right, x), (down, y) = fits
    scale, inside = np.array([right, down]), np.array([x, y])
    low, high = (0, size[1]), (size[0], 0)
    return AxesRead(scale, corner + inside, (low - inside) / scale, (high - inside) / scale)


def chromium_path() -> str | None:
    """A Chromium of this machine, or None for Playwright's own."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@contextmanager
def launch(playwright: Playwright, *flags: str) -> Iterator[Browser]:
    arguments = ["--no-sandbox", f"--disable-features={DISABLED}", *flags]
    browser = playwright.chromium.launch(executable_path=chromium_path(), args=arguments)
    try:
        yield browser
    finally:
        browser.close()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as instance:
        yield instance


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with launch(playwright) as instance:
        yield instance


class Explore:
    """The Explore page, as a test drives it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        page.set_default_timeout(PATIENCE)
        self.address = address
        self.plane = page.get_by_test_id("latent-plane")
        self.image = page.get_by_test_id("decoded-image")
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, query: str = "", model: str = "vae-mnist", full: bool = True) -> "Explore":
        self.page.goto(f"{self.address}/{in_full(query) if full else query}")
        self.wait(model)
        return self

    def modules(self) -> Page:
        """A page from which the app's modules can be imported, without the app."""
        self.page.goto(f"{self.address}/favicon.png")
        return self.page

    def reset(self) -> None:
        """As newly opened, but that the address names the model and the point: opening takes ten times as long."""
        self.page.mouse.move(5, 5)
        if self.sidebar_alert().count() or not self.page.evaluate(RESET):
            self.open()
            self.page.evaluate(RESET)
        self.page.keyboard.press("Escape")
        self.page.get_by_role("button", name="Show the whole map").click()
        for axis in ("z1", "z2"):
            self.page.get_by_test_id(f"{axis}-number").fill("0")
        self.until("z[0] === 0 && z[1] === 0")
        self.page.evaluate("document.activeElement.blur()")
        self.page.wait_for_function(AT_HOME)
        expect(self.plane).to_have_attribute("data-images", "true")

    def wait(self, model: str) -> None:
        expect(self.page.locator(f'{READY}[data-checkpoint="{model}"]')).to_be_visible()
        expect(self.image).to_have_attribute("data-z", ANY)  # the decoder follows the map

    def z(self) -> np.ndarray:
        """The latent point shown, float32 (2,)."""
        text = self.image.get_attribute("data-z")
        assert text is not None
        return np.array(text.split(","), dtype=np.float32)

    def until(self, condition: str, argument: object = None) -> None:
        """Wait for a JavaScript condition on the shown point `z`."""
        script = f"""(argument) => {{
            const canvas = document.querySelector('[data-testid="decoded-image"]');
            const z = (canvas?.dataset.z ?? "").split(",").map(Number); // before anything is drawn, no condition holds
            return {condition};
        }}"""
        self.page.wait_for_function(script, arg=argument)

    def pixels(self, name: str = "decoded-image") -> np.ndarray:
        """Grey levels of a canvas, 0 to 255, shape (784,)."""
        return grey_levels(self.page.get_by_test_id(name))

    def to_pixel(self, x: float, y: float) -> tuple[float, float]:
        """Page coordinates of a latent point, as a reader has them from the numbers on the axes."""
        return read_axes(self.plane).to_pixel(x, y)

    def to_latent(self, px: float, py: float) -> np.ndarray:
        """The way back."""
        return read_axes(self.plane).to_latent(px, py)

    def dots(self) -> np.ndarray:
        """Red, green, blue and opacity of the canvas that the points are painted on, uint8 (rows, columns, 4)."""
        cloud = self.page.locator(".lse-cloud")
        size = cloud.evaluate("canvas => [canvas.height, canvas.width]")
        return np.stack([channel(cloud, number).reshape(size) for number in range(4)], axis=-1)

    def dots_at(self, points: np.ndarray) -> np.ndarray:
        """The same at latent points (n, 2), all of them in view."""
        box = self.page.locator(".lse-cloud").bounding_box()
        assert box is not None
        origin, unit = np.array(self.to_pixel(0, 0)), np.array(self.to_pixel(1, 1))
        column, row = np.rint(origin - (box["x"], box["y"]) + points * (unit - origin)).astype(int).T
        return np.asarray(self.dots()[row, column])

    def classes_of(self, dots: np.ndarray) -> np.ndarray:
        """Of dots (n, 4), which of the classes has that colour, (n); edges, which hardly have one, are left out."""
        distance = np.abs(dots[dots[:, 3] >= 70, None, :3].astype(int) - COLOURS).max(-1)
        assert (distance.min(-1) <= 3).all(), "a canvas keeps colours times opacity, rounded"
        return np.asarray(distance.argmin(-1))

    def classes_drawn(self) -> list[int]:
        return np.unique(self.classes_of(self.dots().reshape(-1, 4))).tolist()

    def centre(self) -> tuple[float, float]:
        box = self.plane.bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def press(self, px: float, py: float) -> None:
        self.page.mouse.move(px, py)
        self.page.mouse.down()

    def image_index(self) -> str | None:
        return self.page.get_by_test_id("chosen").get_attribute("data-index")

    def pick(self, model: str) -> None:
        """Choose a shipped model in the sidebar."""
        sidebar = self.page.get_by_test_id("stSidebar")
        sidebar.get_by_role("combobox", name="Model", exact=True).click()
        self.page.get_by_role("option", name=TITLES[model], exact=True).click()

    def upload(self, path: Path) -> None:
        self.page.get_by_test_id("stSidebar").locator("input[type=file]").set_input_files(path)

    def sidebar_alert(self) -> Locator:
        return self.page.get_by_test_id("stSidebar").get_by_test_id("stAlert")


def choose_option(box: Locator, name: str) -> None:
    """Of one of Streamlit's lists, once the page is at rest."""
    at_rest = box.page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')
    option = box.page.get_by_role("option", name=name, exact=True)
    for last in (False, False, True):
        at_rest.wait_for()
        # Not by a click, whose scrolling would close the list; a rerun that begins just now closes it, too.
        box.press("ArrowDown")
        with nullcontext() if last else suppress(AssertionError):
            expect(option).to_be_visible(timeout=None if last else 5_000)
            break
    option.click()
    at_rest.wait_for()


def in_full(query: str) -> str:
    """The address of a page of Explore, from `?` on, that shows all there is, unless it says how much."""
    return query if "depth=" in query else f"{query}{'&' if query else '?'}depth=expert"


def grey_levels(canvas: Evaluates) -> np.ndarray:
    """Grey levels of a canvas, 0 to 255, row by row."""
    return channel(canvas, 0).astype(np.int64)


def drawn(canvas: Evaluates) -> tuple[np.ndarray, np.ndarray]:
    """The point of a decoded image, float32 (2,), and its grey levels, of one frame: a drag's last may be to come."""
    point = "(canvas) => canvas.dataset.z"
    while True:
        z, grey = canvas.evaluate(point), grey_levels(canvas)
        if z == canvas.evaluate(point):
            return np.array(z.split(","), dtype=np.float32), grey


def channel(canvas: Evaluates, number: int) -> np.ndarray:
    """One of red, green, blue and opacity, 0 to 3, of a canvas's pixels, uint8, row by row."""
    # As text: an array of a million numbers takes Playwright ten seconds.
    text = canvas.evaluate(
        """(canvas, number) => {
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            let text = "";
            for (let i = number; i < data.length; i += 4) text += String.fromCharCode(data[i]);
            return btoa(text);
        }""",
        number,
    )
    return np.frombuffer(base64.b64decode(text), np.uint8)


class Driver(Protocol):
    """A page of the app, as a test drives it."""

    page: Page
    address: str
    errors: list[str]


D = TypeVar("D", bound=Driver)


class Viewers:
    """Pages of the app, each in a context of its own, that go to the next viewer when their test is over: one that has
    been open before opens again in less than half the CPU time."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.idle: dict[str, list[Page]] = {}

    @contextmanager
    def lending(self, driver: Callable[[Page, str], D]) -> Iterator[Callable[..., D]]:
        """Lends pages until the test ends, which it does without a script error.

        Each is asked for by the app's address, its size, how much may move, and the options of a context. With `once`
        nobody uses it again: its test stops the clock, gives it a slow line, or needs an empty cache.
        """
        lent: list[tuple[D, list[Page] | None]] = []

        def lend(
            address: str,
            once: bool = False,
            viewport: ViewportSize = PROJECTOR,
            reduced_motion: Literal["reduce", "no-preference"] = "no-preference",
            **options: Any,
        ) -> D:
            idle = self.idle.setdefault(repr((address, sorted(options.items()))), [])
            page = idle.pop() if idle and not once else self._new(options)
            page.set_viewport_size(viewport)
            page.emulate_media(color_scheme="light", reduced_motion=reduced_motion)
            lent.append((driver(page, address), None if once else idle))
            return lent[-1][0]

        try:
            yield lend
        finally:
            errors = [error for found, _idle in lent for error in found.errors]
            for found, idle in lent:
                if idle is None or found.errors or not _left_as_new(found):
                    found.page.context.close()
                else:
                    idle.append(found.page)
        assert errors == []

    def _new(self, options: Mapping[str, Any]) -> Page:
        """A page in a context of its own; to what a page asks, the answer is yes."""
        context = self.browser.new_context(**options)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        return page


def _left_as_new(driver: Driver) -> bool:
    """Whether nothing of a viewer is left in a page but what its cache holds."""
    page = driver.page
    try:
        page.unroute_all()
        page.goto(f"{driver.address}/favicon.png")
        page.evaluate(FORGET)
        page.context.clear_cookies()
    except Error:  # closed by its test, or its server is gone
        return False
    return True


@pytest.fixture(scope="session")
def viewers(browser: Browser) -> Viewers:
    return Viewers(browser)


Open = Callable[..., Explore]


@pytest.fixture
def new_page(viewers: Viewers, server: tuple[str, int]) -> Iterator[Open]:
    """Opens pages of the running app, each a viewer's own."""
    with viewers.lending(Explore) as lend:
        yield partial(lend, server[0])


@pytest.fixture(scope="module")
def one_page(viewers: Viewers, server: tuple[str, int]) -> Iterator[Explore]:
    """A page for many tests, each of which opens there what it wants."""
    with viewers.lending(Explore) as lend:
        yield lend(server[0]).open()


@pytest.fixture
def explore(one_page: Explore) -> Explore:
    """The shared page as newly opened, its images there."""
    one_page.reset()
    return one_page


@pytest.fixture(scope="module")
def modules(viewers: Viewers, server: tuple[str, int]) -> Iterator[Page]:
    """A page from which the app's modules can be imported, without the app."""
    with viewers.lending(Explore) as lend:
        yield lend(server[0]).modules()


@torch.no_grad()
def decoded(model: AutoEncoder, z: np.ndarray) -> np.ndarray:
    """What PyTorch makes of a latent point, probabilities (784,)."""
    return model.decode(torch.from_numpy(z.astype(np.float32))[None])[0].numpy()
