"""Retired codes by the table of pydicom, and items that are looked at more than once."""

import re
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

import hevesy.dicom.content as room
from hevesy.dicom.coded import code
from hevesy.dicom.content import Item, named

ROOM = Path(room.__file__).parent
ASKED = sorted({found for path in ROOM.glob("*.py") for found in re.findall(r'"SCT:(\d+)"', path.read_text("utf-8"))})


@pytest.mark.parametrize("concept", ASKED)
def test_every_concept_that_is_asked_for_is_found_by_its_retired_code(concept):
    from pydicom.sr._snomed_dict import mapping

    retired = [old for old, new in mapping["SRT"].items() if new == concept]
    assert retired
    for old in retired:
        assert named(code(old, "SRT", "-"), f"SCT:{concept}")
        assert named(code(old, "99SDM", "-"), f"SCT:{concept}")
        assert not named(code(old, "DCM", "-"), f"SCT:{concept}")
        assert Code(old, "SRT", "-") == Code(concept, "SCT", "-")


def test_a_code_is_never_taken_for_another():
    assert not named(None, "SCT:349358000")
    assert not named(code("G-C340", "SRT", "-"), "SCT:349358000")
    assert not named(code("", "SRT", "-"), "SCT:349358000")
    assert named(code("113507", "DCM", "-"), "DCM:113507")
    assert not named(code("113507", "99X", "-"), "DCM:113507")


def test_an_item_without_name_or_content_is_empty():
    item = Item(Dataset())
    assert (item.kind, item.name, item.children, item.meaning()) == ("", None, (), "")
    assert item.first("DCM:113507") is None
    assert list(item.walk()) == []
