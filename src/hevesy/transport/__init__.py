"""Photons and electrons through voxels by Monte Carlo."""

from hevesy.transport.media import Cutoffs
from hevesy.transport.phantom import Phantom
from hevesy.transport.simulate import Simulated, default_cutoffs, is_compiled, simulate

__all__ = ["Cutoffs", "Phantom", "Simulated", "default_cutoffs", "is_compiled", "simulate"]
