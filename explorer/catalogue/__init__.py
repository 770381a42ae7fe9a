"""Which checkpoints there are: shipped, trained here, uploaded."""
