"""Full width at half and at tenth maximum of the image of a point or a line, as NEMA NU 1 and NU 2 measure it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError, InputError

Array = npt.NDArray[Any]

AROUND = 2.0  # profiles are summed over this many full widths to both sides of the peak
LEAST_PIXELS = 3.0  # full widths must span as many pixels; NEMA asks for pixels of a third of the width at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Widths:
    """Of one profile: full widths at half and tenth maximum, place of the peak from the first pixel [mm], what to know."""

    fwhm: float
    fwtm: float
    peak: float
    remark: str = ""


def profile_widths(profile: npt.ArrayLike, spacing: float) -> Widths:
    """Widths of a profile with one peak.

        maximum: of the parabola through the highest pixel and its two neighbours
        half and tenth of it: by linear interpolation between the two pixels on either side of it

    Parameters
    ----------
    profile : array, shape (n,)         Counts, or any unit.
    spacing : float                     Of pixels [mm].

    Reference: NEMA NU 1 (spatial resolution) and NU 2 (spatial resolution).

    Raises
    ------
    DataError
        No peak inside the profile, or it does not fall to a tenth on both sides.
    """
    y = np.asarray(profile, dtype=float)
    if y.ndim != 1 or y.size < 5 or not np.all(np.isfinite(y)):
        raise InputError(f"a profile needs five finite numbers at least; got shape {y.shape}.")
    if not 0 < spacing <= 50:
        raise InputError(f"pixels are {spacing:g} mm apart; above 0, at most 50 mm is allowed. Check the unit.")
    k = int(np.argmax(y))
    if not 0 < k < y.size - 1 or y[k] <= 0:
        raise DataError("the highest pixel lies at the border of the profile. The whole source must be seen.")
    bend = y[k - 1] - 2 * y[k] + y[k + 1]
    shift = 0.0 if bend == 0 else 0.5 * float(y[k - 1] - y[k + 1]) / float(bend)
    top = float(y[k]) - 0.25 * float(y[k - 1] - y[k + 1]) * shift
    half, tenth = _width(y, k, top / 2), _width(y, k, top / 10)
    few = half < LEAST_PIXELS
    remark = f"the width spans {half:.1f} pixels; fewer than {LEAST_PIXELS:g} make it too large." if few else ""
    return Widths(fwhm=half * spacing, fwtm=tenth * spacing, peak=(k + shift) * spacing, remark=remark)


def _width(y: Array, k: int, level: float) -> float:
    ends = []
    for step in (-1, 1):
        i = k
        while 0 <= i < y.size and y[i] >= level:
            i += step
        if not 0 <= i < y.size:
            raise DataError("the profile does not fall to a tenth of its maximum on both sides. Include more of the image.")
        inner = i - step
        ends.append(inner + step * float(y[inner] - level) / float(y[inner] - y[i]))
    return float(ends[1] - ends[0])


def point_widths(values: Array, spacing: tuple[float, ...]) -> tuple[Widths, ...]:
    """Widths of a point source along each axis of an image of two or three dimensions.

    Parameters
    ----------
    values : array, shape (rows, columns) or (z, y, x)
    spacing : tuple of float            Along the axes in the same order [mm].

    The profile along an axis is summed over all lines within two full widths of the peak in the other directions, found
    by repeating twice. Reference: NEMA NU 2, spatial resolution.
    """
    v = np.asarray(values, dtype=float)
    if v.ndim not in (2, 3) or len(spacing) != v.ndim:
        raise InputError(f"an image of shape {v.shape} has {len(spacing)} spacings; two or three dimensions are allowed.")
    peak = np.array(np.unravel_index(int(np.argmax(v)), v.shape))
    lines = [v[tuple(slice(None) if i == axis else int(peak[i]) for i in range(v.ndim))] for axis in range(v.ndim)]
    found = [profile_widths(line, side) for line, side in zip(lines, spacing, strict=True)]
    for _ in range(2):
        found = [profile_widths(line, side) for line, side in zip(point_profiles(v, spacing, found), spacing, strict=True)]
    return tuple(found)


def point_profiles(values: Array, spacing: Sequence[float], widths: Sequence[Widths]) -> tuple[Array, ...]:
    """Profiles of a point along each axis, each summed over the lines within two full widths of the peak.

    Parameters
    ----------
    values, spacing                     As for :func:`point_widths`.
    widths : sequence of Widths         Along each axis: where the peak lies, and how wide it is.
    """
    boxes = [
        slice(max(0, int(np.ceil((w.peak - AROUND * w.fwhm) / s))), int(np.floor((w.peak + AROUND * w.fwhm) / s)) + 1)
        for w, s in zip(widths, spacing, strict=True)
    ]
    axes = range(values.ndim)
    return tuple(
        values[tuple(slice(None) if i == axis else boxes[i] for i in axes)].sum(axis=tuple(i for i in axes if i != axis))
        for axis in axes
    )


def line_widths(image: Array, pixel: tuple[float, float], *, band: float = 30.0) -> tuple[Widths, ...]:
    """Widths across a line source, in bands along it.

    Parameters
    ----------
    image : array, shape (rows, columns)   Counts; the line along rows or columns within some degrees.
    pixel : (rows, columns)             Sides [mm].
    band : float                        Length of line that is summed to a profile [mm].

    Neglected: the angle of the line within a band; 30 mm at 1 degree widen the profile by 0.5 mm at its foot.
    Reference: NEMA NU 1, system spatial resolution: profiles of 30 mm.
    """
    profiles, across = line_profiles(image, pixel, band=band)
    return tuple(profile_widths(each, across) for each in profiles)


def line_profiles(image: Array, pixel: tuple[float, float], *, band: float = 30.0) -> tuple[tuple[Array, ...], float]:
    """The profiles of :func:`line_widths`, and the distance of their pixels [mm]."""
    v = np.asarray(image, dtype=float)
    if v.ndim != 2:
        raise InputError(f"a line is read in one image; got shape {v.shape}. Choose the frame.")
    along = 0 if float(v.sum(axis=0).max()) >= float(v.sum(axis=1).max()) else 1
    v, step, across = (v, pixel[0], pixel[1]) if along == 0 else (v.T, pixel[1], pixel[0])
    n = max(1, round(band / step))
    sums = [v[i : i + n].sum(axis=0) for i in range(0, v.shape[0] - n + 1, n)]
    strong = max(float(s.max()) for s in sums)
    inner = [i for i, s in enumerate(sums) if s.max() > 0.5 * strong]
    ends = {inner[0], inner[-1]} if len(inner) > 2 else set()  # the line's ends fill their bands in part
    return tuple(sums[i] for i in inner if i not in ends), across
