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
from hevesy.errors import InputError, ScopeError
from hevesy.model.exposure import EffectiveDose, OrganDose
from hevesy.protection.cumulative import Alert, alert_policy, alerts, dose_sums, sum_over_sets
from hevesy.protection.record import Exposure, PatientRecord, patient_records, weight_set
from hevesy.tables.dated import DatedRow
from hevesy.units import MBq, mGy, mm

SCHEMA = "hevesy-exposure-record/1"
_mGy_cm = mGy * 10 * mm
_mSv = 1e-3
ASSUMPTIONS = (
    "Objects are of one patient when they share an identifier that is no placeholder, or a study, and sex and age agree.",
    "An image header and a dose report of one study tell of one administration when the nuclide agrees, the starts are less than "
    "1 h and the activities less than 10 % apart; the dose report is kept.",
    "Effective doses are those that the objects state; none is computed here. Weights are those of the publication they name.",
    "Effective dose compares protection between groups; it is no measure of the risk of one person, and none of a therapy.",
)
COLUMNS = (
    "patient", "day", "start", "kind", "label", "nuclide", "radiopharmaceutical", "activity_MBq", "ctdi_vol_mGy", "dlp_mGy_cm",
    "phantom", "effective_dose_mSv", "weights", "authority", "event_uid", "study_uid", "sources", "files", "disagreements",
    "remarks",
)  # fmt: skip


def record(
    folders: Sequence[Path], *, output: Path | None = None, policy: Path | None = None, on: date | None = None
) -> dict[str, Any]:
    """Read ``folders``; with ``output`` write record.json, exposures.csv and a page for each patient.

    Raises
    ------
    InputError
        A folder does not exist, or no object in them tells of an exposure.
    """
    if not folders:
        raise InputError("no folder was given. Give at least one with dose reports or PET and NM images.")
    found = read_exposures(folders)
    if not found.reports and not found.problems:
        raise InputError(
            f"{', '.join(str(f) for f in folders)}: none of {found.files} files is a dose report, or a PET or NM image that says "
            "what was administered. Give the folder of a study, or of dose reports."
        )
    rules = alert_policy(on or datetime.now(UTC).date(), overlay=policy)
    facts = as_dict(found, rules)
    if output is not None:
        facts["files"] = [str(path) for path in write_whole(output, _contents(facts))]
    return facts


def as_dict(found: Found, rules: Sequence[DatedRow]) -> dict[str, Any]:
    """All records, JSON-ready; units in the keys."""
    return {
        "schema": SCHEMA,
        "hevesy": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "objects_read": len(found.reports),
        "files_looked_at": found.files,
        "patients": [_patient(r, rules) for r in patient_records(found.reports)],
        "problems": [{"where": p.where, "text": p.text} for p in found.problems],
        "policy": [
            {"rule": row["rule"], "threshold": row.number("threshold"), "unit": row["quantity"].rsplit("_", 1)[-1]}
            | row.provenance()
            for row in rules
        ],
        "assumptions": list(ASSUMPTIONS),
    }


def _patient(made: PatientRecord, rules: Sequence[DatedRow]) -> dict[str, Any]:
    sums = dose_sums(made.exposures)
    total, why = None, ""
    if sums:
        try:
            total = sum_over_sets(sums) / _mSv
        except ScopeError as error:
            why = str(error)
    without = sum(1 for e in made.exposures if not e.effective_doses)
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
            }
            for s in sums
        ],
        "sum_over_sets_mSv": total,
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
    text = json.dumps(facts, ensure_ascii=False, indent=2, allow_nan=False)
    return {"record.json": text.encode(), "exposures.csv": _table(facts).encode(), **pages}


def _table(facts: dict[str, Any]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for made in facts["patients"]:
        for each in made["exposures"]:
            first: dict[str, Any] = each["effective_doses"][0] if each["effective_doses"] else {}
            row = each | {"patient": " = ".join(made["patient_ids"])}
            row |= {key: first.get(key) for key in ("effective_dose_mSv", "weights", "authority")}
            row |= {key: "; ".join(each[key]) for key in ("sources", "files", "disagreements", "remarks")}
            writer.writerow({key: _safe(row.get(key)) for key in COLUMNS})
    return out.getvalue()


def _safe(value: object) -> object:
    """A text that a spreadsheet would take for a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value
