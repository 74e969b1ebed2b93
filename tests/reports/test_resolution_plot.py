"""The picture of a point or a line with its profiles."""

import numpy as np
import pytest

from hevesy.reports.resolution_plot import Profile, ResolutionPicture, resolution_plot

PLACE = np.arange(40) * 2.4
VALUES = np.exp(-4 * np.log(2) * ((PLACE - 50) / 9) ** 2)
PROFILE = Profile(name="along rows", values=VALUES, spacing=2.4, peak=50.0, fwhm=9.0, fwtm=16.4)


@pytest.mark.parametrize(("about", "many"), [((50.0, 50.0, 16.4), 2), (None, 9)])
def test_a_point_and_a_line_of_many_bands(about, many):
    picture = ResolutionPicture(
        title="A source", values=np.outer(VALUES, VALUES), sides=(2.4, 2.4), about=about, profiles=(PROFILE,) * many
    )
    assert resolution_plot(picture).startswith(b"\x89PNG")
