"""Convolution of a map of decays with a voxel kernel, no part of the kernel left out."""

from math import ceil

import numpy as np
import numpy.typing as npt

from hevesy.dose.kernel import VoxelKernel, charged_range, octant
from hevesy.dose.long_range import LongRange, axis_values, long_range, long_range_octant
from hevesy.errors import InputError

Array = npt.NDArray[np.float64]
Volume = npt.NDArray[np.float32]
Triple = tuple[int, int, int]

WORKERS = 2
# Padded grids up to this many voxels are convolved in one piece.
SMALL = 1_500_000
# Quintic splines reach three coarse cells; their prefilter fades by 1e-7 within so many.
SPLINE_REACH, PREFILTER_REACH = 3, 20


def deposited_energy(decays: npt.NDArray[np.floating], kernel: VoxelKernel) -> tuple[Volume, Volume]:
    """Energy that each voxel gets from charged particles and from photons.

        E_i = sum_j K_(i-j) N_j

    Linear convolution by fast Fourier transforms in single precision. Photons are split: what lies near the source goes
    over the fine grid; the long range is a sum of Gaussians (:func:`hevesy.dose.long_range.long_range`), whose sources
    are shared out to a coarse grid by quintic B-splines and whose energies are interpolated back by the same splines.
    Both conserve energy. The kernel reaches across the whole grid; what leaves the grid is gone.

    Parameters
    ----------
    decays : array, shape (z, y, x)     Decays in each voxel [1].
    kernel : VoxelKernel                Of the same sides.

    Returns
    -------
    two arrays, shape (z, y, x)         Energy of charged particles and of photons [MeV].

    Neglected: relative differences of 1e-3 of the local photon dose by the split, of 1e-6 of the root mean square by
    single precision. Reference: U. Essmann et al., J Chem Phys 1995;103:8577 (smooth particle mesh Ewald).
    """
    if decays.ndim != 3 or not np.all(np.isfinite(decays)):
        raise InputError(f"decays must be a finite map of three dimensions; got {decays.ndim}. Check the image.")
    source = np.ascontiguousarray(decays, dtype=np.float32)
    shape = (source.shape[0], source.shape[1], source.shape[2])
    charged_half = _half(charged_range(kernel), kernel, shape)
    charged = octant(kernel, charged_half, charged=True)
    far = _long_range(kernel, shape)
    if kernel.radial.photons[-1] == 0:
        return _convolved(source, [charged])[0], np.zeros_like(source)
    half = _half(far.reach, kernel, shape) if far else (shape[0] - 1, shape[1] - 1, shape[2] - 1)
    photons = octant(kernel, half, charged=False)
    if far:
        photons -= long_range_octant(far, kernel.sides, half)
    energies = _convolved(source, [charged, photons])
    if far:
        energies[1] += _long_range_energy(source, far, kernel)
    for energy in energies:
        np.maximum(energy, 0.0, out=energy)  # the rounding of transforms goes below zero where there is nothing
    return energies[0], energies[1]


def _half(distance: float, kernel: VoxelKernel, shape: Triple) -> Triple:
    """Half size of a kernel that reaches so far from any point of the source voxel, within the grid."""
    z, y, x = (min(n - 1, ceil(distance / side) + 1) for n, side in zip(shape, kernel.sides, strict=True))
    return z, y, x


def _long_range(kernel: VoxelKernel, shape: Triple) -> LongRange | None:
    """None where the whole kernel fits the grid at once, or must."""
    if np.prod([2.0 * n for n in shape]) <= SMALL:
        return None
    diagonal = float(np.linalg.norm([n * side for n, side in zip(shape, kernel.sides, strict=True)]))
    far = long_range(kernel, diagonal) if kernel.radial.photons[-1] > 0 else None
    # A thin stack of slices has nothing to gain in a grid wider than itself.
    return far if far and all(f <= n for f, n in zip(far.factors, shape, strict=True)) else None


def _convolved(source: Volume, octants: list[Array]) -> list[Volume]:
    """The source with even kernels given by their octants; one forward transform for all."""
    from scipy import fft

    reach = [max(kernel.shape[axis] for kernel in octants) - 1 for axis in range(3)]
    n_z, n_y, n_x = source.shape
    padded = [fft.next_fast_len(n + h, real=axis == 2) for axis, (n, h) in enumerate(zip(source.shape, reach, strict=True))]
    transform = fft.rfftn(source, s=padded, workers=WORKERS)
    found: list[Volume] = []
    for number, kernel in enumerate(octants):
        last = number == len(octants) - 1
        product = np.multiply(transform, _cosine_transform(kernel, padded), out=transform if last else None)
        whole = fft.irfftn(product, s=padded, workers=WORKERS, overwrite_x=True)
        found.append(np.ascontiguousarray(whole[:n_z, :n_y, :n_x], dtype=np.float32))
    return found


def _cosine_transform(first: Array, padded: list[int]) -> Volume:
    """Fourier transform of an even kernel from its octant, on the padded grid: real, sum_n c_n K_n cos(2 pi k n / M)."""
    part: Array = first
    for axis, (n, length) in enumerate(zip(first.shape, padded, strict=True)):
        matrix = _cosines(n, length, length // 2 + 1 if axis == 2 else length)
        part = np.moveaxis(np.tensordot(matrix, part.astype(np.float64 if axis == 0 else np.float32), (1, axis)), 0, axis)
    return np.ascontiguousarray(part, dtype=np.float32)


def _cosines(n: int, length: int, frequencies: int) -> Array:
    k, lag = np.arange(frequencies), np.arange(n)
    # The product is taken modulo the length: cosines of large arguments lose digits.
    matrix = np.cos(2 * np.pi / length * (np.outer(k, lag) % length))
    return np.asarray(matrix * np.where(lag == 0, 1.0, 2.0))


def _long_range_energy(source: Volume, far: LongRange, kernel: VoxelKernel) -> Volume:
    """Energy of the long-range part: to the coarse grid, convolved there, and back."""
    from scipy import fft

    splines = [_splines(n, f) for n, f in zip(source.shape, far.factors, strict=True)]
    coarse = [matrix.shape[1] for matrix in splines]
    padded = [fft.next_fast_len(2 * n + PREFILTER_REACH, real=axis == 2) for axis, n in enumerate(coarse)]
    axes = []
    for axis, (length, f, side) in enumerate(zip(padded, far.factors, kernel.sides, strict=True)):
        lag = np.minimum(np.arange(length), length - np.arange(length))
        values = np.fft.fft(axis_values(far, side, lag * f * side), axis=1).real / _sampled_spline(length) ** 2
        axes.append(values[:, : length // 2 + 1] if axis == 2 else values)
    weight = far.weight * float(np.prod(kernel.sides))
    planes = np.einsum("k,kz,ky->zyk", weight, axes[0], axes[1]).astype(np.float32)
    transform = fft.rfftn(_restricted(source, splines), s=padded, workers=WORKERS)
    transform *= planes @ axes[2].astype(np.float32)
    field = fft.irfftn(transform, s=padded, workers=WORKERS, overwrite_x=True)
    return _prolonged(np.ascontiguousarray(field[: coarse[0], : coarse[1], : coarse[2]]), splines)


def _splines(fine: int, factor: int) -> Volume:
    """Quintic B-splines of the coarse grid at the fine voxels, shape (fine, coarse); each row adds to 1."""
    coarse = (fine - 1) // factor + 2 + 2 * SPLINE_REACH
    place = np.arange(fine)[:, None] / factor - (np.arange(coarse) - SPLINE_REACH)
    return _quintic(place).astype(np.float32)


def _quintic(x: Array) -> Array:
    """Centred B-spline of degree 5. I. J. Schoenberg, Q Appl Math 1946;4:45."""
    a = np.abs(x)
    inner = ((3 - a) ** 5 - 6 * (2 - a) ** 5 + 15 * (1 - a) ** 5) / 120
    middle = ((3 - a) ** 5 - 6 * (2 - a) ** 5) / 120
    return np.select([a < 1, a < 2, a < 3], [inner, middle, (3 - a) ** 5 / 120], 0.0)


def _sampled_spline(length: int) -> Array:
    """Transform of the B-spline at whole numbers: what sharing out and interpolating each blur, to be divided out."""
    k = 2 * np.pi * np.arange(length) / length
    b = _quintic(np.arange(3.0))
    return np.asarray(b[0] + 2 * b[1] * np.cos(k) + 2 * b[2] * np.cos(2 * k))


def _restricted(source: Volume, splines: list[Volume]) -> Volume:
    """Sources shared out to the coarse grid; their sum stays."""
    # One product an axis, each of which goes to the end: a stack of small products starves on a busy machine.
    for spline in splines:
        source = np.tensordot(source, spline, (0, 0))
    return np.ascontiguousarray(source)


def _prolonged(field: Volume, splines: list[Volume]) -> Volume:
    """A coarse field at the fine voxels; away from the edges its sum grows by the number of fine voxels in a cell."""
    for spline in splines:
        field = np.tensordot(field, spline, (0, 1))
    return field
