import json

import nibabel
import numpy as np
import pytest

from hevesy.app.dosemap import Chance, Maps, dosemap
from hevesy.errors import DataError, HevesyError, InputError
from hevesy.nuclides import radiations
from hevesy.units import JOULE_PER_MEV

SHAPE = (9, 9, 9)  # x, y, z
AFFINE = np.diag([4.0, 4.0, 4.0, 1.0])


@pytest.fixture(autouse=True)
def no_cache(monkeypatch):
    monkeypatch.setenv("HEVESY_CACHE", "")


class Case:
    """A cube of soft tissue with a lesion (label 2) and a corner of bone (label 7), as files."""

    def __init__(self, folder):
        self.folder = folder
        self.density = np.full(SHAPE, 1.04, np.float32)
        self.density[:2, :2, :2] = 1.85
        self.tia = np.full(SHAPE, 1e6, np.float32)
        self.tia[4:6, 4:6, 4:6] = 1e9
        self.labels = np.zeros(SHAPE, np.int16)
        self.labels[4:6, 4:6, 4:6] = 2
        self.labels[:2, :2, :2] = 7
        for name in ("tia", "density", "labels"):
            self.write(name, getattr(self, name))

    def write(self, name, values, affine=AFFINE):
        nibabel.save(nibabel.Nifti1Image(np.asarray(values), affine), self.folder / f"{name}.nii.gz")
        return self.folder / f"{name}.nii.gz"

    def run(self, engine_name="montecarlo", *, maps=None, nuclide="Lu-177", output="dose.nii.gz", **options):
        paths = {"tia": self.folder / "tia.nii.gz", "density": self.folder / "density.nii.gz"}
        given = Maps(**({**paths, "regions": self.folder / "labels.nii.gz"} | (maps or {})))
        return dosemap(given, self.folder / output, nuclide=nuclide, engine_name=engine_name, **options)


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path)


@pytest.fixture(scope="module")
def montecarlo(tmp_path_factory):
    """One run that several tests look at."""
    made = Case(tmp_path_factory.mktemp("dosemap"))
    return made.run(chance=Chance(uncertainty=0.02, seed=5, threads=2)), nibabel.load(made.folder / "dose.nii.gz"), made


def test_the_contract(montecarlo):
    facts, image, _ = montecarlo
    assert {"regions", "cpu_s", "wall_s", "compile_s", "histories"} <= set(facts)
    assert list(facts["regions"]) == ["2", "7"]
    for region in facts["regions"].values():
        assert 0 < region["u_Gy"] <= 0.02 * region["mean_Gy"] * 1.2
    assert facts["histories"] > 0
    assert facts["cpu_s"] > 0
    assert facts["wall_s"] > 0
    assert facts["compile_s"] > 0
    assert image.shape == (*SHAPE, 2)
    assert (facts["seed"], facts["uncertainty"], facts["threads"]) == (5, 0.02, 2)
    assert "lung below 0.6" in facts["materials"]
    json.dumps(facts, allow_nan=False)


def test_the_file_holds_dose_and_its_uncertainty_on_the_grid_of_the_input(montecarlo):
    facts, image, made = montecarlo
    dose, u = np.moveaxis(image.get_fdata(), 3, 0)
    assert np.allclose(image.affine, AFFINE)
    lesion = made.labels == 2
    mean = np.average(dose[lesion], weights=made.density[lesion])
    assert facts["regions"]["2"]["mean_Gy"] == pytest.approx(mean, rel=1e-6)
    assert np.all(u >= 0)
    assert np.all(u[lesion] < 0.1 * dose[lesion])


def test_the_same_seed_gives_the_same_dose_on_any_number_of_threads(montecarlo, case):
    facts, _, _ = montecarlo
    again = case.run(chance=Chance(uncertainty=0.02, seed=5, threads=1))
    assert again["regions"] == facts["regions"]
    other = case.run(chance=Chance(uncertainty=0.02, seed=6, threads=2))
    assert other["regions"] != facts["regions"]


def test_engines_without_chance(case, montecarlo):
    lesion = montecarlo[0]["regions"]["2"]["mean_Gy"]
    for name in ("local", "kernel"):
        facts = case.run(name)
        region = facts["regions"]["2"]
        assert region["u_Gy"] is None
        assert "without chance" in region["why_no_u"]
        assert (facts["histories"], facts["seed"]) == (None, None)
        assert nibabel.load(case.folder / "dose.nii.gz").shape == SHAPE
        assert region["mean_Gy"] == pytest.approx(lesion, rel=0.2)
        json.dumps(facts, allow_nan=False)


def test_local_deposition_by_hand(case):
    """One region of uniform density: D = c E / rho."""
    facts = case.run("local")
    E = facts["energy_per_decay_keV"] * 1e-3 * JOULE_PER_MEV
    assert facts["regions"]["2"]["mean_Gy"] == pytest.approx(1e9 * E / 1.04e-3, rel=1e-5)
    assert facts["regions"]["2"]["volume_ml"] == pytest.approx(8 * 0.064)
    assert facts["regions"]["2"]["mass_g"] == pytest.approx(8 * 0.064 * 1.04, rel=1e-6)


def test_a_mean_is_energy_by_mass(case):
    """Half of a region is twice as dense: the mean dose is that of its energy, not that of its voxels."""
    case.density[4, 4:6, 4:6] = 2.08
    case.write("density", case.density)
    E = radiations("Lu-177")
    facts = case.run("local")
    charged = facts["energy_per_decay_keV"] * 1e-3 * JOULE_PER_MEV
    assert charged < E.energy * JOULE_PER_MEV
    assert facts["regions"]["2"]["mean_Gy"] == pytest.approx(1e9 * charged / 1.56e-3, rel=1e-5)


def test_without_regions(case):
    facts = case.run("local", maps={"regions": None})
    assert facts["regions"] == {}
    assert facts["max_Gy"] > 0


def test_a_material_map(case):
    material = np.full(SHAPE, 2, np.uint8)
    material[:2, :2, :2] = 3
    path = case.write("material", material)
    facts = case.run(maps={"material": path})
    assert facts["materials"] == "from the map: 0 air, 1 lung, 2 soft, 3 bone"
    named = case.run(maps={"material": path, "materials": ("air", "lung", "water", "compact bone")})
    assert named["materials"].endswith("2 water, 3 compact bone")
    with pytest.raises(DataError, match=r"holds 3; allowed are 0 soft"):
        case.run(maps={"material": path, "materials": ("soft",)})
    with pytest.raises(InputError, match="cheese"):
        case.run(maps={"material": path, "materials": ("cheese",)})


def test_daughters(case):
    whole, alone = (case.run("local", nuclide="Ac-225", daughters=way) for way in (True, False))
    assert whole["regions"]["2"]["mean_Gy"] > 4 * alone["regions"]["2"]["mean_Gy"]
    half = case.run("local", nuclide="Ac-225", leaving=0.5)
    expected = (whole["regions"]["2"]["mean_Gy"] + alone["regions"]["2"]["mean_Gy"]) / 2
    assert half["regions"]["2"]["mean_Gy"] == pytest.approx(expected, rel=1e-5)
    assert any("elsewhere" in text for text in half["remarks"])


def test_progress_is_told(case):
    heard = []
    case.run(chance=Chance(uncertainty=0.05), progress=lambda text, share: heard.append((text, share)))
    assert "Monte Carlo" in {text[:11] for text, _ in heard}
    assert all(0 <= share <= 1 for _, share in heard)


@pytest.mark.parametrize(
    ("engine", "chance", "said"),
    [
        ("kernel", Chance(uncertainty=0.01), "uncertainty"),
        ("local", Chance(seed=1), "seed"),
        ("local", Chance(threads=1), "threads"),
        ("montecarlo", Chance(uncertainty=1.0), "0.01 is 1 %"),
        ("montecarlo", Chance(seed=-1), "whole numbers from 0"),
        ("montecarlo", Chance(threads=0), "all cores"),
        ("magic", Chance(), "allowed: montecarlo, kernel, local"),
    ],
)
def test_options_that_are_refused(case, engine, chance, said):
    with pytest.raises(InputError, match=said):
        case.run(engine, chance=chance)
    assert not (case.folder / "dose.nii.gz").exists()


def test_a_material_map_is_for_monte_carlo_alone(case):
    path = case.write("material", np.zeros(SHAPE, np.uint8))
    with pytest.raises(InputError, match="has no use for material"):
        case.run("kernel", maps={"material": path})
    with pytest.raises(InputError, match="no map of them"):
        case.run(maps={"materials": ("air",)})


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("tia", np.full(SHAPE, -1.0), "below zero to zero"),
        ("tia", np.zeros(SHAPE), "zero everywhere"),
        ("tia", np.full(SHAPE, np.inf), "not finite"),
        ("tia", np.ones((*SHAPE, 2)), "three dimensions"),
        ("density", np.full(SHAPE, -1000.0), "Are these HU"),
        ("density", np.full(SHAPE, 1040.0), "Are these HU or kg/m3"),
        ("density", np.zeros(SHAPE), "zero everywhere"),
        ("density", np.full((9, 9, 8), 1.0), "9 x 9 x 8"),
        ("labels", np.zeros(SHAPE), "no voxel has a label"),
        ("labels", np.full(SHAPE, 1.5), "whole numbers"),
        ("labels", np.full(SHAPE, 70000.0), "up to 65535"),
    ],
)
@pytest.mark.parametrize("engine", ["montecarlo", "local"])
def test_images_that_are_refused(case, engine, name, values, said):
    case.write(name, values.astype(np.float32))
    with pytest.raises(HevesyError, match=said):
        case.run(engine)
    assert not (case.folder / "dose.nii.gz").exists()


def test_a_density_elsewhere(case):
    moved = AFFINE.copy()
    moved[2, 3] = 2.0
    case.write("density", case.density, moved)
    with pytest.raises(InputError, match="lies elsewhere"):
        case.run("local")


def test_a_label_without_mass(case):
    case.density[case.labels == 7] = 0
    case.write("density", case.density)
    with pytest.raises(DataError, match="label 7 has no mass"):
        case.run("local")


def test_names_that_are_refused(case):
    with pytest.raises(InputError, match="Lu-175"):
        case.run("local", nuclide="Lu-175")
    with pytest.raises(InputError, match="there is no such file"):
        case.run("local", maps={"tia": case.folder / "none.nii"})
    with pytest.raises(InputError, match="is an input"):
        case.run("local", output="tia.nii.gz")


def test_an_interrupted_run_leaves_no_file(case, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("nibabel.save", stop)
    with pytest.raises(KeyboardInterrupt):
        case.run("local")
    assert sorted(path.name for path in case.folder.iterdir()) == ["density.nii.gz", "labels.nii.gz", "tia.nii.gz"]
