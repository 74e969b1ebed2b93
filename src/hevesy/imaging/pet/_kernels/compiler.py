"""How the loops of PET are compiled: as those of the projectors, with sums in any order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from hevesy.imaging.projectors._kernels.compiler import kept

F = TypeVar("F", bound=Callable[..., Any])

# Sums may be reordered and products fused: float32 images need the vector units, and 1e-6 is enough.
LOOSENED = {"contract", "reassoc", "nsz", "arcp"}
HERE = Path(__file__).parent
SOURCES = (HERE, HERE.parents[2] / "transport" / "_kernels")  # the random numbers come from there


def compiled(function: F) -> F:
    """Compile on first call for one thread; division by zero gives infinity as in numpy."""
    return kept(function, SOURCES, fastmath=LOOSENED)


def in_order(function: F) -> F:
    """As `compiled`, with sums as written: a loop that picks single voxels is slower by the vector unit's gathering."""
    return kept(function, SOURCES, fastmath=LOOSENED - {"reassoc"})


def threaded(function: F) -> F:
    """As `compiled`, with its ``prange`` loops spread over the cores."""
    return kept(function, SOURCES, fastmath=LOOSENED, parallel=True)
