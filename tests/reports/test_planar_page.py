"""The picture of planar views."""

from pathlib import Path

import numpy as np
import pytest

from hevesy.errors import InputError
from hevesy.reports.planar_page import _edges, draw_planar


def test_outlines_run_around_the_pixels() -> None:
    mask = np.zeros((5, 6), dtype=bool)
    mask[1:3, 2:5] = True
    sides = {tuple(sorted(zip(xs, ys, strict=True))) for xs, ys in _edges(mask)}
    assert sides == {((2, 1), (5, 1)), ((2, 3), (5, 3)), ((2, 1), (2, 3)), ((5, 1), (5, 3))}


def test_a_picture_is_drawn_the_same_each_time(tmp_path: Path) -> None:
    counts = np.random.default_rng(1).poisson(3, (2, 60, 24)).astype(float)
    mask = np.zeros((60, 24), dtype=bool)
    mask[10:20, 4:9] = True
    one, two = (
        draw_planar(counts, [("Liver", mask)], tmp_path / name, spacing=(2.4, 2.4), title="Tc-99m").read_bytes()
        for name in ("a.svg", "b.svg")
    )
    assert one == two
    draw_planar(np.zeros((2, 8, 8)), [], tmp_path / "empty.png", spacing=(1, 1), title="")
    with pytest.raises(InputError, match=r"\.png or \.svg"):
        draw_planar(counts, [], tmp_path / "a.gif", spacing=(1, 1), title="")
