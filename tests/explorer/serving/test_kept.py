"""Models that trained on a page, kept among its viewer's uploads."""

import json
from contextlib import closing, suppress
from http.client import HTTPConnection
from urllib.parse import urlsplit

from explorer import identity
from explorer.serving.kept import MOST
from tests.conftest import CHECKPOINTS
from tests.explorer.serving.conftest import App


def post(app: App, content: bytes, viewer: str, language: str = "en") -> tuple[int, dict[str, str]]:
    """Status and answer to a model that is to be kept as `mine`."""
    headers = {"Cookie": f"{identity.COOKIE}={viewer}", "Accept-Language": language}
    with closing(HTTPConnection(urlsplit(app.address).netloc)) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # refused before all of it was sent
            connection.request("POST", "/kept/mine", content, headers)
        answer = connection.getresponse()
        body = answer.read()
        return answer.status, json.loads(body) if answer.headers.get_content_type() == "application/json" else {}


def test_a_model_is_kept_for_its_viewer_or_refused_in_a_sentence(app: App) -> None:
    viewer = identity.new_viewer()
    good = (CHECKPOINTS / "vae-mnist-baseline.safetensors").read_bytes()
    assert post(app, good, viewer) == (200, {"name": "mine"})
    status, answer = post(app, good[:-1], viewer)
    assert status == 409
    assert answer["problem"].startswith("mine.safetensors: expected")
    _status, chinese = post(app, good[:-1], viewer, "zh-Hant")
    assert chinese["problem"] != answer["problem"]
    assert post(app, good, "nobody")[0] == 403
    assert post(app, bytes(MOST + 1), viewer)[0] == 413
