"""What the sidebar says of a model."""

from explorer.i18n import using_language
from explorer.ui.sidebar import _recipe


def test_one_epoch_is_told_as_one() -> None:
    assert _recipe(1, "bce") == "1 epoch, BCE loss"
    assert _recipe(15, "mse") == "15 epochs, MSE loss"
    with using_language("zh-Hant"):
        assert _recipe(1, "mae") == "訓練 1 輪，MAE 損失"
