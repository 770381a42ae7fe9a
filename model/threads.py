"""How long torch's threads wait for each other at full speed: not so long that they take the time of other work.

Between two operations libgomp's threads (OpenMP, in torch for Linux) spin for some milliseconds. On cores that do other
work as well, a thread that spins takes the time which the thread that it waits for would need. The OpenMP of Windows
and macOS reads other variables, of which none is right in all its versions; it is left as it is.
"""

__all__ = ["POLICY", "SPIN_COUNT", "SPINS", "THREADS", "wait_briefly"]

import os

SPIN_COUNT, POLICY = "GOMP_SPINCOUNT", "OMP_WAIT_POLICY"
THREADS = "OMP_NUM_THREADS"  # how many there are

# Some 20 µs, about as long as Python takes from one operation to the next: with fewer, threads fall asleep between
# operations, and waking them makes a run that is alone slower; with more, a run beside other work.
SPINS = 1000


def wait_briefly() -> None:
    """Limit the spinning, unless the user has settled it, in this process and those it starts.

    libgomp reads its variables once, when torch is loaded: of no effect in a process that has loaded it.
    """
    if POLICY not in os.environ:
        os.environ.setdefault(SPIN_COUNT, str(SPINS))
