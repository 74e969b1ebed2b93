"""Point kernels of made-up smooth curves: the arithmetic of kernels is tested apart from the physics in the tables."""

import numpy as np
import pytest

from hevesy.dose.point_kernels import PointKernel, PointKernels


def electron_curves() -> PointKernel:
    """Energy spread over the CSDA range as a bell, the range and bremsstrahlung roughly as in water."""
    E = np.geomspace(1e-3, 10.0, 50)
    scale = 0.412 * E ** (1.265 - 0.0954 * np.log(E))
    scale = np.where(E > 2.5, 0.530 * E - 0.106, scale)
    radiated = 4e-3 * E / (1 + E / 40)
    x = np.linspace(0.0, 1.2, 121)
    F = 1 - (1 - np.clip(x / 1.1, 0, 1) ** 1.6) ** 2.5
    return PointKernel(energy=E, scale=scale, x=x, absorbed=np.outer(1 - radiated, F), radiated=radiated)


def photon_curves() -> PointKernel:
    """1 - (1 + b x) exp(-x) with a build-up b that rises with energy, and mean free paths roughly as in water."""
    E = np.geomspace(1e-3, 10.0, 60)
    mu = 4000 * (E / 1e-3) ** -3.1 + 0.17 * (E / 0.1) ** -0.36
    share = 1 / (1 + (E / 0.05) ** 2)
    x = np.r_[0.0, np.geomspace(1e-3, 30.0, 220)]
    primary, scattered = 1 - np.exp(-x), 1 - (1 + x) * np.exp(-x)
    F = np.outer(share, primary) + np.outer(1 - share, 0.4 * primary + 0.6 * scattered)
    F[:, -1] = 1.0
    return PointKernel(energy=E, scale=1 / mu, x=x, absorbed=F, radiated=np.zeros_like(E))


@pytest.fixture(scope="session")
def kernels() -> PointKernels:
    """The two, and a bremsstrahlung spectrum whose energy falls evenly to that of the electron."""
    electrons = electron_curves()
    line = np.geomspace(1e-3, 10.0, 80)
    shares = np.clip(1 - line / electrons.energy[:, None], 0, 1) * line
    shares[0, 0] = 1.0
    return PointKernels(
        medium="soft",
        electrons=electrons,
        photons=photon_curves(),
        bremsstrahlung_energy=line,
        bremsstrahlung=shares / shares.sum(axis=1, keepdims=True),
        sha256="made up",
    )
