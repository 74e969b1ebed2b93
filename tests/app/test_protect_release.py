"""Release from a case file and from options: facts, pages, picture."""

import json

import pytest

from hevesy.app.protect_release import LANGUAGES, protect_release
from hevesy.errors import InputError, ScopeError

RATES = """time_h,dose_rate_uSv_per_h,distance_m,u_uSv_per_h
1,58,2,4
6,47,2,3
24,26,2,2
48,13.5,2,1
72,7.9,2,0.7
96,4.6,2,0.5
"""
CASE = """
patient = "P-17"
nuclide = "I-131"
activity = "3.7 GBq"
administered = 2025-12-25T10:30:00
country = "CH"
measurements = "rates.csv"
u_meter = "10 %"

[[person]]
name = "Partner"
kind = "partner"
pattern = "partner, sleeping"

[[person]]
name = "Grandmother"
kind = "elder"
constraint_mSv = 0.5
[[person.contact]]
start_h = 14
hours = 2
distance_m = 0.5
"""
OPTIONS = {"nuclide": "I-131", "activity": "3.7 GBq", "administered": "2025-12-25T10:30"}


@pytest.fixture
def case(tmp_path):
    (tmp_path / "rates.csv").write_text(RATES)
    path = tmp_path / "case.toml"
    path.write_text(CASE)
    return path


def test_a_case_with_measurements(case, tmp_path):
    facts = protect_release(case, language="de", out=tmp_path / "out")
    assert facts["release"]["decided_by"]["text"] == "below 10 uSv/h at 1 m"
    partner, grandmother = facts["persons"]
    assert partner["constraint_mSv"] == 1
    assert partner["dose_mSv"] <= 1
    assert partner["restriction_h"] >= facts["release"]["after_h"]
    assert partner["restriction_95_h"] >= partner["restriction_h"]
    assert partner["u_dose_mSv"] / partner["dose_mSv"] > 0.1
    assert grandmother["constraint_source"]["source"] == "stated in the case"
    assert facts["dose_rate"]["at_release_1m_uSv_per_h"] == pytest.approx(10, rel=1e-3)
    assert json.loads((tmp_path / "out" / "release.json").read_text("utf-8"))["nuclide"] == "I-131"
    page = (tmp_path / "out" / "instructions.html").read_text("utf-8")
    assert "Mit Ihrem Partner" not in page  # the case calls the person Partner
    assert "Partner" in page
    assert "Grandmother" in page
    assert "P-17" in (tmp_path / "out" / "certificate.html").read_text("utf-8")
    assert (tmp_path / "out" / "release.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_page(language, tmp_path):
    options = OPTIONS | {"clearance": "I-131 thyroid cancer", "country": "DE", "constant_uSv_m2_per_MBq_h": 0.05}
    facts = protect_release(options=options, language=language, out=tmp_path)
    page = (tmp_path / "instructions.html").read_text("utf-8")
    assert f'<html lang="{language}">' in page
    assert "http" not in page  # nothing is fetched
    assert "infant" not in page  # no word of the table
    assert facts["dose_rate"]["half_lives_h"][0] == pytest.approx(7.7, abs=0.1)
    assert any("unverified" in text for text in facts["remarks"])


def test_a_patient_without_a_country_has_european_constraints():
    facts = protect_release(options=OPTIONS)
    assert facts["release"]["decided_by"] is None
    assert any("no country" in text for text in facts["remarks"])
    assert any("physical decay alone" in text for text in facts["remarks"])
    assert (
        facts["persons"][0]["restriction_95_h"] == facts["persons"][0]["restriction_h"]
        or facts["persons"][0]["u_dose_mSv"] is None
    )


def test_treatments_share_a_yearly_constraint(case):
    case.write_text(case.read_text().replace('country = "CH"', 'country = "CH"\ntreatments_per_year = 4'))
    assert protect_release(case)["persons"][0]["constraint_mSv"] == 0.25


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({}, InputError, "Needed are nuclide"),
        (OPTIONS | {"activity": ""}, InputError, "neither activity nor measurements"),
        (OPTIONS | {"country": "Schweiz"}, InputError, "rules are known for"),
        (OPTIONS | {"country": "CH", "on": "2001-01-01"}, ScopeError, "holds from"),
        (OPTIONS | {"law": "cube"}, InputError, "known are point"),
        (OPTIONS | {"clearance": "Lu-177 DOTATATE"}, InputError, "Correct one"),
        (OPTIONS | {"activity": "3.7"}, InputError, "with its unit"),
        (OPTIONS | {"colour": "red"}, InputError, "colour"),
    ],
)
def test_what_cannot_be_is_refused(options, error, said):
    with pytest.raises(error, match=said):
        protect_release(options=options)


def test_a_slip_of_the_unit_is_asked_back(case, tmp_path):
    (tmp_path / "rates.csv").write_text(RATES.replace("58,2", "5800000,2"))
    with pytest.raises(InputError, match="Is the unit uSv/h"):
        protect_release(case)
    with pytest.raises(InputError, match="en, de, fr, es"):
        protect_release(case, language="it")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "5 January 2026, 10:30"),
        ("de", "Bescheinigung der Dosisleistung"),
        ("fr", "5 janvier 2026 à 10 h 30"),
        ("es", "Tasa de dosis al alta"),
    ],
)
def test_the_certificate_speaks_each_language(language, said, tmp_path):
    options = OPTIONS | {"administered": "2026-01-05T10:30", "clearance": "I-131 thyroid cancer", "country": "CH"}
    protect_release(options=options, language=language, out=tmp_path)
    page = (tmp_path / "certificate.html").read_text("utf-8")
    assert f'<html lang="{language}">' in page
    assert said in page
    assert "Uhr" not in page or language == "de"


def test_a_trip_happens_once():
    facts = protect_release(options=OPTIONS | {"clearance": "I-131 thyroid cancer", "country": "CH"})
    trip = next(person for person in facts["persons"] if person["name"] == "trip of a day")
    assert trip["hours_a_day"] == 24
    assert trip["dose_mSv"] == pytest.approx(1, rel=1e-4)  # begun at any time: not at the start of a contact alone
