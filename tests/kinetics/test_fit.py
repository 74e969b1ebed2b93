import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.kinetics import MODELS, fit
from hevesy.kinetics.models import values
from hevesy.model import TimeActivityCurve

N = 40  # noisy curves in the statistical test
LAMBDA = math.log(2) / (6.647 * u.d)
FOUR = np.array([4.0, 24.0, 72.0, 168.0]) * u.h
SEVEN = np.array([1.0, 4.0, 20.0, 48.0, 72.0, 120.0, 168.0]) * u.h


def curve(t, A, u_A=None, region="Kidneys"):
    return TimeActivityCurve(region=region, t=t, A=A, u=u_A)


def truth(model, t, **p):
    return values(MODELS[model], np.array([p[name] for name in MODELS[model].parameters]), t)


def half(hours):
    return math.log(2) / (hours * u.h)


MONO = {"A": 100 * u.MBq, "l1": half(50)}
UPTAKE = {"A": 120 * u.MBq, "l1": half(60), "l2": half(3)}
BI = {"A1": 50 * u.MBq, "l1": half(90), "A2": 80 * u.MBq, "l2": half(8)}


@settings(deadline=None, max_examples=20)
@given(
    A=st.floats(1e4, 1e10),
    effective=st.floats(2, 155),
    first=st.floats(0, 6),
)
def test_mono_is_recovered(A, effective, first):
    t = FOUR - FOUR[0] + first * u.h
    found = fit(curve(t, truth("mono", t, A=A, l1=half(effective))), decay_constant=LAMBDA, model="mono")
    assert found.parameters["A"] == pytest.approx(A, rel=1e-6)
    assert found.effective_half_life.value == pytest.approx(effective * u.h, rel=1e-6)
    assert found.time_integrated_activity.value == pytest.approx(A / half(effective), rel=1e-6)


@settings(deadline=None, max_examples=20)
@given(A=st.floats(1e4, 1e10), clearance=st.floats(20, 150), uptake=st.floats(1, 10))
def test_uptake_is_recovered(A, clearance, uptake):
    p = {"A": A, "l1": half(clearance), "l2": half(uptake)}
    found = fit(curve(SEVEN, truth("uptake", SEVEN, **p)), decay_constant=LAMBDA, model="uptake")
    assert found.well_posed, found.warnings
    assert [found.parameters[name] for name in p] == pytest.approx(list(p.values()), rel=1e-5)
    assert found.time_integrated_activity.value == pytest.approx(A / p["l1"] - A / p["l2"], rel=1e-6)


@settings(deadline=None, max_examples=20)
@given(A1=st.floats(1e6, 1e9), share=st.floats(0.3, 3), slow=st.floats(50, 150), fast=st.floats(2, 12))
def test_bi_is_recovered(A1, share, slow, fast):
    p = {"A1": A1, "l1": half(slow), "A2": share * A1, "l2": half(fast)}
    found = fit(curve(SEVEN, truth("bi", SEVEN, **p)), decay_constant=LAMBDA, model="bi")
    assert found.well_posed, found.warnings
    assert [found.parameters[name] for name in p] == pytest.approx(list(p.values()), rel=1e-4)
    assert found.time_integrated_activity.value == pytest.approx(A1 / p["l1"] + share * A1 / p["l2"], rel=1e-5)


@pytest.mark.parametrize(("model", "p"), [("mono", MONO), ("uptake", UPTAKE), ("bi", BI)])
@pytest.mark.parametrize("known", [True, False])
def test_auto_finds_the_model_that_made_the_points(model, p, known):
    A = truth(model, SEVEN, **p)
    found = fit(curve(SEVEN, A, 0.02 * A if known else None), decay_constant=LAMBDA)
    assert found.model == model
    assert found.well_posed
    assert found.scores


@settings(deadline=None, max_examples=15)
@given(
    noise=st.lists(st.floats(-0.4, 0.4), min_size=4, max_size=4),
    model=st.sampled_from(["auto", "mono", "uptake", "bi"]),
    effective=st.floats(20, 400),
    known=st.booleans(),
)
def test_no_rate_is_below_physical_decay(noise, model, effective, known):
    A = 1e8 * np.exp(-half(effective) * FOUR) * (1 + np.array(noise))
    found = fit(curve(FOUR, A, 0.1 * A if known else None), decay_constant=LAMBDA, model=model)
    assert np.all(found.rates >= LAMBDA * (1 - 1e-12))
    assert found.effective_half_life.value <= 6.647 * u.d * (1 + 1e-12)
    assert found.time_integrated_activity.value > 0
    assert (found.time_integrated_activity.u is not None) == (found.covariance is not None)


@settings(deadline=None, max_examples=10)
@given(
    noise=st.lists(st.floats(-0.05, 0.05), min_size=7, max_size=7),
    factor=st.floats(1e-6, 1e6),
    model=st.sampled_from(["mono", "uptake", "bi"]),
    known=st.booleans(),
)
def test_linear_in_activity(noise, factor, model, known):
    A = truth(model, SEVEN, **{"mono": MONO, "uptake": UPTAKE, "bi": BI}[model]) * (1 + np.array(noise))
    one = fit(curve(SEVEN, A, 0.03 * A if known else None), decay_constant=LAMBDA, model=model)
    many = fit(curve(SEVEN, factor * A, 0.03 * factor * A if known else None), decay_constant=LAMBDA, model=model)
    ratio = many.time_integrated_activity.value / one.time_integrated_activity.value
    assert ratio == pytest.approx(factor, rel=1e-6)
    assert many.effective_half_life.value == pytest.approx(one.effective_half_life.value, rel=1e-5)
    assert many.well_posed == one.well_posed


@settings(deadline=None, max_examples=10)
@given(
    noise=st.lists(st.floats(-0.05, 0.05), min_size=7, max_size=7),
    factor=st.floats(1e-3, 1e3),
    model=st.sampled_from(["auto", "mono", "uptake", "bi"]),
)
def test_the_unit_of_time_does_not_matter(noise, factor, model):
    A = truth("uptake", SEVEN, **UPTAKE) * (1 + np.array(noise))
    one = fit(curve(SEVEN, A, 0.03 * A), decay_constant=LAMBDA, model=model)
    other = fit(curve(factor * SEVEN, A, 0.03 * A), decay_constant=LAMBDA / factor, model=model)
    assert other.model == one.model
    ratio = other.time_integrated_activity.value / one.time_integrated_activity.value
    assert ratio == pytest.approx(factor, rel=1e-6)


def test_uncertainty_of_mono_is_that_of_a_straight_line_in_the_logarithm():
    """For small relative u, ln A is a straight line with u(ln A) = u/A; its normal equations judge."""
    relative = 1e-4
    A = truth("mono", FOUR, **MONO)
    found = fit(curve(FOUR, A, relative * A), decay_constant=LAMBDA, model="mono")
    design = np.stack([np.ones(4), -FOUR], axis=1) / relative
    C = np.linalg.inv(design.T @ design)
    gradient = np.array([1.0, -1 / MONO["l1"]])  # d ln(A/l1) / d(ln A, l1)
    expected = math.sqrt(gradient @ C @ gradient)
    assert found.time_integrated_activity.relative == pytest.approx(expected, rel=1e-6)
    assert found.effective_half_life.relative == pytest.approx(math.sqrt(C[1, 1]) / MONO["l1"], rel=1e-6)


@pytest.mark.parametrize(("model", "p"), [("mono", MONO), ("uptake", UPTAKE), ("bi", BI)])
def test_u_covers_the_truth_as_often_as_it_should(model, p):
    """Noisy curves: the z-scores of the integral have zero mean and unit variance, within 4 sigma."""
    from hevesy.rng import stream

    A = truth(model, SEVEN, **p)
    to_amplitudes, to_rates = MODELS[model].to_amplitudes, MODELS[model].to_rates
    amplitudes, rates = (matrix @ np.array(list(p.values())) for matrix in (to_amplitudes, to_rates))
    true = np.sum(amplitudes / rates)
    random, scores = stream(7, 0), []
    for _ in range(N):
        noisy = A * (1 + 0.01 * random.standard_normal(A.size))
        found = fit(curve(SEVEN, noisy, 0.01 * A), decay_constant=LAMBDA, model=model)
        assert found.well_posed
        birge = max(1.0, found.chi2 / found.degrees_of_freedom) ** 0.5
        tia = found.time_integrated_activity
        scores.append((tia.value - true) / tia.u * birge)
    assert np.std(scores) == pytest.approx(1, abs=4 / math.sqrt(2 * N))
    assert abs(np.mean(scores)) < 4 / math.sqrt(N)


def test_scatter_beyond_u_enlarges_it():
    A = truth("mono", SEVEN, **MONO) * np.array([1.1, 0.9, 1.1, 0.9, 1.1, 0.9, 1.1])
    strict = fit(curve(SEVEN, A, 0.01 * A), decay_constant=LAMBDA, model="mono")
    loose = fit(curve(SEVEN, A, 0.02 * A), decay_constant=LAMBDA, model="mono")
    assert strict.time_integrated_activity.u == pytest.approx(loose.time_integrated_activity.u, rel=1e-6)
    assert any("u was enlarged" in text and "do not hold" in text for text in strict.warnings)


def test_one_scan_is_ill_posed():
    found = fit(curve([24 * u.h], [50 * u.MBq], [1 * u.MBq]), decay_constant=LAMBDA)
    assert not found.well_posed
    assert found.effective_half_life.value == pytest.approx(6.647 * u.d)
    assert found.time_integrated_activity.value == pytest.approx(50e6 * math.exp(LAMBDA * 24 * u.h) / LAMBDA)
    assert found.time_integrated_activity.u is None
    assert "one scan" in found.warnings[0]


def test_two_scans_give_mono_and_say_what_they_leave_open():
    t = np.array([3.74, 27.73]) * u.h
    found = fit(curve(t, truth("mono", t, **MONO)), decay_constant=LAMBDA)
    assert found.model == "mono"
    assert found.time_integrated_activity.u is None
    assert "as many parameters as points" in found.time_integrated_activity.why_no_u
    assert any("after the last scan" in text for text in found.warnings)
    known = fit(curve(t, truth("mono", t, **MONO), [1e6, 1e6]), decay_constant=LAMBDA)
    assert known.time_integrated_activity.u > 0


def test_a_curve_that_does_not_clear_is_held_at_physical_decay():
    A = np.array([50.0, 52.0, 55.0, 60.0]) * u.MBq
    found = fit(curve(FOUR, A, 0.02 * A), decay_constant=LAMBDA, model="mono")
    assert found.parameters["l1"] == pytest.approx(LAMBDA, rel=1e-12)
    assert found.effective_half_life.u is None
    assert any("held at physical decay" in text for text in found.warnings)


def test_wash_out_under_the_uptake_model_runs_away_and_says_so():
    A = truth("bi", SEVEN, **BI)
    found = fit(curve(SEVEN, A), decay_constant=LAMBDA, model="uptake")
    assert not found.well_posed
    assert "runs away" in found.warnings[0]
    assert found.time_integrated_activity.u is None


def test_one_exponential_under_the_bi_model_says_so():
    found = fit(curve(SEVEN, truth("mono", SEVEN, **MONO)), decay_constant=LAMBDA, model="bi")
    assert not found.well_posed
    assert found.time_integrated_activity.value == pytest.approx(MONO["A"] / MONO["l1"], rel=1e-6)


def test_a_fast_phase_that_only_the_first_scan_sees_is_ill_posed():
    p = BI | {"l2": half(1.5)}
    t = np.array([2.0, 24.0, 48.0, 72.0, 120.0]) * u.h
    found = fit(curve(t, truth("bi", t, **p)), decay_constant=LAMBDA, model="bi")
    assert not found.well_posed
    assert "fast rate runs away" in found.warnings[0]


def test_an_uncertainty_of_half_the_integral_is_ill_posed():
    A = truth("mono", FOUR, **MONO)
    found = fit(curve(FOUR, A, 2 * A), decay_constant=LAMBDA, model="mono")
    assert not found.well_posed
    assert any("standard uncertainty of the integral" in text for text in found.warnings)


class TestFourPoints:
    """Four points have an AICc for mono alone, and only where u is known."""

    def test_a_good_mono_stays(self):
        A = truth("mono", FOUR, **MONO)
        found = fit(curve(FOUR, A, 0.05 * A), decay_constant=LAMBDA)
        assert (found.model, found.warnings, list(found.scores)) == ("mono", (), ["mono"])

    def test_visible_uptake_with_known_u(self):
        A = truth("uptake", FOUR, **UPTAKE | {"l2": half(8)})
        found = fit(curve(FOUR, A, 0.03 * A), decay_constant=LAMBDA)
        assert (found.model, found.well_posed) == ("uptake", True)
        assert any("without an AICc" in text and "chi2" in text for text in found.warnings)

    def test_visible_uptake_with_unknown_u(self):
        A = truth("uptake", FOUR, **UPTAKE | {"l2": half(8)})
        found = fit(curve(FOUR, A), decay_constant=LAMBDA)
        assert found.model == "uptake"
        assert any("rises" in text for text in found.warnings)

    def test_two_phases_with_known_u(self):
        A = truth("bi", FOUR, **BI)
        found = fit(curve(FOUR, A, 0.02 * A), decay_constant=LAMBDA)
        assert found.model == "bi"
        assert any("nothing tests" in text for text in found.warnings)
        assert found.time_integrated_activity.u > 0

    def test_two_phases_with_unknown_u_stay_mono_and_say_so(self):
        found = fit(curve(FOUR, truth("bi", FOUR, **BI)), decay_constant=LAMBDA)
        assert found.model == "mono"
        assert any("too few to compare" in text for text in found.warnings)
        assert any("misses the points" in text for text in found.warnings)


def test_three_points_that_rise_are_exactly_determined():
    t = np.array([4.0, 24.0, 96.0]) * u.h
    A = np.array([10.0, 15.0, 8.0]) * u.MBq
    found = fit(curve(t, A), decay_constant=LAMBDA)
    assert found.model == "uptake"
    assert found.time_integrated_activity.u is None
    assert any("nothing tests" in text for text in found.warnings)


def test_five_points_of_two_phases_with_known_u():
    t = np.array([1.0, 4.0, 24.0, 72.0, 168.0]) * u.h
    A = truth("bi", t, **BI)
    found = fit(curve(t, A, 0.03 * A), decay_constant=LAMBDA)
    assert (found.model, found.well_posed) == ("bi", True)


def test_a_scan_at_zero_time():
    t = np.array([0.0, 4.0, 24.0, 72.0, 168.0]) * u.h
    A = truth("uptake", t, **UPTAKE)
    found = fit(curve(t, A), decay_constant=LAMBDA, model="uptake")
    assert found.well_posed
    assert found.parameters["l2"] == pytest.approx(UPTAKE["l2"], rel=1e-5)


def test_a_negative_activity_is_noise_and_allowed():
    A = np.array([50.0, 20.0, 1.0, -0.5]) * u.MBq
    assert fit(curve(FOUR, A), decay_constant=LAMBDA, model="mono").time_integrated_activity.value > 0


@pytest.mark.parametrize(
    ("t", "A", "model", "message"),
    [
        (FOUR[:2], [1e6, 1e5], "uptake", "3 parameters and there are 2 points.*mono"),
        (FOUR[:3], [3e6, 2e6, 1e6], "bi", "4 parameters and there are 3 points"),
        (FOUR[:1], [1e6], "uptake", "3 parameters and there are 1 points"),
        (FOUR, [1e6, 1e6, 1e6, 1e6], "three", "unknown.*auto, mono, uptake, bi"),
        (FOUR, [0, 0, 0, 0], "auto", "more than zero"),
        (FOUR, [1e6, 0, -2e6, 0], "mono", "more than zero"),
    ],
)
def test_what_cannot_be_fitted_is_refused(t, A, model, message):
    with pytest.raises(InputError, match=message):
        fit(curve(t, A), decay_constant=LAMBDA, model=model)


@pytest.mark.parametrize("decay_constant", [0.0, -1.0, float("nan"), float("inf")])
def test_a_nuclide_decays(decay_constant):
    with pytest.raises(InputError, match="above zero"):
        fit(curve(FOUR, [4e6, 3e6, 2e6, 1e6]), decay_constant=decay_constant)


def test_rising_points_without_clearance_are_ill_posed_but_keep_their_u() -> None:
    """Two scans in the first day after Lu-177, the second higher: nothing tells how the lesion will clear."""
    curve = TimeActivityCurve(
        region="lesion", t=np.array([3.74, 27.73]) * u.h, A=np.array([120.2, 138.2]) * u.MBq, u=np.array([3.6, 4.1]) * u.MBq
    )
    found = fit(curve, decay_constant=math.log(2) / (6.647 * u.d))
    assert not found.well_posed
    assert any("upper bound" in text for text in found.warnings)
    assert found.time_integrated_activity.u is not None


@settings(deadline=None, max_examples=10)
@given(
    noise=st.lists(st.floats(-0.05, 0.05), min_size=7, max_size=7),
    model=st.sampled_from(["mono", "uptake", "bi"]),
    hours=st.floats(6, 150),
)
def test_a_point_on_the_curve_changes_nothing(noise, model, hours):
    """A further scan that the fitted curve meets exactly is no news of the parameters."""
    from hevesy.kinetics import evaluate

    A = truth(model, SEVEN, **{"mono": MONO, "uptake": UPTAKE, "bi": BI}[model]) * (1 + np.array(noise))
    one = fit(curve(SEVEN, A, 0.05 * A), decay_constant=LAMBDA, model=model)
    t = np.sort(np.append(SEVEN, hours * u.h + 1.0))
    met = np.isin(t, SEVEN, invert=True)
    more = np.empty(8)
    more[~met], more[met] = A, evaluate(one, t[met])
    other = fit(curve(t, more, 0.05 * more), decay_constant=LAMBDA, model=model)
    assert other.time_integrated_activity.value == pytest.approx(one.time_integrated_activity.value, rel=1e-5)
    if one.well_posed and one.time_integrated_activity.u and one.chi2 < one.degrees_of_freedom:
        assert other.time_integrated_activity.u <= one.time_integrated_activity.u * (1 + 1e-4)
