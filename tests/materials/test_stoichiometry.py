import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError
from hevesy.materials import (
    density_from_hounsfield,
    materials_from_density,
    photon_cross_sections,
    tissue_from_hounsfield,
    tissue_scheme,
)
from hevesy.tables import load_table

FIRST = [-950, -120, -82, -52, -22, 8, 19, 80, *range(120, 121), *range(200, 1501, 100)]


def test_published_compositions_add_up_before_they_are_divided():
    for row in load_table("hevesy.materials", "tissue_scheme").rows:
        assert sum(float(value) for name, value in row.items() if name != "from_HU") == pytest.approx(100, abs=0.2)


def test_each_joint_belongs_to_the_bin_above_it():
    assert len(tissue_scheme()) == len(FIRST) + 1 == 24
    for number, first in enumerate(FIRST):
        assert tissue_from_hounsfield([first - 1, first]).tolist() == [number, number + 1]
    assert tissue_from_hounsfield([-3000, -1000, 1600, 3000]).tolist() == [0, 0, 23, 23]


@pytest.mark.parametrize("energy", [0.14, 0.208, 0.364, 0.511])
def test_attenuation_per_mass_hardly_moves_at_the_joints(energy):
    mu = np.array([float(photon_cross_sections(tissue, energy).total) for tissue in tissue_scheme()])
    assert np.all(np.abs(mu[2:] / mu[1:-1] - 1) < 0.015)


def test_attenuation_per_mass_at_the_joints_at_100_kev():
    mu = np.array([float(photon_cross_sections(tissue, 0.1).total) for tissue in tissue_scheme()])
    step = np.abs(mu[2:] / mu[1:-1] - 1)
    at_120_hu = 7  # connective tissue without calcium against marrow with 4.5 % of it: as published
    assert step[at_120_hu] == pytest.approx(0.025, abs=0.003)
    assert np.all(np.delete(step, at_120_hu) < 0.015)


def test_attenuation_gives_the_ct_number_back():
    """mu of composition and density at 70 keV, the effective energy of 120 kV, against the bin's CT number."""
    from hevesy.materials import load_material

    water = float(photon_cross_sections(load_material("water"), 0.07).total)
    for first, tissue in zip(FIRST[1:], tissue_scheme()[2:], strict=True):
        H = (first + (first + 100 if first >= 200 else first + 20)) / 2
        mu = float(density_from_hounsfield(np.array([H]))[0] * photon_cross_sections(tissue, 0.07).total) / water
        assert 1000 * (mu - 1) == pytest.approx(H, abs=40 + 0.06 * abs(H))


def test_densities_are_those_of_the_relation_but_lung_s():
    scheme = tissue_scheme()
    assert scheme[0].density == pytest.approx(1.21e-3)
    assert scheme[1].density == 1.05
    assert scheme[7].density == pytest.approx(1.003 + 49.5 * 1.169e-3)
    assert scheme[23].density == pytest.approx(1.017 + 1550 * 0.592e-3)


@given(hu=st.lists(st.integers(min_value=-1100, max_value=3100), min_size=1, max_size=30))
def test_the_index_rises_with_the_ct_number_in_any_type(hu):
    hu = np.sort(np.array(hu))
    index = tissue_from_hounsfield(hu)
    assert np.all(np.diff(index.astype(int)) >= 0)
    for kind in (np.int16, np.float32, np.float64):
        assert np.array_equal(tissue_from_hounsfield(hu.astype(kind)), index)


def test_an_image_keeps_its_shape():
    index = tissue_from_hounsfield(np.zeros((2, 3, 4), dtype=np.float32))
    assert index.shape == (2, 3, 4)
    assert index.dtype == np.uint8


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_materials_by_density_alone(kind):
    index, media = materials_from_density(np.array([0, 0.001, 0.59, 0.6, 1.0, 1.2, 1.21, 1.9], dtype=kind))
    assert [medium.name for medium in media] == ["lung", "soft", "bone"]
    assert index.tolist() == [0, 0, 0, 1, 1, 1, 2, 2]
    assert index.dtype == np.uint8


@pytest.mark.parametrize("bad", [np.nan, -0.1])
def test_a_density_that_is_none_is_refused(bad):
    with pytest.raises(InputError, match="must be a number of at least 0"):
        materials_from_density([1.0, bad])


def test_a_ct_number_that_is_none_is_refused():
    with pytest.raises(InputError, match="a CT number is not finite"):
        tissue_from_hounsfield([np.inf])
