"""Damaged checkpoints, the same ones for both readers: python -m tests.fuzz 10000."""
