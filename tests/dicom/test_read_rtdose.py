"""RTDOSE read: what it is the sum of, its frames either way round, and what is refused."""

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from hevesy.dicom.read_rtdose import plan_fractions, read_dose_object
from hevesy.dicom.write_rtdose import DoseHeader, write_rtdose
from hevesy.errors import DataError, InputError
from hevesy.model import Image, Quantity


@pytest.fixture
def written(tmp_path: Path, tiny: ModuleType) -> tuple[Path, Image]:
    """An RTDOSE of our own, doses none like another."""
    slices = tiny.ct(tmp_path / "CT")
    dose = Image(values=tiny.uneven() / 100, grid=tiny.grid(), quantity=Quantity.ABSORBED_DOSE)
    path = tmp_path / "dose.dcm"
    write_rtdose(path, dose, reference_file=slices[0], header=DoseHeader(created=tiny.GIVEN_AT, comment="tiny"))
    return path, dose


def test_what_was_written_is_read(written: tuple[Path, Image]) -> None:
    path, dose = written
    found = read_dose_object(path)
    np.testing.assert_allclose(found.image.values, dose.values, atol=1e-5)
    np.testing.assert_allclose(found.image.grid.affine, dose.grid.affine, atol=1e-6)
    assert found.image.grid.frame_of_reference == "1.2.3"
    assert (found.dose_type, found.summation, found.patient_id, found.plan_uid) == ("PHYSICAL", "PLAN", "TINY-1", "")
    assert found.comment == "tiny"
    assert found.remarks == ()


def test_offsets_as_patient_coordinates_are_the_same_place(written: tuple[Path, Image], tiny: ModuleType) -> None:
    path, dose = written

    def absolute(ds: Dataset) -> None:
        ds.GridFrameOffsetVector = [float(ds.ImagePositionPatient[2]) + float(z) for z in ds.GridFrameOffsetVector]

    tiny.change(path, absolute)
    found = read_dose_object(path).image
    np.testing.assert_allclose(found.grid.affine, dose.grid.affine, atol=1e-6)


def test_a_patient_lying_prone_with_absolute_offsets(written: tuple[Path, Image], tiny: ModuleType) -> None:
    """Turned about the long axis of the patient the normal still points to the head; turned over it points to the feet."""
    path, _ = written

    def feet_first(ds: Dataset) -> None:
        ds.ImageOrientationPatient = [1, 0, 0, 0, -1, 0]
        z = float(ds.ImagePositionPatient[2])
        ds.GridFrameOffsetVector = [z - float(step) for step in ds.GridFrameOffsetVector]

    tiny.change(path, feet_first)
    found = read_dose_object(path).image.grid
    assert found.affine[2, 2] == pytest.approx(-tiny.SIDE)


def test_falling_offsets_go_the_other_way(written: tuple[Path, Image], tiny: ModuleType) -> None:
    path, dose = written

    def falling(ds: Dataset) -> None:
        ds.GridFrameOffsetVector = [-float(step) for step in ds.GridFrameOffsetVector]

    tiny.change(path, falling)
    assert read_dose_object(path).image.grid.affine[2, 2] == pytest.approx(-dose.grid.affine[2, 2])


def _set(keyword: str, value: Any) -> Any:
    return lambda ds: setattr(ds, keyword, value)


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (_set("DoseUnits", "RELATIVE"), r"\(3004,0002\) Dose Units is 'RELATIVE'; allowed is GY"),
        (_set("DoseType", "ERROR"), r"\(3004,0004\).*cannot be added"),
        (_set("Modality", "CT"), "an RTDOSE is needed"),
        (_set("DoseGridScaling", "0"), r"\(3004,000E\)"),
        (_set("GridFrameOffsetVector", [0, 10, 5, 15, 20, 25]), "neither rises nor falls"),
        (_set("GridFrameOffsetVector", [0, 5, 10, 15, 20, 40]), "missing between"),
        (_set("GridFrameOffsetVector", [7, 12, 17, 22, 27, 32]), "starts with 7; allowed are 0"),
    ],
)
def test_refuses_what_changes_a_dose(written: tuple[Path, Image], tiny: ModuleType, edit: Any, says: str) -> None:
    tiny.change(written[0], edit)
    with pytest.raises(DataError, match=says):
        read_dose_object(written[0])


def test_remarks_on_parts_and_weighted_doses(written: tuple[Path, Image], tiny: ModuleType) -> None:
    def edit(ds: Dataset) -> None:
        ds.DoseSummationType, ds.DoseType = "BEAM", "EFFECTIVE"

    tiny.change(written[0], edit)
    said = " ".join(read_dose_object(written[0]).remarks)
    assert "is BEAM, not the whole plan" in said
    assert "already weighted" in said


def test_no_dicom_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.dcm").write_text("no")
    with pytest.raises(InputError, match="cannot be read as DICOM"):
        read_dose_object(tmp_path / "x.dcm")
    with pytest.raises(InputError, match="cannot be read as DICOM"):
        read_dose_object(tmp_path / "missing.dcm")


@pytest.mark.data
def test_a_real_plan_and_its_dose(real_data: Path) -> None:
    folder = real_data / "rt-objects"
    dose = read_dose_object(folder / "rtdose.dcm")
    assert dose.image.grid.shape == (98, 129, 194)
    assert (dose.dose_type, dose.summation) == ("PHYSICAL", "PLAN")
    assert plan_fractions(folder / "rtplan.dcm") == 7
    with pytest.raises(DataError, match="an RTPLAN is needed"):
        plan_fractions(folder / "rtdose.dcm")
    with pytest.raises(DataError, match="not the plan that the dose names"):
        plan_fractions(folder / "rtplan.dcm", plan_uid="1.2.3")


@pytest.mark.data
def test_a_plan_without_one_fraction_group_is_refused(real_data: Path, tmp_path: Path) -> None:
    ds = pydicom.dcmread(real_data / "rt-objects" / "rtplan.dcm")
    ds.FractionGroupSequence[0].NumberOfFractionsPlanned = None
    ds.save_as(tmp_path / "p.dcm")
    with pytest.raises(DataError, match=r"\(300A,0078\)"):
        plan_fractions(tmp_path / "p.dcm")
    ds.FractionGroupSequence = []
    ds.save_as(tmp_path / "q.dcm")
    with pytest.raises(DataError, match="0 fraction groups"):
        plan_fractions(tmp_path / "q.dcm")
