"""The pictures of quality control are drawn, the same each time."""

import numpy as np
import pytest

from hevesy.reports.qc_maps import BarsPicture, FloodPicture, bars_plot, flood_plot
from hevesy.reports.qc_plots import (
    BandPicture,
    Circle,
    RatePicture,
    RotationPicture,
    SlicePicture,
    band_plot,
    rate_plot,
    rotation_plot,
    slice_plot,
)

A = np.arange(0.0, 360.0, 30.0)
BAND = BandPicture(
    title="t",
    diameters=(37.0, 10.0),
    panels=(("RCmax", (1.0, 0.4), ((0.9, 1.1), (0.5, 0.8))), ("free", (1.0, 0.4), ((None, None), (None, None)))),
    hollow=(True, False),
)
FLOOD = np.full((20, 30), 100.0)


@pytest.mark.parametrize(
    ("draw", "picture"),
    [
        (band_plot, BAND),
        (slice_plot, SlicePicture(title="t", values=FLOOD, sides=(4.0, 4.0), circles=(Circle(x=9, y=9, diameter=8, mark=True),))),
        (rotation_plot, RotationPicture(title="t", angles=A, x=np.cos(A), y=np.sin(A), fitted=np.cos(A), line="offset")),
        (rate_plot, RatePicture(title="t", true=A + 1, counted=A + 1, curve_true=A + 1, curve_counted=A + 1)),
        (flood_plot, FloodPicture(title="t", values=FLOOD, central=FLOOD > 1, pixel=(6.4, 6.4), lines=("a", "b"))),
        (bars_plot, BarsPicture(title="t", values=FLOOD, pixel=(1.0, 1.0), lines=("2 mm: x",) * 4, fwhm=3.8)),
    ],
)
def test_a_picture_is_a_png_and_the_same_twice(draw, picture):
    first = draw(picture)
    assert first.startswith(b"\x89PNG")
    assert draw(picture) == first
