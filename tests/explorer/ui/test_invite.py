"""The address under which a class finds the page that its teacher has."""

import ipaddress

import pytest

from explorer.ui import invite


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.1.20:8501/",
        "https://school.example/vae/learn",
        "http://[fd00::5]:8501/train",
        "http://laptop:8501/",
    ],
)
def test_it_is_the_one_by_which_the_teacher_came(url: str) -> None:
    assert invite.address_for_others(f"{url}?class=1&screen=3") == url


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "explorer.localhost"])
def test_on_the_server_itself_it_is_the_servers_in_its_network(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invite, "_own_address", lambda: "10.0.0.7")
    assert invite.address_for_others(f"http://{host}:8501/learn?screen=2") == "http://10.0.0.7:8501/learn"
    monkeypatch.setattr(invite, "_own_address", lambda: "")
    assert invite.address_for_others(f"http://{host}:8501/") == ""


def test_its_own_address_is_none_of_its_alone() -> None:
    found = invite._own_address()
    assert not found or not ipaddress.ip_address(found).is_loopback
