import math
from dataclasses import replace

import pytest

from hevesy.errors import InputError
from hevesy.materials import load_material, material_names, mean_excitation_energy

TISSUES = ["water", "soft", "lung", "bone", "adipose", "muscle", "blood", "brain", "skin", "eye lens", "testes", "soft ICRU",
           "muscle ICRU", "compact bone"]  # fmt: skip


@pytest.mark.parametrize("name", material_names())
def test_each_material_is_whole(name):
    material = load_material(name)
    assert math.fsum(fraction for _, fraction in material.composition) == pytest.approx(1, abs=1e-12)
    assert material.name == name
    assert 0.4 < material.electrons_per_gram * (1 if name != "lead" else 1.1) < 0.6  # Z/A of anything but hydrogen


@pytest.mark.parametrize(
    ("spelling", "name"),
    [("ICRP soft tissue", "soft"), ("Tissue, Soft (ICRP)", "soft"), ("SOFT", "soft"), ("cortical bone", "bone"), ("Pb", "lead"),
     ("bone,_cortical_(icrp)", "bone"), ("Perspex", "PMMA")],
)  # fmt: skip
def test_further_names_and_capitals(spelling, name):
    assert load_material(spelling) is load_material(name)


def test_an_unknown_material_names_the_nearest():
    with pytest.raises(InputError, match="material 'boone' is not known. Did you mean bone.*Known are water, soft, lung"):
        load_material("boone")


@pytest.mark.parametrize("name", TISSUES)
def test_bragg_additivity_meets_the_listed_excitation_energy_of_tissues(name):
    material = load_material(name)
    assert mean_excitation_energy(material.composition) == pytest.approx(material.mean_excitation_energy, rel=0.005)


def test_an_element_alone_has_its_own_excitation_energy():
    assert mean_excitation_energy(((82, 1.0),)) == 823.0  # ICRU 37


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"composition": ((1, 0.1), (8, 0.8))}, "add up to 0.9; they must be positive and add up to 1"),
        ({"composition": ((1, 1.1), (8, -0.1))}, "must be positive"),
        ({"composition": ((8, 0.5), (8, 0.5))}, "names an element twice"),
        ({"composition": ((93, 1.0),)}, "atomic number 93 has no data. Known are 1 to 92"),
        ({"composition": ()}, "add up to 0"),
        ({"density": 0.0}, "density is 0.0 g/ml; it must be positive"),
        ({"mean_excitation_energy": math.nan}, "mean excitation energy is nan eV"),
    ],
)
def test_a_material_that_cannot_be_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        replace(load_material("water"), **change)
