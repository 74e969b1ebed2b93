"""The picture of a plan, with and without limits."""

from dataclasses import replace

import numpy as np
import pytest

from hevesy.reports.plan_plot import PlanPanel, PlanPicture, plan_plot

X = np.linspace(0, 1.2e10, 21)


def panel(name, **more):
    return PlanPanel(name=name, quantity="dose", kind="organ", low=2.5e-9 * X, middle=3e-9 * X, high=3.6e-9 * X, **more)


PICTURE = PlanPicture(
    title="Lu-177 dosimetry", synthetic=True, cycles=4, delivered=1, adapted=False, activities=X, chosen=6.2e9,
    limiting="Kidney $x$",
    panels=(
        panel("Kidney $x$", limit=23.0, allowed=0.05, chance=np.linspace(0, 1, 21)),
        panel("Spleen", limit=400.0, allowed=0.05, chance=np.zeros(21)),
        replace(panel("Lesion 1", goal=30.0), kind="lesion"),
    ),
)  # fmt: skip


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_it_is_drawn(kind):
    made = plan_plot(PICTURE, kind=kind)
    assert len(made) > 5000
    assert made == plan_plot(PICTURE, kind=kind)


def test_without_limits_and_without_activity():
    bare = replace(PICTURE, panels=PICTURE.panels[2:], chosen=0.0, limiting="", adapted=True)
    assert plan_plot(bare).startswith(b"\x89PNG")
