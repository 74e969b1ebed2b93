"""Where tracers go in the torso over time: round shares of the administered activity, by source.

Shares are of the administered activity without decay.  They are of the size that is published and describe no
patient; each says whether it comes from a biokinetic model or was made.  Activity outside the torso (brain, limbs, what
has been voided) is left out.
"""

import difflib
import math
from collections.abc import Callable
from dataclasses import dataclass

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.imaging.clearance import Clearance
from hevesy.imaging.torso import REMAINDER, dotatate_torso

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


_STAYS = (1.0, math.inf)


def _fdg(activity: float, half_life: float) -> Distribution:
    """FDG: heart wall 4 %, lungs 3 %, liver 5 %, brain 8 % (outside), the rest 80 % with 30 % of it excreted."""

    def part(share: float, *phases: tuple[float, float], uptake_h: float = 0.0) -> Clearance:
        return _decaying(share * activity, half_life, *(phases or (_STAYS,)), uptake_h=uptake_h)

    rest = ((0.075, 0.2), (0.225, 1.5), (0.70, math.inf))
    curves = {
        "Heart": part(0.04),
        "Lung_Left": part(0.014),
        "Lung_Right": part(0.016),
        "Liver": part(0.05),
        "Kidney_Left": part(0.007, (0.6, 1.0), (0.4, math.inf)),
        "Kidney_Right": part(0.007, (0.6, 1.0), (0.4, math.inf)),
        "Spleen": part(0.004),
        "Urinary bladder": part(0.04, uptake_h=0.5),
        REMAINDER: part(0.80 * TORSO_SHARE, *rest),
    }
    weights = _REST | {
        "Muscle": 0.7, "Bowel": 1.5, "Vessels": 1.6, "Spine": 1.6, "Bone": 0.8, "Lesion 1": 9.0, "Lesion 2": 7.0, "Lesion 3": 8.0,
    }  # fmt: skip
    return Distribution(
        curves=curves,
        weights=weights,
        remarks=(
            "FDG: uptake in heart, lungs, liver and the rest as recalled from ICRP Publication 128, unverified; "
            "kidneys, spleen, bladder, lesions and the shares within the rest are made.",
        ),
    )


def _bone(activity: float, half_life: float) -> Distribution:
    """Tc-99m phosphonate: half goes to bone with 15 min, of which 60 % lies in the torso; kidneys 2 %; the rest leaves."""

    def part(share: float, *phases: tuple[float, float], uptake_h: float = 0.0) -> Clearance:
        return _decaying(share * activity, half_life, *phases, uptake_h=uptake_h)

    kept = ((0.3, 2.0), (0.7, 72.0))
    curves = {
        "Spine": part(0.13, *kept, uptake_h=0.25),
        "Bone": part(0.17, *kept, uptake_h=0.25),
        "Kidney_Left": part(0.01, (0.5, 0.5), (0.5, 48.0)),
        "Kidney_Right": part(0.01, (0.5, 0.5), (0.5, 48.0)),
        "Urinary bladder": part(0.05, _STAYS, uptake_h=0.75),
        REMAINDER: part(0.48 * TORSO_SHARE, (0.6, 0.5), (0.3, 2.0), (0.1, 72.0)),
    }
    weights = _REST | {
        "Liver": 1.2, "Spleen": 1.0, "Lung_Left": 0.3, "Lung_Right": 0.3, "Lesion 1": 1.2, "Lesion 2": 40.0, "Lesion 3": 1.2,
    }  # fmt: skip
    return Distribution(
        curves=curves,
        weights=weights,
        remarks=(
            "Tc-99m phosphonate: uptake and retention of bone as recalled from ICRP Publication 128, unverified; "
            "the skeleton's share in the torso, bladder, lesions and the shares within the rest are made.",
        ),
    )


def _dotatate(activity: float, half_life: float) -> Distribution:
    """Lu-177 DOTATATE as in the virtual patient's first cycle; its rates hold the decay of Lu-177."""
    torso = dotatate_torso(activity)
    return Distribution(
        curves={**torso.clearances, REMAINDER: torso.remainder},
        weights=_REST | torso.weights,
        remarks=("DOTATATE: uptakes and effective half-lives are made, of the size reported.",),
    )


TRACERS = {
    tracer.name: tracer
    for tracer in (
        Tracer(name="fdg", title="F-18 FDG", nuclides=("F-18",), spread=_fdg, wait=1 * u.h),
        Tracer(name="phosphonate", title="Tc-99m phosphonate", nuclides=("Tc-99m",), spread=_bone, wait=3 * u.h),
        Tracer(name="dotatate", title="Lu-177 DOTATATE", nuclides=("Lu-177",), spread=_dotatate, wait=24 * u.h),
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
