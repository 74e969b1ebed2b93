"""doses.csv reads back, and runs nothing in a spreadsheet."""

import csv
import io

import pytest

from hevesy.reports import result_as_dict
from hevesy.reports.table import COLUMNS, VALUES, doses_csv, plain


def rows(result):
    data = doses_csv(result)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_round_trip(result):
    expected = result_as_dict(result)["regions"]
    read = rows(result)
    assert len(read) == len(expected)
    for row, (name, region) in zip(read, expected.items(), strict=True):
        assert row["region"].removeprefix("'") == name
        for key in VALUES:
            assert (float(row[key]) if row[key] else None) == region[key]
        assert row["warnings"].split(" | ") == (region["warnings"] or [""])
    assert read[6]["u_mean_dose_Gy"] == ""
    assert {row["fit_well_posed"] for row in read} == {"yes", "no"}


def test_no_cell_begins_a_formula(result):
    for row in rows(result):
        for column in ("region", "standard_name", "kind", "model", "warnings"):
            assert not row[column].startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", " =1", "\r=1"])
def test_guard(text):
    assert plain(text).startswith("'")


def test_plain_text_stays_plain():
    assert plain("Läsion 3") == "Läsion 3"


def test_each_u_follows_its_value():
    for name in ("volume_ml", "mass_g", "tia_MBq_h", "tiac_h", "mean_dose_Gy", "effective_half_life_h"):
        assert COLUMNS.index(f"u_{name}") == COLUMNS.index(name) + 1


def test_a_real_patient_has_no_truth(bare_result):
    assert all(row["true_mean_dose_Gy"] == "" and row["z_tia"] == "" for row in rows(bare_result))
