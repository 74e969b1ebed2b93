"""A course from its files: record, refusals, external beams and the sum of maps."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import nibabel
import numpy as np
import pytest

from hevesy import units as un
from hevesy.app.course import course_report
from hevesy.app.course_files import BeamSettings, beam_of, read_course_file, read_plan
from hevesy.app.course_record import ARTICLE_56
from hevesy.dicom.nifti import write_nifti
from hevesy.dicom.write_rtdose import DoseHeader, write_rtdose
from hevesy.errors import DataError, InputError, ScopeError
from hevesy.model import Grid, Image, Quantity

spec = importlib.util.spec_from_file_location("made_results", Path(__file__).with_name("made_results.py"))
assert spec is not None
assert spec.loader is not None
made = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made)

LIMITS = """
[limits.Kidney]
quantity = "BED"
limit = "40 Gy"
tissue = "kidney"
source = "a test"
"""


@pytest.fixture
def limits(tmp_path: Path) -> Path:
    path = tmp_path / "limits.toml"
    path.write_text(LIMITS, "utf-8")
    return path


def toml(folder: Path, text: str, number: int = 2) -> Path:
    cycles = made.course(folder, number)
    path = folder / "course.toml"
    path.write_text("\n".join([text.replace("CYCLES", "\n".join(f'[[cycle]]\nresult = "{c.name}"' for c in cycles))]), "utf-8")
    return path


def test_three_results_and_limits(tmp_path: Path, limits: Path) -> None:
    facts = course_report(made.course(tmp_path), limits=limits)
    kidney = facts["ledger"]["Left kidney"]
    assert kidney["dose_Gy"] == pytest.approx(18.0)
    # 6 Gy each; of 6 % half of the variance is systematic: u^2 = (18 s)^2 + 3 (6 s)^2, s = 0.06 / sqrt 2.
    assert kidney["u_dose_Gy"] == pytest.approx(0.06 / 2**0.5 * (18**2 + 3 * 6**2) ** 0.5)
    assert kidney["tissue"]["name"] == "kidney"
    assert [each["region"] for each in facts["limits"]] == ["Left kidney", "Right kidney"]
    assert facts["suggestion"]["kind"] == "keep"
    assert "not an order" in facts["suggestion"]["status"]
    assert facts["response"]["total_lesion_volume_change_percent"] == pytest.approx(-51.0)
    json.dumps(facts, allow_nan=False)


def test_nobody_signs_but_people(tmp_path: Path) -> None:
    record = course_report(made.course(tmp_path, 1))["record"]
    assert record["article"] == ARTICLE_56
    assert (record["medical_physics_expert"], record["physician"], record["date"]) == ("", "", "")


def test_without_limits_nothing_is_suggested(tmp_path: Path) -> None:
    assert course_report(made.course(tmp_path, 1))["suggestion"]["kind"] == "none"


def test_a_course_file_with_plans(tmp_path: Path, limits: Path) -> None:
    made.course(tmp_path, 2)
    (tmp_path / "plan.json").write_text(
        json.dumps({"activity_MBq": 7000.0, "regions": {"Kidney_Right": {"dose_per_activity_Gy_per_GBq": 4 / 7}}}), "utf-8"
    )
    path = tmp_path / "course.toml"
    path.write_text(
        """
title = "A course"
limits = "limits.toml"
next_activity = "6 GBq"
between_cycles = "15 %"
[[cycle]]
result = "cycle1"
planned_activity = "7.4 GBq"
planned_dose = {Kidney_Left = "5 Gy"}
aim = "kidneys below 40 Gy BED"
[[cycle]]
result = "cycle2"
plan = "plan.json"
comment = "more than planned: residual overestimated"
[tissues]
Lesion = "kidney"
[record]
indication = "a tumour"
""",
        "utf-8",
    )
    facts = course_report([path], out=tmp_path / "out")
    first, second = facts["cycles"]
    assert first["deviation_percent"] == pytest.approx(0.0)
    assert first["regions"]["Left kidney"]["dose_deviation_percent"] == pytest.approx(20.0)
    assert second["planned_activity_GBq"] == pytest.approx(7.0)
    assert second["regions"]["Right kidney"]["planned_dose_Gy"] == pytest.approx(4.0)
    assert facts["suggestion"]["intended_GBq"] == pytest.approx(6.0)
    assert facts["ledger"]["Lesion 1"]["tissue"]["name"] == "kidney"
    assert json.loads((tmp_path / "out" / "course.json").read_text("utf-8"))["title"] == "A course"
    page = (tmp_path / "out" / "course.html").read_text("utf-8")
    for words in ("Plan, delivery, verification", "Article 56", "kidneys below 40 Gy BED", "medical physics expert", "a tumour"):
        assert words in page
    assert (tmp_path / "out" / "course.pdf").read_bytes().startswith(b"%PDF")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["course.html", "course.json", "course.pdf"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('CYCLES\n[[cycle]]\nresult = "cycle1"', "same administration"),
        ('limits = "none.toml"\nCYCLES', "not a readable limits file"),
        ('tissues = {Pancreas = "kidney"}\nCYCLES', "tissues.Pancreas: the course has no such region"),
        ('tissues = {Lesion = "moss"}\nCYCLES', "no tissue 'moss'"),
        ('next_activity = "7.4"\nCYCLES', "next_activity: got '7.4'; write a number with its unit"),
        ('next_activity = "0 GBq"\nCYCLES', "next_activity: 0 MBq; at least 0.01 MBq is allowed"),
        ('CYCLES\nplanned_activity = "-7.4 GBq"', "planned_activity: -7400 MBq"),
        ('CYCLES\nplanned_dose = {"Left kidney" = "0 Gy"}', "planned_dose of Left kidney: 0 Gy; above zero"),
        ('between_cycles = "-10 %"\nCYCLES', "between_cycles: -10 %; 0 to 200 %"),
        ("colour = 1\nCYCLES", "colour: Extra inputs are not permitted"),
        ("cycle = []", "cycle: List should have at least 1 item"),
        ('CYCLES\nplanned_dose = {Liver = "3 Gy"}', "planned_dose of Liver: the result has no such region"),
        ('CYCLES\nlabel = "a"\n[[cycle]]\nresult = "cycle1"\nlabel = "a"', "two cycles have one label"),
        ("not toml", "not a readable course file"),
        ('CYCLES\n[sum]\nelsewhere = "kidney"', "neither dose.dcm nor dose.nii.gz"),
        ('CYCLES\n[[external_beam]]\nrtdose = "none.dcm"\nfractions = 5', "cannot be read as DICOM"),
    ],
)
def test_bad_files_are_refused_with_what_to_do(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises((InputError, DataError), match=says):
        course_report([toml(tmp_path, text)])


def test_virtual_and_real_are_not_one_course(tmp_path: Path) -> None:
    first, second = made.course(tmp_path, 2)
    content = json.loads((second / "result.json").read_text("utf-8")) | {"synthetic": False}
    made.write(second, content)
    with pytest.raises(InputError, match="virtual patient and some are not"):
        course_report([first, second])


def test_bad_results_are_refused(tmp_path: Path, limits: Path) -> None:
    with pytest.raises(InputError, match="overlap: 5 d apart"):
        course_report(made.course(tmp_path / "a", 2, interval=5.0))
    one, other = made.course(tmp_path / "b", 1), made.write(tmp_path / "c", made.result(9, days=60, patient="P-2"))
    with pytest.raises(InputError, match="another patient identifier"):
        course_report([*one, other])
    with pytest.raises(InputError, match="different nuclides"):
        course_report([*one, made.write(tmp_path / "d", made.result(9, days=60, nuclide="Ac-225"))])
    limits.write_text('[limits.Liver]\nlimit = "30 Gy"', "utf-8")
    with pytest.raises(InputError, match="limit of Liver: the course has no such region"):
        course_report(one, limits=limits)
    limits.write_text("[limits.Kidney]\nlimit = 23", "utf-8")
    with pytest.raises(InputError, match="write a number with its unit"):
        course_report(one, limits=limits)
    with pytest.raises(InputError, match="no course file and no result"):
        course_report([])
    with pytest.raises(InputError, match="not both"):
        course_report([tmp_path / "x.toml", *one])


def test_tissues_of_ones_own(tmp_path: Path) -> None:
    text = '[regions."Lesion 1"]\ntissue = "mine"\n[tissues.mine]\nalpha_beta = "8 Gy"\nrepair_half_time = "1 h"\n'
    text += 'source = "a test"\n'
    (tmp_path / "tissues.toml").write_text(text, "utf-8")
    facts = course_report([toml(tmp_path, 'tissues_file = "tissues.toml"\nCYCLES')])
    tissue = facts["ledger"]["Lesion 1"]["tissue"]
    assert (tissue["name"], tissue["alpha_beta_Gy"]) == ("mine", 8.0)
    (tmp_path / "tissues.toml").write_text(text.replace('tissue = "mine"', 'tissue = "mine"\nrbe = 5'), "utf-8")
    with pytest.raises(ScopeError, match="a course adds without RBE"):
        course_report([tmp_path / "course.toml"])


def test_results_out_of_order_are_sorted(tmp_path: Path) -> None:
    facts = course_report(list(reversed(made.course(tmp_path, 2))))
    assert [cycle["label"] for cycle in facts["cycles"]] == ["cycle 1", "cycle 2"]
    assert any("sorted by administration" in text for text in facts["warnings"])


def test_plans_that_say_nothing_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    with pytest.raises(InputError, match="cannot be read"):
        read_plan(path)
    path.write_text("{", "utf-8")
    with pytest.raises(DataError, match="is no JSON"):
        read_plan(path)
    path.write_text("[]", "utf-8")
    with pytest.raises(DataError, match="states no activity_MBq"):
        read_plan(path)
    with pytest.raises(InputError, match="not a readable course file"):
        read_course_file(tmp_path / "none.toml")


def _with_maps(folder: Path, tiny: ModuleType, doses: tuple[float, ...]) -> list[Path]:
    """Cycles with an RTDOSE each, in one frame of reference, and an RTSTRUCT of the left kidney."""
    slices = tiny.ct(folder / "CT")
    cycles = made.course(folder, len(doses))
    for cycle, value in zip(cycles, doses, strict=True):
        dose = Image(values=np.full(tiny.SHAPE, value, dtype=np.float32), grid=tiny.grid(), quantity=Quantity.ABSORBED_DOSE)
        header = DoseHeader(created=tiny.GIVEN_AT, comment=cycle.name)
        write_rtdose(cycle / "dose.dcm", dose, reference_file=slices[0], header=header)
    tiny.rtstruct(folder / "organs.dcm", {"Kidney_Left": tiny.block_rings()}, slices)
    return cycles


def test_the_sum_of_two_maps_and_external_beams(tmp_path: Path, tiny: ModuleType) -> None:
    cycles = _with_maps(tmp_path, tiny, (6.0, 6.0))
    (tmp_path / "course.toml").write_text(
        """
same_patient = true
[[cycle]]
result = "cycle1"
regions = "organs.dcm"
[[cycle]]
result = "cycle2"
[[external_beam]]
rtdose = "cycle2/dose.dcm"
rtstruct = "organs.dcm"
fractions = 3
u = "3 %"
[sum]
elsewhere = "kidney"
""",
        "utf-8",
    )
    facts = course_report([tmp_path / "course.toml"], out=tmp_path / "out")
    kidney, tissue = facts["sum"]["regions"]["Left kidney"], facts["ledger"]["Left kidney"]["tissue"]
    ab, T = tissue["alpha_beta_Gy"], tissue["repair_half_times_h"][0]
    by_hand = 2 * 6 * (1 + T / (T + 50) * 6 / ab) + 6 * (1 + 2 / ab)
    assert kidney["bed_Gy"] == pytest.approx(by_hand, rel=1e-4)
    assert kidney["dose_Gy"] == pytest.approx(18.0, rel=1e-4)
    assert facts["ledger"]["Left kidney"]["bed_Gy"] == pytest.approx(by_hand, rel=1e-4)
    assert facts["sum"]["against_ledger"]["Left kidney"] == pytest.approx(0.0, abs=0.01)
    assert facts["ledger"]["Right kidney"]["missing"] == ["external beams"]
    stored: Any = nibabel.load(tmp_path / "out" / "bed.nii.gz")
    middle = tuple(n // 2 for n in tiny.SHAPE)
    assert float(np.asarray(stored.dataobj).transpose(2, 1, 0)[middle]) == pytest.approx(by_hand, rel=1e-4)
    assert len(cycles) == 2


def test_a_map_without_a_frame_is_said_to_lie_by_coordinates(tmp_path: Path, tiny: ModuleType) -> None:
    cycles = made.course(tmp_path, 2)
    for cycle in cycles:
        image = Image(values=np.full(tiny.SHAPE, 6.0, dtype=np.float32), grid=tiny.grid(), quantity=Quantity.ABSORBED_DOSE)
        write_nifti(cycle / "dose.nii.gz", image)
    path = toml(tmp_path / "again", 'CYCLES\n[sum]\nelsewhere = "kidney"')
    for cycle in cycles:
        (cycle / "dose.nii.gz").rename(path.parent / cycle.name / "dose.nii.gz")
    facts = course_report([path])
    assert facts["sum"]["maps"][1]["method"] == "frames of reference only"
    with pytest.raises(InputError, match="sum.reference is 'x'"):
        course_report([toml(path.parent, 'CYCLES\n[sum]\nelsewhere = "kidney"\nreference = "x"')])


@pytest.mark.data
def test_the_heart_of_a_real_plan(real_data: Path) -> None:
    """Figures of dicompyler: mean 0.6475 Gy; seven fractions by its RTPLAN."""
    given = BeamSettings(rtdose="rtdose.dcm", rtplan="rtplan.dcm", rtstruct="rtss.dcm", u="2 %")  # type: ignore[arg-type]
    beam, dose, outlines = beam_of(given, label="beams", folder=real_data / "rt-objects", same_patient=False)
    heart = beam.regions["Heart"]
    assert beam.fractions == 7
    assert heart.mean == pytest.approx(0.6475 * un.Gy, rel=0.01)
    assert heart.mean_square >= heart.mean**2
    assert isinstance(dose.grid, Grid)
    assert "Heart" in [outline.name for outline in outlines]
    with pytest.raises(InputError, match="how many fractions is not stated"):
        beam_of(BeamSettings(rtdose="rtdose.dcm"), label="b", folder=real_data / "rt-objects", same_patient=False)
