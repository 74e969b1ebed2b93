"""Use case: the cumulative exposure record of the patients whose dose reports and image headers lie in folders."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from hevesy import __version__
from hevesy.app.whole_files import write_whole
from hevesy.dicom.read_exposures import Found, read_exposures
from hevesy.errors import DataError, InputError, ScopeError
from hevesy.model.exposure import AdministrationReport, CtReport, EffectiveDose, OrganDose
from hevesy.protection.cumulative import Alert, alert_policy, alerts, dose_sums, doses_of, whole_sum
from hevesy.protection.estimated_dose import Choice, estimated
from hevesy.protection.record import Estimate, Exposure, PatientRecord, patient_records, weight_set
from hevesy.tables.dated import DatedRow
from hevesy.units import MBq, mGy, mm

SCHEMA = "hevesy-exposure-record/1"
_mGy_cm = mGy * 10 * mm
_mSv = 1e-3
ASSUMPTIONS = (
    "Objects are of one patient when they share an identifier that is no placeholder, or a study, and sex and age agree.",
    "An image header and a dose report of one study tell of one administration when the nuclide agrees, the starts are less than "
    "1 h and the activities less than 10 % apart; the dose report is kept.",
    "Weights of a stated effective dose are those of the publication that the object names.",
    "Effective dose compares protection between groups; it is no measure of the risk of one person, and none of a therapy.",
)
NOT_ESTIMATED = "Effective doses are those that the objects state; none is computed here."
ESTIMATED = (
    "What the objects state counts first. Where they state no effective dose of a weight set, it is estimated: activity by "
    "coefficient ({sets}), CT by dose-length product and coefficient of its region. The coefficients of {on} are taken for all "
    "exposures, and the mean of the sexes. CT and radiopharmaceutical are added apart."
)
COLUMNS = (
    "patient", "day", "start", "kind", "label", "nuclide", "radiopharmaceutical", "activity_MBq", "ctdi_vol_mGy", "dlp_mGy_cm",
    "phantom", "effective_dose_mSv", "weights", "authority", "estimated_mSv", "estimated_weights", "estimated_by",
    "why_no_estimate", "event_uid", "study_uid", "sources", "files", "disagreements", "remarks",
)  # fmt: skip


def record(
    folders: Sequence[Path],
    *,
    output: Path | None = None,
    policy: Path | None = None,
    on: date | None = None,
    sets: Sequence[str] = (),
    ct_region: str = "",
    own: Path | None = None,
) -> dict[str, Any]:
    """Read ``folders``; with ``output`` write record.json, exposures.csv, observations.json and a page each patient.

    Parameters
    ----------
    on : date                           Day of the record: decides which alerts and coefficients hold; today where None.
    sets : sequence of str              Sets of coefficients for effective doses, the first that has a tracer is taken; none
                                        is computed where it is empty.
    ct_region : str                     Region of the CT whose reports name none.
    own : Path                          The user's own coefficients, laid over ours.

    Raises
    ------
    InputError
        A folder does not exist, or no object in them tells of an exposure.
    """
    if not folders:
        raise InputError("no folder was given. Give at least one with dose reports or PET and NM images.")
    day = on or datetime.now(UTC).date()
    choice = Choice(on=day, sets=tuple(sets), ct_region=ct_region, own=own)
    rules = alert_policy(day, overlay=policy)
    found = read_exposures(folders)
    if not found.reports and not found.problems:
        raise InputError(
            f"{', '.join(str(f) for f in folders)}: none of {found.files} files is a dose report, or a PET or NM image that says "
            "what was administered. Give the folder of a study, or of dose reports."
        )
    facts = as_dict(found, rules, choice)
    if output is not None:
        observations, said = _observations(found)
        facts["fhir_remarks"] = said
        contents = _contents(facts) | {"observations.json": _text(observations).encode()}
        facts["files"] = [str(path) for path in write_whole(output, contents)]
    return facts


def as_dict(found: Found, rules: Sequence[DatedRow], choice: Choice) -> dict[str, Any]:
    """All records, JSON-ready; units in the keys."""
    how = ESTIMATED.format(sets=", then ".join(choice.sets), on=choice.on) if choice.sets else NOT_ESTIMATED
    return {
        "schema": SCHEMA,
        "hevesy": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "objects_read": len(found.reports),
        "files_looked_at": found.files,
        "on": choice.on.isoformat(),
        "sets": list(choice.sets),
        "ct_region": choice.ct_region or None,
        "patients": [_patient(estimated(r, choice), rules) for r in patient_records(found.reports)],
        "problems": [{"where": p.where, "text": p.text} for p in found.problems],
        "policy": [
            {"rule": row["rule"], "threshold": row.number("threshold"), "unit": row["quantity"].rsplit("_", 1)[-1]}
            | row.provenance()
            for row in rules
        ],
        "assumptions": [*ASSUMPTIONS, how],
    }


def _patient(made: PatientRecord, rules: Sequence[DatedRow]) -> dict[str, Any]:
    sums = dose_sums(made.exposures)
    total, weights, why = None, "", ""
    if sums:
        try:
            value, weights = whole_sum(made.exposures)
            total = value / _mSv
        except ScopeError as error:
            why = str(error)
    without = sum(1 for e in made.exposures if not doses_of(e))
    return {
        "patient_ids": list(made.ids),
        "sex": made.patient.sex,
        "age_years": made.patient.age_years,
        "nuclides": list(dict.fromkeys(e.nuclide for e in made.exposures if e.nuclide)),
        "exposures": [_exposure(e) for e in made.exposures],
        "effective_dose_sums": [
            {
                "weights": s.weights,
                "method": s.method,
                "authorities": list(s.authorities),
                "effective_dose_mSv": s.value / _mSv,
                "exposures": s.count,
                "estimated": s.estimated,
            }
            for s in sums
        ],
        "sum_over_sets_mSv": total,
        "sum_weights": weights or (sums[0].weights if total is not None else None),
        "why_no_sum": why,
        "without_effective_dose": without,
        "dlp_sums": _dlp_sums(made.exposures),
        "alerts": [_alert(a) for a in alerts(made.exposures, rules)],
        "remarks": list(made.remarks),
    }


def _dlp_sums(exposures: Sequence[Exposure]) -> list[dict[str, Any]]:
    """Dose-length products are added only within one phantom: they are different quantities otherwise."""
    out: dict[str, list[float]] = {}
    for each in exposures:
        if each.dlp is not None:
            out.setdefault(each.phantom, []).append(each.dlp)
    return [{"phantom": name, "dlp_mGy_cm": sum(values) / _mGy_cm, "events": len(values)} for name, values in sorted(out.items())]


def _exposure(each: Exposure) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "day": None if each.day is None else each.day.isoformat(),
        "start": None if each.start is None else each.start.isoformat(),
        "label": each.label,
        "nuclide": each.nuclide,
        "radiopharmaceutical": each.radiopharmaceutical,
        "activity_MBq": _scaled(each.activity, MBq),
        "ctdi_vol_mGy": _scaled(each.ctdi_vol, mGy),
        "dlp_mGy_cm": _scaled(each.dlp, _mGy_cm),
        "phantom": each.phantom,
        "region": each.region,
        "age_years": each.age_years,
        "estimate": None if each.estimate is None else _estimate(each.estimate),
        "why_no_estimate": each.why_no_estimate,
        "effective_doses": [_effective(d) for d in each.effective_doses],
        "organ_doses": [_organ(d) for d in each.organ_doses],
        "event_uid": each.event_uid,
        "study_uid": each.study_uid,
        "sources": list(each.sources),
        "files": list(each.files),
        "disagreements": list(each.disagreements),
        "remarks": list(each.remarks),
    }


def _scaled(value: float | None, unit: float) -> float | None:
    """In that unit, without the digits that only dividing made."""
    return None if value is None else float(f"{value / unit:.12g}")


def _effective(dose: EffectiveDose) -> dict[str, Any]:
    return {
        "effective_dose_mSv": _scaled(dose.value, _mSv),
        "weights": weight_set(dose),
        "authority": dose.authority,
        "method": dose.method,
    }


def _estimate(made: Estimate) -> dict[str, Any]:
    return {
        "effective_dose_mSv": _scaled(made.value, _mSv),
        "set": made.set_name,
        "weights": made.weights,
        "coefficient_of": made.about,
        "age_taken": made.ages,
        "unverified": any(not row.verified for row in made.rows),
        "remarks": list(made.remarks),
        **{key: value for key, value in made.rows[0].provenance().items() if key != "unverified"},
    }


def _organ(dose: OrganDose) -> dict[str, Any]:
    return {
        "organ": dose.organ,
        "laterality": dose.laterality,
        "absorbed_dose_mGy": _scaled(dose.dose, mGy),
        "authority": dose.authority,
        "mass_g": _scaled(dose.mass, 1e-3),
    }


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "rule": alert.rule,
        "text": alert.text,
        "value": alert.value,
        "threshold": alert.threshold,
        "unit": alert.unit,
        "day": None if alert.day is None else alert.day.isoformat(),
    } | alert.row.provenance()


def _contents(facts: dict[str, Any]) -> dict[str, bytes]:
    from hevesy.reports.exposure_page import exposure_page

    pages = {f"record-{n}.html": exposure_page(made, facts) for n, made in enumerate(facts["patients"], start=1)}
    return {"record.json": _text(facts).encode(), "exposures.csv": _table(facts).encode(), **pages}


def _text(facts: dict[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False, indent=2, allow_nan=False)


def _observations(found: Found) -> tuple[dict[str, Any], list[str]]:
    """What the dose reports state, as FHIR; estimates and image headers are not handed on."""
    from hevesy.dicom.sr_codes import systems_of
    from hevesy.reports.fhir_dose import bundle, ct_observation, dose_observation

    made, said = [], []
    for report in found.reports:
        try:
            if isinstance(report, CtReport):
                made.append(ct_observation(report, performer=""))
            elif isinstance(report, AdministrationReport) and report.origin.kind == "RRDSR":
                agent, nuclide, route = systems_of(report.radiopharmaceutical, report.nuclide, report.route)
                made.append(dose_observation(report, performer="", agent=agent, nuclide=nuclide, route=route))
        except DataError as error:
            said.append(f"{report.origin.file}: no FHIR observation: {error}")
    return bundle(made), said


def _table(facts: dict[str, Any]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for made in facts["patients"]:
        for each in made["exposures"]:
            first: dict[str, Any] = each["effective_doses"][0] if each["effective_doses"] else {}
            row = each | {"patient": " = ".join(made["patient_ids"])}
            row |= {key: first.get(key) for key in ("effective_dose_mSv", "weights", "authority")}
            made_here: dict[str, Any] = each["estimate"] or {}
            row |= {"estimated_mSv": made_here.get("effective_dose_mSv"), "estimated_weights": made_here.get("weights")}
            row |= {"estimated_by": made_here.get("set")}
            row |= {key: "; ".join(each[key]) for key in ("sources", "files", "disagreements", "remarks")}
            writer.writerow({key: _safe(row.get(key)) for key in COLUMNS})
    return out.getvalue()


def _safe(value: object) -> object:
    """A text that a spreadsheet would take for a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value
