"""Functions of Streamlit's, uvicorn's and asyncio's that are replaced in place, once, when the app starts: why each.

All are of the versions pinned in requirements.txt and constraints.txt: look here first when these change.
"""
