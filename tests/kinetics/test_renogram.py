import math

import numpy as np
import pytest

from hevesy import units as u
from hevesy.errors import DataError, InputError
from hevesy.kinetics.renogram import RESIDUAL_AT, Renogram, kidney_curve, split_by_area, split_by_patlak

STEP = 10.0
T = np.arange(STEP / 2, 1500, STEP)
FINE = np.arange(0, 1500, 0.5)
AREAS = (2.0, 1.5)
LEFT, RIGHT = 0.0030, 0.0020  # uptake per second and count of the heart


def blood(t):
    return 400 * (1.5 * np.exp(-t / 60) + np.exp(-t / 700))


def kidney(uptake, transit, emptying, t=T):
    """Blood folded with a kidney that keeps all for the transit time and then lets go of it."""
    retained = np.where(transit > FINE, 1.0, np.exp(-(FINE - transit) / emptying))
    return np.interp(t, FINE, uptake * np.convolve(blood(FINE), retained)[: FINE.size] * 0.5)


CURVES = np.array([kidney(LEFT, 180, 150), kidney(RIGHT, 240, 400)])


def study(rng=None, *, vascular=0.0, curves=CURVES, t=T, heart=True, scale=1.0):
    tissue = np.array([20 + 0.1 * blood(t), 25 + 0.08 * blood(t)])
    rates = curves + np.array(AREAS)[:, None] * tissue + vascular * blood(t)
    counts = [scale * STEP * x for x in (rates, tissue, blood(t))]
    if rng is not None:
        counts = [rng.poisson(x).astype(float) for x in counts]
    return Renogram(
        t=t,
        duration=np.full(t.size, STEP),
        kidneys=counts[0],
        backgrounds=counts[1],
        areas=AREAS,
        heart=counts[2] if heart else None,
    )


def test_shares_without_noise():
    exact = study()
    assert split_by_area(exact, 60, 120).value == pytest.approx(0.6, abs=1e-3)
    assert split_by_patlak(exact, 60, 150).value == pytest.approx(0.6, abs=2e-3)


def test_blood_in_the_kidneys_draws_the_areas_to_one_half_but_not_the_slopes():
    with_blood = study(vascular=0.15)
    assert split_by_area(with_blood, 60, 120).value < 0.58
    assert split_by_patlak(with_blood, 60, 150).value == pytest.approx(0.6, abs=3e-3)


def test_decay_falls_out_where_both_kidneys_are_measured_together():
    lam = math.log(2) / (6.0067 * u.h)
    fading = np.exp(-lam * T)
    measured = study(curves=CURVES)
    decayed = Renogram(
        t=T, duration=measured.duration, kidneys=measured.kidneys * fading, backgrounds=measured.backgrounds * fading,
        areas=AREAS, heart=measured.heart * fading,
    )  # fmt: skip
    assert split_by_area(decayed, 60, 120, decay_constant=lam).value == pytest.approx(0.6, abs=1e-3)
    corrected = kidney_curve(decayed, "left", seed=1, decay_constant=lam)
    plain = kidney_curve(measured, "left", seed=1)
    assert corrected.time_of_maximum.value == pytest.approx(plain.time_of_maximum.value, abs=1.0)
    assert corrected.residual.value == pytest.approx(plain.residual.value, rel=1e-3)


@pytest.mark.parametrize(("split", "stop"), [(split_by_area, 120), (split_by_patlak, 150)])
def test_the_interval_of_the_share_covers(split, stop):
    rng, truth = np.random.default_rng(2), split(study(), 60, stop).value
    found = [split(study(rng), 60, stop) for _ in range(400)]
    z = np.array([(one.value - truth) / one.u for one in found])
    assert abs(z.mean()) < 0.25
    assert np.mean(np.abs(z) < 1.96) == pytest.approx(0.95, abs=0.035)


def test_times_and_residuals_without_noise():
    exact = study(scale=1e4)
    fine = kidney(LEFT, 180, 150, FINE)
    top = int(np.argmax(fine))
    half = FINE[top + int(np.argmax(fine[top:] <= fine[top] / 2))] - FINE[top]
    found = kidney_curve(exact, "left", seed=1)
    # The smoothing rounds the sharp top of this kidney off and shifts it.
    assert found.time_of_maximum.value == pytest.approx(FINE[top], abs=10)
    assert found.half_time.value == pytest.approx(half, rel=0.06)
    at_end = float(np.interp(RESIDUAL_AT, FINE, fine))
    assert found.residual.value == pytest.approx(at_end / fine[top], rel=0.05)
    assert found.normalised_residual.value == pytest.approx(at_end / float(np.interp(120, FINE, fine)), rel=0.02)
    assert found.remarks == ()


def test_the_uncertainty_of_times_is_their_spread():
    rng, found = np.random.default_rng(4), []
    for _ in range(60):
        one = kidney_curve(study(rng), "left", seed=1)
        found.append([(x.value, x.u) for x in (one.time_of_maximum, one.half_time, one.residual, one.normalised_residual)])
    values, stated = np.moveaxis(np.array(found), 2, 0)
    # Repetitions of noisy counts are noisier than the counts: a maximum, which noise makes, spreads more.
    ratio = np.median(stated, axis=0) / values.std(axis=0, ddof=1)
    assert np.all((ratio > 0.7) & (ratio < 1.6)), ratio


def test_the_same_seed_gives_the_same():
    noisy = study(np.random.default_rng(9))
    one, two, other = (kidney_curve(noisy, "right", seed=seed) for seed in (1, 1, 2))
    assert one.time_of_maximum.u == two.time_of_maximum.u
    assert one.time_of_maximum.u != other.time_of_maximum.u


def test_a_kidney_that_does_not_empty():
    kept = study(curves=np.array([kidney(LEFT, 5000, 100), CURVES[1]]))
    found = kidney_curve(kept, "left", seed=1)
    assert found.half_time is None
    assert any("still rises" in text for text in found.remarks)
    assert any("no half-time" in text for text in found.remarks)


def test_a_study_that_ends_early():
    n = 90  # 15 min
    full = study()
    short = Renogram(
        t=T[:n], duration=full.duration[:n], kidneys=full.kidneys[:, :n], backgrounds=full.backgrounds[:, :n], areas=AREAS
    )
    found = kidney_curve(short, "left", seed=1)
    assert found.residual is None
    assert any("before 20" in text for text in found.remarks)
    with pytest.raises(InputError, match="heart"):
        split_by_patlak(short, 60, 120)


def build(**changes):
    given = {
        "t": T, "duration": np.full(T.size, STEP), "kidneys": np.full((2, T.size), 100.0),
        "backgrounds": np.full((2, T.size), 10.0), "areas": AREAS, "heart": np.full(T.size, 50.0),
    }  # fmt: skip
    return Renogram(**(given | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"t": T[::-1]}, "must increase"),
        ({"duration": np.zeros(T.size)}, "duration"),
        ({"kidneys": np.full((2, T.size), -1.0)}, "count of the kidney"),
        ({"heart": np.full(T.size, -1.0)}, "count of the heart"),
        ({"areas": (0.0, 1.0)}, "areas above 0"),
    ],
)
def test_studies_that_are_refused(changes, message):
    with pytest.raises((InputError, DataError), match=message):
        build(**changes)


def test_questions_that_are_refused():
    with pytest.raises(DataError, match="Are the times in seconds"):
        split_by_area(build(t=T / 60, duration=np.full(T.size, STEP / 60)), 60, 120)
    with pytest.raises(InputError, match="Its end"):
        split_by_area(build(), 120, 60)
    with pytest.raises(DataError, match="no uptake"):
        split_by_area(build(backgrounds=np.full((2, T.size), 900.0)), 60, 120)
    with pytest.raises(DataError, match="from the injection on"):
        split_by_patlak(build(t=T + 30), 60, 150)
    with pytest.raises(DataError, match="heart counts nothing"):
        split_by_patlak(build(heart=np.zeros(T.size)), 60, 150)
    with pytest.raises(InputError, match="left or right"):
        kidney_curve(build(), "middle", seed=1)
    with pytest.raises(DataError, match="no more than its background"):
        kidney_curve(build(backgrounds=np.full((2, T.size), 900.0)), "left", seed=1)
