"""A second process that works beside this one, and ends with it."""

import copyreg
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")
Made = TypeVar("Made", covariant=True)
Progress = Callable[[float], None]


def _read_only(values: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(values)


# Read-only mappings go from one process to the other as what they are.
copyreg.pickle(MappingProxyType, lambda mapping: (_read_only, (dict(mapping),)))


class Later(Protocol[Made]):
    """What will have been computed."""

    def result(self) -> Made:
        """Wait for it."""
        ...


class Companion(Protocol):
    """Who does work beside this process; the results do not depend on who does it."""

    def begin(self, function: Callable[..., T], *given: Any) -> Later[T]:
        """Do it at some time before its result is asked for."""
        ...

    def each(self, function: Callable[[Any], T], items: Sequence[Any], *, progress: Progress) -> list[T]:
        """The same for many items, shared out; results in their order."""
        ...


class _Asked(Generic[T]):
    """Done when it is asked for, once."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._done: list[T] = []

    def result(self) -> T:
        if not self._done:
            self._done.append(self._work())
        return self._done[0]


class Alone:
    """This process does it all by itself."""

    def begin(self, function: Callable[..., T], *given: Any) -> Later[T]:
        """As of a companion: here when its result is asked for."""
        return _Asked(lambda: function(*given))

    def each(self, function: Callable[[Any], T], items: Sequence[Any], *, progress: Progress) -> list[T]:
        """As of a companion: one after the other."""
        found = []
        for item in items:
            found.append(function(item))
            progress(len(found) / len(items))
        return found


class Second:
    """A process beside this one."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def begin(self, function: Callable[..., T], *given: Any) -> Later[T]:
        """Begin it in the second process."""
        future = self._pool.submit(function, *given)
        return _Asked(lambda: _of(future))

    def each(self, function: Callable[[Any], T], items: Sequence[Any], *, progress: Progress) -> list[T]:
        """The second process takes items from the front, this one from the back, until they meet."""
        left, found = deque(enumerate(items)), dict[int, T]()

        def one(take: Callable[[], tuple[int, Any]], do: Callable[[Any], T]) -> None:
            while left:
                try:
                    n, item = take()
                except IndexError:  # the other took the last one
                    return
                found[n] = do(item)

        def here(item: Any) -> T:
            made = function(item)
            progress((len(found) + 1) / len(items))
            return made

        waiting = ThreadPoolExecutor(max_workers=1)
        there = waiting.submit(one, left.popleft, lambda item: _of(self._pool.submit(function, item)))
        try:
            one(left.pop, here)
        finally:
            left.clear()
            waiting.shutdown(wait=False)
        there.result()
        progress(1.0)
        return [found[n] for n in range(len(items))]


def _of(future: "Future[T]") -> T:
    try:
        return future.result()
    except BrokenProcessPool as error:  # the system ends a process that takes too much
        raise MemoryError("the second process was ended by the system") from error


@contextmanager
def companion(processes: int) -> Iterator[Companion]:
    """Somebody to share work with: a second process where there are two or more, else nobody.

    Who leaves with an error or is interrupted ends the second process at once; if this process is killed, the other ends too.

    Parameters
    ----------
    processes : int                     At most.  More than one needs the ``if __name__ == "__main__"`` of multiprocessing in a
                                        script.
    """
    if min(processes, os.cpu_count() or 1) < 2:
        yield Alone()
        return
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn"), initializer=_begin)
    try:
        yield Second(pool)
    except BaseException:
        for process in set(multiprocessing.active_children()) - before:
            process.kill()
            process.join()  # what it was writing can be taken away then
        pool.shutdown(cancel_futures=True)
        raise
    pool.shutdown()


def _begin() -> None:
    """In the second process: the first one decides when it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)
