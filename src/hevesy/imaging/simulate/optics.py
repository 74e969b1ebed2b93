"""The projector that belongs to a collimator: parallel holes or a pinhole."""

from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import ScopeError
from hevesy.imaging.projectors import Orbit, ParallelHole, Pinhole, aperture_of
from hevesy.imaging.simulate.acquisition import Acquisition
from hevesy.imaging.systems.gamma_camera import intrinsic_resolution
from hevesy.model import Grid

Projector = ParallelHole | Pinhole


def projector(  # noqa: PLR0913 - all have a name at the call
    grid: Grid,
    setup: Acquisition,
    *,
    energy: float,
    factors: npt.ArrayLike,
    mu: npt.NDArray[Any] | None,
    orbit: Orbit | None = None,
    response: bool = True,
    support: npt.NDArray[np.bool_] | None = None,
    memory: float = 1.5e9,
    coarse: bool = False,
) -> Projector:
    """Projector of an acquisition at the energy of a line.

    Parameters
    ----------
    energy : float                      Of the line [MeV].
    factors, mu, support, memory        As for :class:`hevesy.imaging.projectors.ParallelHole`.
    orbit : Orbit, optional             Other views than those of the acquisition.
    response : bool                     Without it parallel holes are drawn sharp; a pinhole has no such limit.
    coarse : bool                       Voxels are wide: a pinhole, which takes them for points, blurs by their side too.
    """
    place = orbit or setup.orbit
    if not setup.is_pinhole:
        widths = setup.fwhm(energy)
        return ParallelHole(
            grid, place, factors, fwhm=(lambda d: np.interp(d, np.arange(widths.size), widths)) if response else None,
            mu=mu, support=support, memory=memory,
        )  # fmt: skip
    if not response:
        raise ScopeError(f"collimator {setup.collimator.name}: a pinhole's image is made by its response; leave it in.")
    aperture, intrinsic = aperture_of(setup.collimator, energy), intrinsic_resolution(setup.camera, energy)
    if coarse:
        intrinsic = float(np.hypot(intrinsic, grid.spacing[0] * aperture.focal_length / place.radii.mean()))
    return Pinhole(grid, place, factors, aperture, intrinsic=intrinsic, mu=mu)
