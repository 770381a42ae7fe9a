"""Streamlit's own files: compressed for those who take it, else as Streamlit has them; kept for ever."""

import gzip
import re
from pathlib import Path

import pytest
import streamlit

from tests.explorer.serving.conftest import App
from tests.server import serve

FOLDER = Path(streamlit.__file__).with_name("static")
FIRST = sorted(set(re.findall(r"static/(?:js|css)/[\w.-]+", (FOLDER / "index.html").read_text(encoding="utf-8"))))


@pytest.mark.parametrize("name", FIRST)
def test_what_a_first_page_fetches_is_compressed(name: str, app: App) -> None:
    content, headers = app.get(name)
    assert headers["content-encoding"] == "gzip"
    assert headers["content-type"].startswith("text/css" if name.endswith(".css") else "text/javascript")
    assert headers["vary"] == "Accept-Encoding"
    assert "immutable" in headers["cache-control"]
    assert gzip.decompress(content) == (FOLDER / name).read_bytes()


def test_all_of_it_is_a_quarter_of_the_bytes(app: App) -> None:
    sent = sum(len(app.get(name)[0]) for name in FIRST)
    assert sent < 0.27 * sum((FOLDER / name).stat().st_size for name in FIRST)


def test_who_has_it_gets_no_body(app: App) -> None:
    tag = app.get(FIRST[0])[1]["etag"]
    assert app.status(FIRST[0], known=tag) == 304
    assert app.status(FIRST[0], known='W/"0123456789abcdef"') == 200


def test_who_takes_no_gzip_gets_it_from_streamlit(app: App) -> None:
    content, headers = app.get(FIRST[0], encoding="identity")
    assert headers["content-encoding"] is None
    assert content == (FOLDER / FIRST[0]).read_bytes()


def test_what_is_compressed_already_and_what_is_not_there_is_streamlits(app: App) -> None:
    font = next(FOLDER.glob("static/media/SourceSansVF-Upright.*.woff2"))
    content, headers = app.get(f"static/media/{font.name}")
    assert headers["content-encoding"] is None
    assert content == font.read_bytes()
    assert b"<title>Streamlit</title>" in app.get("static/js/none.js", encoding="identity")[0]


def test_it_is_compressed_below_a_base_path() -> None:
    with serve(base_path="/a/b") as (address, _pid):
        assert App(address).get(FIRST[0])[1]["content-encoding"] == "gzip"


def test_the_font_of_icons_has_those_that_are_shown(app: App) -> None:
    icons = next(FOLDER.glob("static/media/MaterialSymbols-Rounded.*.woff2"))
    content, headers = app.get(f"static/media/{icons.name}")
    assert headers["content-type"] == "font/woff2"
    assert headers["content-encoding"] is None
    assert content[:4] == b"wOF2"
    assert len(content) < icons.stat().st_size / 20
    assert app.status(f"static/media/{icons.name}", known=headers["etag"]) == 304
