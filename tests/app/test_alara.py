"""The least activity from names and texts to facts, page and picture."""

import json

import pytest

from hevesy.app.alara import Asked, alara
from hevesy.app.alara_patient import (
    NAMES,
    age_text,
    body_of,
    conceptus_coefficient,
    dose_coefficient,
    guideline_activity,
    substance,
)
from hevesy.errors import InputError, ScopeError
from hevesy.imaging.phantoms import BODIES, TRACERS
from hevesy.imaging.trials import patient

FDG = Asked(scanner="siemens-vision-600", tracer="F-18 FDG", targets=("cov",), weight="70 kg", analytic=True, on="2026-01-31")


def asked(**more):
    return Asked(**{name: getattr(FDG, name) for name in FDG.__dataclass_fields__} | more)


def test_a_long_scanner_needs_less_and_saves_more():
    facts = alara(asked(compare=("siemens-quadra",)))
    other = facts["compared"][0]
    assert facts["least_activity_MBq"] > 1.5 * other["least_activity_MBq"]
    assert facts["guideline_activity_MBq"] == pytest.approx(490)
    saved = 0.019 * (490 - facts["least_activity_MBq"])
    assert facts["effective_dose_saved_mSv"] == pytest.approx(saved, rel=1e-4)
    assert other["effective_dose_saved_mSv"] > saved
    assert facts["unverified_sources"]
    assert facts["source"].startswith("R. Boellaard")
    json.dumps(facts, allow_nan=False)


def test_the_keys_that_programs_read():
    facts = alara(FDG)
    for key in (
        "least_activity_MBq", "least_activity_95_MBq", "shortest_time_s", "guideline_activity_MBq",
        "effective_dose_saved_mSv", "target", "limit", "curve", "scanner", "source",
    ):  # fmt: skip
        assert key in facts
    assert {"activity_MBq", "time_s", "value", "u"} <= set(facts["curve"][0])


def test_the_hardest_target_binds():
    facts = alara(asked(targets=("cov", "cnr"), limits=("5 %", "2")))
    assert facts["target"] == "cov"
    assert facts["limit"] == pytest.approx(0.05)
    assert facts["least_activity_MBq"] == max(f["least_activity_MBq"] for f in facts["targets"])


def test_the_page_and_the_picture(tmp_path):
    facts = alara(asked(compare=("siemens-quadra",)), output=tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text("utf-8")
    assert facts["files"] == ["a.html"]
    assert "data:image/png;base64" in page
    assert "not a medical device" in page
    alara(FDG, output=tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InputError, match="picture"):
        alara(FDG, output=tmp_path / "a.pdf")


def test_a_compared_scanner_may_be_refused_and_the_first_may_not(monkeypatch):
    hard = asked(limits=("6 %",), time="1 s")
    with pytest.raises(ScopeError, match="no activity meets it"):
        alara(hard)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"tracer": "F-18 FGD"}, "Did you mean F-18 FDG"),
        ({"tracer": "Ga-68 DOTANOC"}, "A trial knows"),
        ({"tracer": "Tc-99m MIBI"}, "has no wall"),
        ({"tracer": "MAG3"}, "over time"),
        ({"scanner": "siemens-intevo"}, "cannot image F-18"),
        ({"targets": ()}, "a target is needed"),
        ({"targets": ("cov", "cov")}, "given once"),
        ({"targets": ("covv",)}, "Did you mean cov"),
        ({"body": "adult-male"}, "give one of them"),
        ({"targets": ("recovery",), "band": "wide"}, "write two numbers"),
        ({"time": "0.1 s"}, "1 s to a day"),
        ({"scanner": "siemens-quadro"}, "siemens-quadra"),
    ],
)
def test_what_makes_no_sense_is_refused(more, said):
    with pytest.raises(InputError, match=said):
        alara(asked(**more))


def test_names_bodies_ages_and_guidelines():
    assert substance("FDG")[0] == "F-18 FDG"
    assert substance("phosphonate")[0] == "Tc-99m MDP"
    assert body_of("", "").name == "adult-male"
    assert age_text(patient(20.0), "") == "5"
    assert age_text(patient(70.0), "") == "40"
    assert age_text(patient(70.0), "12") == "12"
    child = guideline_activity("F-18 FDG", patient(20.0), card="", time=120.0, on="2026-01-31")
    assert child.facts["card"] == "eanm-2016"
    assert 50 < child.activity < 200
    none = guideline_activity("Tc-99m MDP", patient(70.0), card="", time=1200.0)
    assert none.activity is None
    assert "--activity" in none.facts["why"]


def test_every_tracer_that_is_named_has_a_place_and_a_dose_or_a_reason():
    assert set(NAMES.values()) == set(TRACERS)
    for name in NAMES:
        assert substance(name)[0] == name
        found = dose_coefficient(name, patient(70.0), "", on="2026-01-31")
        assert found["coefficient_mSv_per_MBq"] or found["why"]
    assert dose_coefficient("F-18 NaF", patient(70.0), "", on="2026-01-31")["set"] == "label"


def test_where_no_guideline_stands_the_saving_is_against_what_the_user_gives():
    facts = alara(asked(tracer="Ga-68 PSMA-11", activity="150 MBq"))
    assert facts["guideline_activity_MBq"] is None
    assert facts["saved_against"] == "activity given"
    assert facts["effective_dose_saved_mSv"] == pytest.approx(0.0169 * (150 - facts["least_activity_MBq"]), rel=1e-4)
    assert any("SUVmean 5.4" in text for text in facts["remarks"])


def test_a_pregnant_body_names_the_dose_of_its_conceptus_or_says_why_not():
    body = BODIES["pregnant"]
    known = conceptus_coefficient("Tc-99m MDP", body, on="2026-01-31")
    assert 0.002 < known["coefficient_mGy_per_MBq"] < 0.0055
    facts = alara(asked(weight="", body="pregnant"))
    assert facts["conceptus_dose_mGy"] is None
    assert any("24 weeks: no source" in text for text in facts["remarks"])
    assert conceptus_coefficient("Tc-99m MDP", patient(70.0)) is None
