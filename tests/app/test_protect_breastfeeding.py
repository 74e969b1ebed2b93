"""The use case of advice on breast-feeding: the keys of its answer, therapy by nuclide and activity."""

import json

import pytest

from hevesy.app.protect_breastfeeding import listed_products, protect_breastfeeding
from hevesy.errors import InputError


def test_the_answer_carries_what_it_rests_on():
    facts = protect_breastfeeding("Tc-99m pertechnetate thyroid", policy="longest", on="2026-01-31")
    assert facts["product"] == "Tc-99m pertechnetate"
    assert facts["picked"]["interruption_h"] == [24.0, 24.0]
    assert facts["source"].startswith("US NRC Regulatory Guide 8.39")
    assert {each["body"] for each in facts["advice"]} >= {"naik-2022", "icrp-106", "nrc-8.39"}
    assert {each["procedure"] for each in facts["advice"]} == {"thyroid", None}
    assert facts["unverified"]
    assert len(facts["questions"]) == 4
    json.dumps(facts, allow_nan=False)


def test_no_policy_is_said():
    facts = protect_breastfeeding("Tc-99m MAG3")
    assert facts["picked"] is None
    assert "nothing is picked" in facts["policy_rule"]


@pytest.mark.parametrize(
    ("product", "activity", "therapy"),
    [("Lu-177 DOTATATE", "", True), ("I-131 iodide", "3.7 GBq", True), ("I-131 iodide", "0.37 MBq", False), ("FDG", "", False)],
)
def test_therapy_by_nuclide_and_activity(product: str, activity: str, therapy: bool):
    facts = protect_breastfeeding(product, activity=activity)
    assert facts["therapy"] is therapy
    assert bool(facts["before_treatment"]) is (product.startswith("I-131") and therapy)
    json.dumps(facts, allow_nan=False)


def test_a_slip_is_asked_back():
    with pytest.raises(InputError, match="Check the unit"):
        protect_breastfeeding("FDG", activity="300 GBq")


def test_list():
    facts = listed_products()
    assert "Tc-99m MAA" in facts["products"]
    assert "acmui" in facts["bodies"]
