"""Blood samples and whole-body probe: kinetics, dose to blood and to red marrow."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hevesy import units as u
from hevesy.app.columns import Columns, read_columns
from hevesy.dose.marrow import (
    BLOOD_LIMIT,
    activity_for_dose,
    blood_volume,
    checked_weight,
    i131_blood_dose,
    marrow_dose_from_blood,
    marrow_dose_from_image,
    marrow_to_blood_ratio,
)
from hevesy.errors import DataError, InputError
from hevesy.kinetics import AUTO, evaluate, fit
from hevesy.kinetics.probe import geometric_mean, net_rates, whole_body_curve
from hevesy.model import CurveFit, Measured, TimeActivityCurve
from hevesy.nuclides import Nuclide, load_nuclide, radiations

COUNTS, PERCENT_COLUMN, MARROW = "whole_body_counts", "whole_body_percent", "marrow_MBq"
PROBE = ("background_counts", "back_counts", "back_background_counts", "counting_time_s")
# What turns the numbers of a column into Bq/ml; None: they are per administered activity.
SAMPLES = {"blood_Bq_per_ml": u.Bq, "blood_kBq_per_ml": u.kBq, "blood_percent_per_l": None}
ML_PER_L = 1000.0
PERCENT = 100.0
ADMINISTERED = (0.1 * u.MBq, 100 * u.GBq)
VOLUMES = (0.1 * ML_PER_L, 15 * ML_PER_L)  # ml
PER_KG = 70.0  # ml of blood a kilogram: for the check of plausibility alone
MOST, LEAST, EARLY = 1.1, 1e-3, 6 * u.h  # of the administered activity in all blood; until when the least is asked for
I131 = "I-131"
CHARGED = ("alpha", "alpha recoil", "beta-", "beta+", "conversion electron", "Auger electron", "delayed beta")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What must be known of a patient; each None where it is not.

    Attributes
    ----------
    weight : float                      [kg].
    height : float                      [mm].
    sex : str                           "male" or "female".
    volume : float                      Of blood [ml]; instead of height and sex.
    haematocrit : float                 [1].
    ratio : float                       Concentration in red marrow by that in blood; instead of the haematocrit [1].
    marrow_mass : float                 Of red marrow in the region of ``marrow_MBq`` [kg].
    """

    weight: float | None = None
    height: float | None = None
    sex: str | None = None
    volume: float | None = None
    haematocrit: float | None = None
    ratio: float | None = None
    marrow_mass: float | None = None

    def __post_init__(self) -> None:
        if self.weight is not None:
            checked_weight(self.weight)
        if self.volume is not None and not VOLUMES[0] <= self.volume <= VOLUMES[1]:
            raise InputError(
                f"blood volume is {self.volume / ML_PER_L:g} l; from {VOLUMES[0] / ML_PER_L:g} to {VOLUMES[1] / ML_PER_L:g} l is "
                "allowed. Is it in litres?"
            )
        if self.volume is not None and self.height is not None:
            raise InputError("the volume of blood is given and a height to estimate it from. Leave one out.")
        if (self.height is None) != (self.sex is None):
            raise InputError("the volume of blood from the height needs the sex too, and the other way round. Give both or none.")
        if self.height is not None and self.weight is None:
            raise InputError("the volume of blood from the height needs the weight. Give it.")
        if self.ratio is not None and self.haematocrit is not None:
            raise InputError("the ratio of marrow to blood is given and a haematocrit to compute it from. Leave one out.")


def blood(
    path: str | Path,
    *,
    nuclide: str,
    administered_activity: float,
    person: Person | None = None,
    model: str = AUTO,
    u_position: float = 0.0,
) -> dict[str, Any]:
    """Curves of blood and whole body, their integrals, and the doses that follow from them.

    Parameters
    ----------
    path : path                         CSV with time_h and, as far as measured, whole_body_counts (background_counts,
                                        back_counts, back_background_counts, counting_time_s) or whole_body_percent;
                                        blood_Bq_per_ml, blood_kBq_per_ml or blood_percent_per_l; marrow_MBq; and u_ in front of
                                        any but counts. Cells may be empty. Nothing is corrected for decay.
    nuclide : str
    administered_activity : float       A0 [Bq].
    person : Person
    model : str                         "auto" or a curve model.
    u_position : float                  Relative standard uncertainty of each reading of the probe by its positioning [1].

    Returns
    -------
    dict                                ``whole_body``, ``blood``, ``blood_dose``, ``marrow``: None where not measured.
    """
    known, who = load_nuclide(nuclide), person or Person()
    if not ADMINISTERED[0] <= administered_activity <= ADMINISTERED[1]:
        raise InputError(
            f"administered activity is {administered_activity / u.MBq:g} MBq; from {ADMINISTERED[0] / u.MBq:g} to "
            f"{ADMINISTERED[1] / u.MBq:g} MBq is allowed. Is it in MBq?"
        )
    given = (PERCENT_COLUMN, *SAMPLES, MARROW)
    table = read_columns(Path(path), needed=("time_h",), known=(COUNTS, *PROBE, *given, *(_u_of(name) for name in given)))
    remarks: list[str] = []
    body = _whole_body(table, known, administered_activity, model, (remarks, checked_position(u_position)))
    sampled = _blood(table, known, administered_activity, model, who, remarks)
    imaged = _imaged(table, known, model)
    if body is None and sampled is None and imaged is None:
        raise DataError(
            f"{table.file}: no column of the whole body, of blood or of marrow. Add {COUNTS} or {next(iter(SAMPLES))}."
        )
    volume = _volume(who)
    return {
        "nuclide": known.name,
        "administered_MBq": administered_activity / u.MBq,
        "weight_kg": who.weight,
        "blood_volume_l": None if volume is None else volume / ML_PER_L,
        "whole_body": None if body is None else body.facts("percent_of_administered", PERCENT / administered_activity),
        "blood": None if sampled is None else _of_blood(sampled, administered_activity, volume),
        "blood_dose": _blood_dose(body, sampled, known, administered_activity, who, remarks),
        "marrow": _marrow(sampled, imaged, known, administered_activity, who, remarks),
        "remarks": remarks,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A curve, its fit, and what all of its points share; per administered activity where ``A0`` divides."""

    curve: TimeActivityCurve
    fit: CurveFit
    A0: float
    u_shared: float = 0.0  # relative

    @property
    def tiac(self) -> Measured:
        """Integral by administered activity [s], or [s/ml] of blood."""
        tia = self.fit.time_integrated_activity
        if tia.u is None:
            return Measured(value=tia.value / self.A0, u=None, why_no_u=tia.why_no_u)
        return Measured(value=tia.value / self.A0, u=math.hypot(tia.u, self.u_shared * tia.value) / self.A0)

    def facts(self, unit: str, factor: float) -> dict[str, Any]:
        """Points in ``unit``, model, half-life, integral."""
        curve, found, half_life = self.curve, self.fit, self.fit.effective_half_life
        own = [None] * curve.t.size if curve.u is None else [factor * float(x) for x in curve.u]
        return {
            "model": found.model,
            "tiac_h": self.tiac.value / u.h,
            "u_tiac_h": _u(self.tiac, 1 / u.h),
            "why_no_u": self.tiac.why_no_u,
            "effective_half_life_h": half_life.value / u.h,
            "u_effective_half_life_h": _u(half_life, 1 / u.h),
            "extrapolated_fraction": found.extrapolated_fraction,
            "well_posed": found.well_posed,
            "points": [
                {"time_h": float(t) / u.h, unit: factor * float(A), f"u_{unit}": u_A, f"fitted_{unit}": factor * float(a)}
                for t, A, u_A, a in zip(curve.t, curve.A, own, evaluate(found, curve.t), strict=True)
            ],
            "warnings": list(found.warnings),
        }


def checked_position(u_position: float) -> float:
    """Relative uncertainty of positioning [1], or an InputError where it is none."""
    if not 0 <= u_position <= 0.5:
        raise InputError(f"uncertainty of positioning is {PERCENT * u_position:g} %; from 0 to 50 % is allowed.")
    return u_position


def _u_of(column: str) -> str:
    return f"u_{column}"


def _volume(who: Person) -> float | None:
    if who.height is None or who.weight is None or who.sex is None:
        return who.volume
    return blood_volume(height=who.height, weight=who.weight, sex=who.sex)


def _series(table: Columns, column: str, region: str, factor: float) -> TimeActivityCurve:
    """A column with its uncertainties, without its empty cells."""
    times, values = table.filled("time_h"), table.numbers[column]
    own = table.numbers.get(_u_of(column), (None,) * len(values))
    rows = [row for row, value in enumerate(values) if value is not None]
    if not rows:
        raise DataError(f"{table.file}: column {column} is empty. Fill it in or remove it.")
    for row in rows:
        if values[row] < 0:  # type: ignore[operator]
            raise DataError(f"{table.where(row, column)}: {values[row]:g} is below zero. Correct it or leave it empty.")
    known = [own[row] for row in rows if own[row] is not None]
    if known and len(known) < len(rows):
        raise DataError(f"{table.file}: column {_u_of(column)} has {len(known)} of {len(rows)} values. Give all of them or none.")
    return TimeActivityCurve(
        region=region,
        t=np.array([times[row] for row in rows]) * u.h,
        A=np.array([values[row] for row in rows], dtype=float) * factor,
        u=np.array(known, dtype=float) * factor if known else None,
    )


def _whole_body(table: Columns, known: Nuclide, A0: float, model: str, rest: tuple[list[str], float]) -> _Part | None:
    if COUNTS in table.numbers and PERCENT_COLUMN in table.numbers:
        raise DataError(f"{table.file}: {COUNTS} and {PERCENT_COLUMN} both give the whole body. Remove one.")
    if COUNTS in table.numbers:
        return _probe(table, known, A0, model, rest)
    if PERCENT_COLUMN not in table.numbers:
        return None
    curve = _series(table, PERCENT_COLUMN, "whole body", A0 / PERCENT)
    share = curve.A / A0 * np.exp(known.decay_constant * curve.t)
    if share.max() > 1.05 or share[0] < 0.02:
        worst = share.max() if share.max() > 1.05 else share[0]
        raise DataError(
            f"{table.file}: the whole body holds {PERCENT * worst:.3g} % of the administered activity after correction for "
            f"decay; from 2 to 105 % is allowed. Column {PERCENT_COLUMN} is in per cent, as measured, not corrected for decay."
        )
    return _Part(curve=curve, fit=fit(curve, decay_constant=known.decay_constant, model=model), A0=A0)


def _probe(table: Columns, known: Nuclide, A0: float, model: str, rest: tuple[list[str], float]) -> _Part:
    remarks, u_position = rest
    rows = [row for row, value in enumerate(table.numbers[COUNTS]) if value is not None]
    times = np.array(table.filled("time_h"))[rows] * u.h

    def column(name: str, missing: float | None) -> np.ndarray:
        values = table.numbers.get(name)
        if values is None:
            return np.full(len(rows), math.nan if missing is None else missing)
        for row in rows:
            if values[row] is None:
                raise DataError(f"{table.where(row, name)}: it is empty beside {COUNTS}. Fill it in, or remove the column.")
        return np.array([values[row] for row in rows], dtype=float)

    if "background_counts" not in table.numbers:
        remarks.append("no background_counts: nothing is subtracted from the counts of the whole body.")
    seconds = column("counting_time_s", 1.0)
    rate = net_rates(column(COUNTS, None), column("background_counts", 0.0), seconds, what="whole body")
    if "back_counts" in table.numbers:
        back = net_rates(column("back_counts", None), column("back_background_counts", 0.0), seconds, what="whole body, back")
        rate = geometric_mean(rate, back)
    if u_position == 0:
        remarks.append("u of the whole body is from counting alone; state --u-position for what positioning adds.")
    both = np.hypot(rate[1], u_position * rate[0])
    found = whole_body_curve(times, rate[0], both, administered_activity=A0, decay_constant=known.decay_constant)
    remarks.extend(found.remarks)
    fitted = fit(found.curve, decay_constant=known.decay_constant, model=model)
    return _Part(curve=found.curve, fit=fitted, A0=A0, u_shared=found.u_first)


def _blood(table: Columns, known: Nuclide, A0: float, model: str, who: Person, remarks: list[str]) -> _Part | None:
    columns = [name for name in SAMPLES if name in table.numbers]
    if len(columns) > 1:
        raise DataError(f"{table.file}: {' and '.join(columns)} both give blood. Remove one.")
    if not columns:
        return None
    factor = SAMPLES[columns[0]]
    curve = _series(table, columns[0], "blood", A0 / PERCENT / ML_PER_L if factor is None else factor)
    volume = _volume(who) or PER_KG * (who.weight or PER_KG)
    share = curve.A * volume / A0 * np.exp(known.decay_constant * curve.t)
    if share.max() > MOST:
        raise DataError(
            f"{table.file}, column {columns[0]}: {volume / ML_PER_L:.3g} l of blood would hold {PERCENT * share.max():.4g} % of "
            f"the administered {A0 / u.MBq:g} MBq; at most {PERCENT * MOST:g} % is allowed. Check the units of both."
        )
    if share[0] < LEAST and curve.t[0] < EARLY:
        remarks.append(
            f"blood holds {PERCENT * share[0]:.2g} % of the administered activity at {curve.t[0] / u.h:.3g} h, which is very "
            f"little: check the units of {columns[0]} and of the administered activity."
        )
    return _Part(curve=curve, fit=fit(curve, decay_constant=known.decay_constant, model=model), A0=A0)


def _imaged(table: Columns, known: Nuclide, model: str) -> CurveFit | None:
    if MARROW not in table.numbers:
        return None
    return fit(_series(table, MARROW, "red marrow", u.MBq), decay_constant=known.decay_constant, model=model)


def _of_blood(sampled: _Part, A0: float, volume: float | None) -> dict[str, Any]:
    facts = sampled.facts("percent_per_l", PERCENT * ML_PER_L / A0)
    per_l = {"tiac_per_l_h_per_l": facts.pop("tiac_h") * ML_PER_L, "u_tiac_per_l_h_per_l": _u(sampled.tiac, ML_PER_L / u.h)}
    facts.pop("u_tiac_h")
    whole = None if volume is None else sampled.tiac.value * volume / u.h
    return per_l | {"tiac_h": whole, "u_tiac_h": None if volume is None else _u(sampled.tiac, volume / u.h)} | facts


def _blood_dose(
    body: _Part | None, sampled: _Part | None, known: Nuclide, A0: float, who: Person, remarks: list[str]
) -> dict[str, Any] | None:
    missing = [
        name
        for name, there in (("the whole body", body), ("blood", sampled), ("the weight (--weight)", who.weight))
        if there is None
    ]
    if known.name != I131:
        remarks.append(f"no blood dose: the EANM formula holds for {I131} alone.")
        return None
    if body is None or sampled is None or who.weight is None:
        remarks.append(f"no blood dose: it needs {', '.join(missing)}.")
        return None
    dose = i131_blood_dose(tiac_per_ml=sampled.tiac, tiac_whole_body=body.tiac, weight=who.weight)
    most = activity_for_dose(BLOOD_LIMIT, dose)
    return {
        "method": "EANM Dosimetry Committee (Lassmann et al. 2008)",
        "Gy_per_GBq": dose.value * u.GBq,
        "u_Gy_per_GBq": _u(dose, u.GBq),
        "dose_Gy": dose.value * A0,
        "u_dose_Gy": _u(dose, A0),
        "activity_for_2_Gy_GBq": most.value / u.GBq,
        "u_activity_for_2_Gy_GBq": _u(most, 1 / u.GBq),
        "why_no_u": dose.why_no_u,
        "well_posed": body.fit.well_posed and sampled.fit.well_posed,
    }


def _marrow(
    sampled: _Part | None, imaged: CurveFit | None, known: Nuclide, A0: float, who: Person, remarks: list[str]
) -> dict[str, Any] | None:
    energy = _charged(known.name)
    facts: dict[str, Any] = {}
    if sampled is not None and (who.ratio is not None or who.haematocrit is not None):
        ratio = marrow_to_blood_ratio(who.haematocrit) if who.haematocrit is not None else float(who.ratio or math.nan)
        integral = sampled.fit.time_integrated_activity
        dose = marrow_dose_from_blood(integral, ratio=ratio, energy_per_decay=energy)
        facts["from_blood"] = _dose_facts(dose, A0) | {"marrow_to_blood_ratio": ratio, "well_posed": sampled.fit.well_posed}
    elif sampled is not None:
        remarks.append("no dose to the red marrow from blood: it needs the haematocrit, or the ratio of marrow to blood.")
    if imaged is not None and who.marrow_mass is None:
        raise InputError(f"column {MARROW} needs the mass of red marrow in its region. Give --marrow-mass.")
    if imaged is not None and who.marrow_mass is not None:
        dose = marrow_dose_from_image(imaged.time_integrated_activity, marrow_mass=who.marrow_mass, energy_per_decay=energy)
        facts["from_image"] = _dose_facts(dose, A0) | {"model": imaged.model, "well_posed": imaged.well_posed}
        remarks.extend(f"red marrow: {text}" for text in imaged.warnings)
    if not facts:
        return None
    remarks.append("dose to the red marrow is its self-dose from electrons and alphas; photons from the body are not in it.")
    return facts | {"energy_keV_per_decay": energy / u.keV}


def _dose_facts(dose: Measured, A0: float) -> dict[str, Any]:
    return {
        "dose_Gy": dose.value,
        "u_dose_Gy": dose.u,
        "Gy_per_GBq": dose.value / A0 * u.GBq,
        "u_Gy_per_GBq": _u(dose, u.GBq / A0),
        "why_no_u": dose.why_no_u,
    }


def _charged(nuclide: str) -> float:
    """Energy per decay of what stays in the marrow: all but photons; daughters that count decay in place [MeV]."""
    return float(sum(energy for kind, energy in radiations(nuclide).energies.items() if kind in CHARGED))


def _u(measured: Measured, factor: float) -> float | None:
    return None if measured.u is None else measured.u * factor
