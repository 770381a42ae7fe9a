"""Autoencoders that others have trained, from the files that PyTorch and Keras write, as checkpoints of ours."""
