import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.protocols import lu177_dotatate, lu177_psma
from hevesy.protocols.first_order import exact
from hevesy.protocols.organ_limits import OrganLimit, allowed_activity, averages_of, checked_doses, limits_of
from hevesy.rng import stream

KIDNEYS = OrganLimit(region="Kidneys", dose=23.0, source="Emami 1991")
MARROW = OrganLimit(region="Red marrow", dose=2.0, source="blood dosimetry")


@given(kidneys=st.floats(0.1, 3), marrow=st.floats(0.005, 0.3), before=st.floats(0, 20))
def test_no_organ_is_above_its_limit(kidneys, marrow, before):
    per = {"Kidneys": exact(kidneys / u.GBq), "Red marrow": exact(marrow / u.GBq)}
    found = allowed_activity(per, (KIDNEYS, MARROW), delivered={"Kidneys": exact(before)}, cycle=7.4 * u.GBq)
    assert before + found.activity * per["Kidneys"].value <= 23 * (1 + 1e-9)
    assert found.activity * per["Red marrow"].value <= 2 * (1 + 1e-9)
    assert found.by_region[found.region].activity == found.activity
    assert found.cycles * 7.4 * u.GBq <= found.activity * (1 + 1e-8)


def test_a_limit_met_exactly_does_not_lose_a_cycle():
    per = {"Kidneys": Measured(value=23 / (4 * 7.4) / u.GBq, u=0.0)}
    assert allowed_activity(per, (KIDNEYS,), delivered={}, cycle=7.4 * u.GBq).cycles == 4


def test_what_was_given_uses_up_the_limit():
    found = allowed_activity({"Kidneys": exact(0.5 / u.GBq)}, (KIDNEYS,), delivered={"Kidneys": exact(30.0)}, cycle=7.4 * u.GBq)
    assert found.activity == 0
    assert found.cycles == 0


def test_a_limit_without_a_dose_is_not_passed_over():
    with pytest.raises(InputError, match="a limit and no dose"):
        allowed_activity({"Kidneys": exact(0.5 / u.GBq)}, (KIDNEYS, MARROW), delivered={}, cycle=7.4 * u.GBq)
    with pytest.raises(InputError, match="no organ limit"):
        allowed_activity({"Kidneys": exact(0.5 / u.GBq)}, (), delivered={}, cycle=7.4 * u.GBq)
    with pytest.raises(InputError, match="source"):
        OrganLimit(region="Kidneys", dose=23.0, source="")


@pytest.mark.parametrize("recipe", [lu177_dotatate, lu177_psma])
def test_recipes_of_lutetium(recipe):
    assert {limit.region for limit in limits_of(recipe.RECIPE)} == {"Kidneys", "Red marrow"}
    assert set(averages_of(recipe.RECIPE)) == set(recipe.REGIONS)
    early, middle, late, alone = recipe.scan_schedule()
    assert 0 < early.value < early.upper <= middle.upper <= late.value < late.upper
    assert 24 * u.h < alone.value < 96 * u.h
    # Averages of the label, four cycles of 7.4 GBq: kidneys below 23 Gy, as the label says of its patients.
    kidneys = averages_of(recipe.RECIPE)["Kidneys"].value * 4 * 7.4 * u.GBq
    assert 12 < kidneys < 23


@pytest.mark.parametrize("exceed", [0.01, 0.05, 0.3])
@pytest.mark.parametrize("before", [0.0, 8.0, 15.0])
def test_chance_by_monte_carlo(exceed, before):
    """Log-normal doses, delivered and to come, drawn: the limit is exceeded with the chance that was asked for."""
    per = {"Kidneys": Measured(value=0.6 / u.GBq, u=0.12 / u.GBq)}
    delivered = {"Kidneys": Measured(value=before, u=0.1 * before)}
    found = allowed_activity(per, (KIDNEYS,), delivered=delivered, cycle=7.4 * u.GBq, exceed=exceed)
    n = 200_000
    z = stream(11, 0).standard_normal((2, n))
    drawn = before * np.exp(math.sqrt(math.log1p(0.01)) * z[0])
    drawn += found.activity * 0.6 / u.GBq * np.exp(math.sqrt(math.log1p(0.04)) * z[1])
    assert abs(np.mean(drawn > 23) - exceed) / math.sqrt(exceed * (1 - exceed) / n) < 4
    assert found.activity < found.best.value


def test_nothing_is_left_where_the_delivered_dose_may_have_exceeded():
    delivered = {"Kidneys": Measured(value=21.0, u=3.0)}
    per = {"Kidneys": Measured(value=0.6 / u.GBq, u=0.12 / u.GBq)}
    found = allowed_activity(per, (KIDNEYS,), delivered=delivered, cycle=7.4 * u.GBq)
    assert found.activity == 0
    assert found.best.value == pytest.approx(2 / 0.6 * u.GBq)


def test_doses_without_u_keep_the_best_estimate():
    per = {"Kidneys": Measured(value=0.5 / u.GBq, u=None, why_no_u="x")}
    delivered = {"Kidneys": Measured(value=3.0, u=None, why_no_u="x")}
    found = allowed_activity(per, (KIDNEYS,), delivered=delivered, cycle=7.4 * u.GBq)
    assert found.activity == pytest.approx(40 * u.GBq)
    assert not found.by_region["Kidneys"].known


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: OrganLimit(region="Kidneys", dose=0.023, source="s"), "Check the number and its unit"),
        (lambda: OrganLimit(region="Kidneys", dose=-23.0, source="s"), "limit of Kidneys is -23"),
        (lambda: checked_doses({"Kidneys": exact(0.5 / u.MBq)}, {}), "500 Gy/GBq"),
        (lambda: checked_doses({"Kidneys": exact(-0.5 / u.GBq)}, {}), "Gy/GBq"),
        (lambda: checked_doses({}, {"Kidneys": exact(-5.0)}), "dose delivered to Kidneys is -5"),
    ],
)
def test_slips_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
