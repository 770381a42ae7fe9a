"""The app: serves pages, checkpoints and frontend files; the network itself runs in the browser."""

import model  # noqa: F401 - before torch, see there
