import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.protocols.chance import chance_above, log_sigma
from hevesy.protocols.first_order import exact
from hevesy.protocols.y90_activity import published_energy_per_activity, single_compartment_dose
from hevesy.protocols.y90_radioembolisation import (
    LIVER,
    LUNGS,
    TUMOUR,
    ActivityRatio,
    ConcentrationRatio,
    Partition,
    concentration_ratio,
    partition_activity,
    partition_doses,
)
from hevesy.rng import stream

E = published_energy_per_activity()
masses = st.floats(0.01, 3)


def partition(**other):
    given = {
        "tumour_mass": exact(0.2), "liver_mass": exact(1.3), "lung_mass": exact(1.0), "lung_shunt": exact(0.05),
        "ratio": ConcentrationRatio(value=exact(3.5)),
    }  # fmt: skip
    return Partition(**(given | other))


@given(tumour=masses, liver=masses, shunt=st.floats(0, 0.6), ratio=st.floats(0.1, 50), activity=st.floats(1e8, 1e10))
def test_energy_is_kept(tumour, liver, shunt, ratio, activity):
    """Dose times mass over the three compartments is the energy of the activity, whatever the inputs."""
    p = partition(
        tumour_mass=exact(tumour), liver_mass=exact(liver), lung_shunt=exact(shunt), ratio=ConcentrationRatio(value=exact(ratio))
    )
    doses = partition_doses(p, activity=exact(activity), energy=E)
    energy = doses[LIVER].value * liver + doses[TUMOUR].value * tumour + doses[LUNGS].value * 1.0
    assert energy == pytest.approx(E * activity)
    assert doses[TUMOUR].value == pytest.approx(ratio * doses[LIVER].value)


@given(limit=st.floats(1, 200), region=st.sampled_from(["liver_limit", "lung_limit", "tumour_goal"]))
def test_inverse_and_forward_agree(limit, region):
    found = partition_activity(partition(), energy=E, **{region: limit})
    name = {"liver_limit": LIVER, "lung_limit": LUNGS, "tumour_goal": TUMOUR}[region]
    assert found.doses[name].value == pytest.approx(limit)
    again = partition_doses(partition(), activity=exact(found.activity.value), energy=E)
    assert again[name].value == pytest.approx(limit)


def test_a_ratio_of_one_is_one_compartment():
    p = partition(ratio=ConcentrationRatio(value=exact(1.0)))
    doses = partition_doses(p, activity=exact(2e9), energy=E)
    one = single_compartment_dose(activity=exact(2e9), lung_shunt=exact(0.05), mass=exact(1.5), energy=E)
    assert doses[LIVER].value == pytest.approx(one.value)
    assert doses[TUMOUR].value == pytest.approx(one.value)


def test_the_wrong_formula_is_not_ours():
    """D M_N (1 + r)(1 - L)/E takes the ratio of concentrations for one of activities and multiplies by 1 - L."""
    wrong = 40 * 1.3 * (1 + 3.5) * 0.95 / 49.67
    assert wrong == pytest.approx(4.4755, abs=1e-4)
    ours = partition_activity(partition(), energy=E, liver_limit=40.0).activity.value / u.GBq
    assert ours == pytest.approx(1.69540, abs=1e-5)
    assert wrong / ours == pytest.approx(2.64, abs=0.01)
    assert partition_doses(partition(), activity=exact(wrong * u.GBq), energy=E)[LIVER].value == pytest.approx(105.6, abs=0.05)


def test_the_smallest_rules():
    liver = partition_activity(partition(), energy=E, liver_limit=40, lung_limit=30, tumour_goal=205)
    assert liver.rule == "limit of normal liver, 40 Gy"
    assert any("not reached" in text for text in liver.remarks)
    lungs = partition_activity(partition(lung_shunt=exact(0.4)), energy=E, liver_limit=40, lung_limit=10)
    assert lungs.rule == "limit of lungs, 10 Gy"
    tumour = partition_activity(partition(), energy=E, liver_limit=40, tumour_goal=100)
    assert tumour.rule == "goal for tumour, 100 Gy"
    assert tumour.remarks == ()
    assert set(liver.candidates) == {LIVER, LUNGS, TUMOUR}


def test_ratios_cannot_be_mixed_up():
    for wrong in (3.5, exact(3.5), ActivityRatio(value=exact(3.5))):
        with pytest.raises(InputError, match="ratio of concentrations"):
            partition(ratio=wrong)
    with pytest.raises(InputError, match="ratio of activities is needed"):
        concentration_ratio(ConcentrationRatio(value=exact(3.5)), tumour_mass=exact(0.2), liver_mass=exact(1.3))


@given(tumour=masses, liver=masses, ratio=st.floats(0.2, 5))
def test_a_ratio_of_activities_is_converted_with_the_masses(tumour, liver, ratio):
    r = ratio * liver / tumour
    if not 0.05 <= r <= 100:
        return
    p = partition(
        tumour_mass=exact(tumour),
        liver_mass=exact(liver),
        ratio=concentration_ratio(ActivityRatio(value=exact(ratio)), tumour_mass=exact(tumour), liver_mass=exact(liver)),
    )
    doses = partition_doses(p, activity=exact(1e9), energy=E)
    assert doses[TUMOUR].value * tumour == pytest.approx(ratio * doses[LIVER].value * liver)


def test_uncertainty_of_the_lungs_is_that_of_the_shunt():
    p = partition(lung_shunt=Measured(value=0.05, u=0.01))
    doses = partition_doses(p, activity=exact(2e9), energy=E)
    assert doses[LUNGS].relative == pytest.approx(0.2)
    assert doses[LIVER].relative == pytest.approx(0.01 / 0.95)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: partition(tumour_mass=exact(200.0)), "Check the number and its unit"),
        (lambda: partition(lung_shunt=exact(5.0)), "percentage"),
        (lambda: partition_activity(partition(), energy=E), "Give one"),
        (lambda: partition_activity(partition(), energy=E, liver_limit=0.0), "Check the number and its unit"),
        (lambda: partition_activity(partition(lung_shunt=exact(0.0)), energy=E, lung_limit=30.0), "without a lung shunt"),
        (lambda: ConcentrationRatio(value=exact(350.0)), "to 100 is allowed"),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


UNSURE = {
    "tumour_mass": Measured(value=0.2, u=0.02), "liver_mass": Measured(value=1.3, u=0.1),
    "lung_shunt": Measured(value=0.05, u=0.01), "ratio": ConcentrationRatio(value=Measured(value=3.5, u=0.5)),
}  # fmt: skip


@pytest.mark.parametrize("exceed", [0.01, 0.05, 0.3])
@pytest.mark.parametrize(("limit", "region"), [({"liver_limit": 40.0}, LIVER), ({"lung_limit": 5.0}, LUNGS)])
def test_chance_by_monte_carlo(exceed, limit, region):
    """Drawn doses per activity, log-normal with their first-order u, pass the limit with the chance that was asked for."""
    found = partition_activity(partition(**UNSURE), energy=E, **limit, exceed=exceed)
    dose, n = found.doses[region], 200_000
    drawn = dose.value * np.exp(log_sigma(dose) * stream(5, 0).standard_normal(n))
    assert abs(np.mean(drawn > next(iter(limit.values()))) - exceed) / math.sqrt(exceed * (1 - exceed) / n) < 4
    assert chance_above(dose, next(iter(limit.values()))) == pytest.approx(exceed)
    assert found.activity.value < found.best.value
    assert found.activity.u is None


def test_chance_with_the_inputs_drawn():
    """What enters drawn in place of the dose. The formula bends: 5 % is met within a point, not within statistics."""
    found = partition_activity(partition(**UNSURE), energy=E, liver_limit=40.0)
    z, n = stream(6, 0).standard_normal((4, 100_000)), 100_000
    names = ("tumour_mass", "liver_mass", "lung_shunt")
    tumour, liver, shunt = (UNSURE[name].value * np.exp(log_sigma(UNSURE[name]) * z[i]) for i, name in enumerate(names))
    ratio = 3.5 * np.exp(log_sigma(UNSURE["ratio"].value) * z[3])
    dose = E * found.activity.value * (1 - shunt) / (liver + ratio * tumour)
    assert dose.shape == (n,)
    assert np.mean(dose > 40.0) == pytest.approx(0.05, abs=0.01)


def test_exact_inputs_leave_the_activity_as_it_was():
    for exceed in (0.01, 0.05, 0.5):
        found = partition_activity(partition(), energy=E, liver_limit=40.0, exceed=exceed)
        assert found.activity.value / u.GBq == pytest.approx(1.69540, abs=1e-5)
        assert found.activity.u == 0


def test_a_goal_stays_at_the_best_estimate():
    found = partition_activity(partition(**UNSURE), energy=E, tumour_goal=100.0)
    assert found.doses[TUMOUR].value == pytest.approx(100.0)
    assert found.activity.u > 0


@pytest.mark.parametrize(
    "slip",
    [
        {"liver_mass": exact(0.0013)}, {"liver_mass": exact(-1.3)}, {"tumour_mass": exact(-0.2)}, {"lung_mass": exact(0.001)},
        {"lung_mass": exact(1000.0)}, {"lung_shunt": exact(1.2)}, {"lung_shunt": exact(-0.05)},
    ],
)  # fmt: skip
def test_slips_are_refused(slip):
    with pytest.raises(InputError, match=r"Check the number and its unit|a share is from 0"):
        partition(**slip)
    with pytest.raises(InputError, match="ratio of concentrations is 0"):
        ConcentrationRatio(value=exact(0.0))
