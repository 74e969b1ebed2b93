"""The axially rebinned model: every line is moved into the direct plane of its middle, time of flight is kept."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.pet.cylinder import Cylinder, pair_share_table
from hevesy.imaging.pet.field import Field, checked
from hevesy.imaging.pet.resolution import FWHM, ResolutionModel
from hevesy.imaging.projectors.cores import side_by_side

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

MM_PER_PS = 0.299792458 / 2  # of the difference of arrival, along the line

# Private images that lines add into: fixed, so that one core or forty give the same sum.
PARTS = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lines:
    """Where the lines and the kept time-of-flight bins lie; lengths in voxels.

    Attributes
    ----------
    turns : array, shape (views, 2)         Cosine and sine of the azimuth, half a turn in all.
    radial : array, shape (s,)              Signed distance of the lines from the axis.
    rows : array, shape (views, s, 2)       First cell and number of cells of each line.
    spans : array, shape (views, s, 6)      Centre of bin 0, width, first and past-last bin, first and last depth.
    kernel : array                          Share of a bin against the depth from its middle, in steps of 1/32.
    cells : int                             Cells of a view.
    """

    turns: Floats
    radial: Floats
    rows: Ints
    spans: Floats
    kernel: Floats
    cells: int


class RebinnedModel:
    """Expected counts in direct planes, with time of flight, from an image.

        y(v, s, b, z) = G g(s, z, L(v, s, z)) / V  sum_t k(b - t) (R f)(v, s, t, z)

    with V azimuths, R the resolution and Joseph's line integral, k the time-of-flight kernel, L the attenuation along the
    line, g the share of pairs that the cylinder sees (`Cylinder.seen`) and G = counts of a Bq/ml in a voxel were g one.
    Images are (z, y, x); projections (views, cells, z), a cell being a time-of-flight bin of a line that meets the body.

    Neglected: that oblique lines cross several planes (axial blur by rebinning: see the theory page), the change of the
    largest tilt with depth. Joseph, IEEE Trans Med Imaging 1982;1:192; Daube-Witherspoon and Muehllehner, J Nucl Med
    1987;28:1717 (single-slice rebinning).
    """

    def __init__(
        self,
        field: Field,
        cylinder: Cylinder,
        *,
        tof_fwhm: float,
        views: int = 48,
        mu: npt.NDArray[Any] | None = None,
        resolution: tuple[float, float] = (0.0, 0.0),
        gain: float = 1.0,
        support: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        """Lay out the lines and attenuate them.

        ``tof_fwhm`` [ps], 0 for none; ``mu`` [1/mm], (z, y, x); ``resolution`` transaxial and axial FWHM [mm]; ``gain``
        efficiency x duration x decay factor x positron yield [s]; ``support`` (y, x) voxels that may hold activity, by
        default where mu > 0 and two voxels around, or the inscribed circle.
        """
        if not 2 <= views <= 2000 or not (tof_fwhm == 0 or 20 <= tof_fwhm <= 3000):
            raise InputError(f"got {views} views and {tof_fwhm} ps; 2 to 2000 views and 20 to 3000 ps (or 0 for none) are meant.")
        self.field, self.cylinder = field, cylinder
        self.resolution = ResolutionModel(field=field, transaxial=resolution[0], axial=resolution[1])
        body = None if mu is None else checked(field, np.transpose(mu), "the attenuation map")
        mask = _support(field, body, support)
        self.lines = lay_out(field, mask, views, tof_fwhm * MM_PER_PS / field.side)
        self.factor = _factors(field, cylinder, self.lines, body, gain * field.voxel_volume / views)
        self.in_shape: tuple[int, ...] = field.shape[::-1]
        self.out_shape: tuple[int, ...] = (views, self.lines.cells, field.shape[2])

    def forward(self, image: npt.NDArray[Any], views: npt.NDArray[np.intp] | None = None) -> Floats:
        """Expected counts [1], shape (views, cells, z), of an activity concentration [Bq/ml]."""
        from hevesy.imaging.pet._kernels import slabs

        blurred = self.resolution.blur(checked(self.field, np.transpose(image), "the image"))
        chosen = self._chosen(views)
        out = np.zeros((chosen.size, *self.out_shape[1:]), np.float32)
        given = (blurred, chosen, *self._geometry(), self.factor)
        side_by_side(
            lambda first, past: slabs.forward(*given, first, past, out), chosen.size * self.lines.radial.size,
            work=self._work(chosen), portions=64,
        )  # fmt: skip
        return out

    def adjoint(self, projections: npt.NDArray[Any], views: npt.NDArray[np.intp] | None = None) -> Floats:
        """The transpose of :meth:`forward`, shape (z, y, x)."""
        from hevesy.imaging.pet._kernels import slabs

        chosen = self._chosen(views)
        if projections.shape != (chosen.size, *self.out_shape[1:]):
            raise InputError(f"projections have shape {projections.shape}; {(chosen.size, *self.out_shape[1:])} is expected.")
        parts = np.empty((PARTS, *self.field.shape), np.float32)
        given = (np.ascontiguousarray(projections, np.float32), chosen, *self._geometry(), self.factor)
        side_by_side(lambda first, past: slabs.adjoint(*given, first, past, parts), PARTS, work=self._work(chosen))
        return self.resolution.blur(summed(parts)).T

    def ratio_adjoint(
        self, image: Floats, counts: Floats, additive: Floats | None, views: npt.NDArray[np.intp], work: Floats
    ) -> Floats:
        """A'(counts / (A image + additive)) of a subset without storing projections; images [x, y, z].

        ``work`` is of shape (PARTS + 2, x, y, z); the result lies in it until the next call.
        """
        from hevesy.imaging.pet._kernels import slabs

        extra = np.zeros((1, 1, 1), np.float32) if additive is None else additive
        parts, one, two = work[:PARTS], work[PARTS], work[PARTS + 1]
        blurred, chosen = self.resolution.blur(image, one, two), self._chosen(views)
        given = (blurred, counts, extra, chosen, *self._geometry(), self.factor)
        side_by_side(lambda first, past: slabs.step(*given, first, past, parts), PARTS, work=self._work(chosen))
        return self.resolution.blur(summed(parts, one), two, parts[0])

    def _work(self, chosen: Ints) -> float:
        """Voxels that the lines of these views pass."""
        return float(chosen.size) * float(np.prod(self.field.shape))

    def _geometry(self) -> tuple[Floats, Floats, Ints, Floats, Floats]:
        lines = self.lines
        return lines.turns, lines.radial, lines.rows, lines.spans, lines.kernel

    def _chosen(self, views: npt.NDArray[np.intp] | None) -> Ints:
        n = self.lines.turns.shape[0]
        chosen = np.arange(n, dtype=np.int32) if views is None else np.asarray(views, dtype=np.int32)
        if chosen.size and (chosen.min() < 0 or chosen.max() >= n):
            raise InputError(f"views {chosen.min()} to {chosen.max()} are asked for; the model has 0 to {n - 1}.")
        return chosen


def lay_out(field: Field, support: npt.NDArray[np.bool_], views: int, tof_fwhm: float) -> Lines:
    """Lines and bins that can see the voxels of ``support`` (x, y); ``tof_fwhm`` in voxels, 0 for one bin a line."""
    n = field.shape[0]
    angles = (np.arange(views) + 0.5) * np.pi / views  # half a step off the axes: no line runs along a voxel edge
    turns = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    radial = np.arange(n) - (n - 1) / 2
    low, high = _depths(support, turns, radial)
    reach = 0.75 * max(support.shape)
    sigma = tof_fwhm / FWHM
    width = max(1, round(tof_fwhm / 2)) if tof_fwhm > 0 else int(2 * np.ceil(reach))
    bins = 2 * int(np.ceil(reach / width)) + 1 if tof_fwhm > 0 else 1
    kernel = tof_kernel(sigma, width)
    first = -(bins - 1) / 2 * width
    margin = 3 * sigma
    b0 = np.clip(np.floor((low - margin - first) / width + 0.5), 0, bins - 1)
    b1 = np.clip(np.floor((high + margin - first) / width + 0.5) + 1, 1, bins)
    number = np.where(high >= low, b1 - b0, 0).astype(np.int32)
    start = np.cumsum(number, axis=1) - number
    spans = np.stack(np.broadcast_arrays(first, float(width), b0, b1, low, high), axis=-1)
    return Lines(
        turns=turns.astype(np.float32),
        radial=radial.astype(np.float32),
        rows=np.stack([start, number], axis=-1).astype(np.int32),
        spans=np.ascontiguousarray(spans, dtype=np.float32),
        kernel=kernel,
        cells=int(number.sum(axis=1).max()),
    )


def tof_kernel(sigma: float, width: int) -> Floats:
    """Share of an annihilation that falls into a bin, against the depth from the bin's middle; steps of 1/32 voxel.

    A Gaussian integrated over the bin, cut at 3 sigma and scaled so that the bins of each depth add to 1.
    """
    from scipy.special import ndtr

    from hevesy.imaging.pet._kernels.slabs import PER_VOXEL

    half = int(np.ceil((width / 2 + 3 * sigma) * PER_VOXEL))
    x = np.arange(-half, half + 1) / PER_VOXEL
    if sigma > 0:
        kernel = ndtr((x + width / 2) / sigma) - ndtr((x - width / 2) / sigma)
    else:
        kernel = (np.abs(x) <= width / 2).astype(float)
    phase = np.arange(kernel.size) % (width * PER_VOXEL)
    return np.asarray(kernel / np.bincount(phase, weights=kernel)[phase], dtype=np.float32)


def _support(field: Field, mu: Floats | None, given: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.bool_]:
    from scipy.ndimage import binary_dilation

    n_x, n_y, _ = field.shape
    if n_x != n_y:
        raise InputError(f"the field is {n_x} x {n_y} voxels across; the rebinned model needs a square. Pad the image.")
    x, y, _ = field.centres()
    circle = x[:, None] ** 2 + y**2 <= (min(n_x, n_y) / 2 - 1) ** 2 * field.side**2
    if given is not None:
        return np.asarray(given.T & circle)
    if mu is None:
        return np.asarray(circle)
    return np.asarray(binary_dilation(np.any(mu > 1e-4, axis=2), iterations=2) & circle)


def _depths(support: npt.NDArray[np.bool_], turns: Floats, radial: Floats) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """First and last depth of the support on each line [voxels]; last < first where a line misses it."""
    n_x, n_y = support.shape
    reach = 0.75 * max(support.shape)
    t = np.arange(-reach, reach, 0.5)
    low = np.full((len(turns), radial.size), 1.0)
    high = np.full((len(turns), radial.size), 0.0)
    for v, (c, s) in enumerate(turns):
        x = np.rint(radial[:, None] * c - t * s + (n_x - 1) / 2).astype(int)
        y = np.rint(radial[:, None] * s + t * c + (n_y - 1) / 2).astype(int)
        inside = (x >= 0) & (x < n_x) & (y >= 0) & (y < n_y)
        hit = inside & support[np.clip(x, 0, n_x - 1), np.clip(y, 0, n_y - 1)]
        some = hit.any(axis=1)
        low[v] = np.where(some, t[hit.argmax(axis=1)] - 1, low[v])
        high[v] = np.where(some, t[t.size - 1 - hit[:, ::-1].argmax(axis=1)] + 1, high[v])
    return low, high


def _factors(field: Field, cylinder: Cylinder, lines: Lines, mu: Floats | None, gain: float) -> Floats:
    """Counts of a line per sum of Bq/ml along it in voxels, shape (views, s, z)."""
    _, _, z = field.centres()
    s = lines.radial.astype(float) * field.side
    path = np.zeros((len(lines.turns), s.size, z.size), np.float32)
    if mu is not None:
        path = line_sums(lines, mu) * np.float32(field.side)
    tilt = cylinder.most_tilt(s[:, None], z)
    return np.asarray(
        gain * pair_share_table(np.broadcast_to(tilt, path.shape), path.astype(float), cylinder.stopping), dtype=np.float32
    )


def line_sums(lines: Lines, values: Floats) -> Floats:
    """Sum along each line without time of flight, shape (views, s, z); times the voxel side it is the integral."""
    from hevesy.imaging.pet._kernels import slabs

    out = np.zeros((len(lines.turns), lines.radial.size, values.shape[2]), np.float32)
    given = (values, lines.turns, lines.radial, np.full(lines.radial.size, 1e6, np.float32))
    number = len(lines.turns) * lines.radial.size
    side_by_side(
        lambda first, past: slabs.line_sums(*given, first, past, out), number, work=float(len(lines.turns)) * values.size,
        portions=64,
    )  # fmt: skip
    return out


def summed(parts: Floats, out: Floats | None = None) -> Floats:
    """The sum of ``parts`` (parts, x, y, z), in their order."""
    from hevesy.imaging.pet._kernels import blur

    made = np.empty(parts.shape[1:], np.float32) if out is None else out
    side_by_side(lambda first, past: blur.total(parts, first, past, made), made.shape[0], work=parts.size)
    return made
