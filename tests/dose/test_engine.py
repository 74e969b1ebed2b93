"""What all engines check."""

import numpy as np
import pytest

from hevesy.dose.engine import checked, share_in_air, voxel_sides
from hevesy.errors import InputError
from hevesy.model import Grid, Image, Quantity

TIA, DENSITY = Quantity.TIME_INTEGRATED_ACTIVITY_CONCENTRATION, Quantity.DENSITY


def image(quantity: Quantity, *, shape: tuple[int, int, int] = (2, 3, 4), value: float = 1.0, side: float = 4.0) -> Image:
    grid = Grid(shape=shape, affine=np.diag([side, side + 1, side + 2, 1.0]))
    return Image(values=np.full(shape, value, np.float32), grid=grid, quantity=quantity)


def test_quantities_are_named_where_they_are_mixed_up() -> None:
    with pytest.raises(InputError, match="Monte Carlo needs Bq s/ml and g/ml"):
        checked(image(DENSITY), image(TIA), "Monte Carlo")


@pytest.mark.parametrize("other", [{"shape": (2, 3, 5)}, {"side": 4.01}])
def test_grids_must_be_one(other: dict[str, float]) -> None:
    with pytest.raises(InputError, match="must share a grid"):
        checked(image(TIA), image(DENSITY, **other), "kernel")  # type: ignore[arg-type]


def test_sides_are_in_the_order_of_the_array() -> None:
    assert voxel_sides(image(TIA).grid) == pytest.approx((6.0, 5.0, 4.0))


def test_a_turned_grid_has_sides_and_a_sheared_one_has_none() -> None:
    turned = np.diag([4.0, 5.0, 6.0, 1.0])
    angle = np.radians(30)
    turned[:2, :2] = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ turned[:2, :2]
    assert voxel_sides(Grid(shape=(2, 2, 2), affine=turned)) == pytest.approx((6.0, 5.0, 4.0))
    turned[0, 2] = 1.0
    with pytest.raises(InputError, match="sheared"):
        voxel_sides(Grid(shape=(2, 2, 2), affine=turned))


def test_share_in_air() -> None:
    density = image(DENSITY).values.copy()
    density[0] = 0.001
    thin = Image(values=density, grid=image(DENSITY).grid, quantity=DENSITY)
    assert share_in_air(image(TIA), thin, 0.1) == pytest.approx(0.5)
    assert share_in_air(image(TIA, value=0.0), thin, 0.1) == 0.0
