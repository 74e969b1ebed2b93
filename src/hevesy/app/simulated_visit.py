"""A visit of the virtual patient to a simulated camera: the counts to be expected, then the files of the scan."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hevesy import __version__
from hevesy.app.noise_file import SUFFIX, NoiseBed, instance_of, write_noise
from hevesy.app.simulated_scan import ExpectedScan, Placed, acquisition, counted, expected_scan, reconstructed, scene_grid
from hevesy.app.simulated_scanner import ChosenScanner, SimulatedScanner, middle_of
from hevesy.dicom._uids import uid
from hevesy.dicom.projections_hdf5 import write_projections
from hevesy.dicom.visit import Series, Visit
from hevesy.dicom.write_recon import ReconHeader, write_recon
from hevesy.dicom.write_tomo import write_tomo
from hevesy.imaging import TimePoint, VirtualPatientSpec, mean_to_start
from hevesy.imaging.phantoms import Subject, body_map
from hevesy.imaging.simulate import PEAK, Acquisition
from hevesy.imaging.spect import concentration
from hevesy.model import Administration, Image, Projections, Quantity

CORRECTIONS = ("ATTN", "SCAT", "DECY")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScannerVisit:
    """One scan of the virtual patient.

    Attributes
    ----------
    spec : VirtualPatientSpec
    point : TimePoint
    number : int                        Of the visit, among all of the patient's.
    visit : Visit                       What its headers say.
    given : Administration
    seed : int
    """

    spec: VirtualPatientSpec
    point: TimePoint
    number: int
    visit: Visit
    given: Administration
    seed: int


def expected_visit(used: ChosenScanner | SimulatedScanner, scan: ScannerVisit) -> ExpectedScan:
    """The counts to be expected; they go with the activity.

    The activity is the mean over the scan, brought to its start by decay; photons meet the true body.
    """
    spec, point = scan.spec, scan.point
    grid = scene_grid(used.camera, used.plan)
    pose = point.pose.copy()
    pose[2, 3] -= middle_of(spec.torso)
    values = concentration(spec.torso, point.activities, grid, pose, fine=spec.fine)
    values *= np.float32(mean_to_start(spec.half_life, point.duration))
    activity = Image(values=values, grid=grid, quantity=Quantity.ACTIVITY_CONCENTRATION)
    body = body_map(Subject(name="patient", title="virtual patient", torso=spec.torso, volumes={}), grid, pose=pose)
    setup = acquisition(
        used.camera, used.collimator, used.plan, nuclide=spec.nuclide, duration=point.duration, body=body, grid=grid
    )  # fmt: skip
    return expected_scan(activity, body, setup, used.plan, seed=scan.seed, visit=scan.number)


def write_visit(
    folder: Path,
    found: SimulatedScanner,
    scan: ScannerVisit,
    expected: ExpectedScan,
    *,
    progress: Callable[[float], None] | None = None,
) -> None:
    """Count and reconstruct: ``TOMO/TOMO.dcm`` in three windows, ``SPECT/SPECT.dcm`` in Bq/ml.

    ``SPECT/SPECT_noise.h5`` beside it holds what its counting noise follows from.  Of columns that swivel the counts are
    ``TOMO/projections.h5``, because DICOM has no tags for them.  The reconstruction knows the CT alone.
    """
    point, setup, start = scan.point, expected.setup, scan.visit.study_start
    placed = Placed(
        start=start, centre=(0.0, 0.0, float(middle_of(scan.spec.torso))), frame_of_reference=point.frame_of_reference
    )  # fmt: skip
    counts = counted(expected, placed=placed, seed=scan.seed, visit=scan.number)
    raw = _write_counts(folder / "TOMO", found, counts, setup, scan)
    made = reconstructed(counts, setup, found.plan, ct=point.ct, sensitivity=found.calibration.sensitivity, progress=progress)
    method = f"OSEM {found.plan.iterations}x{made.noise.settings.subsets}"
    header = ReconHeader(
        created=start,
        description=f"SPECT simulated, {found.camera.name} {found.collimator.name} {method}",
        method=f"{found.said} hevesy {__version__}",
        start=start,
        view_duration=float(setup.durations[0]),
        views=setup.orbit.views // found.camera.heads,
        start_angle=float(setup.orbit.angles[0]),
        step=360.0 / setup.orbit.views,
        radius=float(setup.orbit.radii.mean()),
        corrections=CORRECTIONS,
        window=next(w for w in setup.windows if w.name == PEAK),
        collimator=found.collimator.name,
    )
    image = replace(made.image, values=np.maximum(made.image.values, np.float32(0)))
    file = folder / "SPECT" / "SPECT.dcm"
    write_recon(file, image, sources=[raw], header=header)
    write_noise(file.with_name(f"{file.stem}{SUFFIX}"), (NoiseBed(model=made.noise),), instance=instance_of(file), method=method)


def _write_counts(folder: Path, found: SimulatedScanner, counts: Projections, setup: Acquisition, scan: ScannerVisit) -> Path:
    visit, half_life = scan.visit, scan.spec.half_life
    series = Series(
        uid=uid(visit.study_uid, "series", 3), number=3,
        description=f"TOMO {counts.nuclide} {found.collimator.name}, simulated"[:64], start=visit.study_start,
        duration=float(setup.starts.max() + setup.durations[-1]),
    )  # fmt: skip
    if setup.is_narrow:
        return write_projections(
            folder / "projections.h5", counts, visit=visit, series=series, heads=found.camera.heads, given=scan.given,
            half_life=half_life,
        )  # fmt: skip
    return write_tomo(folder / "TOMO.dcm", counts, visit=visit, series=series, given=scan.given, half_life=half_life)
