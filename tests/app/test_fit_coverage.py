"""Intervals as ``hevesy fit`` prints them, calibration, drift and average included, against how often they hold the truth.

Each region of the table is a patient of his own, with his own calibration and drifts; one run fits them all.
"""

import math

import numpy as np
import pytest

from hevesy.app.fit import Asked, fit_table
from hevesy.kinetics.models import MODELS, values
from hevesy.rng import stream

N = 120
FOUR_SIGMA = 4 * math.sqrt(0.05 * 0.95 / N)
SCANS = {4: [4.0, 24.0, 72.0, 150.0], 8: [0.5, 2.0, 5.0, 10.0, 24.0, 48.0, 96.0, 160.0]}  # h
TRUTH = {
    "mono": np.array([100.0, math.log(2) / 50]),
    "bi": np.array([50.0, math.log(2) / 90, 80.0, math.log(2) / 8]),
}  # MBq, 1/h


def table(path, name, n, *, noise, calibration=0.0, scan=0.0, given=True, seed=0):
    """N patients; the u of the table is that of the points alone, and left out where not ``given``."""
    random, t = stream(71, seed), np.array(SCANS[n])
    true = values(MODELS[name], TRUTH[name], t)
    lines = ["region,time_h,activity_MBq" + (",u_MBq" if given else "")]
    for patient in range(N):
        common = (1 + calibration * random.standard_normal()) * (1 + scan * random.standard_normal(n))
        u = noise * true if given else np.full(n, noise * true.mean())
        for hour, A, u_A in zip(t, true * common + u * random.standard_normal(n), u, strict=True):
            lines.append(f"P{patient},{hour},{A:.8g}" + (f",{u_A:.8g}" if given else ""))
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def share(found, truth, key):
    """Of the regions whose interval holds the truth."""
    intervals = [key(region) for region in found["regions"].values()]
    return np.mean([(low is None or low <= truth) and (high is None or truth <= high) for low, high in intervals])


def whole(name):
    model, p = MODELS[name], TRUTH[name]
    return float(np.sum((model.to_amplitudes @ p) / (model.to_rates @ p)))


@pytest.mark.parametrize(("name", "n"), [("mono", 4), ("bi", 8)])
@pytest.mark.parametrize(("calibration", "scan"), [(0.06, 0.0), (0.0, 0.04), (0.05, 0.03)])
def test_with_calibration_and_drift(tmp_path, name, n, calibration, scan):
    """No further from 95 % than four standard deviations of the count: integral, amplitude, half-life, curve."""
    path = table(tmp_path / "t.csv", name, n, noise=0.02, calibration=calibration, scan=scan, seed=n)
    found = fit_table(path, nuclide="Lu-177", asked=Asked(model=name, u_calibration=calibration, u_scan=scan))
    amplitude = "A_MBq" if name == "mono" else "A1_MBq"
    at = float(values(MODELS[name], TRUTH[name], np.array([24.0]))[0])
    row = SCANS[n].index(24.0)
    shares = {
        "integral": share(found, whole(name), lambda region: region["tia_95_MBq_h"]),
        "half-life": share(found, math.log(2) / TRUTH[name][1], lambda region: region["effective_half_life_95_h"]),
        "amplitude": share(found, TRUTH[name][0], lambda region: region["parameters_95"][amplitude]),
        "curve": share(found, at, lambda region: region["points"][row]["fitted_95_MBq"]),
    }
    assert all(abs(each - 0.95) < FOUR_SIGMA for each in shares.values()), shares


@pytest.mark.parametrize(("name", "given"), [("mono", True), ("bi", True), ("bi", False)])
def test_the_average(tmp_path, name, given):
    """Not below 95 % by more than four standard deviations; with a calibration of 3 % or, where u is unknown, none."""
    calibration = 0.03 if given else 0.0
    path = table(tmp_path / "t.csv", name, 8, noise=0.05, calibration=calibration, given=given, seed=2)
    found = fit_table(path, nuclide="Lu-177", asked=Asked(average=True, u_calibration=calibration))
    assert share(found, whole(name), lambda region: region["tia_95_MBq_h"]) > 0.95 - FOUR_SIGMA
