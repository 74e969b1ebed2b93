"""Files of phantoms for tests of quality control."""

import math
from datetime import date, datetime
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import NuclearMedicineImageStorage

from hevesy.dicom import visit as common
from hevesy.dicom.write_nm import Emission
from hevesy.dicom.write_pt import write_pt
from hevesy.model import Administration, DecayCorrection, Grid, Image, Quantity

START = datetime(2026, 3, 1, 11, 0, 0)
HALF_LIFE = 4069.0
VISIT = common.Visit(
    patient_name="PHANTOM^IEC",
    patient_id="QC",
    sex="O",
    birth_date=date(2026, 1, 1),
    weight=10.0,
    height=300.0,
    study_uid="2.25.1001",
    study_id="1",
    study_start=START,
    study_description="QC",
    frame_of_reference="2.25.1002",
)
SERIES = common.Series(uid="2.25.1003", number=1, description="IEC", start=START, duration=600.0)


def write_pet(folder: Path, values: np.ndarray, spacing: tuple[float, float, float]) -> Path:
    """Values [Bq/ml] at the start of the scan as a PET."""
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = -np.array(values.shape[::-1]) / 2 * np.array(spacing)
    grid = Grid(shape=values.shape, affine=affine, frame_of_reference=VISIT.frame_of_reference)
    image = Image(values=np.asarray(values, dtype=np.float32), grid=grid, quantity=Quantity.ACTIVITY_CONCENTRATION)
    given = Administration(nuclide="Ga-68", activity=5e7, time=datetime(2026, 3, 1, 10, 0, 0), radiopharmaceutical="DOTATATE")
    x = math.log(2) / HALF_LIFE * SERIES.duration
    emission = Emission(
        administration=given,
        half_life=HALF_LIFE,
        correction=DecayCorrection.START,
        decay_factor=x / -math.expm1(-x),
        frame_reference_time=0.0,
        coincidences=True,
    )
    write_pt(folder, image, visit=VISIT, series=SERIES, emission=emission)
    return folder


def write_counts(
    path: Path, frames: np.ndarray, pixel: float, *, angles: tuple[float, float] | None = None, heads: int = 1
) -> Path:
    """Frames of counts (heads together, one after the other) as NM STATIC, or TOMO with (start, step) of each head's angle."""
    ds = common.new_dataset(NuclearMedicineImageStorage, "2.25.2001")
    common.put_visit(ds, VISIT)
    common.put_series(ds, SERIES, "NM")
    common.put_acquisition(ds, SERIES)
    n, rows, columns = frames.shape
    common.put_pixel_format(ds, rows, columns)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "STATIC" if angles is None else "TOMO", "EMISSION"]
    ds.NumberOfFrames, ds.PixelSpacing = n, [pixel, pixel]
    ds.NumberOfDetectors, ds.EnergyWindowVector = heads, [1] * n
    ds.DetectorVector = [1 + i // (n // heads) for i in range(n)]
    ds.ActualFrameDuration = 20000
    detectors = []
    for head in range(heads):
        item = Dataset()
        item.CollimatorGridName = "LEHR"
        if angles is not None:
            item.StartAngle = str(angles[0] + 180 * head)
        detectors.append(item)
    ds.DetectorInformationSequence = detectors
    if angles is not None:
        rotation = Dataset()
        rotation.StartAngle, rotation.AngularStep, rotation.RotationDirection = str(angles[0]), str(angles[1]), "CC"
        rotation.ActualFrameDuration, rotation.NumberOfFramesInRotation = 20000, n // heads
        ds.RotationInformationSequence = [rotation]
        ds.AngularViewVector = [1 + i % (n // heads) for i in range(n)]
    ds.PixelData = np.asarray(frames).astype("<u2").tobytes()
    return common.save(ds, path)
