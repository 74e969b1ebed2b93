"""Answers of the room in the units of the sources, for the reference cases."""

from dataclasses import replace
from datetime import date

from hevesy.app.protect_effective_dose import Asked as DoseAsked
from hevesy.app.protect_effective_dose import protect_effective_dose
from hevesy.protection.activity import card_activity
from hevesy.protection.tissue_weights import effective_dose_icrp60, tissue_weights
from hevesy.protection.tracers import tracer
from hevesy.tables import dated_rows
from hevesy.units import MBq, kg


def card_MBq(tracer_name: str, weights: list[float], card: str, on: str = "2026-01-01") -> list[float]:
    """Activity [MBq] for each weight [kg]."""
    substance, when = tracer(tracer_name), date.fromisoformat(on)
    return [card_activity(substance, float(w) * kg, on=when, card=card).activity / MBq for w in weights]


def effective_doses_mSv(tracer_name: str, activities: list[float], ages: list[float], set_name: str) -> list[float]:
    """Effective dose [mSv] for pairs of activity [MBq] and age [years]."""
    return [
        float(_dose(tracer_name, f"{A} MBq", f"{age}", set_name)["effective_dose_mSv"])
        for A, age in zip(activities, ages, strict=True)
    ]


def coefficients_by_sex(tracer_name: str, set_name: str) -> list[float]:
    """Effective dose by activity [mSv/MBq] of an adult: mean of the sexes, male, female."""
    asked = DoseAsked(tracer=tracer_name, activity="370 MBq", age="40", set_name=set_name, on="2026-01-01")
    return [float(protect_effective_dose(replace(asked, sex=sex))["coefficient_mSv_per_MBq"]) for sex in ("", "male", "female")]


def organ_doses_mGy(tracer_name: str, activity: float, organs: list[str]) -> list[float]:
    """Dose of each organ [mGy] of an adult."""
    found = _dose(tracer_name, f"{activity} MBq", "40", "icrp-128")["organ_doses_mGy"]
    return [found[name] for name in organs]


def pet_ct_mSv(dlp: float, activity: float) -> float:
    """PET/CT of the trunk of an adult with FDG: both parts together [mSv]."""
    asked = DoseAsked(tracer="FDG", activity=f"{activity} MBq", age="40", ct_dlp=f"{dlp} mGy cm", ct_region="trunk")
    return float(protect_effective_dose(asked)["sum_mSv"])


def sum_of_weights(weights: str) -> float:
    """Sum of w_T."""
    return sum(tissue_weights(weights).values())


def fdg_coefficient_from_organs(gonads: str = "") -> float:
    """Effective dose by activity [mSv/MBq] from the organ coefficients of FDG and the weights of ICRP 60."""
    rows = dated_rows("hevesy.protection", "organ_dose")
    organs = {row["organ"]: row.number("coefficient_mGy_per_MBq") for row in rows if row["tracer"] == "F-18 FDG"}
    return effective_dose_icrp60(organs, gonads)


def _dose(tracer_name: str, activity: str, age: str, set_name: str) -> dict:
    return protect_effective_dose(DoseAsked(tracer=tracer_name, activity=activity, age=age, set_name=set_name, on="2026-01-01"))
