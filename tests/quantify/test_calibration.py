"""From counts to activity."""

import csv
from pathlib import Path

import numpy as np
import pytest

from hevesy.errors import InputError
from hevesy.model import Grid, Image, Quantity
from hevesy.quantify import activity_from_counts, total_activity
from hevesy.units import MBq

GRID = Grid(shape=(4, 4, 4), affine=np.diag([5.0, 5.0, 5.0, 1.0]))


def counts(total: float, quantity: Quantity = Quantity.COUNTS) -> Image:
    return Image(values=np.full(GRID.shape, total / 64, dtype=np.float32), grid=GRID, quantity=quantity)


def test_counts_by_time_and_sensitivity() -> None:
    image = activity_from_counts(counts(1.2e6), calibration_factor=20.0, duration=600.0, dead_time_factor=1.05)
    assert total_activity(image) == pytest.approx(1.2e6 / 600 / 20 * 1.05 * MBq, rel=1e-6)


@pytest.mark.data
def test_twelve_real_cameras(real_data: Path) -> None:
    """Counts of a source of known activity come back as that activity, with the sensitivity that was published for it."""
    table = real_data / "gamma-camera-calibration" / "lu177_planar_tew_calibration.csv"
    with table.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert len(rows) >= 12
    for row in rows:
        image = activity_from_counts(
            counts(float(row["tew_primary_counts"])), calibration_factor=float(row["sensitivity_cps_per_MBq"]), duration=300.0
        )
        assert total_activity(image) / MBq == pytest.approx(float(row["source_activity_MBq"]), rel=1e-4), row["site"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"calibration_factor": 0.0}, "cps/MBq"),
        ({"duration": -1.0}, "duration"),
        ({"dead_time_factor": 0.9}, "dead-time"),
    ],
)
def test_senseless_factors_are_refused(changes: dict[str, float], said: str) -> None:
    factors = {"calibration_factor": 20.0, "duration": 600.0} | changes
    with pytest.raises(InputError, match=said):
        activity_from_counts(counts(1e6), **factors)


def test_what_is_calibrated_is_not_calibrated_again() -> None:
    with pytest.raises(InputError, match="calibrated already"):
        activity_from_counts(counts(1e6, Quantity.ACTIVITY_CONCENTRATION), calibration_factor=20.0, duration=600.0)
