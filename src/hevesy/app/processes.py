"""The same function over many items, on all cores where there are many."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]

# Below this, starting processes costs more than they save.
_MANY = 100
_CHUNK = 16


@contextmanager
def spread(items: int, processes: int) -> Iterator[Each]:
    """``map``, or that of a pool of processes: the same results in the same order.

    Parameters
    ----------
    items : int                         How many will come.
    processes : int                     At most; 1 is this process alone.
    """
    processes = min(processes, os.cpu_count() or 1, items // (_MANY // 2))
    if processes < 2:
        yield map
        return
    with ProcessPoolExecutor(max_workers=processes) as pool:
        yield partial(pool.map, chunksize=_CHUNK)
