"""Portions of one job side by side on the cores of the machine."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

# Below so many voxels or samples, some thousandth of a second, a job is done before threads are started.
SMALL = 1_000_000


def side_by_side(job: Callable[[int, int], None], size: int, *, work: float, portions: int = 8) -> None:
    """Does ``job(first, past)`` for stretches of 0 to ``size``, each on a core; without threads where ``work`` is small.

    ``work`` is the number of voxels or samples that are passed in all.  The job must leave the interpreter to others, as
    compiled loops do, and write to places of its own: how it is cut must not change what comes out.
    """
    portions = 1 if work < SMALL else max(1, min(portions, size))
    if portions == 1:
        job(0, size)
        return
    cuts = [size * n // portions for n in range(portions + 1)]
    with ThreadPoolExecutor(max_workers=min(portions, os.cpu_count() or 1)) as pool:
        list(pool.map(job, cuts[:-1], cuts[1:]))
