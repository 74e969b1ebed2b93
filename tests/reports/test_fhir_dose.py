"""FHIR observations carry what the profile demands, and no zone that nobody stated."""

from datetime import UTC, date, datetime

import pytest

from hevesy.errors import DataError
from hevesy.model.exposure import AdministrationReport, EffectiveDose, OrganDose, Origin
from hevesy.model.study import Patient
from hevesy.reports.fhir_dose import DCM, PROFILE, SCT, dose_observation, fhir_time


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
