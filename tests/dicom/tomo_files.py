"""Tomographic NM files of a few pixels, and the ways in which headers of them differ."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pydicom

from hevesy.dicom.visit import Series, Visit
from hevesy.dicom.write_tomo import write_tomo
from hevesy.model import Administration, EnergyWindow, Projections

START = datetime(2024, 3, 5, 9, 30)
FRAME = "2.25.4711"
GIVEN = Administration(nuclide="Lu-177", activity=7.4e9, time=datetime(2024, 3, 4, 9, 30), radiopharmaceutical="Lu-177 DOTATATE")
HALF_LIFE = 574300.8
VISIT = Visit(
    patient_name="VIRTUAL^PATIENT", patient_id="V1", sex="F", birth_date=date(1961, 7, 14), weight=60.5, height=1655.0,
    study_uid="2.25.100", study_id="1", study_start=START, study_description="test", frame_of_reference=FRAME,
)  # fmt: skip
WINDOWS = (
    EnergyWindow(name="lower", lower=166.4, upper=187.2),
    EnergyWindow(name="208", lower=187.2, upper=228.8),
    EnergyWindow(name="upper", lower=228.8, upper=249.6),
)


def series(number: int = 3) -> Series:
    return Series(uid=f"2.25.{200 + number}", number=number, description="SPECT", start=START)


def projections(
    *, views: int = 8, heads: int = 2, rows: int = 6, columns: int = 10, seed: int = 1, sign: int = 1, **changes: object
) -> Projections:
    """Poisson counts of a blob off the axis: heads at equal distances, each over its part of the circle."""
    rng = np.random.default_rng(seed)
    per_head = views // heads
    step = 360.0 / views
    starts = [(180.0 + 360.0 * h / heads) % 360.0 for h in range(heads)]
    angles = np.concatenate([(s + sign * step * np.arange(per_head)) % 360.0 for s in starts])
    u = (np.arange(columns) - (columns - 1) / 2) * 4.8
    a = np.deg2rad(angles)
    middle = 9.0 * -np.cos(a) + 5.0 * np.sin(a)
    shape = np.exp(-0.5 * ((u - middle[:, None]) / 7.0) ** 2)[:, None, :] * np.hanning(rows + 2)[1:-1, None]
    counts = rng.poisson(np.stack([share * shape for share in (20.0, 90.0, 15.0)])).astype(np.float32)
    made = Projections(
        counts=counts, windows=WINDOWS, angles=angles, radii=np.round(250 + 20 * rng.random(views), 3),
        starts=np.tile(np.arange(per_head) * 33.0, heads), durations=np.full(views, 30.0), pixel=(4.8, 4.8),
        centre=(3.0, -20.0, -400.0), nuclide="Lu-177", start=START, collimator="MELP", camera="Symbia Intevo",
        frame_of_reference=FRAME,
    )  # fmt: skip
    return replace(made, **changes)


def tomo_file(path: Path, change: Callable[[pydicom.Dataset], None] | None = None, **kinds: object) -> Path:
    """A file of `projections`, its header altered by ``change``."""
    write_tomo(path, projections(**kinds), visit=VISIT, series=series(), given=GIVEN, half_life=HALF_LIFE)
    if change is not None:
        ds = pydicom.dcmread(path)
        change(ds)
        ds.save_as(path, enforce_file_format=True)
    return path
