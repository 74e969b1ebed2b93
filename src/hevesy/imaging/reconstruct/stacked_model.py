"""The models of several photopeaks of one scan as one model, with the noise of all their scatter windows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.projectors.operator import Operator
from hevesy.imaging.reconstruct.layout import shaped_like
from hevesy.imaging.reconstruct.scatter import WindowScatter
from hevesy.imaging.reconstruct.spect import SpectModel

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]


class Stacked:
    """Projectors of one image, their views one after the other: an :class:`hevesy.imaging.projectors.Operator`."""

    def __init__(self, parts: Sequence[Operator]) -> None:
        shapes = {(part.in_shape, part.out_shape[1:]) for part in parts}
        if len(shapes) != 1:
            raise InputError(
                f"{len(parts)} projectors of {len(shapes)} shapes; allowed are one or more, all of one image and view."
            )
        self._parts = tuple(parts)
        self._ends = np.cumsum([part.out_shape[0] for part in parts])
        self.in_shape = parts[0].in_shape
        self.out_shape = (int(self._ends[-1]), *parts[0].out_shape[1:])

    def forward(self, image: npt.NDArray[Any], views: Indices | None = None) -> Floats:
        """Expected counts of all parts."""
        shares = self._shares(views)
        made = [
            (where, part.forward(image, which)) for part, (where, which) in zip(self._parts, shares, strict=True) if which.size
        ]
        out = shaped_like(made[0][1], sum(where.size for where, _ in made))
        for where, counts in made:
            out[where] = counts
        return out

    def adjoint(self, projections: npt.NDArray[Any], views: Indices | None = None) -> Floats:
        """The sum of the transposes."""
        total: Floats | None = None
        for part, (where, which) in zip(self._parts, self._shares(views), strict=True):
            if which.size:
                back = part.adjoint(np.asarray(projections)[where], which)
                total = back if total is None else np.asarray(total + back)
        if total is None:
            raise InputError("no view was asked for; at least one is needed.")
        return total

    def _shares(self, views: Indices | None) -> list[tuple[Indices, Indices]]:
        """Of each part: where its views stand among those asked for, and which of its own they are."""
        asked = np.arange(self.out_shape[0]) if views is None else np.asarray(views)
        owner = np.searchsorted(self._ends, asked, side="right")
        first = np.concatenate([[0], self._ends[:-1]])
        return [(np.flatnonzero(owner == n), asked[owner == n] - first[n]) for n in range(len(self._parts))]


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
