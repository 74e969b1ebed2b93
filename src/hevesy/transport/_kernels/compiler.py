"""How the loops are compiled."""

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile on first call, keep the machine code on disk, let other threads run meanwhile.

    Division by zero gives infinity as in numpy; nothing else of IEEE arithmetic is loosened, so that results repeat.
    """
    made: F = njit(cache=True, nogil=True, error_model="numpy")(function)
    return made
