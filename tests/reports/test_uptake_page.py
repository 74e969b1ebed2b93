"""The picture of an uptake image."""

from pathlib import Path

import numpy as np
import pytest

from hevesy.errors import InputError
from hevesy.model import Grid
from hevesy.reports.uptake_page import draw_uptake

GRID = Grid(shape=(30, 24, 20), affine=np.diag([4.0, 4.0, 4.0, 1.0]))


def test_it_is_drawn_and_the_same_again(tmp_path: Path) -> None:
    values = np.random.default_rng(1).gamma(2, 1, GRID.shape)
    box = (slice(5, 12), slice(6, 12), slice(4, 9))
    regions = [(f"R {i}", "SUVmax 3", box, np.ones((7, 6, 5), dtype=bool)) for i in range(30)]
    one, two = (draw_uptake(values, GRID, regions, tmp_path / f"{i}.png", title="T", unit="SUV") for i in range(2))
    assert one.read_bytes() == two.read_bytes()
    assert draw_uptake(np.zeros(GRID.shape), GRID, [], tmp_path / "n.svg", title="", unit="SUV").stat().st_size > 1000


def test_other_kinds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="png"):
        draw_uptake(np.ones(GRID.shape), GRID, [], tmp_path / "x.jpg", title="", unit="")
