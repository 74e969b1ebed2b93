"""Which dose engines there are."""

from hevesy.dose.engine import DoseEngine
from hevesy.dose.local import LocalDeposition
from hevesy.errors import InputError


def engine_names() -> tuple[str, ...]:
    """Names that `engine` knows."""
    return ("local",)


def engine(name: str) -> DoseEngine:
    """The engine of that name.

    Raises
    ------
    InputError
        There is none of that name.
    """
    if name == "local":
        return LocalDeposition()
    raise InputError(f"dose engine {name!r} is not known; allowed: {', '.join(engine_names())}.")
