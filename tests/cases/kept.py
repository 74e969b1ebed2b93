"""Long computations of reference cases are done once for the same code: tests and the page *Verification* share them."""

import hashlib
import json
import os
import platform
import time
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / "build" / "cases"  # not under version control


def kept(function: Callable[..., Any]) -> Callable[..., Any]:
    """Keep what ``function`` returns by its arguments; numbers, texts, lists and dictionaries of them."""

    @cache
    @wraps(function)
    def found(*given: Any, **named: Any) -> Any:
        said = repr((function.__module__, function.__name__, given, sorted(named.items())))
        return remembered(said, lambda: function(*given, **named))

    return found


def remembered(said: str, compute: Callable[[], Any], *, least: float = 0.0) -> Any:
    """What ``compute`` returns, from a file if the same code computed it before.

    Any change of a file of the program or of the tests, of Python or of a dependency makes it anew.

    Parameters
    ----------
    said : str                          What is computed, of what.
    least : float                       What took less than this is not kept [s].
    """
    path = FOLDER / _fingerprint() / (hashlib.sha256(said.encode()).hexdigest()[:24] + ".json")
    if not path.exists():
        start = time.process_time()
        value = compute()
        if time.process_time() - start < least:
            return value
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = path.with_suffix(f".{os.getpid()}")
        whole.write_text(json.dumps(value), "utf-8")
        whole.replace(path)
    return json.loads(path.read_text("utf-8"))


@cache
def _fingerprint() -> str:
    """Of the code that a result follows from."""
    files = [p for p in (PROJECT / "src").rglob("*") if p.suffix in {".py", ".toml", ".csv", ".json"}]
    total = hashlib.sha256(platform.python_version().encode())
    for path in sorted([*files, *(PROJECT / "tests").rglob("*.py"), PROJECT / "requirements.lock"]):
        total.update(str(path.relative_to(PROJECT)).encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:24]
