"""Python runs this before all else in a process that is watched: it writes down whom that asks outside the machine."""

__all__: list[str] = []

import ipaddress
import os
import socket
import sys
from typing import Any


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyname_ex"):
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        connection, address = arguments
        # To connect a datagram socket sends nothing: so a machine finds its own address.
        if connection.type == socket.SOCK_DGRAM and event == "socket.connect":
            return
        host = address[0] if isinstance(address, tuple) else None
    else:
        return
    if host and not _within(host):
        with open(os.environ["WATCHED"], "a", encoding="utf-8") as record:
            record.write(f"{event} {host}\n")


def _within(host: Any) -> bool:
    """Whether that is this machine; a name is not, whose address only others know."""
    text = host.decode() if isinstance(host, bytes) else str(host)
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text == "localhost"
    return address.is_loopback or address.is_unspecified


sys.addaudithook(_watch)
