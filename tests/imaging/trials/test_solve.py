"""Trials of a scanner that is nothing but noise of known size, whose least activity is known."""

from functools import cache

import numpy as np
import pytest

from hevesy.errors import InputError, ScopeError
from hevesy.imaging.phantoms import body_named, tracer_named
from hevesy.imaging.trials import Lesion, Target, Task, make_scene, run_trial

DURATION = 100.0
NOISE = 30.0  # of a voxel by its mean in the liver, times the root of MBq s


@cache
def scene(lesion):
    task = Task(lesion=Lesion(diameter=20, contrast=2) if lesion else None, factors=(1.0, 1.0, 1.0))
    return make_scene(body_named("adult-male"), tracer_named("fdg"), task, duration=DURATION, voxel=6.0, margin=6.0)


class WhiteScan:
    """Voxels of the true image with independent normal noise, variance NOISE^2 (1 + r A)/(A T) of the liver's square."""

    def __init__(self, *, lesion=True, randoms=0.0, structure=0.0):
        self.scene = scene(lesion)
        task = self.scene.task
        self.grid, self.randoms = self.scene.grid, randoms
        self.level = float(self.scene.activity.values[self.scene.weights(task.liver) > 0.5].mean())
        rng = np.random.default_rng(0)
        self.structure = 1 + structure * rng.normal(size=self.grid.shape)

    def image(self, activity, duration, *, lesion, draw=None):
        image = (self.scene.activity.values + (self.scene.lesion if lesion else 0)) * self.structure
        if draw is not None:
            sd = self.level * NOISE * np.sqrt((1 + self.randoms * activity) / (activity * duration))
            image = image + draw.normal(0, sd, image.shape)
        return image.astype(np.float32)

    def described(self):
        return {}


def solved(scan, kind, limit, **more):
    given = {"duration": DURATION, "reference": 100.0, "seed": 4, "realisations": 30} | more
    trial = run_trial(scan, [Target(kind=kind, limit=limit)], **given)
    return trial, trial.answers[0]


def test_a_variation_is_met_by_95_of_100_scans():
    scan = WhiteScan(lesion=False)
    _, found = solved(scan, "cov", 0.15)
    least, low, high = found.least_activity(DURATION)
    assert low < least < high
    mean = NOISE**2 / 0.15**2 / DURATION  # would be met by half of the scans
    assert mean < least < 2.2 * mean
    rng = np.random.default_rng(9)
    liver = scan.scene.weights(scan.scene.task.liver) >= 0.5
    met = 0
    for _ in range(200):
        values = scan.image(least, DURATION, lesion=False, draw=rng)[liver]
        met += values.std(ddof=1) / values.mean() <= 0.15
    assert abs(met / 200 - 0.95) < 0.07


def test_time_and_activity_are_the_same_without_randoms():
    _, found = solved(WhiteScan(lesion=False), "cov", 0.15, realisations=8)
    least = found.least_activity(DURATION)[0]
    assert found.shortest_time(least)[0] == pytest.approx(DURATION)
    assert found.least_activity(2 * DURATION)[0] == pytest.approx(least / 2)


def test_randoms_are_in_the_law():
    scan = WhiteScan(lesion=False, randoms=0.0015)
    _, found = solved(scan, "cov", 0.20)
    still = WhiteScan(lesion=False)
    _, other = solved(still, "cov", 0.20)
    assert found.x == pytest.approx(other.x, rel=0.15)
    assert found.least_activity(DURATION)[0] > 1.3 * other.least_activity(DURATION)[0]
    with pytest.raises(ScopeError, match="random coincidences"):
        found.least_activity(40.0)


def test_the_error_of_a_mean_follows_its_volume():
    trial, found = solved(WhiteScan(), "dose-error", 0.05)
    n = np.pi / 6 * 20**3 / 6**3  # voxels, nearly: those at the edge count by their share
    expected = (NOISE / 2) ** 2 / n / 0.05**2 / DURATION
    least, low, high = found.least_activity(DURATION)
    assert 0.55 * expected < least < 1.3 * expected
    assert low < least < high
    assert trial.images == 4 * 30 + 6


def test_recovery_asks_for_its_band():
    _, found = solved(WhiteScan(), "recovery", 0.2, realisations=8)
    _, error = solved(WhiteScan(), "dose-error", 0.2 / 1.959964, realisations=8)
    assert found.x == pytest.approx(error.x, rel=1e-6)


def test_the_observer_finds_the_lesion_and_says_its_bias():
    _, found = solved(WhiteScan(), "detectability", 0.9, realisations=12)
    assert found.x > 0
    assert "taken off" in found.remarks[0]
    areas = [level.value for level in found.curve]
    assert areas == sorted(areas, reverse=True)


def test_contrast_to_noise_falls_with_activity():
    _, found = solved(WhiteScan(), "cnr", 5.0, realisations=10)
    values = [level.value for level in found.curve]
    assert values == sorted(values, reverse=True)
    assert found.curve[0].met < found.curve[0].value


def test_what_no_activity_meets_is_refused_with_what_helps():
    with pytest.raises(ScopeError, match="A wider filter"):
        solved(WhiteScan(lesion=False, structure=0.2), "cov", 0.15)
    scan = WhiteScan()
    with pytest.raises(ScopeError, match="A larger lesion"):
        run_trial(scan, [Target(kind="recovery", limit=0.2, band=(0.1, 0.2))], duration=DURATION, reference=100.0, seed=1)
    with pytest.raises(InputError, match="Give a lesion"):
        run_trial(WhiteScan(lesion=False), [Target(kind="cnr", limit=5)], duration=DURATION, reference=100.0, seed=1)
    with pytest.raises(InputError, match="2 to 12 levels"):
        run_trial(scan, [Target(kind="cnr", limit=5)], duration=DURATION, reference=100.0, seed=1, levels=1)


def test_the_hardest_of_several_targets_binds_and_a_seed_repeats():
    targets = [Target(kind="cov", limit=0.10), Target(kind="dose-error", limit=0.2)]
    given = {"duration": DURATION, "reference": 100.0, "seed": 2, "realisations": 5, "levels": 2}
    one, two = (run_trial(WhiteScan(), targets, **given) for _ in range(2))
    assert one.binding(DURATION).target.kind == "cov"
    assert [a.x for a in one.answers] == [a.x for a in two.answers]


def test_a_target_far_from_the_hardest_gets_activities_of_its_own():
    targets = [Target(kind="cov", limit=0.05), Target(kind="dose-error", limit=0.2)]
    trial = run_trial(
        WhiteScan(), targets, duration=DURATION, reference=400.0, seed=3, realisations=6, levels=2
    )  # fmt: skip
    easy = trial.answers[1]
    found = easy.least_activity(DURATION)[0]
    simulated = [level.activity for level in easy.curve]
    assert 0.69 * min(simulated) <= found <= 1.45 * max(simulated)
    assert not any("outside" in text for text in easy.remarks)
    assert trial.levels > 2
    assert trial.images == trial.levels * 6 + 6


class ShiftedScan(WhiteScan):
    """Noise takes away from the lesion: by 600 / (A T) of what is there."""

    def image(self, activity, duration, *, lesion, draw=None):
        image = super().image(activity, duration, lesion=lesion, draw=draw)
        return image if draw is None else image * np.float32(1 - 600 / (activity * duration))


def test_a_shift_of_the_mean_is_part_of_its_error():
    _, plain = solved(WhiteScan(), "dose-error", 0.05, realisations=12)
    _, found = solved(ShiftedScan(), "dose-error", 0.05, realisations=12)
    assert found.least_activity(DURATION)[0] > 1.2 * plain.least_activity(DURATION)[0]
    assert "off its value without noise" in found.remarks[0]
