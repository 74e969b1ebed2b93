"""result.json: valid by the published schema, units right, no NaN."""

import json
import math
from dataclasses import replace

import jsonschema
import numpy as np
import pytest

from hevesy import units as un
from hevesy.model import Patient
from hevesy.reports import result_as_dict, result_schema
from hevesy.reports.writing import result_json


def numbers(value):
    if isinstance(value, dict):
        for part in value.values():
            yield from numbers(part)
    elif isinstance(value, list):
        for part in value:
            yield from numbers(part)
    elif isinstance(value, float):
        yield value


@pytest.mark.parametrize("which", ["result", "bare_result"])
def test_fulfils_the_published_schema(which, request):
    schema = result_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    written = json.loads(result_json(request.getfixturevalue(which)))
    jsonschema.Draft202012Validator(schema).validate(written)


def test_schema_refuses_an_unknown_field_and_a_missing_one(result):
    validator = jsonschema.Draft202012Validator(result_schema())
    data = json.loads(result_json(result))
    assert not validator.is_valid(data | {"dose": 1})
    del data["regions"]["Leber"]["D98_Gy"]
    assert not validator.is_valid(data)


def test_every_field_of_the_schema_has_a_meaning():
    def fields(part):
        for name, field in part.get("properties", {}).items():
            yield name, field
            yield from fields(field)

    schema = result_schema()
    for part in (schema, *schema["$defs"].values()):
        for name, field in fields(part):
            assert field.get("description") or "$ref" in field, name


def test_values_are_in_the_units_of_their_names(result):
    data, region = result_as_dict(result), result.regions[2]
    liver = data["regions"]["Leber"]
    assert liver["volume_ml"] == pytest.approx(region.volume.value / 1000)
    assert liver["mass_g"] == pytest.approx(region.mass.value * 1000)
    assert liver["tia_MBq_h"] == pytest.approx(region.time_integrated_activity.value / 3.6e9)
    assert liver["tiac_h"] == pytest.approx(region.time_integrated_activity_coefficient.value / 3600)
    assert liver["dose_per_activity_Gy_per_GBq"] == pytest.approx(region.mean_dose_per_activity.value * 1e9)
    assert liver["dose_per_activity_Gy_per_GBq"] == pytest.approx(liver["mean_dose_Gy"] / 7.4)
    assert liver["parameters"]["lambda_1_per_h"] == pytest.approx(math.log(2) / 70)
    assert liver["parameters"]["A_1_MBq"] == pytest.approx(0.045 * 7400)
    assert liver["parameters"]["u_A_1_MBq"] == pytest.approx(0.06 * 0.045 * 7400)
    assert data["patient"]["height_m"] == pytest.approx(1.67)
    assert data["scans"][1]["registration"]["rotation_deg"][2] == pytest.approx(math.degrees(0.011))
    assert data["scans"][1]["time_h"] == pytest.approx(24.3)
    assert data["engine"]["energy_per_decay_keV"] == pytest.approx(147.3)
    assert liver["budget_percent"]["calibration"] == pytest.approx(5.0)
    assert liver["dvh"]["volume_percent"][0] == 100


def test_a_missing_u_is_null_and_says_why(result):
    region = result_as_dict(result)["regions"]["<script>alert('x')</script>"]
    assert region["u_mean_dose_Gy"] is None
    assert region["why_no_u_mean_dose_Gy"].startswith("two points")
    assert region["truth"]["z_mean_dose"] is None
    assert any("No standard uncertainty" in warning for warning in region["warnings"])
    assert "why_no_u_mean_dose_Gy" not in result_as_dict(result)["regions"]["Leber"]


def test_no_nan_and_no_infinity(result):
    fit = replace(result.regions[0].fit, chi2=math.nan, scores={"mono": -math.inf})
    broken = replace(result.regions[0], fit=fit, recovery=math.nan, budget={"fit": math.inf})
    data = result_as_dict(replace(result, regions=(broken,)))
    region = data["regions"]["Niere links"]
    assert region["fit"]["chi2"] is None
    assert region["fit"]["aicc"] is None
    assert region["recovery"] is None
    assert region["budget_percent"] == {"fit": None}
    assert all(math.isfinite(x) for x in numbers(data))


def test_z_is_ours_less_truth_over_u(result):
    region, data = result.regions[0], result_as_dict(result)["regions"]["Niere links"]
    assert data["truth"]["z_mean_dose"] == pytest.approx((1 - 1.06) / 0.08)
    assert data["truth"]["mean_dose_Gy"] == pytest.approx(region.truth.mean_dose / un.Gy)


def test_no_region_is_dropped_where_two_share_a_name(result):
    twins = replace(result, regions=(result.regions[0], replace(result.regions[1], name="Niere links")))
    assert list(result_as_dict(twins)["regions"]) == ["Niere links", "Niere links (2)"]


def test_points_carry_the_u_of_their_time(result):
    points = result_as_dict(result)["regions"]["Leber"]["points"]
    curve = result.regions[2].curve
    np.testing.assert_allclose([p["u_activity_MBq"] for p in points], curve.u / un.MBq)
    assert points[3]["activity_resampled_MBq"] is None


def test_unknown_person_is_null_not_a_number(result):
    assert result_as_dict(replace(result, patient=Patient(id="x")))["patient"] == {
        "id": "x", "sex": None, "age_years": None, "weight_kg": None, "height_m": None,
    }  # fmt: skip
