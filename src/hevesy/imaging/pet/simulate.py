"""Coincidences of an activity and an attenuation map, photon by photon; expected counts made Poisson."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError, ScopeError
from hevesy.imaging.pet.cylinder import ANNIHILATION, POSITRONS_F18, from_scanner, pair_efficiency
from hevesy.imaging.pet.field import Field, checked
from hevesy.imaging.pet.listmode import ListMode
from hevesy.imaging.pet.rebinned import MM_PER_PS
from hevesy.imaging.pet.resolution import FWHM
from hevesy.imaging.pet.rings import Rings, rings_of
from hevesy.imaging.systems.pet_scanner import PetScanner
from hevesy.rng import stream

PS = 1e-12

# Annihilations of a batch; a batch has its own random stream.
BATCH = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """What the simulated detector does with photons.

    Attributes
    ----------
    rings : Rings
    stopping : float                Attenuation coefficient of the crystal times its depth at 511 keV [1].
    pair_efficiency : float         Share of unscattered pairs counted at normal entry [1].
    window : (low, high)            Energy window [MeV].
    energy_fwhm : float             Energy resolution at 511 keV, FWHM over energy [1].
    tof_fwhm : float                [ps]; 0 without.
    resolution : (transaxial, axial)    Blur of the place of annihilation, FWHM [mm].
    crystal : (material, depth)     What scattered photons are stopped by [mm]; empty: as those of 511 keV.
    """

    rings: Rings
    stopping: float
    pair_efficiency: float
    window: tuple[float, float]
    energy_fwhm: float
    tof_fwhm: float
    resolution: tuple[float, float]
    crystal: tuple[()] | tuple[str, float] = ()

    def __post_init__(self) -> None:
        if not 0 < self.pair_efficiency <= 1:
            raise InputError(f"pair efficiency is {self.pair_efficiency}; above 0 and at most 1 is possible.")
        if not 0 < self.window[0] < ANNIHILATION < self.window[1] < 5:
            raise InputError(f"energy window is {self.window} MeV; it must hold 0.511 MeV. Give MeV, not keV.")
        if not 0.01 <= self.energy_fwhm <= 0.6:
            raise InputError(f"energy resolution is {self.energy_fwhm}; a fraction from 0.01 to 0.6 is meant (10 % is 0.1).")

    def taken(self, energy: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Photons of an energy [MeV] counted in the window, over those of 511 keV [1].

            e(E) / e(511),      e = (1 - exp(-mu(E) d)) k(E) P(E)

        P is the Gaussian of the energy resolution within the window, its width growing as sqrt(E). With `crystal` the
        photons of lower energy are also stopped by more crystal, and fewer of them leave it after a scattering
        (:func:`hevesy.imaging.systems.crystal.window_efficiency`).
        """
        return _taken(self.crystal, self.window, self.energy_fwhm, np.asarray(energy, np.float64))


def _taken(
    crystal: tuple[()] | tuple[str, float], window: tuple[float, float], energy_fwhm: float, energy: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    from scipy.special import erf

    from hevesy.imaging.systems.crystal import window_efficiency

    def inside(E: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        sigma = energy_fwhm * ANNIHILATION / FWHM * np.sqrt(np.maximum(E, 1e-6) / ANNIHILATION) * math.sqrt(2)
        return np.asarray(erf((window[1] - E) / sigma) - erf((window[0] - E) / sigma))

    share = np.asarray(inside(energy) / inside(np.array(ANNIHILATION)))
    if not crystal:
        return share

    def counted(E: float) -> float:
        wide = energy_fwhm * math.sqrt(ANNIHILATION / E)
        return window_efficiency(*crystal, E, energy_resolution=wide, limits=window)

    whole = counted(ANNIHILATION)
    seen = (share > 1e-4) & (energy > 0.05)
    share[~seen] = 0.0
    share[seen] = [counted(float(E)) / whole for E in energy[seen]]
    return share


def detection_of(scanner: PetScanner, rings: Rings | None = None, *, energy_fwhm: float | None = None) -> Detection:
    """The detector of a scanner of the library; ``rings`` to simulate it with coarser crystals, ``energy_fwhm`` where its
    table has no energy resolution."""
    energy_fwhm = scanner.energy_resolution if energy_fwhm is None else energy_fwhm
    if scanner.energy_window is None or energy_fwhm is None:
        raise ScopeError(
            f"scanner {scanner.name} has no energy window or energy resolution; scatter cannot be simulated. "
            "Give both in your own file."
        )
    across, along = scanner.resolution_transverse or 4.0, scanner.resolution_axial or 4.0
    return Detection(
        rings=rings or rings_of(scanner),
        stopping=from_scanner(scanner).stopping,
        pair_efficiency=pair_efficiency(scanner),
        window=(scanner.energy_window.lower / 1000, scanner.energy_window.upper / 1000),
        energy_fwhm=energy_fwhm,
        tof_fwhm=(scanner.tof_resolution or 0.0) / PS,
        resolution=(across, along),
        crystal=(scanner.crystal_material, scanner.crystal[2]),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Simulated:
    """What `coincidences` found.

    Attributes
    ----------
    events : ListMode               Trues and scatters; `events.kind` tells the number of scatters.
    singles : array, shape (crystals,)      Photons counted in each crystal.
    annihilations : int
    """

    events: ListMode
    singles: npt.NDArray[np.int64]
    annihilations: int


def coincidences(
    field: Field,
    activity: npt.NDArray[Any],
    mu: npt.NDArray[Any],
    detection: Detection,
    *,
    duration: float,
    seed: int,
    yield_: float = POSITRONS_F18,
    most_scatters: int = 4,
) -> Simulated:
    """Play the annihilations of a scan and keep the coincidences of true and scattered pairs.

    Parameters
    ----------
    activity : array, shape (z, y, x)   Mean over the scan [Bq/ml].
    mu : array, shape (z, y, x)         Attenuation coefficient at 511 keV [1/mm].
    duration : float                    [s].
    yield_ : float                      Positrons a decay [1].
    most_scatters : int                 Photons that scatter more often are given up.

    Photons fly by delta tracking and scatter from free electrons (Klein and Nishina); the crystals are a closed cylinder
    whose efficiency is that of the NEMA sensitivity. Every attenuation is taken as Compton scattering.

    Neglected: coherent scattering, binding of electrons, photoelectric effect (0.2 % in water), positron range and
    acollinearity other than by the resolution, scatter in the detector and gantry, randoms (see `randoms`) and dead time.
    Woodcock tracking: Woodcock et al., ANL-7050 (1965) 557.
    """
    from hevesy.imaging.pet._kernels import pairs as loops
    from hevesy.imaging.pet._kernels.pairs import STEP
    from hevesy.transport._kernels.chance import words

    values, map_ = checked(field, np.transpose(activity), "the activity"), checked(field, np.transpose(mu), "the attenuation map")
    if not duration > 0 or values.min() < 0 or map_.min() < 0:
        raise InputError("a scan needs a duration above 0 s, and activity and attenuation of at least 0. Check the images.")
    if map_.max() > 0.05:
        raise InputError(
            f"the attenuation map reaches {map_.max():g} 1/mm; tissue at 511 keV lies below 0.02. Give 1/mm, not 1/cm."
        )
    cumulative = loops.whole_cumulative(values)
    mean = float(cumulative[-1]) * field.voxel_volume * duration * yield_
    number = int(stream(seed, 0).poisson(mean))
    constants = _constants(detection)
    taken = detection.taken(np.arange(round(0.52 / STEP)) * STEP)
    blur = np.array(detection.resolution) / FWHM
    singles = np.zeros(detection.rings.crystals, np.int64)
    rows: list[tuple[Any, Any, Any]] = []
    for batch in range(math.ceil(number / BATCH)):
        size = min(BATCH, number - batch * BATCH)
        pair, offset, kind = np.empty((size, 2), np.int32), np.empty(size, np.float32), np.empty(size, np.int8)
        sides = np.array([field.side, field.thickness])
        found = loops.decays(
            size,
            cumulative,
            map_,
            sides,
            blur,
            constants,
            taken,
            most_scatters,
            words(stream(seed, batch + 1)),
            pair,
            offset,
            kind,
            singles,
        )
        rows.append((pair[:found].copy(), offset[:found].copy(), kind[:found].copy()))
    nothing = (np.empty((0, 2), np.int32), np.empty(0, np.float32), np.empty(0, np.int8))
    pair, offset, kind = (np.concatenate(column) for column in zip(nothing, *rows, strict=True))
    events = _events(pair, offset, kind, detection=detection, duration=duration, seed=seed)
    return Simulated(events=events, singles=singles, annihilations=number)


def _events(
    pair: npt.NDArray[np.int32],
    offset: npt.NDArray[np.float32],
    kind: npt.NDArray[np.int8],
    *,
    detection: Detection,
    duration: float,
    seed: int,
) -> ListMode:
    timed = detection.tof_fwhm > 0
    return ListMode(
        rings=detection.rings,
        pairs=pair,
        offset=offset if timed else np.empty(0, np.float32),
        tof_fwhm=detection.tof_fwhm,
        duration=duration,
        time=np.sort(stream(seed, 10**9).random(len(pair))).astype(np.float32) * np.float32(duration),
        kind=kind,
    )


def _constants(detection: Detection) -> npt.NDArray[np.float64]:
    rings = detection.rings
    return np.array([
        rings.radius, rings.length / 2, rings.per_ring, rings.rings, rings.most_rings_apart, math.sqrt(detection.pair_efficiency),
        detection.stopping, detection.tof_fwhm * MM_PER_PS / FWHM,
    ])  # fmt: skip


def poisson(expected: npt.NDArray[Any], *, seed: int, batch: int = 0) -> npt.NDArray[np.float32]:
    """Counts drawn from their expectation, as float32."""
    if np.min(expected) < 0:
        raise InputError(f"an expected count is {np.min(expected):g}; counts are at least 0. Check scatter and randoms.")
    return np.asarray(stream(seed, batch).poisson(expected), dtype=np.float32)
