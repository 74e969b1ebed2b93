"""How the loops of imaging are compiled, and where their machine code is kept."""

import hashlib
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])

HERE = Path(__file__).parent


def compiled(function: F) -> F:
    """Compile on first call, keep the machine code on disk, let other threads run meanwhile.

    Division by zero gives infinity as in numpy, and a product may be fused with the sum that follows it; the order of
    sums stays as written, so that results repeat.
    """
    return kept(function, (HERE,), fastmath={"contract", "nsz"})


def kept(function: F, sources: tuple[Path, ...], *, fastmath: set[str], parallel: bool = False) -> F:
    """``function`` compiled on its first call, its machine code kept for what the folders ``sources`` hold now."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = before or machine_code_folder(sources)
    try:
        made: F = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=fastmath, parallel=parallel)(function)
    finally:
        numba.config.CACHE_DIR = before
    return made


@cache
def machine_code_folder(sources: tuple[Path, ...]) -> str:
    """Where the machine code is kept: a folder of the user's for these very sources.

    A compiled function holds those it calls, but numba looks only at the file of the function itself: after a change
    in another file it would run old code. The name therefore holds the content of all of them.
    """
    found = hashlib.sha256()
    for folder in sources:
        for path in sorted(folder.glob("*.py")):
            found.update(path.read_bytes())
    if sys.platform == "win32":
        home = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        home = Path.home() / "Library" / "Caches"
    else:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return str(home / "hevesy" / "machine-code" / found.hexdigest()[:16])
