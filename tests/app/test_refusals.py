"""What changes a number is refused, and the message names file and tag."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydicom
import pytest

from hevesy.app.inspect import as_dict, inspect

PT = "T4_168h/SPECT"


def slices(study: Path) -> list[Path]:
    """PT slices in order of position."""
    paths = sorted((study / PT).glob("*.dcm"))
    return sorted(paths, key=lambda p: float(pydicom.dcmread(p, stop_before_pixels=True).ImagePositionPatient[2]))


def change(paths: list[Path], edit: Callable[[Any], None]) -> None:
    for path in paths:
        ds = pydicom.dcmread(path)
        edit(ds)
        ds.save_as(path)


def problems(study: Path) -> str:
    return "\n".join(f"{p['where']} {p['text']}" for p in as_dict(inspect(study))["problems"])


def test_an_untouched_study_has_no_problem(study_copy: Callable[..., Path]) -> None:
    facts = as_dict(inspect(study_copy("T4")))
    assert facts["problems"] == []
    assert [m["what"] for m in facts["missing"] if m["needed"]] == ["regions"]


def test_two_patients(study_copy: Callable[..., Path]) -> None:
    study = study_copy("T4")
    change(slices(study)[:1], lambda ds: setattr(ds, "PatientID", "SOMEBODY-ELSE"))
    assert "(0010,0020)" in problems(study)
    assert "2 patients in one folder" in problems(study)


def test_missing_slice_names_both_neighbours(study_copy: Callable[..., Path]) -> None:
    study = study_copy("T4")
    before, lost, after = slices(study)[30:33]
    lost.unlink()
    text = problems(study)
    assert "1 slice missing" in text
    assert before.name in text
    assert after.name in text
    assert "(0020,0032)" in text


def test_missing_last_slice_is_seen_by_the_count(study_copy: Callable[..., Path]) -> None:
    study = study_copy("T4")
    slices(study)[-1].unlink()
    assert "(0054,0081) Number of Slices" in problems(study)


def test_unequal_spacing(study_copy: Callable[..., Path]) -> None:
    study = study_copy("T4")

    def edit(ds: Any) -> None:
        ds.ImagePositionPatient[2] = float(ds.ImagePositionPatient[2]) + 2.0

    change(slices(study)[40:], edit)
    text = problems(study)
    assert "unequal spacing" in text
    assert "(0020,0032)" in text


@pytest.mark.parametrize("unit", ["GML", "PROPCPS", "1CM", ""])
def test_units_that_are_neither_activity_nor_counts(study_copy: Callable[..., Path], unit: str) -> None:
    study = study_copy("T4")
    change(slices(study), lambda ds: setattr(ds, "Units", unit))
    assert "(0054,1001) Units" in problems(study)


def test_scan_before_the_administration(study_copy: Callable[..., Path]) -> None:
    study = study_copy("T4")

    def edit(ds: Any) -> None:
        ds.RadiopharmaceuticalInformationSequence[0].RadiopharmaceuticalStartDateTime = "20240601093000"
        if "RadiopharmaceuticalStartTime" in ds.RadiopharmaceuticalInformationSequence[0]:
            del ds.RadiopharmaceuticalInformationSequence[0].RadiopharmaceuticalStartTime

    change(slices(study), edit)
    text = problems(study)
    assert "before the administration" in text
    assert "(0018,1078)" in text


def test_no_administration_at_all(study_copy: Callable[..., Path]) -> None:
    study = study_copy("T4")
    change(slices(study), lambda ds: delattr(ds, "RadiopharmaceuticalInformationSequence"))
    facts = as_dict(inspect(study))
    assert facts["administration"] is None
    needed = [m["what"] for m in facts["missing"] if m["needed"]]
    assert {
        "activity of the administration",
        "time of the administration",
        "nuclide of the administration",
    } <= set(needed)
    assert facts["scans"][0]["time_h"] is None
    assert facts["scans"][0]["total_activity_MBq"] is None
    assert not facts["ready_for_dosimetry"]


def test_contradictory_nuclides(study_copy: Callable[..., Path]) -> None:
    study = study_copy("T1", "T4")

    def edit(ds: Any) -> None:
        code = ds.RadiopharmaceuticalInformationSequence[0].RadionuclideCodeSequence[0]
        code.CodeMeaning = "^131^Iodine"

    change(slices(study), edit)
    text = problems(study)
    assert "contradictory nuclides I-131, Lu-177" in text
    assert "(0054,0300)" in text


def test_half_life_of_another_nuclide(study_copy: Callable[..., Path]) -> None:
    study = study_copy("T4")
    change(
        slices(study),
        lambda ds: setattr(ds.RadiopharmaceuticalInformationSequence[0], "RadionuclideHalfLife", "6586.2"),
    )
    assert "(0018,1075)" in problems(study)


def test_truncated_slice(study_copy: Callable[..., Path]) -> None:
    study = study_copy("T4")
    path = slices(study)[20]
    path.write_bytes(path.read_bytes()[:-500])
    text = problems(study)
    assert path.name in text
    assert "truncated" in text


def test_slice_cut_in_its_header(study_copy: Callable[..., Path]) -> None:
    study = study_copy("T4")
    path = slices(study)[20]
    path.write_bytes(path.read_bytes()[:700])
    assert path.name in problems(study)


def test_empty_file_among_the_images(study_copy: Callable[..., Path]) -> None:
    study = study_copy("T4")
    (study / PT / "lost.dcm").write_bytes(b"")
    assert "lost.dcm" in problems(study)


def test_a_note_among_the_images_is_named_and_the_rest_goes_on(study_copy: Callable[..., Path]) -> None:
    study = study_copy("T4")
    (study / PT / "readme.txt").write_text("scan repeated after coffee")
    facts = as_dict(inspect(study))
    assert facts["problems"] == []
    assert any("readme.txt" in text for text in facts["remarks"])


def test_regions_of_another_frame_of_reference_are_not_dropped(study_copy: Callable[..., Path]) -> None:
    study = study_copy("T2", "T4")
    for folder in ("CT", "SPECT"):
        for path in (study / "T2_24h" / folder).glob("*"):
            path.unlink()
    text = problems(study)
    assert "Kidney_Left" in text
    assert "Lesion 1" in text
    assert "(0020,0052)" in text


def test_no_name_in_any_message(study_copy: Callable[..., Path]) -> None:
    study = study_copy("T4")
    change(slices(study), lambda ds: setattr(ds, "PatientName", "Zaphodius^Beeblebrox"))
    (study / PT).rename(study / PT.replace("SPECT", "Beeblebrox SPECT"))
    path = next((study / "T4_168h" / "Beeblebrox SPECT").glob("*.dcm"))
    path.write_bytes(path.read_bytes()[:-500])
    facts = as_dict(inspect(study))
    assert facts["problems"]
    said = repr({key: value for key, value in facts.items() if key != "folder"})
    assert "Beeblebrox" not in said
    assert "Zaphodius" not in said
