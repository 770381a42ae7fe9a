"""The README's picture, taken of the running app: python -m tests.screenshot."""

from playwright.sync_api import sync_playwright

from tests.browser.conftest import PROJECTOR, Explore, launch
from tests.server import ROOT, serve

PLACE = "?z=0.62,-0.75&image=61&panel=image&show=both"


def main() -> None:
    with serve() as (address, _pid), sync_playwright() as playwright, launch(playwright) as browser:
        explore = Explore(browser.new_page(viewport=PROJECTOR), address).open(PLACE)
        explore.page.wait_for_selector('[data-testid="latent-plane"][data-images="true"]')
        explore.page.mouse.click(*explore.to_pixel(0.62, -0.75))
        explore.page.mouse.move(0, 0)
        explore.page.wait_for_selector('[data-testid="chosen"]:not([data-index="-1"])')
        explore.page.wait_for_selector('[data-testid="manifold"][data-ready="true"]')
        path = ROOT / "docs" / "explore.png"
        path.parent.mkdir(exist_ok=True)
        explore.page.screenshot(path=path)
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
