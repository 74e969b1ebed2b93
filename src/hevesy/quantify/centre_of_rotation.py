"""Centre of rotation of a SPECT camera from the views of a point source."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError, InputError
from hevesy.model.arrays import frozen

Array = npt.NDArray[Any]

LEAST_VIEWS, LEAST_ARC = 8, 170.0  # a sine is not told apart from an offset over less [degrees]
WINDOW = 30.0  # mm around the brightest pixel, in which the centroid is taken
# Mean counts of a pixel from there to twice as far, by those within: next to none of a point, most of them of a body.
WIDE = 0.25
LEAST_COUNTS = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rotation:
    """What the centroids of the views say.

    Attributes
    ----------
    offset, u_offset : float            Of the axis of rotation from the middle of the matrix, along columns [mm].
    radius, phase : float               Of the source from the axis [mm], [degrees].
    rms, largest : float                Of what the sine leaves, along columns [mm].
    axial_rms, axial_range : float      Of the position along the axis: root mean square about its mean, and range [mm].
    tilt : float                        Amplitude of a sine in the axial position [mm]: a head that is tilted makes one.
    angles : ndarray, shape (views,)    [degrees].
    x, y : ndarray, shape (views,)      Centroids from the middle of the matrix, along columns and rows [mm].
    fitted : ndarray, shape (views,)    The sine at the angles [mm].
    """

    offset: float
    u_offset: float
    radius: float
    phase: float
    rms: float
    largest: float
    axial_rms: float
    axial_range: float
    tilt: float
    angles: npt.NDArray[np.float64]
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    fitted: npt.NDArray[np.float64]

    def __post_init__(self) -> None:
        for name in ("angles", "x", "y", "fitted"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


def centre_of_rotation(views: Array, angles: npt.ArrayLike, pixel: tuple[float, float]) -> Rotation:
    """Offset of the axis of rotation by a fit to the centroids of a point source.

        x(a) = x0 + p cos a + q sin a,     radius^2 = p^2 + q^2

    Parameters
    ----------
    views : array, shape (views, rows, columns)   Counts of one head; one source, off the axis by preference.
    angles : array, shape (views,)      Of the head [degrees].
    pixel : (rows, columns)             Sides [mm].

    The middle of the matrix lies between its two middle columns. Centroids are taken in 30 mm around the brightest pixel,
    less the median of the view. u_offset is by the scatter of the residuals.
    Neglected: attenuation, which does not move a point's centroid; a second source.
    Reference: IAEA Human Health Series No. 6 (2009), centre of rotation.

    Raises
    ------
    InputError
        Too few views or too small an arc.
    DataError
        A view shows no source, or most show one that is no point.
    """
    counts, a = np.asarray(views, dtype=float), np.asarray(angles, dtype=float)
    if counts.ndim != 3 or a.shape != counts.shape[:1]:
        raise InputError(f"views have shape {counts.shape} and {a.size} angles; needed is an angle for each view.")
    arc = float(a.max() - a.min()) if a.size else 0.0
    if a.size < LEAST_VIEWS or arc < LEAST_ARC:
        raise InputError(
            f"{a.size} views over {arc:.0f} degrees; {LEAST_VIEWS} views over {LEAST_ARC:.0f} degrees at least tell an offset "
            "from the turning. Use a whole rotation."
        )
    points = np.array([_centroid(view, pixel, n) for n, view in enumerate(counts, start=1)])
    x, y = points[:, 0], points[:, 1]
    around = float(np.median(points[:, 2]))
    if around > WIDE:
        raise DataError(
            f"beside {WINDOW:.0f} mm about the brightest pixel there are still {100 * around:.0f} % of the counts of a pixel "
            f"within, where up to {100 * WIDE:.0f} % are allowed: this is no point source. Use a point, 1 to 2 mm wide."
        )
    phi = np.deg2rad(a)
    design = np.stack([np.ones_like(phi), np.cos(phi), np.sin(phi)], axis=1)
    (x0, p, q), *_ = np.linalg.lstsq(design, x, rcond=None)
    (_, yp, yq), *_ = np.linalg.lstsq(design, y, rcond=None)
    fitted = design @ np.array([x0, p, q])
    left = x - fitted
    covariance = np.linalg.inv(design.T @ design) * float(left @ left) / max(1, a.size - 3)
    return Rotation(
        offset=float(x0),
        u_offset=float(np.sqrt(covariance[0, 0])),
        radius=float(np.hypot(p, q)),
        phase=float(np.rad2deg(np.arctan2(q, p))),
        rms=float(np.sqrt(np.mean(left**2))),
        largest=float(np.abs(left).max()),
        axial_rms=float(y.std()),
        axial_range=float(np.ptp(y)),
        tilt=float(np.hypot(yp, yq)),
        angles=a,
        x=x,
        y=y,
        fitted=fitted,
    )


def _centroid(view: Array, pixel: tuple[float, float], number: int) -> tuple[float, float, float]:
    """Place along columns and rows from the middle [mm], and counts of a pixel around the window by those within it."""
    from scipy.ndimage import gaussian_filter

    rows, columns = view.shape
    at = np.unravel_index(int(np.argmax(gaussian_filter(view, 1.0))), view.shape)
    net = np.clip(view - float(np.median(view)), 0, None)
    r, c = np.arange(rows), np.arange(columns)
    centre = (float(at[0]), float(at[1]))
    for _ in range(3):  # so that the window lies around the centroid and does not pull it
        inside = ((r[:, None] - centre[0]) * pixel[0]) ** 2 + ((c[None, :] - centre[1]) * pixel[1]) ** 2 <= WINDOW**2
        w = net * inside
        total = float(w.sum())
        if total < LEAST_COUNTS:
            raise DataError(
                f"view {number} has {total:.0f} counts around its brightest pixel; {LEAST_COUNTS:.0f} are needed. "
                "Is this a point source, seen in all views?"
            )
        centre = (float((w.sum(axis=1) * r).sum()) / total, float((w.sum(axis=0) * c).sum()) / total)
    far = ((r[:, None] - centre[0]) * pixel[0]) ** 2 + ((c[None, :] - centre[1]) * pixel[1]) ** 2
    near, ring = net[far <= WINDOW**2], net[(far > WINDOW**2) & (far <= 4 * WINDOW**2)]
    around = float(ring.mean() / near.mean()) if ring.size else 0.0
    return (centre[1] - (columns - 1) / 2) * pixel[1], (centre[0] - (rows - 1) / 2) * pixel[0], around
