"""The one place that imports torchvision, which needs a hand beside a CPU build of torch."""

__all__ = ["datasets"]

import sys

import torch

# torchvision's wheels on the package index are CUDA builds: their compiled operators do not load beside a CPU-only
# torch, and then the import stops at `operator torchvision::nms does not exist`, because torchvision attaches
# Python code to two operators that nobody declared. Nothing here calls them: declaring their schemas is enough.
try:
    from torchvision import datasets
except RuntimeError as error:
    if "torchvision::nms" not in str(error):
        raise
    _declarations = torch.library.Library("torchvision", "DEF")
    _declarations.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _declarations.define(
        "qnms(Tensor dets, Tensor scores, float iou_threshold, float qscale, int qzero_point) -> Tensor"
    )
    for _name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[_name]  # what the failed import left behind
    from torchvision import datasets
