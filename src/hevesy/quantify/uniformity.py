"""Uniformity of a gamma camera from the image of a flood, by NEMA NU 1."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError, InputError
from hevesy.model.arrays import frozen

Array = npt.NDArray[Any]

PIXEL, TOLERANCE = 6.4, 0.3  # mm; pixels are joined to that size within 30 %
ENOUGH = 10_000.0  # counts in a pixel of the middle
EDGE = 0.75  # pixels below this share of the mean of the central field do not belong to the field
CENTRAL = 0.75  # linear size of the central field
ROW = 5  # pixels in a row for the differential uniformity
KERNEL = np.array([[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Uniformity:
    """Uniformity of the useful and the central field of view.

    Attributes
    ----------
    integral_useful, integral_central, differential_useful, differential_central : float    [1].
    counts : float                      In the middle pixel after joining [1].
    pixel : (rows, columns)             Of the joined image [mm].
    smoothed : ndarray                  The image that was read, nan outside of the useful field [counts].
    central : ndarray of bool           The central field.
    remarks : tuple of str
    """

    integral_useful: float
    integral_central: float
    differential_useful: float
    differential_central: float
    counts: float
    pixel: tuple[float, float]
    smoothed: npt.NDArray[np.float64]
    central: npt.NDArray[np.bool_]
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "smoothed", frozen(self.smoothed))
        object.__setattr__(self, "central", frozen(self.central, bool))


def uniformity(flood: Array, pixel: tuple[float, float], *, field: tuple[float, float] | None = None) -> Uniformity:
    """Integral and differential uniformity of the useful and the central field of view.

        U = (max - min) / (max + min);   differential: the largest U of five pixels in a row or a column

    Parameters
    ----------
    flood : array, shape (rows, columns)   Counts.
    pixel : (rows, columns)             Sides [mm].
    field : (rows, columns)             Useful field of view as the vendor states it [mm]; found in the image where not given.

    Pixels are joined to 6.4 mm (within 30 %), smoothed once with the nine-point kernel 1 2 1, 2 4 2, 1 2 1, weights
    outside the field left out. A pixel belongs to the useful field if it has 75 % of the mean of the central field and so
    have its four neighbours; the central field is the useful one made smaller to 75 % in both directions.
    Reference: NEMA NU 1, intrinsic flood field uniformity. The standard asks for 10 000 counts in the middle pixel; fewer
    is remarked, since noise makes uniformity worse.

    Raises
    ------
    DataError
        There is no field in the image, or it is too small.
    """
    counts, joined, remarks = _joined(np.asarray(flood, dtype=float), pixel)
    box = _field(counts, joined, field)
    middle = counts[box][tuple(slice(n // 8, n - n // 8) for n in counts[box].shape)]
    inside = np.zeros(counts.shape, dtype=bool)
    inside[box] = counts[box] >= EDGE * float(middle.mean())
    inside = _without_rim(inside)
    smoothed = np.where(inside, _smoothed(counts, inside), np.nan)
    central = inside & _central(inside)
    if np.count_nonzero(central) < ROW * ROW:
        raise DataError(
            f"the central field has {np.count_nonzero(central)} pixels of {joined[0]:.1f} mm; {ROW * ROW} are "
            "needed. Is this a flood?"
        )
    at = tuple(int(round(float(i.mean()))) for i in np.nonzero(inside))
    peak = float(counts[at])
    if peak < ENOUGH:
        remarks.append(
            f"{peak:.0f} counts in the middle pixel; NEMA NU 1 asks for {ENOUGH:.0f}. Noise alone makes an integral "
            f"uniformity of about {100 * _noise(peak, int(np.count_nonzero(inside))):.1f} %."
        )
    useful, central_values = smoothed, np.where(central, smoothed, np.nan)
    return Uniformity(
        integral_useful=_spread(useful[inside]),
        integral_central=_spread(useful[central]),
        differential_useful=_differential(useful),
        differential_central=_differential(central_values),
        counts=peak,
        pixel=joined,
        smoothed=smoothed,
        central=central,
        remarks=tuple(remarks),
    )


def _joined(flood: Array, pixel: tuple[float, float]) -> tuple[Array, tuple[float, float], list[str]]:
    if flood.ndim != 2 or not np.all(np.isfinite(flood)) or flood.min() < 0 or flood.sum() <= 0:
        raise DataError(f"a flood is one image of counts; got shape {flood.shape}. Check which frame holds it.")
    if not all(0.1 <= side <= 20 for side in pixel):
        raise InputError(f"pixel sides are {pixel} mm; 0.1 to 20 mm is plausible. Check the unit.")
    n = [max(1, round(PIXEL / side)) for side in pixel]
    rows, columns = (size // k * k for size, k in zip(flood.shape, n, strict=True))
    summed = flood[:rows, :columns].reshape(rows // n[0], n[0], columns // n[1], n[1]).sum(axis=(1, 3))
    sides = (pixel[0] * n[0], pixel[1] * n[1])
    off = [side for side in sides if abs(side / PIXEL - 1) > TOLERANCE]
    text = (
        f"pixels of {off[0]:.2f} mm are not within 30 % of {PIXEL} mm; figures do not compare with the standard's." if off else ""
    )
    return summed, sides, [text] if text else []


def _field(counts: Array, pixel: tuple[float, float], field: tuple[float, float] | None) -> tuple[slice, slice]:
    lit = counts > 0.5 * float(np.median(counts[counts > counts.mean()]))
    spans = [np.flatnonzero(lit.mean(axis=1 - axis) > 0.1 * lit.mean(axis=1 - axis).max()) for axis in (0, 1)]
    if min(len(span) for span in spans) < 2 * ROW:
        raise DataError("no field of view stands out in this image; a flood fills it. Check which frame holds it.")
    out = []
    for axis, span in enumerate(spans):
        low, high = float(span[0]), float(span[-1] + 1)
        if field is not None:
            half, centre = field[axis] / pixel[axis] / 2, (low + high) / 2
            low, high = max(low, centre - half), min(high, centre + half)
        out.append(slice(int(np.ceil(low - 1e-9)), int(np.floor(high + 1e-9))))
    return out[0], out[1]


def _without_rim(inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    p = np.pad(inside, 1)
    return np.asarray(inside & p[:-2, 1:-1] & p[2:, 1:-1] & p[1:-1, :-2] & p[1:-1, 2:])


def _smoothed(counts: Array, inside: npt.NDArray[np.bool_]) -> Array:
    from scipy.ndimage import convolve

    weights = convolve(inside.astype(float), KERNEL, mode="constant")
    return np.asarray(convolve(np.where(inside, counts, 0.0), KERNEL, mode="constant") / np.maximum(weights, 1e-12))


def _central(inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The useful field drawn together to 75 % about its middle."""
    rows, columns = np.nonzero(inside)
    middle = [(float(i.min()) + float(i.max())) / 2 for i in (rows, columns)]
    source = [np.rint(m + (np.arange(n) - m) / CENTRAL).astype(int) for m, n in zip(middle, inside.shape, strict=True)]
    known = [(s >= 0) & (s < n) for s, n in zip(source, inside.shape, strict=True)]
    out = np.zeros(inside.shape, dtype=bool)
    out[np.ix_(*known)] = inside[np.ix_(source[0][known[0]], source[1][known[1]])]
    return out


def _spread(values: Array) -> float:
    high, low = float(values.max()), float(values.min())
    return (high - low) / (high + low)


def _differential(values: Array) -> float:
    largest = 0.0
    for image in (values, values.T):
        if image.shape[1] >= ROW:
            windows = np.lib.stride_tricks.sliding_window_view(image, ROW, axis=1)
            high, low = windows.max(axis=-1), windows.min(axis=-1)  # nan where one of the five lies outside
            known = np.isfinite(high)
            if known.any():
                largest = max(largest, float(((high - low) / (high + low))[known].max()))
    return largest


def _noise(counts: float, pixels: int) -> float:
    """Integral uniformity of a perfect flood: the expected half-range of that many smoothed Poisson pixels, relative."""
    share = float(np.sum((KERNEL / KERNEL.sum()) ** 2))
    return float(np.sqrt(2 * np.log(max(pixels, 2)) * share / max(counts, 1.0)))
