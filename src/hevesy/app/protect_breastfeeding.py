"""The advice of all bodies on breast-feeding after a radiopharmaceutical, side by side, and the one that a policy picks."""

from pathlib import Path
from typing import Any

from hevesy import __version__
from hevesy.app.patient_quantities import day_of
from hevesy.app.protect_activity import sources
from hevesy.app.quantities import quantity
from hevesy.errors import InputError
from hevesy.protection.breastfeeding import ORDERS, STOP, Advice, bodies, interruption, products
from hevesy.protection.questions import questions
from hevesy.protection.tracers import nuclide_of
from hevesy.tables import DatedRow, dated_rows
from hevesy.units import MBq, h

NOTE = "Advice as published. Express and discard milk meanwhile; the decision is the practitioner's with the patient."


def protect_breastfeeding(
    product: str,
    *,
    procedure: str = "",
    policy: str = "",
    activity: str = "",
    therapy: bool = False,
    on: str = "",
    own: Path | None = None,
) -> dict[str, Any]:
    """Every body's advice with its source, what the policy picks, and the questions before the exposure."""
    day = day_of(on)
    given = quantity(activity, "activity", name="activity") if activity else None
    if given is not None and not 0.01 * MBq <= given <= 50_000 * MBq:
        raise InputError(f"activity: got {given / MBq:g} MBq; 0.01 to 50 000 MBq is plausible. Check the unit.")
    found = interruption(
        product, on=day, procedure=procedure, policy=policy, therapy=therapy or _is_therapy(product, given), own=own
    )
    asked = questions("breastfeeding", day)
    rows = [a.row for a in (*found.advice, *found.before)]
    return {
        "schema": "hevesy-breastfeeding/1",
        "hevesy": __version__,
        "product": found.product,
        "asked": product,
        "procedure": found.procedure or None,
        "activity_MBq": None if given is None else round(given / MBq, 6),
        "therapy": found.therapy,
        "on": day.isoformat(),
        "policy": found.policy or None,
        "policy_rule": found.rule or "no policy was stated: nothing is picked",
        "policies": [*ORDERS, *bodies(own)],
        "picked": None if found.picked is None else _facts(found.picked),
        "advice": [_facts(a) for a in found.advice],
        "before_treatment": [_facts(a) for a in found.before],
        "questions": [{"question": row["question"], "source": row.citation, "unverified": not row.verified} for row in asked],
        **sources([*([found.picked.row] if found.picked else []), *rows, *asked]),
        "remarks": list(found.remarks),
        "note": NOTE,
    }


def listed_products(own: Path | None = None) -> dict[str, Any]:
    """Products and bodies of the table."""
    return {
        "schema": "hevesy-breastfeeding-products/1",
        "hevesy": __version__,
        "products": list(products(own)),
        "bodies": list(bodies(own)),
    }


def _is_therapy(product: str, given: float | None) -> bool:
    """Whether the table of therapy nuclides says so of the nuclide and the activity."""
    return any(_treats(row, product, given) for row in dated_rows("hevesy.protection", "therapy_nuclides"))


def _treats(row: DatedRow, product: str, given: float | None) -> bool:
    above = row.number("above_MBq") * MBq
    return row["nuclide"] == nuclide_of(product) and (above == 0 or (given is not None and given > above))


def _facts(advice: Advice) -> dict[str, Any]:
    timed = advice.advice != STOP
    return {
        "body": advice.body,
        "product": advice.product,
        "procedure": advice.procedure or None,
        "given": advice.given or None,
        "advice": advice.advice,
        "interruption_h": [round(advice.low / h, 6), round(advice.high / h, 6)] if timed else None,
        "more_than": advice.more,
        "said": advice.said,
        **advice.row.provenance(),
    }
