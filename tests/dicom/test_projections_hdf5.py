"""Projections of columns that swivel: written and read the same, refused by DICOM, named where something is missing."""

from datetime import date, datetime

import numpy as np
import pytest

from hevesy.dicom.projections_hdf5 import is_projections, read_projections, write_projections
from hevesy.dicom.read_tomo import read_raw
from hevesy.dicom.visit import Series, Visit
from hevesy.dicom.write_tomo import write_tomo
from hevesy.errors import DataError, InputError
from hevesy.model import Administration, EnergyWindow, Projections

START = datetime(2024, 3, 4, 9, 30)
VISIT = Visit(
    patient_name="SIMULATED^RING", patient_id="SIM-1", sex="O", birth_date=date(1970, 1, 1), weight=70.0, height=1700.0,
    study_uid="1.2.3", study_id="S1", study_start=START, study_description="test", frame_of_reference="1.2.3.4",
)  # fmt: skip
SERIES = Series(uid="1.2.3.5", number=2, description="TOMO", start=START, duration=60.0)
GIVEN = Administration(nuclide="Tc-99m", activity=5e8, time=START, radiopharmaceutical="made")
PROJECTIONS = Projections(
    counts=np.arange(24, dtype=np.float32).reshape(1, 3, 2, 4),
    windows=(EnergyWindow(name="Peak", lower=126.0, upper=154.0),),
    angles=[0.0, 4.5, 9.0], radii=[150.0, 149.0, 140.0], shifts=[-20.0, 0.0, 20.0], starts=[0.0, 20.0, 40.0],
    durations=[20.0, 20.0, 20.0], pixel=(2.46, 2.46), nuclide="Tc-99m", start=START, camera="ge-starguide",
    collimator="integrated", frame_of_reference="1.2.3.4",
)  # fmt: skip


def written(folder):
    path = folder / "projections.h5"
    return write_projections(path, PROJECTIONS, visit=VISIT, series=SERIES, heads=3, given=GIVEN, half_life=21624.0)


def test_read_as_written(tmp_path):
    path = written(tmp_path)
    assert is_projections(path)
    (raw,) = read_raw(tmp_path)
    for name in ("counts", "angles", "radii", "shifts", "starts", "durations"):
        assert np.array_equal(getattr(raw.projections, name), getattr(PROJECTIONS, name))
    assert raw.projections.windows == PROJECTIONS.windows
    assert (raw.projections.nuclide, raw.projections.camera, raw.start) == ("Tc-99m", "ge-starguide", START)
    assert (raw.patient.id, raw.heads, raw.view_duration, raw.duration) == ("SIM-1", 3, 20.0, 60.0)
    assert raw.administration.activity == pytest.approx(5e8)


def test_refusals(tmp_path):
    with pytest.raises(InputError, match="beside the axis"):
        write_tomo(tmp_path / "TOMO.dcm", PROJECTIONS, visit=VISIT, series=SERIES)
    import h5py

    path = written(tmp_path)
    with h5py.File(path, "a") as file:
        del file["views/shifts"]
    with pytest.raises(DataError, match="views/shifts"):
        read_projections(path)
    (tmp_path / "other.h5").write_bytes(b"no")
    assert not is_projections(tmp_path / "other.h5")
    with pytest.raises(DataError, match="not an HDF5"):
        read_projections(tmp_path / "other.h5")
