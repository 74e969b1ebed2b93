"""Scattered counts behind a pinhole: one Compton scatter, pair by pair, because each place looks at the hole its own way."""

import numpy as np
import numpy.typing as npt

from hevesy.imaging.projectors.orbit import Orbit
from hevesy.imaging.simulate.acquisition import Acquisition
from hevesy.imaging.simulate.medium import attenuation_map, electrons_by_water
from hevesy.imaging.simulate.optics import projector
from hevesy.materials import load_material, photon_cross_sections
from hevesy.model import Grid, Image
from hevesy.transport import Phantom
from hevesy.units import cm

Floats = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]

_PARTS = np.array([-0.25, 0.25])  # of a voxel: where its activity is taken to be, eight points


def of_line(
    activity: Image, body: Phantom, orbit: Orbit, setup: Acquisition, *, energy: float, angular: Array, mean: Array
) -> Floats:
    """Counts for each Bq s of a line, shape (windows, views, rows, columns).

        s_v(r) = n_e(r) sum_r' a(r') exp(-mu |D|) / (4 pi |D|^2) angular(cos theta_v),   D = r - r'

    with theta_v the angle between D and the way from r to the hole of view v, projected through the hole.

    Parameters
    ----------
    activity, body                      In coarse voxels.
    angular : ndarray (windows, n)      By evenly spaced cosines from -1 to 1 [1/mm]; ``mean`` (windows,) the energies [MeV].

    Neglected: later scatters, other tissue than water on the way to the scatter.
    """
    grid = activity.grid
    electrons = electrons_by_water(body)
    sites = np.argwhere(electrons > 0.05)
    r = _places(grid, sites)
    sources = np.argwhere(activity.values > 0)
    amount = np.repeat(activity.values[tuple(sources.T)].astype(np.float64) / 8, 8)
    parts = np.stack(np.meshgrid(_PARTS, _PARTS, _PARTS, indexing="ij"), axis=-1).reshape(-1, 3)
    start = _places(grid, (sources[:, None, :] + parts[None]).reshape(-1, 3))
    mu = float(photon_cross_sections(load_material("water"), energy).total) / cm
    out = np.zeros((len(setup.windows), orbit.views, orbit.rows, orbit.columns), np.float32)
    holes = _holes(orbit)
    scattered = _scattered(r, start, amount * np.prod(grid.spacing), mu=mu, holes=holes, angular=angular)
    for n, E in enumerate(mean):
        if not angular[n].max() > 0:
            continue
        operator = projector(
            grid, setup, energy=energy, factors=1.0, mu=attenuation_map(body, float(E)), orbit=orbit, coarse=True
        )
        for v in range(orbit.views):
            source = np.zeros(grid.shape, np.float32)
            source[tuple(sites.T)] = scattered[n, v] * electrons[tuple(sites.T)]
            out[n, v] = operator.forward(source, np.array([v]))[0]
    return out


def _scattered(r: Array, start: Array, amount: Array, *, mu: float, holes: Array, angular: Array) -> Array:
    """Effective source of each site, shape (windows, views, sites); ``amount`` is concentration times volume of a voxel."""
    way = holes[:, None, :] - r[None]
    way /= np.linalg.norm(way, axis=2, keepdims=True)
    out = np.zeros((len(angular), len(holes), len(r)))
    last = angular.shape[1] - 1
    for place, much in zip(start, amount, strict=True):
        D = r - place
        length = np.linalg.norm(D, axis=1)
        flux = much * np.exp(-mu * length) / (4 * np.pi * length**2)
        cosine = np.einsum("vsk,sk->vs", way, D / length[:, None])
        at = np.rint((cosine + 1) / 2 * last).astype(np.intp)
        out += angular[:, at] * flux
    return out


def _places(grid: Grid, index: npt.NDArray[np.floating] | npt.NDArray[np.integer]) -> Array:
    """LPS of places (z, y, x) on a grid along the axes [mm]."""
    return np.asarray(index[:, ::-1] * np.diag(grid.affine)[:3] + grid.affine[:3, 3], dtype=np.float64)


def _holes(orbit: Orbit) -> Array:
    a = np.deg2rad(orbit.angles)
    flat = np.stack([np.sin(a), np.cos(a), np.zeros_like(a)], axis=1)
    return np.asarray(np.asarray(orbit.centre) + orbit.radii[:, None] * flat)
