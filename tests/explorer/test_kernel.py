"""The browser's kernels are what their text says."""

import pytest

from tests.assemble import KERNELS, SOURCE, assemble


@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_is_assembled_from_its_text(name: str) -> None:
    assert assemble(fused=KERNELS[name]) == SOURCE.with_name(name).read_bytes(), "run python -m tests.assemble"
