"""How activity at constant liver noise grows with weight in the virtual patients."""

import numpy as np

from hevesy.imaging.phantoms import tracer_named
from hevesy.imaging.systems import pet_scanner
from hevesy.imaging.trials import Target, Task, patient
from hevesy.imaging.trials.analytic import analytic_scan


def exponent(scanner: str, lightest: float, heaviest: float) -> float:
    """Slope of ln A by ln m, FDG, COV of 15 % in the liver in 2 min; seven weights [kg] even in ln m."""
    weights, needed = np.geomspace(lightest, heaviest, 7), []
    for weight in weights:
        body = patient(float(weight))
        task = Task(lesion=None, factors=body.factors)
        layer = analytic_scan(pet_scanner(scanner), body, tracer_named("fdg"), task, duration=120.0)
        needed.append(layer.activity_for(Target(kind="cov", limit=0.15), 120.0))
    return float(np.polyfit(np.log(weights), np.log(needed), 1)[0])
