"""What is said, once, with all that it is about."""

from dataclasses import replace

from hevesy.model.result import Level
from hevesy.reports.words import clean, gathered, region_remarks


def test_equal_sentences_are_said_once(result):
    assumed = gathered(result, Level.ASSUMED)
    assert [entry["about"] for entry in assumed] == ["", "all regions"]
    small = [e for e in gathered(result, Level.WARNING) if e["text"].startswith("Smaller than")]
    assert [e["about"] for e in small] == ["Läsion Segment VII, <script>alert('x')</script>"]


def test_the_whole_comes_before_the_parts(result):
    about = [entry["about"] for entry in gathered(result, Level.WARNING)]
    assert about[0] == "SPECT 168 h"


def test_an_ill_posed_fit_never_goes_unsaid(result):
    region = result.regions[0]
    silent = replace(region, fit=replace(region.fit, well_posed=False, warnings=()), remarks=())
    assert [r.level for r in region_remarks(silent)] == [Level.WARNING]


def test_reasons_for_missing_u_are_joined(result):
    texts = [r.text for r in region_remarks(result.regions[6]) if r.text.startswith("No standard")]
    assert len(texts) == 1
    assert "the mass" in texts[0]
    assert "the mean absorbed dose" in texts[0]


def test_control_characters_go():
    assert clean("a\x00b\nc") == "a b c"
