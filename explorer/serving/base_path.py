"""Our routes below the path at which Streamlit serves its own: `server.baseUrlPath`, of any depth, or none."""

__all__ = ["under_base_path"]

from collections.abc import Iterable

import streamlit as st
from starlette.routing import BaseRoute, Route


def under_base_path(routes: Iterable[Route]) -> list[BaseRoute]:
    """The same routes where a page looks for them: addresses that it is given are relative to itself.

    Not a `Mount`, which would answer all that lies below the path, Streamlit's own with it.
    """
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    prefix = f"/{base}" if base else ""
    return [Route(prefix + route.path, route.endpoint, methods=route.methods) for route in routes]
