"""Use case: the scan time at each time point that keeps the uncertainty of an organ's dose under a bound."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy import __version__
from hevesy.app.alara_budget import Term, known_terms, left_for_counting, terms_of_scans, together
from hevesy.app.alara_patient import NAMES, body_of, substance
from hevesy.app.alara_scanners import collimator_of, found_scanner, said_of_walls, sources_of
from hevesy.app.quantities import quantity
from hevesy.errors import InputError
from hevesy.imaging.phantoms import TRACERS, Body, Tracer, body_with, concentrations
from hevesy.imaging.simulate import imaged_energy
from hevesy.imaging.systems import PetScanner
from hevesy.imaging.trials import RegionNoise, SpectScan, Task, kidney_noise, make_scene
from hevesy.imaging.trials.protocol import SPECT
from hevesy.imaging.trials.region_noise import ORGANS, organ_sphere
from hevesy.kinetics import fit
from hevesy.model.curve import TimeActivityCurve
from hevesy.nuclides import load_nuclide
from hevesy.rng import stream
from hevesy.units import MBq, h, kg

Progress = Callable[[str, float], None]
Array = npt.NDArray[np.float64]

NOTE = (
    "Counting noise of the organ's mean is carried through the fit; what no scan time changes stands beside it, once for all "
    "scans. One virtual patient: look at the order of size."
)
SCAN, STEP = 600.0, 0.02  # length of the scans that are simulated [s]; relative step of the derivatives
ROUNDS = 5
PRACTICAL, LONGEST = 60.0, 3600.0  # s: a shorter scan is no answer, and nobody lies longer on one bed


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question in the words of the user; texts with units.

    Attributes
    ----------
    tracer : str                        "Lu-177 PSMA-617"; the first of the nuclide where it is left out.
    bound : str                         Of the organ's dose, relative, k = 1: "10 %".
    other : str                         The part of it that no scan time changes: "4 %"; where it is left out, calibration,
                                        outline, recovery and density as in reports of dosimetry.
    calibration : str                   Of the camera: "3 %"; that of a report where it is left out.
    model : str                         Of the curve, as `hevesy fit` knows them.
    seed : int                          Of the noise of the images that are shown.
    """

    scanner: str
    nuclide: str
    times: str
    tracer: str = ""
    organ: str = "kidney"
    bound: str = "10 %"
    other: str = ""
    calibration: str = ""
    activity: str = "7.4 GBq"
    weight: str = ""
    body: str = ""
    collimator: str = ""
    model: str = "auto"
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solved:
    """Scan times that bring the integral's uncertainty to a bound.

    ``times`` [s] have the least sum, ``equal`` [s] is the same for all; ``shares`` are s_i, ``integral`` is that of the fit
    [Bq s].
    """

    times: Array
    equal: float
    shares: Array
    model: str
    integral: float


def alara_dosimetry(asked: Asked, *, output: Path | None = None, progress: Progress | None = None) -> dict[str, Any]:
    """Scan times per bed: all alike, and shared out so that their sum is least; a picture where ``output`` names a .png."""
    if output is not None and output.suffix.lower() != ".png":
        raise InputError(f"{output.name}: of scan times a picture (.png) is written. Name it so.")
    tell = progress or (lambda text, fraction: None)
    tracer = _tracer(asked)
    body = body_of(asked.weight, asked.body)
    times = _times(asked.times)
    activity = quantity(asked.activity, "activity", name="--activity")
    bound, terms = _bound(asked.bound), known_terms(asked.other, asked.calibration)
    left_for_counting(bound, terms)  # refused before anything is simulated
    scans, noises = [], []
    for n, t in enumerate(times):
        tell(f"scan at {t / h:g} h", n / len(times))
        scans.append(_scan(asked, body, tracer, t))
        noises.append(kidney_noise(scans[-1], activity / MBq, organ=asked.organ))
    if not asked.other:
        terms += terms_of_scans(noises, scans[-1].grid.spacing)
    counting = left_for_counting(bound, terms)
    A, true_integral = _true_curve(body, tracer, asked.organ, activity, times)
    solved = _solved(times, A, noises, counting, asked, tracer.nuclides[0])
    facts = _facts(asked, (body, tracer, activity), scans[-1], terms, solved) | {
        "bound_relative": bound, "counting_relative": counting, "model_error_relative": solved.integral / true_integral - 1,
        "scans": _rows(times, A, noises, solved),
    }  # fmt: skip
    facts["remarks"] += _said(facts["model_error_relative"], bound, solved.times)
    if output is not None:
        _draw(facts, asked, scans, activity / MBq, output)
        facts["files"] = [output.name]
    return facts


def _facts(
    asked: Asked, who: tuple[Body, Tracer, float], scan: SpectScan, terms: list[Term], solved: Solved
) -> dict[str, Any]:  # fmt: skip
    body, tracer, activity = who
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
        "other_relative": together(terms),
        "budget": [{"term": t.name, "u_relative": t.u, "source": t.source} for t in terms],
        "model": solved.model,
        "equal_time_s": solved.equal,
        "total_equal_s": solved.equal * len(solved.times),
        "total_least_s": float(solved.times.sum()),
        "modelled": scan.described(),
        "scanner_source": sources_of(scan.camera)["source"],
        "scanner_unverified": sources_of(scan.camera)["unverified"],
        "remarks": [*scan.scene.contents.remarks, *said_of_walls(scan.collimator, scan.energy)],
        "note": NOTE,
    }


def _rows(times: list[float], A: Array, noises: list[RegionNoise], solved: Solved) -> list[dict[str, Any]]:
    return [
        {
            "time_h": t / h,
            "organ_activity_MBq": a / MBq,
            "u_relative_after_600_s": noise.u_after(SCAN),
            "counts_after_600_s": noise.counts,
            "recovered": noise.mean / noise.truth,
            "share_of_integral": float(s),
            "shortest_time_s": float(T),
            "u_relative_then": noise.u_after(float(T)),
            "u_relative_with_equal_times": noise.u_after(solved.equal),
        }
        for t, a, noise, s, T in zip(times, A, noises, solved.shares, solved.times, strict=True)
    ]


def _draw(facts: dict[str, Any], asked: Asked, scans: list[SpectScan], activity: float, output: Path) -> None:
    """The picture, with one noisy image of each scan as long as it was found to be."""
    from hevesy.app.whole_files import write_whole
    from hevesy.reports.alara_times_plot import times_picture

    images = []
    for n, (scan, row) in enumerate(zip(scans, facts["scans"], strict=True)):
        seconds = row["shortest_time_s"]
        image = scan.image(activity, seconds, lesion=False, draw=stream(asked.seed, n))
        # A coronal plane through the middle of the organ: rows from the head down.
        plane = round(
            (organ_sphere(asked.organ, scan.scene.task.factors).centre[1] - scan.grid.affine[1, 3]) / scan.grid.spacing[1]
        )
        images.append({"title": f"{row['time_h']:g} h, scanned for {seconds:.3g} s", "values": image[::-1, plane]})
    write_whole(output.resolve().parent, {output.name: times_picture(facts, images)})


def _tracer(asked: Asked) -> Tracer:
    if asked.tracer:
        return substance(asked.tracer)[1]
    for tracer in TRACERS.values():
        if asked.nuclide in tracer.nuclides:
            return tracer
    known = ", ".join(dict.fromkeys(t.nuclides[0] for t in TRACERS.values()))
    raise InputError(f"--nuclide {asked.nuclide}: no tracer of it is among the virtual patients. Known are {known}.")


def _times(text: str) -> list[float]:
    found = [quantity(part.strip(), "time", name="--times") for part in text.split(",") if part.strip()]
    if len(found) < 2 or any(b <= a for a, b in zip(found, found[1:], strict=False)):
        raise InputError(f'--times: got {text!r}; write two or more that grow, for example "4 h, 24 h, 96 h".')
    return found


def _bound(text: str) -> float:
    whole = quantity(text, "fraction", name="--bound")
    if not 0.001 <= whole <= 1:
        raise InputError(f"--bound {text}: 0.1 % to 100 % is allowed.")
    return whole


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
    times: list[float], A: Array, noises: list[RegionNoise], counting: float, asked: Asked, nuclide: str
) -> Solved:  # fmt: skip
    """Times that bring the integral's uncertainty to ``counting``: least sum, and equal.

    u^2 = sum s_i^2 v_i / T_i,   s_i = d ln A_tilde / d ln A_i,   v_i = u_i^2 T_i
    T_i = |s_i| sqrt(v_i) sum_k |s_k| sqrt(v_k) / u^2           (least sum)
    """
    lam = math.log(2) / load_nuclide(nuclide).half_life
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
    return Solved(times=T, equal=float(np.sum(s**2 * v) / counting**2), shares=s, model=model, integral=integral)


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
    if float(seconds.max()) < PRACTICAL:
        said.append(
            f"counting alone asks for less than {PRACTICAL:g} s at each scan, where the law of noise is carried far and no "
            "camera turns so fast: the dose is limited by what no scan time changes, not by scan time."
        )
    elif float(seconds.min()) < PRACTICAL:
        said.append(f"at some scan less than {PRACTICAL:g} s would do: give it what the camera needs for one turn.")
    if float(seconds.max()) > LONGEST:
        said.append(
            f"{seconds.max() / 60:.3g} min on one bed is longer than anybody lies still: raise the bound, add a scan, or take "
            "a more sensitive collimator."
        )
    if abs(error) > bound / 2:
        said.append(
            f"the curve model misses the true integral of this virtual patient by {100 * error:+.1f} %: no scan time changes "
            "that. Other times or one more scan do."
        )
    return said
