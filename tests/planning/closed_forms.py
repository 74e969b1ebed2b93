"""Plans of one region, for the reference cases."""

import math
from datetime import datetime

import numpy as np

from hevesy import units as un
from hevesy.model import Measured
from hevesy.planning.activity import activity_for_goal, largest_activity, outlook
from hevesy.planning.forecast import DeliveredCycle, DeliveredDose, Forecast, RegionForecast
from hevesy.planning.limits import Limit
from hevesy.radiobiology import Repair, Tissue

NAME = "Kidney"


def activity_GBq(
    *, dose_per_activity, limit, quantity="dose", cycles=1, u=(0.0, 0.0, 0.0), probability=0.05, half_times=(50.0, 2.8),
    alpha_beta=2.6, delivered=(),
):  # fmt: skip
    """Activity of each cycle to come [GBq].

    ``dose_per_activity`` [Gy/GBq], ``limit`` [Gy], ``u``: systematic, random, from cycle to cycle, relative; ``half_times``:
    effective and of repair [h]; ``alpha_beta`` [Gy]; ``delivered``: dose of each earlier cycle [Gy].
    """
    tissue = Tissue(
        name="tissue",
        endpoint="case",
        alpha_beta=Measured(value=alpha_beta, u=0.0),
        repair=Repair(half_times=(half_times[1] * un.h,)),
        repair_u=0.0,
        source="given by the case",
        how="given",
    )
    bound = Limit(
        region=NAME, quantity=quantity, value=limit, probability=probability, tissue="" if quantity == "dose" else "tissue"
    )
    cycles_given = [
        DeliveredCycle(
            label=f"cycle {i + 1}",
            administered=datetime(2026, 1 + i, 1),
            doses={NAME: DeliveredDose(dose=dose, u_systematic=0.0, **_curve(half_times[0]))},
        )
        for i, dose in enumerate(delivered)
    ]
    made = outlook(
        _forecast(dose_per_activity, u, half_times[0]),
        [bound],
        tissues={"tissue": tissue},
        cycles=int(cycles),
        delivered=cycles_given,
    )
    return largest_activity(made).activity / un.GBq


def goal_GBq(*, dose_per_activity, goal, u, reach):
    """Activity of one cycle that reaches a dose with a probability [GBq]."""
    made = outlook(_forecast(dose_per_activity, u, 50.0), [], tissues={})
    return activity_for_goal(made, NAME, goal, reach=reach) / un.GBq


def _forecast(dose_per_activity, u, half_life):
    region = RegionForecast(
        name=NAME,
        mass=0.3,
        dose_per_activity=dose_per_activity * un.Gy / un.GBq,
        u_systematic=u[0],
        u_random=u[1],
        change=u[2],
        **_curve(half_life),
    )
    return Forecast(regions=(region,))


def _curve(half_life):
    return {"amplitudes": np.array([1.0]), "rates": np.array([math.log(2) / (half_life * un.h)])}
