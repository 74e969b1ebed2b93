import numpy as np
import pytest

from hevesy.reports.renogram import draw_renogram

T = np.arange(5.0, 1200.0, 10.0)
CURVES = np.array([100 * T / 200 * np.exp(1 - T / 200), 80 * T / 300 * np.exp(1 - T / 300)])


@pytest.mark.parametrize(("kind", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_a_picture(kind, start):
    picture = draw_renogram(T, CURVES, CURVES, maxima=(200.0, 300.0), window=(60.0, 120.0), kind=kind)
    assert picture.startswith(start)
    assert picture == draw_renogram(T, CURVES, CURVES, maxima=(200.0, 300.0), window=(60.0, 120.0), kind=kind)
