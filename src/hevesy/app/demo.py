"""Use case: a virtual patient from the PET/CT before the therapy to the advice after its second cycle."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hevesy import units as un
from hevesy.app.dose import DoseOutcome
from hevesy.app.dose import run as run_dose
from hevesy.app.virtual_study import make_virtual_study
from hevesy.errors import InputError
from hevesy.imaging import PRE_THERAPY, SECOND_CYCLE, VirtualPatientSpec

if TYPE_CHECKING:
    from hevesy.app.simulated_scan import ScanPlan
    from hevesy.app.simulated_scanner import SimulatedScanner

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

# What the phantom scan of the simulated scanner gave.
SIMULATED_SETTINGS = """\
# What the headers of the virtual patient cannot say, measured with a phantom on the simulated {scanner}.

[calibration]
u_percent = 3  # against a hot ball in water, common to all scans: scatter of other organs differs so much

[dosimetry]
resolution_mm = {resolution:.1f}  # FWHM of the reconstructed images, from balls of {balls} mm
partial_volume = "yang"  # corrected for that resolution
"""

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


def run(
    folder: Path,
    *,
    seed: int = 177,
    occasions: Occasions | None = None,
    whole: bool = True,
    scanner: str = "",
    collimator: str = "",
    scan_plan: "ScanPlan | None" = None,
    progress: Progress | None = None,
) -> DemoOutcome:
    """Write studies, settings and results of a virtual patient into ``folder``.

        pet -> eligible      study -> result -> plan      study2 -> result2      all of them -> course

    The truth of each region is known because the patient is made by code; the main job does not see it.

    Parameters
    ----------
    whole : bool                        False: the first cycle alone.
    scanner, collimator : str           The SPECT comes from a simulation of this gamma camera and a reconstruction; "" is
                                        the ordinary demo's blur and noise, and the fitting collimator.
    scan_plan : ScanPlan or None        How that camera scans and reconstructs.

    Raises
    ------
    InputError
        ``folder`` is a file, or holds a study that is not a virtual one; an unknown scanner.
    """
    tell = progress or (lambda text, fraction: None)
    occasions = occasions or Occasions()
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; the demo needs a folder.")
    used = _scanner(scanner, collimator, occasions.first, scan_plan, tell)
    folder.mkdir(parents=True, exist_ok=True)
    protocol = folder / "reconstruct.toml"
    protocol.unlink(missing_ok=True)
    if used is not None:
        protocol.write_text(used.protocol(), "utf-8")
    first = _cycle(folder, "", occasions.first, seed, used, tell)
    if not whole:
        return DemoOutcome(first=first)
    from hevesy.app.course import course_report
    from hevesy.app.eligible import eligible
    from hevesy.app.plan import PlanAsked, plan_result

    before = make_virtual_study(folder / "pet", seed=seed, spec=occasions.before, progress=tell)
    tell("deciding eligibility", 0.0)
    found = eligible(before.folder, criteria=CRITERIA, output=folder / "eligible")
    limits = folder / "limits.toml"
    limits.write_text(LIMITS, "utf-8")
    tell("planning the second cycle", 0.0)
    asked = PlanAsked(limits=limits, cycles=CYCLES - 1, earlier=(folder / "result",), most=LABEL)
    plan = plan_result(folder / "result", asked, out=folder / "plan")
    given = round(_IN_SYRINGE * plan["activity_MBq"], -1) * un.MBq
    second = _cycle(folder, "2", replace(occasions.second, administered_activity=given), seed, used, tell)
    file = folder / "course.toml"
    file.write_text(COURSE, "utf-8")
    course = course_report([file], out=folder / "course", progress=tell)
    return DemoOutcome(first=first, second=second, eligible=found, plan=plan, course=course)


def _scanner(
    name: str, collimator: str, spec: VirtualPatientSpec, plan: "ScanPlan | None", tell: Progress
) -> "SimulatedScanner | None":
    """The simulated scanner that was asked for, calibrated; None for the ordinary demo."""
    if not name:
        if collimator:
            raise InputError(f"--collimator {collimator} belongs to a simulated scanner. Name it by --simulate-scanner.")
        return None
    from hevesy.app.simulated_scanner import simulated_scanner

    return simulated_scanner(name, collimator, nuclide=spec.nuclide, plan=plan, progress=tell)


def _cycle(
    folder: Path, number: str, spec: VirtualPatientSpec, seed: int, used: "SimulatedScanner | None", tell: Progress
) -> DoseOutcome:
    """Scans, settings and dosimetry of a cycle, its truth beside it."""
    made = make_virtual_study(folder / f"study{number}", seed=seed, spec=spec, scanner=used, progress=tell)
    settings = folder / f"study{number}.toml"
    settings.write_text(_settings(spec, used), "utf-8")
    truths = {name: made.truths[name] for name in made.regions}
    return run_dose(
        made.folder,
        folder / f"result{number}",
        settings_path=settings,
        truths=truths,
        remarks=() if used is None else used.words(spec),
        progress=tell,
    )


def _settings(spec: VirtualPatientSpec, used: "SimulatedScanner | None") -> str:
    if used is None:
        return SETTINGS.format(resolution=spec.resolution)
    measured = used.calibration
    balls = " and ".join(f"{diameter:g}" for diameter in measured.balls)
    return SIMULATED_SETTINGS.format(scanner=used.name, resolution=measured.resolution, balls=balls)


def as_dict(outcome: DemoOutcome) -> dict[str, Any]:
    """The facts of the first cycle, as of `hevesy dose`, and what came before and after it under names of their own."""
    from hevesy.app.dose import as_dict as dose_as_dict

    facts = dose_as_dict(outcome.first)
    if outcome.second is not None:
        facts |= {
            "eligible": outcome.eligible,
            "plan": outcome.plan,
            "second_cycle": dose_as_dict(outcome.second),
            "course": outcome.course,
        }
    return facts
