"""Voxels whose centre lies in a region."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy.errors import DataError
from hevesy.model import Grid, Outline
from hevesy.segmentation.centres import joined, voxels_by_centre, without


def grid(shape: tuple[int, int, int] = (10, 20, 24), sides: tuple[float, float, float] = (2.0, 2.0, 3.0)) -> Grid:
    affine = np.diag([*sides, 1.0])
    affine[:3, 3] = (-20.0, -15.0, 50.0)
    return Grid(shape=shape, affine=affine)


def rectangle(x: tuple[float, float], y: tuple[float, float], z: float) -> np.ndarray:
    return np.array([[x[0], y[0], z], [x[1], y[0], z], [x[1], y[1], z], [x[0], y[1], z]])


def drawn(*contours: np.ndarray, name: str = "R") -> Outline:
    return Outline(name=name, frame_of_reference="", contours=contours)


def test_a_box_counts_the_centres_in_it() -> None:
    """x from -10.5 to 5.5: centres -10 to 4, 8 of them; y from -5 to 5: centres -5 (on the edge) to 3."""
    found = voxels_by_centre(drawn(*[rectangle((-10.5, 5.5), (-5.5, 5.5), 50.0 + 3 * k) for k in range(2, 5)]), grid())
    assert found.inside.sum() == 8 * 6 * 3
    assert found.volume == 8 * 6 * 3 * 12.0


def test_a_hole_is_left_out() -> None:
    outer, inner = rectangle((-10.5, 5.5), (-5.5, 5.5), 56.0), rectangle((-4.5, 1.5), (-1.5, 2.5), 56.0)
    whole, holed = (voxels_by_centre(drawn(*c), grid()).inside.sum() for c in ((outer,), (outer, inner)))
    assert holed == whole - 3 * 2


@settings(max_examples=30, deadline=None)
@given(shift=st.floats(-0.9, 0.9), radius=st.floats(6, 11))
def test_a_circle_agrees_with_its_formula(shift: float, radius: float) -> None:
    t = np.linspace(0, 2 * np.pi, 721)[:-1]
    circle = np.stack([shift + radius * np.cos(t), 3 + radius * np.sin(t), np.full(t.size, 56.0)], axis=1)
    found = voxels_by_centre(drawn(circle), grid())
    z, y, x = found.box
    centres = np.stack(np.meshgrid(np.arange(y.start, y.stop) * 2.0 - 15 - 3, np.arange(x.start, x.stop) * 2.0 - 20 - shift,
                                   indexing="ij"))  # fmt: skip
    distance = np.hypot(*centres)
    clear = np.abs(distance - radius) > 1e-3
    plane = found.inside[2 - z.start]
    assert np.array_equal(plane[clear], (distance < radius)[clear])


def test_planes_that_are_not_those_of_the_image() -> None:
    """Planes 3 mm apart at 54.9 to 60.9 reach from 53.4 to 62.4: centres at 56, 59 and 62; a lost plane leaves a gap."""
    rings = [rectangle((-10.5, 5.5), (-5.5, 5.5), z) for z in (54.9, 57.9, 60.9)]
    assert np.flatnonzero(voxels_by_centre(drawn(*rings), grid()).inside.any(axis=(1, 2))).size == 3
    more = [*rings, rectangle((-10.5, 5.5), (-5.5, 5.5), 69.9)]
    assert np.flatnonzero(voxels_by_centre(drawn(*more), grid()).inside.any(axis=(1, 2))).size == 4


def test_a_mask_on_the_grid_comes_back() -> None:
    g = grid()
    mask = np.random.default_rng(1).uniform(size=g.shape) > 0.6
    found = voxels_by_centre(Outline(name="M", frame_of_reference="", mask=mask, grid=g), g)
    whole = np.zeros(g.shape, dtype=bool)
    whole[found.box] = found.inside
    assert np.array_equal(whole, mask)


def test_joined_and_without() -> None:
    a = voxels_by_centre(drawn(rectangle((-10.5, 1.5), (-5.5, 5.5), 56.0)), grid())
    b = voxels_by_centre(drawn(rectangle((-2.5, 5.5), (-5.5, 5.5), 56.0)), grid())
    far = voxels_by_centre(drawn(rectangle((15.5, 19.5), (-5.5, 5.5), 71.0)), grid())
    both = joined([a, b])
    assert both.inside.sum() == 8 * 6
    assert without(both, [b]).inside.sum() + b.inside.sum() == both.inside.sum()
    assert without(a, [far]).inside.sum() == a.inside.sum()
    assert without(a, [a]).inside.sum() == 0


def test_refusals() -> None:
    with pytest.raises(DataError, match="outside"):
        voxels_by_centre(drawn(rectangle((500, 520), (0, 20), 56.0)), grid())
    with pytest.raises(DataError, match="no voxel"):
        voxels_by_centre(drawn(rectangle((-0.6, -0.4), (0.2, 0.4), 56.0)), grid())
