"""Biology of a written dose result: regions, tissues files, maps, refusals."""

import json
import math

import numpy as np
import pytest

from hevesy import units as un
from hevesy.app.biology import biology_by_hand, biology_of_result
from hevesy.dicom.nifti import read_nifti, write_nifti
from hevesy.errors import DataError, InputError
from hevesy.model import Grid, Image, Quantity

HAND = {"dose": 5.0, "t_eff": 50 * un.h, "t_repair": 2.8 * un.h, "alpha_beta": 2.6}


def region(dose, *, kind="organ", standard="", half_life=50.0, volume=150.0, u=0.06, well_posed=True):
    D = np.linspace(0, 2 * dose, 201)
    share = np.where(dose >= D, 100.0, 0.0)  # a uniform dose
    value = {"volume_ml": volume, "mass_g": volume * 1.04, "mean_dose_Gy": dose, "dose_per_activity_Gy_per_GBq": dose / 7.4}
    value |= {"tia_MBq_h": 9000.0, "effective_half_life_h": half_life}
    us = {f"u_{key}": u * v if key != "effective_half_life_h" else 0.02 * v for key, v in value.items()}
    fit = {"amplitudes_MBq": [200.0], "rates_per_h": [math.log(2) / half_life], "well_posed": well_posed}
    dvh = {"dose_Gy": D.tolist(), "volume_percent": share.tolist()}
    return {"standard_name": standard, "kind": kind, **value, **us, "fit": fit, "dvh": dvh, "warnings": [], "budget": {}}


def result(folder, regions=None, *, nuclide="Lu-177", drug="Lu-177 DOTATATE", synthetic=True):
    regions = regions or {
        "Kidney_Left": region(5.0, standard="Left kidney"),
        "Kidney_Right": region(4.0, standard="Right kidney", half_life=55.0),
        "Spleen": region(6.0, standard="Spleen"),
        "Lesion 1": region(40.0, kind="lesion", standard="Lesion", half_life=100.0, volume=12.0),
        "blob": region(1.0, kind="other"),
    }
    data = {
        "schema": "hevesy-dose-result/1", "title": "Dosimetry", "synthetic": synthetic, "patient": {},
        "nuclide": {"name": nuclide, "half_life_h": 159.5}, "engine": {"name": "local"}, "regions": regions,
        "administration": {"radiopharmaceutical": drug, "activity_MBq": 7400.0, "time": "2024-03-04T09:30:00"},
        "warnings": [], "provenance": {},
    }  # fmt: skip
    folder.mkdir(exist_ok=True)
    (folder / "result.json").write_text(json.dumps(data), "utf-8")
    return folder / "result.json"


@pytest.fixture
def written(tmp_path):
    return result(tmp_path / "result")


def tissues(tmp_path, text):
    path = tmp_path / "tissues.toml"
    path.write_text(text, "utf-8")
    return path


def test_by_hand_is_the_case_with_its_inputs():
    facts = biology_by_hand(**HAND, cycles=4)
    assert facts["G"] == pytest.approx(0.0530303, rel=1e-6)
    assert facts["bed_per_cycle_Gy"] == pytest.approx(5.509907, rel=1e-6)
    assert facts["bed_Gy"] == pytest.approx(22.03963, rel=1e-6)
    assert facts["eqd2_Gy"] == pytest.approx(12.45718, rel=1e-6)
    assert facts["inputs"] == {"cycles": 4, "dose_Gy": 5.0, "t_eff_h": 50.0, "t_repair_h": 2.8, "alpha_beta_Gy": 2.6}
    assert not [key for key in facts if key.startswith("u_")]


def test_by_hand_with_uptake_and_u():
    facts = biology_by_hand(**HAND, t_uptake=2 * un.h, rbe=5.0, u={"dose": 0.5, "rbe": 1.0})
    assert facts["G"] == pytest.approx(0.05218, rel=1.5e-4)
    assert facts["u_bed_Gy"] > 5.0
    assert facts["inputs"]["u_rbe"] == 1.0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"dose": -5.0}, "--dose is -5"),
        ({"t_uptake": 60 * un.h}, "faster than wash-out"),
        ({"u": {"rbe": 1.0}}, "--u-rbe has no meaning without --rbe"),
        ({"t_repair": 2.8}, "forget"),
        ({"cycles": 0}, "number of cycles is 0"),
        ({"dose": 1e300}, "0.0001 to 10000 is plausible"),
        ({"t_eff": 180000 * un.h}, "--t-eff is 180000 h; 0.0167 to 10000 is plausible"),
        ({"rbe": 500.0}, "--rbe is 500; 0.1 to 100"),
        ({"u": {"t_eff": -9 * un.h}}, "--u-t-eff is -9; it must not be below zero"),
    ],
)
def test_by_hand_refuses(changed, said):
    with pytest.raises(InputError, match=said):
        biology_by_hand(**(HAND | changed))


def test_defaults_by_organ_and_reasons_where_there_is_none(written):
    facts = biology_of_result(written, cycles=4)
    assert facts["synthetic"] is True
    assert "no tissues file was given" in facts["tissues"]
    left = facts["regions"]["Kidney_Left"]
    assert left["bed_Gy"] == pytest.approx(22.03963, rel=1e-6)
    assert left["dose_Gy"] == 20.0
    assert left["mean_bed_of_voxels_Gy"] == pytest.approx(left["bed_Gy"], rel=0.02)  # one bin of the histogram
    assert left["u_bed_Gy"] == pytest.approx(left["bed_Gy"] * math.hypot(*left["budget_bed_percent"].values()) / 100)
    assert left["assumed_u"] == ["alpha/beta", "repair"]
    assert left["ntcp"][0]["interval_95"][0] <= left["ntcp"][0]["value"] <= left["ntcp"][0]["interval_95"][1]
    assert facts["regions"]["Lesion 1"]["tissue"] == "tumour"
    for name in ("Spleen", "blob"):
        assert facts["regions"][name]["tissue"] is None
        assert "give a tissues file" in facts["regions"][name]["why_no_bed"]
    assert "unverified" in " ".join(left["warnings"])


def test_a_tissues_file_by_name_side_organ_and_own(written, tmp_path):
    path = tissues(
        tmp_path,
        """
        [regions.Kidney]
        tissue = "kidney"
        [regions."Right kidney"]
        tissue = "soft kidney"
        [regions."Lesion 1"]
        tissue = "my tumour"
        rbe = 5.0
        u_rbe = 1.0
        geud_a = -10.0
        [tissues."soft kidney"]
        alpha_beta = "2.0 Gy"
        u_alpha_beta = "0.2 Gy"
        repair_half_time = ["0.5 h", "4 h"]
        repair_weights = [0.4, 0.6]
        repair_u = "20 %"
        source = "own data"
        complication = { endpoint = "any", n = 0.7, td50 = "28 Gy", u_td50 = "2 Gy", slope = 0.1, source = "own data" }
        [tissues."my tumour"]
        alpha_beta = "10 Gy"
        repair_half_time = "1.5 h"
        source = "own data"
        alpha = "0.3 /Gy"
        u_alpha = "0.05 /Gy"
        alpha_spread = "0.06 /Gy"
        clonogens = "1e7 /ml"
        """,
    )
    facts = biology_of_result(written, tissues=path)["regions"]
    assert facts["Kidney_Left"]["tissue"] == "kidney"
    assert facts["Kidney_Right"]["tissue"] == "soft kidney"  # the side says more than the organ
    assert facts["Kidney_Right"]["repair_half_times_h"] == pytest.approx([0.5, 4.0])
    assert facts["Kidney_Right"]["ntcp"][0]["interval_holds"] == ["EQD2", "TD50"]
    assert facts["Spleen"]["why_no_bed"] == "the tissues file does not name it"
    lesion = facts["Lesion 1"]
    assert (lesion["rbe"], lesion["dose_Gy"]) == (5.0, 40.0)
    assert lesion["bed_Gy"] > 200
    assert lesion["eubed_Gy"] == pytest.approx(lesion["bed_Gy"], rel=0.02)
    assert 0 <= lesion["tcp"]["interval_95"][0] <= lesion["tcp"]["value"] <= 1
    assert lesion["geud"][0]["a"] == -10.0
    assert "RBE" in lesion["budget_bed_percent"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[regions.Pancreas]\ntissue = "kidney"', "region Pancreas is absent from the dose; there are Kidney_Left"),
        ('[regions.Kidney]\ntissue = "kidnee"', "no tissue 'kidnee'; there are kidney"),
        ('[regions.Kidney]\ntissue = "x"\n[tissues.x]\nsource = "own"', "tissues.x: alpha_beta is missing"),
        (
            '[regions.Kidney]\ntissue = "x"\n[tissues.x]\nalpha_beta = 2.6\nrepair_half_time = "2 h"\nsource = "a"',
            "with its unit",
        ),
        ('[regions.Kidney]\ntissue = "x"\n[tissues.x]\nalpha_beta = "2 Gy"\nrepair_half_time = "2 Gy"\nsource = "a"', "2 Gy"),
        ('[regions.Kidney]\ntissue = "kidney"\nweight = 2', "weight is no key; allowed: tissue, rbe"),
        ('[regions.Kidney]\ntissue = "kidney"\nu_rbe = 2', "u_rbe without rbe"),
        ('[region.Kidney]\ntissue = "kidney"', r"got \[region\]; expected tables"),
        ("", "it is empty"),
        ("[regions", "not a readable tissues file"),
        (
            '[regions.Kidney]\ntissue = "x"\n[tissues.x]\nalpha_beta = "2 Gy"\nrepair_half_time = "2 h"\nsource = "a"\n'
            'clonogens = "1e7 /ml"',
            "need alpha",
        ),
        ('tissues = 5\n[regions.Kidney]\ntissue = "kidney"', "expected tables"),
        (
            '[regions.Kidney]\ntissue = "x"\n[tissues.x]\nalpha_beta = "2 Gy"\nrepair_half_time = "2 h"\nsource = "a"\n'
            'alpha = "0.3"',
            "with its unit",
        ),
    ],
)
def test_a_tissues_file_is_refused(written, tmp_path, text, said):
    with pytest.raises(InputError, match=said):
        biology_of_result(written, tissues=tissues(tmp_path, text))


def test_output_holds_facts_picture_and_map(written, tmp_path):
    D = np.full((4, 5, 6), 5.0, dtype=np.float32)
    image = Image(values=D, grid=Grid(shape=D.shape, affine=np.diag([4.0, 4.0, 4.0, 1.0])), quantity=Quantity.ABSORBED_DOSE)
    write_nifti(written.parent / "dose.nii.gz", image)
    facts = biology_of_result(written.parent, cycles=4, maps=("Left kidney",), output=tmp_path / "out")
    assert facts["files"] == ["bed_Kidney_Left.nii.gz", "biology.png", "biology.json"]
    B, grid = read_nifti(tmp_path / "out" / "bed_Kidney_Left.nii.gz")
    assert np.allclose(B, 22.03963, rtol=1e-5)
    assert grid.shape == D.shape
    assert (tmp_path / "out" / "biology.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((tmp_path / "out" / "biology.json").read_text("utf-8"))["regions"]["Kidney_Left"]["G"] == pytest.approx(
        0.0530303, rel=1e-6
    )


def test_a_map_needs_a_folder_a_map_and_a_tissue(written, tmp_path):
    with pytest.raises(InputError, match="Give -o FOLDER"):
        biology_of_result(written, maps=("Spleen",))
    with pytest.raises(InputError, match="no tissue or no curve"):
        biology_of_result(written, maps=("Spleen",), output=tmp_path / "out")
    with pytest.raises(InputError, match=r"holds no dose\.nii\.gz"):
        biology_of_result(written, maps=("Kidney",), output=tmp_path / "out")


def test_alphas_without_rbe_and_prostate_lesions_are_remarked_on(tmp_path):
    path = result(tmp_path / "ac", nuclide="Ac-225", drug="Ac-225 PSMA-617", synthetic=False)
    warnings = biology_of_result(path)["warnings"]
    assert "Ac-225 emits alpha particles and no RBE was given" in warnings[0]
    assert "prostate tumour" in warnings[1]


def test_an_ill_posed_fit_and_a_histogram_apart_from_the_mean_are_remarked_on(tmp_path):
    odd = region(5.0, standard="Left kidney", well_posed=False)
    odd |= {key: 1.2 * odd[key] for key in ("mean_dose_Gy", "dose_per_activity_Gy_per_GBq")}
    warnings = biology_of_result(result(tmp_path / "odd", {"K": odd}))["regions"]["K"]["warnings"]
    assert "ill-posed" in warnings[0]
    assert "histogram" in " ".join(warnings)


def test_a_region_without_dose_and_what_the_model_gives_at_none(tmp_path):
    """A dose of zero divides nothing; NTCP of a probit model is not zero there, and that is said."""
    lung = region(0.0, standard="Left lung") | {"dvh": {"dose_Gy": [0.0, 1.0], "volume_percent": [100.0, 0.0]}}
    found = biology_of_result(result(tmp_path / "none", {"Lung_Left": lung}))["regions"]["Lung_Left"]
    assert found["bed_Gy"] == 0.0
    assert found["ntcp"][0]["value_at_no_dose"] == pytest.approx(0.5 * math.erfc(1 / 0.37 / math.sqrt(2)), rel=1e-9)


def test_another_file_is_refused(tmp_path):
    (tmp_path / "result.json").write_text("{}", "utf-8")
    with pytest.raises(DataError, match="schema"):
        biology_of_result(tmp_path)
