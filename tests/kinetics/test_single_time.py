"""One scan: formulas, windows, and an uncertainty that covers simulated patients."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy import units as un
from hevesy.errors import InputError, ScopeError
from hevesy.kinetics.single_time import (
    METHODS,
    WINDOWS,
    HalfLives,
    error_quantiles,
    estimate_over_truth,
    method_named,
    own_half_life,
    scale,
    single_scan,
)
from hevesy.model import Measured

LAM = 1.2069409977488195e-06


def half_lives(mean=50.0, variation=0.2):
    return HalfLives(mean=mean * un.h, variation=variation, decay_constant=LAM)


def scan(method="population", hours=72.0, u=0.05, **of):
    reading = Measured(value=80 * un.MBq, u=None if u is None else u * 80 * un.MBq, why_no_u="" if u else "not known")
    return single_scan(method=method, t=hours * un.h, activity=reading, half_lives=half_lives(**of), region="Kidney_Left")


@pytest.mark.parametrize("name", ["haenscheid", "Hänscheid", "HANSCHEID", "Haenscheid", "Ha\u0308nscheid"])
def test_haenscheid_is_heard_however_it_is_written(name):
    assert method_named(name) == "haenscheid"


def test_an_unknown_method_is_refused():
    with pytest.raises(InputError, match=r"'doubtful' is unknown. Choose haenscheid, madsen"):
        method_named("doubtful")


@given(
    mean=st.floats(5, 150),
    x=st.floats(0.4, 3.9),
    method=st.sampled_from(["population", "own"]),
)
def test_a_patient_like_the_mean_is_met(mean, x, method):
    ratio = estimate_over_truth(method=method, t=x * mean * un.h, half_life=mean * un.h, half_lives=half_lives(mean=mean))
    assert ratio == pytest.approx(1.0, rel=1e-12)


@settings(deadline=None, max_examples=30)
@given(method=st.sampled_from(METHODS), A=st.floats(1e-3, 1e4))
def test_linear_in_the_activity(method, A):
    def found(value):
        return single_scan(method=method, t=72 * un.h, activity=Measured(value=value, u=0.1 * value), half_lives=half_lives())

    one, many = found(un.MBq), found(A * un.MBq)
    assert many.time_integrated_activity.value == pytest.approx(A * one.time_integrated_activity.value)
    assert many.time_integrated_activity.relative == pytest.approx(one.time_integrated_activity.relative)
    assert many.interval_95 == pytest.approx([A * bound for bound in one.interval_95])


def test_madsen_takes_the_mean_rate():
    T = half_lives().quantiles()
    k = np.mean(np.log(2) / T)
    assert scale(method="madsen", t=3600.0, half_lives=half_lives()) == pytest.approx(math.exp(k * 3600) / k)
    assert k > math.log(2) / (50 * un.h)


def test_half_lives_have_the_mean_and_spread_that_were_given():
    T = half_lives(mean=40, variation=0.2).quantiles(20001)
    assert np.mean(T) == pytest.approx(40 * un.h, rel=1e-3)
    assert np.std(T) / np.mean(T) == pytest.approx(0.2, rel=5e-3)


def test_no_half_life_is_above_the_physical_one():
    wide = half_lives(mean=140, variation=0.3)
    assert wide.quantiles().max() <= math.log(2) / LAM
    assert wide.beyond_decay > 0.05
    assert any("above the physical one" in w for w in scan(hours=150, mean=140, variation=0.3).warnings)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("hours", [40.0, 72.0, 110.0])
def test_interval_covers_simulated_patients(method, hours):
    """95 % interval: 92 to 98 % of patients with half-lives from the population and readings with their error."""
    rng = np.random.default_rng(11)
    n, variation, reading, t = 3000, 0.2, 0.07, hours * un.h
    s = math.sqrt(math.log1p(variation**2))
    T = 50 * un.h * np.exp(s * rng.normal(size=n) - s * s / 2)
    T = T[math.log(2) / LAM > T]
    measured = np.exp2(-t / T) * np.exp(math.sqrt(math.log1p(reading**2)) * rng.normal(size=T.size))
    # The interval grows with the reading in proportion (tested above), so that of one Bq serves all.
    found = single_scan(method=method, t=t, activity=Measured(value=1.0, u=reading), half_lives=half_lives(variation=variation))
    low, high = found.interval_95
    true = T / math.log(2)
    assert 0.92 <= np.mean((low * measured <= true) & (true <= high * measured)) <= 0.98


def test_u_holds_bias_spread_and_reading():
    found = scan(method="haenscheid", hours=60)
    relative = found.time_integrated_activity.relative
    assert relative == pytest.approx(math.sqrt(math.log1p(found.bias) ** 2 + found.spread**2 + 0.05**2))
    assert scan(method="haenscheid", hours=60, u=0.2).time_integrated_activity.u > found.time_integrated_activity.u


def test_patients_alike_leave_the_reading_alone():
    found = scan(variation=0.0)
    assert found.time_integrated_activity.relative == pytest.approx(0.05)
    assert found.spread == pytest.approx(0.0, abs=1e-9)
    assert "known exactly" in " ".join(found.warnings)


def test_spread_is_least_where_the_half_life_does_not_matter():
    spreads = [scan(hours=h).spread for h in (30, 50, 72, 100, 140)]
    assert min(spreads) == spreads[2]


@pytest.mark.parametrize("method", METHODS)
def test_windows(method):
    window = WINDOWS[method]
    assert window.refused[0] < window.stated[0] < window.stated[1] < window.refused[1]
    inside = scan(method=method, hours=50 * 1.4)
    assert inside.inside
    assert not inside.warnings
    outside = scan(method=method, hours=50 * 0.5 * (window.stated[1] + window.refused[1]))
    assert not outside.inside
    assert "outside the window" in outside.warnings[0]
    for x in (0.9 * window.refused[0], 1.1 * window.refused[1]):
        with pytest.raises(ScopeError, match=r"Kidney_Left: a scan at .* is refused outside"):
            scan(method=method, hours=50 * x)


def test_limits_of_the_windows_are_what_they_are_said_to_be():
    x = np.array([*WINDOWS["haenscheid"].stated, *WINDOWS["haenscheid"].refused])
    ratio = estimate_over_truth(method="haenscheid", t=x, half_life=1.0, half_lives=half_lives())
    assert ratio == pytest.approx([0.8919, 0.8839, 0.5, 0.5], abs=1e-4)
    for x, slope in zip((*WINDOWS["own"].stated, WINDOWS["own"].refused[1]), (0.5, -0.5, -2.0), strict=True):
        near = [
            np.log(scale(method="own", t=x * 50 * un.h, half_lives=half_lives(mean=50 * f))) / 2e-4 for f in (1 - 1e-4, 1 + 1e-4)
        ]
        assert near[1] - near[0] == pytest.approx(slope, abs=1e-3)


def test_own_half_life_adds_its_uncertainty_and_the_change_between_cycles():
    own = own_half_life(half_life=50 * un.h, u=3 * un.h, change=0.08, decay_constant=LAM)
    assert own.variation == pytest.approx(0.1)
    with pytest.raises(InputError, match="zero or more"):
        own_half_life(half_life=50 * un.h, u=-1.0, change=0.1, decay_constant=LAM)


def test_errors_are_skewed_to_underestimates():
    low, high = error_quantiles(method="population", t=72 * un.h, half_lives=half_lives(), shares=[0.025, 0.975])
    assert low < -0.05
    assert high < 0.01


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"mean": 200.0}, "longer than the physical one of 159.5 h"),
        ({"mean": 0.0}, "must be above zero"),
        ({"variation": 20.0}, "allowed is 0 to 200 %"),
    ],
)
def test_half_lives_that_cannot_be_are_refused(given, said):
    with pytest.raises(InputError, match=said):
        half_lives(**given)


def test_no_activity_and_no_uncertainty():
    with pytest.raises(InputError, match=r"Kidney_Left: the activity is -1 MBq"):
        single_scan(method="own", t=1e5, activity=Measured(value=-1e6, u=1.0), half_lives=half_lives(), region="Kidney_Left")
    assert "no uncertainty" in scan(u=None).warnings[0]
