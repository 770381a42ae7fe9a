"""Streamlit's widgets: sidebar, Train form, and the Python face of the views that run in the browser."""
