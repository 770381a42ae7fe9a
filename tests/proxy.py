"""A proxy as it stands before an app: it knows the app by a path of its own, which it takes from what it passes on."""

__all__ = ["proxy"]

import re
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from urllib.parse import urlsplit

Change = Callable[[bytes], bytes]


@contextmanager
def proxy(
    address: str, path: str, silent: MutableMapping[str, int] | None = None, change: Change | None = None
) -> Iterator[str]:
    """Pass on what is asked below `path` to `address`; yields the address at which it does so.

    Args:
        path: with a slash before it and none behind.
        silent: by a part of what is asked for, after how many bytes of the first answer to that nothing more comes,
            though the connection stays open; that part is taken out once it has been asked for here. A browser tells of
            a request before it has a connection for it, and may have given it up until then.
        change: makes of an answer that is a page, headers and all, another of the same length.
    """
    target = urlsplit(address)
    to_hold = {} if silent is None else silent

    class Connection(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            head = b""
            while b"\r\n\r\n" not in head:
                if not (part := self.request.recv(65536)):
                    return
                head += part
            line, _newline, rest = head.partition(b"\r\n")
            method, asked, version = line.split(b" ")
            if not asked.startswith(f"{path}/".encode()):
                self.request.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            asked = target.path.encode() + asked.removeprefix(path.encode())
            if b"upgrade: websocket" not in rest.lower():  # one request a connection, so that each has its path changed
                rest = b"Connection: close\r\n" + rest.replace(b"Connection: keep-alive\r\n", b"")
            page = change is not None and b"accept: text/html" in rest.lower()
            if page:
                rest = re.sub(rb"(?i)accept-encoding:[^\r]*\r\n", b"", rest)
            with socket.create_connection((target.hostname, target.port)) as app:
                app.sendall(b" ".join([method, asked, version]) + b"\r\n" + rest)
                orders = threading.Thread(target=_pass_on, args=(self.request, app), daemon=True)
                orders.start()
                held = next((to_hold.pop(name) for name in list(to_hold) if name.encode() in asked), None)
                if page and change:
                    self.request.sendall(change(b"".join(iter(lambda: app.recv(65536), b""))))
                elif held is None:
                    _pass_on(app, self.request)
                else:
                    self.request.sendall(app.recv(held, socket.MSG_WAITALL) if held else b"")
                    orders.join()  # until whoever asked goes away

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: object, client_address: object) -> None:
            """A browser that goes away is no error."""

    with Server(("127.0.0.1", 0), Connection) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}{path}"
        server.shutdown()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    try:
        while part := source.recv(65536):
            sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return  # one of both has gone
