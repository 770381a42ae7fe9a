"""Nothing leaves the machine unasked: Streamlit would ask an outside address for the one by which others see it.

It does so at a start without a browser, to print an "External URL", before any code of ours runs (so
`explorer/.streamlit/config.toml` has it print nothing), and in the event loop, at each handshake of a page whose origin
is not the server's own: behind a firewall everybody waits for it.
"""

__all__ = ["ask_nobody", "print_addresses"]

from streamlit import config, net_util
from streamlit.web import bootstrap


def ask_nobody() -> None:
    """Take the machine's outside address for unknown, from now on in this process."""
    setattr(net_util, "get_external_ip", lambda: None)  # noqa: B010 - mypy lets nobody replace a function


def print_addresses() -> None:
    """What Streamlit prints at a start, now that it asks nobody for it."""
    option = "logger.hideWelcomeMessage"
    config.set_option(option, False)
    bootstrap._print_url(is_running_hello=False)
    config.set_option(option, True)
