"""A simulated gamma camera for the virtual patient: chosen by name, calibrated, described in words."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from hevesy.app.scanner_calibration import CameraCalibration, calibrated
from hevesy.app.simulated_scan import ScanPlan
from hevesy.errors import InputError
from hevesy.imaging import VirtualPatientSpec
from hevesy.imaging.simulate import imaged_energy
from hevesy.imaging.simulate.swivel import TURNS
from hevesy.imaging.systems import Camera, Collimator, GammaCamera, PetScanner, RingCamera, cameras, scanner
from hevesy.imaging.systems import camera as camera_of
from hevesy.imaging.systems.choice import suited, suits
from hevesy.imaging.systems.collimator import septal_penetration
from hevesy.imaging.systems.photons import photon_lines
from hevesy.imaging.torso import Torso
from hevesy.units import MBq, keV

Progress = Callable[[str, float], None]

SAID = {"model": "a model of it and of penetration", "windows": "triple energy windows"}
SEEN = ("Kidney_Left", "Kidney_Right", "Liver", "Spleen")  # the camera is placed for these and the lesions
LEAST = 60 * keV  # of a line that is imaged
# Photons that a ring needs to be followed at 113 keV, where most of its counts are scattered: with a quarter of them the
# middle of a cylinder reads from 0.94 to 1.00, with these from 0.97.
OF_RINGS = ScanPlan(histories=800_000, scatter_histories=1_600_000)
MOVED = 15.0  # mm that poses may take a region along the axis
MEASURING = "calibrating the simulated scanner"

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
class ChosenScanner:
    """A camera with a collimator, and how it is used."""

    name: str
    camera: Camera
    collimator: Collimator
    plan: ScanPlan
    remarks: tuple[str, ...]


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
        outside = beyond_view(self.camera, spec)
        left = [name for name in spec.organs if name in outside]
        cut = [name for name in spec.torso.lesions if name in outside]
        said = []
        if left:
            said.append(f"not drawn, because they reach beyond the camera's field of view: {', '.join(left)}.")
        if cut:
            said.append(f"may reach beyond the camera's field of view, where activity is not measured: {', '.join(cut)}.")
        return (self.said, *said, *self.remarks)

    def protocol(self) -> str:
        """The protocol file for `hevesy reconstruct`."""
        p, k = self.plan, self.calibration
        return PROTOCOL.format(
            iterations=p.iterations, subsets=p.subsets, scatter=p.scatter, scatter_filter=p.scatter_filter,
            histories=p.scatter_histories,
            peak=round(p.energy / keV, 1), scanner=self.name, collimator=self.collimator.name,
            sensitivity=k.sensitivity * MBq, computed=k.computed * MBq,
        )  # fmt: skip


def simulated_scanner(name: str, collimator: str = "", *, nuclide: str, plan: ScanPlan | None = None) -> SimulatedScanner:
    """The camera called ``name``, calibrated with a phantom by the protocol of the scans."""
    return measured(chosen_scanner(name, collimator, nuclide=nuclide, plan=plan), nuclide=nuclide)


def measured(chosen: ChosenScanner, *, nuclide: str, progress: Progress | None = None) -> SimulatedScanner:
    """A camera, calibrated with a phantom by the protocol of the scans."""
    tell = progress or (lambda text, fraction: None)
    tell(MEASURING, 0.0)
    found = calibrated(
        chosen.camera, chosen.collimator, chosen.plan, nuclide=nuclide, progress=lambda share: tell(MEASURING, 0.5 + 0.5 * share)
    )
    return SimulatedScanner(
        name=chosen.name, camera=chosen.camera, collimator=chosen.collimator, plan=chosen.plan, calibration=found,
        remarks=chosen.remarks,
    )  # fmt: skip


def chosen_scanner(name: str, collimator: str = "", *, nuclide: str, plan: ScanPlan | None = None) -> ChosenScanner:
    """The camera called ``name`` with a collimator for the photons of a nuclide.

    Parameters
    ----------
    name : str                          Of the library, or a user's own TOML file.
    collimator : str                    "": the most sensitive one whose walls stop the imaged line.

    Raises
    ------
    InputError
        An unknown name; a PET scanner; no collimator for the photons of the nuclide.
    """
    found = _camera(name, (plan or ScanPlan()).line(nuclide))
    plan = plan or (OF_RINGS if isinstance(found, RingCamera) else ScanPlan())
    energy = _line(found, nuclide) if not plan.energy else plan.energy
    chosen, remarks = _collimator(found, collimator, energy)
    if energy != imaged_energy(nuclide):
        remarks = (*remarks, f"the line of {energy / keV:.0f} keV is imaged: the walls do not stop that of higher energy.")
    if found.dead_time is None:
        remarks = (*remarks, f"{found.name}: no dead time is known; none is simulated.")
    if isinstance(found, RingCamera):
        remarks = (*remarks, *found.remarks)
    return ChosenScanner(
        name=name, camera=found, collimator=chosen, plan=replace(plan, energy=energy), remarks=remarks
    )  # fmt: skip


def _camera(name: str, energy: float) -> Camera:
    found = scanner(name)
    if not isinstance(found, PetScanner):
        return found
    fit = [n for n in cameras() if isinstance(one := camera_of(n), GammaCamera) and _fitting(one, energy)]
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


def in_view(camera: Camera, spec: VirtualPatientSpec) -> tuple[str, ...]:
    """Those of the organs to be drawn that lie in the field of view as a whole, wherever the patient lies."""
    outside = beyond_view(camera, spec)
    return tuple(name for name in spec.organs if name not in outside)


def beyond_view(camera: Camera, spec: VirtualPatientSpec) -> set[str]:
    """Regions of which some part may lie outside the field of view."""
    middle, half = middle_of(spec.torso), camera.field_of_view[0] / 2 - MOVED
    outside = set()
    for piece in spec.torso.pieces:
        low, high = (point[2] - middle for point in piece.solid.bounds)
        if low < -half or high > half:
            outside |= {layer.region for layer in piece.layers}
    return outside
