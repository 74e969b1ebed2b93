"""From a table of the diagnostic nuclide to integrals of the therapeutic one."""

import math

import pytest

from hevesy import units as un
from hevesy.app.transfer import transfer_table
from hevesy.errors import InputError, ScopeError
from hevesy.nuclides import load_nuclide

D, T = load_nuclide("I-124").decay_constant, load_nuclide("I-131").decay_constant
B = math.log(2) / (60 * un.h)


@pytest.fixture
def table(tmp_path):
    def write(times, lam=D, u=0.03, region="Lesion 1"):
        rows = [(t, 5 * math.exp(-(B + lam) * t * un.h)) for t in times]
        path = tmp_path / "curves.csv"
        path.write_text(
            "region,time_h,activity_MBq,u_MBq\n" + "".join(f"{region},{t},{A:.6g},{u * A:.6g}\n" for t, A in rows), "utf-8"
        )
        return path

    return write


def test_a_fit(table):
    facts = transfer_table(table([4, 24, 48, 96]), diagnostic="I124", therapeutic="I-131", administered=25.0)
    one = facts["regions"]["Lesion 1"]
    assert (facts["from"], facts["to"], one["method"]) == ("I-124", "I-131", "fit")
    assert one["tia_MBq_h"] == pytest.approx(5 / (B + T) / un.h, rel=1e-3)
    assert one["diagnostic_tia_MBq_h"] == pytest.approx(5 / (B + D) / un.h, rel=1e-3)
    assert one["tiac_h"] == pytest.approx(one["tia_MBq_h"] / 25)
    assert one["tia_95_MBq_h"][0] < one["tia_MBq_h"] < one["tia_95_MBq_h"][1]
    assert set(one["u_percent"]) == {"fit", "extrapolation", "compound"}
    assert one["u_tia_MBq_h"] == pytest.approx(one["tia_MBq_h"] * math.hypot(*one["u_percent"].values()) / 100)
    assert any("assumed by Hevesy" in text for text in facts["assumptions"])


def test_a_half_life(table):
    path = table([1, 2], lam=load_nuclide("Ga-68").decay_constant)
    facts = transfer_table(path, diagnostic="Ga-68", therapeutic="Lu-177", half_life=["60"], spread=["Lesion 1=30"])
    one = facts["regions"]["Lesion 1"]
    assert one["method"] == "biological half-life"
    assert one["tia_MBq_h"] == pytest.approx(5 / (B + load_nuclide("Lu-177").decay_constant) / un.h, rel=0.02)
    assert one["extrapolated_fraction"] > 0.9


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"therapeutic": "Lu-177"}, ScopeError, "not in the table"),
        ({"therapeutic": "I-199"}, InputError, "I-199"),
        ({"administered": -1.0}, InputError, "above zero"),
        ({"administered": 0.1}, InputError, "of the 0.1 MBq given"),
        ({"half_life": ["50"]}, InputError, "Give both"),
        ({"half_life": ["1e-9"], "spread": ["30"]}, ScopeError, "nothing would be left"),
        ({"half_life": ["50"], "spread": ["30"], "model": "mono"}, InputError, "no meaning"),
        ({"half_life": ["50"], "spread": ["30"], "population": "x.json"}, InputError, "two priors"),
    ],
)
def test_what_is_asked_badly_is_refused(table, given, error, said):
    with pytest.raises(error, match=said):
        transfer_table(table([4, 24, 48, 96]), **{"diagnostic": "I-124", "therapeutic": "I-131"} | given)


def test_too_few_scans_are_refused(table):
    with pytest.raises(ScopeError, match="prior"):
        transfer_table(table([4, 8]), diagnostic="I-124", therapeutic="I-131", model="mono")
