"""Training on this computer over reloads, pages and tabs: the browser keeps the run."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE, Explore, Open
from tests.browser.test_here import SMALL, Here

# Calls `use` of the module and the store, opened; other pages hold the runs of `held`.
STORE = """async ({ use, held }) => {
    const store = await import(new URL("assets/worker/run-store.js", document.baseURI));
    const database = await store.openRuns();
    const release = held.map((name) => store.holdRun(name));
    const names = () => new Promise((resolve) => {
        const request = database.transaction("runs").objectStore("runs").getAllKeys();
        request.onsuccess = () => resolve(request.result);
    });
    const found = await (0, eval)(use)({ ...store, database, names });
    for (const end of release) end();
    database.close();
    return found;
}"""
# How many steps the runs had that are kept.
KEPT = """() => new Promise((resolve) => {
    indexedDB.open("latent-explorer").onsuccess = ({ target: { result: database } }) => {
        if (!database.objectStoreNames.length) return resolve([]);
        database.transaction("runs").objectStore("runs").getAll().onsuccess = ({ target: { result } }) => {
            database.close();
            resolve(result.map(({ loop }) => loop.steps).sort((a, b) => a - b));
        };
    };
})"""


def tell(page: Page, use: str, held: tuple[str, ...] = ()) -> object:
    return page.evaluate(
        STORE, {"use": f"async ({{ database, putRun, deleteRun, claimRun, asideOf, names }}) => {use}", "held": held}
    )


def until_kept(page: Page, *steps: int, more: bool = False) -> None:
    """Wait until the runs kept have just so many steps; `more`: those, and perhaps others."""
    # Not `wait_for_function`: that takes the promise for an answer, and it is true.
    script = """async ([steps, more, patience]) => {
        const begun = performance.now();
        for (;;) {
            const kept = await KEPT();
            if (more ? steps.every((n) => kept.includes(n)) : `${kept}` === `${steps}`) return;
            if (performance.now() - begun > patience) throw new Error(`Kept are runs of ${kept} steps, not ${steps}.`);
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    }"""
    page.evaluate(script.replace("KEPT", f"({KEPT})"), [steps, more, PATIENCE])


def steps(here: Here, *numbers: int) -> None:
    for number in numbers:
        here.page.get_by_test_id("here-step").click()
        expect(here.curve).to_have_attribute("data-step", str(number))


def back(page: Page) -> Locator:
    watch = page.get_by_test_id("here-watch")
    expect(watch).to_contain_text("Your run is back")
    return watch


def waiting(undo: Locator) -> str:
    """The step at which the run before waits."""
    expect(undo).to_be_visible()
    return re.sub(r"\D", "", undo.inner_text())


def test_a_run_that_is_kept_comes_to_one_page_only(new_page: Open) -> None:
    page = new_page().modules()
    put = "for (let i = 0; i < 10; i++) await putRun(database, `r${i}`, { saved: i });"
    assert tell(page, f"{{ {put} return names(); }}") == [f"r{i}" for i in range(2, 10)]  # the eight newest
    claim = 'claimRun(database, "{}", {})'
    two = f"Promise.all([{claim.format('a', 'null')}, {claim.format('b', 'null')}])"
    found = tell(page, two, held=("r9", "r7"))
    assert isinstance(found, list)
    assert sorted(claimed["run"]["saved"] for claimed in found) == [6, 8]  # the newest that nobody has, each to one
    assert tell(page, claim.format("c", '"r3"')) == {"run": {"saved": 3}, "aside": None}  # whose page was reloaded
    assert tell(page, "names()") == ["a", "b", "c", "r2", "r4", "r5", "r7", "r9"]
    everyone = ("a", "b", "c", "r2", "r4", "r5", "r7", "r9")
    assert tell(page, claim.format("d", '"r9"'), held=everyone) is None
    # The run before a page's own comes with it, or in its place; and is held with it.
    tell(page, "putRun(database, asideOf('r9'), { saved: 11 })")
    assert tell(page, claim.format("d", '"r9"'), held=everyone) is None
    assert tell(page, claim.format("d", '"r9"')) == {"run": {"saved": 9}, "aside": {"saved": 11}}
    tell(page, "deleteRun(database, 'd')")
    assert tell(page, claim.format("e", '"d"')) == {"run": {"saved": 11}, "aside": None}


def test_a_run_goes_on_over_reloads_pages_and_beside_another(new_page: Open) -> None:
    here = Here(new_page()).open()
    page, plane = here.page, here.plane
    page.get_by_test_id("here-width").select_option(SMALL)
    page.get_by_test_id("here-activation").select_option("gelu")
    page.get_by_test_id("here-images").select_option("500")
    page.get_by_test_id("here-seed").click()
    seed = page.get_by_test_id("here-seed").inner_text()
    here.move("here-beta", 6)
    page.get_by_test_id("here-speed").select_option("1")
    steps(here, 1, 2, 3)
    third = here.number(here.curve, "reconstruction")
    other = Here(Explore(page.context.new_page(), here.address)).open()  # a second tab has a run of its own
    steps(other, 1)

    until_kept(page, 1, 3)
    page.reload()
    assert back(page).inner_text().startswith("Your run is back, kept at step 3, epoch 0.6.")
    expect(here.curve).to_have_attribute("data-step", "3")
    assert here.number(here.curve, "reconstruction") == third
    expect(here.play).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_test_id("here-seed")).to_have_text(seed)
    for name, value in {"width": SMALL, "activation": "gelu", "images": "500", "speed": "1"}.items():
        expect(page.get_by_test_id(f"here-{name}")).to_have_value(value)
    expect(page.get_by_test_id("here-beta")).to_have_attribute("aria-valuetext", "β = 4")
    steps(here, 4, 5)
    fifth = here.number(here.curve, "reconstruction")
    page.get_by_test_id("here-again").click()
    expect(plane).to_have_attribute("data-step", "0")
    steps(here, 1, 2, 3, 4, 5)
    assert here.number(here.curve, "reconstruction") == fifth  # as in one go

    # Another page of the app, and back; it trains on, since it did.
    page.get_by_test_id("here-speed").select_option("Infinity")
    here.play.click()
    here.until("plane.step > 30")
    page.get_by_test_id("stSidebarNav").get_by_text("Compare").click()
    expect(page.get_by_test_id("match-position")).to_be_visible()
    page.get_by_test_id("stSidebarNav").get_by_text("Train").click()
    back(page)
    expect(here.play).to_have_attribute("aria-pressed", "true")
    here.until("plane.step > 40")

    # Begun anew, by a story or by whatever else, it loses nothing: the one before waits, and can come back.
    here.play.click()
    expect(here.play).to_have_attribute("aria-pressed", "false")
    undo = page.get_by_test_id("here-back")
    expect(undo).to_have_text("↶ Back to step 5")  # that of before
    page.get_by_test_id("story-overfit").click()
    expect(undo).not_to_have_text("↶ Back to step 5")
    reached = waiting(undo)
    expect(page.get_by_test_id("here-beta")).to_have_attribute("aria-valuetext", "β = 1")
    here.until("plane.step > 5")
    here.play.click()
    expect(here.play).to_have_attribute("aria-pressed", "false")
    undo.click()
    expect(plane).to_have_attribute("data-step", reached)
    expect(page.get_by_test_id("here-beta")).to_have_attribute("aria-valuetext", "β = 4")
    story = waiting(undo)
    until_kept(page, *sorted([1, int(reached), int(story)]))
    page.get_by_test_id("here-width").select_option("128")
    expect(undo).to_have_text(f"↶ Back to step {reached}")
    expect(plane).to_have_attribute("data-step", "0")
    until_kept(page, 1, int(reached))
    page.reload()  # the new one has taken no step
    expect(back(page)).to_have_text(re.compile(rf"^Your run is back, kept at step {reached}, "))
    expect(undo).to_be_hidden()
    expect(page.get_by_test_id("here-width")).to_have_value(SMALL)

    # That of a tab that is gone comes to the next, with the one before it.
    steps(other, 2)
    other.page.get_by_test_id("here-again").click()
    expect(other.page.get_by_test_id("here-back")).to_have_text("↶ Back to step 2")
    steps(other, 1)
    until_kept(page, *sorted([1, 2, int(reached)]))
    other.page.close()
    tab = page.context.new_page()
    tab.goto(f"{here.address}/train")
    expect(back(tab)).to_have_text(re.compile(r"^Your run is back, kept at step 1, epoch 0\.0\."))
    expect(tab.get_by_test_id("here-back")).to_have_text("↶ Back to step 2")


def test_a_browser_that_keeps_nothing_says_so_and_trains(new_page: Open) -> None:
    page = new_page(once=True).modules()
    here = Here(Explore(page, page.url.removesuffix("/favicon.png")))
    # For the smallest network some times over: what was replaced is gone only later.
    quota = {"origin": here.address, "quotaSize": 4_500_000}
    page.context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", quota)
    tell(page, 'putRun(database, "old", { format: "latent-explorer-run/0", saved: 1 })')
    here.open()
    watch = page.get_by_test_id("here-watch")
    expect(watch).to_contain_text("The model that this browser had kept cannot be read: a new one begins.")
    steps(here, 1)
    full = "This browser has no room left to keep the model: save it before you leave the page."
    expect(watch).to_have_text(full)
    page.get_by_test_id("here-width").select_option(SMALL)
    expect(here.plane).to_have_attribute("data-step", "0")
    steps(here, 1, 2)
    until_kept(page, 2, more=True)  # with the one before, or in its place
    expect(watch).to_have_text("")

    page.goto(f"{here.address}/favicon.png")
    newer = """() => new Promise((resolve) => {
        indexedDB.open("latent-explorer", 9).onsuccess = ({ target }) => resolve(target.result.close());
    })"""
    page.evaluate(newer)  # as an app to come might
    here.open()
    expect(watch).to_have_text("This browser keeps nothing for this page: save the model before you leave it.")
    steps(here, 1)
