"""`quick_streamlit`, whose pages note what goes wrong in them, in `problems`, before any other script of theirs.

WebKit's driver tells nobody of errors, and its browser writes none of a driven page.
"""

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Receive, Scope, Send
from streamlit.web import cli

from explorer.serving.page import PageMiddleware
from tests.explorer.training import quick_streamlit  # noqa: F401 - makes runs quick

LISTENER = b"""<head><script>{
    window.problems = [];
    const note = (what) => window.problems.push(String(what?.stack ? `${what} ${what.stack}` : what));
    addEventListener("error", (event) => {
        if (event.target.rel === "modulepreload") return;  // of Streamlit's: Firefox refuses that of a module it runs
        note(event.error ?? event.message ?? event.target.outerHTML);
    }, true);
    addEventListener("unhandledrejection", (event) => note(event.reason));
    const { error } = console;
    console.error = (...all) => { note(all.join(" ")); error(...all); };
}</script>"""
HEAD = b"<head>"

answer = PageMiddleware.__call__


async def answer_with_listener(self: PageMiddleware, scope: Scope, receive: Receive, send: Send) -> None:
    page = False
    if b"text/html" in dict(scope.get("headers", ())).get(b"accept", b""):  # as it is: not compressed
        scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]

    async def add(message: Message) -> None:
        nonlocal page
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            page = message["status"] == 200 and headers.get("content-type", "").startswith("text/html")
            if page:
                headers["content-length"] = str(int(headers["content-length"]) + len(LISTENER) - len(HEAD))
        elif page:
            message["body"] = message["body"].replace(HEAD, LISTENER, 1)
        await send(message)

    await answer(self, scope, receive, add)


PageMiddleware.__call__ = answer_with_listener  # type: ignore[method-assign]

if __name__ == "__main__":
    cli.main()
