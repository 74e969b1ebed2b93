"""How the loops are compiled, and where their machine code is kept."""

import hashlib
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])

# Sums may be reordered and products fused: float32 images need the vector units, and 1e-6 is enough.
LOOSENED = {"contract", "reassoc", "nsz", "arcp"}


def compiled(function: F) -> F:
    """Compile on first call for one thread; division by zero gives infinity as in numpy."""
    return _kept(function, parallel=False)


def threaded(function: F) -> F:
    """As `compiled`, with its ``prange`` loops spread over the cores."""
    return _kept(function, parallel=True)


def _kept(function: F, *, parallel: bool) -> F:
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = before or machine_code_folder()
    try:
        made: F = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=LOOSENED, parallel=parallel)(function)
    finally:
        numba.config.CACHE_DIR = before
    return made


@cache
def machine_code_folder() -> str:
    """Where the machine code is kept: a folder of the user's for these very sources: numba sees one file, not its calls."""
    found = hashlib.sha256()
    here = Path(__file__).parent
    for folder in (here, here.parents[2] / "transport" / "_kernels"):  # the random numbers come from there
        for path in sorted(folder.glob("*.py")):
            found.update(path.read_bytes())
    if sys.platform == "win32":
        home = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        home = Path.home() / "Library" / "Caches"
    else:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return str(home / "hevesy" / "machine-code" / ("pet-" + found.hexdigest()[:16]))
