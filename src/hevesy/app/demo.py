"""Use case: a virtual patient from the PET/CT before the therapy to the advice after its second cycle."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hevesy.app.demo_steps import (
    PROTOCOL,
    DemoOutcome,
    Occasions,
    Progress,
    before_therapy,
    course_of,
    dosimetry,
    ordinary_settings,
    planned,
)
from hevesy.app.virtual_study import make_virtual_study
from hevesy.errors import InputError

if TYPE_CHECKING:
    from hevesy.app.simulated_scan import ScanPlan


def run(
    folder: Path,
    *,
    seed: int = 177,
    occasions: Occasions | None = None,
    whole: bool = True,
    scanner: str = "",
    collimator: str = "",
    scan_plan: "ScanPlan | None" = None,
    processes: int = 1,
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
    processes : int                     At most, for a simulated scanner; the results do not depend on it.  Two need the
                                        ``if __name__ == "__main__"`` of multiprocessing in a script.

    Raises
    ------
    InputError
        ``folder`` is a file, or holds a study that is not a virtual one; an unknown scanner.
    """
    tell = progress or (lambda text, fraction: None)
    occasions = occasions or Occasions()
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; the demo needs a folder.")
    if scanner:
        from hevesy.app.demo_on_scanner import run_on_scanner

        return run_on_scanner(
            folder, scanner, collimator, plan=scan_plan, occasions=occasions, seed=seed, whole=whole, processes=processes,
            progress=tell,
        )  # fmt: skip
    if collimator:
        raise InputError(f"--collimator {collimator} belongs to a simulated scanner. Name it by --simulate-scanner.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PROTOCOL).unlink(missing_ok=True)
    made = make_virtual_study(folder / "study", seed=seed, spec=occasions.first, progress=tell)
    first = dosimetry(folder, "", made, ordinary_settings(occasions.first), progress=tell)
    if not whole:
        return DemoOutcome(first=first)
    found = before_therapy(folder, occasions.before, seed, tell)
    plan, given = planned(folder, tell)
    spec = replace(occasions.second, administered_activity=given)
    again = make_virtual_study(folder / "study2", seed=seed, spec=spec, progress=tell)
    second = dosimetry(folder, "2", again, ordinary_settings(spec), progress=tell)
    return DemoOutcome(first=first, second=second, eligible=found, plan=plan, course=course_of(folder, tell))


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
