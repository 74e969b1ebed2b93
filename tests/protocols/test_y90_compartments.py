import pytest

from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.protocols.first_order import exact
from hevesy.protocols.y90_activity import published_energy_per_activity
from hevesy.protocols.y90_compartments import Compartment, Injection, compartment_doses
from hevesy.protocols.y90_radioembolisation import (
    LIVER,
    LUNGS,
    TUMOUR,
    ActivityRatio,
    ConcentrationRatio,
    Partition,
    partition_doses,
)

E = published_energy_per_activity()


def part(name, mass, ratio):
    return Compartment(name=name, mass=exact(mass), ratio=ConcentrationRatio(value=exact(ratio)))


def injection(name, activity, liver, *parts, shunt=0.05):
    return Injection(
        name=name, activity=exact(activity), liver_mass=exact(liver), lung_shunt=exact(shunt), compartments=tuple(parts)
    )


def test_one_tumour_is_the_partition_model():
    found = compartment_doses((injection("all", 2e9, 1.3, part("T1", 0.2, 3.5)),), lung_mass=exact(1.0), energy=E)
    p = Partition(
        tumour_mass=exact(0.2), liver_mass=exact(1.3), lung_mass=exact(1.0), lung_shunt=exact(0.05),
        ratio=ConcentrationRatio(value=exact(3.5)),
    )  # fmt: skip
    theirs = partition_doses(p, activity=exact(2e9), energy=E)
    assert found["T1"].value == pytest.approx(theirs[TUMOUR].value)
    assert found["Normal liver of all"].value == pytest.approx(theirs[LIVER].value)
    assert found[LUNGS].value == pytest.approx(theirs[LUNGS].value)


def test_energy_is_kept_over_injections():
    right = injection("right", 1.2e9, 0.9, part("T1", 0.12, 4.0), part("T2", 0.05, 2.0), shunt=0.04)
    left = injection("left", 0.5e9, 0.4, part("T1", 0.03, 6.0), shunt=0.1)
    found = compartment_doses((right, left), lung_mass=exact(1.0), energy=E)
    mass = {"T1": 0.15, "T2": 0.05, "Normal liver of right": 0.9, "Normal liver of left": 0.4, LUNGS: 1.0}
    assert sum(found[name].value * m for name, m in mass.items()) == pytest.approx(E * 1.7e9)


def test_uncertainty_of_a_ratio_reaches_its_tumour():
    uncertain = Compartment(name="T1", mass=exact(0.1), ratio=ConcentrationRatio(value=Measured(value=4.0, u=0.8)))
    found = compartment_doses((injection("a", 1e9, 1.0, uncertain, part("T2", 0.1, 2.0)),), lung_mass=exact(1.0), energy=E)
    # d ln D_T1 / d ln r = 1 - r M / (M_N + sum r M)
    assert found["T1"].relative == pytest.approx(0.2 * (1 - 0.4 / 1.6), rel=1e-4)
    assert found["T2"].relative == pytest.approx(0.2 * 0.4 / 1.6, rel=1e-4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: compartment_doses((), lung_mass=exact(1.0), energy=E), "no injection"),
        (
            lambda: compartment_doses((injection("a", 1e9, 1.0), injection("a", 1e9, 1.0)), lung_mass=exact(1.0), energy=E),
            "one name",
        ),
        (lambda: injection("a", 1e9, 1.0, part("T", 0.1, 2.0), part("T", 0.1, 2.0)), "one name"),
        (lambda: Compartment(name="T", mass=exact(0.1), ratio=ActivityRatio(value=exact(2.0))), "ratio of concentrations"),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
