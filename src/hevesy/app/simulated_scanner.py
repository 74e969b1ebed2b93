"""The virtual patient on a simulated gamma camera: chosen by name, calibrated, its scans written as DICOM files."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hevesy import __version__
from hevesy.app.scanner_calibration import CameraCalibration, calibrated
from hevesy.app.simulated_scan import Placed, ScanPlan, SimulatedScan, acquisition, reconstructed, scanned, scene_grid
from hevesy.dicom._uids import uid
from hevesy.dicom.projections_hdf5 import write_projections
from hevesy.dicom.visit import Series, Visit
from hevesy.dicom.write_recon import ReconHeader, write_recon
from hevesy.dicom.write_tomo import write_tomo
from hevesy.errors import InputError
from hevesy.imaging import TimePoint, VirtualPatientSpec, mean_to_start
from hevesy.imaging.phantoms import Subject, body_map
from hevesy.imaging.simulate import PEAK, imaged_energy
from hevesy.imaging.simulate.swivel import TURNS
from hevesy.imaging.spect import concentration
from hevesy.imaging.systems import Camera, Collimator, GammaCamera, PetScanner, RingCamera, camera, cameras, scanner
from hevesy.imaging.systems.choice import suited, suits
from hevesy.imaging.systems.collimator import septal_penetration
from hevesy.imaging.systems.photons import photon_lines
from hevesy.imaging.torso import Torso
from hevesy.model import Administration, Image, Quantity
from hevesy.units import MBq, keV

Progress = Callable[[str, float], None]

SAID = {"model": "a model of it and of penetration", "windows": "triple energy windows"}
SEEN = ("Kidney_Left", "Kidney_Right", "Liver", "Spleen")  # the camera is placed for these and the lesions
LEAST = 60 * keV  # of a line that is imaged
MOVED = 15.0  # mm that poses may take a region along the axis
CORRECTIONS = ("ATTN", "SCAT", "DECY")

PROTOCOL = """\
# How the images of this virtual patient were reconstructed; to do it again:
# hevesy reconstruct study/T1_4h --protocol reconstruct.toml -o OUT

[reconstruction]
iterations = {iterations}
subsets = {subsets}
scatter = "{scatter}"
scatter_filter_mm = {scatter_filter:g}
scatter_histories = {histories}
peak_keV = {peak:g}

[scanner]
name = "{scanner}"
collimator = "{collimator}"
sensitivity_cps_per_MBq = {sensitivity:.4f}  # of one head, from a simulated phantom; its geometry alone says {computed:.4f}

[attenuation]
source = "ct"
"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedScanner:
    """A camera with a collimator, how it is used, and what was measured of it."""

    name: str
    camera: Camera
    collimator: Collimator
    plan: ScanPlan
    calibration: CameraCalibration
    remarks: tuple[str, ...]

    @property
    def said(self) -> str:
        """In words, for a report."""
        p, k = self.plan, self.calibration
        return (
            f"The SPECT images are simulated and reconstructed: {self.camera.title or self.name}, collimator "
            f"{self.collimator.name}, {p.energy / keV:.0f} keV, {self._views}; OSEM of {p.iterations} iterations and {p.subsets} "
            f"subsets with attenuation by CT, response of the detector and scatter by {SAID[p.scatter]}. Sensitivity "
            f"{k.sensitivity * MBq:.4g} cps/MBq a head and resolution {k.resolution:.1f} mm were measured with a phantom on it."
        )

    @property
    def _views(self) -> str:
        if isinstance(self.camera, RingCamera):
            return f"{self.camera.columns} columns that swivel at {TURNS} places"
        return f"{self.plan.views} views"

    def words(self, spec: VirtualPatientSpec) -> tuple[str, ...]:
        """Everything a report has to say of the images of this patient."""
        left = [name for name in spec.organs if name not in in_view(self, spec)]
        beyond = (f"not drawn, because they reach beyond the camera's field of view: {', '.join(left)}.",) if left else ()
        return (self.said, *beyond, *self.remarks)

    def protocol(self) -> str:
        """The protocol file for `hevesy reconstruct`."""
        p, k = self.plan, self.calibration
        return PROTOCOL.format(
            iterations=p.iterations, subsets=p.subsets, scatter=p.scatter, scatter_filter=p.scatter_filter,
            histories=p.scatter_histories,
            peak=round(p.energy / keV, 1), scanner=self.name, collimator=self.collimator.name,
            sensitivity=k.sensitivity * MBq, computed=k.computed * MBq,
        )  # fmt: skip


def simulated_scanner(
    name: str, collimator: str = "", *, nuclide: str, plan: ScanPlan | None = None, progress: Progress | None = None
) -> SimulatedScanner:
    """The camera called ``name``, calibrated with a phantom by the protocol of the scans.

    Parameters
    ----------
    name : str                          Of the library, or a user's own TOML file.
    collimator : str                    "": the most sensitive one whose walls stop the imaged line.

    Raises
    ------
    InputError
        An unknown name; a PET scanner; no collimator for the photons of the nuclide.
    """
    tell, plan = progress or (lambda text, fraction: None), plan or ScanPlan()
    tell("calibrating the simulated scanner", 0.0)
    found = _camera(name, plan.line(nuclide))
    energy = _line(found, nuclide) if not plan.energy else plan.energy
    chosen, remarks = _collimator(found, collimator, energy)
    if energy != imaged_energy(nuclide):
        remarks = (*remarks, f"the line of {energy / keV:.0f} keV is imaged: the walls do not stop that of higher energy.")
    if found.dead_time is None:
        remarks = (*remarks, f"{found.name}: no dead time is known; none is simulated.")
    if isinstance(found, RingCamera):
        remarks = (*remarks, *found.remarks)
    plan = replace(plan, energy=energy)

    def done(share: float) -> None:
        tell("calibrating the simulated scanner", 0.5 + 0.5 * share)

    measured = calibrated(found, chosen, plan, nuclide=nuclide, progress=done)
    return SimulatedScanner(
        name=name, camera=found, collimator=chosen, plan=plan, calibration=measured, remarks=remarks
    )  # fmt: skip


def _camera(name: str, energy: float) -> Camera:
    found = scanner(name)
    if not isinstance(found, PetScanner):
        return found
    fit = [n for n in cameras() if isinstance(one := camera(n), GammaCamera) and _fitting(one, energy)]
    raise InputError(
        f"--simulate-scanner {name}: {found.name} is a PET scanner; the demo's SPECT is simulated for gamma cameras with "
        f"parallel holes and rings of columns. Choose one of {', '.join(fit)}."
    )


def _line(found: Camera, nuclide: str) -> float:
    """The line that cameras image of a nuclide; on a ring, whose holes cannot be changed, its strongest that the walls stop."""
    energy = imaged_energy(nuclide)
    if not isinstance(found, RingCamera) or _fitting(found, energy):
        return energy
    low, high = found.energy_range or (0.0, math.inf)
    energies, yields = photon_lines(nuclide)
    lines = [
        (float(y), float(e))
        for e, y in zip(energies, yields, strict=True)
        if max(low * keV, LEAST) <= e <= high * keV and _fitting(found, float(e))
    ]
    return max(lines)[1] if lines else energy


def _fitting(found: Camera, energy: float) -> bool:
    return any(suits(one, energy) for one in found.collimators)


def _collimator(found: Camera, name: str, energy: float) -> tuple[Collimator, tuple[str, ...]]:
    if name:
        chosen = found.collimator(name)
        if chosen.shape == "pinhole":
            raise InputError(f"collimator {chosen.name} is a pinhole; the demo's SPECT needs parallel holes. Choose another.")
        share = 100 * septal_penetration(chosen, energy)
        said = f"collimator {chosen.name}: {share:.0f} % of photons of {1000 * energy:.0f} keV cross a wall on the shortest way."
        return chosen, () if suits(chosen, energy) else (said,)
    chosen = suited(found, energy)
    if len(found.collimators) == 1:
        return chosen, ()
    return chosen, (f"collimator {chosen.name} was chosen: the most sensitive that stops {1000 * energy:.0f} keV.",)


def middle_of(torso: Torso) -> float:
    """Height in the patient at which the middle of the detector stands [mm]: that of the regions to be seen."""
    wanted = {*SEEN, *torso.lesions}
    bounds = [p.solid.bounds for p in torso.pieces if any(layer.region in wanted for layer in p.layers)]
    return round((min(low[2] for low, _ in bounds) + max(high[2] for _, high in bounds)) / 2)


def in_view(found: SimulatedScanner, spec: VirtualPatientSpec) -> tuple[str, ...]:
    """Those of the organs to be drawn that lie in the field of view as a whole, wherever the patient lies."""
    middle, half = middle_of(spec.torso), found.camera.field_of_view[0] / 2 - MOVED
    beyond = set()
    for piece in spec.torso.pieces:
        low, high = (point[2] - middle for point in piece.solid.bounds)
        if low < -half or high > half:
            beyond |= {layer.region for layer in piece.layers}
    return tuple(name for name in spec.organs if name not in beyond)


def write_scan(
    folder: Path,
    found: SimulatedScanner,
    point: TimePoint,
    *,
    spec: VirtualPatientSpec,
    number: int,
    visit: Visit,
    given: Administration,
    seed: int,
    progress: Callable[[float], None] | None = None,
) -> None:
    """Simulate one scan and reconstruct it: ``TOMO/TOMO.dcm`` in three windows, ``SPECT/SPECT.dcm`` in Bq/ml.

    Of columns that swivel the counts are ``TOMO/projections.h5``, because DICOM has no tags for them.

    The activity is the mean over the scan, brought to its start by decay; photons meet the true body, the reconstruction
    knows the CT alone.

    Parameters
    ----------
    number : int                        Of the visit, among all of the patient's.
    """
    middle = middle_of(spec.torso)
    grid = scene_grid(found.camera, found.plan)
    pose = point.pose.copy()
    pose[2, 3] -= middle
    values = concentration(spec.torso, point.activities, grid, pose, fine=spec.fine)
    values *= np.float32(mean_to_start(spec.half_life, point.duration))
    activity = Image(values=values, grid=grid, quantity=Quantity.ACTIVITY_CONCENTRATION)
    body = body_map(Subject(name="patient", title="virtual patient", torso=spec.torso, volumes={}), grid, pose=pose)
    setup = acquisition(
        found.camera, found.collimator, found.plan, nuclide=spec.nuclide, duration=point.duration,
        body=body, grid=grid,
    )  # fmt: skip
    scan = scanned(
        activity, body, setup, found.plan, seed=seed, visit=number,
        placed=Placed(
            start=visit.study_start, centre=(0.0, 0.0, float(middle)), frame_of_reference=point.frame_of_reference
        ),
    )  # fmt: skip
    raw = _counts(folder / "TOMO", found, scan, visit=visit, given=given, half_life=spec.half_life)
    made = reconstructed(scan, found.plan, ct=point.ct, sensitivity=found.calibration.sensitivity, progress=progress)
    method = f"OSEM {found.plan.iterations}x{made.protocol.subsets}"
    header = ReconHeader(
        created=visit.study_start,
        description=f"SPECT simulated, {found.camera.name} {found.collimator.name} {method}",
        method=f"{found.said} hevesy {__version__}",
        start=visit.study_start,
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
    write_recon(folder / "SPECT" / "SPECT.dcm", image, sources=[raw], header=header)


def _counts(
    folder: Path, found: SimulatedScanner, scan: SimulatedScan, *, visit: Visit, given: Administration, half_life: float
) -> Path:
    counts, lasting = scan.projections, float(scan.setup.starts.max() + scan.setup.durations[-1])
    series = _series(visit, 3, f"TOMO {counts.nuclide} {found.collimator.name}, simulated", lasting)
    if scan.setup.is_narrow:
        return write_projections(
            folder / "projections.h5", counts, visit=visit, series=series, heads=found.camera.heads, given=given,
            half_life=half_life,
        )  # fmt: skip
    return write_tomo(folder / "TOMO.dcm", counts, visit=visit, series=series, given=given, half_life=half_life)


def _series(visit: Visit, number: int, description: str, duration: float) -> Series:
    return Series(
        uid=uid(visit.study_uid, "series", number), number=number, description=description[:64], start=visit.study_start,
        duration=duration,
    )  # fmt: skip
