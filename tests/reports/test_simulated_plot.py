"""The picture of a simulated scan: a row a window, the same file from the same counts."""

import numpy as np
import pytest

from hevesy.reports.simulated_plot import SimulatedPicture, WindowPicture, simulated_plot, view_name


def picture(many: int, level: float = 9.0) -> SimulatedPicture:
    counts = level * np.ones((12, 16))
    window = WindowPicture(name="Peak", line="12 counts", views=(("from the front", counts),) * many, sinogram=counts)
    return SimulatedPicture(title="Cylinder", line="a camera", windows=(window, window), pixel=(4.0, 4.0))


@pytest.mark.parametrize(("many", "level"), [(3, 9.0), (1, 0.0)])
def test_it_draws_one_view_and_several_and_no_counts(many, level):
    made = simulated_plot(picture(many, level))
    assert made.startswith(b"\x89PNG")
    assert made == simulated_plot(picture(many, level))


def test_names_of_views():
    assert [view_name(angle) for angle in (0, 90, 180.3, -90)] == [
        "from the back",
        "from the left",
        "from the front",
        "from the right",
    ]
    assert view_name(45) == "45 degrees"
