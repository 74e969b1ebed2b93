"""Effective dose of one diagnostic administration, its organ doses, and its CT beside it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hevesy import __version__
from hevesy.app.patient_quantities import age_of, day_of, dose_length_product_of
from hevesy.app.protect_activity import sources
from hevesy.app.quantities import quantity
from hevesy.errors import InputError
from hevesy.protection.age_groups import AGE_POLICIES, GROUPS
from hevesy.protection.effective_dose import DEFAULT_SET, NO_U, CtDose, ct_dose, effective_dose, refuse_therapy, summed
from hevesy.protection.tracers import tracer
from hevesy.units import MBq, cm, mGy

NOTE = "Effective dose compares examinations and optimises them. It is not the risk of this patient."
mSv = 1e-3
PHANTOMS = {"": 0, "16": 16, "16 cm": 16, "head": 16, "32": 32, "32 cm": 32, "body": 32}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question in the words of the user.

    Attributes
    ----------
    ct_dlp, ct_region, ct_set : str     Of the CT: "800 mGy cm", "trunk"; the set of k factors where one is named.
    ct_phantom : str                    Phantom of the dose-length product: "16 cm", "32 cm", "head", "body"; "" if not known.
    mix_weights : bool                  Add doses with different tissue weights, and say so.
    own : Path or None                  The user's own table of coefficients.
    """

    tracer: str
    activity: str
    age: str
    set_name: str = DEFAULT_SET
    sex: str = ""
    condition: str = ""
    ages: str = GROUPS
    ct_dlp: str = ""
    ct_region: str = ""
    ct_set: str = ""
    ct_phantom: str = ""
    mix_weights: bool = False
    on: str = ""
    own: Path | None = None


def protect_effective_dose(asked: Asked) -> dict[str, Any]:
    """Effective dose as facts with their sources; the CT part stays beside it and is only added in the last figure."""
    activity = quantity(asked.activity, "activity", name="activity")
    refuse_therapy(asked.tracer, activity)
    age, day = age_of(asked.age), day_of(asked.on)
    found = effective_dose(
        tracer(asked.tracer),
        activity,
        age,
        on=day,
        set_name=asked.set_name,
        sex=asked.sex,
        condition=asked.condition,
        ages=asked.ages,
        own=asked.own,
    )
    facts = {
        "schema": "hevesy-effective-dose/1",
        "hevesy": __version__,
        "tracer": found.tracer,
        "asked": asked.tracer,
        "condition": found.condition or None,
        "activity_MBq": round(activity / MBq, 6),
        "age_years": round(age, 4),
        "on": day.isoformat(),
        "set": found.set_name,
        "weights": found.weights,
        "phantom": found.phantom,
        "age_taken": found.ages,
        "age_policy": AGE_POLICIES[asked.ages],
        "sex": found.sex,
        "coefficient_mSv_per_MBq": _tidy(found.coefficient / mSv * MBq),
        "effective_dose_mSv": _tidy(found.value / mSv),
        "u_effective_dose_mSv": None,
        "u_reason": NO_U,
        "organ_doses_mGy": {name: _tidy(D / mGy) for name, D in found.organs.items()},
        "organ_doses_source": found.organ_rows[0].provenance() if found.organ_rows else None,
        "remarks": list(found.remarks),
        "note": NOTE,
    } | sources(found.rows)
    if not found.organs:
        facts["remarks"].append(f"set {found.set_name} has no organ doses here for this tracer and age.")
    ct = _ct(asked, age, found.weights)
    if ct is not None:
        total, said = summed([found, ct], mix_weights=asked.mix_weights)
        facts |= {"ct": _ct_facts(ct, asked), "sum_mSv": _tidy(total / mSv)}
        facts["unverified"] = facts["unverified"] or facts["ct"]["unverified"]
        facts["unverified_sources"] += facts["ct"]["unverified_sources"]
        facts["remarks"] += [said] if said else []
        facts["remarks"] += dict.fromkeys(f"CT: {row['remark']}." for row in ct.rows if row["remark"])
        if not asked.ct_phantom:
            facts["remarks"].append(
                f"CT: its dose-length product must be of the {ct.phantom_cm} cm phantom; of the other one the dose would be "
                "wrong about twofold. State --ct-phantom."
            )
    return facts


def _ct(asked: Asked, age: float, weights: str) -> CtDose | None:
    if not asked.ct_dlp:
        if asked.ct_region or asked.ct_set or asked.ct_phantom:
            raise InputError('CT: a region, set or phantom without a dose-length product. Add --ct-dlp "800 mGy cm".')
        return None
    if not asked.ct_region:
        raise InputError("CT: needs its region: --ct-region head, chest, trunk or 'abdomen and pelvis'.")
    dlp = dose_length_product_of(asked.ct_dlp)
    phantom = asked.ct_phantom.strip().lower()
    if phantom not in PHANTOMS:
        raise InputError(
            f"CT phantom: got {asked.ct_phantom!r}; 16 cm (head) and 32 cm (body) are known. Look at the dose report."
        )
    return ct_dose(
        dlp,
        asked.ct_region,
        age,
        on=day_of(asked.on),
        weights=weights,
        set_name=asked.ct_set,
        ages=asked.ages,
        phantom_cm=PHANTOMS[phantom],
    )


def _ct_facts(ct: CtDose, asked: Asked) -> dict[str, Any]:
    return {
        "effective_dose_mSv": _tidy(ct.value / mSv),
        "dose_length_product_mGy_cm": _tidy(dose_length_product_of(asked.ct_dlp) / (mGy * cm)),
        "k_mSv_per_mGy_cm": _tidy(ct.k / mSv * mGy * cm),
        "region": ct.region,
        "set": ct.set_name,
        "weights": ct.weights,
        "age_taken": ct.ages,
        "phantom_cm": ct.phantom_cm,
        "phantom_stated": bool(asked.ct_phantom),
    } | sources(ct.rows)


def _tidy(value: float) -> float:
    """Nine digits: without the dust of binary fractions."""
    return float(f"{value:.9g}")
