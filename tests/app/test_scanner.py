"""Facts about scanners as both faces print them."""

import json

import pytest

from hevesy.app.scanner import check_scanner, describe_scanner, list_scanners, scanner_template
from hevesy.errors import InputError
from hevesy.imaging.systems import scanners


def test_the_list_has_each_scanner_and_is_json():
    rows = list_scanners()["scanners"]
    assert [row["name"] for row in rows] == list(scanners())
    json.dumps(rows, allow_nan=False)
    quadra = next(row for row in rows if row["name"] == "siemens-quadra")
    assert quadra["sensitivity_cps_per_kBq"] == 176
    assert quadra["tof_resolution_ps"] == 230


@pytest.mark.parametrize("name", ["siemens-quadra", "ge-starguide", "siemens-intevo", "ge-discovery-670"])
def test_figures_come_back_in_the_unit_of_their_file(name, tmp_path):
    import tomllib

    written = tomllib.loads(scanner_template(name))["figures"]
    facts = describe_scanner(name)
    json.dumps(facts, allow_nan=False)
    shown = {row["figure"]: row["value"] for row in facts["figures"]}
    assert shown == {key: entry["value"] for key, entry in written.items()}
    assert all(row["source"] for row in facts["figures"])


def test_what_nobody_verified_is_named():
    facts = describe_scanner("siemens-vision-600")
    assert "peak_necr_kcps" in facts["unverified"]
    marked = {row["figure"] for row in facts["figures"] if row["unverified"]}
    assert marked == set(facts["unverified"])
    assert "collimator LEUHR" in describe_scanner("siemens-intevo")["unverified"]


def test_one_collimator_by_distance():
    facts = describe_scanner("siemens-intevo", collimator="melp", nuclide="Lu-177")
    assert [one["name"] for one in facts["collimators"]] == ["MELP"]
    widths = [row["resolution_mm"] for row in facts["response"]]
    assert widths == sorted(widths)
    assert facts["collimators"][0]["energy_keV"] == pytest.approx(208.4, abs=0.1)
    pinhole = describe_scanner("ge-discovery-670", collimator="PH4")["response"]
    assert pinhole[0]["sensitivity_cps_per_MBq"] > pinhole[-1]["sensitivity_cps_per_MBq"]


def test_a_template_is_plausible_and_a_slip_is_not(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(scanner_template("siemens-vision-600"), "utf-8")
    assert check_scanner(own)["plausible"]
    own.write_text(scanner_template("siemens-vision-600").replace("value = 16.4", "value = 1.64"), "utf-8")
    facts = check_scanner(own)
    assert not facts["plausible"]
    assert [row["what"] for row in facts["checks"] if not row["passed"]] == ["sensitivity on the axis", "peak NECR"]


def test_a_file_without_figures_to_check_says_so(tmp_path):
    own = tmp_path / "own.toml"
    figures = 'ring_diameter_mm = 800\naxial_length_mm = 250\ncrystal_mm = ["unknown", "unknown", 20]\ncrystal_material = "LSO"'
    own.write_text(f'name = "own"\nkind = "pet"\n[figures]\n{figures}\n', "utf-8")
    assert check_scanner(own)["not_asked"]
    facts = describe_scanner(str(own))
    assert facts["derived"]["published_over_expected_sensitivity"] is None
    assert facts["unverified"] == []


def test_refusals():
    with pytest.raises(InputError, match="Leave these options out"):
        describe_scanner("siemens-quadra", collimator="LEHR")
    with pytest.raises(InputError, match="Did you mean"):
        describe_scanner("siemens-vison-600")
