"""The running app, as a browser asks it."""

import urllib.error
import urllib.request
from email.message import Message

import pytest


class App:
    """Fetches as a browser would, without unpacking."""

    def __init__(self, address: str) -> None:
        self.address = address

    def get(self, path: str, encoding: str = "gzip", known: str = "") -> tuple[bytes, Message]:
        """`known`: the entity tag of what it has."""
        headers = {"Accept-Encoding": encoding, **({"If-None-Match": known} if known else {})}
        request = urllib.request.Request(f"{self.address}/{path}", headers=headers)
        with urllib.request.urlopen(request) as answer:
            return answer.read(), answer.headers

    def status(self, path: str, known: str = "") -> int:
        try:
            self.get(path, known=known)
        except urllib.error.HTTPError as error:
            return error.code
        return 200


@pytest.fixture(scope="module")
def app(server: tuple[str, int]) -> App:
    return App(server[0])
