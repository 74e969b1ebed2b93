"""Long-range part of a kernel as a sum of Gaussians."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy import units as u
from hevesy.dose.kernel import VoxelKernel, point_density
from hevesy.dose.voxel_pairs import triangle_rule
from hevesy.model.arrays import frozen

Array = npt.NDArray[np.float64]

# Coarse cells per fine voxel that are tried, the coarsest first.
FACTORS = (4, 3, 2)
# The narrowest Gaussian exp(-r^2/s^2) has s = this many coarse cells: quintic splines then hold 1/r^2 within 3e-4.
NARROWEST = 2.0
# Beyond this many widths of the narrowest Gaussian the sum is the kernel itself.
REACH = 3.0
# The Gaussians may miss the energy between the reach and any radius by this share of what comes beyond the reach.
ENERGY_MISFIT = 1e-3
# Relative misfit of the kernel itself, as a mean over half a radius, where a hundredth of the energy is still to come. A table's
# noise is of this size and changes sign from one of its radii to the next, a tenth of a radius: the fit smooths it.
LOCAL_MISFIT, STILL_TO_COME = 1e-2, 1e-2
# Step of the logarithm of the radius in the fit, and how many of them the mean takes.
STEP, WINDOW = 0.02, 25
# Photon energy that counts as none: its share in all of it.
NOTHING = 1e-6
# Radii where less of the energy than this is still to come count less in the fit.
FULL_WEIGHT = 1e-2
# Singular values below this share of the largest are left out, so that weights do not cancel.
CONDITION = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LongRange:
    """The smooth part of a photon kernel, e(r) = sum_k w_k exp(-r^2 / s_k^2), right beyond ``reach``.

    Attributes
    ----------
    factors : (f_z, f_y, f_x)           Fine voxels in a coarse cell.
    width : ndarray, shape (k,)         s_k [mm].
    weight : ndarray, shape (k,)        w_k [MeV/mm3].
    reach : float                       [mm].
    """

    factors: tuple[int, int, int]
    width: Array
    weight: Array
    reach: float

    def __post_init__(self) -> None:
        for name in ("width", "weight"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


def long_range(kernel: VoxelKernel, size: float) -> LongRange | None:
    """The long-range part of the photon kernel on the coarsest grid that holds it out to the distance ``size`` [mm].

    An attenuated 1/r^2 is a mixture of Gaussians of all widths; leaving out the narrow ones takes away the peak and
    nothing at a distance (the splitting of P. P. Ewald, Ann Phys 1921;369:253, for 1/r). Weights by least
    squares of the relative misfit. None where no grid holds it: photons that hardly cross a voxel.
    """
    side = min(kernel.sides)
    for factor in FACTORS:
        near = [max(1, int(factor * side / a + 0.5)) for a in kernel.sides]
        factors = (near[0], near[1], near[2])
        width = NARROWEST * max(f * a for f, a in zip(factors, kernel.sides, strict=True))
        found = _fitted(kernel, width, max(size, 2 * REACH * width))
        if found is not None:
            return LongRange(factors=factors, width=found[0], weight=found[1], reach=REACH * width)
    return None


def axis_values(part: LongRange, side: float, distance: Array) -> Array:
    """Each Gaussian along one axis, averaged over the pairs of points of two voxels: shape (k, distances)."""
    nodes, weights = triangle_rule(5)
    x = distance[:, None] + nodes * side
    return np.asarray(np.exp(-((x / part.width[:, None, None]) ** 2)) @ weights)


def long_range_octant(part: LongRange, sides: tuple[float, float, float], half: tuple[int, int, int]) -> Array:
    """Energy that the long-range part gives to voxels of index 0 to ``half`` [MeV per decay]."""
    z, y, x = (axis_values(part, side, np.arange(h + 1, dtype=np.float64) * side) for side, h in zip(sides, half, strict=True))
    weight = part.weight * float(np.prod(sides))
    return np.asarray(np.einsum("k,kz,ky,kx->zyx", weight, z, y, x, optimize=True))


def _fitted(kernel: VoxelKernel, narrowest: float, size: float) -> tuple[Array, Array] | None:
    """Widths and weights of Gaussians, or None if they miss the kernel."""
    density = point_density(kernel, charged=False)
    r = np.exp(np.arange(np.log(0.2 * narrowest), np.log(size), STEP))
    e = density.at(r)
    within = np.interp(r, kernel.radial.r * u.cm / kernel.density, kernel.radial.photons)
    to_come = 1 - within / kernel.radial.photons[-1]
    # The last of the energy is not worth a fit, and the end of a table may be noise.
    kept = (to_come > NOTHING) & (e > 0)
    r, e, to_come = r[kept], e[kept], to_come[kept]
    beyond = r >= REACH * narrowest
    if not np.any(beyond):
        return np.array([narrowest]), np.zeros(1)
    # Steps of sqrt(2) in width hold 1/r^2 within 1e-5.
    width = narrowest * np.sqrt(2.0) ** np.arange(int(np.ceil(np.log(4 * r[-1] / narrowest) / np.log(np.sqrt(2.0)))))
    aim = -np.expm1(-((r / narrowest) ** 2))
    counts = np.where(beyond, np.minimum(1.0, np.sqrt(to_come / FULL_WEIGHT)), 0.03)
    basis = np.exp(-((r[:, None] / width) ** 2)) / e[:, None]
    scale = np.max(basis, axis=0)
    weight = np.linalg.lstsq(basis / scale * counts[:, None], aim * counts, rcond=CONDITION)[0] / scale
    off = (basis @ weight - 1)[beyond]
    energy = np.cumsum(off * 4 * np.pi * r[beyond] ** 3 * e[beyond] * STEP)
    window = min(WINDOW, off.size)
    local = np.abs(np.convolve(off, np.full(window, 1 / window), mode="same"))[to_come[beyond] > STILL_TO_COME]
    left = float(to_come[beyond][0] * kernel.radial.photons[-1])
    if np.max(np.abs(energy)) > ENERGY_MISFIT * left or np.max(local, initial=0.0) > LOCAL_MISFIT:
        return None
    return width, weight
