"""The picture of a schedule: it is made, the same each time, and says what it should."""

import numpy as np
import pytest

from hevesy import units as un
from hevesy.reports.schedule_plot import PlanMarks, SchedulePicture, schedule_plot


def picture(number=3):
    hours = np.arange(0.5, 180, 0.5)
    plans = [((68.0,), 0.065, 0.54), ((44.0, 100.0), 0.041, 0.105), ((28.0, 68.0, 164.0), 0.034, 0.055)]
    return SchedulePicture(
        title="Kidney_Left",
        windows=((3 * un.h, 6 * un.h), (24 * un.h, 24 * un.h), (44 * un.h, 172 * un.h)),
        times=hours * un.h,
        u=0.06 + 0.3 * ((hours - 70) / 100) ** 2,
        prior_u=0.54,
        plans=tuple(PlanMarks(times=tuple(h * un.h for h in at), u=u, worst_missed=missed) for at, u, missed in plans[:number]),
    )


@pytest.mark.parametrize("number", [1, 3])
def test_png_and_svg(number):
    made = picture(number)
    assert schedule_plot(made).startswith(b"\x89PNG")
    assert b"<svg" in schedule_plot(made, kind="svg")


def test_the_same_picture_is_the_same_file():
    assert schedule_plot(picture(), kind="svg") == schedule_plot(picture(), kind="svg")
