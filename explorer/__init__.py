"""The app: serves pages, checkpoints and frontend files; the network itself runs in the browser."""
