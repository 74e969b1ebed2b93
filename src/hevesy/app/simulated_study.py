"""The virtual study on a simulated camera: what does not wait for the activity first, then counts and images of each visit."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from hevesy.app.companion import Alone, Companion
from hevesy.app.simulated_scan import ExpectedScan
from hevesy.app.simulated_scanner import ChosenScanner, SimulatedScanner, in_view
from hevesy.app.simulated_visit import ScannerVisit, expected_visit, write_visit
from hevesy.app.virtual_study import (
    VirtualStudy,
    given_of,
    label_of,
    patient_of,
    staged,
    study_of,
    visit_of,
    write_anatomy,
    write_regions,
)
from hevesy.imaging import VirtualPatient, VirtualPatientSpec
from hevesy.model import Truth

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BegunStudy:
    """A patient whose CTs and regions are written.

    ``expected``: counts of each visit, or () where they are not made yet.
    """

    patient: VirtualPatient
    expected: tuple[ExpectedScan, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Visit:
    """All that one visit needs, in whatever process it is made."""

    folder: Path
    found: SimulatedScanner
    scan: ScannerVisit
    expected: ExpectedScan | None


def make_simulated_study(
    folder: Path,
    found: SimulatedScanner,
    spec: VirtualPatientSpec,
    *,
    seed: int,
    companion: Companion | None = None,
    progress: Progress | None = None,
) -> VirtualStudy:
    """Write the virtual patient into ``folder``, each visit with projections, reconstruction and its noise.

    Organs that reach beyond the field of view are not drawn.  The same seed gives the same values, whoever works beside.
    """
    tell = progress or (lambda text, fraction: None)
    with staged(folder) as part:
        tell("Making a virtual patient", 0.0)
        begun = begin_study(part, found, spec, seed)
        finish_study(part, begun, found, companion=companion or Alone(), progress=tell)
    return study_of(folder, begun.patient)


def begin_study(
    part: Path, used: ChosenScanner | SimulatedScanner, spec: VirtualPatientSpec, seed: int, expecting: bool = False
) -> BegunStudy:
    """Make the patient, write CTs and regions into ``part``.

    Parameters
    ----------
    expecting : bool                    Make the counts to be expected too.
    """
    patient = patient_of(replace(spec, emission=False, organs=in_view(used.camera, spec)), seed)
    visits = range(len(patient.points))
    for n in visits:
        write_anatomy(part, patient, n)
    write_regions(part, patient)
    expected = tuple(expected_visit(used, scan_of(patient, n)) for n in visits) if expecting else ()
    return BegunStudy(patient=patient, expected=expected)


def at_activity(begun: BegunStudy, activity: float) -> BegunStudy:
    """The same study of another administered activity [Bq]: what is true and what is expected goes with it."""
    patient = begun.patient
    factor = activity / patient.spec.administered_activity
    points = tuple(replace(p, activities={name: A * factor for name, A in p.activities.items()}) for p in patient.points)
    made = replace(
        patient,
        spec=replace(patient.spec, administered_activity=activity),
        points=points,
        truths={name: _times(truth, factor) for name, truth in patient.truths.items()},
        total_activities=tuple(A * factor for A in patient.total_activities),
    )
    return BegunStudy(patient=made, expected=tuple(each.times(factor) for each in begun.expected))


def _times(truth: Truth, factor: float) -> Truth:
    return replace(
        truth, time_integrated_activity=truth.time_integrated_activity * factor, mean_dose=truth.mean_dose * factor
    )  # fmt: skip


def finish_study(part: Path, begun: BegunStudy, found: SimulatedScanner, *, companion: Companion, progress: Progress) -> None:
    """Scan each visit and reconstruct it, into ``part``."""
    patient = begun.patient
    count = len(patient.points)
    text = f"Scanning and reconstructing {count} visits"
    progress(text, 0.0)
    visits = [
        _Visit(
            folder=part / label_of(patient, n), found=found, scan=scan_of(patient, n),
            expected=begun.expected[n] if begun.expected else None,
        )
        for n in range(count)
    ]  # fmt: skip
    companion.each(_make, visits, progress=lambda done: progress(text, done))


def scan_of(patient: VirtualPatient, n: int) -> ScannerVisit:
    """The ``n``-th scan of a patient."""
    return ScannerVisit(
        spec=patient.spec, point=patient.points[n], number=patient.spec.visit(n), visit=visit_of(patient, n),
        given=given_of(patient.spec), seed=patient.seed,
    )  # fmt: skip


def _make(visit: _Visit) -> None:
    expected = visit.expected or expected_visit(visit.found, visit.scan)
    write_visit(visit.folder, visit.found, visit.scan, expected)
