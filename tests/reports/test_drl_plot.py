"""The picture of a sample against a reference level is drawn for every rule, and is the same each time."""

import pytest

from hevesy.reports.canvas import PNG, SVG
from hevesy.reports.drl_plot import drl_plot


def facts(rule: str, n: int = 12, **more):
    points = [
        {"activity_MBq": 500.0 + 9 * i, "weight_kg": None if rule == "fixed" else 50.0 + i, "age_years": float(i),
         "level_MBq": 550.0, "ratio": (500.0 + 9 * i) / 550}
        for i in range(n)
    ]  # fmt: skip
    return {
        "country": "XX", "procedure": "<bone> 骨", "people": "adults", "on": "2026-01-31", "verdict": "above", "unverified": True,
        "said": "above: the median is 1 times the level; near", "source": "a source", "rule": rule, "level_MBq": 550.0,
        "level_is": "level", "median_ratio": 1.0, "ratio_interval": [0.95, 1.05], "interval_coverage": 0.96, "points": points,
    } | more  # fmt: skip


@pytest.mark.parametrize("rule", ["fixed", "per_kg", "linear", "weights", "ages"])
def test_every_rule(rule: str):
    assert drl_plot(facts(rule), kind=PNG).startswith(b"\x89PNG")


def test_one_patient_and_no_interval():
    drawn = facts("per_kg", 1, ratio_interval=None, interval_coverage=None, verdict="too few", said="1 patient")
    assert drl_plot(drawn, kind=SVG).startswith(b"<?xml")


def test_the_same_each_time():
    assert drl_plot(facts("per_kg"), kind=SVG) == drl_plot(facts("per_kg"), kind=SVG)
