"""The handout: the explorer as one HTML file, which needs no server."""
