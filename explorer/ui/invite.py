"""A large code to photograph, and the address in it: forty phones are on the teacher's page within a minute."""

__all__ = ["address_for_others", "invite_button"]

import ipaddress
import socket
from html import escape
from urllib.parse import urlsplit

import segno
import streamlit as st

from explorer import identity
from explorer.i18n import _
from explorer.settings import INSTRUCTOR_KEY
from explorer.ui.key_field import key_field

_ELSEWHERE = ("192.0.2.1", 9)  # for documentation alone (RFC 5737): asked for a way there, the system names the one out


def invite_button() -> None:
    """A button in the sidebar, which opens the code of the page that is shown."""
    if st.sidebar.button(_("Invite the class"), key="invite"):
        st.dialog(_("Invite the class"), width="large")(_show)()


def _show() -> None:
    address = address_for_others(st.context.url or "")
    if not address:
        st.error(_("This computer is in no network: connect it to the one that the class is in, and open this again."))
        return
    code = segno.make(address, error="m", micro=False).svg_data_uri(omitsize=True, border=2, light="#fff")
    st.html(
        f'<figure class="lse-invite" data-testid="invite"><img alt="{escape(_("QR code"))}" src="{escape(code)}">'
        f"<figcaption><code>{escape(address)}</code></figcaption></figure>"
    )
    _say_who_leads()


def _say_who_leads() -> None:
    """How a teacher comes to lead the class: what concerns all takes the key, as offering them a model does."""
    viewer = identity.viewer(st.context.cookies)
    if not identity.key_is_set():
        key = f"`{INSTRUCTOR_KEY}`"
        st.caption(_("To lead the class from here, start the app with {key} set: see the README.").format(key=key))
    elif viewer and not identity.is_instructor(viewer):
        with st.expander(_("Teachers: lead the class from here")):
            key_field(viewer)


def address_for_others(url: str) -> str:
    """The address under which others find the page that one browser has at `url`, without what is asked of it: that
    only the browser knows, see `frontend/ui/invitation.js`.

    A browser on the server itself says localhost: then it is the server's address in its network, or empty, if none.
    """
    scheme, place, path, *_rest = urlsplit(url)
    host, port = urlsplit(url).hostname or "", urlsplit(url).port
    if not _is_loopback(host):
        return f"{scheme}://{place}{path}"
    found = _own_address()
    return f"{scheme}://{found}{f':{port}' if port else ''}{path}" if found else ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _own_address() -> str:
    """This computer's in its network; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(_ELSEWHERE)
        except OSError:
            return ""
        found = str(way.getsockname()[0])
    return "" if _is_loopback(found) else found
