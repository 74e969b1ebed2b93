"""Masks between grids by physical coordinates."""

import numpy as np
import numpy.typing as npt
import pytest

from hevesy.errors import DataError
from hevesy.model import Grid
from hevesy.segmentation import mask_on, surface_weight


def grid(
    shape: tuple[int, int, int], spacing: tuple[float, float, float], origin: tuple[float, float, float] = (0, 0, 0)
) -> Grid:
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = origin
    return Grid(shape=shape, affine=affine)


def ball(radius: float = 24.0, side: float = 1.0) -> tuple[npt.NDArray[np.float32], Grid]:
    n = int(2 * (radius + 4) / side)
    here = grid((n, n, n), (side, side, side), (-(n - 1) * side / 2,) * 3)
    z, y, x = np.meshgrid(*[np.arange(n) * side - (n - 1) * side / 2] * 3, indexing="ij")
    return (x * x + y * y + z * z <= radius**2).astype(np.float32), here


def turned(degrees: float, shift: tuple[float, float, float]) -> npt.NDArray[np.float64]:
    a = np.deg2rad(degrees)
    matrix = np.eye(4)
    matrix[:2, :2] = [[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]
    matrix[:3, 3] = shift
    return matrix


@pytest.mark.parametrize("degrees", [0.0, 7.0, 45.0])
def test_volume_is_kept(degrees: float) -> None:
    mask, here = ball()
    target = grid((40, 40, 40), (4.8, 4.8, 4.8), (-90, -93, -95))
    found = mask_on(mask, here, target, transform=turned(degrees, (3.0, -7.0, 2.0)))
    assert found.volume == pytest.approx(found.volume_drawn, rel=0.01)
    assert found.outside == 0.0


def test_unequal_voxels_and_flipped_axes() -> None:
    mask, here = ball()
    affine = np.array([[-3.0, 0, 0, 60], [0, 2.0, 0, -60], [0, 0, -5.0, 50], [0, 0, 0, 1]])
    found = mask_on(mask, here, Grid(shape=(21, 60, 41), affine=affine))
    assert found.volume == pytest.approx(found.volume_drawn, rel=0.01)


def test_place_is_kept() -> None:
    mask, here = ball(10.0)
    target = grid((30, 30, 30), (4.0, 4.0, 4.0), (-40, -40, -40))
    found = mask_on(mask, here, target, transform=turned(0.0, (20.0, 0.0, -8.0)))
    z, y, x = (np.arange(s.start, s.stop) for s in found.box)
    weights = found.fraction / found.fraction.sum()
    centre = [(weights.sum(axis=(0, 1)) * x).sum(), (weights.sum(axis=(0, 2)) * y).sum(), (weights.sum(axis=(1, 2)) * z).sum()]
    assert np.array(centre) * 4 - 40 == pytest.approx([20.0, 0.0, -8.0], abs=0.1)


def test_partly_outside_is_said() -> None:
    mask, here = ball(20.0)
    found = mask_on(mask, here, grid((40, 40, 40), (4, 4, 4), (0.0, -80, -80)))
    assert found.outside == pytest.approx(
        0.425, abs=0.01
    )  # the first voxel reaches 2 mm to the other side: a cap of 18 mm is lost


def test_wholly_outside_is_refused() -> None:
    mask, here = ball(10.0)
    with pytest.raises(DataError, match="outside the image"):
        mask_on(mask, here, grid((10, 10, 10), (4, 4, 4), (500, 0, 0)), name="R")


def test_empty_is_refused() -> None:
    mask, here = ball(10.0)
    with pytest.raises(DataError, match="empty"):
        mask_on(np.zeros_like(mask), here, here, name="R")


def test_surface_of_a_ball() -> None:
    mask, here = ball(24.0)
    region = mask_on(mask, here, grid((40, 40, 40), (3, 3, 3), (-58, -58, -58)))
    _, weight = surface_weight(region)
    # Coarea formula; central differences round the surface off by a few per cent.
    assert float(weight.sum()) * region.grid.voxel_volume == pytest.approx(4 * np.pi * 24**2, rel=0.06)
