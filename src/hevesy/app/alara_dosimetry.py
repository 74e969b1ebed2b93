"""Use case: the scan time at each time point that keeps the uncertainty of an organ's dose under a bound."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy import __version__
from hevesy.app.alara_patient import NAMES, body_of
from hevesy.app.alara_scanners import collimator_of, found_scanner, sources_of
from hevesy.app.quantities import quantity
from hevesy.errors import InputError, ScopeError
from hevesy.imaging.phantoms import TRACERS, Body, Tracer, body_with, concentrations
from hevesy.imaging.simulate import imaged_energy
from hevesy.imaging.systems import PetScanner
from hevesy.imaging.trials import RegionNoise, SpectScan, Task, kidney_noise, make_scene
from hevesy.imaging.trials.protocol import SPECT
from hevesy.imaging.trials.region_noise import ORGANS, organ_sphere
from hevesy.kinetics import fit
from hevesy.model.curve import TimeActivityCurve
from hevesy.nuclides import load_nuclide
from hevesy.units import MBq, h, kg

Progress = Callable[[str, float], None]
Array = npt.NDArray[np.float64]

NOTE = (
    "Counting noise of the organ's mean, carried through the fit; what else a dose is unsure by is stated with --other. "
    "The organ's outline is taken as known."
)
SCAN, STEP = 600.0, 0.02  # length of the scans that are simulated [s]; relative step of the derivatives
ROUNDS = 5
PRACTICAL = 60.0  # s: a shorter scan is no answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question in the words of the user; texts with units.

    Attributes
    ----------
    bound : str                         Of the organ's dose, relative, k = 1: "5 %".
    other : str                         The part of it that no scan time changes: "4 %"; nothing where it is left out.
    model : str                         Of the curve, as `hevesy fit` knows them.
    """

    scanner: str
    nuclide: str
    times: str
    organ: str = "kidney"
    bound: str = "5 %"
    other: str = ""
    activity: str = "7.4 GBq"
    weight: str = ""
    body: str = ""
    collimator: str = ""
    model: str = "auto"


def alara_dosimetry(asked: Asked, *, progress: Progress | None = None) -> dict[str, Any]:
    """Scan times per bed: all alike, and shared out so that their sum is least."""
    tell = progress or (lambda text, fraction: None)
    tracer = _tracer(asked.nuclide)
    body = body_of(asked.weight, asked.body)
    times = _times(asked.times)
    activity = quantity(asked.activity, "activity", name="--activity")
    bound, other = _shares(asked.bound, asked.other)
    counting = math.sqrt(bound**2 - other**2)
    noises: list[RegionNoise] = []
    scan: SpectScan | None = None
    for n, t in enumerate(times):
        tell(f"scan at {t / h:g} h", n / len(times))
        scan = _scan(asked, body, tracer, t)
        noises.append(kidney_noise(scan, activity / MBq, organ=asked.organ))
    if scan is None:
        raise InputError('--times: give at least one, for example "4 h, 24 h, 96 h".')
    A, true_integral = _true_curve(body, tracer, asked.organ, activity, times)
    solved = _solved(times, A, noises, counting, asked)
    seconds, equal, sensitivity, model, integral = solved
    return {
        "schema": "hevesy-alara-dosimetry/1",
        "hevesy": __version__,
        "scanner": scan.camera.name,
        "collimator": scan.collimator.name,
        "tracer": next(name for name, key in NAMES.items() if key == tracer.name),
        "nuclide": tracer.nuclides[0],
        "activity_MBq": activity / MBq,
        "body": {"name": body.name, "weight_kg": body.mass / kg, "height_mm": body.height},
        "organ": asked.organ,
        "bound_relative": bound,
        "other_relative": other,
        "counting_relative": counting,
        "model": model,
        "model_error_relative": integral / true_integral - 1,
        "equal_time_s": equal,
        "total_equal_s": equal * len(times),
        "total_least_s": float(seconds.sum()),
        "scans": [
            {
                "time_h": t / h,
                "organ_activity_MBq": a / MBq,
                "u_relative_after_600_s": noise.u_after(SCAN),
                "counts_after_600_s": noise.counts,
                "recovered": noise.mean / noise.truth,
                "share_of_integral": float(s),
                "shortest_time_s": float(T),
                "u_relative_then": noise.u_after(float(T)),
                "u_relative_with_equal_times": noise.u_after(equal),
            }
            for t, a, noise, s, T in zip(times, A, noises, sensitivity, seconds, strict=True)
        ],
        "modelled": scan.described(),
        "scanner_source": sources_of(scan.camera)["source"],
        "scanner_unverified": sources_of(scan.camera)["unverified"],
        "remarks": [*scan.scene.contents.remarks, *_said(integral / true_integral - 1, bound, seconds)],
        "note": NOTE,
    }


def _tracer(nuclide: str) -> Tracer:
    for tracer in TRACERS.values():
        if nuclide in tracer.nuclides:
            return tracer
    known = ", ".join(t.nuclides[0] for t in TRACERS.values())
    raise InputError(f"--nuclide {nuclide}: no tracer of it is among the virtual patients. Known are {known}.")


def _times(text: str) -> list[float]:
    found = [quantity(part.strip(), "time", name="--times") for part in text.split(",") if part.strip()]
    if len(found) < 2 or any(b <= a for a, b in zip(found, found[1:], strict=False)):
        raise InputError(f'--times: got {text!r}; write two or more that grow, for example "4 h, 24 h, 96 h".')
    return found


def _shares(bound: str, other: str) -> tuple[float, float]:
    whole = quantity(bound, "fraction", name="--bound")
    rest = quantity(other, "fraction", name="--other") if other else 0.0
    if not 0.001 <= whole <= 1 or rest < 0:
        raise InputError(f"--bound {bound}: 0.1 % to 100 % is allowed.")
    if rest >= whole:
        raise ScopeError(
            f"the bound of {100 * whole:g} % is used up by the {100 * rest:g} % that no scan time changes. Lower that part "
            "(calibration, outline, recovery), or raise the bound."
        )
    return whole, rest


def _scan(asked: Asked, body: Body, tracer: Tracer, t: float) -> SpectScan:
    made = found_scanner(asked.scanner, tracer)
    if isinstance(made, PetScanner):
        raise InputError(f"{made.name} is a PET scanner; scan times for dosimetry are computed for gamma cameras.")
    inner, _, along = body.factors
    factors = (inner, inner, along)
    held = organ_sphere(asked.organ, factors)
    scene = make_scene(
        body, tracer, Task(lesion=None, factors=factors), duration=SCAN, voxel=SPECT.voxel, margin=SPECT.margin, wait=t,
        spheres=(held,),
    )  # fmt: skip
    return SpectScan(made, collimator_of(made, asked.collimator, imaged_energy(scene.nuclide)), scene)


def _true_curve(body: Body, tracer: Tracer, organ: str, activity: float, times: list[float]) -> tuple[Array, float]:
    """True activity of the organ at the times [Bq], and its integral from the administration on [Bq s]."""
    half_life = load_nuclide(tracer.nuclides[0]).half_life
    subject = body_with(body, tracer, activity=activity, half_life=half_life)
    regions = ORGANS[organ][0]

    def held(t: float) -> float:
        found = concentrations(subject, t)
        return sum(found[name] * subject.volumes[name] / 1000 for name in regions)

    fine = np.concatenate([[0.0], np.geomspace(60, 15 * half_life, 400)])
    return np.array([held(t) for t in times]), float(np.trapezoid([held(t) for t in fine], fine))


def _solved(
    times: list[float], A: Array, noises: list[RegionNoise], counting: float, asked: Asked
) -> tuple[Array, float, Array, str, float]:
    """Times that bring the integral's uncertainty to ``counting``: least sum, and equal; s_i, the model, the integral.

    u^2 = sum s_i^2 v_i / T_i,   s_i = d ln A_tilde / d ln A_i,   v_i = u_i^2 T_i
    T_i = |s_i| sqrt(v_i) sum_k |s_k| sqrt(v_k) / u^2           (least sum)
    """
    lam = math.log(2) / load_nuclide(asked.nuclide).half_life
    v = np.array([n.u_relative**2 * n.duration for n in noises])
    T = np.full(len(times), SCAN)
    model, s, integral = asked.model, np.ones(len(times)), 0.0
    for _ in range(ROUNDS):
        u = A * np.sqrt(v / T)
        if model == "auto":
            model = fit(TimeActivityCurve(region=asked.organ, t=np.array(times), A=A, u=u), decay_constant=lam).model
        integral = _integral(times, A, u, lam, model)
        s = np.array([_slope(times, A, u, lam, (model, n)) for n in range(len(times))])
        T = np.maximum(np.abs(s) * np.sqrt(v) * float(np.sum(np.abs(s) * np.sqrt(v))) / counting**2, 1.0)
    return T, float(np.sum(s**2 * v) / counting**2), s, model, integral


def _integral(times: list[float], A: Array, u: Array, lam: float, model: str) -> float:
    curve = TimeActivityCurve(region="organ", t=np.array(times), A=A, u=u)
    return fit(curve, decay_constant=lam, model=model).time_integrated_activity.value


def _slope(times: list[float], A: Array, u: Array, lam: float, at: tuple[str, int]) -> float:
    """d ln A_tilde / d ln A_n of the weighted fit."""
    model, n = at
    ends = []
    for way in (1 + STEP, 1 - STEP):
        moved = A.copy()
        moved[n] *= way
        ends.append(math.log(_integral(times, moved, u, lam, model)))
    return (ends[0] - ends[1]) / (math.log1p(STEP) - math.log1p(-STEP))


def _said(error: float, bound: float, seconds: Array) -> list[str]:
    said = []
    if float(seconds.min()) < PRACTICAL:
        said.append(
            f"counting alone asks for less than {PRACTICAL:g} s at some scan, where the law of noise is carried far and no "
            "camera turns so fast: the dose is limited by what --other stands for (calibration, outline, recovery), not by "
            "scan time."
        )
    if abs(error) > bound / 2:
        said.append(
            f"the curve model misses the true integral of this virtual patient by {100 * error:+.1f} %: no scan time changes "
            "that. Other times or one more scan do."
        )
    return said
