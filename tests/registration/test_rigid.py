"""Registration finds what was moved, and resampling keeps what adds up."""

import numpy as np
import numpy.typing as npt
import pytest

from hevesy.errors import ConvergenceError
from hevesy.model import Grid, Image, Quantity
from hevesy.registration import register, resample

SIDE = 6.0


def grid(n: tuple[int, int, int] = (40, 44, 48)) -> Grid:
    affine = np.diag([SIDE, SIDE, SIDE, 1.0])
    affine[:3, 3] = [-SIDE * (n[2] - 1) / 2, -SIDE * (n[1] - 1) / 2, -SIDE * (n[0] - 1) / 2]
    return Grid(shape=n, affine=affine)


def body(moved: npt.NDArray[np.float64], quantity: Quantity) -> Image:
    """An ellipse with two unequal lungs and a spine, or three spots of uptake, seen after the patient moved."""
    here = grid()
    z, y, x = np.meshgrid(*[np.arange(n) for n in here.shape], indexing="ij")
    points = here.affine @ np.stack([x.ravel(), y.ravel(), z.ravel(), np.ones(x.size)])
    px, py, pz = (np.linalg.inv(moved) @ points)[:3].reshape(3, *here.shape)

    def inside(cx: float, cy: float, cz: float, rx: float, ry: float, rz: float) -> npt.NDArray[np.float64]:
        r = np.sqrt(((px - cx) / rx) ** 2 + ((py - cy) / ry) ** 2 + ((pz - cz) / rz) ** 2)
        return 1 / (1 + np.exp((r - 1) * 20))

    rng = np.random.default_rng(4)
    if quantity is Quantity.HOUNSFIELD:
        values = -1000 + 1040 * inside(0, 0, 0, 120, 85, 110) - 780 * inside(-50, -5, 40, 35, 50, 55)
        values = values - 780 * inside(52, -5, 35, 40, 55, 60) + 400 * inside(0, 60, 0, 14, 14, 105)
        values = values + rng.normal(0, 10, values.shape)
    else:
        values = 200 * inside(0, 0, 0, 120, 85, 110) + 9000 * inside(-45, 10, -20, 25, 30, 40)
        values = values + 6000 * inside(55, 30, -40, 18, 18, 30) + 3000 * inside(10, -40, 50, 15, 15, 15)
        values = rng.poisson(np.clip(values, 0, None)).astype(float)
    return Image(values=values.astype(np.float32), grid=here, quantity=quantity)


def moved(shift: tuple[float, float, float], degrees: tuple[float, float, float]) -> npt.NDArray[np.float64]:
    a, b, c = np.deg2rad(degrees)
    rx = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    ry = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    rz = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rz @ ry @ rx, shift
    return matrix


def error(found: npt.NDArray[np.float64], true: npt.NDArray[np.float64]) -> float:
    """Largest displacement at the corners of the body [mm]."""
    corners = np.array([[x, y, z, 1] for x in (-100, 100) for y in (-70, 70) for z in (-90, 90)], dtype=float).T
    return float(np.linalg.norm(((found - true) @ corners)[:3], axis=0).max())


@pytest.mark.parametrize("quantity", [Quantity.HOUNSFIELD, Quantity.ACTIVITY_CONCENTRATION])
def test_a_known_movement_is_found(quantity: Quantity) -> None:
    true = moved((7.0, -5.0, 11.0), (2.0, -1.5, 3.0))
    found = register(body(np.eye(4), quantity), body(true, quantity))
    assert error(found.matrix, true) < 2.0  # a third of a voxel, at the corners of the body
    assert found.similarity > found.similarity_before


def test_the_same_answer_twice() -> None:
    fixed, other = (body(m, Quantity.HOUNSFIELD) for m in (np.eye(4), moved((4.0, 2.0, -6.0), (1.0, 0.0, -2.0))))
    assert np.array_equal(register(fixed, other).matrix, register(fixed, other).matrix)


def test_what_lies_right_stays() -> None:
    image = body(np.eye(4), Quantity.ACTIVITY_CONCENTRATION)
    found = register(image, image)
    assert error(found.matrix, np.eye(4)) < 0.5
    assert found.similarity >= found.similarity_before


def test_another_origin_is_no_obstacle() -> None:
    """Scanners put their zero anywhere: centres of mass are tried where the frames of reference do not meet."""
    fixed = body(np.eye(4), Quantity.ACTIVITY_CONCENTRATION)
    affine = fixed.grid.affine.copy()
    affine[:3, 3] += [0, 0, 900.0]
    other = Image(values=fixed.values.copy(), grid=Grid(shape=fixed.grid.shape, affine=affine), quantity=fixed.quantity)
    found = register(fixed, other)
    assert found.translation == pytest.approx((0, 0, 900.0), abs=0.5)


def test_images_too_small_to_compare_are_refused() -> None:
    tiny = Image(values=np.ones((2, 2, 2), dtype=np.float32), grid=grid((2, 2, 2)), quantity=Quantity.ACTIVITY_CONCENTRATION)
    with pytest.raises(ConvergenceError, match="registration none"):
        register(tiny, tiny)


def test_resampling_to_itself_changes_nothing() -> None:
    image = body(np.eye(4), Quantity.ACTIVITY_CONCENTRATION)
    assert np.allclose(resample(image, image.grid).values, image.values, rtol=1e-5, atol=1e-3)


def test_resampling_to_coarser_voxels_keeps_the_sum() -> None:
    image = body(np.eye(4), Quantity.ACTIVITY_CONCENTRATION)
    affine = image.grid.affine.copy()
    affine[:3, :3] *= 2
    affine[:3, 3] += SIDE / 2
    coarse = resample(image, Grid(shape=(20, 22, 24), affine=affine), samples=(2, 2, 2))
    before, after = image.values.sum(dtype=float), 8 * coarse.values.sum(dtype=float)
    assert after == pytest.approx(before, rel=1e-3)


def test_resampling_to_flipped_axes_keeps_places() -> None:
    image = body(np.eye(4), Quantity.ACTIVITY_CONCENTRATION)
    flip = image.grid.affine @ np.array([[-1, 0, 0, 47], [0, 1, 0, 0], [0, 0, -1, 39], [0, 0, 0, 1.0]])
    found = resample(image, Grid(shape=image.grid.shape, affine=flip))
    assert np.allclose(found.values, image.values[::-1, :, ::-1], rtol=1e-4, atol=1e-2)
