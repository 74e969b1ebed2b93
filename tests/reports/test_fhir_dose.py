"""FHIR observations carry what the profile demands, and no zone that nobody stated."""

from datetime import UTC, date, datetime

import pytest

from hevesy.errors import DataError
from hevesy.model.exposure import AdministrationReport, CtReport, EffectiveDose, OrganDose, Origin
from hevesy.model.study import Patient
from hevesy.reports.fhir_dose import DCM, PROFILE, SCT, bundle, ct_observation, dose_observation, fhir_time


def administered(**more):
    values = {
        "origin": Origin(kind="RRDSR", file="a", study_uid="2.25.1", instance_uid="2.25.2", study_date=date(2024, 3, 4)),
        "patient": Patient(id="P-1"),
        "nuclide": "F-18",
        "radiopharmaceutical": "FDG",
        "activity": 394e6,
        "start": datetime(2024, 3, 4, 9, 30),
        "organ_doses": (OrganDose(organ="Bladder", dose=0.05122, authority="ICRP Publication 128"),),
        "effective_doses": (EffectiveDose(value=7.486e-3, authority="ICRP Publication 128"),),
    }
    return AdministrationReport(**(values | more))


def component(observation, code):
    return next(c for c in observation["component"] if c["code"]["coding"][0]["code"] == code)


def test_what_the_profile_demands_is_there():
    found = dose_observation(administered(), performer="MOORE^JOHN", agent=(SCT, "35321007", "Fluorodeoxyglucose F^18^"))
    assert found["resourceType"] == "Observation"
    assert found["meta"]["profile"] == [PROFILE]
    assert found["code"]["coding"][0]["code"] == "73569-6"
    for key in ("status", "partOf", "subject", "focus", "effectiveDateTime", "performer", "valueString"):
        assert found[key]
    assert found["partOf"][0]["identifier"]["value"] == "urn:oid:2.25.1"
    assert found["identifier"][0]["value"] == "urn:oid:2.25.2"


def test_values_and_codes():
    found = dose_observation(administered(), performer="", agent=(SCT, "35321007", "Fluorodeoxyglucose F^18^"))
    assert component(found, "113507")["valueQuantity"] == {
        "value": 394.0,
        "unit": "MBq",
        "system": "http://unitsofmeasure.org",
        "code": "MBq",
    }
    assert component(found, "113839")["valueQuantity"]["value"] == 7.486
    assert component(found, "113518")["valueQuantity"]["value"] == 51.22
    assert "outside the guide" in component(found, "113518")["code"]["text"]
    assert component(found, "349358000")["valueCodeableConcept"]["coding"][0]["code"] == "35321007"
    assert component(found, "121058")["valueCodeableConcept"]["coding"][0] == {
        "system": DCM,
        "code": "113502",
        "display": "Radiopharmaceutical Administration",
    }
    assert found["performer"][0]["display"] == "not known"
    assert "7.486 mSv (ICRP Publication 128)" in found["valueString"]


def test_a_time_without_a_zone_gives_its_day_alone():
    assert fhir_time(datetime(2024, 3, 4, 9, 30)) == "2024-03-04"
    assert fhir_time(datetime(2024, 3, 4, 9, 30, tzinfo=UTC)) == "2024-03-04T09:30:00.000+00:00"
    assert "09:30:00 local time" in dose_observation(administered(), performer="")["valueString"]


@pytest.mark.parametrize(
    ("more", "word"),
    [({"start": None}, "start"), ({"activity": None}, "activity"), ({"patient": Patient(id="")}, "patient identifier")],
)
def test_what_is_demanded_and_missing_is_named(more, word):
    with pytest.raises(DataError, match=f"without .*{word}.*State what is missing"):
        dose_observation(administered(**more), performer="")


def scanned(**more):
    values = {
        "origin": Origin(kind="RDSR", file="c", study_uid="2.25.1", instance_uid="2.25.3", manufacturer="Maker CT01"),
        "patient": Patient(id="P-1"),
        "start": datetime(2015, 1, 1, 22, 23, 30, tzinfo=UTC),
        "dlp_total": 203.12e-3 * 10,
    }
    return CtReport(**(values | more))


def test_a_ct_is_as_in_the_example_of_the_guide():
    found = ct_observation(scanned(), performer="MOORE^JOHN")
    assert found["meta"]["profile"] == [PROFILE]
    assert found["effectiveDateTime"] == "2015-01-01T22:23:30.000+00:00"
    assert found["valueString"] == "CT Dose Length Product Total = 203.12 mGy.cm"
    assert component(found, "121058")["valueCodeableConcept"]["coding"][0]["code"] == "77477000"
    assert component(found, "113813")["valueQuantity"] == {
        "value": 203.12,
        "unit": "mGy.cm",
        "system": "http://unitsofmeasure.org",
        "code": "mGy.cm",
    }
    assert found["device"]["display"] == "Maker CT01"
    assert found["identifier"][0]["value"] == "urn:oid:2.25.3"


@pytest.mark.parametrize("missing", [{"dlp_total": None}, {"start": None}, {"patient": Patient(id="")}])
def test_a_ct_without_what_the_profile_demands_is_refused(missing):
    with pytest.raises(DataError, match="cannot be written without"):
        ct_observation(scanned(**missing), performer="")


def test_a_bundle_names_its_entries_by_what_they_say():
    one, two = ct_observation(scanned(), performer=""), dose_observation(administered(), performer="")
    made, again = bundle([one, two]), bundle([one, two])
    assert made == again
    assert made["resourceType"] == "Bundle"
    assert len({e["fullUrl"] for e in made["entry"]}) == 2
    assert all(e["fullUrl"].startswith("urn:uuid:") for e in made["entry"])
