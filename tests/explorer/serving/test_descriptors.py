"""How many connections may be open at once: the running app, started where a shell allows few."""

from pathlib import Path

import pytest

from explorer.serving.descriptors import NEEDED
from tests.server import serve

resource = pytest.importorskip("resource")
pytestmark = pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="only Linux tells a process's limits")


def limited(soft: int, hard: int) -> list[str]:
    return ["sh", "-c", f'ulimit -Sn {soft} && ulimit -Hn {hard} && exec "$@"', "sh"]


@pytest.mark.parametrize("hard", [1000, NEEDED])
def test_the_server_takes_what_it_may_have_and_says_so_where_that_is_too_little(hard: int, tmp_path: Path) -> None:
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < NEEDED:
        pytest.skip(f"fewer than {NEEDED} may be open here")
    with serve(prefix=limited(256, hard), log=tmp_path / "log") as (_address, process):
        limits = Path(f"/proc/{process}/limits").read_text(encoding="utf-8")
    (line,) = (line for line in limits.splitlines() if line.startswith("Max open files"))
    assert line.split()[3:5] == [str(hard)] * 2
    said = [line for line in (tmp_path / "log").read_text(encoding="utf-8").splitlines() if "open files" in line]
    assert len(said) == (hard < NEEDED)
    assert all("1000" in line and f"ulimit -n {NEEDED}" in line for line in said)
