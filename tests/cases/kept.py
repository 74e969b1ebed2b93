"""Long computations of reference cases are done once for the same code: tests and the page *Verification* share them."""

import hashlib
import json
import os
import platform
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / "build" / "cases"  # not under version control


def kept(function: Callable[..., Any]) -> Callable[..., Any]:
    """Keep what ``function`` returns (numbers, texts, lists and dictionaries of them) by its arguments and the code.

    Any change of a file of the program, of the file of the function, of Python or of a dependency makes it anew.
    """

    @cache
    @wraps(function)
    def found(*given: Any, **named: Any) -> Any:
        said = repr((function.__module__, function.__name__, given, sorted(named.items())))
        state = _fingerprint(Path(function.__code__.co_filename))
        path = FOLDER / state / (hashlib.sha256(said.encode()).hexdigest()[:24] + ".json")
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            whole = path.with_suffix(f".{os.getpid()}")
            whole.write_text(json.dumps(function(*given, **named)), "utf-8")
            whole.replace(path)
        return json.loads(path.read_text("utf-8"))

    return found


@cache
def _fingerprint(*others: Path) -> str:
    """Of the code that a result follows from."""
    files = [p for p in (PROJECT / "src").rglob("*") if p.suffix in {".py", ".toml", ".csv", ".npz"}]
    total = hashlib.sha256(platform.python_version().encode())
    for path in sorted([*files, *others, PROJECT / "requirements.lock"]):
        total.update(str(path.relative_to(PROJECT)).encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:24]
