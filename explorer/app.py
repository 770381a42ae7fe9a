"""What `streamlit run explorer/app.py` starts: Streamlit's server with our routes beside its own."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

# `streamlit run` puts this file's folder on the path, not the repository's, where the packages are.
if (root := str(Path(__file__).resolve().parents[1])) not in sys.path:
    sys.path.insert(0, root)

import streamlit as st
from starlette.middleware import Middleware

from explorer.catalogue.uploads import uploads
from explorer.classroom.routes import classroom_routes
from explorer.export.routes import handout_routes
from explorer.serving.base_path import under_base_path
from explorer.serving.descriptors import raise_limit
from explorer.serving.dialogs import DialogsMiddleware
from explorer.serving.kept import kept_routes
from explorer.serving.origin import OriginMiddleware
from explorer.serving.page import PageMiddleware
from explorer.serving.routes import routes, warm_up
from explorer.serving.static import StaticMiddleware
from explorer.training.operator import announced
from explorer.training.own_pictures import shelf
from explorer.training.routes import training_routes
from explorer.ui.faults import show_file_error
from explorer.upstream.nodelay import send_at_once
from explorer.upstream.offline import ask_nobody, print_addresses
from explorer.upstream.slow import PiecesMiddleware, drop_stalled
from explorer.upstream.spool import spool_to_disk
from explorer.upstream.unread import bound_unread

ask_nobody()
print_addresses()
raise_limit()
drop_stalled()
send_at_once()
spool_to_disk()
bound_unread()
warm_up()


@asynccontextmanager
async def running(app: object) -> AsyncIterator[None]:
    """What is there as long as the server runs; it is ended by a signal, after which Python cleans nothing up."""
    async with announced(app):
        yield
    for kept in (uploads, shelf):
        await asyncio.to_thread(kept.close)  # gigabytes, and others are still being answered


app = st.App(
    "main.py",
    routes=under_base_path([*routes(), *handout_routes(), *kept_routes(), *training_routes(), *classroom_routes()]),
    middleware=[
        Middleware(kind)
        for kind in (PiecesMiddleware, StaticMiddleware, OriginMiddleware, DialogsMiddleware, PageMiddleware)
    ],
    on_script_error=show_file_error,
    lifespan=running,
)
