"""Clearance, contaminants and tanks."""

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy import units as u
from hevesy.errors import InputError, ScopeError
from hevesy.nuclides import load_nuclide
from hevesy.protection.waste import (
    Content,
    exemption,
    fraction,
    free_after,
    level_of,
    outliving,
    short_lived,
    tank_plan,
    with_contaminant,
)

DAY = date(2026, 1, 1)


@given(st.floats(1, 1e5), st.floats(0.1, 50))
def test_one_nuclide_waits_the_logarithm(activity_MBq, mass):
    held = (Content(nuclide="I-131", activity=activity_MBq * u.MBq),)
    lam = load_nuclide("I-131").decay_constant
    expected = max(0.0, math.log(activity_MBq * 1e6 / (mass * 1e3 * 10)) / lam)
    assert free_after(held, (10.0,), mass=mass) == pytest.approx(expected, abs=2)


def test_a_long_lived_contaminant_decides():
    clean = (Content(nuclide="Lu-177", activity=100 * u.MBq),)
    dirty = with_contaminant(clean[0], "Lu-177m", 0.003)
    pure = free_after(clean, (100.0,), mass=1)
    assert free_after(dirty, (100.0, 10.0), mass=1) > 5 * pure
    assert fraction(dirty, (100.0, 10.0), mass=1, t=free_after(dirty, (100.0, 10.0), mass=1)) == pytest.approx(1, rel=1e-5)


def test_an_uncertain_activity_waits_longer():
    held = (Content(nuclide="I-131", activity=u.GBq, u=0.2),)
    extra = free_after(held, (10.0,), mass=1, safe=True) - free_after(held, (10.0,), mass=1)
    assert extra == pytest.approx(math.log(1.329) / load_nuclide("I-131").decay_constant, rel=1e-3)


def test_levels_are_found_or_refused():
    assert level_of("Lu-177", "clearance", scheme="annex-vii", on=DAY).number("value") == 100
    assert level_of("Lu-177m", "sewer", scheme="annex-vii", on=DAY).number("value") == 50
    with pytest.raises(InputError, match="Did you mean rp-122"):
        level_of("I-131", "clearance", scheme="rp122", on=DAY)
    with pytest.raises(ScopeError, match="no clearance level"):
        level_of("Xe-133", "clearance", scheme="annex-vii", on=DAY)
    with pytest.raises(InputError, match="Weigh"):
        free_after((Content(nuclide="I-131", activity=1e6),), (10.0,), mass=0)
    with pytest.raises(InputError, match="between 0 and 1"):
        with_contaminant(Content(nuclide="Lu-177", activity=1e6), "Lu-177m", 2)


def test_a_tank_in_a_steady_state():
    lam = load_nuclide("I-131").decay_constant
    plan = tank_plan("I-131", inflow=1e3, flow=1e-5, volume=1e3, limit=1e3)
    assert plan.activity == pytest.approx(1e3 / lam, rel=1e-3)  # filled for years: as much decays as flows in
    assert plan.concentration * math.exp(-lam * plan.decay) == pytest.approx(1e3)
    assert plan.discharged == pytest.approx(1e6)
    assert plan.tanks == 2
    with pytest.raises(InputError, match="above zero"):
        tank_plan("I-131", inflow=0, flow=1, volume=1, limit=1)


def test_daughters_that_stay_are_known():
    (technetium,) = outliving("Mo-99")
    assert technetium.nuclide == "Tc-99"
    # every Mo-99 becomes a Tc-99: by hand 2.7475 d / 2.111e5 a
    assert technetium.share == pytest.approx(2.7475 / (2.111e5 * 365.2422), rel=1e-3)
    (xenon,) = outliving("I-131")
    A = 1e9 * xenon.share * math.exp(-load_nuclide("Xe-131m").decay_constant * 60 * u.d)
    lam = [load_nuclide(name).decay_constant for name in ("I-131", "Xe-131m")]
    true = 1e9 * 0.01176 * lam[1] / (lam[1] - lam[0]) * (math.exp(-lam[0] * 60 * u.d) - math.exp(-lam[1] * 60 * u.d))
    assert true < A < 1.3 * true
    assert short_lived("Ra-223")[-1] == "Po-211"
    assert short_lived("Sr-82") == ("Rb-82",)
    assert short_lived("F-18") == outliving("F-18") == ()


def test_exempt_by_activity_or_by_concentration():
    held = (Content(nuclide="I-131", activity=2e6),)
    found = exemption(held, mass=1.0, t=0.0, on=DAY)
    assert found.activity == pytest.approx(2)
    assert found.concentration == pytest.approx(2e6 / 1e3 / 1e2)
    assert not found.exempt
    assert exemption(held, mass=100.0, t=0.0, on=DAY).exempt  # 20 Bq/g of 100
    assert exemption(held, mass=1.0, t=load_nuclide("I-131").half_life, on=DAY).activity == pytest.approx(1)
    assert exemption((Content(nuclide="Co-60", activity=1.0),), mass=1.0, t=0.0, on=DAY) is None


def test_levels_of_the_sewer():
    row = level_of("Lu-177m", "sewer", scheme="strlschv", on=DAY)
    assert (row.number("value"), row["unit"], row.verified) == (5e4, "Bq/m3", True)
    with pytest.raises(InputError, match="annex-vii, rp-122"):
        level_of("I-131", "clearance", scheme="strlschv", on=DAY)
