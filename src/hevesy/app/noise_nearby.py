"""A noise model without what its regions do not depend on: air around the body, slices far from small regions."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from hevesy.imaging.reconstruct.noise_model import NoiseModel
from hevesy.model import Grid

Floats = npt.NDArray[np.float32]

# Attenuation above it is body: a fifth of water's for photons of 400 keV [1/mm].
BODY = 0.002
# Of body on each side of a region that is kept: three times the width of a coarse response [mm].
MARGIN = 50.0


def within_body(model: NoiseModel, weights: Sequence[Floats]) -> NoiseModel:
    """The image is made again in columns of voxels that meet the body, their neighbours and the regions.

    Around them it holds nothing but noise, and a third to a half of the work.  Without attenuation nothing is left out.
    """
    if model.mu is None or model.pinhole is not None:
        return model
    body = (model.mu > BODY).any(axis=0)
    near = body.copy()
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            near |= np.roll(body, (dy, dx), (0, 1))
    for each in weights:
        near |= (each != 0).any(axis=0)
    return replace(
        model, support=model.support & near, further=tuple(within_body(each, weights) for each in model.further)
    )  # fmt: skip


def about(model: NoiseModel, weights: Sequence[Floats]) -> tuple[NoiseModel, list[Floats]]:
    """Only slices and rows within 50 mm of the regions, and the weights on those slices.

    Behind parallel holes a slice is seen by the rows at its height and, by the response, next to it: what is left out is
    noticed some 20 mm from the new ends, and not in the regions.
    """
    if model.pinhole is not None:
        return model, list(weights)
    (held,) = np.nonzero(np.logical_or.reduce([(each != 0).any(axis=(1, 2)) for each in weights]))
    height = model.grid.affine[2, 2] * np.arange(model.grid.shape[0]) + model.grid.affine[2, 3]
    low, high = np.sort(height[[held[0], held[-1]]])
    (slices,) = np.nonzero((height >= low - MARGIN) & (height <= high + MARGIN))
    part = slice(int(slices[0]), int(slices[-1]) + 1)
    return _cut(model, part, (low - MARGIN, high + MARGIN)), [each[part] for each in weights]


def _cut(model: NoiseModel, part: slice, between: tuple[float, float]) -> NoiseModel:
    orbit, (low, high) = model.orbit, between
    height = orbit.centre[2] + ((orbit.rows - 1) / 2 - np.arange(orbit.rows)) * orbit.pixel[0]  # rows run against z
    (rows,) = np.nonzero((height >= low) & (height <= high))
    kept = slice(int(rows[0]), int(rows[-1]) + 1)
    affine = model.grid.affine.copy()
    affine[:3, 3] += affine[:3, 2] * part.start
    shape = (part.stop - part.start, *model.grid.shape[1:])
    return replace(
        model,
        grid=Grid(shape=shape, affine=affine, frame_of_reference=model.grid.frame_of_reference),
        orbit=replace(orbit, rows=kept.stop - kept.start, centre=(*orbit.centre[:2], float(height[kept].mean()))),
        counts=model.counts[:, kept],
        beside=tuple(each[:, kept] for each in model.beside),
        additive=None if model.additive is None else model.additive[:, kept],
        mu=None if model.mu is None else model.mu[part],
        further=tuple(_cut(each, part, between) for each in model.further),
    )
