"""What a nuclide decays into."""

import hashlib
import importlib.util
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from hevesy.errors import DataError
from hevesy.nuclides.decay_data import load_nuclide

DATA_SET = "ICRP Publication 107 decay chains, as packaged in radioactivedecay"
PACKAGE = "radioactivedecay"
FOLDER = "icrp107_ame2020_nubase2020"
# The file of version 0.6.1. It holds lists, so that numpy unpickles it: only these very bytes are read.
KNOWN_SHA256 = "810c2f6c5907946450cac2d11b58e3f16169aaba97bfe2478da48f629389580d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Daughter:
    """A direct daughter: name ("SF" for the fragments of fission), branching fraction [1], mode of decay."""

    name: str
    fraction: float
    mode: str


@cache
def daughters(name: str) -> tuple[Daughter, ...]:
    """Direct daughters of a nuclide, the likeliest first; stable ones as well.

    Branching fractions are those of ICRP 107. Branches that ICRP 107 leaves out add to less than one.

    Raises
    ------
    InputError
        ICRP 107 has no such nuclide.
    DataError
        The package radioactivedecay does not know it.
    """
    known = load_nuclide(name).name
    found = _from_file().get(known) or _from_package(known)
    return tuple(sorted(found, key=lambda daughter: -daughter.fraction))


@cache
def _from_file() -> dict[str, tuple[Daughter, ...]]:
    """Every nuclide's daughters from the data file of the package, or nothing where that is another version's.

    Importing the package takes seconds, for computer algebra that Hevesy does not use. The file takes a tenth of one.
    """
    import numpy as np

    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return {}
    path = Path(spec.submodule_search_locations[0]) / FOLDER / "decay_data.npz"
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != KNOWN_SHA256:
        return {}
    with np.load(BytesIO(content), allow_pickle=True) as data:
        columns = [data[key].tolist() for key in ("nuclides", "progeny", "bfs", "modes")]
    return {str(name): _listed(*row) for name, *row in zip(*columns, strict=True)}


def _from_package(name: str) -> tuple[Daughter, ...]:
    try:
        import radioactivedecay

        nuclide = radioactivedecay.Nuclide(name)
    except (ImportError, ValueError) as error:
        raise DataError(f"{PACKAGE} has no decay chain of {name}. Install it again.") from error
    return _listed(nuclide.progeny(), nuclide.branching_fractions(), nuclide.decay_modes())


def _listed(names: list[str], fractions: list[float], modes: list[str]) -> tuple[Daughter, ...]:
    rows = zip(names, fractions, modes, strict=True)
    return tuple(Daughter(name=str(d), fraction=float(f), mode=_plain(str(m))) for d, f, m in rows)


def _plain(mode: str) -> str:
    return mode.replace("α", "alpha").replace("β", "beta")


def data_set() -> str:
    """Which data set :func:`daughters` reads."""
    if _from_file():
        return f"{DATA_SET} ({FOLDER})"
    import radioactivedecay

    return f"{DATA_SET} ({radioactivedecay.DEFAULTDATA.dataset_name})"
