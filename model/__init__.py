"""The science of the explorer: networks, losses, training, metrics and checkpoints. Imports no streamlit.

Nothing is imported here on purpose: `model.config` is usable without loading torch.
"""
