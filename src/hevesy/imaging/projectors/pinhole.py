"""The projector of a pinhole camera: magnification, resolution and sensitivity that depend on the place."""

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.projectors.blurs import SIGMA_PER_FWHM
from hevesy.imaging.projectors.operator import Floats, Indices
from hevesy.imaging.projectors.orbit import Orbit
from hevesy.imaging.systems import Collimator
from hevesy.imaging.systems.crystal import attenuation
from hevesy.model import Grid

LANES = 4
MM3_PER_ML = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PinholeAperture:
    """One round knife-edge hole in front of a flat detector.

    Attributes
    ----------
    diameter : float                    Geometric [mm].
    focal_length : float                From the hole to the detector [mm].
    opening : float                     Full acceptance angle of the cone [degrees].
    attenuation : float                 Of the aperture's material [1/mm]; 0 is perfectly opaque.
    """

    diameter: float
    focal_length: float
    opening: float = 90.0
    attenuation: float = 0.0

    def __post_init__(self) -> None:
        if not (self.diameter > 0 and self.focal_length > 0 and 0 < self.opening < 180 and self.attenuation >= 0):
            raise InputError(f"pinhole: diameter {self.diameter}, focal length {self.focal_length}, opening {self.opening}; "
                             "allowed are positive lengths and an opening below 180 degrees.")  # fmt: skip

    @property
    def effective_diameter(self) -> float:
        """With penetration of the edge, sqrt(d (d + 2/mu tan(alpha/2))) [mm] (Anger 1967; Paix, Phys. Med. Biol. 12 (1967)
        489)."""
        if self.attenuation == 0:
            return self.diameter
        tangent = math.tan(math.radians(self.opening) / 2)
        return math.sqrt(self.diameter * (self.diameter + 2 / self.attenuation * tangent))


def aperture_of(collimator: Collimator, energy: float) -> PinholeAperture:
    """The hole of a pinhole collimator for photons of ``energy`` [MeV]."""
    if collimator.shape != "pinhole":
        raise InputError(f"collimator {collimator.name} has {collimator.shape} parallel holes; a pinhole is needed here.")
    return PinholeAperture(
        diameter=collimator.hole,
        focal_length=collimator.length,
        opening=collimator.opening,
        attenuation=attenuation(collimator.material, energy),
    )


class Pinhole:
    """Expected counts behind a pinhole that turns round the patient, and the transpose.

        counts(pixel) = V factor sum_voxels f exp(-int mu dl) g(x) int_pixel G(u - u(x); sigma(x))
        g = d^2 cos^3 / (16 h^2);   u(x) = -f/h x_parallel;   FWHM^2 = (d (f + h) / h)^2 + intrinsic^2

    with h the distance of the voxel from the plane of the hole and cos that of the angle to its axis (Anger, in Hine:
    Instrumentation in Nuclear Medicine, 1967).  The picture is upside down, as in the camera: columns and rows are the
    detector's.  Voxels are points: keep them smaller than the resolution.

    Attributes and parameters as :class:`hevesy.imaging.projectors.ParallelHole`; ``orbit.radii`` are those of the hole, and
    ``factors`` [counts per photon-bearing Bq that reaches the hole] are yield x efficiency x duration x decay: the solid
    angle is in g.

    Neglected: the change of g and of the width by oblique penetration, the tilt of the footprint, scatter.
    """

    def __init__(
        self,
        grid: Grid,
        orbit: Orbit,
        factors: npt.ArrayLike,
        aperture: PinholeAperture,
        *,
        intrinsic: float,
        mu: npt.NDArray[Any] | None = None,
        threads: int | None = None,
    ) -> None:
        if np.any(orbit.shifts != 0):
            raise InputError("the pinhole projector has no sideways shifts. Put the shift into the centre of the orbit.")
        if not intrinsic > 0:
            raise InputError(f"intrinsic resolution {intrinsic} mm; it must be positive.")
        self.grid, self.orbit = grid, orbit
        self.in_shape: tuple[int, ...] = grid.shape
        self.out_shape: tuple[int, ...] = (orbit.views, orbit.rows, orbit.columns)
        self._factors = np.broadcast_to(np.asarray(factors, float), (orbit.views,)) * grid.voxel_volume / MM3_PER_ML
        self._side = np.ascontiguousarray(np.diag(grid.affine)[:3])
        if np.abs(grid.affine[:3, :3] - np.diag(self._side)).max() > 1e-6 * np.abs(self._side).max():
            raise InputError("the projector needs voxels along the patient's axes. Resample the image.")
        self._first = grid.affine[:3, 3] - np.asarray(orbit.centre)
        a = np.deg2rad(orbit.angles)
        self._eyes = np.stack([np.sin(a), np.cos(a), -np.cos(a), np.sin(a), orbit.radii], axis=1)
        d, cosine = aperture.effective_diameter, math.cos(math.radians(aperture.opening) / 2)
        self._hole = np.array([aperture.focal_length, d, d, intrinsic * SIGMA_PER_FWHM, cosine])
        self._pixel = np.array(orbit.pixel, dtype=float)
        self._threads = threads or os.cpu_count() or 1
        self._passed: list[Floats] = [np.zeros((0, 0, 0), np.float32)] * orbit.views
        if mu is not None:
            self._attenuate(mu)

    def _attenuate(self, mu: npt.NDArray[Any]) -> None:
        from hevesy.imaging.projectors._kernels.pinhole import transmission

        if mu.shape != self.grid.shape or not np.all(np.isfinite(mu)) or np.any(mu < 0):
            raise InputError(f"the attenuation map has shape {mu.shape}; allowed is {self.grid.shape}, finite, not negative.")
        turned = np.ascontiguousarray(mu.T, np.float32)
        self._passed = [np.empty(turned.shape, np.float32) for _ in range(self.orbit.views)]
        step = float(self._side.min()) / 2
        self._each(
            lambda v: transmission(turned, self._first, self._side, self._eyes[v], step, self._passed[v]),
            range(self.orbit.views),
        )

    def forward(self, image: npt.NDArray[Any], views: Indices | None = None) -> Floats:
        """Expected counts, shape (views, rows, columns), of an image (z, y, x) [Bq/ml]."""
        from hevesy.imaging.projectors._kernels.pinhole import project

        if image.shape != self.in_shape:
            raise InputError(f"the projector takes images of shape {self.in_shape}; got {image.shape}.")
        chosen = np.arange(self.orbit.views) if views is None else np.asarray(views)
        f = np.ascontiguousarray(image.T, np.float32)
        out = np.empty((chosen.size, self.orbit.rows, self.orbit.columns), np.float32)

        def one(n: int) -> None:
            v = int(chosen[n])
            view = np.zeros(out.shape[1:])  # many small numbers are summed: as doubles
            project(f, self._passed[v], self._first, self._side, self._eyes[v], self._hole, self._pixel, False, view)
            out[n] = view * self._factors[v]

        self._each(one, range(chosen.size))
        return out

    def adjoint(self, projections: npt.NDArray[Any], views: Indices | None = None) -> Floats:
        """The transpose: an image (z, y, x) from projections (views, rows, columns)."""
        from hevesy.imaging.projectors._kernels.pinhole import project

        chosen = np.arange(self.orbit.views) if views is None else np.asarray(views)
        if projections.shape != (chosen.size, *self.out_shape[1:]):
            raise InputError(f"the projector takes {(chosen.size, *self.out_shape[1:])}; got {projections.shape}.")
        lanes = np.zeros((LANES, *self.in_shape[::-1]), np.float32)

        def lane(n: int) -> None:
            for k in range(n, chosen.size, LANES):
                v = int(chosen[k])
                view = np.ascontiguousarray(projections[k], np.float64) * self._factors[v]
                project(lanes[n], self._passed[v], self._first, self._side, self._eyes[v], self._hole, self._pixel, True, view)

        self._each(lane, range(LANES))
        image: Floats = lanes.sum(axis=0)
        return image.T

    def _each(self, job: Callable[[int], None], items: range) -> None:
        with ThreadPoolExecutor(max_workers=self._threads) as pool:
            list(pool.map(job, items))
