"""Scattered counts by an effective source: one Compton scatter in water, by Klein and Nishina, with the energy windows."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.imaging.projectors import circular_orbit
from hevesy.imaging.projectors.orbit import Orbit
from hevesy.imaging.simulate.acquisition import Acquisition
from hevesy.imaging.simulate.counting import Counting
from hevesy.imaging.simulate.medium import attenuation_map, coarsened, cropped, electrons_by_water
from hevesy.imaging.simulate.optics import projector
from hevesy.imaging.simulate.pinhole_scatter import of_line
from hevesy.materials import incoherent_scattering_function, load_material, photon_cross_sections
from hevesy.model import Grid, Image
from hevesy.transport import Phantom
from hevesy.units import cm

Floats = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]

ELECTRON_MASS = 0.51099895  # MeV, CODATA 2018
_RADIUS2 = (2.8179403262e-13 * cm) ** 2  # classical electron radius squared [mm2]
_AVOGADRO = 6.02214076e23
_INVERSE_ANGSTROM_PER_MEV = 80.65544
# The scatter of a body is smooth: it is computed in voxels of at least this side, in at most so many directions.
SIDE, DIRECTIONS = 9.0, 32
_COSINES = 2001
# Offsets up to so many voxels are averaged over so many points a side; the mean way of a point from its voxel's axis.
_NEAR, _PARTS, _ACROSS = 2, 4, 0.41


def scattered(activity: Image, body: Phantom, setup: Acquisition, table: Counting) -> Floats:
    """Expected counts of photons that scattered once in the body, shape (windows, views, rows, columns).

        s_v(r) = n_e(r) int a(r') k_v(r - r') dr'
        k_v(D) = Y exp(-mu |D|) / |D|^2 * r_e^2/2 (E'/E)^2 (E'/E + E/E' - sin^2 theta) S(x) C(E')

    s_v is an effective source of unscattered photons towards the detector of view v; theta is the angle between D and the
    direction to the detector, E' the energy after the scatter, C the counts for each photon of that energy in the window.
    The source is projected with the attenuation at the mean energy of what it counts.

    Behind a pinhole theta is that of the way from r to the hole: :mod:`hevesy.imaging.simulate.pinhole_scatter`.

    Neglected: that the way to the scatter may lead through other tissue than water, and second and later scatters (Cao, Frey
    and Tsui, IEEE Trans. Nucl. Sci. 41 (1994) 1594, find 7 % of the scatter of a source 6 cm deep and 27 % at 21.6 cm:
    :func:`hevesy.imaging.simulate.multiple.multiple_scatter` measures them by Monte Carlo).
    Reference for the effective source: Frey and Tsui, IEEE Nuclear Science Symposium 1996, 1082.
    """
    coarse, small = cropped(*coarsened(activity, body, SIDE))
    few = _few_directions(setup.orbit)
    decays = setup.decays()
    total = np.zeros((len(setup.windows), few.views, *_rows(setup)), dtype=np.float32)
    for energy, per_decay in setup.lines():
        total += _of_line(coarse, small, few, setup, table, energy) * np.float32(per_decay)
    spread = _to_views(total, few, setup.orbit)
    return np.asarray(spread * decays[None, :, None, None].astype(np.float32))


def _rows(setup: Acquisition) -> tuple[int, int]:
    return setup.orbit.rows, setup.orbit.columns


def _of_line(activity: Image, body: Phantom, orbit: Orbit, setup: Acquisition, table: Counting, energy: float) -> Floats:
    """Counts for each Bq s of a line, shape (windows, directions, rows, columns); activity and body on coarse voxels."""
    import scipy.fft

    cosine = np.linspace(-1, 1, _COSINES)
    angular, mean = _angular(energy, cosine, table)
    if setup.is_pinhole:
        return of_line(activity, body, orbit, setup, energy=energy, angular=angular, mean=mean)
    grid = activity.grid
    shape = tuple(scipy.fft.next_fast_len(2 * n, real=True) for n in grid.shape)
    inside = tuple(slice(0, n) for n in grid.shape)
    spectrum = scipy.fft.rfftn(activity.values, shape, workers=2)
    offsets, electrons = _offsets(grid, energy), electrons_by_water(body)
    out = np.zeros((len(setup.windows), orbit.views, orbit.rows, orbit.columns), dtype=np.float32)
    for n, E in enumerate(mean):
        if not angular[n].max() > 0:
            continue
        operator = projector(
            grid, setup, energy=energy, factors=1.0, mu=attenuation_map(body, float(E)), orbit=orbit, coarse=True
        )
        for v in range(orbit.views):
            kernel = np.zeros(shape, dtype=np.float32)
            _wrap_into(kernel, offsets.kernel(math.radians(float(orbit.angles[v])), cosine, angular[n]))
            source = scipy.fft.irfftn(spectrum * scipy.fft.rfftn(kernel, workers=2), shape, workers=2)[inside]
            out[n, v] = operator.forward(np.maximum(source, 0) * electrons, np.array([v]))[0]
    return out


def _angular(energy: float, cosine: Array, table: Counting) -> tuple[Array, Array]:
    """4 pi n_e dsigma/dOmega C(E') by window and cosine [1/mm], and the mean energy of what each window counts [MeV]."""
    ratio = 1 / (1 + energy / ELECTRON_MASS * (1 - cosine))
    x = energy * _INVERSE_ANGSTROM_PER_MEV * np.sqrt(np.maximum(1 - cosine, 0) / 2)
    bound = 0.1119 * incoherent_scattering_function(1, x) / 1.008 + 0.8881 * incoherent_scattering_function(8, x) / 15.999
    klein_nishina = _RADIUS2 / 2 * ratio**2 * (ratio + 1 / ratio - (1 - cosine**2))
    per_mm3 = _AVOGADRO / 1000 * bound
    angular = 4 * np.pi * per_mm3 * klein_nishina * table.at(energy * ratio)
    weight = angular.sum(axis=1)
    mean = np.where(weight > 0, (angular @ (energy * ratio)) / np.where(weight > 0, weight, 1), energy)
    return angular, mean


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Offsets:
    """Every offset between two voxels: its direction in the plane of the orbit, and V exp(-mu D) / (4 pi D^2).

    Near offsets, over which both vary, stand as ``_PARTS``^3 points each, on an axis of their own at the end.
    """

    y: Floats
    x: Floats
    flux: Floats
    near: tuple[slice, slice, slice]
    near_y: Array
    near_x: Array
    near_flux: Array

    def kernel(self, angle: float, cosine: Array, angular: Array) -> Floats:
        """flux * angular(cosine of the angle to the detector), mean over each voxel."""
        s, c = math.sin(angle), math.cos(angle)
        # Nodes are so close that the nearest one will do.
        scale = np.float32((cosine.size - 1) / 2)
        place = (self.x * np.float32(s) + self.y * np.float32(c) + np.float32(1)) * scale + np.float32(0.5)
        values = angular.astype(np.float32)[place.astype(np.int32)] * self.flux
        close = np.interp(self.near_x * s + self.near_y * c, cosine, angular) * self.near_flux
        values[self.near] = close.mean(axis=-1)
        return np.asarray(values, dtype=np.float32)


def _offsets(grid: Grid, energy: float) -> _Offsets:
    mu = float(photon_cross_sections(load_material("water"), energy).total) / cm
    sides = np.array(grid.spacing[::-1])
    volume = float(np.prod(sides)) / (4 * np.pi)
    axes = [np.arange(-(n - 1), n) * side for n, side in zip(grid.shape, sides, strict=True)]
    z, y, x = axes[0][:, None, None], axes[1][None, :, None], axes[2][None, None, :]
    length = np.maximum(np.sqrt(z * z + y * y + x * x), 1e-3)
    # Seen from a far voxel the other one is wide: no point of it but its middle lies exactly ahead.
    blunt = np.cos(np.minimum(_ACROSS * float(sides.mean()) / length, 1.0)) / length
    near = tuple(slice(max(0, n - 1 - _NEAR), n + _NEAR) for n in grid.shape)
    part = (np.arange(_PARTS) + 0.5) / _PARTS - 0.5
    dz, dy, dx = (g.ravel() * side for g, side in zip(np.meshgrid(part, part, part, indexing="ij"), sides, strict=True))
    nz, ny, nx = z[near[0]], y[:, near[1]], x[:, :, near[2]]
    pz, py, px = nz[..., None] + dz, ny[..., None] + dy, nx[..., None] + dx
    d = np.sqrt(pz**2 + py**2 + px**2)
    return _Offsets(
        y=(y * blunt).astype(np.float32),
        x=(x * blunt).astype(np.float32),
        flux=(np.exp(-mu * length) / length**2 * volume).astype(np.float32),
        near=(near[0], near[1], near[2]),
        near_y=py / d,
        near_x=px / d,
        near_flux=np.exp(-mu * d) / d**2 * volume,
    )


def _wrap_into(kernel: Floats, values: Floats) -> None:
    """Offsets -(n-1) .. n-1 into a periodic array, offset 0 first."""
    for axis, n in enumerate(values.shape):
        values = np.roll(_padded(values, kernel.shape[axis], axis), -((n + 1) // 2 - 1), axis=axis)
    kernel[...] = values


def _padded(values: Floats, size: int, axis: int) -> Floats:
    widths = [(0, 0)] * values.ndim
    widths[axis] = (0, size - values.shape[axis])
    return np.pad(values, widths) if widths[axis][1] >= 0 else values


def _few_directions(orbit: Orbit) -> Orbit:
    """Evenly spaced directions over the circle at the mean radius, or those of the orbit where they are few."""
    if orbit.views <= DIRECTIONS:
        return orbit
    return circular_orbit(
        DIRECTIONS, radius=float(orbit.radii.mean()), rows=orbit.rows, columns=orbit.columns, pixel=orbit.pixel,
        start=float(orbit.angles[0]), centre=orbit.centre,
    )  # fmt: skip


def _to_views(counts: Floats, few: Orbit, orbit: Orbit) -> Floats:
    """Periodic linear interpolation in the angle."""
    if few.views == orbit.views:
        return counts
    place = ((orbit.angles - few.angles[0]) % 360.0) / 360.0 * few.views
    first = np.floor(place).astype(int)
    share = (place - first).astype(np.float32)[None, :, None, None]
    return np.asarray(counts[:, first % few.views] * (1 - share) + counts[:, (first + 1) % few.views] * share)
