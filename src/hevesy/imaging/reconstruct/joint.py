"""One image from several photopeaks: each with its own attenuation, response, sensitivity and scatter, one likelihood."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.projectors.operator import Operator
from hevesy.imaging.reconstruct.layout import shaped_like
from hevesy.imaging.reconstruct.osem import log_likelihood, osem
from hevesy.imaging.reconstruct.spect import SpectModel, SpectProtocol, SpectReconstruction, SpectSystem, spect_model
from hevesy.model import Grid, Image, Projections
from hevesy.model.image import Quantity

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
    """The model behind :func:`reconstruct_joint`: views of all peaks one after the other.

    Neglected: ``scatter`` is None, so that the noise of scatter windows is not part of an uncertainty made with it.
    """
    if not systems or len({system.peak for system in systems}) != len(systems):
        raise InputError(f"photopeaks {[s.peak for s in systems]}; allowed are one or more, each of them once.")
    models = [spect_model(projections, system, mu=mu, grid=grid, scatter_filter=scatter_filter) for system in systems]
    return SpectModel(
        operator=Stacked([model.operator for model in models]),
        counts=np.concatenate([model.counts for model in models]),
        scatter=None,
        additive=np.concatenate([np.zeros_like(m.counts) if m.additive is None else m.additive for m in models]),
        grid=models[0].grid,
    )
