"""Patients who wash out with one exponential, and what scans tell of them."""

import math

import numpy as np

from hevesy import units as un
from hevesy.kinetics.population import RegionPopulation
from hevesy.kinetics.schedule import best_schedule, draw_patients, expected_u

LAM = 1.2069409977488195e-06  # Lu-177


def population(*, half_life=50.0, amplitude=0.5, rate=0.3, proportional=0.05, additive=0.0, region="Kidney_Left"):
    """Half-life [h]; standard deviations of ln amplitude and of ln biological rate."""
    return RegionPopulation(
        region=region,
        model="mono",
        decay_constant=LAM,
        mean=np.log([0.02, math.log(2) / (half_life * un.h) - LAM]),
        covariance=np.diag([amplitude**2, rate**2]),
        mean_covariance=np.zeros((2, 2)),
        proportional=proportional,
        additive=additive,
        patients=30,
        points=120,
    )


def uncertainty(times, **given):
    """Expected relative uncertainty after scans at ``times`` [h]."""
    return expected_u(draw_patients([population(**given)]), np.asarray(times) * un.h)


def best_hour(first, last, **given):
    """Best time of a single scan between two hours [h]."""
    plans = best_schedule(draw_patients([population(**given)]), windows=[(first * un.h, last * un.h)], scans=1, step=0.5 * un.h)
    return plans.plans[0].times[0] / un.h
