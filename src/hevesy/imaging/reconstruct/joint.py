"""One image from several photopeaks: each with its own attenuation, response, sensitivity and scatter, one likelihood."""

from collections.abc import Callable, Sequence

import numpy as np

from hevesy.errors import InputError
from hevesy.imaging.reconstruct.osem import log_likelihood, osem
from hevesy.imaging.reconstruct.spect import SpectModel, SpectProtocol, SpectReconstruction, SpectSystem, spect_model
from hevesy.imaging.reconstruct.stacked_model import stacked_model
from hevesy.model import Grid, Image, Projections
from hevesy.model.image import Quantity


def reconstruct_joint(
    projections: Projections,
    systems: Sequence[SpectSystem],
    *,
    mu: Image | None,
    grid: Grid | None = None,
    settings: SpectProtocol | None = None,
    progress: Callable[[float], None] | None = None,
) -> SpectReconstruction:
    """A quantitative image from the counts of several photopeaks, as of 113 and 208 keV of Lu-177.

        L(f) = sum_k sum_i  y_ki ln q_ki - q_ki,      q_k = A_k f + r_k

    Each peak has its own windows, and so counts that are independent of the others: this is the likelihood of all data.
    Summed counts would need one attenuation for both.

    Parameters
    ----------
    projections : Projections           With all windows.
    systems : sequence of SpectSystem   One for each peak, of one half-life.
    mu : Image of CT numbers or None    [HU].
    grid, settings, progress            As for :func:`hevesy.imaging.reconstruct.spect.reconstruct_spect`; without a prior.

    Neglected: as there.
    """
    settings = settings or SpectProtocol()
    if settings.prior != "none":
        raise InputError(f'a joint reconstruction with the prior "{settings.prior}"; allowed is none. Choose prior = "none".')
    model = joint_model(projections, systems, mu=mu, grid=grid, scatter_filter=settings.scatter_filter)
    operator, counts, additive = model.operator, model.counts, model.additive
    values = osem(
        operator, counts, additive=additive, iterations=settings.iterations, subsets=min(settings.subsets, len(counts)),
        progress=progress,
    )  # fmt: skip
    total = float(counts.sum(dtype=np.float64))
    scattered = 0.0 if additive is None else float(additive.sum(dtype=np.float64))
    plain = [s.peak for s in systems if not s.scatter_windows and s.scatter_model is None]
    said = (f"not corrected for scatter in {', '.join(plain)}: activity is overestimated.",) if plain else ()
    return SpectReconstruction(
        image=Image(values=np.ascontiguousarray(values), grid=model.grid, quantity=Quantity.ACTIVITY_CONCENTRATION),
        counts=total,
        scatter_fraction=scattered / total if total > 0 else 0.0,
        log_likelihood=log_likelihood(operator, values, counts, additive),
        protocol=settings,
        remarks=(*projections.remarks, *said),
    )


def joint_model(
    projections: Projections,
    systems: Sequence[SpectSystem],
    *,
    mu: Image | None,
    grid: Grid | None = None,
    scatter_filter: float = 15.0,
) -> SpectModel:
    """The model behind :func:`reconstruct_joint`: views of all peaks one after the other."""
    if not systems or len({system.peak for system in systems}) != len(systems):
        raise InputError(f"photopeaks {[s.peak for s in systems]}; allowed are one or more, each of them once.")
    return stacked_model(
        [spect_model(projections, system, mu=mu, grid=grid, scatter_filter=scatter_filter) for system in systems]
    )
