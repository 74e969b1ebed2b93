"""Half-life and radiations of a nuclide, from the installed data of ICRP Publication 107."""

import difflib
import hashlib
import importlib.util
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hevesy import units as u
from hevesy.errors import DataError, InputError
from hevesy.model.nuclide_name import nuclide_name

PACKAGE = "icrp107_database"
SOURCE = "ICRP Publication 107 (2008), Ann. ICRP 38 (3), as packaged in icrp107-database"
NOTICE = (
    "Decay data of ICRP Publication 107, (c) 2008 A. Endo and K.F. Eckerman: free for education, research and not-for-profit use."
)

# All seven units that occur in the 1252 files.
_TIME_UNITS = {"us": 1e-6, "ms": 1e-3, "s": u.s, "m": u.min_, "h": u.h, "d": u.d, "y": u.year}

# The kinds of radiation under Hevesy's names, and under those of the files.
KINDS = {
    "alpha": "alpha",
    "alpha recoil": "alpha recoil",
    "beta-": "beta-",
    "beta+": "beta+",
    "conversion electron": "IE",
    "Auger electron": "auger",
    "delayed beta": "betaD",
    "gamma": "gamma",
    "X": "X",
    "annihilation": "annihilation",
    "neutron": "neutron",
    "fission fragment": "fission",
}
ELECTRONS = ("beta-", "beta+", "conversion electron", "Auger electron", "delayed beta")
PHOTONS = ("gamma", "X", "annihilation")
LINES = ("alpha", "conversion electron", "gamma", "X", "annihilation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Emission:
    """One radiation: its energy (the mean one of a beta branch) [MeV] and its yield per decay [1]."""

    kind: str
    energy: float
    per_decay: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Nuclide:
    """Decay data of one nuclide, without its daughters.

    Attributes
    ----------
    name : str                          As in ICRP 107: "Lu-177".
    half_life : float                   [s].
    decay_constant : float              ln 2 / half-life [1/s].
    energies : dict                     Mean energy per decay by kind of radiation, Delta = sum E Y [MeV].
    emissions : tuple of Emission       Every radiation: lines, and the branches of beta decay by mean energy.
    source : str                        Publication and package.
    sha256 : str                        Of the data file.
    """

    name: str
    half_life: float
    decay_constant: float
    energies: dict[str, float]
    emissions: tuple[Emission, ...]
    source: str
    sha256: str

    @property
    def electron_energy(self) -> float:
        """Beta particles of both signs, conversion and Auger electrons, per decay [MeV]."""
        return math.fsum(self.energies[kind] for kind in ELECTRONS)

    @property
    def beta_energy(self) -> float:
        """Beta particles of both signs, per decay [MeV]."""
        return self.energies["beta-"] + self.energies["beta+"]

    @property
    def discrete_electron_energy(self) -> float:
        """Conversion and Auger electrons, per decay [MeV]."""
        return self.energies["conversion electron"] + self.energies["Auger electron"]

    @property
    def alpha_energy(self) -> float:
        """Alpha particles and the recoil of their nuclei, per decay [MeV]."""
        return self.energies["alpha"] + self.energies["alpha recoil"]

    @property
    def photon_energy(self) -> float:
        """Gamma, X and annihilation radiation, per decay [MeV]."""
        return math.fsum(self.energies[kind] for kind in PHOTONS)

    @property
    def lines(self) -> tuple[Emission, ...]:
        """Alpha particles, conversion electrons and photons of one energy, the largest yield first."""
        lines = (emission for emission in self.emissions if emission.kind in LINES)
        return tuple(sorted(lines, key=lambda line: (-line.per_decay, line.energy)))

    @property
    def beta_branches(self) -> tuple[Emission, ...]:
        """Branches of beta decay, their mean energy in ``energy``."""
        return tuple(emission for emission in self.emissions if emission.kind in ("beta-", "beta+"))


def load_nuclide(name: str) -> Nuclide:
    """Decay data of the nuclide ``name``, in any spelling that :func:`hevesy.model.nuclide_name` knows.

        Delta_kind = sum_i E_i Y_i

    Beta branches carry their tabulated mean energy. The yields of annihilation photons are those of the
    table: two photons for each positron.

    Raises
    ------
    InputError
        ICRP 107 has no such nuclide: it is stable, unknown or misspelt.
    """
    return _load(nuclide_name(name))


@cache
def available() -> tuple[str, ...]:
    """Names of all nuclides of ICRP 107, sorted."""
    names = tuple(sorted(path.stem for path in _folder().glob("*.json")))
    if not names:
        raise DataError(f"package {PACKAGE} holds no nuclides. Install it again: pip install icrp107-database==0.0.3.")
    return names


def beta_table(name: str) -> tuple[tuple[float, float], ...]:
    """The tabulated spectrum of all beta particles: energies [MeV] and density [1/MeV] per decay.

    Both signs and the delayed betas of fission lie in one sum. Empty for a nuclide that emits none.

    Raises
    ------
    InputError
        ICRP 107 has no such nuclide.
    """
    known = nuclide_name(name)
    _, data = _read(known)
    try:
        return tuple((float(energy), float(density)) for energy, density in data["emissions"]["b-spectra"])
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(_unreadable(known, error)) from error


@cache
def _load(name: str) -> Nuclide:
    content, data = _read(name)
    try:
        half_life = float(data["half_life"]) * _TIME_UNITS[data["time_unit"]]
        emissions = tuple(_emissions(data["emissions"]))
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(_unreadable(name, error)) from error
    if not (math.isfinite(half_life) and half_life > 0):
        raise DataError(f"{name}.json of {PACKAGE}: half-life is {half_life} s; it must be positive. Install it again.")
    return Nuclide(
        name=name,
        half_life=half_life,
        decay_constant=math.log(2) / half_life,
        energies={
            kind: math.fsum(e.energy * e.per_decay for e in emissions if e.kind == kind) for kind in KINDS
        },
        emissions=emissions,
        source=SOURCE,
        sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip


def _read(name: str) -> tuple[bytes, dict[str, Any]]:
    path = _folder() / f"{name}.json"
    if not path.is_file():
        raise InputError(_unknown(name, available()))
    content = path.read_bytes()
    try:
        data: dict[str, Any] = json.loads(json.loads(content))
        found = data["name"]
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(_unreadable(name, error)) from error
    if found != name:
        raise DataError(f"{path.name} of {PACKAGE} holds {found}, not {name}. Install the package again.")
    return content, data


def _unreadable(name: str, error: Exception) -> str:
    return f"{name}.json of {PACKAGE} cannot be read ({error!r}). Install the package again."


def _emissions(tables: dict[str, Any]) -> Iterable[Emission]:
    for kind, key in KINDS.items():
        for energy, per_decay in tables[key]:
            if not (math.isfinite(energy) and math.isfinite(per_decay) and energy >= 0 and per_decay >= 0):
                raise ValueError(f"{key}: energy {energy}, yield {per_decay}")
            yield Emission(kind=kind, energy=float(energy), per_decay=float(per_decay))


@cache
def _folder() -> Path:
    # The package imports numpy and more; only its place is needed.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise DataError(f"package {PACKAGE} is not installed. Install it: pip install icrp107-database==0.0.3.")
    return Path(spec.submodule_search_locations[0]) / "icrp107"


def _unknown(name: str, names: tuple[str, ...]) -> str:
    symbol, mass = name.split("-")
    number = int(mass.rstrip("mn"))
    same = [other for other in names if other.split("-")[0] == symbol]
    same.sort(key=lambda other: (abs(int(other.split("-")[1].rstrip("mn")) - number), other))
    near = same[:4] or difflib.get_close_matches(name, names, n=4, cutoff=0.5)
    hint = f" Near it: {', '.join(near)}." if near else ""
    return f"nuclide {name} is not in ICRP 107: it is stable, unknown or misspelt.{hint} Check element and mass number."
