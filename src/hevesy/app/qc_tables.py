"""Tests from tables: dead time from count rates, factors between instruments from readings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from hevesy.app.columns import Columns, read_columns
from hevesy.app.qc_asked import Asked, Progress, Tested
from hevesy.errors import DataError, InputError
from hevesy.model import Measured
from hevesy.model.nuclide_name import nuclide_name
from hevesy.nuclides import load_nuclide
from hevesy.quantify.cross_calibration import cross_factors
from hevesy.quantify.dead_time import DeadTime, Kind, fit_decaying_source, observed_rate, two_sources
from hevesy.units import MBq, h

RUNS = ("first", "second", "both")
LOSS = 0.2  # NEMA reports the rate that is counted at 20 % loss
MICRO = 1e-6


def dead_time_test(path: Path, standard: str, asked: Asked, progress: Progress | None) -> Tested:
    """Dead time from a decaying source (time_h, rate_cps) or two sources (source, rate_cps), u_cps where known."""

    if asked.model not in [kind.value for kind in Kind]:
        raise InputError(f"--model {asked.model!r}: allowed are {', '.join(kind.value for kind in Kind)}.")
    kind = Kind(asked.model)
    table = read_columns(path, needed=("rate_cps",), known=("time_h", "source", "u_cps"), texts=("source",))
    pictures: dict[str, Callable[[], bytes]] = {}
    if "time_h" in table.numbers:
        found, pictures = _decaying(table, asked, kind)
        method = "decaying source"
    elif "source" in table.words:
        found, method = _two(table, asked, kind), "two sources"
    else:
        raise DataError(f"{path.name}: needed is a column time_h (a decaying source) or source (first, second, both).")
    tau = found.tau.value
    true = -np.log(1 - LOSS) / tau if kind is Kind.PARALYSABLE else LOSS / (1 - LOSS) / tau
    figures = {"dead time, us": tau / MICRO, "counted rate at 20 % loss, 1/s": float(observed_rate(true, tau, kind))}
    if kind is Kind.PARALYSABLE:
        figures["highest counted rate, 1/s"] = 1 / (float(np.e) * tau)
    details: dict[str, Any] = {
        "method": method,
        "model": kind.value,
        "dead_time_us": tau / MICRO,
        "u_dead_time_us": None if found.tau.u is None else found.tau.u / MICRO,
        "background_cps": asked.background_rate,
        "chi2_by_degrees_of_freedom": found.chi2,
    }
    u = {name: value * (found.tau.relative or 0.0) for name, value in figures.items()} if found.tau.u is not None else {}
    return Tested(figures=figures, details=details, remarks=(), pictures=pictures, u=u)


def _decaying(table: Columns, asked: Asked, kind: Kind) -> tuple[DeadTime, dict[str, Callable[[], bytes]]]:
    from hevesy.reports.qc_plots import RatePicture, rate_plot

    if not asked.nuclide:
        raise InputError("a decaying source needs its nuclide: state it by --nuclide, for example Tc-99m.")
    rate = load_nuclide(nuclide_name(asked.nuclide)).decay_constant
    t, m = np.array(table.filled("time_h")) * h, np.array(table.filled("rate_cps"))
    u = np.array(table.filled("u_cps")) if "u_cps" in table.numbers else None
    found = fit_decaying_source(t, m, decay_constant=rate, u=u, kind=kind, background=asked.background_rate)
    n0 = found.true_rate.value if found.true_rate else 0.0
    true = n0 * np.exp(-rate * (t - t.min())) + asked.background_rate
    fine = np.linspace(0, 1.1 * float(true.max()), 200)
    picture = RatePicture(
        title=f"Counted against true rate, {kind.value}, dead time {found.tau.value / MICRO:.3g} us",
        true=true,
        counted=m,
        curve_true=fine,
        curve_counted=observed_rate(fine, found.tau.value, kind),
    )
    return found, {"dead-time.png": lambda: rate_plot(picture)}


def _two(table: Columns, asked: Asked, kind: Kind) -> DeadTime:
    rates, words = table.filled("rate_cps"), [word.strip().lower() for word in table.words["source"]]
    if sorted(words) != sorted(RUNS):
        raise DataError(f"{table.file}: column source holds {', '.join(words)}; needed is one row each of {', '.join(RUNS)}.")
    known = table.filled("u_cps") if "u_cps" in table.numbers else (None,) * 3
    by = {
        word: Measured(value=m, u=u, why_no_u="" if u is not None else "not stated")
        for word, m, u in zip(words, rates, known, strict=True)
    }
    return two_sources(by["first"], by["second"], by["both"], kind=kind, background=asked.background_rate)


def cross_calibration_test(path: Path, standard: str, asked: Asked, progress: Progress | None) -> Tested:
    """Factors from a table instrument, activity_MBq, u_MBq: one activity, decay-corrected to one time."""

    table = read_columns(path, needed=("instrument", "activity_MBq"), known=("u_MBq",), texts=("instrument",))
    names = [name.strip() for name in table.words["instrument"]]
    if len(set(names)) < len(names):
        raise DataError(f"{table.file}: an instrument stands there twice. Give the mean of its readings.")
    if not asked.reference:
        raise InputError(f"state by --reference which instrument is believed: {', '.join(names)}.")
    known = table.numbers.get("u_MBq") or (None,) * len(names)
    readings = {
        name: Measured(value=value * MBq, u=None if u is None else u * MBq, why_no_u="" if u is not None else "not stated")
        for name, value, u in zip(names, table.filled("activity_MBq"), known, strict=True)
    }
    found = cross_factors(readings, reference=asked.reference)
    return Tested(
        figures={f"factor {row.instrument}": row.factor.value for row in found},
        details={
            "reference": asked.reference,
            "factors": [
                {"instrument": r.instrument, "factor": r.factor.value, "u_factor": r.factor.u, "agrees_at_k_2": r.agrees}
                for r in found
            ],
        },
        remarks=("factors share the uncertainty of the reference; between two of them it cancels.",),
        pictures={},
        u={f"factor {row.instrument}": row.factor.u for row in found},
    )
