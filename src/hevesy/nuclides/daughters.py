"""What a nuclide decays into."""

from dataclasses import dataclass
from functools import cache

from hevesy.errors import DataError
from hevesy.nuclides.decay_data import load_nuclide

DATA_SET = "ICRP Publication 107 decay chains, as packaged in radioactivedecay"


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
    import radioactivedecay

    known = load_nuclide(name).name
    try:
        nuclide = radioactivedecay.Nuclide(known)
    except ValueError as error:
        raise DataError(f"radioactivedecay has no decay chain of {known}. Install it again.") from error
    found = zip(nuclide.progeny(), nuclide.branching_fractions(), nuclide.decay_modes(), strict=True)
    listed = (Daughter(name=str(d), fraction=float(f), mode=_plain(str(m))) for d, f, m in found)
    return tuple(sorted(listed, key=lambda daughter: -daughter.fraction))


def _plain(mode: str) -> str:
    return mode.replace("α", "alpha").replace("β", "beta")


def data_set() -> str:
    """Which data set :func:`daughters` reads."""
    import radioactivedecay

    return f"{DATA_SET} ({radioactivedecay.DEFAULTDATA.dataset_name})"
