"""What a page will need: its modules and the models that it shows first."""

import re
from pathlib import Path

import pytest

from explorer.serving import preload
from tests.explorer.serving.conftest import App


def parts_of(links: str) -> list[str]:
    """Names of the checkpoints and their parts that are to be fetched, the first first."""
    found = re.findall(r'href="checkpoints/([\w.-]+)\.safetensors\?v=\w+&amp;part=(\w+)" rel="preload"', links)
    return [" ".join(one) for one in found]


def head_of(app: App, path: str) -> str:
    return app.get(path, encoding="")[0].decode().partition("<script")[0]


def test_a_page_says_what_it_will_need(app: App) -> None:
    links = head_of(app, "?model=ae-mnist")
    assert parts_of(links) == ["ae-mnist test", "ae-mnist decoder"]
    assert '/explore/view.js" rel="modulepreload"' in links
    assert parts_of(head_of(app, "?model=nowhere")) == ["vae-mnist test", "vae-mnist decoder"]
    links = head_of(app, "compare?a=nowhere&b=vae-mnist")
    assert '/compare/view.js" rel="modulepreload"' in links
    assert parts_of(links) == ["ae-mnist test", "vae-mnist test", "ae-mnist decoder"]
    for name in ("train", "learn"):
        links = head_of(app, name)
        assert f'/{name}/view.js" rel="modulepreload"' in links
        assert parts_of(links) == {"train": [], "learn": ["ae-mnist test", "ae-mnist decoder"]}[name]
    for query, screen in {
        "": "through",
        "?screen=5": "holes",
        "?screen=99": "generate",
        "?screen=x": "through",
    }.items():
        links = head_of(app, f"learn{query}")
        assert '/streamlit-lesson.js" rel="modulepreload"' in links
        assert re.findall(r'/learn/(\w+)\.js" rel="modulepreload"', links)[:2] == ["view", screen]


SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize(("browser", "told"), [(SAFARI, False), (CHROME, True), (FIREFOX, True)])
def test_a_browser_that_would_fetch_a_model_again_is_told_of_none(browser: str, told: bool) -> None:
    links = " ".join(preload.preloads("/", {}, browser))
    assert ('href="checkpoints/' in links) == told
    assert '/explore/view.js" rel="modulepreload"' in links


def test_every_import_is_followed_wherever_its_module_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = {
        "host.js": 'import { a } from "./core/a.js";\n',
        "page/view.js": (
            'import "../ui/side-effect.js";\n'
            'import {\n  one,\n  two,\n} from "../map/several-lines.js"; // with a word\n'
            'import whole, * as part from "./part.js";\n'
            'export { three } from "../core/again.js";\n'
            '/** @typedef {import("../core/type.js").Type} Type */\n'
            'export const LATER = () => import("./later.js");\n'
            'export const NAME = "./no-module.js";\n'
        ),
        "page/part.js": 'import { one } from "../map/several-lines.js";\n',
        "map/several-lines.js": 'export * from "./deep/er.js";\n',
    }
    for name in ("core/a.js", "ui/side-effect.js", "core/again.js", "map/deep/er.js"):
        sources[name] = ""
    for name, source in sources.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source, encoding="utf-8")
    monkeypatch.setattr(preload, "FRONTEND", tmp_path)
    assert sorted(preload.modules_of(("host.js", "page/view.js"), "of this test")) == sorted(sources)
