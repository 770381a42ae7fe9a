"""How a browser asks for a WebSocket."""

__all__ = ["handshake"]

from urllib.parse import urlsplit


def handshake(address: str, from_page_at: str) -> bytes:
    """The request that opens Streamlit's WebSocket.

    Args:
        address: of the app.
        from_page_at: the origin of the page that asks.
    """
    lines = [
        f"GET {urlsplit(address).path}/_stcore/stream HTTP/1.1",
        f"Host: {urlsplit(address).netloc}",
        f"Origin: {from_page_at}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    return "\r\n".join([*lines, "", ""]).encode()
