"""A class that follows its teacher: what it is shown and asked; kept in memory, and gone with the server."""
