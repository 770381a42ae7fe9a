"""The app in two engines that are not Chromium's, each started once."""

from collections.abc import Iterator

import pytest

from tests.__main__ import ENGINES, has_engine
from tests.browser.conftest import PROJECTOR
from tests.browser.engines.engine import Engine
from tests.browser.engines.firefox import firefox
from tests.browser.engines.webkit import webkit
from tests.server import serve

LAUNCH = {"Firefox": firefox, "WebKit": webkit}
SIZE = (PROJECTOR["width"], PROJECTOR["height"])


@pytest.fixture(scope="session", params=ENGINES)
def browser_engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if not has_engine(request.param):
        pytest.skip(f"{request.param} needs Linux and {' and '.join(ENGINES[request.param])}")
    with LAUNCH[request.param](tmp_path_factory.mktemp(request.param), SIZE) as engine:
        yield engine


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with serve(module="tests.browser.engines.listening_streamlit") as (found, _pid):
        yield found


@pytest.fixture
def engine(browser_engine: Engine) -> Iterator[Engine]:
    """The browser, in which nothing goes wrong meanwhile."""
    yield browser_engine
    assert browser_engine.evaluate("() => window.problems") == []
