"""Image headers as a witness of the administration: with less than dosimetry needs they still tell of an exposure."""

from datetime import datetime

import pydicom
import pytest
from pydicom.dataset import Dataset

from hevesy.dicom.coded import code
from hevesy.dicom.exposure_headers import header_report, read_exposure_header
from hevesy.errors import DataError
from hevesy.units import MBq


def header(modality="PT", activity=300e6, **info):
    ds = Dataset()
    ds.Modality, ds.StudyDate, ds.StudyInstanceUID, ds.PatientID = modality, "20240304", "2.25.1", "P-1"
    item = Dataset()
    item.RadionuclideTotalDose = str(activity)
    item.RadionuclideCodeSequence = [code("77004003", "SCT", "^18^Fluorine")]
    for key, value in info.items():
        setattr(item, key, value)
    ds.RadiopharmaceuticalInformationSequence = [item]
    return ds


@pytest.mark.data
def test_real_headers(real_data):
    siemens = read_exposure_header(real_data / "pet-headers" / "NM-PetIm-Siemens.dcm")
    assert siemens.activity == 394 * MBq
    assert siemens.start == datetime(2022, 2, 24, 10, 48, 30)
    assert siemens.origin.kind == "PET header"
    ge = read_exposure_header(real_data / "pet-headers" / "NM-PetIm-GE.dcm")
    assert ge.activity == 221596288
    assert ge.event_uid == ""
    planar = read_exposure_header(real_data / "planar-whole-body" / "NM-NmIm-Siemens.dcm")
    assert (planar.nuclide, planar.radiopharmaceutical, planar.activity) == ("Tc-99m", "DPD", 764 * MBq)
    assert planar.start is None


def test_event_uid_and_times_are_read():
    found = header_report(
        header(RadiopharmaceuticalAdministrationEventUID="2.25.77", RadiopharmaceuticalStartDateTime="20240304093000"), "a.dcm"
    )
    assert found.event_uid == "2.25.77"
    assert found.start == datetime(2024, 3, 4, 9, 30)
    assert found.nuclide == "F-18"


def test_without_a_time_it_is_still_an_exposure_of_that_day():
    found = header_report(header(), "a.dcm")
    assert found.start is None
    assert found.origin.study_date.isoformat() == "2024-03-04"
    assert found.activity == 300e6


def test_nm_headers_hold_megabecquerel():
    assert header_report(header("NM", 764), "a.dcm").activity == 764 * MBq


def test_no_activity_is_said():
    assert any("0018,1074" in text for text in header_report(header(activity=0), "a.dcm").remarks)


def test_an_image_without_radiopharmaceutical_tells_nothing():
    assert header_report(pydicom.Dataset(), "a.dcm") is None


def test_two_nuclides_are_refused():
    ds = header()
    other = Dataset()
    other.RadionuclideCodeSequence = [code("80751004", "SCT", "^68^Gallium")]
    ds.RadiopharmaceuticalInformationSequence.append(other)
    with pytest.raises(DataError, match="names F-18, Ga-68"):
        header_report(ds, "a.dcm")
