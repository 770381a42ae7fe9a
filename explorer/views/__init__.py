"""One script a page: what Streamlit runs when it is visited."""
