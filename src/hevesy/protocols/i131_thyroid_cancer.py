"""I-131 for differentiated thyroid cancer: the largest activity that keeps the blood at 2 Gy."""

from dataclasses import dataclass

from hevesy import units as u
from hevesy.dose.marrow import activity_for_dose
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.protocols.chance import EXCEED, Held, held
from hevesy.protocols.facts import fact
from hevesy.protocols.first_order import between, propagated

RECIPE = "i131-thyroid-cancer"
NUCLIDE = "I-131"
CITATION = (
    "M. Lassmann et al., EANM Dosimetry Committee series on standard operational procedures for pre-therapeutic dosimetry I: "
    "blood and bone marrow dosimetry in differentiated thyroid cancer therapy, Eur. J. Nucl. Med. Mol. Imaging 35 (2008) 1405; "
    "R. S. Benua et al., Am. J. Roentgenol. 87 (1962) 171"
)
LIMITS = (0.1, 20.0)  # Gy
BLOOD, RETAINED = "blood", "whole body at 48 h"


@dataclass(frozen=True, slots=True, kw_only=True)
class LargestActivity:
    """The largest activity, and what each limit alone would allow.

    Attributes
    ----------
    activity : Measured                 [Bq].
    best : Measured                     At the best estimate of all limits [Bq].
    rule : str
    candidates : dict of Held           [Bq].
    blood_dose : Measured               By that activity [Gy].
    retained : Measured or None         In the whole body at 48 h, by that activity [Bq].
    """

    activity: Measured
    best: Measured
    rule: str
    candidates: dict[str, Held]
    blood_dose: Measured
    retained: Measured | None


def largest_activity(
    *,
    blood_dose_per_activity: Measured,
    lung_metastases: bool,
    retained: Measured | None = None,
    blood_limit: float | None = None,
    exceed: float = EXCEED,
) -> LargestActivity:
    """The smaller of what the blood and what the retention at 48 h allow.

        A_blood = 2 Gy / (D_blood / A0),   A_48 = 4.44 GBq / R(48 h), or 2.96 GBq / R(48 h) with diffuse lung metastases

    at the best estimate; to pass each with a chosen chance, as in :func:`hevesy.protocols.chance.held`.

    Parameters
    ----------
    blood_dose_per_activity : Measured  [Gy/Bq]; see :func:`hevesy.dose.marrow.i131_blood_dose`.
    retained : Measured or None         R(48 h), share of the administered activity in the whole body at 48 h, not corrected
                                        for decay [1]; None where it was not measured.
    lung_metastases : bool              Diffuse, with uptake.
    blood_limit : float or None         Instead of 2 Gy [Gy].

    exceed : float                      Chance with which each limit may be exceeded [1].

    Reference: Benua et al. (1962); Lassmann et al. (2008).
    """
    limit = fact(RECIPE, "blood limit").value if blood_limit is None else between(blood_limit, LIMITS, "limit of the blood", "Gy")
    if not 1e-12 <= blood_dose_per_activity.value <= 1e-9:
        raise InputError(
            f"dose to the blood is {blood_dose_per_activity.value * u.GBq:g} Gy/GBq; from 0.001 to 1 Gy/GBq is allowed. "
            "Check its unit."
        )
    best = activity_for_dose(limit, blood_dose_per_activity)
    candidates = {BLOOD: held(limit, blood_dose_per_activity, best, exceed)}
    if retained is not None:
        if not 0.001 <= retained.value <= 1:
            raise InputError(f"retention at 48 h is {100 * retained.value:g} %; from 0.1 to 100 % is allowed.")
        most = fact(RECIPE, retention_fact(lung_metastases)).value
        by_retention = propagated(lambda x: most / x["retained"], {"retained": retained})
        candidates[RETAINED] = held(most, retained, by_retention, exceed)
    ruling = min(candidates, key=lambda name: candidates[name].activity)
    fixed = candidates[ruling].activity
    rule = f"limit of blood, {limit:g} Gy"
    if ruling == RETAINED:
        rule = f"limit of whole body at 48 h, {fact(RECIPE, retention_fact(lung_metastases)).printed}"
    return LargestActivity(
        activity=candidates[ruling].chosen,
        best=min((each.best for each in candidates.values()), key=lambda a: a.value),
        rule=rule,
        candidates=candidates,
        blood_dose=propagated(lambda x: fixed * x["dose"], {"dose": blood_dose_per_activity}),
        retained=None if retained is None else propagated(lambda x: fixed * x["retained"], {"retained": retained}),
    )


def retention_fact(lung_metastases: bool) -> str:
    """Name of the limit of the retention."""
    return "retained at 48 h, lung metastases" if lung_metastases else "retained at 48 h"
