"""Sinograms without time of flight as an operator: each bin is the line between two crystals."""

from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.pet.field import Field, checked
from hevesy.imaging.pet.lines import LineSet, integrals, spread_back, transmission
from hevesy.imaging.pet.resolution import ResolutionModel
from hevesy.imaging.pet.rings import SinogramLayout

Floats = npt.NDArray[np.float32]

_NO_OFFSET = np.empty(0, np.float32)


class SinogramModel:
    """Expected trues of a sinogram: images are (z, y, x), sinograms (views, planes, radial).

        y_i = w_i n_i exp(-int mu) int (R f) dl

    with w the geometric weight of the pair of crystals times ``gain``, n the normalisation, R the resolution.
    """

    def __init__(
        self,
        field: Field,
        layout: SinogramLayout,
        *,
        mu: npt.NDArray[Any] | None = None,
        normalisation: npt.NDArray[Any] | None = None,
        gain: float = 1.0,
        resolution: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        """``mu`` (z, y, x) [1/mm]; ``normalisation`` efficiency of each bin, 1 by default; ``gain`` pair efficiency x duration
        x decay factor x positron yield [s]; ``resolution`` transaxial and axial FWHM [mm]."""
        self.field, self.layout = field, layout
        self.resolution = ResolutionModel(field=field, transaxial=resolution[0], axial=resolution[1])
        self.in_shape: tuple[int, ...] = field.shape[::-1]
        self.out_shape: tuple[int, ...] = layout.shape
        if normalisation is not None and normalisation.shape != layout.shape:
            raise InputError(
                f"normalisation has shape {normalisation.shape}; the sinogram has {layout.shape} as (views, planes, radial)."
            )
        factor = np.empty(layout.shape, np.float32)
        for view in range(layout.shape[0]):
            pairs = layout.pairs(np.array([view])).reshape(-1, 2)
            weight = gain * layout.rings.geometric_weight(pairs)
            if mu is not None:
                weight = weight * transmission(field, mu, self._lines(np.array([view])))
            factor[view] = weight.reshape(layout.shape[1:])
        self.factor = factor if normalisation is None else factor * np.asarray(normalisation, np.float32)

    def forward(self, image: npt.NDArray[Any], views: npt.NDArray[np.intp] | None = None) -> Floats:
        """Expected counts of ``views``, shape (views, planes, radial), from [Bq/ml]."""
        chosen = self._chosen(views)
        blurred = self.resolution.blur(checked(self.field, np.transpose(image), "the image"))
        sums = integrals(self.field, blurred, self._lines(chosen))
        return np.asarray(sums.reshape(-1, *self.out_shape[1:]) * self.factor[chosen])

    def adjoint(self, projections: npt.NDArray[Any], views: npt.NDArray[np.intp] | None = None) -> Floats:
        """The transpose of :meth:`forward`, shape (z, y, x)."""
        chosen = self._chosen(views)
        if projections.shape != (chosen.size, *self.out_shape[1:]):
            raise InputError(f"projections have shape {projections.shape}; {(chosen.size, *self.out_shape[1:])} is expected.")
        values = (projections * self.factor[chosen]).reshape(-1)
        return self.resolution.blur(spread_back(self.field, values, self._lines(chosen))).T

    def _lines(self, views: npt.NDArray[np.intp]) -> LineSet:
        pairs = self.layout.pairs(views).reshape(-1, 2)
        return LineSet(ends=self.layout.rings.ends(pairs), offset=_NO_OFFSET, tof_fwhm=0.0)

    def _chosen(self, views: npt.NDArray[np.intp] | None) -> npt.NDArray[np.intp]:
        return np.arange(self.out_shape[0]) if views is None else np.asarray(views)
