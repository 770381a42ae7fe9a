"""Autoencoders that others have trained, from the files that PyTorch and Keras write, as checkpoints of ours.

What a command line or a form asks for stands here: to know it takes no torch.
"""

__all__ = ["ENDINGS", "OUTPUTS", "PIXELS", "ROLES"]

from collections.abc import Mapping

ENDINGS = (".pt", ".pth", ".safetensors", ".keras", ".h5")  # of the files that are read
ROLES = ("encoder", "mu", "logvar", "decoder")  # of layers
# What stands for a pixel x in [0, 1] at the network's input, (x − a) / b: torchvision's tutorials standardize MNIST's.
PIXELS: Mapping[str, tuple[float, float]] = {"0..1": (0.0, 1.0), "-1..1": (0.5, 0.5), "standardized": (0.1307, 0.3081)}
OUTPUTS = ("sigmoid", "tanh", "linear")  # what follows the last layer
