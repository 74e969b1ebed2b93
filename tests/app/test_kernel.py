import json

import nibabel
import numpy as np
import pytest

from hevesy.app.kernel import kernel, kernel_medium
from hevesy.errors import InputError
from hevesy.units import JOULE_PER_MEV


@pytest.fixture(autouse=True)
def no_cache(monkeypatch):
    monkeypatch.setenv("HEVESY_CACHE", "")


@pytest.fixture(scope="module")
def lutetium(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEVESY_CACHE", "")
        path = tmp_path_factory.mktemp("kernel") / "k.nii.gz"
        return kernel("177Lu", (4.8, 4.8, 4.8), path, extent=100), nibabel.load(path)


def test_the_facts(lutetium):
    facts, _ = lutetium
    assert facts["nuclide"] == "Lu-177"
    assert facts["S_unit"] == "mGy/(MBq s)"
    values = [facts[name] for name in ("S000", "S100", "S110", "S111", "S200", "S210", "S300")]
    assert values == sorted(values, reverse=True)
    assert "S_of_all_neighbours" not in facts
    assert (facts["medium"], facts["density_g_per_ml"]) == ("soft", 1.0)
    assert "ESTAR" in facts["density_source"]
    json.dumps(facts, allow_nan=False)


def test_the_energy_adds_up(lutetium):
    facts, _ = lutetium
    held, beyond = facts["energy_in_file_keV_per_decay"], facts["energy_beyond_file_keV_per_decay"]
    assert held + beyond == pytest.approx(facts["energy_per_decay_keV"], rel=1e-12)
    assert facts["energy_per_decay_keV"] == pytest.approx(facts["energy_budget_keV_per_decay"], rel=1e-4)
    assert sum(facts["energy_budget_by_kind_keV_per_decay"].values()) == pytest.approx(facts["energy_budget_keV_per_decay"])
    assert 0 < beyond < 35  # Lu-177 gives off 35 keV as photons, and a box of 10 cm holds some


def test_the_file_has_its_source_in_the_middle(lutetium):
    facts, image = lutetium
    values = image.get_fdata()
    assert values.shape == tuple(facts["shape"]) == (21, 21, 21)
    assert np.allclose(image.affine @ [10, 10, 10, 1], [0, 0, 0, 1], atol=1e-4)
    assert values[10, 10, 10] * 1e9 == pytest.approx(facts["S000"], rel=1e-6)
    assert values[11, 10, 10] * 1e9 == pytest.approx(facts["S100"], rel=1e-6)
    assert np.allclose(values, values[::-1, ::-1, ::-1])
    mass = 0.48**3 * 1e-3
    assert values.sum() * mass / JOULE_PER_MEV * 1e3 == pytest.approx(facts["energy_in_file_keV_per_decay"], rel=1e-6)
    assert image.header["descrip"].item() == b"Hevesy, voxel kernel, Gy/(Bq s)"


def test_unequal_sides_are_x_y_z(tmp_path):
    facts = kernel("Y-90", (2.0, 3.0, 6.0), tmp_path / "k.nii", extent=30)
    image = nibabel.load(tmp_path / "k.nii")
    assert image.header.get_zooms() == pytest.approx((2, 3, 6))
    assert image.shape == (15, 11, 5)
    values = image.get_fdata() * 1e9
    every = facts["S_of_all_neighbours"]
    assert len(every) == 20
    assert every["S100"] == facts["S100"] == pytest.approx(values[8, 5, 2], rel=1e-6)
    assert every["S010"] == pytest.approx(values[7, 6, 2], rel=1e-6)
    assert every["S102"] == pytest.approx(values[8, 5, 4], rel=1e-6)
    assert every["S100"] > every["S010"] > every["S001"]


@pytest.mark.parametrize("voxel", [(4.0, 4.0, 4.0), (4.0, 5.0, 9.0)])
def test_the_box_is_the_smallest_that_holds_its_share(tmp_path, voxel):
    facts = kernel("Y-90", voxel, tmp_path / "k.nii")
    assert facts["energy_in_file_keV_per_decay"] >= 0.9995 * facts["energy_per_decay_keV"] * (1 - 1e-6)
    assert max(facts["shape"]) < 257
    smaller = min(facts["box_mm"]) - 2.1 * min(voxel)
    less = kernel("Y-90", voxel, tmp_path / "l.nii", extent=smaller)
    assert less["energy_in_file_keV_per_decay"] < 0.9995 * less["energy_per_decay_keV"]


def test_a_box_of_many_voxels_is_cut_and_says_what_lies_beyond(tmp_path):
    facts = kernel("Tc-99m", (0.5, 4.0, 4.0), tmp_path / "k.nii")
    assert facts["shape"][0] == 257
    assert facts["shape"][1] * 4 >= 257 * 0.5
    assert facts["energy_beyond_file_keV_per_decay"] > 10
    assert facts["energy_in_file_keV_per_decay"] > 20


def test_a_density_scales(tmp_path):
    """S(rho, a) = rho^2 S(1, rho a)."""
    dense = kernel("Lu-177", (2.0, 2.0, 2.0), tmp_path / "a.nii", density=2.0, extent=10)
    thin = kernel("Lu-177", (4.0, 4.0, 4.0), tmp_path / "b.nii", density=1.0, extent=10)
    assert dense["density_source"] == "given"
    for name in ("S000", "S100", "S300"):
        assert dense[name] == pytest.approx(4 * thin[name], rel=1e-6)


def test_daughters_can_be_left_out(tmp_path):
    options = {"voxel": (3.0, 3.0, 3.0), "output": tmp_path / "k.nii", "extent": 9}
    whole, alone = kernel("Ac-225", **options), kernel("Ac-225", daughters=False, **options)
    assert alone["energy_per_decay_keV"] == pytest.approx(5934, rel=0.01)
    assert whole["energy_per_decay_keV"] > 4 * alone["energy_per_decay_keV"]
    assert whole["remarks"]


def test_media():
    assert kernel_medium("ICRP soft tissue").name == "soft"
    lung = kernel_medium("lung") if "lung" in allowed() else None
    if lung:
        assert lung.density == 0.26
        assert "ICRU" in lung.density_source
    assert kernel_medium("soft", 1.04).density == 1.04
    for name in ("cheese", "lead"):
        with pytest.raises(InputError, match=rf"{name}.*allowed: .*soft"):
            kernel_medium(name)


def allowed():
    from hevesy.dose.point_kernels import point_kernel_media

    return point_kernel_media()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"voxel": (0.0, 1.0, 1.0)}, "voxel sides"),
        ({"voxel": (0.001, 0.001, 0.001)}, "Are they in mm"),
        ({"density": 1000.0}, "Is it in g/ml"),
        ({"extent": -1.0}, "above 0"),
        ({"extent": 1e4}, "257 are allowed"),
        ({"leaving": 0.5}, "no daughters that count"),
    ],
)
def test_what_is_refused(tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        kernel(**{"nuclide": "Lu-177", "voxel": (3.0, 3.0, 3.0), "output": tmp_path / "k.nii"} | options)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_nuclide_and_output(tmp_path):
    with pytest.raises(InputError, match="Lu-175"):
        kernel("Lu-175", (3.0, 3.0, 3.0), tmp_path / "k.nii")
    with pytest.raises(InputError, match="end with"):
        kernel("Lu-177", (3.0, 3.0, 3.0), tmp_path / "k.mha")
