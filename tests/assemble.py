"""Assemble the browser's kernels from their text: python -m tests.assemble. Needs npm's `wabt`, which npx fetches."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from explorer.settings import FRONTEND

WABT = "wabt@1.0.39"
SOURCE = FRONTEND / "core" / "gemm.wat"
KERNELS = {"gemm.wasm": False, "gemm-fused.wasm": True}  # whether multiply and add are one instruction

_LOCAL = r"\(local\.get \$\w+\)"
_MULTIPLY_ADD = re.compile(rf"\(f32x4\.add ({_LOCAL}) \(f32x4\.mul ({_LOCAL}) ({_LOCAL})\)\)")


def assemble(fused: bool) -> bytes:
    """The kernel as `core/gemm.js` loads it."""
    text = SOURCE.read_text(encoding="utf-8")
    if fused:
        text = _MULTIPLY_ADD.sub(r"(f32x4.relaxed_madd \2 \3 \1)", text)
    # The environment's own Node, as for the type checker.
    bin_folder = Path(sys.executable).parent
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder, "kernel.wat"), Path(folder, "kernel.wasm")
        source.write_text(text, encoding="utf-8")
        subprocess.run(
            [
                *(str(bin_folder / "npx"), "--yes", "--package", WABT, "wat2wasm"),
                *("--enable-relaxed-simd", str(source), "-o", str(made)),
            ],
            env={**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"},
            check=True,
        )
        return made.read_bytes()


if __name__ == "__main__":
    for name, fused in KERNELS.items():
        SOURCE.with_name(name).write_bytes(assemble(fused))
