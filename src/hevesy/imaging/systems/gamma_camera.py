"""Gamma cameras and rings of solid-state columns, and how sharply and how often they see a photon."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.systems.collimator import Collimator, geometric_efficiency, geometric_resolution
from hevesy.imaging.systems.crystal import CRYSTALS, photopeak_efficiency, window_efficiency
from hevesy.imaging.systems.naming import nearest
from hevesy.imaging.systems.origin import Origin
from hevesy.imaging.systems.photons import photon_lines
from hevesy.model.acquisition import EnergyWindow

Array = npt.NDArray[np.float64]

# NEMA NU 1 measures count rate with a 20 % window, at the rate where 20 % of the counts are lost.
WINDOW = 0.20
_LOSS = 0.20
_BOUNDS: dict[str, tuple[float, float, str]] = {
    "crystal_thickness": (1.0, 50.0, "mm"),
    "intrinsic_resolution": (0.5, 10.0, "mm"),
    "energy_resolution": (0.005, 0.30, "of the energy"),
    "reference_energy": (0.03, 1.0, "MeV"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GammaCamera:
    """Flat heads that turn about the patient.

    Attributes
    ----------
    name, title, maker : str
    heads : int
    field_of_view : (axial, transaxial)     Of a head [mm].
    crystal_material : str                  "NaI" or "CZT".
    crystal_thickness : float               [mm].
    intrinsic_resolution : float            FWHM at ``reference_energy`` [mm]; with pixels their pitch.
    energy_resolution : float               FWHM over energy at ``reference_energy`` [1].
    reference_energy : float                [MeV].
    pixel_pitch : float                     Of a solid-state detector [mm]; 0 for one continuous crystal.
    rate_at_20_percent_loss : float or None     Observed, a head [1/s].
    collimators : tuple of Collimator
    origins : mapping                       Origin by figure.
    remarks : tuple of str
    """

    name: str
    title: str = ""
    maker: str = ""
    heads: int
    field_of_view: tuple[float, float]
    crystal_material: str
    crystal_thickness: float
    intrinsic_resolution: float
    energy_resolution: float
    reference_energy: float = 0.1405
    pixel_pitch: float = 0.0
    rate_at_20_percent_loss: float | None = None
    collimators: tuple[Collimator, ...]
    origins: Mapping[str, Origin] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check(self)
        if not 1 <= self.heads <= 4:
            raise InputError(f"camera {self.name}: has {self.heads} heads; allowed are 1 to 4. A ring is kind = 'ring'.")
        for length in self.field_of_view:
            if not 50 <= length <= 1000:
                raise InputError(
                    f"camera {self.name}: a field of view of {length} mm; allowed is 50 to 1000 mm. Give millimetres."
                )

    @property
    def dead_time(self) -> float | None:
        """Of a paralysable head [s], or None where no rate is known: tau = 0.8 ln(1/0.8) / m at 20 % loss."""
        return _dead_time(self.rate_at_20_percent_loss)

    def collimator(self, name: str) -> Collimator:
        """The collimator called ``name``; an unknown one is refused with those that exist."""
        return _collimator(self, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class RingCamera:
    """Solid-state columns about the patient, each of which swivels about its own long axis.

    Attributes
    ----------
    name, title, maker : str
    columns : int                           About the ring.
    modules : int                           Along a column.
    pixels : (axial, transaxial)            Of a module.
    pixel_pitch : float                     [mm].
    crystal_material, crystal_thickness, intrinsic_resolution, energy_resolution, reference_energy
                                            As for :class:`GammaCamera`; the intrinsic resolution is the pitch.
    swivel : (lower, upper) or None         Angles through which a column turns, 0 towards the axis [degrees].
    radius : (least, most) or None          Of the face of the collimator from the axis of the ring [mm].
    axial_length : float                    Of a column [mm]; with the gaps between modules.
    energy_range : (lower, upper) or None   In which it counts [keV].
    rate_at_20_percent_loss : float or None     Observed, of the whole system [1/s].
    collimators : tuple of Collimator       One: it cannot be changed.
    origins, remarks                        As for :class:`GammaCamera`.
    """

    name: str
    title: str = ""
    maker: str = ""
    columns: int
    modules: int
    pixels: tuple[int, int]
    pixel_pitch: float
    crystal_material: str
    crystal_thickness: float
    intrinsic_resolution: float
    energy_resolution: float
    reference_energy: float = 0.1405
    swivel: tuple[float, float] | None = None
    radius: tuple[float, float] | None = None
    axial_length: float
    energy_range: tuple[float, float] | None = None
    rate_at_20_percent_loss: float | None = None
    collimators: tuple[Collimator, ...]
    origins: Mapping[str, Origin] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check(self)
        for what, value, least, most in (("columns", self.columns, 3, 36), ("modules", self.modules, 1, 40)):
            if not least <= value <= most:
                raise InputError(f"camera {self.name}: has {value} {what}; allowed are {least} to {most}. Correct the file.")
        made = self.modules * self.pixels[0] * self.pixel_pitch
        if not 0.98 * made <= self.axial_length <= 1.3 * made:
            raise InputError(
                f"camera {self.name}: a column is {self.axial_length} mm long, its pixels make {made:.1f} mm; allowed is up to "
                "30 % of gaps. Correct modules, pixels, pitch or length."
            )
        for what, pair in (("swivel", self.swivel), ("radius", self.radius), ("energy range", self.energy_range)):
            if pair is not None and not pair[0] < pair[1]:
                raise InputError(f"camera {self.name}: {what} goes from {pair[0]} to {pair[1]}; it must increase. Swap the two.")

    @property
    def width(self) -> float:
        """Of a column, across the ring [mm]."""
        return self.pixels[1] * self.pixel_pitch

    @property
    def field_of_view(self) -> tuple[float, float]:
        """Axial and transaxial, of one column [mm]."""
        return (self.axial_length, self.width)

    @property
    def heads(self) -> int:
        """The columns: each is a head of its own."""
        return self.columns

    @property
    def dead_time(self) -> float | None:
        """Of a paralysable column [s], an even share of the rate each; None where no rate is known."""
        rate = self.rate_at_20_percent_loss
        return _dead_time(None if rate is None else rate / self.columns)

    def collimator(self, name: str) -> Collimator:
        """The collimator called ``name``; an unknown one is refused with those that exist."""
        return _collimator(self, name)


Camera = GammaCamera | RingCamera


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorResponse:
    """How wide a point looks on the detector.

    ``camera``, ``collimator``, and ``energy`` [MeV] that was seen.
    """

    camera: Camera
    collimator: Collimator
    energy: float

    def fwhm(self, distance: npt.ArrayLike) -> Array:
        """FWHM of the system at ``distance`` [mm] from the face of the collimator, at the scale of the object [mm].

            parallel   R = sqrt(R_g^2 + R_i^2)
            pinhole    R = sqrt(R_g^2 + (R_i z / f)^2)

        Neglected: tails by penetration and scatter in the collimator. Reference: Cherry, Sorenson, Phelps, Physics in
        Nuclear Medicine, 4th ed., eq. 14-8 and section 14.C.
        """
        z = np.asarray(distance, dtype=np.float64)
        intrinsic = intrinsic_resolution(self.camera, self.energy)
        if self.collimator.shape == "pinhole":
            scaled = intrinsic * z / self.collimator.length
            return np.asarray(np.hypot(geometric_resolution(self.collimator, z, self.energy), scaled))
        return np.asarray(np.hypot(geometric_resolution(self.collimator, z, self.energy), intrinsic))


def detector_response(camera: Camera, collimator: Collimator, energy: float) -> DetectorResponse:
    """The response of ``camera`` behind ``collimator`` to photons of ``energy`` [MeV]."""
    return DetectorResponse(camera=camera, collimator=collimator, energy=energy)


def intrinsic_resolution(camera: Camera, energy: float) -> float:
    """FWHM of the detector itself at ``energy`` [MeV], in [mm].

    Light collection spreads as 1/sqrt(E) in a continuous crystal; pixels stay as wide as they are. Neglected: the range
    of scattered photons in the crystal, which dominates above some 500 keV. Reference: Cherry et al., section 14.A.
    """
    if camera.pixel_pitch:
        return camera.intrinsic_resolution
    return camera.intrinsic_resolution * math.sqrt(camera.reference_energy / energy)


def energy_resolution(camera: Camera, energy: float) -> float:
    """FWHM over energy at ``energy`` [MeV], which falls as 1/sqrt(E) from the camera's own figure [1]."""
    return camera.energy_resolution * math.sqrt(camera.reference_energy / energy)


def detector_efficiency(camera: Camera, energy: float, *, window: float = WINDOW) -> float:
    """Share of photons through the collimator that are counted in a window of relative width ``window`` [1]."""
    return photopeak_efficiency(
        camera.crystal_material,
        camera.crystal_thickness,
        energy,
        energy_resolution=energy_resolution(camera, energy),
        window=window,
    )


def sensitivity(
    camera: Camera,
    collimator: Collimator,
    energy: float,
    yield_per_decay: float,
    *,
    distance: float | None = None,
    window: float = WINDOW,
) -> float:
    """Counts of one head for each decay of a point in air, in a window about one line [counts/(Bq s)].

        S = Y g(E) eps(E)

    Parameters
    ----------
    energy : float                      Of the line [MeV].
    yield_per_decay : float             Y [1].
    distance : float                    Of the point from the aperture; only for a pinhole [mm].
    window : float                      Whole width over energy [1].

    Neglected: penetration of septa and scatter, in the collimator and behind the crystal: 1 to 3 % at 140 keV, more
    than the geometric counts themselves may be at 364 keV. Reference: Anger, J. Nucl. Med. 5 (1964) 515.
    """
    if not 0 < yield_per_decay <= 3:
        raise InputError(f"yield is {yield_per_decay} photons per decay; allowed is 0 to 3. Give it per decay, not in per cent.")
    geometric = geometric_efficiency(collimator, energy, distance=distance)
    return yield_per_decay * geometric * detector_efficiency(camera, energy, window=window)


def window_sensitivity(
    camera: Camera, collimator: Collimator, nuclide: str, window: EnergyWindow, *, distance: float | None = None
) -> float:
    """Counts of one head for each decay of a point of ``nuclide`` in air, by its lines inside ``window`` [counts/(Bq s)].

        S = sum of Y g eps over the photon lines between the limits, each with the share of its peak inside them

    Daughters that follow at once are counted. Neglected: as in :func:`sensitivity`, and photons of higher lines that
    scatter down into the window. Raises InputError where no line lies in it.
    """
    total = 0.0
    for energy, per_decay in zip(*photon_lines(nuclide), strict=True):
        if window.lower <= energy * 1000 <= window.upper and per_decay > 0:
            total += float(per_decay) * _counted(camera, collimator, float(energy), window, distance)
    if not total:
        raise InputError(
            f"{nuclide}: has no photon line from {window.lower:g} to {window.upper:g} keV. Put it about one of its lines."
        )
    return total


def _counted(camera: Camera, collimator: Collimator, energy: float, window: EnergyWindow, distance: float | None) -> float:
    efficiency = window_efficiency(
        camera.crystal_material,
        camera.crystal_thickness,
        energy,
        energy_resolution=energy_resolution(camera, energy),
        limits=(window.lower / 1000, window.upper / 1000),
    )
    return efficiency * geometric_efficiency(collimator, energy, distance=distance)


def _dead_time(rate: float | None) -> float | None:
    return None if rate is None else (1 - _LOSS) * math.log(1 / (1 - _LOSS)) / rate


def _collimator(camera: Camera, name: str) -> Collimator:
    found = {c.name.casefold(): c for c in camera.collimators}
    if name.casefold() not in found:
        known = [c.name for c in camera.collimators]
        raise InputError(f"camera {camera.name}: has no collimator {name!r}. {nearest(name, known)}")
    return found[name.casefold()]


def _check(camera: Camera) -> None:
    if camera.crystal_material not in CRYSTALS:
        known = ", ".join(CRYSTALS)
        raise InputError(f"camera {camera.name}: crystal is {camera.crystal_material!r}; known are {known}. Use one of them.")
    for what, (least, most, unit) in _BOUNDS.items():
        value = getattr(camera, what)
        if not least <= value <= most:
            words = what.replace("_", " ")
            raise InputError(f"camera {camera.name}: {words} is {value} {unit}; allowed is {least:g} to {most:g}. Correct it.")
    if not camera.collimators:
        raise InputError(f"camera {camera.name}: has no collimator. Give at least one.")
    names = [c.name.casefold() for c in camera.collimators]
    if len(set(names)) < len(names):
        raise InputError(f"camera {camera.name}: two collimators have one name. Give each its own.")
    object.__setattr__(camera, "origins", MappingProxyType(dict(camera.origins)))
