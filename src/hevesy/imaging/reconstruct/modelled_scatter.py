"""Scatter and septal penetration computed from the image itself, on coarse voxels, before the image is made."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.projectors import ParallelHole, orbit_of
from hevesy.imaging.projectors.blurs import Fwhm
from hevesy.imaging.reconstruct.osem import osem
from hevesy.imaging.simulate import (
    Acquisition,
    Indirect,
    attenuation_map,
    coarsened,
    counts_in_air,
    indirect_counts,
)
from hevesy.imaging.systems import Camera, Collimator
from hevesy.materials import load_material, photon_cross_sections
from hevesy.model import EnergyWindow, Grid, Image, Projections
from hevesy.model.image import Quantity
from hevesy.transport import Phantom

Floats = npt.NDArray[np.float32]
Progress = Callable[[float], None]

# The image that scatters: side of its voxels [mm], how it is made, and how often the scatter is made anew from it.
SIDE, ITERATIONS, SUBSETS, PASSES = 9.0, 4, 8, 3
HISTORIES, SEED = 400_000, 4711
EARLIER = 8  # times fewer photons are followed in all passes but the last
MM_PER_CM = 10.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScatterModel:
    """What has to be known of the detector to compute what it counts of scattered photons.

    Attributes
    ----------
    camera, collimator                  With parallel holes.
    histories, seed : int               Of the short Monte Carlo run for later scatters, in the last pass.
    passes : int                        How often the scatter is made anew from the image.
    """

    camera: Camera
    collimator: Collimator
    histories: int = HISTORIES
    seed: int = SEED
    passes: int = PASSES

    def __post_init__(self) -> None:
        if self.collimator.shape == "pinhole":
            raise InputError(f"collimator {self.collimator.name}: scatter behind a pinhole is not modelled. Use energy windows.")
        if self.passes < 1:
            raise InputError(f"scatter in {self.passes} passes; at least 1 is needed.")

    def acquisition(self, projections: Projections, window: EnergyWindow) -> Acquisition:
        """The acquisition of these projections, with the photopeak alone."""
        return Acquisition(
            camera=self.camera, collimator=self.collimator, nuclide=projections.nuclide, windows=(window,),
            orbit=orbit_of(projections), starts=projections.starts, durations=projections.durations,
        )  # fmt: skip

    def through_holes(self, projections: Projections, window: EnergyWindow) -> float:
        """Share of the counts of a source in air that come through holes, the others through walls [1]."""
        holes, walls = counts_in_air(self.acquisition(projections, window))
        return holes / (holes + walls)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelledScatter:
    """Expected counts in the peak that did not come straight through a hole.

    Attributes
    ----------
    scatter, penetration : ndarray, shape (views, rows, columns)
    u : float                           Relative standard uncertainty of the scatter's sum by its Monte Carlo run [1].
    change : float                      Of the sum from the last pass but one to the last, relative [1].
    """

    scatter: Floats
    penetration: Floats
    u: float
    change: float

    def estimate(self) -> Floats:
        """Both together, (views, rows, columns)."""
        return np.asarray(self.scatter + self.penetration)


def modelled_scatter(  # noqa: PLR0913 - all have a name at the call
    projections: Projections,
    model: ScatterModel,
    *,
    peak: str,
    energy: float,
    sensitivity: float,
    factors: npt.NDArray[np.float64],
    response: Fwhm | None,
    mu: Floats,
    grid: Grid,
    support: npt.NDArray[np.bool_],
) -> ModelledScatter:
    """Scatter and penetration that belong to the image: the two are found in turn.

        f = OSEM(y, r);      r <- r + (M f - r) / (1 + p),      p = sum M f / sum A f;      at first r = 0

    M is the effective source of :func:`hevesy.imaging.simulate.indirect_counts`, brought to the sensitivity of A.  Scatter
    that is missing in r makes f too high by that share of the counts, and M f by p times as much: hence the step.

    Parameters
    ----------
    energy : float                      Of the line that mu belongs to [MeV].
    sensitivity : float                 Through the holes [counts/(Bq s)].
    factors : ndarray (views,)          Of the projector: sensitivity x decays in the view per Bq [counts/Bq].
    mu : ndarray, shape of the grid     [1/mm].
    support : ndarray, shape (y, x)     Columns of voxels that may hold activity.

    Neglected: activity and body beyond the field of view; that bone is not dense water (its attenuation is its own); scatter
    in couch, collimator and crystal; noise of the image that scatters.
    Reference: Frey and Tsui, IEEE Nuclear Science Symposium 1996, 1082.
    """
    counts = projections.window(peak)
    window = next(w for w in projections.windows if w.name == peak)
    setup = model.acquisition(projections, window)
    water = load_material("water")
    per_gram = float(photon_cross_sections(water, energy).total) / MM_PER_CM
    thick = Phantom(
        density=np.maximum(np.asarray(mu, np.float64) / per_gram, 1e-3), medium=np.zeros(grid.shape, np.uint8), media=(water,),
        voxel=grid.spacing[::-1],
    )  # fmt: skip
    held = Image(
        values=np.broadcast_to(support, grid.shape).astype(np.float32), grid=grid, quantity=Quantity.ACTIVITY_CONCENTRATION
    )
    may, body = coarsened(held, thick, SIDE)
    operator = ParallelHole(
        may.grid, setup.orbit, factors, fwhm=response, mu=attenuation_map(body, energy), support=may.values.max(axis=0) > 0
    )
    scale = np.float32(sensitivity / counts_in_air(setup)[0])
    first = np.zeros(counts.shape, np.float32)
    found = ModelledScatter(scatter=first, penetration=first, u=0.0, change=0.0)
    last: Floats | None = None
    for n in range(model.passes):
        last = np.ascontiguousarray(
            osem(
                operator, counts, additive=found.estimate(), iterations=ITERATIONS, subsets=min(SUBSETS, len(factors)), start=last
            )
        )  # fmt: skip
        photons = model.histories if n == model.passes - 1 else model.histories // EARLIER
        made = indirect_counts(replace(may, values=last), body, setup, seed=model.seed + n, histories=photons)
        straight = float(operator.forward(last).sum(dtype=np.float64))
        found = _nearer(found, made, scale, straight)
    return found


def _nearer(before: ModelledScatter, made: Indirect, scale: np.float32, straight: float) -> ModelledScatter:
    """A step from the scatter behind an image towards the scatter of that image, as long as it should be."""
    scatter, through = made.scatter[0] * scale, made.penetration[0] * scale
    whole = float((scatter + through).sum(dtype=np.float64))
    step = np.float32(1 / (1 + whole / straight)) if straight > 0 else np.float32(1)
    scatter = before.scatter + step * (scatter - before.scatter)
    through = before.penetration + step * (through - before.penetration)
    now, then = (float(part.sum(dtype=np.float64)) for part in (scatter + through, before.estimate()))
    return ModelledScatter(
        scatter=np.asarray(scatter), penetration=np.asarray(through), u=made.factors.u[0],
        change=now / then - 1 if then > 0 else 0.0,
    )  # fmt: skip
