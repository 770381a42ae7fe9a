"""Ten classes, told apart on both backgrounds, on a projector and with every kind of colour blindness."""

import pytest

from tests.colours import BACKGROUNDS, VIEWERS, contrast, differences


@pytest.mark.parametrize("theme", BACKGROUNDS)
def test_each_class_stands_out_from_the_map(theme: str) -> None:
    assert min(contrast(theme)) >= 3, "WCAG 2.2, 1.4.11: what is needed to understand a graphic"


@pytest.mark.parametrize("viewer", VIEWERS)
def test_no_two_classes_look_alike(viewer: str) -> None:
    alike = {pair: round(difference, 1) for pair, difference in differences(viewer).items() if difference < 12}
    assert not alike
