"""Where the six spheres of an IEC body phantom lie, found in the image itself."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError, InputError
from hevesy.model.arrays import frozen
from hevesy.quantify.recovery import FWHM_PER_SIGMA

Array = npt.NDArray[Any]

# Inner diameters in the order in which they stand round the ring, and the radius of the ring [mm]: IEC 61675-1, NEMA NU 2.
DIAMETERS = (37.0, 28.0, 22.0, 17.0, 13.0, 10.0)
RING = 57.2
# A sphere further from its place in the best rigid ring, or a fit worse than that, is no IEC phantom [mm].
OFF, RMS = 6.0, 4.0
# What a hot sphere must show over the background, as a share of what the largest shows.
SHOWS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spheres:
    """Six spheres in the image.

    Attributes
    ----------
    diameters : ndarray, shape (6,)     Inner, falling [mm].
    centres : ndarray, shape (6, 3)     (x, y, z) along columns, rows and slices from the centre of the first voxel [mm].
    background : float                  Median of the warm body, in the unit of the image.
    residual : float                    Root mean square distance of the single spheres from the rigid ring [mm]; nan where
                                        positions were stated.
    """

    diameters: npt.NDArray[np.float64]
    centres: npt.NDArray[np.float64]
    background: float
    residual: float

    def __post_init__(self) -> None:
        diameters, centres = frozen(self.diameters), frozen(self.centres)
        if diameters.ndim != 1 or diameters.size == 0 or centres.shape != (diameters.size, 3):
            raise InputError(f"spheres need a diameter and a centre each; got {diameters.shape} and {centres.shape}.")
        object.__setattr__(self, "diameters", diameters)
        object.__setattr__(self, "centres", centres)

    @property
    def middle(self) -> npt.NDArray[np.float64]:
        """Centre of the ring: mean of the six [mm]."""
        return np.asarray(self.centres.mean(axis=0))


def background_level(values: Array) -> float:
    """Median of the warm body: of all voxels above the mean of the image, which air pulls down.

    Neglected: that hot spheres belong to it; they are under 2 % of the body.
    """
    mean = float(np.mean(values))
    if not (math.isfinite(mean) and mean > 0):
        raise DataError(f"the image has a mean of {mean:g}; a phantom with activity is needed. Check the file.")
    return float(np.median(values[values > mean]))


def find_spheres(values: Array, spacing: tuple[float, float, float], *, cold: tuple[float, ...] = ()) -> Spheres:
    """The six spheres: the largest hot one by its counts, the others by turning the ring, all by centroid, then rigidly.

    Parameters
    ----------
    values : array, shape (z, y, x)     The phantom, its axis along z within some degrees, any unit.
    spacing : (x, y, z)                 Voxel sides [mm].
    cold : tuple of float               Diameters that hold no activity: (37, 28) in NEMA NU 2-2007.

    The ring is a regular hexagon, so that its positions fit in twelve ways; brightness of the spheres, blurred to 22 mm,
    decides which. The result is refused if a centroid lies 6 mm or more from the rigid ring, if the ring is off by 4 mm
    in the mean square, or if the blurred brightness does not fall from sphere to sphere.

    Raises
    ------
    DataError
        These are not six spheres of that phantom; the message says what did not fit.
    """
    from scipy.ndimage import gaussian_filter

    hot = np.array([d not in cold for d in DIAMETERS])
    if not hot.any() or len(set(cold) - set(DIAMETERS)):
        raise InputError(f"cold spheres are {cold}; allowed are some of {DIAMETERS}, not all.")
    background = background_level(values)
    excess = np.asarray(values, dtype=np.float32) - np.float32(background)
    sharp, blunt = (gaussian_filter(excess, [f / FWHM_PER_SIGMA / s for s in spacing[::-1]]) for f in (8.0, 22.0))
    anchor = int(np.flatnonzero(hot)[0])
    at = _anchor(blunt, values > 0.5 * background, spacing)
    start = _centroid(excess, spacing, at, DIAMETERS[anchor] / 2, 1.0)
    places = _turned(sharp, blunt, spacing, start, (anchor, np.where(hot, 1.0, -1.0), background))
    signs = np.where(hot, 1.0, -1.0)
    single = np.array([_centroid(excess, spacing, p, d / 2, s) for p, d, s in zip(places, DIAMETERS, signs, strict=True)])
    rigid = _rigid(_ring(), single, np.array(DIAMETERS))
    _check(single, rigid, _sampled(blunt, rigid, spacing)[hot], np.array(DIAMETERS)[hot])
    return Spheres(
        diameters=np.array(DIAMETERS),
        centres=rigid,
        background=background,
        residual=float(np.sqrt(np.mean(np.sum((single - rigid) ** 2, axis=1)))),
    )


def _ring(turn: float = 0.0, hand: int = 1) -> npt.NDArray[np.float64]:
    phi = turn + hand * np.pi / 3 * np.arange(6)
    return np.stack([RING * np.cos(phi), RING * np.sin(phi), np.zeros(6)], axis=1)


def _sampled(image: Array, points: Array, spacing: tuple[float, float, float]) -> npt.NDArray[np.float64]:
    from scipy.ndimage import map_coordinates

    index = (np.asarray(points) / np.array(spacing))[..., ::-1]
    return np.asarray(map_coordinates(image, np.moveaxis(index, -1, 0), order=1, mode="constant", cval=-np.inf), dtype=float)


def _anchor(blunt: Array, body: Array, spacing: tuple[float, float, float]) -> npt.NDArray[np.float64]:
    index = np.unravel_index(int(np.argmax(np.where(body, blunt, -np.inf))), blunt.shape)
    return np.asarray(np.array([float(i) for i in index[::-1]]) * np.array(spacing))


def _centroid(
    excess: Array, spacing: tuple[float, float, float], start: Array, radius: float, sign: float
) -> npt.NDArray[np.float64]:
    """Centroid of what stands out within 6 mm of the sphere, from ``start`` on."""
    centre, steps = np.array(start, dtype=float), np.array(spacing)
    reach = radius + 6.0
    for _ in range(4):
        low = np.maximum(np.floor((centre - reach) / steps).astype(int), 0)
        high = np.minimum(np.ceil((centre + reach) / steps).astype(int) + 1, excess.shape[::-1])
        if np.any(high <= low):
            raise DataError("a sphere lies outside the image. The whole phantom is needed, or state positions.")
        x, y, z = (np.arange(a, b) * s for a, b, s in zip(low, high, steps, strict=True))
        Z, Y, X = np.meshgrid(z, y, x, indexing="ij")
        part = sign * excess[low[2] : high[2], low[1] : high[1], low[0] : high[0]]
        w = np.clip(part, 0, None) * ((X - centre[0]) ** 2 + (Y - centre[1]) ** 2 + (Z - centre[2]) ** 2 <= reach**2)
        total = float(w.sum())
        if total <= 0:
            return np.asarray(centre)
        centre = np.array([float((w * C).sum()) / total for C in (X, Y, Z)])
    return np.asarray(centre)


def _turned(
    sharp: Array, blunt: Array, spacing: tuple[float, float, float], start: Array, told: tuple[int, Array, float]
) -> npt.NDArray[np.float64]:
    """The ring through ``start`` at the angle and in the direction of turning that fit best."""
    anchor, signs, background = told
    expected = signs * np.array(DIAMETERS) ** 3
    tries = [(math.radians(step), hand) for hand in (1, -1) for step in range(360)]
    rings = np.stack([_ring(turn, hand) for turn, hand in tries])
    rings = rings - rings[:, anchor : anchor + 1] + np.asarray(start)
    e, b = _sampled(sharp, rings, spacing), _sampled(blunt, rings, spacing)
    scale = np.where(signs > 0, np.maximum(e[:, anchor : anchor + 1], 1e-12), background)
    least = np.min(signs * e / scale, axis=1)
    least[~np.isfinite(b).all(axis=1)] = -np.inf
    b = np.where(np.isfinite(b), b, 0.0)
    b, v = b - b.mean(axis=1, keepdims=True), expected - expected.mean()
    alike = (b @ v) / np.maximum(np.linalg.norm(b, axis=1) * np.linalg.norm(v), 1e-30)
    best = int(np.argmax(least + 0.1 * alike))
    if not (np.isfinite(least[best]) and least[best] > SHOWS):
        raise DataError(
            f"six spheres of an IEC phantom were not found: at best the weakest shows {100 * max(float(least[best]), 0.0):.1f} % "
            f"of the largest; above {100 * SHOWS:.0f} % is needed. State their positions by --spheres, or check the image."
        )
    return np.asarray(rings[best])


def _rigid(model: Array, found: Array, weights: Array) -> npt.NDArray[np.float64]:
    """``model`` turned and shifted (mirrored too, if need be) onto ``found``: W. Kabsch, Acta Cryst A 1976;32:922."""
    w = weights / weights.sum()
    a, b = model - w @ model, found - w @ found
    U, _, V = np.linalg.svd((a * w[:, None]).T @ b)
    return np.asarray(a @ U @ V + w @ found)


def _check(single: Array, rigid: Array, brightness: Array, diameters: Array) -> None:
    off = np.linalg.norm(single - rigid, axis=1)
    rms = float(np.sqrt(np.mean(off**2)))
    if off.max() > OFF or rms > RMS:
        which = DIAMETERS[int(np.argmax(off))]
        raise DataError(
            f"the spheres do not stand in a ring of {2 * RING:.0f} mm: the {which:.0f} mm sphere is {off.max():.1f} mm from its "
            f"place (allowed {OFF:g}), all {rms:.1f} mm (allowed {RMS:g}). State their positions by --spheres."
        )
    for i in range(len(brightness) - 1):
        if not brightness[i] > brightness[i + 1]:
            raise DataError(
                f"the {diameters[i + 1]:.0f} mm sphere is brighter than the {diameters[i]:.0f} mm sphere when both are blurred "
                "to 22 mm; they may be mixed up. State their positions by --spheres."
            )
