"""Runs: child processes that train, the queue they wait in, and the events that tell of them."""
