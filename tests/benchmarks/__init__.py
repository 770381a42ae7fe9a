"""Benchmarks, each one command: python -m tests.benchmarks.drag | start. They print; they assert nothing."""
