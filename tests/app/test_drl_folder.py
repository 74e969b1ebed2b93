"""A folder as the sample: which administrations are taken, and what is said of the others."""

from datetime import date, datetime
from pathlib import Path

import pytest

import hevesy.app.drl_folder as room
from hevesy.app.protect_drl import protect_drl
from hevesy.errors import DataError
from hevesy.model.study import Patient
from hevesy.protection.record import Exposure, PatientRecord
from hevesy.units import MBq


def given(substance: str, activity: float | None, day: date | None, nuclide: str = "F-18") -> Exposure:
    start = None if day is None else datetime(day.year, day.month, day.day, 9)
    return Exposure(
        kind="administration", day=day, start=start, label=f"{nuclide} {substance}", study_uid="1.2", files=("a.dcm",),
        sources=("RRDSR",), nuclide=nuclide, radiopharmaceutical=substance, activity=activity,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def put(*exposures: Exposure) -> Path:
        made = PatientRecord(ids=("1",), patient=Patient(id="1", age_years=60.0, weight=80.0), exposures=exposures)
        monkeypatch.setattr(room, "patient_records", lambda reports: (made,))
        return tmp_path

    return put


def test_what_is_taken(folder):
    day = date(2026, 1, 5)
    path = folder(
        given("Fluorodeoxyglucose F^18^", 280 * MBq, day),
        given("FDG", 240 * MBq, day),
        given("FDG", 240 * MBq, date(2020, 1, 5)),
        given("FDG", None, day),
        given("NaF", 200 * MBq, day),
        given("FDG", 240 * MBq, None),
        given("DOTATATE", 150 * MBq, day, "Ga-68"),
    )
    facts = protect_drl(path, procedure="FDG whole body", country="GB", on="2026-02-01", output=path / "out")
    assert facts["n"] == 2
    assert facts["median_MBq_per_kg"] == 3.25
    text = " ".join(facts["remarks"])
    for said in ("not taken, 2: the level does not hold", "no activity", "NaF with F-18", "nuclide is not F-18", "was not read"):
        assert said in text
    assert "a.dcm" in (path / "out" / "sample.csv").read_text()


def test_nothing_to_compare(folder):
    with pytest.raises(DataError, match="no administration of F-18 FDG"):
        protect_drl(folder(given("FDG", None, None)), procedure="FDG whole body", country="GB", on="2026-02-01")


def test_a_folder_without_objects(tmp_path: Path):
    with pytest.raises(DataError, match="tells of one"):
        protect_drl(tmp_path, procedure="FDG whole body", country="GB", on="2026-02-01")
