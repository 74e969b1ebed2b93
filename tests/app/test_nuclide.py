import json

import pytest

from hevesy.app.nuclide import describe
from hevesy.errors import InputError


def test_lutetium():
    facts = describe("177Lu")
    assert facts["name"] == "Lu-177"
    assert facts["half_life_text"] == "6.647 d"
    assert facts["half_life_s"] == pytest.approx(574300.8)
    assert facts["totals_keV_per_decay"]["electrons"] == pytest.approx(147.92, abs=0.01)
    gammas = [(line["energy_keV"], line["yield"]) for line in facts["lines"] if line["kind"] == "gamma"]
    assert gammas == [(pytest.approx(208.366), 0.11), (pytest.approx(112.95), 0.064)]
    assert facts["daughters"] == [{"name": "Hf-177", "fraction": 1.0, "mode": "beta-"}]
    assert "ICRP" in facts["source"]
    assert "not-for-profit" in facts["notice"]
    assert len(facts["sha256"]) == 64
    json.dumps(facts, allow_nan=False)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Y-90", "64.1 h"),
        ("F-18", "109.77 min"),
        ("Tc-99m", "6.015 h"),
        ("Ra-226", "1600 y"),
        ("Po-212", "0.299 us"),
    ],
)
def test_half_lives_in_the_unit_people_use(name, text):
    assert describe(name)["half_life_text"] == text


def test_a_pure_beta_emitter_has_no_main_line():
    assert describe("Y-90")["lines"] == []


def test_an_unknown_nuclide_is_refused_with_near_ones():
    with pytest.raises(InputError, match="Lu-17"):
        describe("Lu-175")
