"""The models of several photopeaks of one scan as one model, with the noise of all their scatter windows."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.reconstruct.joint import Stacked
from hevesy.imaging.reconstruct.scatter import WindowScatter
from hevesy.imaging.reconstruct.spect import SpectModel

Floats = npt.NDArray[np.float32]


def stacked_model(models: Sequence[SpectModel]) -> SpectModel:
    """One model of all counts, the views of each peak after those of the one before.

        L(f) = sum_k sum_i  y_ki ln q_ki - q_ki,      q_k = A_k f + r_k

    as in :func:`hevesy.imaging.reconstruct.joint.reconstruct_joint`.  Windows beside a peak estimate the scatter of its own
    views only: there they count what they counted, and nothing in the views of the others.

    Raises
    ------
    InputError
        The models are of different images or views.
    """
    if len(models) == 1:
        return models[0]
    operator = Stacked([model.operator for model in models])
    none = [np.zeros_like(model.counts) for model in models]
    sides: list[Floats] = []
    weights: list[float] = []
    sigmas: list[tuple[float, float]] = []
    for n, scatter in enumerate(model.scatter for model in models):
        if scatter is None:
            continue
        sides += [np.concatenate([*none[:n], counts, *none[n + 1 :]]) for counts in scatter.counts]
        weights += scatter.weights
        sigmas.append(scatter.sigma)
    if len(set(sigmas)) > 1:
        raise InputError(f"scatter is smoothed by {sigmas} pixels in the photopeaks; one filter for all is needed.")
    modelled = [model.additive for model in models]
    return SpectModel(
        operator=operator,
        counts=np.concatenate([model.counts for model in models]),
        scatter=WindowScatter(counts=tuple(sides), weights=tuple(weights), sigma=sigmas[0]) if sides else None,
        additive=(
            None
            if all(each is None for each in modelled)
            else np.concatenate([zero if each is None else each for zero, each in zip(none, modelled, strict=True)])
        ),
        grid=models[0].grid,
    )
