"""The use case of reference levels: sample in, verdict and files out."""

import csv
import json
from pathlib import Path

import pytest

from hevesy.app.protect_drl import listed_reference_levels, protect_drl
from hevesy.errors import DataError, HevesyError, InputError


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "bone.csv"
    lines = [f"{8.4 * w:.0f},{w},{30 + w % 40}" for w in range(55, 75)]
    path.write_text("activity_MBq,weight_kg,age_years\n" + "\n".join([*lines, "500,,40", "90,20,6"]) + "\n")
    return path


def test_the_answer_carries_what_it_rests_on(sample: Path):
    facts = protect_drl(sample, procedure="bone", country="DE", on="2026-01-31")
    assert (facts["verdict"], facts["near_the_level"]) == ("above", False)
    assert (facts["n"], facts["n_used"], facts["n_left_out"], facts["minimum_number"]) == (22, 20, 2, 10)
    assert facts["median_MBq_per_kg"] == pytest.approx(8.4, rel=1e-3)
    assert facts["level_MBq_per_kg"] == 8
    assert (facts["edition"], facts["valid_from"]) == ("2021", "2021-07-06")
    assert not facts["unverified"]
    json.dumps(facts, allow_nan=False)


def test_files(sample: Path, tmp_path: Path):
    out = tmp_path / "out"
    facts = protect_drl(sample, procedure="bone", country="DE", output=out)
    assert sorted(Path(name).name for name in facts["files"]) == ["drl.json", "drl.png", "sample.csv"]
    rows = list(csv.DictReader((out / "sample.csv").read_text().splitlines()))
    assert len(rows) == 22
    assert float(rows[0]["level_MBq"]) == pytest.approx(440)
    assert rows[-1]["left_out"] == "age 6 years is not of adults"
    assert rows[-1]["ratio"] == ""
    assert json.loads((out / "drl.json").read_text())["verdict"] == "above"
    assert (out / "drl.png").read_bytes().startswith(b"\x89PNG")


def test_too_few(tmp_path: Path):
    path = tmp_path / "few.csv"
    path.write_text("activity_MBq\n900\n910\n920\n")
    facts = protect_drl(path, procedure="bone", country="FR", on="2015-06-01")
    assert facts["verdict"] == "too few"
    assert facts["near_the_level"] is None
    assert "3 patients, and 30 are asked for" in facts["said"]
    assert facts["why_no_interval"]


def test_a_proposal_without_a_number_says_so(tmp_path: Path):
    path = tmp_path / "fdg.csv"
    path.write_text("activity_MBq,weight_kg\n" + "".join(f"{3 * w},{w}\n" for w in range(50, 60)))
    facts = protect_drl(path, procedure="FDG whole body", country="GB", on="2026-01-31")
    assert facts["level_is"].startswith("proposal")
    assert any("no minimum number" in text for text in facts["remarks"])


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("activity_MBq\n0\n", DataError, "plausible"),
        ("activity_MBq,weight_kg\n700,7000\n", DataError, "0.3 to 350"),
        ("activity_MBq,age_years\n700,1970\n", DataError, "0 to 120"),
        ("activity_GBq\n0.7\n", DataError, "unknown"),
        ("activity_MBq\n0.7\n0.8\n", InputError, "in MBq"),
        ("activity_MBq\n\n", DataError, "needed"),
    ],
)
def test_refusals(text: str, error: type[HevesyError], says: str, tmp_path: Path):
    path = tmp_path / "sample.csv"
    path.write_text(text)
    with pytest.raises(error, match=says):
        protect_drl(path, procedure="bone", country="FR", on="2015-06-01")


def test_list():
    levels = listed_reference_levels()["levels"]
    assert {each["country"] for each in levels} == {"FR", "DE", "GB", "JP", "KR"}
    assert all(each["source"] for each in levels)
