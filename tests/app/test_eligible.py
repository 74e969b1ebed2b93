"""Eligibility from whole folders."""

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pydicom
import pytest

from hevesy.app.eligible import Asked, eligible, listed
from hevesy.errors import InputError
from hevesy.model import DecayCorrection

# Blocks of one row of voxels each (x index), and the SUV painted there.
PAINTED = {"Lesion A": (0, 2), "Lesion B": (2, 4), "Leber": (4, 7), "Spleen": (7, 8), "Parotid_L": (8, 9), "Blood pool": (9, 10)}
SUV = {"Lesion A": 25.0, "Lesion B": 12.0, "Leber": 5.0, "Spleen": 9.0, "Parotid_L": 15.0, "Blood pool": 1.5}


def study(tiny: ModuleType, folder: Path, suv: dict[str, float], *, ligand: str = "68Ga-PSMA-11", n: int = 0) -> Path:
    values = np.zeros(tiny.SHAPE, dtype=np.float32)
    regions = {}
    for name, level in suv.items():
        first, last = PAINTED[name]
        values[:, :, first:last] = level
        x = tuple(tiny.CORNER[0] + (i - 0.5) * tiny.SIDE for i in (first, last))
        y = tuple(tiny.CORNER[1] + (j - 0.5) * tiny.SIDE for j in (1, 7))
        regions[name] = tuple(tiny.ring(tiny.CORNER[2] + k * tiny.SIDE, x, y) for k in range(1, 5))
    files = tiny.pt(folder / "pet", values, correction=DecayCorrection.START, n=n)
    tiny.rtstruct(folder / "rs.dcm", regions, files, n=n)

    def named(ds: pydicom.Dataset) -> None:
        ds.Units = "GML"
        ds.RadiopharmaceuticalInformationSequence[0].Radiopharmaceutical = ligand

    tiny.change(files, named)
    return folder


def rules(found: dict[str, Any]) -> list[str]:
    return [rule["verdict"] for rule in found["rules"]]


def test_vision_with_regions_named_in_german(tiny: ModuleType, tmp_path: Path) -> None:
    folder = study(tiny, tmp_path, SUV)
    found = eligible(folder, criteria="vision", asked=Asked(complete=True))
    assert found["verdict"] == "met"
    assert rules(found) == ["met", "met"]
    assert found["rules"][0]["got"] == pytest.approx(25.0, rel=1e-3)
    assert found["rules"][0]["threshold"] == pytest.approx(5.0, rel=1e-3)
    assert found["rules"][0]["probability"] > 0.99
    assert len(found["unverified"]) == 4
    assert found["tumour"]["lesions"] == 2
    assert found["tumour"]["volume_ml"] == pytest.approx(4 * 6 * 4 * tiny.VOXEL_ML)
    assert found["tumour"]["suv_mean"] == pytest.approx(18.5, rel=1e-3)
    assert found["ratios"]["Lesion B"]["liver"]["ratio"] == pytest.approx(2.4, rel=1e-3)
    assert found["scores"]["promise-v2"]["lesions"]["Lesion A"]["score"] == 3
    assert found["scores"]["promise-v2"]["lowest"] == 2
    assert "physician" in found["decision"]
    assert eligible(folder, criteria="vision")["verdict"] == "cannot be decided"


def test_therap_with_fdg(tiny: ModuleType, tmp_path: Path) -> None:
    folder = study(tiny, tmp_path / "psma", SUV)
    asked = Asked(complete=True)
    fdg = study(tiny, tmp_path / "fdg", {"Lesion A": 6.0}, ligand="FDG", n=1)
    assert rules(eligible(folder, criteria="therap", asked=asked)) == ["met", "met", "cannot be decided"]
    assert rules(eligible(folder, criteria="therap", asked=asked, fdg=fdg)) == ["met", "met", "met"]
    worse = study(tiny, tmp_path / "worse", {"Lesion B": 14.0}, ligand="FDG", n=2)
    found = eligible(folder, criteria="therap", asked=asked, fdg=worse)
    assert found["verdict"] == "not met"
    assert found["rules"][2]["lesions"][0]["lesion"] == "Lesion B"


def test_a_ligand_excreted_by_the_liver(tiny: ModuleType, tmp_path: Path) -> None:
    found = eligible(study(tiny, tmp_path, {**SUV, "Lesion B": 7.0}, ligand="18F-PSMA-1007"), criteria="promise-v2")
    assert found["verdict"] == "no verdict: a score"
    assert found["scores"]["promise-v2"]["lesions"]["Lesion B"]["score"] == 1
    assert found["scores"]["promise-v2"]["spleen_for_liver"]
    assert any("spleen takes the place" in text for text in found["warnings"])


def test_references_by_hand_and_without_lesions(tiny: ModuleType, tmp_path: Path) -> None:
    folder = study(tiny, tmp_path, SUV)
    asked = Asked(lesions=("Lesion A",), references={"liver": "Lesion B"})
    found = eligible(folder, criteria="netter-1", asked=asked)
    assert found["rules"][0]["threshold"] == pytest.approx(12.0, rel=1e-3)
    assert any("made with In-111 pentetreotide" in text for text in found["warnings"])
    covered = eligible(folder, criteria="vision", asked=Asked(references={"liver": "Lesion A"}))
    assert "wholly covered" in " ".join(covered["warnings"])
    assert rules(covered) == ["cannot be decided"] * 2


def test_an_organ_without_uptake_is_no_reference(tiny: ModuleType, tmp_path: Path) -> None:
    found = eligible(study(tiny, tmp_path, {**SUV, "Leber": 0.0}), criteria="vision", asked=Asked(complete=True))
    assert found["verdict"] == "cannot be decided"
    assert "liver" not in found["references"]
    assert any("not above zero" in text for text in found["warnings"])


def test_sizes(tiny: ModuleType, tmp_path: Path) -> None:
    folder = study(tiny, tmp_path, {**SUV, "Lesion B": 4.0})
    small = Asked(complete=True, sizes={"Lesion B": ("node", 12.0)})
    assert eligible(folder, criteria="vision", asked=small)["verdict"] == "met"
    large = Asked(complete=True, sizes={"Lesion B": ("organ", 12.0)})
    assert eligible(folder, criteria="vision", asked=large)["verdict"] == "not met"


def test_refusals(tiny: ModuleType, tmp_path: Path) -> None:
    folder = study(tiny, tmp_path / "a", SUV)
    with pytest.raises(InputError, match="unknown; there are vision"):
        eligible(folder, criteria="visoin")
    with pytest.raises(InputError, match="allowed are liver"):
        eligible(folder, criteria="vision", asked=Asked(references={"Leber": "Leber"}))
    with pytest.raises(InputError, match="--lesion"):
        eligible(study(tiny, tmp_path / "b", {"Leber": 5.0}), criteria="vision")
    with pytest.raises(InputError, match="--size"):
        eligible(folder, criteria="vision", asked=Asked(sizes={"Lesion Z": ("node", 12.0)}))


def test_files(tiny: ModuleType, tmp_path: Path) -> None:
    eligible(study(tiny, tmp_path / "in", SUV), criteria="vision", output=tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"eligible.json", "eligible.png"}


def test_the_list() -> None:
    found = listed()
    assert {row["name"] for row in found["criteria"]} >= {"vision", "therap", "netter-1"}
    assert all(row["source"] and row["rules"] for row in found["criteria"])
    assert all(row["levels"] for row in found["scores"])
