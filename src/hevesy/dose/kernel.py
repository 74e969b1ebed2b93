"""Voxel kernel: energy in each voxel around one that holds a uniform source."""

from dataclasses import dataclass, replace
from itertools import pairwise, product

import numpy as np
import numpy.typing as npt

from hevesy import units as u
from hevesy.dose.radial import RadialKernel
from hevesy.dose.voxel_pairs import mirror_images, rule_for, shell_shares
from hevesy.errors import InputError
from hevesy.model.arrays import frozen

Array = npt.NDArray[np.float64]
Sides = tuple[float, float, float]

# Up to this distance, in shortest sides, voxels are averaged over shells; beyond, over points of both voxels.
NEAR_SIDES = 6.0
# Thickness of a shell in shortest sides.
SHELL = 1 / 24
# Sides [mm] and densities [g/ml] for which a kernel is meant: below, the user has mistaken the unit.
SIDES, DENSITIES = (0.01, 100.0), (1e-3, 25.0)
# Charged particles have ended where this share of their energy is left.
ENDED = 1e-6
S_VALUES = ("000", "100", "110", "111", "200", "210", "300")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VoxelKernel:
    """Energy per decay in voxels around one with a uniform source, in an endless medium of one density.

    Attributes
    ----------
    radial : RadialKernel               Energy by mass thickness from a point; it holds whatever the near part does not.
    sides : (a_z, a_y, a_x)             Sides of the voxel [mm].
    density : float                     Of the medium [g/ml].
    near_charged, near_photons : ndarray, shape (n_z, n_y, n_x)
                                        First octant around the source, index 0 the source [MeV per decay]; right for
                                        voxels whose centre is nearer than ``reach``.
    reach : float                       [mm].
    far_charged : float                 Factor close to 1 that closes the energy of charged particles; the near part has it.
    """

    radial: RadialKernel
    sides: Sides
    density: float
    near_charged: Array
    near_photons: Array
    reach: float
    far_charged: float

    def __post_init__(self) -> None:
        for name in ("near_charged", "near_photons"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @property
    def energy_per_decay(self) -> float:
        """Energy of the whole kernel, to infinity [MeV]."""
        return self.radial.energy_per_decay

    @property
    def voxel_mass(self) -> float:
        """Mass of a voxel [kg]."""
        return float(np.prod(self.sides)) * self.density * u.g_per_ml


def voxel_kernel(radial: RadialKernel, sides: Sides, *, density: float) -> VoxelKernel:
    """The voxel kernel of a radial kernel.

        E_i = < e(|a i + d|) >_d,   d = difference of two random points of a voxel

    with e the energy per volume at a distance from a point. Near voxels: sum over shells of the radial kernel with the
    mean overlap of two boxes (:func:`hevesy.dose.voxel_pairs.shell_shares`); far ones: Gauss rules over the pairs of points.
    Nothing is cropped: any voxel can be had by :func:`on_box`.

    Parameters
    ----------
    radial : RadialKernel
    sides : (a_z, a_y, a_x)             Sides of the voxel, may be unequal [mm].
    density : float                     Lengths are mass thickness by density [g/ml].

    Neglected: the change of stopping power with density (density effect), below 1 % in tissue and less for its energy.
    References: W. E. Bolch et al., MIRD Pamphlet 17, J Nucl Med 1999;40:11S; U. Fano, Radiat Res 1954;1:237.
    """
    if len(sides) != 3 or not all(SIDES[0] <= side <= SIDES[1] for side in sides):
        raise InputError(f"voxel sides are {sides} mm; three from {SIDES[0]} to {SIDES[1]} mm are allowed. Are they in mm?")
    if not DENSITIES[0] <= density <= DENSITIES[1]:
        raise InputError(f"density is {density} g/ml; from {DENSITIES[0]} to {DENSITIES[1]} is allowed. Is it in g/ml?")
    sides = (float(sides[0]), float(sides[1]), float(sides[2]))
    reach = NEAR_SIDES * min(sides)
    half = (int(reach / sides[0]) + 1, int(reach / sides[1]) + 1, int(reach / sides[2]) + 1)
    r, charged, photons = _shells(radial, density, min(sides), reach + float(np.linalg.norm(sides)))
    shares = shell_shares(r, sides, half)
    near = [np.tensordot(energy, shares, axes=1) for energy in (charged, photons)]
    for part, own in zip(near, (radial.charged[0], radial.photons[0]), strict=True):
        part[0, 0, 0] += own
    kernel = VoxelKernel(
        radial=radial,
        sides=sides,
        density=float(density),
        near_charged=near[0],
        near_photons=near[1],
        reach=reach,
        far_charged=1.0,
    )
    return _closed(kernel)


def octant(kernel: VoxelKernel, half: tuple[int, int, int], *, charged: bool) -> Array:
    """Energy of charged particles, or of photons, in voxels of index 0 to ``half`` [MeV per decay].

    The whole kernel is even in each index; :func:`mirrored` makes it.
    """
    near, scale = (kernel.near_charged, kernel.far_charged) if charged else (kernel.near_photons, 1.0)
    density = point_density(kernel, charged=charged)
    end = charged_range(kernel) + float(np.linalg.norm(kernel.sides)) if charged else np.inf
    z, y, x = (_places(h, side) for h, side in zip(half, kernel.sides, strict=True))
    distance = np.sqrt(z[:, None, None] ** 2 + y[:, None] ** 2 + x**2)
    values = np.zeros(distance.shape)
    box = tuple(slice(0, min(h + 1, length)) for h, length in zip(half, near.shape, strict=True))
    values[box] = near[box]
    values[distance >= kernel.reach] = 0.0
    bounds = [kernel.reach, 1.3 * kernel.reach, 2 * kernel.reach, 4 * kernel.reach, np.inf]
    for low, high in pairwise(bounds):
        index = np.nonzero((distance >= low) & (distance < min(high, end)))
        points = (z[index[0]], y[index[1]], x[index[2]])
        values[index] = scale * _averaged(density, points, kernel.sides, low)
    return values


def on_box(kernel: VoxelKernel, shape: tuple[int, int, int]) -> Array:
    """The kernel in a box of voxels with the source in its middle [MeV per decay].

        sum_i E_i + beyond = energy per decay

    Parameters
    ----------
    kernel : VoxelKernel
    shape : (n_z, n_y, n_x)             Odd numbers.

    Returns
    -------
    array, shape (n_z, n_y, n_x)
    """
    if len(shape) != 3 or not all(n > 0 and n % 2 == 1 for n in shape):
        raise InputError(f"a kernel has its source in the middle voxel: its shape must be three odd numbers; got {shape}.")
    half = (shape[0] // 2, shape[1] // 2, shape[2] // 2)
    return mirrored(octant(kernel, half, charged=True) + octant(kernel, half, charged=False))


def mirrored(first: Array) -> Array:
    """The whole of a kernel of which ``first`` is the octant with the source at index 0."""
    for axis in range(3):
        first = np.concatenate([np.flip(first, axis).take(range(first.shape[axis] - 1), axis), first], axis=axis)
    return first


def beyond(kernel: VoxelKernel, shape: tuple[int, int, int]) -> float:
    """Energy outside a box of voxels with the source in its middle [MeV per decay]."""
    return kernel.energy_per_decay - float(np.sum(on_box(kernel, shape)))


def dose_per_decay(kernel: VoxelKernel, shape: tuple[int, int, int]) -> Array:
    """S values of a box of voxels: absorbed dose per decay, S = E / (rho V) [Gy/(Bq s)]."""
    return on_box(kernel, shape) * (u.JOULE_PER_MEV / kernel.voxel_mass)


def s_values(kernel: VoxelKernel) -> dict[str, float]:
    """Dose per decay in the source voxel and its neighbours: "S210" is 2, 1, 0 voxels off [Gy/(Bq s)].

    The digits count voxels along x, y and z; the order matters for unequal sides only.
    """
    values = dose_per_decay(kernel, (7, 7, 7))
    return {f"S{name}": float(values[3 + int(name[2]), 3 + int(name[1]), 3 + int(name[0])]) for name in S_VALUES}


def charged_range(kernel: VoxelKernel) -> float:
    """Distance within which all but a millionth of the charged particles' energy is absorbed [mm]."""
    charged = kernel.radial.charged
    n = int(np.searchsorted(charged, (1 - ENDED) * charged[-1]))
    return float(kernel.radial.r[n]) * u.cm / kernel.density


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PointDensity:
    """Energy per volume at a distance from a decay: e(r) = E'(r) / (4 pi r^2).

    Attributes
    ----------
    r : ndarray, shape (n,)             Distances, increasing [mm].
    slope : ndarray, shape (n,)         E'(r), linear in between [MeV/mm].
    """

    r: Array
    slope: Array

    def at(self, r: Array) -> Array:
        """At distances ``r`` > 0 [MeV/mm3]."""
        return np.interp(r, self.r, self.slope) / (4 * np.pi * r * r)


def point_density(kernel: VoxelKernel, *, charged: bool) -> PointDensity:
    """Energy density of charged particles, or of photons, around a point."""
    r = kernel.radial.r[1:] * u.cm / kernel.density
    within = (kernel.radial.charged if charged else kernel.radial.photons)[1:]
    return PointDensity(r=(r[:-1] + r[1:]) / 2, slope=np.diff(within) / np.diff(r))


def _places(half: int, side: float) -> Array:
    """Centres of voxels 0 to ``half`` [mm]."""
    return np.arange(half + 1, dtype=np.float64) * side


def _shells(radial: RadialKernel, density: float, side: float, end: float) -> tuple[Array, Array, Array]:
    """Middle radii [mm] of shells up to ``end`` and the energies in them; those beyond a side are thin against it."""
    from scipy.interpolate import PchipInterpolator

    r = radial.r * u.cm / density
    # Where the kernel's own steps are wider than a shell, the rest is cut evenly; all shells of a side's length stay thin.
    wide = np.nonzero((np.diff(r) > SHELL * side) | (r[1:] > end))[0]
    own = r[: int(wide[0]) + 1]
    edges = np.r_[own, np.arange(own[-1], end, SHELL * side)[1:], end]
    parts = [np.diff(PchipInterpolator(r, part)(edges)) for part in (radial.charged, radial.photons)]
    return (edges[1:] + edges[:-1]) / 2, np.asarray(parts[0]), np.asarray(parts[1])


def _averaged(density: PointDensity, points: tuple[Array, Array, Array], sides: Sides, distance: float) -> Array:
    """Mean of the energy density over the pairs of points of voxels that far apart, by volume [MeV]."""
    rules = [rule_for(side, distance) for side in sides]
    total = np.zeros(points[0].size)
    for z, y, x in product(*(zip(*rule, strict=True) for rule in rules)):
        dz, dy, dx = (p + node[0] * side for p, node, side in zip(points, (z, y, x), sides, strict=True))
        total += z[1] * y[1] * x[1] * density.at(np.sqrt(dz * dz + dy * dy + dx * dx))
    return total * float(np.prod(sides))


def _closed(kernel: VoxelKernel) -> VoxelKernel:
    """The kernel with the energy of charged particles brought to the budget: a factor that differs from 1 by some 1e-5."""
    end = charged_range(kernel) + float(np.linalg.norm(kernel.sides))
    half = (int(end / kernel.sides[0]) + 1, int(end / kernel.sides[1]) + 1, int(end / kernel.sides[2]) + 1)
    # In such a large box the rules are fine against the range, and there is nothing to close.
    if end <= kernel.reach or np.prod([h + 1.0 for h in half]) > 2e6:
        return kernel
    values = octant(kernel, half, charged=True)
    factor = float(kernel.radial.charged[-1]) / float(np.sum(values * mirror_images(half)))
    return replace(kernel, near_charged=kernel.near_charged * factor, far_charged=factor)
