import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from hevesy import units as u
from hevesy.app.recipe import as_dict, example, lines, names, run
from hevesy.dicom.nifti import write_nifti
from hevesy.errors import HevesyError, InputError
from hevesy.model import Grid, Image, Measured, Quantity
from hevesy.protocols.chance import upper


def case(tmp_path, text):
    path = tmp_path / "case.toml"
    path.write_text(text, "utf-8")
    return path


def facts(tmp_path, text):
    return as_dict(run(case(tmp_path, text)))


def dose(found, region):
    return next(row for row in found["doses"] if row["region"] == region)


Y90 = """
recipe = "y90-radioembolisation"
method = "partition"
constant = "published"
lung_shunt = "5 %"
lung_mass = "1.0 kg"
tumour_mass = "0.2 kg"
liver_mass = "1.3 kg"
"""


@pytest.mark.parametrize("name", names())
def test_every_example_runs(tmp_path, name):
    outcome = run(case(tmp_path, example(name)))
    found = as_dict(outcome)
    json.dumps(found, allow_nan=False)
    assert found["recipe"] == name
    assert found["prescribed_activity_MBq"] > 0
    assert found["compliance"]["level"] in (1, 2, 3)
    assert "Konijnenberg" in found["compliance"]["reference"]
    assert found["citation"]
    assert found["ruled_by"]
    assert found["provenance"]["protocols/recipes"]
    said = "\n".join(lines(outcome))
    assert "article 56" in said
    whole = re.sub(r"\s+", " ", said)
    for each in found["facts"]:
        assert each["printed"] in whole
        assert each["source"] in whole
        after = whole[whole.index(f"{each['name']} {each['printed']}") :].split(" fact: ")[0]
        assert ("UNVERIFIED: the source was not opened." in after) is not each["verified"]
    assert all(len(line) <= 80 for line in said.splitlines())
    assert all(whole.count(source) <= 2 for source in {each["source"] for each in found["facts"]})


@pytest.mark.parametrize("name", names())
def test_every_commented_key_of_an_example_is_known(name):
    """What stands after # as key = value must be a key of the recipe, or the example teaches a mistake."""
    from hevesy.app.recipe import RECIPES
    from hevesy.app.recipe_y90_case import CompartmentCase, InjectionCase, PlanarShunt, TomographicShunt

    known = set(RECIPES[name][0].model_fields)
    for inner in (CompartmentCase, InjectionCase, PlanarShunt, TomographicShunt):
        known |= set(inner.model_fields) if name.startswith("y90") else set()
    for line in example(name).splitlines():
        words = line.removeprefix("# ").split(" = ")
        if line.startswith("# ") and len(words) > 1 and words[0].isidentifier():
            assert words[0] in known, line


def test_partition_of_the_reference(tmp_path):
    found = facts(tmp_path, Y90 + 'concentration_ratio = "3.5"\nactivity = "2 GBq"\n')
    assert dose(found, "Normal liver")["dose_Gy"] == pytest.approx(47.1865, abs=1e-4)
    assert dose(found, "Tumour")["dose_Gy"] == pytest.approx(165.1528, abs=1e-4)
    assert dose(found, "Lungs")["dose_Gy"] == pytest.approx(4.9670, abs=1e-4)
    assert found["compliance"]["level"] == 2
    back = facts(tmp_path, Y90 + 'concentration_ratio = "3.5"\nliver_limit = "40 Gy"\n')
    assert back["prescribed_activity_MBq"] == pytest.approx(1695.40, abs=0.01)
    assert back["compliance"]["level"] == 3


def test_a_ratio_of_activities_is_another_key(tmp_path):
    same = facts(tmp_path, Y90 + f'activity_ratio = "{3.5 * 0.2 / 1.3}"\nactivity = "2 GBq"\n')
    assert dose(same, "Tumour")["dose_Gy"] == pytest.approx(165.1528, abs=1e-3)
    with pytest.raises(InputError, match="differ by the ratio of the masses"):
        run(case(tmp_path, Y90 + 'activity = "2 GBq"\n'))
    with pytest.raises(InputError, match="only one of them"):
        run(case(tmp_path, Y90 + 'activity_ratio = "0.5"\nconcentration_ratio = "3.5"\nactivity = "2 GBq"\n'))


OTHER = {
    "body-surface": 'height = "176 cm"\nweight = "70 kg"\ntumour_volume = "200 ml"\nliver_volume = "1500 ml"\n',
    "single-compartment": 'perfused_mass = "1.5 kg"\nperfused_goal = "120 Gy"\nlung_limit = "30 Gy"\n',
}


@pytest.mark.parametrize(("method", "keys"), OTHER.items())
def test_other_methods_of_radioembolisation(tmp_path, method, keys):
    text = f'recipe = "y90-radioembolisation"\nmethod = "{method}"\nlung_shunt = "5 %"\nresidual = "1 %"\n{keys}'
    found = facts(tmp_path, text)
    assert 1000 < found["prescribed_activity_MBq"] < 5000
    drawn = next(row for row in found["figures"] if "dispense" in row["name"])
    assert drawn["value"] == pytest.approx(found["prescribed_activity_MBq"] / 0.99)


def test_lungs_hold_the_single_compartment(tmp_path):
    text = 'recipe = "y90-radioembolisation"\nmethod = "single-compartment"\nlung_shunt = "40 %"\n'
    found = facts(tmp_path, text + 'perfused_mass = "1.5 kg"\nperfused_goal = "120 Gy"\nlung_limit = "30 Gy"\n')
    assert dose(found, "Lungs")["dose_Gy"] == pytest.approx(30)
    assert "lungs" in found["ruled_by"]


def test_several_injections(tmp_path):
    text = """
recipe = "y90-radioembolisation"
method = "multi-compartment"
constant = "published"
lung_mass = "1 kg"
[[injection]]
name = "right"
activity = "2 GBq"
liver_mass = "1.3 kg"
lung_shunt = "5 %"
[[injection.compartment]]
name = "T1"
mass = "200 g"
concentration_ratio = "3.5"
"""
    found = facts(tmp_path, text)
    assert dose(found, "T1")["dose_Gy"] == pytest.approx(165.1528, abs=1e-4)
    with pytest.raises(InputError, match="compartment T1: give concentration_ratio"):
        run(case(tmp_path, text.replace('concentration_ratio = "3.5"\n', "")))


def test_voxels(tmp_path):
    shape = (16, 16, 16)
    grid = Grid(shape=shape, affine=np.diag([5.0, 5.0, 5.0, 1.0]))
    liver, tumour = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    liver[2:14, 2:14, 2:14] = 1
    tumour[6:10, 6:10, 6:10] = 1
    for name, values in (("maa", liver + 3 * tumour), ("liver", liver), ("tumour", tumour)):
        write_nifti(tmp_path / f"{name}.nii.gz", Image(values=values.copy(), grid=grid, quantity=Quantity.COUNTS))
    text = """
recipe = "y90-radioembolisation"
method = "voxel"
lung_shunt = "5 %"
distribution = "maa.nii.gz"
liver_mask = "liver.nii.gz"
tumour_mask = "tumour.nii.gz"
liver_limit = "40 Gy"
"""
    found = facts(tmp_path, text)
    assert dose(found, "Normal liver")["dose_Gy"] == pytest.approx(40)
    assert dose(found, "Tumour")["dose_Gy"] == pytest.approx(160, rel=1e-4)


PLANAR = '[planar]\nlung = ["9000 ± 100", "4000 ± 70"]\nliver = ["160000 ± 400", "90000 ± 300"]\n'
SPECT = '[spect]\nlung = "5 MBq"\nliver = "95 MBq"\n'


@pytest.mark.parametrize(("way", "shunt"), [(PLANAR, 6 / 126), (SPECT, 0.05)])
def test_lung_shunt_from_counts(tmp_path, way, shunt):
    text = Y90.replace('lung_shunt = "5 %"\n', "") + 'concentration_ratio = "3.5"\nactivity = "2 GBq"\n' + way
    found = facts(tmp_path, text)
    assert dose(found, "Lungs")["dose_Gy"] == pytest.approx(49.67 * 2 * shunt)
    assert any("without attenuation" in text for text in found["remarks"]) is ("planar" in way)


def test_benign_thyroid_ways(tmp_path):
    head = 'recipe = "i131-benign-thyroid"\nmass = "25 g"\n'
    by_hand = 24.685 * 25 * 150 / (50 * 5.5)
    found = facts(tmp_path, head + 'disease = "graves"\nuptake = "50 %"\neffective_half_life = "5.5 d"\n')
    assert found["prescribed_activity_MBq"] == pytest.approx(by_hand, rel=1e-4)
    assert found["u_prescribed_activity_MBq"] is None
    two = facts(tmp_path, head + 'goal = "150 Gy"\nuptakes = [["24 h", "50 %"], ["144 h", "40 %"]]\n')
    assert 200 < two["prescribed_activity_MBq"] < 500
    away = facts(tmp_path, head + 'disease = "graves"\ngoal = "250 Gy"\ntiac = "100 h"\n')
    assert any("not what the guideline gives" in text for text in away["remarks"])
    with pytest.raises(InputError, match="200 to 300 Gy. Choose"):
        run(case(tmp_path, head + 'disease = "graves ablative"\ntiac = "100 h"\n'))


def test_thyroid_cancer_of_the_reference(tmp_path):
    found = facts(tmp_path, example("i131-thyroid-cancer").replace('exceed = "5 %"', 'exceed = "50 %"'))
    per_activity = next(row for row in found["figures"] if row["unit"] == "Gy/GBq")
    assert per_activity["value"] == pytest.approx(0.0995, abs=5e-5)
    assert found["prescribed_activity_MBq"] == pytest.approx(2000 / 0.0995, rel=1e-3)


def test_mibg_first_and_second(tmp_path):
    first = facts(tmp_path, 'recipe = "i131-mibg"\nweight = "20 kg"\n')
    assert first["prescribed_activity_MBq"] == pytest.approx(8880)
    assert first["compliance"]["level"] == 2
    second = facts(tmp_path, example("i131-mibg"))
    assert dose(second, "Whole body, both")["dose_Gy"] == pytest.approx(4.0)
    assert second["compliance"]["level"] == 3


def test_lutetium_levels(tmp_path):
    head = 'recipe = "lu177-dotatate"\n'
    label = facts(tmp_path, head)
    assert label["prescribed_activity_MBq"] == pytest.approx(7400)
    assert label["compliance"]["level"] == 1
    assert dose(label, "Kidneys")["dose_Gy"] == pytest.approx(0.654 * 29.6)
    assert "unverified" in dose(label, "Kidneys")["basis"]
    own = '[dose_per_activity]\nKidneys = "0.9 ± 0.1 Gy/GBq"\n'
    assert facts(tmp_path, head + own)["compliance"]["level"] == 2
    assert any("exceed what kidneys allows" in text for text in facts(tmp_path, head + own)["remarks"])
    planned = facts(tmp_path, head + 'prescription = "dose"\ncycles = 4\n' + own)
    assert planned["compliance"]["level"] == 3
    assert planned["best_estimate_activity_MBq"] == pytest.approx(1000 * 23 / 0.9 / 4)
    assert planned["exceed_percent"] == 5
    assert dose(planned, "Kidneys")["percent_to_exceed"] == pytest.approx(5)
    assert dose(planned, "Kidneys")["percent_of_limit"] == pytest.approx(100 / upper(Measured(value=1.0, u=1 / 9), 0.05))
    half = facts(tmp_path, head + 'prescription = "dose"\ncycles = 4\nexceed = "50 %"\n' + own)
    assert half["prescribed_activity_MBq"] == pytest.approx(1000 * 23 / 0.9 / 4)
    assert half["u_prescribed_activity_MBq"] == pytest.approx(1000 * 23 / 0.9 / 4 / 9)
    assert not any("above the label" in remark for remark in planned["remarks"])
    high = facts(tmp_path, head + 'cycle_activity = "10 GBq"\n')
    assert any("35 % above the label" in remark for remark in high["remarks"])


def test_bed_of_the_kidneys(tmp_path):
    """Four cycles of 5 Gy, 50 h, repair 2.8 h, alpha/beta 2.6 Gy: 20 (1 + 5 / 2.6 x 2.8 / 52.8) Gy by hand."""
    text = """
recipe = "lu177-dotatate"
cycles = 4
cycle_activity = "10 GBq"
kidney_half_life = "50 h"
kidney_risk_factors = true
[dose_per_activity]
Kidneys = "0.5 ± 0.05 Gy/GBq"
"""
    found = facts(tmp_path, text)
    row = next(each for each in found["figures"] if each["name"] == "BED of the kidneys")
    assert row["value"] == pytest.approx(20 * (1 + 5 / 2.6 * 2.8 / 52.8), rel=1e-6)
    assert row["u"] > 2
    warm = facts(tmp_path, text.replace("0.5 ±", "0.8 ±"))
    assert any("above 28 Gy" in remark for remark in warm["remarks"])
    with pytest.raises(InputError, match="belong together"):
        run(case(tmp_path, text.replace("kidney_risk_factors = true\n", "")))


def test_spheres_compare_normal_liver_with_the_guideline(tmp_path):
    text = Y90 + 'spheres = "resin"\nconcentration_ratio = "3.5"\nactivity = "2 GBq"\n'
    assert any("above 40 Gy" in remark for remark in facts(tmp_path, text)["remarks"])
    assert not any("above 75 Gy" in remark for remark in facts(tmp_path, text.replace("resin", "glass"))["remarks"])


def test_radium_volume_and_weighting(tmp_path):
    plain = facts(tmp_path, 'recipe = "ra223"\nweight = "70 kg"\n')
    assert plain["prescribed_activity_MBq"] == pytest.approx(3.85)
    assert all(row["rbe"] is None for row in plain["doses"])
    weighted = facts(tmp_path, example("ra223"))
    row = dose(weighted, "Red marrow")
    assert row["rbe_weighted_dose_Gy"] == pytest.approx(5 * row["dose_Gy"])
    assert dose(weighted, "Red marrow (label)")["rbe"] is None
    # 21 MBq give 16 Gy (Lassmann and Nosske 2013); 23.1 MBq by the label of today.
    assert dose(plain, "Bone endosteum")["dose_Gy"] == pytest.approx(16 * 23.1 / 21, rel=1e-4)


def test_actinium_needs_an_rbe_and_knows_daughters(tmp_path):
    with pytest.raises(InputError, match="rbe: Field required"):
        run(case(tmp_path, 'recipe = "ac225-psma"\nweight = "80 kg"\n'))
    average = facts(tmp_path, 'recipe = "ac225-psma"\nweight = "80 kg"\nrbe = "5"\n')
    assert dose(average, "Salivary glands")["rbe_weighted_dose_Gy"] == pytest.approx(2.3 * 8, rel=1e-6)
    assert average["compliance"]["level"] == 1
    text = example("ac225-psma").replace('"45 Gy"', '"10 Gy"')
    held = facts(tmp_path, text)
    assert held["compliance"]["level"] == 2
    assert any("above the limit" in remark for remark in held["remarks"])
    assert dose(held, "Kidneys")["u_dose_Gy"] / u.Gy > 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('recipe = "y90"\n', "allowed: y90-radioembolisation"),
        ("recipe = y90\n", "not TOML"),
        (Y90 + 'concentration_ratio = "3.5"\nliver_limit = "40"\n', 'liver_limit: .*no unit.*Write for example "23 Gy"'),
        (Y90 + 'concentration_ratio = "3.5"\nliver_limit = 40\n', "liver_limit: .*no unit"),
        (Y90 + 'concentration_ratio = "3.5"\nliver_limt = "40 Gy"\n', "liver_limt: unknown key"),
        (Y90 + 'concentration_ratio = "3.5"\nheight = "176 cm"\nactivity = "2 GBq"\n', "height has no effect"),
        (Y90 + 'concentration_ratio = "3.5"\nactivity = "2 GBq"\nliver_limit = "40 Gy"\n', "not both"),
        (Y90 + 'concentration_ratio = "3.5"\n', "Give one"),
        ('recipe = "lu177-psma"\n[limits]\nKidneys = "23"\n', "limits.Kidneys: .*no unit"),
        ('recipe = "lu177-psma"\n[limits]\nBladder = "23 Gy"\n', "a limit and no dose"),
        ('recipe = "lu177-psma"\nprescription = "dose"\n', "averages of others will not do"),
        ('recipe = "lu177-psma"\n[delivered]\nHeart = "2 Gy"\n', "delivered names Heart"),
        ('recipe = "i131-mibg"\nweight = "20 kg"\nfirst_activity = "9 GBq"\n', "its retention"),
        ('recipe = "i131-thyroid-cancer"\nweight = "70 kg"\n', "blood_dose_per_activity"),
        ('recipe = "i131-benign-thyroid"\nmass = "25 g"\ntiac = "100 h"\n', "give goal"),
        ('recipe = "ra223"\nweight = "70 kg"\nconcentration = "1100 kBq/ml"\n', "reference_time"),
        ('recipe = "ac225-psma"\nweight = "80 kg"\nrbe = "5"\n[limits]\nLiver = "1 Gy"\n', "limits name Liver"),
        ('recipe = "ac225-psma"\nweight = "80 kg"\nrbe = "5"\n[retained]\nFr-221 = "80 %"\n', "no effect without"),
    ],
)
def test_what_is_refused(tmp_path, text, message):
    with pytest.raises(HevesyError, match=message):
        run(case(tmp_path, text))


UNSURE = """
recipe = "y90-radioembolisation"
method = "partition"
constant = "published"
lung_shunt = "5 ± 1 %"
lung_mass = "1.0 ± 0.1 kg"
tumour_mass = "0.2 ± 0.02 kg"
liver_mass = "1.3 ± 0.1 kg"
concentration_ratio = "3.5 ± 0.5"
"""


def test_a_limit_is_held_with_its_chance(tmp_path):
    text = UNSURE + 'liver_limit = "40 Gy"\ntumour_goal = "150 Gy"\n'
    found = facts(tmp_path, text)
    assert found["best_estimate_activity_MBq"] == pytest.approx(1695.40, abs=0.01)
    assert found["exceed_percent"] == 5
    assert found["prescribed_activity_MBq"] < 1600
    liver = dose(found, "Normal liver")
    assert liver["percent_to_exceed"] == pytest.approx(5)
    s = math.sqrt(math.log1p((liver["u_dose_Gy"] / liver["dose_Gy"]) ** 2))
    assert liver["dose_Gy"] == pytest.approx(40 / math.exp(1.6448536 * s), rel=1e-6)
    assert dose(found, "Tumour")["percent_to_miss"] > 90
    half = facts(tmp_path, 'exceed = "50 %"\n' + text)
    assert half["prescribed_activity_MBq"] == pytest.approx(1695.40, abs=0.01)
    one = facts(tmp_path, "exceed_percent = 1\n" + text)
    assert one["prescribed_activity_MBq"] < found["prescribed_activity_MBq"]
    said = "\n".join(lines(run(case(tmp_path, text))))
    assert "(chance to exceed 5 %)" in said
    assert "1695 ± " in said


def test_without_uncertainty_the_chance_is_not_known(tmp_path):
    found = facts(tmp_path, Y90 + 'concentration_ratio = "3.5"\nliver_limit = "40 Gy"\n')
    assert found["prescribed_activity_MBq"] == pytest.approx(1695.40, abs=0.01)
    assert found["exceed_percent"] is None
    assert dose(found, "Normal liver")["percent_to_exceed"] is None
    assert any("the chance to exceed it is not known" in text for text in found["remarks"])


def test_a_goal_is_met_at_the_best_estimate(tmp_path):
    head = 'recipe = "i131-benign-thyroid"\nmass = "25 ± 4 g"\ngoal = "150 Gy"\ntiac = "100 ± 8 h"\nexceed = "1 %"\n'
    found = facts(tmp_path, head)
    assert dose(found, "Thyroid target")["dose_Gy"] == pytest.approx(150)
    assert dose(found, "Thyroid target")["percent_to_miss"] == pytest.approx(50, abs=1e-3)
    assert any("exceed has no effect" in text for text in found["remarks"])


def test_the_whole_body_as_goal_and_as_limit(tmp_path):
    text = 'recipe = "i131-mibg"\nweight = "20 kg"\nfirst_activity = "8 GBq"\nwhole_body_tiac = "32 ± 3 h"\n'
    goal = facts(tmp_path, text)
    limit = facts(tmp_path, text + 'course_limit = "4 Gy"\n')
    assert limit["best_estimate_activity_MBq"] == pytest.approx(goal["prescribed_activity_MBq"])
    assert limit["prescribed_activity_MBq"] < goal["prescribed_activity_MBq"]
    assert dose(limit, "Whole body, both")["percent_to_exceed"] == pytest.approx(5, rel=1e-6)
    assert dose(goal, "Whole body, both")["percent_to_miss"] == pytest.approx(50, abs=1e-3)
    with pytest.raises(InputError, match="not both"):
        run(case(tmp_path, text + 'course_limit = "4 Gy"\ncourse_goal = "4 Gy"\n'))


def test_delivered_doses_count_with_their_uncertainty(tmp_path):
    text = """
recipe = "lu177-dotatate"
prescription = "dose"
cycles = 2
[dose_per_activity]
Kidneys = "0.55 ± 0.06 Gy/GBq"
[delivered]
Kidneys = "8.1 ± 0.9 Gy"
"""
    found = facts(tmp_path, text)
    kidneys = dose(found, "Kidneys")
    assert kidneys["percent_to_exceed"] == pytest.approx(5, rel=1e-6)
    assert found["best_estimate_activity_MBq"] == pytest.approx(1000 * (23 - 8.1) / 0.55 / 2)
    with pytest.raises(HevesyError, match="nothing is left"):
        run(case(tmp_path, text.replace("8.1 ± 0.9", "21 ± 3")))


def test_u_of_weight_is_in_the_dose_to_the_blood(tmp_path):
    text = example("i131-thyroid-cancer")
    sure = next(row for row in facts(tmp_path, text)["figures"] if row["unit"] == "Gy/GBq")
    unsure = facts(tmp_path, text.replace('"70 kg"', '"70 ± 10 kg"'))
    assert next(row for row in unsure["figures"] if row["unit"] == "Gy/GBq")["u"] > sure["u"]
    assert any("blood volume" in remark for remark in unsure["remarks"])


SINGLE = 'recipe = "y90-radioembolisation"\nmethod = "single-compartment"\nlung_shunt = "5 %"\nperfused_goal = "120 Gy"\n'
BLOOD = 'recipe = "i131-thyroid-cancer"\nweight = "70 kg"\nwhole_body_tiac = "31 h"\n'
LU = 'recipe = "lu177-psma"\n'
AC = 'recipe = "ac225-psma"\nweight = "80 kg"\nrbe = "5"\n'
RA = 'recipe = "ra223"\nweight = "70 kg"\n'
RATIO = 'concentration_ratio = "3.5"\nactivity = "2 GBq"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (Y90.replace('"5 %"', '"120 %"') + RATIO, "lung shunt is 1.2"),
        (Y90.replace('"5 %"', '"-5 %"') + RATIO, "lung shunt is -0.05"),
        (Y90.replace('"1.3 kg"', '"1.3 g"') + RATIO, "liver mass is 0.0013 kg"),
        (Y90.replace('"0.2 kg"', '"-0.2 kg"') + RATIO, "tumour mass is -0.2 kg"),
        (Y90 + RATIO.replace("3.5", "0"), "ratio of concentrations is 0"),
        (Y90 + RATIO.replace("GBq", "MBq"), "activity is 0.002 GBq"),
        (Y90 + RATIO + 'residual = "120 %"\n', "residual is 1.2"),
        (Y90 + 'concentration_ratio = "3.5"\nliver_limit = "40 mGy"\n', "dose to normal liver is 0.04 Gy"),
        (SINGLE + 'perfused_mass = "1.5 g"\n', "perfused mass is 0.0015 kg"),
        (SINGLE + 'perfused_mass = "1.5 kg"\nlung_mass = "1 g"\n', "lung mass is 0.001 kg"),
        (Y90 + RATIO + "exceed = 5\n", "exceed: .*exceed is 500 %"),
        (Y90 + RATIO + 'exceed = "0 %"\n', "from 0.1 to 50 %"),
        (Y90 + RATIO + 'exceed = "5 ± 1 %"\n', "taken as exact"),
        (BLOOD + 'blood_tiac = "3.2 h"\nblood_volume = "5.3 ml"\n', "blood_volume is 0.0053 l"),
        (BLOOD + 'blood_tiac = "32 h"\nblood_volume = "5.3 l"\n', "blood_tiac by whole_body_tiac is 103"),
        (BLOOD + 'blood_tiac = "-3 h"\nblood_volume = "5.3 l"\n', "not above 0"),
        (BLOOD.replace("70 kg", "70 g") + 'blood_tiac = "3.2 h"\nblood_volume = "5.3 l"\n', "weight"),
        ('recipe = "i131-benign-thyroid"\nmass = "25 kg"\ngoal = "150 Gy"\ntiac = "100 h"\n', "from 0.5 to 500 g"),
        ('recipe = "i131-benign-thyroid"\nmass = "25 g"\ngoal = "150 Gy"\ntiac = "1000 h"\n', "mean life"),
        ('recipe = "i131-benign-thyroid"\nmass = "25 g"\ngoal = "150 Gy"\ntiac = "-10 h"\n', "mean life"),
        ('recipe = "i131-mibg"\nweight = "20 kg"\nfirst_activity = "9 MBq"\nwhole_body_tiac = "32 h"\n', "0.009 GBq"),
        ('recipe = "i131-mibg"\nweight = "20 kg"\nfirst_activity = "9 GBq"\nwhole_body_tiac = "290 h"\n', "mean life"),
        ('recipe = "i131-mibg"\nweight = "20 kg"\ncourse_limit = "4 Gy"\n', "no effect on the first"),
        (example("i131-benign-thyroid").replace("54 ± 3", "-54 ± 3"), "Check the standard"),
        (example("i131-benign-thyroid").replace("54 ± 3", "5400 ± 3"), "Check the standard"),
        (example("i131-mibg").replace("47 ± 2", "4.7 ± 0.2"), "retention rises"),
        (example("i131-mibg").replace('"96 h"', '"96000 h"'), "from 0 to 60 d"),
        (example("i131-mibg").replace('"96 h"', '"36 h"'), "they must grow"),
        (example("lu177-psma").replace("0.03 ± 0.01", "30 ± 10"), "30 Gy/GBq"),
        (example("ac225-psma").replace("90 ± 5", "190 ± 5"), "retained share of Fr-221"),
        (LU + '[dose_per_activity]\nKidneys = "0.5 Gy/MBq"\n', "500 Gy/GBq"),
        (LU + '[dose_per_activity]\nKidneys = "0.5 Gy"\n', "has the unit 'Gy'"),
        (LU + '[delivered]\nKidneys = "-5 Gy"\n', "delivered to Kidneys is -5"),
        (LU + '[limits]\nKidneys = "23 mGy"\n', "limit of Kidneys is 0.023 Gy"),
        (LU + 'cycle_activity = "7.4 MBq"\n', "cycle_activity is 0.0074 GBq"),
        (LU + 'kidney_half_life = "50 d"\nkidney_risk_factors = true\n', "kidney_half_life is 1200 h"),
        (AC + '[limits]\nKidneys = "-1 Gy"\n', "limit of Kidneys is -1 Gy"),
        (AC + '[[region]]\nname = "Kidneys"\ntiac = "1.2 h"\nmass = "310 kg"\n', "mass of the region"),
        (AC + '[[region]]\nname = "K"\ntiac = "1 h"\nmass = "300 g"\n' * 2, "two .* have one name"),
        (AC.replace('"5"', '"0"'), "RBE is 0"),
        (RA + "reference_time = 2026-03-01\ninjection_time = 2026-03-08T10:00:00\n", "a day without a time"),
        (RA + "reference_time = 2026-03-01T12:00:00\ninjection_time = 2026-03-08T10:00:00Z\n", "the other has none"),
        (RA.replace("70 kg", "70 g"), "weight"),
        (RA + 'rbe = "500"\n', "RBE is 500"),
    ],
)
def test_absurd_inputs_are_refused(tmp_path, text, message):
    with pytest.raises(HevesyError, match=message):
        run(case(tmp_path, text))


@pytest.mark.parametrize("factor", [0.0, -1.0, 1000.0])
@pytest.mark.parametrize("name", names())
def test_any_slip_of_an_example_is_refused_or_gives_a_finite_activity(tmp_path, name, factor):
    """Each number of each example in turn becomes zero, changes its sign or slips by a thousand: no other error escapes."""
    text = example(name)
    for found in re.finditer(r'^(?!#)[^#\n]*?= *"([\d.]+)((?: ± [\d.]+)?) ([A-Za-z%/]+)"', text, re.MULTILINE):
        slip = text[: found.start(1)] + f"{float(found[1]) * factor!r}" + text[found.end(1) :]
        try:
            outcome = as_dict(run(case(tmp_path, slip)))
        except HevesyError as refused:
            assert len(str(refused)) > 20  # noqa: PT017
        else:
            assert 0 < outcome["prescribed_activity_MBq"] < 60e3


def test_the_cases_of_the_how_to_run(tmp_path):
    page = Path(__file__).parents[2] / "docs" / "how-to" / "recipes.md"
    blocks = re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 2
    said = ["\n".join(lines(run(case(tmp_path, block)))) for block in blocks]
    shown = re.search(r"```text\n(.*?)```", page.read_text("utf-8"), re.DOTALL).group(1)
    assert said[0].startswith(shown.rstrip("\n"))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="no such case"):
        run(tmp_path / "none.toml")
    with pytest.raises(InputError, match="allowed"):
        example("y91")
