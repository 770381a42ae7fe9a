"""A model's weights, rounded for a page that is handed out. Imports torch, which the app's process does not."""

__all__ = ["rounded_weights"]

from collections.abc import Mapping

from explorer.catalogue.library import Entry
from explorer.export.packing import Matrix
from model import checkpoint, data
from model.data import DataError
from model.rounding import round_decoder, round_encoder


def rounded_weights(entry: Entry, part: str) -> Mapping[str, Matrix]:
    """The matrices of a model's encoder or decoder that can be rounded, by name.

    Raises:
        CheckpointError: its file has become another meanwhile, which is none.
    """
    shown = checkpoint.load(entry.path)
    model = shown.model.eval()
    if part == "decoder":
        found = round_decoder(model, shown.mu)
    else:
        try:
            digits = data.load(shown.train.dataset, train=False)
        except DataError:  # nobody has its images here
            return {}
        found = round_encoder(model, digits.images, digits.labels)
    return {name: Matrix(rounded.numbers.numpy(), rounded.steps.numpy()) for name, rounded in found.items()}
