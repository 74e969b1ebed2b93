"""What headers of PET series say that an SUV needs."""

from datetime import datetime
from pathlib import Path
from types import ModuleType

import pydicom
import pytest

from hevesy.dicom.suv_factors import facts_of, read_stored_suv, read_suv_facts
from hevesy.errors import DataError
from hevesy.model import DecayCorrection, Quantity
from hevesy.units import MBq


def philips(ds: pydicom.Dataset, suv: str, activity: str) -> None:
    """Units and private tags as Philips writes them, in a block that is not the first."""
    ds.Units, ds.Manufacturer = "CNTS", "Philips Medical Systems"
    ds.private_block(0x7053, "SOMEBODY ELSE", create=True)
    block = ds.private_block(0x7053, "Philips PET Private Group", create=True)
    block.add_new(0x00, "DS", suv)
    block.add_new(0x09, "DS", activity)


def test_philips_factors_wherever_their_block_lies(tiny: ModuleType, tmp_path: Path) -> None:
    files = tiny.pt(tmp_path / "pet", tiny.block(1e6), correction=DecayCorrection.START)
    tiny.change(files, lambda ds: philips(ds, "0.00025", "1.5"))
    (facts,) = read_suv_facts(tmp_path)
    assert (facts.philips_suv, facts.philips_activity) == (0.00025, 1.5)
    assert "Philips" in facts.manufacturer
    tiny.change(files, lambda ds: philips(ds, "0", "1.5"))
    assert read_suv_facts(tmp_path)[0].philips_suv is None
    tiny.change(files[0], lambda ds: philips(ds, "0", "1.7"))
    with pytest.raises(DataError, match="differs between slices"):
        read_suv_facts(tmp_path)


def test_ge_private_times(tiny: ModuleType, tmp_path: Path) -> None:
    files = tiny.pt(tmp_path / "pet", tiny.block(1e6), correction=DecayCorrection.START)

    def ge(ds: pydicom.Dataset) -> None:
        block = ds.private_block(0x0009, "GEMS_PETD_01", create=True)
        block.add_new(0x0D, "DT", "20240305093100.00")
        block.add_new(0x3B, "DT", "20240304092000.00")
        block.add_new(0x3C, "FL", 12.5)

    tiny.change(files, ge)
    (facts,) = read_suv_facts(tmp_path)
    assert facts.ge_scan_time == datetime(2024, 3, 5, 9, 31)
    assert facts.ge_administered == datetime(2024, 3, 4, 9, 20)
    assert facts.ge_left_over == pytest.approx(12.5 * MBq)


def test_plain_facts(tiny: ModuleType, tmp_path: Path) -> None:
    tiny.pt(tmp_path / "pet", tiny.block(1e6), correction=DecayCorrection.START)
    (tmp_path / "notes.txt").write_text("not DICOM")
    (facts,) = read_suv_facts(tmp_path)
    assert facts.unit == "BQML"
    assert facts.decay_correction == "START"
    assert facts.activity == pytest.approx(7400 * MBq)
    assert facts.given_at == tiny.GIVEN_AT
    assert facts.patient.weight == 70.0
    assert facts.duration == tiny.DURATION
    assert facts.philips_suv is None
    assert len(facts.files) == tiny.SHAPE[0]


def test_stored_suv_keeps_its_values(tiny: ModuleType, tmp_path: Path) -> None:
    files = tiny.pt(tmp_path / "pet", tiny.uneven(), correction=DecayCorrection.START)
    with pytest.raises(DataError, match="BQML"):
        read_stored_suv(tmp_path, read_suv_facts(tmp_path)[0])
    tiny.change(files, lambda ds: setattr(ds, "Units", "GML"))
    scan = read_stored_suv(tmp_path, read_suv_facts(tmp_path)[0])
    assert scan.image.quantity is Quantity.FRACTION
    assert scan.image.values == pytest.approx(tiny.uneven(), abs=0.02)


@pytest.mark.data
def test_real_headers(real_data: Path) -> None:
    """GE Discovery 690 and Siemens Vision: times by the public and the private tags."""
    found = {path.name: facts_of([(path.name, pydicom.dcmread(path))]) for path in (real_data / "pet-headers").glob("*.dcm")}
    ge = found["NM-PetIm-GE.dcm"]
    assert ge.ge_scan_time == ge.series_time == ge.acquired == datetime(2022, 3, 10, 13, 31, 55)
    assert ge.ge_administered == ge.given_at == datetime(2022, 3, 10, 12, 41)
    assert ge.ge_left_over is None
    siemens = found["NM-PetIm-Siemens-3.dcm"]
    assert siemens.series_time == datetime(2022, 2, 24, 11, 56)
    assert siemens.frame_reference == pytest.approx(1227.1, abs=0.01)
    assert siemens.activity == pytest.approx(394 * MBq)
