"""Reference cases: one TOML file a case, read by the tests and by the page *Verification*."""

import importlib
import importlib.util
import sys
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A value published by somebody else or given by a closed form; README.md explains the keys."""

    room: str
    name: str
    call: str
    expect: Any
    source: str
    given: dict[str, Any] = field(default_factory=dict)
    pick: str = ""
    unit: str = ""
    tolerance: float = 0.0
    absolute: float = 0.0
    u: Any = None
    title: str = ""
    why: str = ""

    def __post_init__(self) -> None:
        if not is_numeric(self.expect):
            return
        if not (self.tolerance > 0 or self.absolute > 0):
            raise ValueError(f"{self.room}/{self.name}: give a tolerance (relative) or an absolute one above zero.")
        if not self.absolute and np.any(np.asarray(self.expect) == 0):
            raise ValueError(f"{self.room}/{self.name}: a value of 0 needs `absolute`: nothing is relative to zero.")
        if self.u is not None and np.shape(self.u) != np.shape(self.expect):
            raise ValueError(f"{self.room}/{self.name}: give one `u` for each expected number.")


def is_numeric(value: Any) -> bool:
    """Whether ``value`` is a number or an array of numbers."""
    try:
        return np.asarray(value).dtype.kind in "iuf"
    except ValueError:  # lists of different lengths
        return False


def load(path: Path) -> Case:
    """The case in ``path``; an unknown or missing key is refused with the name of the file."""
    found = tomllib.loads(path.read_text("utf-8"))
    known = {f.name for f in fields(Case)} - {"room", "name"}
    if unknown := sorted(set(found) - known):
        raise ValueError(f"{path.name}: unknown keys {unknown}; known are {sorted(known)}.")
    if missing := sorted({"call", "expect", "source"} - set(found)):
        raise ValueError(f"{path.name}: missing keys {missing}.")
    return Case(room=path.parent.name, name=path.stem, **found)


def load_all(folder: Path = FOLDER) -> list[Case]:
    """All cases below ``folder``, by room and name."""
    return [load(path) for path in sorted(folder.rglob("*.toml"))]


def ours(case: Case) -> Any:
    """What Hevesy returns for ``case``: the call, then along ``pick``. What takes long is remembered (kept.py)."""
    if not is_numeric(case.expect):
        return _computed(case)
    said = repr((case.call, case.given, case.pick))
    remembered = module_of_tests("cases/kept").remembered
    return remembered(said, lambda: np.asarray(_computed(case), dtype=float).tolist(), least=0.5)


def _computed(case: Case) -> Any:
    """The call, then along ``pick``."""
    value = _called(case.call, case.given)
    for step in case.pick.split(".") if case.pick else ():
        value = _step(value, step)
    return value


def deviation(case: Case, value: Any) -> float:
    """The largest |ours - theirs|, in units of what is allowed: at most 1 is a pass.

    Allowed is tolerance |theirs| + absolute, number by number. What is not a number must be equal.
    """
    if not is_numeric(case.expect):
        return 0.0 if value == case.expect else float("inf")
    theirs, found = np.asarray(case.expect, dtype=float), np.asarray(value, dtype=float)
    if found.shape != theirs.shape or not np.all(np.isfinite(found)):
        return float("inf")
    allowed = case.tolerance * np.abs(theirs) + case.absolute
    return float(np.max(np.abs(found - theirs) / allowed))


def _called(path: str, given: dict[str, Any]) -> Any:
    """Call the function at dotted ``path`` with ``given`` as keywords."""
    parts = path.split(".")
    if parts[0] == "tests":
        return getattr(module_of_tests("/".join(parts[1:-1])), parts[-1])(**_arguments(given))
    for cut in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError as error:
            if error.name is None or not path.startswith(error.name):
                raise
            continue
        for part in parts[cut:]:
            found = getattr(found, part)
        return found(**_arguments(given))
    raise ValueError(f"{path}: no such module.")


def module_of_tests(name: str) -> ModuleType:
    """The module in the file ``name``.py below the folder of the tests, loaded once: it may remember what it computed."""
    known = f"reference_cases.{name}"
    if known not in sys.modules:
        spec = importlib.util.spec_from_file_location(known, FOLDER.parent / f"{name}.py")
        if spec is None or spec.loader is None:
            raise ValueError(f"tests/{name}.py cannot be loaded.")
        sys.modules[known] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[known])
    return sys.modules[known]


def _arguments(given: dict[str, Any]) -> dict[str, Any]:
    return {name: _argument(value) for name, value in given.items()}


def _argument(value: Any) -> Any:
    """``value`` as an argument: lists of numbers become arrays, a table with `call` is called."""
    if isinstance(value, dict):
        if "call" in value and set(value) <= {"call", "given"}:
            return _called(value["call"], value.get("given", {}))
        return {name: _argument(item) for name, item in value.items()}
    if isinstance(value, list):
        return np.asarray(value, dtype=float) if value and is_numeric(value) else [_argument(v) for v in value]
    return value


def _step(value: Any, step: str) -> Any:
    """One step along a `pick` path: a key, an index or an attribute."""
    if isinstance(value, dict):
        return value[step]
    if step.lstrip("-").isdigit():
        return value[int(step)]
    return getattr(value, step)
