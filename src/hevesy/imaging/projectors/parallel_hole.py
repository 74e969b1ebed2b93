"""The projector of a camera with parallel holes: attenuation and a response that widens with distance."""

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.projectors.binning import across_binning, axial_binning
from hevesy.imaging.projectors.blurs import Fwhm, blur_reach, blur_taps, variances
from hevesy.imaging.projectors.operator import Floats, Indices
from hevesy.imaging.projectors.orbit import Orbit
from hevesy.model import Grid

# Images that views are spread into side by side; a fixed number, so that any number of cores gives the same sums.
LANES = 4
MM3_PER_ML = 1000.0
# Sums of concentrations below this are what the loops start from instead of zero [Bq/ml].
TINY = np.float32(1e-20)


class ParallelHole:
    """Expected counts of a parallel-hole camera from activity concentration, and the transpose.

        counts(view, pixel) = V factor(view) sum_voxels f exp(-int mu dl) G(sigma(distance)) (pixel)

    with V the voxel volume [ml], ``factor`` [counts/Bq], the attenuation along the central ray from the voxel straight
    to the detector, and G a Gaussian of the response's width at the voxel's distance from the collimator's face.

    The image is turned into planes parallel to the detector (bilinear, exactly transposed by the adjoint) and these are
    added from far to near while the sum is blurred from one distance to the next, sigma^2(d_j) - sigma^2(d_j+1) at a
    time (McCarthy and Miller, IEEE Trans. Med. Imaging 10 (1991) 426; King, Pan and Luo, IEEE Trans. Nucl. Sci. 44 (1997)
    on its aliasing; here with five points that match the 4th moment too).  Small negative weights among the five can
    leave counts slightly below zero beside a point: cut them off before drawing Poisson noise.

    Neglected: the spread of attenuation over the hole's cone, scatter and septal penetration (they enter as an additive
    term), the blur of about 1/6 pixel^2 that turning by interpolation adds.  A source of one voxel is sampled unevenly by
    turned planes, by up to a quarter in one view: give small sources voxels finer than the pixels.

    Parameters
    ----------
    grid : Grid                         Voxels of the image, along the patient's axes, square across (x, y).
    orbit : Orbit
    factors : array, shape (views,)     Sensitivity x duration x decay [counts per Bq].
    fwhm : callable or None             Full width at half maximum [mm] at distance [mm]; it grows with distance.
    mu : array, shape of the grid, or None    Linear attenuation [1/mm].
    support : bool array (z, y, x) or (y, x), or None    Columns of voxels outside it hold nothing and get nothing.
    memory : float                      Most that transmissions may take [bytes]; beyond it they are made anew each time.
    threads : int or None               Cores to use; the result does not depend on it.
    """

    def __init__(
        self,
        grid: Grid,
        orbit: Orbit,
        factors: npt.ArrayLike,
        *,
        fwhm: Fwhm | None = None,
        mu: npt.NDArray[Any] | None = None,
        support: npt.NDArray[np.bool_] | None = None,
        memory: float = 1.5e9,
        threads: int | None = None,
    ) -> None:
        self.grid, self.orbit = grid, orbit
        side, axial = _sides(grid)
        self.in_shape: tuple[int, ...] = grid.shape
        self.out_shape: tuple[int, ...] = (orbit.views, orbit.rows, orbit.columns)
        self._factors = _per_view(factors, orbit) * (grid.voxel_volume / MM3_PER_ML)
        self._threads = threads or os.cpu_count() or 1
        self._support = _support(support, grid)
        self._lock = Lock()
        self._lanes = np.zeros((0, 0, 0, 0), np.float32)
        first = grid.affine[:3, 3] - np.asarray(orbit.centre)
        middle = first[:2] + side * (np.array(grid.shape[:0:-1]) - 1) / 2
        far = math.hypot(*(side * np.array(grid.shape[:0:-1]) / 2)) + math.hypot(*middle)
        # An odd number, whatever that of the voxels: for an even one the errors of sampling differ from view to view and
        # cancel, where planes through the centres of the voxels would put them all on one side (0.5 % for a source of one
        # voxel's width in the very middle).
        planes = 2 * math.ceil(far / side) + 1
        depth = (np.arange(planes) - (planes - 1) / 2) * side
        distance = orbit.radii[:, None] - depth
        variance = variances(fwhm, distance.ravel()).reshape(distance.shape)
        widest = 3 * math.sqrt(variance.max(initial=0.0))
        reach = self._farthest(first[:2], side) + float(np.abs(orbit.shifts).max(initial=0.0))
        self._across = across_binning(orbit.columns, orbit.pixel[1], side=side, reach=reach, blur=widest)
        self._axial, self._at = axial_binning(
            orbit.rows, orbit.pixel[0], slices=grid.shape[0], side=axial, first=float(first[2]), blur=widest
        )
        self._pose = _poses(orbit, first[:2] / side, side, self._across.origin, depth[0])
        self._nearest = np.minimum(np.floor((orbit.radii - depth[0]) / side + 1e-6), planes - 1).astype(np.int32)
        self._ranges(planes)
        self._taps, self._b0, self._b1 = self._blurs(variance, (side, axial))
        self._attenuate(mu, side, memory)

    @property
    def samples(self) -> int:
        """Image samples across of all views together: what a pass costs goes with it."""
        return int(self._row_count.sum())

    # -- what is prepared once ------------------------------------------------------------------------------------

    def _farthest(self, first: npt.NDArray[np.float64], side: float) -> float:
        """How far from the axis lines across lie that see the support [mm]: samples reach the diagonal of a voxel."""
        x, y = (first[axis] + side * index for axis, index in enumerate(np.nonzero(self._support)))
        return float(np.hypot(x, y).max(initial=0.0)) + (math.sqrt(2) - 0.5) * side

    def _ranges(self, planes: int) -> None:
        from hevesy.imaging.projectors._kernels.parallel import ranges_view

        self._lo = np.zeros((self.orbit.views, planes), np.int32)
        self._hi = np.zeros_like(self._lo)

        def one(v: int) -> None:
            ranges_view(self._support, self._pose[v], self._across.lines, planes, self._nearest[v], self._lo[v], self._hi[v])

        self._each(one, range(self.orbit.views))

    def _blurs(
        self, variance: npt.NDArray[np.float64], sides: tuple[float, float]
    ) -> tuple[Floats, npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Taps before each plane and after the last, and the lines that hold counts after each."""
        views, planes = variance.shape
        # Behind the plane that is seen last, all that is left is made in a few steps instead of one a plane.
        seen_at_all = self._hi > self._lo
        nearest = np.where(seen_at_all.any(axis=1), planes - 1 - np.argmax(seen_at_all[:, ::-1], axis=1), 0)
        steps = np.zeros((views, planes + 1))
        steps[:, 1:planes] = np.maximum(-np.diff(variance, axis=1), 0)
        steps[np.arange(planes + 1) > nearest[:, None]] = 0
        steps[:, planes] = variance[np.arange(views), nearest]
        taps = blur_taps(steps, sides)
        b0, b1 = np.full((views, planes + 1), self._across.lines, np.int32), np.zeros((views, planes + 1), np.int32)
        blurred, points = np.cumsum(steps / sides[0] ** 2, axis=1), np.cumsum(taps[:, :, 0], axis=1)
        for j in range(planes):
            (seen,) = np.nonzero(self._hi[:, j] > self._lo[:, j])
            after = slice(j + 1, None)
            reach = blur_reach(blurred[seen, after] - blurred[seen, j, None], points[seen, after] - points[seen, j, None])
            b0[seen, after] = np.minimum(b0[seen, after], np.maximum(self._lo[seen, j, None] - reach, 0))
            b1[seen, after] = np.maximum(b1[seen, after], np.minimum(self._hi[seen, j, None] + reach, self._across.lines))
        b0[b1 == 0] = 0
        return taps, b0, b1

    def _attenuate(self, mu: npt.NDArray[Any] | None, side: float, memory: float) -> None:
        counts = self._hi - self._lo
        self._rows = np.ascontiguousarray(np.cumsum(counts, axis=1, dtype=np.int64) - counts)
        self._row_count = counts.sum(axis=1)
        self._half: Floats | None = None
        self._passed: list[npt.NDArray[np.uint16]] | None = None
        if mu is None:
            return
        if mu.shape != self.grid.shape or not np.all(np.isfinite(mu)) or np.any(mu < 0):
            raise InputError(
                f"the attenuation map has shape {mu.shape}; allowed is that of the image, {self.grid.shape}, finite and not "
                "negative. Resample the CT to the grid of the image."
            )
        self._half = self._on_lines(np.asarray(mu, np.float32) * np.float32(side / 2))
        self._mu_ranges(self._half)
        slices = self._axial.lines
        if 2 * slices * float((self._row_count + 1).sum()) <= memory:
            ends = np.cumsum(self._row_count + 1)
            # One piece of memory, which goes back to the system as a whole.
            passed = np.split(np.empty((int(ends[-1]), slices), np.uint16), ends[:-1])
            self._each(lambda v: self._transmission(v, passed[v]), range(self.orbit.views))
            self._passed = passed

    def _mu_ranges(self, half: Floats) -> None:
        from hevesy.imaging.projectors._kernels.parallel import ranges_view

        matter = np.any(half > 0, axis=2).astype(np.float32)
        self._mu_lo, self._mu_hi = np.zeros_like(self._lo), np.zeros_like(self._hi)

        def one(v: int) -> None:
            ranges_view(
                matter, self._pose[v], self._across.lines, self._lo.shape[1], self._nearest[v], self._mu_lo[v], self._mu_hi[v]
            )

        self._each(one, range(self.orbit.views))

    def _transmission(self, v: int, into: npt.NDArray[np.uint16]) -> None:
        from hevesy.imaging.projectors._kernels.parallel import transmission_view

        if self._half is None:
            return
        along = np.empty((self._across.lines, self._axial.lines), np.float32)
        transmission_view(
            self._half, self._pose[v], int(self._nearest[v]), self._lo[v], self._hi[v], self._mu_lo[v], self._mu_hi[v],
            self._rows[v], along, into,
        )  # fmt: skip

    def _passed_of(self, v: int) -> npt.NDArray[np.uint16]:
        if self._passed is not None:
            return self._passed[v]
        if self._half is None:
            return np.zeros((0, 0), np.uint16)
        made = np.zeros((self._row_count[v] + 1, self._axial.lines), np.uint16)
        self._transmission(v, made)
        return made

    # -- the two ways ---------------------------------------------------------------------------------------------

    def forward(self, image: npt.NDArray[Any], views: Indices | None = None) -> Floats:
        """Expected counts, shape (views, rows, columns), of an image (z, y, x) [Bq/ml]."""
        from hevesy.imaging.projectors._kernels.parallel import forward_view

        if image.shape != self.in_shape:
            raise InputError(f"the projector takes images of shape {self.in_shape}; got {image.shape}.")
        chosen = np.arange(self.orbit.views) if views is None else np.asarray(views)
        f = self._on_lines(image)
        out = np.empty((chosen.size, self.orbit.columns, self.orbit.rows), np.float32)

        def lane(n: int) -> None:
            acc, spare = self._buffer(), self._buffer()
            for k in range(n, chosen.size, LANES):
                v = int(chosen[k])
                first = forward_view(
                    f, self._support, self._pose[v], self._lo[v], self._hi[v], self._b0[v], self._b1[v], self._taps[v],
                    self._passed_of(v), self._rows[v], acc, spare,
                )  # fmt: skip
                self._to_pixels(acc if first else spare, v, out[k])

        self._each(lane, range(LANES))
        return out.transpose(0, 2, 1)

    def adjoint(self, projections: npt.NDArray[Any], views: Indices | None = None) -> Floats:
        """The transpose: an image (z, y, x) from projections (views, rows, columns)."""
        from hevesy.imaging.projectors._kernels.parallel import adjoint_view, gather_lanes

        chosen = np.arange(self.orbit.views) if views is None else np.asarray(views)
        if projections.shape != (chosen.size, *self.out_shape[1:]):
            raise InputError(
                f"the projector takes projections of shape {(chosen.size, *self.out_shape[1:])}; got {projections.shape}."
            )
        nx, ny, nz = (*self.in_shape[:0:-1], self._axial.lines)
        with self._lock:
            if self._lanes.size == 0:
                self._lanes = np.zeros((LANES, nx, ny, nz), np.float32)
            lanes = self._lanes

            def lane(n: int) -> None:
                acc, spare = self._buffer(), self._buffer()
                for k in range(n, chosen.size, LANES):
                    v = int(chosen[k])
                    self._from_pixels(projections[k].T, v, acc)
                    adjoint_view(
                        acc, self._support, self._pose[v], self._lo[v], self._hi[v], self._b0[v], self._b1[v],
                        self._taps[v], self._passed_of(v), self._rows[v], lanes[n], spare,
                    )  # fmt: skip

            self._each(lane, range(min(LANES, chosen.size)))
            image = np.zeros((nx, ny, nz), np.float32)
            used = lanes[: min(LANES, chosen.size)]
            cuts = np.linspace(0, nx, LANES + 1).astype(int)
            self._each(lambda n: gather_lanes(used, self._support, cuts[n], cuts[n + 1], image), range(LANES))
        return image[:, :, self._at : self._at + self.in_shape[0]].T

    def _on_lines(self, image: npt.NDArray[Any]) -> Floats:
        """``image`` (z, y, x) as (x, y, lines along z), with empty slices where the detector is longer."""
        turned = np.ascontiguousarray(image.T, dtype=np.float32)
        more = self._axial.lines - turned.shape[2] - self._at
        if self._at == more == 0:
            return turned
        return np.pad(turned, ((0, 0), (0, 0), (self._at, more)))

    def _buffer(self) -> Floats:
        return np.zeros((self._across.lines + 4, self._axial.lines + 4), np.float32)

    def _to_pixels(self, acc: Floats, v: int, out: Floats) -> None:
        """From working lines to pixels (columns, rows); rows run against z."""
        lines = acc[2:-2, 2:-2]
        u, z = self._across, self._axial
        lines = lines[u.first : u.first + self.orbit.columns] if u.weights is None else u.weights @ lines
        lines = lines[:, z.first : z.first + self.orbit.rows] if z.weights is None else lines @ z.weights.T
        np.multiply(lines[:, ::-1], np.where(np.abs(lines[:, ::-1]) < TINY, 0, np.float32(self._factors[v])), out=out)

    def _from_pixels(self, pixels: npt.NDArray[Any], v: int, acc: Floats) -> None:
        acc[:, :] = 0
        lines = acc[2:-2, 2:-2]
        u, z = self._across, self._axial
        scaled = np.asarray(pixels, np.float32)[:, ::-1] * np.float32(self._factors[v])
        scaled = scaled if u.weights is None else u.weights.T @ scaled
        scaled = scaled if z.weights is None else scaled @ z.weights
        start_u, start_z = (0 if b.weights is not None else b.first for b in (u, z))
        lines[start_u : start_u + scaled.shape[0], start_z : start_z + scaled.shape[1]] = scaled

    def _each(self, job: Callable[[int], None], items: range) -> None:
        if self._threads == 1 or len(items) == 1:
            for item in items:
                job(item)
            return
        with ThreadPoolExecutor(max_workers=min(self._threads, len(items))) as pool:
            list(pool.map(job, items))


def _sides(grid: Grid) -> tuple[float, float]:
    """Voxel sides across and along z [mm]; refuses grids that are turned or oblong."""
    matrix = grid.affine[:3, :3]
    x, y, z = np.diag(matrix)
    if np.any(np.abs(matrix - np.diag([x, y, z])) > 1e-6 * max(x, y, z)) or min(x, y, z) <= 0:
        raise InputError(
            "the projector needs voxels along the patient's axes with x, y, z growing to left, back and head; got an affine "
            f"with {matrix.round(4).tolist()}. Resample the image."
        )
    if abs(x - y) > 1e-6 * x or min(grid.shape[1:]) < 2:
        raise InputError(f"the projector needs voxels that are square across; got {x:g} mm by {y:g} mm. Resample the image.")
    return float(x), float(z)


def _per_view(factors: npt.ArrayLike, orbit: Orbit) -> npt.NDArray[np.float64]:
    values = np.broadcast_to(np.asarray(factors, dtype=float), (orbit.views,))
    if not np.all(np.isfinite(values)) or np.any(values < 0):
        raise InputError("factors of views must be finite and not negative [counts/Bq].")
    return values


def _support(support: npt.NDArray[np.bool_] | None, grid: Grid) -> Floats:
    """1 inside and 0 outside, shape (x, y)."""
    if support is None:
        return np.ones(grid.shape[:0:-1], np.float32)
    if support.shape not in (grid.shape, grid.shape[1:]):
        raise InputError(f"the support has shape {support.shape}; allowed are {grid.shape} and {grid.shape[1:]}.")
    flat = support.any(axis=0) if support.ndim == 3 else support
    return np.ascontiguousarray(flat.T, dtype=np.float32)


def _poses(orbit: Orbit, first: npt.NDArray[np.float64], side: float, origin: float, depth: float) -> npt.NDArray[np.float64]:
    """Where sample (0, 0) of each view lies in voxels, and the steps across and towards the detector, shape (views, 6)."""
    a = np.deg2rad(orbit.angles)
    u, n = np.stack([-np.cos(a), np.sin(a)], axis=1), np.stack([np.sin(a), np.cos(a)], axis=1)
    start = (origin + orbit.shifts)[:, None] / side * u + depth / side * n - first
    return np.ascontiguousarray(np.concatenate([start, u, n], axis=1))
