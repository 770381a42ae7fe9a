"""What the browser fetches besides Streamlit's own: frontend files, checkpoints, data sets; and the page's headers."""
