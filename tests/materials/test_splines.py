"""Cubic splines against scipy's, against a cubic, and their refusals."""

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from hevesy.errors import InputError
from hevesy.materials.splines import cubic_spline


@pytest.mark.parametrize("points", [4, 5, 60])
@pytest.mark.parametrize("values", [(), (2,)])
def test_the_spline_is_that_of_scipy(points: int, values: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    x = np.cumsum(rng.uniform(0.05, 1, points))
    y = rng.normal(size=(points, *values))
    at = np.linspace(x[0] - 0.3, x[-1] + 0.3, 201)
    # rounding of a system of 60 equations
    np.testing.assert_allclose(cubic_spline(x, y)(at), CubicSpline(x, y)(at), rtol=0, atol=1e-9)


def test_a_cubic_is_its_own_spline() -> None:
    x = np.array([0.0, 0.3, 1.0, 1.2, 2.5])
    at = np.linspace(-0.5, 3, 50)
    np.testing.assert_allclose(cubic_spline(x, x**3 - 2 * x)(at), at**3 - 2 * at, atol=1e-12)


@pytest.mark.parametrize("x", [[0.0, 1.0, 2.0], [0.0, 1.0, 1.0, 2.0]])
def test_too_few_points_and_points_that_do_not_grow_are_refused(x: list[float]) -> None:
    with pytest.raises(InputError, match="four or more points that grow"):
        cubic_spline(np.array(x), np.array(x))
