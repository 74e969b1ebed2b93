"""What the camera makes of a photon: how likely it is counted, and in which energy window."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from hevesy.imaging.simulate.acquisition import Acquisition, lowest_energy
from hevesy.imaging.systems import Camera, geometric_efficiency
from hevesy.imaging.systems.crystal import attenuation, kept, stopped
from hevesy.imaging.systems.gamma_camera import energy_resolution
from hevesy.model import EnergyWindow

Array = npt.NDArray[np.float64]

NODES, EVERY = 49, 4  # the crystal is asked at every fourth node: it changes smoothly
_ROOT2 = math.sqrt(2)
_SIGMA = 1 / math.sqrt(8 * math.log(2))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counting:
    """Counts for each photon given off evenly in all directions, in air, by its energy and by window.

    Of a pinhole: for each photon that passes the hole.

    ``energy`` (n,) [MeV], evenly spaced in ln E; ``counts`` (windows, n) [1].
    """

    energy: Array
    counts: Array

    def at(self, energy: npt.ArrayLike) -> Array:
        """Counts by window at ``energy`` [MeV], shape (windows, ...)."""
        E = np.asarray(energy, dtype=np.float64)
        inside = (self.energy[0] <= E) & (self.energy[-1] >= E)
        return np.stack([np.where(inside, np.interp(E, self.energy, row), 0.0) for row in self.counts])


def window_shares(camera: Camera, windows: tuple[EnergyWindow, ...], energy: npt.ArrayLike) -> Array:
    """Share of the full-energy peak of ``energy`` [MeV] in each window, shape (windows, ...): a Gaussian's."""
    from scipy.special import erf

    E = np.asarray(energy, dtype=np.float64)
    width = np.vectorize(lambda e: energy_resolution(camera, e) * e * _SIGMA)(E) * 1000 * _ROOT2
    limits = [(w.lower, w.upper) for w in windows]
    return np.stack([0.5 * (erf((upper - 1000 * E) / width) - erf((lower - 1000 * E) / width)) for lower, upper in limits])


def crystal_efficiency(camera: Camera, energy: float) -> float:
    """Share of the photons onto the crystal that leave all their energy in it [1].

    Neglected: what is deposited in part, which falls below the peak: it adds to windows below it, some per cent at 140
    keV and more at high energies.
    """
    return _full_energy(camera.crystal_material, camera.crystal_thickness, energy)


@cache
def _full_energy(material: str, thickness: float, energy: float) -> float:
    return stopped(material, thickness, energy) * kept(material, thickness, energy, least=0.9 * energy)


def counting(setup: Acquisition) -> Counting:
    """The table for an acquisition, from the lowest energy that is counted to the highest line."""
    highest = max(energy for energy, _ in setup.lines()) * 1.001
    lowest = max(lowest_energy(setup.camera, setup.windows), 0.02)
    energy = np.geomspace(lowest, highest, NODES)
    stops = np.interp(
        np.log(energy), np.log(energy[::EVERY]), [crystal_efficiency(setup.camera, float(E)) for E in energy[::EVERY]]
    )
    passed = stops * np.array([_through_holes(setup, float(E)) for E in energy])
    return Counting(energy=energy, counts=window_shares(setup.camera, setup.windows, energy) * passed)


def _through_holes(setup: Acquisition, energy: float) -> float:
    collimator = setup.collimator
    if setup.is_pinhole:
        return 1.0  # the solid angle of the hole changes with the place: it is in the projector
    if collimator.length <= 2 / attenuation(collimator.material, energy):
        # The holes are shorter than what this photon crosses: it goes through as penetration only, which is not counted here.
        return 0.0
    return geometric_efficiency(collimator, energy)
