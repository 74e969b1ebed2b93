"""Files that were cut off or altered are problems of the record, never its end and never passed over."""

import importlib.util
import random
from pathlib import Path

import pytest

from hevesy.dicom.read_exposures import read_exposures
from hevesy.dicom.write_rrdsr import write_rrdsr

spec = importlib.util.spec_from_file_location("made_dose_reports", Path(__file__).with_name("made_dose_reports.py"))
made = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made)


@pytest.fixture
def whole(tmp_path):
    path = tmp_path / "whole.dcm"
    write_rrdsr(path, made.administration(), made.frame())
    return path.read_bytes()


def test_a_damaged_report_beside_a_whole_one(tmp_path, whole):
    (tmp_path / "cut.dcm").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "notes.txt").write_text("no DICOM")
    found = read_exposures([tmp_path])
    assert len(found.reports) == 1
    assert [p.where for p in found.problems] == ["cut.dcm"]
    assert "damaged" in found.problems[0].text
    assert (found.files, found.others) == (3, 1)


@pytest.mark.parametrize("share", [0.2, 0.35, 0.5, 0.65, 0.8, 0.95])
def test_what_was_cut_off_is_never_counted_as_no_report(tmp_path, whole, share):
    (tmp_path / "whole.dcm").write_bytes(whole[: int(share * len(whole))])
    found = read_exposures([tmp_path])
    assert len(found.reports) + len(found.problems) == 1 or found.others == 1
    assert found.files == 1


@pytest.mark.parametrize("seed", range(12))
def test_altered_bytes_never_stop_the_record(tmp_path, whole, seed):
    """The generator is of the test alone: it chooses which bytes are altered."""
    dice = random.Random(seed)
    altered = bytearray(whole)
    for _ in range(5):
        altered[dice.randrange(300, len(altered))] = dice.randrange(256)
    (tmp_path / "whole.dcm").write_bytes(bytes(altered))
    assert read_exposures([tmp_path]).files == 1
