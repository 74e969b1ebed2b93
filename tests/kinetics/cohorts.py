"""Simulated cohorts like the published ones of Lu-177 kidneys.

T_eff 50 h with 20 % between patients: the median of 51 h and the spread that single-scan methods were judged with
(Haenscheid et al., J. Nucl. Med. 59 (2018) 75; Devasia et al., J. Nucl. Med. 62 (2021) 1118). Uptake half-life 2 h and early
phase of 8 h, amplitudes spread by 30 %, residual 10 %: round numbers, stated here.
"""

import math

import numpy as np

from hevesy import units as un
from hevesy.model import TimeActivityCurve

LAM = math.log(2) / (6.647 * 24 * un.h)
A0 = 7.4 * un.GBq
TIMES = (4, 24, 72, 144)


def patients(n, seed, *, model="mono", times=TIMES, noise=0.1, spread=0.2, missing=0.0):
    """Curves, administered activities, and true integrals [Bq s] of ``n`` patients."""
    rng = np.random.default_rng(seed)
    half_life = np.minimum(50 * un.h * np.exp(spread * rng.standard_normal(n)), 0.97 * math.log(2) / LAM)
    slow = math.log(2) / half_life
    a = 0.03 * np.exp(0.3 * rng.standard_normal(n))
    t = np.sort(np.array(times) * un.h * (1 + 0.05 * rng.standard_normal((n, len(times)))), axis=1)
    shape, tiac = a[:, None] * np.exp(-slow[:, None] * t), a / slow
    if model == "uptake":
        fast = slow + math.log(2) / (2 * un.h * np.exp(0.3 * rng.standard_normal(n)))
        shape, tiac = shape - a[:, None] * np.exp(-fast[:, None] * t), a * (1 / slow - 1 / fast)
    if model == "bi":
        fast = slow + math.log(2) / (8 * un.h * np.exp(0.3 * rng.standard_normal(n)))
        b = 0.8 * a * np.exp(0.3 * rng.standard_normal(n))
        shape, tiac = shape + b[:, None] * np.exp(-fast[:, None] * t), tiac + b / fast
    y = A0 * shape * np.maximum(1 + noise * rng.standard_normal(t.shape), 0.02)
    keep = rng.random(t.shape) >= missing
    keep[:, 0] |= ~keep.any(axis=1)
    curves = [TimeActivityCurve(region="Kidneys", t=t[i][keep[i]], A=y[i][keep[i]]) for i in range(n)]
    return curves, [A0] * n, A0 * tiac


def csv_lines(curves, administered, *, region="Kidneys", patient="P", columns=("patient", "administered")):
    """The same as lines of a table, with or without columns patient and administered."""
    lines = []
    for i, (curve, given) in enumerate(zip(curves, administered, strict=True)):
        for t, A in zip(curve.t, curve.A, strict=True):
            cells = [f"{patient}{i}"] if "patient" in columns else []
            cells += [region, f"{t / un.h:.3f}", f"{A / un.MBq:.5g}"]
            cells += [f"{given / un.MBq:g}"] if "administered" in columns else []
            lines.append(",".join(cells))
    return lines
