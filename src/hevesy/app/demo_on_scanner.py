"""The demo with a simulated camera: calibration, both cycles on it, and a second process that works ahead."""

from pathlib import Path

from hevesy.app.companion import Companion, companion
from hevesy.app.demo_steps import (
    PROTOCOL,
    DemoOutcome,
    Occasions,
    Progress,
    before_therapy,
    course_of,
    dosimetry,
    planned,
)
from hevesy.app.simulated_scan import ScanPlan
from hevesy.app.simulated_scanner import ChosenScanner, SimulatedScanner, chosen_scanner, measured
from hevesy.app.simulated_study import at_activity, begin_study, finish_study
from hevesy.app.virtual_study import VirtualStudy, staged, study_of

# What the phantom scan of the simulated scanner gave.
SETTINGS = """\
# What the headers of the virtual patient cannot say, measured with a phantom on the simulated {scanner}.

[calibration]
u_percent = 3  # against water with hot balls, common to all scans: scatter of other bodies differs so much

[dosimetry]
resolution_mm = {resolution:.1f}  # FWHM of the reconstructed images, from balls of {balls} mm
partial_volume = "yang"  # corrected for that resolution
"""


def run_on_scanner(
    folder: Path,
    scanner: str,
    collimator: str = "",
    *,
    plan: ScanPlan | None = None,
    occasions: Occasions,
    seed: int,
    whole: bool,
    processes: int,
    progress: Progress,
) -> DemoOutcome:
    """The demo, its SPECT from a simulation of a gamma camera and a reconstruction.

    The second process makes the anatomy while this one calibrates, takes its part of the visits, and works ahead on the second
    cycle and on what comes before the therapy while this one computes the doses of the first.
    """
    chosen = chosen_scanner(scanner, collimator, nuclide=occasions.first.nuclide, plan=plan)
    folder.mkdir(parents=True, exist_ok=True)
    with companion(processes) as other:
        used, made = _first(folder, chosen, occasions, seed, other, progress)
        remarks, settings = used.words(occasions.first), _settings(used)
        if not whole:
            return DemoOutcome(first=dosimetry(folder, "", made, settings, remarks=remarks, progress=progress))
        with staged(folder / "study2") as part:
            begun = other.begin(begin_study, part, used, occasions.second, seed, True)
            before = other.begin(before_therapy, folder, occasions.before, seed)
            first = dosimetry(folder, "", made, settings, remarks=remarks, progress=progress)
            found, given = planned(folder, progress)
            again = at_activity(begun.result(), given)
            finish_study(part, again, used, companion=other, progress=progress)
        made = study_of(folder / "study2", again.patient)
        second = dosimetry(folder, "2", made, settings, remarks=used.words(occasions.second), progress=progress)
        eligible = before.result()
    return DemoOutcome(first=first, second=second, eligible=eligible, plan=found, course=course_of(folder, progress))


def _first(
    folder: Path, chosen: ChosenScanner, occasions: Occasions, seed: int, other: Companion, progress: Progress
) -> tuple[SimulatedScanner, VirtualStudy]:
    """The scanner, calibrated, and the study of the first cycle."""
    with staged(folder / "study") as part:
        begun = other.begin(begin_study, part, chosen, occasions.first, seed)
        used = measured(chosen, nuclide=occasions.first.nuclide, progress=progress)
        (folder / PROTOCOL).write_text(used.protocol(), "utf-8")
        patient = begun.result()
        finish_study(part, patient, used, companion=other, progress=progress)
    return used, study_of(folder / "study", patient.patient)


def _settings(used: SimulatedScanner) -> str:
    found = used.calibration
    balls = " and ".join(f"{diameter:g}" for diameter in found.balls)
    return SETTINGS.format(scanner=used.name, resolution=found.resolution, balls=balls)
