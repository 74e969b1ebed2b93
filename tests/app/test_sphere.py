import json

import numpy as np
import pytest

from hevesy.app.sphere import sphere
from hevesy.errors import InputError
from hevesy.units import JOULE_PER_MEV, MBq, d, g, ml


def test_the_facts():
    facts = sphere("177Lu", masses=[1 * g, 10 * g])
    assert (facts["nuclide"], facts["medium"], facts["density_g_per_ml"]) == ("Lu-177", "soft", 1.0)
    assert "endless medium" in facts["model"]
    one, ten = facts["spheres"]
    assert one["mass_g"] == pytest.approx(1)
    assert one["volume_ml"] == pytest.approx(1)
    assert one["diameter_mm"] == pytest.approx(12.407, abs=1e-3)
    absorbed = one["absorbed_keV_per_decay"]
    assert absorbed["all"] == pytest.approx(absorbed["electrons"] + absorbed["photons"])
    assert "alphas" not in absorbed
    assert one["S_Gy_per_Bq_s"] == pytest.approx(absorbed["all"] * 1e-3 * JOULE_PER_MEV / 1e-3)
    assert 0 < one["absorbed_fraction"]["photons"] < ten["absorbed_fraction"]["photons"] < 1
    assert 0.95 < one["absorbed_fraction"]["electrons"] < ten["absorbed_fraction"]["electrons"] < 1
    assert "dose_Gy" not in one
    json.dumps(facts, allow_nan=False)


def test_a_table_where_no_size_is_given():
    masses = [row["mass_g"] for row in sphere("Lu-177")["spheres"]]
    assert masses[0] == pytest.approx(0.1)
    assert masses[-1] == pytest.approx(1000)
    assert np.all(np.diff(masses) > 0)


def test_a_volume_has_the_mass_of_its_density():
    facts = sphere("Y-90", volumes=[10 * ml], density=1.92, medium="bone")
    assert facts["spheres"][0]["mass_g"] == pytest.approx(19.2)
    assert facts["density_source"] == "given"


def test_alphas_are_absorbed_whole():
    row = sphere("At-211", masses=[1 * g], daughters=False)["spheres"][0]
    assert row["absorbed_fraction"]["alphas"] == pytest.approx(1)


def test_a_sphere_too_small_for_alphas_says_so():
    assert not any("surface" in text for text in sphere("At-211", masses=[1 * g])["remarks"])
    # 0.75 times 0.03 mm by a radius of 0.62 mm
    assert any("4 % of their energy" in text for text in sphere("At-211", masses=[1e-3 * g])["remarks"])
    assert not any("surface" in text for text in sphere("Lu-177", masses=[1e-3 * g])["remarks"])


def test_a_dose_is_decays_times_s():
    facts = sphere("Lu-177", masses=[20 * g], activity=1 * MBq, time=1e9)
    row = facts["spheres"][0]
    decays = 1e6 * 574300.8 / np.log(2)  # all of them: 1e9 s are 1741 half-lives
    assert row["dose_Gy"] == pytest.approx(decays * row["S_Gy_per_Bq_s"], rel=1e-4)
    assert row["dose_of_parent_Gy"] == row["dose_Gy"]


def test_daughters_grow_in():
    early, late = (sphere("Th-227", masses=[10 * g], activity=1 * MBq, time=days * d)["spheres"][0] for days in (1, 80))
    assert early["dose_of_parent_Gy"] > 0.9 * early["dose_Gy"] / 1.3
    assert late["dose_Gy"] > 4 * late["dose_of_parent_Gy"]
    assert late["dose_Gy"] == pytest.approx(sum(part["dose_Gy"] for part in late["dose_by_member"].values()))
    alone = sphere("Th-227", masses=[10 * g], activity=1 * MBq, time=80 * d, daughters=False)["spheres"][0]
    assert alone["dose_Gy"] == pytest.approx(late["dose_of_parent_Gy"])
    half = sphere("Th-227", masses=[10 * g], activity=1 * MBq, time=80 * d, leaving=0.5)["spheres"][0]
    assert half["dose_Gy"] == pytest.approx((late["dose_Gy"] + alone["dose_Gy"]) / 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"masses": [1e-3], "volumes": [1.0]}, "got both"),
        ({"activity": 1.0}, "got one of them"),
        ({"activity": -1.0, "time": 1.0}, "must be above 0"),
        ({"masses": [-1.0]}, "mass of a sphere"),
        ({"density": 0.0}, "Is it in g/ml"),
        ({"medium": "cheese"}, "allowed: "),
        ({"leaving": 0.5}, "no daughters"),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        sphere("Lu-177", **options)
