"""The facts of a course as plain data: the content of course.json, from which the pages are made."""

from collections.abc import Sequence
from typing import Any

from hevesy import units as un
from hevesy.app.course_files import CourseSettings, RecordSettings
from hevesy.model import Measured
from hevesy.planning.advice import Allowance, Suggestion
from hevesy.planning.course import Course, Cycle, ExternalBeam
from hevesy.planning.ledger import LedgerRow, by_label, factor_of, total
from hevesy.planning.response import DOSE, HALF_LIFE, UPTAKE, VOLUME, Response, Trend, Verdict

SCHEMA = "hevesy-course/1"
FOR_DECISION = "For decision by the physician with the medical physics expert; a suggestion, not an order."
ARTICLE_56 = (
    "Council Directive 2013/59/Euratom, Article 56(1): exposures of target volumes are individually planned and their delivery "
    "is appropriately verified; doses to non-target volumes and tissues are as low as reasonably achievable and consistent with "
    "the purpose."
)
UNITS = {VOLUME: ("ml", un.ml), UPTAKE: ("h", un.h), HALF_LIFE: ("h", un.h), DOSE: ("Gy/GBq", un.Gy / un.GBq)}


def pair(key: str, value: Measured, unit: float = 1.0) -> dict[str, Any]:
    """``key``, ``u_key`` and, where there is no u, ``why_no_u_key``."""
    found: dict[str, Any] = {key: value.value / unit, f"u_{key}": None if value.u is None else value.u / unit}
    return found if value.u is not None else found | {f"why_no_u_{key}": value.why_no_u}


def course_as_dict(
    course: Course,
    *,
    rows: Sequence[LedgerRow],
    allowances: Sequence[Allowance],
    response: Response,
    suggestion: Suggestion,
    settings: CourseSettings,
    remarks: Sequence[str],
) -> dict[str, Any]:
    """All of a course but its voxel sum and provenance; units in the names."""
    return {
        "schema": SCHEMA,
        "title": settings.title,
        "patient_id": course.patient_id,
        "nuclides": list(course.nuclides),
        "cycles": [_cycle(course, i) for i in range(len(course.cycles))],
        "external_beams": [_beam(beam) for beam in course.beams],
        "ledger": {row.name: _row(row) for row in rows},
        "limits": [_allowance(each) for each in allowances],
        "response": _response(response),
        "suggestion": _suggestion(suggestion),
        "record": record(course, settings.record),
        "warnings": list(dict.fromkeys([*course.remarks, *remarks, *_lower_bounds(rows, allowances)])),
    }


def _cycle(course: Course, i: int) -> dict[str, Any]:
    cycle: Cycle = course.cycles[i]
    before = course.cycles[i - 1] if i else None
    deviation = cycle.deviation
    return {
        "label": cycle.label,
        "administered": cycle.administered.isoformat(),
        "days_since_last": None if before is None else (cycle.administered - before.administered).total_seconds() / un.d,
        "nuclide": cycle.nuclide,
        "radiopharmaceutical": cycle.radiopharmaceutical,
        "planned_activity_GBq": None if cycle.planned_activity is None else cycle.planned_activity / un.GBq,
        "activity_GBq": cycle.administered_activity / un.GBq,
        "deviation_percent": None if deviation is None else 100 * deviation,
        "aim": cycle.aim,
        "comment": cycle.comment,
        "regions": {
            name: {
                "name": region.name,
                "kind": region.kind,
                **pair("dose_Gy", region.dose),
                **_planned(cycle, name),
                **pair("volume_ml", region.volume, un.ml),
                **pair("tiac_h", region.uptake, un.h),
                **pair("effective_half_life_h", region.effective_half_life, un.h),
                "well_posed": region.well_posed,
            }
            for name, region in cycle.regions.items()
        },
    }


def _planned(cycle: Cycle, name: str) -> dict[str, float | None]:
    planned, dose = cycle.planned_dose.get(name), cycle.regions[name].dose
    if not planned:
        return {}
    return {
        "planned_dose_Gy": planned / un.Gy,
        "dose_deviation_percent": 100 * (dose.value / planned - 1),
        "dose_deviation_z": None if not dose.u else (dose.value - planned) / dose.u,
    }


def _beam(beam: ExternalBeam) -> dict[str, Any]:
    return {
        "label": beam.label,
        "fractions": beam.fractions,
        "u_percent": None if beam.u is None else 100 * beam.u,
        "regions": {name: {"name": region.name, "mean_Gy": region.mean} for name, region in beam.regions.items()},
    }


def _row(row: LedgerRow) -> dict[str, Any]:
    doses = by_label(row)
    facts: dict[str, Any] = {
        "kind": row.kind,
        "organ": row.organ,
        "members": list(row.members),
        "missing": list(row.missing),
        "ill_posed": list(row.ill_posed),
        "by_part": {label: pair("dose_Gy", dose) for label, dose in doses.items()},
        **pair("dose_Gy", total(row)),
        "tissue": None,
    }
    tissue = row.tissue
    if tissue is None:
        return facts
    for label, value in by_label(row, "BED").items():
        facts["by_part"][label] |= pair("bed_Gy", value) | {"G": factor_of(row, label, tissue)}
    for label, value in by_label(row, "EQD2").items():
        facts["by_part"][label] |= pair("eqd2_Gy", value)
    return facts | {
        "tissue": {
            "name": tissue.name,
            "endpoint": tissue.endpoint,
            **pair("alpha_beta_Gy", tissue.alpha_beta),
            "repair_half_times_h": [T / un.h for T in tissue.repair.half_times],
            "source": tissue.source,
            "how": tissue.how,
        },
        **pair("bed_Gy", total(row, "BED")),
        **pair("eqd2_Gy", total(row, "EQD2")),
    }


def _allowance(each: Allowance) -> dict[str, Any]:
    limit = each.limit
    return {
        "region": each.row.name,
        "limit_for": limit.region,
        "quantity": limit.quantity,
        "limit_Gy": limit.value / un.Gy,
        "probability_percent": 100 * limit.probability,
        "tissue": limit.tissue,
        "source": limit.source,
        "by_part_Gy": {label: value.value for label, value in by_label(each.row, limit.quantity, each.tissue).items()},
        **pair("used_Gy", each.used),
        "left_Gy": each.left,
        "exceeded_percent": 100 * each.exceeded,
        **pair("dose_per_activity_Gy_per_GBq", each.per_activity, un.Gy / un.GBq),
        **pair("next_total_Gy", each.next_total),
        "next_exceeded_percent": 100 * each.next_exceeded,
        "largest_activity_GBq": None if each.largest is None else each.largest / un.GBq,
    }


def _suggestion(each: Suggestion) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "activity_GBq": None if each.activity is None else each.activity / un.GBq,
        "intended_GBq": each.intended / un.GBq,
        "reason": each.reason,
        "deciding": each.deciding,
        "remarks": list(each.remarks),
        "status": FOR_DECISION,
    }


def _response(found: Response) -> dict[str, Any]:
    volume = found.volume
    return {
        "trends": [_trend(each) for each in found.trends],
        "new_lesions": list(found.new_lesions),
        "new_lesion_count": found.new_count,
        "lesions_not_drawn_again": list(found.gone_lesions),
        "total_lesion_volume_change_percent": None if volume is None else 100 * volume.value,
        "u_total_lesion_volume_change_percent": None if volume is None or volume.u is None else 100 * volume.u,
        "criteria": [_verdict(each) for each in found.verdicts],
        "notes": list(found.remarks),
    }


def _trend(each: Trend) -> dict[str, Any]:
    name, unit = UNITS[each.quantity]
    return {
        "region": each.region,
        "kind": each.kind,
        "quantity": each.quantity,
        "unit": name,
        "labels": list(each.labels),
        "values": [value.value / unit for value in each.values],
        "u": [None if value.u is None else value.u / unit for value in each.values],
        "changes": [
            {
                "label": change.label,
                "change_percent": 100 * change.value,
                "u_percent": None if change.u is None else 100 * change.u,
                "z": change.z,
                "exceeds_uncertainty": change.telling,
            }
            for change in each.changes
        ],
    }


def _verdict(each: Verdict) -> dict[str, Any]:
    c = each.criteria
    return {
        "criteria": c.name,
        "category": each.category or None,
        "change_percent": None if each.change is None else 100 * each.change,
        "u_change_percent": None if each.u is None else 100 * each.u,
        "why": each.why,
        "response_from_percent": 100 * c.response,
        "progression_from_percent": 100 * c.progression,
        "new_lesions": c.new_lesions,
        "source": c.source,
        "how": c.how,
        "not_claimed": c.not_claimed,
    }


def record(course: Course, given: RecordSettings) -> dict[str, Any]:
    """The Article 56 record; who signs is never filled in."""
    return {
        "article": ARTICLE_56,
        "indication": given.indication,
        "justification": given.justification,
        "planning": given.planning,
        "verification": given.verification,
        "comment": given.comment,
        "cycles": [
            {
                "label": cycle.label,
                "aim": cycle.aim,
                "planned": cycle.planned_activity is not None,
                "verified": [region.name for region in cycle.regions.values() if region.well_posed],
                "comment": cycle.comment,
            }
            for cycle in course.cycles
        ],
        "medical_physics_expert": "",
        "physician": "",
        "date": "",
    }


def _lower_bounds(rows: Sequence[LedgerRow], allowances: Sequence[Allowance]) -> list[str]:
    limited = {each.row.name for each in allowances}
    return [
        f"{row.name}: not drawn in {', '.join(row.missing)}; its sums are lower bounds."
        for row in rows
        if row.missing and (row.kind != "lesion" or row.name in limited)
    ]
