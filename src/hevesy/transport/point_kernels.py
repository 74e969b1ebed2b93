"""Point kernels of electrons and photons of one energy: energy absorbed within a distance, in an endless medium."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.materials import Material, csda_range, photon_cross_sections, radiation_yield
from hevesy.rng import stream
from hevesy.transport.media import HIGHEST, PER_CM, Cutoffs, electron_tables, photon_tables, without_radiation

Array = npt.NDArray[np.float64]

# Radii by CSDA range of an electron: none gets further than 1.2, straggling included.
ELECTRON_RADII = np.linspace(0.0, 1.2, 121)
# Radii by mean free path of a photon.
PHOTON_RADII = np.concatenate([[0.0], np.geomspace(2e-4, 45.0, 120)])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RadialKernel:
    """Fraction of a particle's energy absorbed within radii, its uncertainty, and the fraction that is radiated.

    Attributes
    ----------
    energy : float              [MeV].
    scale : float               Unit of the radii: CSDA range, or mean free path [g/cm2].
    radii : ndarray             [1].
    absorbed, u : ndarray       Cumulative fraction and its standard uncertainty [1].
    radiated : float            Share that leaves as bremsstrahlung, which is not followed here [1].
    """

    energy: float
    scale: float
    radii: Array
    absorbed: Array
    u: Array
    radiated: float


def electron_kernel(medium: Material, energy: float, *, histories: int, seed: int, charge: int = 0) -> RadialKernel:
    """Point kernel of an electron (or positron, ``charge`` 1) of ``energy`` [MeV].

    Steps lose 3 % of the energy; knock-on electrons above a tenth of the energy are followed.
    """
    from hevesy.transport._kernels.radial import electrons_from_point

    cut = Cutoffs(step=0.03, hard_from=HIGHEST)
    tables = electron_tables([medium], cut)
    scale = float(csda_range(medium, energy))
    edges = ELECTRON_RADII[1:] * scale / PER_CM
    tallies = _batches(
        lambda number, tally: electrons_from_point(histories // 10, energy, charge, tables, edges, tally, stream(seed, number)),
        edges.size,
    )
    return _kernel(energy, scale, ELECTRON_RADII, tallies, float(radiation_yield(medium, energy)))


def photon_kernel(medium: Material, energy: float, *, histories: int, seed: int) -> RadialKernel:
    """Point kernel of a photon of ``energy`` [MeV]; bremsstrahlung of its electrons is absorbed where it is made."""
    from hevesy.transport._kernels.radial import photons_from_point

    cut = Cutoffs(step=0.1, hard_from=HIGHEST, follow_from=0.0)
    electrons, photons = without_radiation(electron_tables([medium], cut)), photon_tables([medium], cut)
    scale = 1.0 / float(photon_cross_sections(medium, energy).total)
    edges = PHOTON_RADII[1:] * scale / PER_CM
    tallies = _batches(
        lambda number, tally: photons_from_point(histories // 10, energy, photons, electrons, edges, tally, stream(seed, number)),
        edges.size,
    )
    return _kernel(energy, scale, PHOTON_RADII, tallies, 0.0)


def _batches(run: object, shells: int) -> Array:
    """Ten batches, one row each, by shell; the last column lies beyond the last radius."""
    tallies = np.zeros((10, shells + 1))
    for number in range(10):
        run(number, tallies[number])  # type: ignore[operator]
    return tallies


def _kernel(energy: float, scale: float, radii: Array, tallies: Array, radiated: float) -> RadialKernel:
    # Each batch's energy is known without chance: dividing by what it absorbed takes out the noise of the sum.
    share = np.cumsum(tallies, axis=1) / np.sum(tallies, axis=1, keepdims=True) * (1 - radiated)
    absorbed = np.concatenate([[0.0], share.mean(axis=0)[:-1]])
    u = np.concatenate([[0.0], share.std(axis=0, ddof=1)[:-1] / np.sqrt(len(tallies))])
    return RadialKernel(energy=energy, scale=scale, radii=radii, absorbed=absorbed, u=u, radiated=radiated)
