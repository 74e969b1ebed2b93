"""Use case: the least activity that answers, or the shortest scan, by a virtual trial or in closed form."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hevesy import __version__
from hevesy.app.alara_patient import (
    Guideline,
    body_of,
    conceptus_coefficient,
    dose_coefficient,
    guideline_activity,
    substance,
    unverified,
)
from hevesy.app.alara_scanners import found_scanner, said_of_walls, scan_on, sources_of
from hevesy.app.quantities import quantity
from hevesy.errors import InputError, ScopeError
from hevesy.imaging.phantoms import Body, Tracer
from hevesy.imaging.systems import Camera, PetScanner
from hevesy.imaging.trials import Answer, Lesion, Level, SpectScan, Target, Task, Trial, run_trial
from hevesy.imaging.trials.target import COV, KINDS, PROBABILITY, default_target, known_kind
from hevesy.imaging.trials.task import LEAST_LIVER
from hevesy.nuclides import load_nuclide
from hevesy.units import MBq, kg, mm

Progress = Callable[[str, float], None]

NOTE = "A virtual trial of one patient and task. It shows what physics allows; the prescription is the practitioner's."
TIMES = {"pet": 120.0, "spect": 1200.0}
# Where no guideline says where to look [MBq/kg].
START = {"pet": 4.0, "spect": 8.0}
_ANALYTIC_POINTS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question in the words of the user; texts with units.

    Attributes
    ----------
    targets, limits : tuples            Kinds, and a limit for each ("" or left out: the usual ones).
    band : str                          Of a recovery: "0.39 to 0.61".
    compare : tuple of str              Further scanners.
    activity : str                      Of which the shortest scan is asked; the guideline's where it is left out.
    """

    scanner: str
    tracer: str
    targets: tuple[str, ...]
    limits: tuple[str, ...] = ()
    band: str = ""
    weight: str = ""
    body: str = ""
    lesion: str = "10 mm"
    contrast: float = 4.0
    place: str = "liver"
    time: str = ""
    activity: str = ""
    compare: tuple[str, ...] = ()
    collimator: str = ""
    guideline: str = ""
    age: str = ""
    on: str = ""
    realisations: int = 20
    levels: int = 4
    seed: int = 1
    analytic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Question:
    """The same, understood."""

    name: str
    tracer: Tracer
    body: Body
    task: Task
    targets: tuple[Target, ...]
    duration: float
    activity: float
    guideline: Guideline
    given: float | None
    coefficient: dict[str, Any]
    conceptus: dict[str, Any] | None

    @property
    def usual(self) -> float | None:
        """What the least activity is held against [MBq]: the guideline's, else what the user gives."""
        return self.guideline.activity or self.given


def alara(asked: Asked, *, output: Path | None = None, progress: Progress | None = None) -> dict[str, Any]:
    """The least activity on each scanner as facts; a page or picture where ``output`` names one (.html or .png)."""
    if output is not None and output.suffix.lower() not in (".html", ".png"):
        raise InputError(f"{output.name}: a page (.html) or a picture (.png) is written. Choose one of both.")
    tell = progress or (lambda text, fraction: None)
    names = tuple(dict.fromkeys((asked.scanner, *asked.compare)))
    question = _understood(asked)
    rows, trials = [], []
    for n, name in enumerate(names):

        def part(text: str, done: float, n: int = n, name: str = name) -> None:
            tell(f"{name}: {text}", (n + done) / len(names))

        made = found_scanner(name, question.tracer)
        try:
            row, trial = _on(made, question, asked, part)
        except ScopeError as error:
            if n == 0:
                raise
            row, trial = {"scanner": made.name, "title": made.title, "refused": str(error)}, None
        rows.append(row)
        trials.append(trial)
    facts = _head(asked, question) | rows[0] | {"compared": rows[1:], "note": NOTE}
    facts["remarks"] = [*facts["remarks"], *_said_of(question)]
    if output is not None:
        _draw(facts, trials, output)
        facts["files"] = [output.name]
    return facts


def _understood(asked: Asked) -> _Question:
    name, tracer = substance(asked.tracer)
    body = body_of(asked.weight, asked.body)
    targets = _targets(asked)
    kind = "pet" if isinstance(found_scanner(asked.scanner, tracer), PetScanner) else "spect"
    duration = quantity(asked.time, "time", name="--time") if asked.time else TIMES[kind]
    if not 1 <= duration <= 86400:
        raise InputError(f"--time: a scan of {duration:g} s; 1 s to a day is meant.")
    lesion = None
    if any(t.needs_lesion for t in targets):
        size = quantity(asked.lesion, "length", name="--lesion") / mm
        lesion = Lesion(diameter=size, contrast=asked.contrast, place=asked.place)
    inner, _, along = body.factors
    guideline = guideline_activity(name, body, card=asked.guideline, time=duration, on=asked.on)
    own = quantity(asked.activity, "activity", name="--activity") / MBq if asked.activity else None
    activity = own or guideline.activity or START[kind] * body.mass / kg
    return _Question(
        name=name, tracer=tracer, body=body, task=Task(lesion=lesion, factors=(inner, inner, along)), targets=targets,
        duration=duration, activity=activity, guideline=guideline, given=own,
        coefficient=dose_coefficient(name, body, asked.age, on=asked.on),
        conceptus=conceptus_coefficient(name, body, on=asked.on),
    )  # fmt: skip


def _targets(asked: Asked) -> tuple[Target, ...]:
    if not asked.targets:
        raise InputError(f"a target is needed: {', '.join(KINDS)}. For example --target cov.")
    if len(set(asked.targets)) < len(asked.targets) or len(asked.limits) > len(asked.targets):
        raise InputError("each target is given once, and at most one limit for each, in the same order.")
    made = []
    for kind, limit in zip(asked.targets, (*asked.limits, *[""] * len(asked.targets)), strict=False):
        usual = default_target(known_kind(kind))
        value = usual.limit if not limit else _limit(limit)
        band = _band(asked.band) if asked.band and kind == "recovery" else None
        made.append(Target(kind=kind, limit=value, band=band))
    return tuple(made)


def _limit(text: str) -> float:
    return quantity(text, "fraction" if "%" in text else "number", name="--limit")


def _band(text: str) -> tuple[float, float]:
    parts = text.replace(" to ", " ").split()
    try:
        low, high = (float(part) for part in parts)
    except ValueError as error:
        raise InputError(f'--band: got {text!r}; write two numbers, for example "0.39 to 0.61".') from error
    return low, high


def _on(
    made: PetScanner | Camera, question: _Question, asked: Asked, tell: Progress
) -> tuple[dict[str, Any], tuple[Trial, Any] | None]:
    """Facts of one scanner, and its trial with the grid, for the picture."""
    if asked.analytic:
        return _in_closed_form(made, question), None
    collimator = asked.collimator if made.name == asked.scanner else ""
    scan = scan_on(made, question.body, question.tracer, question.task, duration=question.duration, collimator=collimator)
    trial = run_trial(
        scan, question.targets, duration=question.duration, reference=question.activity, seed=asked.seed,
        levels=asked.levels, realisations=asked.realisations, progress=tell,
    )  # fmt: skip
    found = [_answer(a, question) for a in trial.answers]
    binding = max(found, key=lambda f: f["least_activity_MBq"])
    facts = _result(made, question, binding, found)
    facts["modelled"] = scan.described()
    if isinstance(scan, SpectScan):
        facts["remarks"] += said_of_walls(scan.collimator, scan.energy)
    facts |= {"realisations": trial.realisations, "levels": trial.levels, "images": trial.images, "seed": trial.seed}
    return facts, (trial, scan)


def _in_closed_form(made: PetScanner | Camera, question: _Question) -> dict[str, Any]:
    from hevesy.imaging.trials.analytic import analytic_scan

    if not isinstance(made, PetScanner):
        raise ScopeError(f"{made.name}: the analytic layer knows PET scanners. Leave --analytic out for a trial.")
    layer = analytic_scan(made, question.body, question.tracer, question.task, duration=question.duration)
    found = []
    for target in question.targets:
        least = layer.activity_for(target, question.duration)
        span = least * np.geomspace(0.25, 4, _ANALYTIC_POINTS)
        points = [
            {"activity_MBq": _tidy(A), "time_s": question.duration, "value": _tidy(v), "u": None}
            for A, v in zip(span, layer.value(target, span, question.duration), strict=True)
        ]
        found.append(
            _about(target)
            | {
                "least_activity_MBq": _tidy(least),
                "least_activity_95_MBq": None,
                "shortest_time_s": _tidy(layer.duration_for(target, question.activity)),
                "shortest_time_95_s": None,
                "value_without_noise": None,
                "curve": points,
                "remarks": [],
            }
        )
    binding = max(found, key=lambda f: f["least_activity_MBq"])
    facts = _result(made, question, binding, found)
    facts["modelled"] = {
        "model": "noise in closed form at the liver of an evenly filled elliptic trunk, after OSEM and a Gaussian filter; "
        "the mean of scans, not what 95 of 100 reach",
        "scatter_to_trues": _tidy(layer.noise.scatter_ratio),
        "time_of_flight_gain": _tidy(layer.noise.tof_gain),
        "neglected": ["dead time", "lungs", "voxels", "spread from scan to scan"],
    }
    return facts | {"realisations": 0, "levels": 0, "images": 0, "seed": None}


def _answer(found: Answer, question: _Question) -> dict[str, Any]:
    least, low, high = found.least_activity(question.duration)
    time, shorter, longer = found.shortest_time(question.activity)
    return _about(found.target) | {
        "least_activity_MBq": _tidy(least),
        "least_activity_95_MBq": [_tidy(low), _tidy(high) if np.isfinite(high) else None],
        "shortest_time_s": _tidy(time),
        "shortest_time_95_s": [_tidy(shorter), _tidy(longer)],
        "value_without_noise": _tidy(found.floor) if np.isfinite(found.floor) else None,
        "curve": [_level(level) for level in found.curve],
        "remarks": list(found.remarks),
    }


def _about(target: Target) -> dict[str, Any]:
    return {
        "target": target.kind,
        "limit": target.limit,
        "band": None if target.band is None else list(target.band),
        "meaning": KINDS[target.kind],
        "limit_source": target.source,
    }


def _level(level: Level) -> dict[str, Any]:
    return {
        "activity_MBq": _tidy(level.activity),
        "time_s": level.duration,
        "value": _tidy(level.value),
        "u": _tidy(level.u),
        "low": _tidy(level.low),
        "high": _tidy(level.high),
        "met_by_95_percent": _tidy(level.met),
        "realisations": level.realisations,
    }


def _result(made: PetScanner | Camera, q: _Question, binding: dict[str, Any], found: list[dict[str, Any]]) -> dict[str, Any]:
    kept = ("target", "limit", "least_activity_MBq", "least_activity_95_MBq", "shortest_time_s", "shortest_time_95_s", "curve")
    per = q.coefficient["coefficient_mSv_per_MBq"]
    least = binding["least_activity_MBq"]
    return {
        "scanner": made.name,
        "title": made.title,
        **{key: binding[key] for key in kept},
        "time_s": q.duration,
        "at_activity_MBq": _tidy(q.activity),
        "effective_dose_mSv": None if per is None else _tidy(per * least),
        "effective_dose_saved_mSv": _saved(per, q.usual, least),
        **_of_conceptus(q, least),
        "targets": found,
        "refused": None,
        "remarks": list(dict.fromkeys(text for f in found for text in f["remarks"])),
        **{f"scanner_{key}": value for key, value in sources_of(made).items()},
    }


def _saved(per: float | None, usual: float | None, least: float) -> float | None:
    """Dose by activity times what is less; negative where more is needed than usual."""
    return None if per is None or usual is None else _tidy(per * (usual - least))


def _of_conceptus(q: _Question, least: float) -> dict[str, Any]:
    if q.conceptus is None:
        return {}
    per = q.conceptus["coefficient_mGy_per_MBq"]
    return {
        "conceptus_dose_mGy": None if per is None else _tidy(per * least),
        "conceptus_dose_saved_mGy": _saved(per, q.usual, least),
    }


def _head(asked: Asked, q: _Question) -> dict[str, Any]:
    lesion = q.task.lesion
    return {
        "schema": "hevesy-alara/1",
        "hevesy": __version__,
        "tracer": q.name,
        "nuclide": q.tracer.nuclides[0],
        "body": {"name": q.body.name, "weight_kg": q.body.mass / kg, "height_mm": q.body.height},
        "wait_s": q.tracer.wait,
        "lesion": None
        if lesion is None
        else {"diameter_mm": lesion.diameter, "contrast": lesion.contrast, "place": lesion.place},
        "probability": PROBABILITY,
        "analytic": asked.analytic,
        "guideline_activity_MBq": q.guideline.activity,
        "guideline": q.guideline.facts,
        "saved_against": "guideline" if q.guideline.activity is not None else None if q.given is None else "activity given",
        "effective_dose": q.coefficient,
        "conceptus": q.conceptus,
        "source": q.guideline.facts.get("source"),
        "unverified_sources": unverified(q.guideline.facts, q.coefficient, q.conceptus or {}),
    }


def _said_of(q: _Question) -> list[str]:
    said = []
    if q.guideline.activity is None:
        said.append(f"no guideline: {q.guideline.facts['why']}")
    if q.coefficient["coefficient_mSv_per_MBq"] is None:
        said.append(f"no effective dose: {q.coefficient['why']}")
    if q.task.liver.diameter < LEAST_LIVER and any(t.kind == COV for t in q.targets):
        said.append(
            f"target cov: this liver has room for a sphere of {q.task.liver.diameter:.3g} mm only; in so few voxels the "
            "variation comes out too low and spreads: take it for a hint."
        )
    if q.conceptus is not None and q.conceptus["coefficient_mGy_per_MBq"] is None:
        said.append(f"no dose of the conceptus: {q.conceptus['why']}")
    if q.body.made and q.body.organ_mass:
        said.append(
            f"the body of {q.body.mass / kg:g} kg has the organs of {q.body.organ_mass / kg:.3g} kg (by lean mass, Janmahasatian "
            "et al. 2005, recalled, unverified); the rest is fat under the skin."
        )
    elif q.body.made:
        said.append(f"the body of {q.body.mass / kg:g} kg is scaled from the reference man in all its parts.")
    return [*said, *q.tracer.spread(1.0, load_nuclide(q.tracer.nuclides[0]).half_life).remarks]


def _draw(facts: dict[str, Any], trials: list[Any], output: Path) -> None:
    """The page or the picture, in place at once."""
    from hevesy.app.whole_files import write_whole
    from hevesy.reports.alara_plot import alara_page, alara_picture

    images = [None if t is None else _plane(*t) for t in trials]
    made = alara_page(facts, images) if output.suffix.lower() == ".html" else alara_picture(facts, images)
    write_whole(output.resolve().parent, {output.name: made})


def _plane(trial: Trial, scan: Any) -> dict[str, Any]:
    """The transaxial plane of the lesion or the liver: without noise, and one scan at each activity."""
    task = scan.scene.task
    sphere = task.target or task.liver
    z = scan.scene.place(sphere)[2]
    n = round((z - scan.grid.affine[2, 3]) / scan.grid.affine[2, 2])
    return {
        "still": np.asarray(trial.still[n]),
        "noisy": [(activity, np.asarray(image[n])) for activity, image in trial.noisy],
        "pixel_mm": float(scan.grid.spacing[0]),
        "centre_mm": scan.scene.place(sphere)[:2],
        "origin_mm": (float(scan.grid.affine[0, 3]), float(scan.grid.affine[1, 3])),
        "diameter_mm": sphere.diameter,
    }


def _tidy(value: float) -> float:
    """Six digits."""
    return float(f"{float(value):.6g}")
