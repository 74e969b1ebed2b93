"""A study of some hundred voxels, written as a scanner would: its total activity and its doses follow by hand.

One block of activity in an empty box, seen at several times; nothing is blurred and nothing moves.
"""

import math
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pydicom

from hevesy.dicom.visit import Series, Visit
from hevesy.dicom.write_ct import write_ct
from hevesy.dicom.write_nm import Emission, write_nm
from hevesy.dicom.write_pt import write_pt
from hevesy.dicom.write_rtstruct import write_rtstruct
from hevesy.model import Administration, DecayCorrection, Grid, Image, Outline, Quantity
from hevesy.units import MBq, h

GIVEN_AT = datetime(2024, 3, 4, 9, 30)
HALF_LIFE = 159.528 * h  # Lu-177, ICRP 107: 6.647 d
LAM = math.log(2) / HALF_LIFE
SHAPE = (6, 8, 10)
SIDE = 5.0  # mm; a voxel holds 0.125 ml
VOXEL_ML = SIDE**3 / 1000
BLOCK = (slice(1, 5), slice(2, 6), slice(2, 8))
DURATION = 1200.0
NAME = "Zaphodius^Beeblebrox"
CORNER = np.array([-20.0, -15.0, 100.0])


def affine(spacing: tuple[float, float, float] = (SIDE, SIDE, SIDE)) -> np.ndarray:
    out = np.diag([*spacing, 1.0])
    out[:3, 3] = CORNER
    return out


def grid(frame: str = "1.2.3") -> Grid:
    return Grid(shape=SHAPE, affine=affine(), frame_of_reference=frame)


def block(total: float) -> np.ndarray:
    """``total`` [Bq] spread evenly over the block, as concentration [Bq/ml]."""
    values = np.zeros(SHAPE, dtype=np.float32)
    values[BLOCK] = 1.0
    return values * np.float32(total / (values.sum() * VOXEL_ML))


def uneven(seed: int = 1) -> np.ndarray:
    """Positive values, none like another: a wrong order or flip shows [Bq/ml]."""
    return np.random.default_rng(seed).uniform(10, 1000, SHAPE).astype(np.float32)


def visit(n: int = 0, *, name: str = NAME, frame: str = "1.2.3", hours: float = 24.0) -> Visit:
    return Visit(
        patient_name=name, patient_id="TINY-1", sex="F", birth_date=date(1961, 7, 14), weight=70.0, height=1700.0,
        study_uid=f"1.2.3.4.{n}", study_id=str(n), study_start=GIVEN_AT + timedelta(hours=hours), study_description="tiny",
        frame_of_reference=frame,
    )  # fmt: skip


def series(n: int = 0, number: int = 2, *, hours: float = 24.0, duration: float = DURATION, description: str = "NM SC") -> Series:
    start = GIVEN_AT + timedelta(hours=hours)
    return Series(uid=f"1.2.3.5.{n}.{number}", number=number, description=description, start=start, duration=duration)


def emission(correction: DecayCorrection = DecayCorrection.NONE, **more: Any) -> Emission:
    given = Administration(nuclide="Lu-177", activity=7400 * MBq, time=GIVEN_AT, radiopharmaceutical="Lu-177 DOTATATE")
    return Emission(administration=given, half_life=HALF_LIFE, correction=correction, **more)


def image(values: np.ndarray, frame: str = "1.2.3", where: np.ndarray | None = None) -> Image:
    place = Grid(shape=values.shape, affine=affine() if where is None else where, frame_of_reference=frame)
    return Image(values=np.array(values, dtype=np.float32), grid=place, quantity=Quantity.ACTIVITY_CONCENTRATION)


def pt(folder: Path, values: np.ndarray, *, n: int = 0, hours: float = 24.0, frame: str = "1.2.3",
       correction: DecayCorrection = DecayCorrection.NONE, where: np.ndarray | None = None,
       **more: Any) -> list[Path]:  # fmt: skip
    """PT slices, with what ``more`` sets of `Emission`."""
    made = image(values, frame, where)
    return list(
        write_pt(
            folder,
            made,
            visit=visit(n, frame=frame, hours=hours),
            series=series(n, hours=hours),
            emission=emission(correction, **more),
        )  # fmt: skip
    )


def nm(folder: Path, values: np.ndarray, *, n: int = 0, hours: float = 24.0, frame: str = "1.2.3",
       correction: DecayCorrection = DecayCorrection.NONE, where: np.ndarray | None = None, **more: Any) -> Path:  # fmt: skip
    """One NM object, SPECT.dcm."""
    made = image(values, frame, where)
    return write_nm(
        folder / "SPECT.dcm", made, visit=visit(n, frame=frame, hours=hours), series=series(n, hours=hours),
        emission=emission(correction, says_correction=more.pop("says_correction", False), **more),
    )  # fmt: skip


def ct(folder: Path, hu: float | np.ndarray = 0.0, *, n: int = 0, hours: float = 24.0, frame: str = "1.2.3") -> list[Path]:
    values = np.full(SHAPE, hu, dtype=np.float32)
    made = Image(values=values, grid=grid(frame), quantity=Quantity.HOUNSFIELD)
    return list(write_ct(folder, made, visit=visit(n, frame=frame, hours=hours), series=series(n, 1, hours=hours)))


def ring(z: float, x: tuple[float, float], y: tuple[float, float]) -> np.ndarray:
    return np.array([[x[0], y[0], z], [x[1], y[0], z], [x[1], y[1], z], [x[0], y[1], z]])


def block_rings() -> tuple[np.ndarray, ...]:
    """Contours along the outer faces of the block's voxels."""
    z, y, x = BLOCK
    at = [(CORNER[i] + (s.start - 0.5) * SIDE, CORNER[i] + (s.stop - 0.5) * SIDE) for i, s in enumerate((x, y, z))]
    return tuple(ring(CORNER[2] + k * SIDE, at[0], at[1]) for k in range(z.start, z.stop))


def rtstruct(path: Path, outlines: dict[str, tuple[np.ndarray, ...]], slices: list[Path], *, n: int = 0,
             hours: float = 24.0, frame: str = "1.2.3") -> Path:  # fmt: skip
    drawn = [Outline(name=name, frame_of_reference=frame, contours=rings) for name, rings in outlines.items()]
    return write_rtstruct(
        path, drawn, visit=visit(n, frame=frame, hours=hours), series=series(n, 9, hours=hours, description="Organs"),
        slices=slices,
    )  # fmt: skip


def change(paths: Path | Iterable[Path], edit: Callable[[Any], None]) -> None:
    """Edit objects in place."""
    for path in [paths] if isinstance(paths, Path) else paths:
        ds = pydicom.dcmread(path)
        edit(ds)
        ds.save_as(path)


TIMES = (4.0, 24.0, 72.0)
TOTALS = tuple(200 * MBq * math.exp(-(LAM + 0.01 / h) * t * h) for t in TIMES)


def study(folder: Path, *, region: str = "Kidney_Left", with_ct: bool = True, stored_mean: bool = True) -> Path:
    """Three visits of 200 MBq that leave with 0.01 /h beside physical decay; the block is drawn on the second."""
    f = LAM * DURATION / -math.expm1(-LAM * DURATION) if stored_mean else 1.0
    for n, (hours, total) in enumerate(zip(TIMES, TOTALS, strict=True)):
        frame = f"1.2.3.{n + 1}"
        nm(folder / f"V{n + 1}" / "SPECT", block(total / f), n=n, hours=hours, frame=frame)
        slices = ct(folder / f"V{n + 1}" / "CT", n=n, hours=hours, frame=frame) if with_ct else []
        if n == 1:
            on = slices or [folder / "V2" / "SPECT" / "SPECT.dcm"]
            if slices:
                rtstruct(folder / "V2" / "RT" / "organs.dcm", {region: block_rings()}, on, n=n, hours=hours, frame=frame)
    return folder
