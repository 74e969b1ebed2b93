import math

import numpy as np
import pytest

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.protocols.chance import chance_above
from hevesy.protocols.first_order import exact
from hevesy.protocols.i131_thyroid_cancer import largest_activity
from hevesy.rng import stream

BLOOD_DOSE = Measured(value=0.1 / u.GBq, u=0.01 / u.GBq)


def find(**other):
    return largest_activity(**({"blood_dose_per_activity": BLOOD_DOSE, "lung_metastases": False} | other))


def test_blood_alone():
    found = find(exceed=0.5)
    assert found.activity.value == pytest.approx(20 * u.GBq)
    assert found.activity.relative == pytest.approx(0.1)
    assert found.rule == "limit of blood, 2 Gy"
    assert found.blood_dose.value == pytest.approx(2.0)


@pytest.mark.parametrize("exceed", [0.01, 0.05, 0.2])
def test_chance_by_monte_carlo(exceed):
    """20 GBq / exp(1.645 s) at 5 %; drawn doses per activity pass 2 Gy with the chance that was asked for."""
    found = find(exceed=exceed)
    s, n = math.sqrt(math.log1p(0.01)), 200_000
    drawn = found.activity.value * 0.1 / u.GBq * np.exp(s * stream(3, 0).standard_normal(n))
    assert abs(np.mean(drawn > 2.0) - exceed) / math.sqrt(exceed * (1 - exceed) / n) < 4
    assert found.activity.u is None
    assert found.best.value == pytest.approx(20 * u.GBq)
    assert chance_above(found.blood_dose, 2.0) == pytest.approx(exceed)


def test_retention_rules_where_it_is_smaller():
    found = find(retained=Measured(value=0.4, u=0.02), exceed=0.5)
    assert found.activity.value == pytest.approx(11.1 * u.GBq)
    assert found.activity.relative == pytest.approx(0.05, rel=1e-3)
    assert "4.44 GBq" in found.rule
    assert found.blood_dose.value == pytest.approx(1.11)
    lungs = find(retained=exact(0.4), lung_metastases=True)
    assert lungs.activity.value == pytest.approx(7.4 * u.GBq)
    assert "2.96 GBq" in lungs.rule


def test_another_limit():
    assert find(blood_limit=1.0, exceed=0.5).activity.value == pytest.approx(10 * u.GBq)


def test_what_is_refused():
    with pytest.raises(InputError, match="Check its unit"):
        find(blood_dose_per_activity=exact(0.1))
    with pytest.raises(InputError, match="to 100 %"):
        find(retained=exact(20.0))
    with pytest.raises(InputError, match="limit of the blood is 0"):
        find(blood_limit=0.0)


def test_either_limit_is_held():
    found = find(retained=Measured(value=0.2, u=0.05))
    blood, body = found.candidates.values()
    assert found.activity.value == pytest.approx(min(blood.activity, body.activity))
    assert chance_above(found.retained, 4.44 * u.GBq) == pytest.approx(0.05)
    assert "at 48 h" in found.rule
