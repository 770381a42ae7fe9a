"""Both languages on the running pages: by link, list or browser; no text stays English that has a translation."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from explorer.settings import LOCALES
from tests.browser.conftest import NARROW, WIDTH, Explore, Open, choose_option

CHINESE: dict[str, str] = json.loads((LOCALES / "zh-Hant.json").read_text(encoding="utf-8"))
PAGES = {"": "探索", "compare": "比較", "train": "訓練"}

# Whatever somebody reads or hears: texts, titles, spoken names.
TEXTS = """() => {
    const texts = [], spoken = ["title", "aria-label", "placeholder"];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (node.nodeType === Node.TEXT_NODE) texts.push(node.data.trim());
        else texts.push(...spoken.map((name) => (node.getAttribute(name) ?? "").trim()));
    }
    return texts;
}"""


def _untranslated(page: Page) -> set[str]:
    return {text for text in page.evaluate(TEXTS) if CHINESE.get(text, text) != text}


def _choose(page: Page, language: str) -> None:
    """By the list in the sidebar, once the page is at rest."""
    choose_option(page.get_by_test_id("stSidebar").get_by_role("combobox", name="Language"), language)


Opened = Callable[..., Explore]


@pytest.fixture
def opened(new_page: Open) -> Opened:
    """Opens a page and waits for its map."""

    def make(query: str, **options: Any) -> Explore:
        explore = new_page(**options)
        explore.page.goto(f"{explore.address}/{query}")
        explore.page.locator('[data-testid="latent-plane"][data-ready="true"]').first.wait_for()
        return explore

    return make


@pytest.mark.parametrize("path", PAGES)
def test_no_text_stays_english(path: str, opened: Opened) -> None:
    more = {"train": "&replay=vae-mnist", "": "&depth=expert"}.get(path, "")
    page = opened(f"{path}?lang=zh-Hant{more}").page
    expect(page.get_by_test_id("stSidebarNav").get_by_text(PAGES[path])).to_be_visible()
    for panel in page.locator('[role="tab"]').all():
        panel.click()
        assert _untranslated(page) == set()
    assert _untranslated(page) == set()
    assert page.evaluate("document.documentElement.lang") == "zh-Hant"
    expect(page).to_have_title(f"{PAGES[path]} · {CHINESE['Latent Space Explorer']}")
    expect(page.get_by_role("heading", level=1)).to_have_text(PAGES[path])
    if path == "train":
        expect(page.get_by_test_id("open-in-explore").first).to_have_attribute("href", re.compile("[?&]lang=zh-Hant"))
        _a_refusal_speaks_the_pages_language(page)
    elif not path:
        _streamlits_own_words_are_in_the_language_chosen(page)


def _streamlits_own_words_are_in_the_language_chosen(page: Page) -> None:
    sidebar = page.get_by_test_id("stSidebar")
    size = sidebar.get_by_test_id("stFileUploaderDropzoneInstructions")
    expect(sidebar.get_by_role("button", name="上傳", exact=True)).to_be_visible()
    expect(size).to_have_text(re.compile("^上限 100 MB • PT"))
    expect(sidebar.get_by_role("button", name="收合側邊欄")).to_be_visible()
    model = sidebar.get_by_role("combobox", name="模型")
    model.press_sequentially("zzz")
    expect(page.get_by_role("listbox")).to_have_text("找不到符合的項目")
    model.press("Escape")
    assert _untranslated(page) == set()
    sidebar.locator("input[type=file]").set_input_files(
        {"name": "Upload", "mimeType": "text/plain", "buffer": b"digits"}
    )
    expect(sidebar.get_by_role("alert")).to_have_text("錯誤：不接受 text/plain 檔案。")
    expect(sidebar.get_by_test_id("stFileChipName")).to_have_text("Upload")  # which is the file's own name
    sidebar.get_by_role("button", name="移除 Upload").click()
    expect(sidebar.get_by_role("button", name="上傳", exact=True)).to_be_visible()
    _choose(page, "English")
    expect(sidebar.get_by_role("button", name="Upload", exact=True)).to_be_visible()
    expect(size).to_have_text(re.compile("^100MB per file • PT"))
    expect(sidebar.get_by_role("button", name="Collapse sidebar")).to_be_visible()


def _a_refusal_speaks_the_pages_language(page: Page) -> None:
    answer = page.evaluate("""async () => {
        const headers = { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang };
        const address = new URL("training/nobody/stop", document.baseURI);
        return (await (await fetch(address, { method: "POST", headers, body: "{}" })).json()).problem;
    }""")
    assert answer == CHINESE["There is no run {name} any more: it was deleted."].format(name="nobody")


def test_the_browsers_own_language_then_the_list_and_the_link(opened: Opened) -> None:
    explore = opened("?z=1,-0.5&panel=walk", locale="zh-TW")
    page = explore.page
    expect(page.get_by_test_id("tab-walk")).to_have_text("漫步")
    assert "lang=" not in page.url
    models = page.get_by_test_id("stSidebar").locator("input[role=combobox]").first
    models.click()
    page.get_by_role("option", name="自動編碼器，交叉熵").click()
    explore.wait("ae-mnist")
    models.click()
    page.get_by_role("option", name="VAE，大型網路").click()
    explore.wait("vae-mnist")
    _choose(page, "English")
    expect(page.get_by_test_id("tab-walk")).to_have_text("Walk")
    expect(models).to_have_value("VAE, large network")
    explore.wait("vae-mnist")
    assert explore.z().tolist() == [1, -0.5]  # the place is kept
    expect(page.get_by_test_id("tab-walk")).to_have_attribute("aria-selected", "true")
    assert "lang=en" in page.url
    page.get_by_test_id("stSidebarNav").get_by_text("Compare").click()
    expect(page.get_by_test_id("match-position")).to_have_text("Same position")
    page.reload()  # the link asks for English, though the browser would speak Chinese
    expect(page.get_by_test_id("match-position")).to_have_text("Same position")


def test_the_train_form_bears_a_change_of_language(opened: Opened) -> None:
    page = opened("train?lang=en&replay=vae-mnist").page
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_label("Epochs", exact=True)).to_be_visible()
    _choose(page, "繁體中文")
    epochs = sidebar.get_by_label("訓練輪次", exact=True)
    epochs.fill("nonsense")
    epochs.press("Enter")
    complaint = CHINESE["{name} must be {kind} from {low} to {high}; found {value}."]
    said = complaint.format(name="訓練輪次", kind="整數", low="1", high="10000", value="'nonsense'")
    expect(sidebar.get_by_test_id("stAlert").filter(has_text=said)).to_be_visible()
    sidebar.get_by_label("β", exact=True).fill("2")
    sidebar.get_by_label("β", exact=True).press("Enter")
    expect(sidebar.get_by_text("自訂（已更改：β，訓練輪次）")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_a_phone_holds_the_longer_words(opened: Opened) -> None:
    for path in ("?lang=zh-Hant", "compare?lang=zh_TW&sheet=prior"):
        page = opened(path, viewport=NARROW, has_touch=True, is_mobile=True).page
        assert page.evaluate(WIDTH) <= NARROW["width"]
