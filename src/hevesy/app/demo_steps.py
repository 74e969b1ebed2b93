"""The steps of the demo: what comes before the therapy, the dosimetry of a cycle, the plan, the course."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hevesy import units as un
from hevesy.app.dose import DoseOutcome
from hevesy.app.dose import run as run_dose
from hevesy.app.virtual_study import VirtualStudy, make_virtual_study
from hevesy.imaging import PRE_THERAPY, SECOND_CYCLE, VirtualPatientSpec

Progress = Callable[[str, float], None]

# What a physicist would know of the virtual scanner from phantom measurements.
SETTINGS = """\
# What the headers of the virtual patient cannot say and a physicist would have measured.

[calibration]
u_percent = 3  # calibration against a cylinder, common to all scans

[dosimetry]
resolution_mm = {resolution:g}  # FWHM of the reconstructed images, from line sources
partial_volume = "yang"  # corrected for that resolution
"""

PROTOCOL = "reconstruct.toml"  # of the images, with a simulated scanner

LIMITS = """\
# Over the whole course; 5 % may exceed each.

[limits.Kidney]  # each kidney
limit = "23 Gy"
source = "B. Emami et al., Int. J. Radiat. Oncol. Biol. Phys. 21 (1991) 109: external beams"

[limits.Kidneys]  # both as one
quantity = "BED"
limit = "40 Gy"
tissue = "kidney"
source = "L. Bodei et al., Eur. J. Nucl. Med. Mol. Imaging 35 (2008) 1847: without risk factors"
"""

COURSE = """\
title = "Virtual patient: two cycles of Lu-177 DOTATATE"
eligibility = "eligible/eligible.json"
limits = "limits.toml"

[[cycle]]
result = "result"
planned_activity = "7.4 GBq"
aim = "label; doses measured at four times"

[[cycle]]
result = "result2"
plan = "plan/plan.json"
aim = "kidneys below their limits over four cycles"
comment = "2 % less than planned: what stays in a syringe"

[record]
indication = "neuroendocrine tumour of a virtual patient"
justification = "none is needed: nobody was exposed"
planning = "doses of cycle 1, limits of the kidneys at 5 % (hevesy plan)"
verification = "SPECT/CT after each cycle, four times and twice (hevesy dose)"
"""

CRITERIA = "netter-1"
CYCLES = 4  # intended; what the first leaves is spread over the others
LABEL = "7.4 GBq"
_IN_SYRINGE = 0.98


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasions:
    """How the virtual patient is scanned: before the therapy, after the first cycle and after the second."""

    before: VirtualPatientSpec = PRE_THERAPY
    first: VirtualPatientSpec = field(default_factory=VirtualPatientSpec)
    second: VirtualPatientSpec = SECOND_CYCLE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DemoOutcome:
    """The dosimetry of both cycles, and the facts of eligibility, plan and course; None with one cycle alone."""

    first: DoseOutcome
    second: DoseOutcome | None = None
    eligible: dict[str, Any] | None = None
    plan: dict[str, Any] | None = None
    course: dict[str, Any] | None = None


def before_therapy(folder: Path, spec: VirtualPatientSpec, seed: int, progress: Progress | None = None) -> dict[str, Any]:
    """The PET/CT before the therapy, and what it decides."""
    from hevesy.app.eligible import eligible

    tell = progress or (lambda text, fraction: None)
    before = make_virtual_study(folder / "pet", seed=seed, spec=spec, progress=tell)
    tell("deciding eligibility", 0.0)
    return eligible(before.folder, criteria=CRITERIA, output=folder / "eligible")


def planned(folder: Path, progress: Progress) -> tuple[dict[str, Any], float]:
    """The plan for the cycles to come, and what is given in the second [Bq]."""
    from hevesy.app.plan import PlanAsked, plan_result

    limits = folder / "limits.toml"
    limits.write_text(LIMITS, "utf-8")
    progress("planning the second cycle", 0.0)
    asked = PlanAsked(limits=limits, cycles=CYCLES - 1, earlier=(folder / "result",), most=LABEL)
    plan = plan_result(folder / "result", asked, out=folder / "plan")
    return plan, round(_IN_SYRINGE * plan["activity_MBq"], -1) * un.MBq


def dosimetry(
    folder: Path, number: str, made: VirtualStudy, settings: str, *, remarks: tuple[str, ...] = (), progress: Progress
) -> DoseOutcome:
    """Settings and dosimetry of a cycle, the truth beside it."""
    file = folder / f"study{number}.toml"
    file.write_text(settings, "utf-8")
    truths = {name: made.truths[name] for name in made.regions}
    return run_dose(
        made.folder, folder / f"result{number}", settings_path=file, truths=truths, remarks=remarks, progress=progress
    )  # fmt: skip


def course_of(folder: Path, progress: Progress) -> dict[str, Any]:
    """The course of both cycles."""
    from hevesy.app.course import course_report

    file = folder / "course.toml"
    file.write_text(COURSE, "utf-8")
    return course_report([file], out=folder / "course", progress=progress)


def ordinary_settings(spec: VirtualPatientSpec) -> str:
    """The settings file of a study without a simulated scanner."""
    return SETTINGS.format(resolution=spec.resolution)
