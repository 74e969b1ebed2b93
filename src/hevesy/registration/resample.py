"""An image on another grid, by physical coordinates."""

from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.model import Grid, Image, Quantity

# What lies beyond an image: air for CT, nothing for everything that adds up.
BEYOND = {Quantity.HOUNSFIELD: -1000.0, Quantity.DENSITY: 0.0012}

Matrix = npt.NDArray[np.float64]


def to_itk(image: Image) -> Any:
    """``image`` as a SimpleITK image; its voxel data are copied."""
    import SimpleITK as sitk

    out = sitk.GetImageFromArray(np.asarray(image.values, dtype=np.float32))
    place(out, image.grid)
    return out


def place(out: Any, grid: Grid) -> None:
    """Set spacing, direction and origin of a SimpleITK image from ``grid``."""
    out.SetSpacing(grid.spacing)
    out.SetDirection((grid.affine[:3, :3] / np.array(grid.spacing)).ravel().tolist())
    out.SetOrigin(grid.affine[:3, 3].tolist())


def resample(image: Image, onto: Grid, *, transform: Matrix | None = None, samples: tuple[int, int, int] = (1, 1, 1)) -> Image:
    """Linear interpolation of ``image`` on the grid ``onto``.

    Parameters
    ----------
    transform : array (4, 4)            Maps LPS mm of ``onto`` to LPS mm of ``image``; None: the same frame.
    samples : (x, y, z)                 Samples a side in each voxel of ``onto``, averaged: more than one where ``onto`` is
                                        coarser, so that what adds up is kept.

    Nothing is renormalised: compare sums before and after.
    """
    import SimpleITK as sitk

    filter_ = sitk.ResampleImageFilter()
    filter_.SetInterpolator(sitk.sitkLinear)
    filter_.SetDefaultPixelValue(BEYOND.get(image.quantity, 0.0))
    filter_.SetOutputPixelType(sitk.sitkFloat32)
    if transform is not None:
        affine = sitk.AffineTransform(3)
        affine.SetMatrix(transform[:3, :3].ravel().tolist())
        affine.SetTranslation(transform[:3, 3].tolist())
        filter_.SetTransform(affine)
    n = np.array(samples)
    fine = onto.affine.copy()
    fine[:3, :3] = onto.affine[:3, :3] / n
    fine[:3, 3] = onto.affine[:3, 3] + onto.affine[:3, :3] @ (0.5 / n - 0.5)
    shape = tuple(int(s * k) for s, k in zip(onto.shape, n[::-1], strict=True))
    grid = Grid(shape=shape, affine=fine)  # type: ignore[arg-type]
    filter_.SetSize([int(s) for s in shape[::-1]])
    filter_.SetOutputSpacing(grid.spacing)
    filter_.SetOutputDirection((grid.affine[:3, :3] / np.array(grid.spacing)).ravel().tolist())
    filter_.SetOutputOrigin(grid.affine[:3, 3].tolist())
    values = sitk.GetArrayFromImage(filter_.Execute(to_itk(image)))
    if n.max() > 1:
        z, y, x = onto.shape
        values = values.reshape(z, n[2], y, n[1], x, n[0]).mean(axis=(1, 3, 5), dtype=np.float32)
    return Image(values=values, grid=onto, quantity=image.quantity)
