"""The page and the picture of an exposure record say what is known, and that something is not."""

import pytest

from hevesy.reports.exposure_page import exposure_page
from hevesy.reports.exposure_plot import exposure_timeline

FACTS = {
    "hevesy": "0", "created": "2026-01-01", "problems": [], "assumptions": ["an assumption"],
    "policy": [{"rule": "r", "threshold": 100.0, "unit": "mSv", "source": "a paper", "how": "recalled"}],
}  # fmt: skip


def exposure(day="2024-03-04", **more):
    return {
        "kind": "administration", "day": day, "start": None, "label": "F-18 <FDG>", "phantom": "", "activity_MBq": 394.0,
        "ctdi_vol_mGy": None, "dlp_mGy_cm": None, "sources": ["RRDSR"], "files": ["a.dcm"], "disagreements": [], "remarks": [],
        "effective_doses": [{"effective_dose_mSv": 7.486, "weights": "ICRP 60"}],
        "organ_doses": [{"organ": "Bladder", "laterality": "", "absorbed_dose_mGy": 51.22, "authority": "ICRP Publication 128"}],
    } | more  # fmt: skip


def record(*exposures, **more):
    return {
        "patient_ids": ["P-1"], "nuclides": ["F-18"], "sex": "F", "age_years": 55.0, "exposures": list(exposures), "alerts": [],
        "remarks": [], "why_no_sum": "", "without_effective_dose": 0, "dlp_sums": [],
        "effective_dose_sums": [
            {"weights": "ICRP 60", "method": "radiopharmaceutical", "authorities": ["ICRP 128"], "effective_dose_mSv": 7.486,
             "exposures": 1}
        ],
    } | more  # fmt: skip


def test_values_contradictions_and_policy_are_on_the_page():
    page = exposure_page(record(exposure(disagreements=["start, 8 min apart"])), FACTS).decode()
    for word in ("7.486", "51.22", "start, 8 min apart", "an assumption", "a paper; recalled", "ICRP 60"):
        assert word in page


def test_texts_of_files_are_escaped():
    page = exposure_page(record(exposure()), FACTS).decode()
    assert "F-18 &lt;FDG&gt;" in page
    assert "<FDG>" not in page


def test_a_record_without_days_or_doses_has_a_page_without_a_picture():
    page = exposure_page(record(exposure(None, effective_doses=[], organ_doses=[]), effective_dose_sums=[]), FACTS).decode()
    assert "not known" in page
    assert "data:image" not in page


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_picture_is_drawn_with_one_or_no_dose(kind):
    for exposures in ([exposure()], [exposure(effective_doses=[])], [exposure(), exposure(None)]):
        assert len(exposure_timeline(exposures, kind=kind)) > 1000
