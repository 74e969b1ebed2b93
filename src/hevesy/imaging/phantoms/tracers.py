"""Where tracers go in the torso over time: shares of the administered activity, by source.

Shares are of the administered activity without decay, from the table `tracer_uptake`, which says of each where it comes
from: read, derived from what was read, recalled, or made.  They describe no patient.  Activity outside the torso (brain, limbs,
what has been voided) is left out.
"""

import difflib
import math
from collections.abc import Callable
from dataclasses import dataclass

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.imaging.clearance import Clearance
from hevesy.imaging.torso import REMAINDER, dotatate_torso
from hevesy.tables import load_table

TABLE, MADE = "tracer_uptake", "made"
# Of the body's mass in the torso of the virtual patient: 37.9 kg of solids by 73 kg.
TORSO_SHARE = 0.52
_REST = {"Muscle": 1.0, "Fat": 0.35, "Bowel": 1.8, "Heart": 1.8, "Vessels": 1.8, "Uterus": 1.2, "Conceptus": 0.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Activity over time by source, and how what has none of its own is shared.

    ``curves`` holds the remainder too.  ``remarks`` say where the numbers come from.
    """

    curves: dict[str, Clearance]
    weights: dict[str, float]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracer:
    """A tracer: its nuclides, the function (administered activity [Bq], half-life [s]) that spreads it, and the usual wait
    between administration and scan [s]."""

    name: str
    title: str
    nuclides: tuple[str, ...]
    spread: Callable[[float, float], Distribution]
    wait: float


def _decaying(amount: float, half_life: float, *phases: tuple[float, float], uptake_h: float = 0.0) -> Clearance:
    """``amount`` in biological phases (share, half-life [h]; infinite stays) times physical decay.

    A(t) = amount e^(-lambda t) (sum_i f_i e^(-b_i t) - [uptake] e^(-k t))
    """
    lam = math.log(2) / half_life
    amplitudes = [amount * share for share, _ in phases]
    rates = [lam + (math.log(2) / (T * u.h) if math.isfinite(T) else 0.0) for _, T in phases]
    if uptake_h:
        amplitudes.append(-sum(amplitudes))
        rates.append(lam + math.log(2) / (uptake_h * u.h))
    return Clearance(amplitudes=tuple(amplitudes), rates=tuple(rates))


def _from_table(name: str) -> Callable[[float, float], Distribution]:
    """The rows of one tracer as a distribution."""

    def spread(activity: float, half_life: float) -> Distribution:
        rows = [row for row in load_table("hevesy.imaging", TABLE).rows if row["tracer"] == name]
        curves = {
            row["region"]: _decaying(
                float(row["value"]) * activity, half_life, *_phases(row["phases"]), uptake_h=float(row["uptake_h"] or 0)
            )
            for row in rows
            if row["kind"] == "share"
        }
        weights = {row["region"]: float(row["value"]) for row in rows if row["kind"] == "weight"}
        return Distribution(curves=curves, weights=_REST | weights, remarks=tuple(_said(rows)))

    return spread


def _phases(text: str) -> list[tuple[float, float]]:
    """Shares and biological half-lives [h] of "0.3:2;0.7:inf"."""
    pairs = (part.split(":") for part in text.split(";"))
    return [(float(share), float(half_life)) for share, half_life in pairs]


def _said(rows: list[dict[str, str]]) -> list[str]:
    """A sentence for each source, and one for what was made."""
    by_source: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row["kind"] == "share" and row["how"] != MADE:
            what = f"{row['region'].replace('_', ' ')} {row['published']}"
            by_source.setdefault((row["source"], row["how"]), []).append(what)
    said = [
        f"uptake: {', '.join(parts)}: {source} ({how}{'' if how in ('read', 'derived') else ', unverified'})."
        for (source, how), parts in by_source.items()
    ]
    made = [row["region"].replace("_", " ") for row in rows if row["kind"] == "share" and row["how"] == MADE]
    return [*said, f"uptake: made, of the size seen: {', '.join(made)}, and what other tissues hold of the rest."]


def _dotatate(activity: float, half_life: float) -> Distribution:
    """Lu-177 DOTATATE as in the virtual patient's first cycle; its rates hold the decay of Lu-177."""
    torso = dotatate_torso(activity)
    return Distribution(
        curves={**torso.clearances, REMAINDER: torso.remainder},
        weights=_REST | torso.weights,
        remarks=("uptake: all uptakes and effective half-lives are made, of the size reported.",),
    )


def _tabulated(name: str, title: str, nuclide: str, wait: float) -> Tracer:
    return Tracer(name=name, title=title, nuclides=(nuclide,), spread=_from_table(name), wait=wait)


# The first of a nuclide is the one that goes with it where no tracer is named.
TRACERS = {
    tracer.name: tracer
    for tracer in (
        _tabulated("fdg", "F-18 FDG", "F-18", 1 * u.h),
        _tabulated("phosphonate", "Tc-99m phosphonate", "Tc-99m", 3 * u.h),
        Tracer(name="dotatate", title="Lu-177 DOTATATE", nuclides=("Lu-177",), spread=_dotatate, wait=24 * u.h),
        _tabulated("psma-617", "Lu-177 PSMA-617", "Lu-177", 24 * u.h),
        _tabulated("psma-11", "Ga-68 PSMA-11", "Ga-68", 1 * u.h),
        _tabulated("dotatate-68", "Ga-68 DOTATATE", "Ga-68", 1 * u.h),
        _tabulated("dotatoc-68", "Ga-68 DOTATOC", "Ga-68", 1 * u.h),
        _tabulated("psma-1007", "F-18 PSMA-1007", "F-18", 2 * u.h),
        _tabulated("fluoride", "F-18 fluoride", "F-18", 1 * u.h),
        _tabulated("dmsa", "Tc-99m DMSA", "Tc-99m", 3 * u.h),
        _tabulated("mibg", "I-123 mIBG", "I-123", 24 * u.h),
    )
}


def tracer_named(name: str) -> Tracer:
    """The tracer ``name``; an unknown one is an :class:`InputError` that names the nearest."""
    if name.lower() not in TRACERS:
        near = difflib.get_close_matches(name.lower(), TRACERS, n=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise InputError(f"tracer {name!r} is not known. {meant}Known are {', '.join(TRACERS)}.")
    return TRACERS[name.lower()]


def tracer_of(nuclide: str) -> Tracer:
    """The tracer that goes with a nuclide in a body."""
    for tracer in TRACERS.values():
        if nuclide in tracer.nuclides:
            return tracer
    known = ", ".join(f"{t.nuclides[0]} ({t.name})" for t in TRACERS.values())
    raise InputError(f"there is no tracer of {nuclide} for a body; there are {known}. Take one of them, or a phantom.")
