"""Complication: what each model must give at its own parameters."""

import pytest

from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.radiobiology import Complication, complication_probability, complications


def parameters(**changed):
    given = {
        "tissue": "own", "endpoint": "any", "model": "probit", "n": 1.0, "td50": Measured(value=40.0, u=None, why_no_u="none"),
        "slope": Measured(value=0.2, u=None, why_no_u="none"), "source": "own", "how": "given",
    }  # fmt: skip
    return Complication(**(given | changed))


def at(dose, u=0.0, **changed):
    return complication_probability(Measured(value=dose, u=u), parameters(**changed))


@pytest.mark.parametrize("model", ["probit", "logistic"])
def test_half_at_td50_and_more_with_more(model):
    assert at(40.0, model=model).value == pytest.approx(0.5)
    values = [at(D, model=model).value for D in (0, 10, 30, 60, 200)]
    assert values == sorted(values)


def test_the_slope_of_the_logistic_is_gamma_50():
    """gamma_50 = TD50 dNTCP/dD at TD50."""
    slope = Measured(value=0.969, u=0.0)
    rise = at(40.01, model="logistic", slope=slope).value - at(39.99, model="logistic", slope=slope).value
    assert 40 * rise / 0.02 == pytest.approx(0.969, rel=1e-4)


def test_one_m_below_is_a_standard_deviation():
    assert at(32.0).value == pytest.approx(0.15865525)


def test_the_interval_grows_with_each_u_and_stays_a_probability():
    plain = at(30.0, u=2.0)
    more = at(30.0, u=2.0, td50=Measured(value=40.0, u=3.0), slope=Measured(value=0.2, u=0.05))
    assert 0 <= more.low < plain.low < plain.value < plain.high < more.high <= 1
    nothing = at(30.0)
    assert nothing.low == nothing.value == nothing.high


def test_a_published_interval_becomes_a_u():
    marks = next(each for each in complications("lung") if each.model == "logistic")
    assert marks.td50.u == pytest.approx((33.9 - 28.7) / 3.92, rel=1e-3)


def test_the_logistic_of_the_lung_agrees_with_the_coefficients_printed_beside_it():
    """b0 = -3.87, b1 = 0.126 /Gy: TD50 = -b0/b1, gamma_50 = -b0/4."""
    marks = next(each for each in complications("lung") if each.model == "logistic")
    assert marks.td50.value == pytest.approx(3.87 / 0.126, rel=5e-3)
    assert marks.slope.value == pytest.approx(3.87 / 4, rel=5e-3)


@pytest.mark.parametrize(("changed", "said"), [({"model": "cubic"}, "allowed: probit"), ({"n": 0.0}, "n is 0")])
def test_refusals(changed, said):
    with pytest.raises(InputError, match=said):
        parameters(**changed)


def test_a_dose_below_zero_is_refused():
    with pytest.raises(InputError, match="gEUD is -1"):
        at(-1.0)
