"""Which articles of the Directive a study's record satisfies, with its evidence."""

import json
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from hevesy import __version__
from hevesy.app.result_file import read_result
from hevesy.errors import DataError, InputError
from hevesy.protection.checklist import checks, incident, value_at

NOT_AN_AUDIT = "this prepares an audit and is none: it says what is recorded, not whether it is so; national law asks for more."
SAID = 60  # letters of an evidence


def protect_checklist(
    record: Path, *, result: Path | None = None, course: Path | None = None, on: date | None = None
) -> dict[str, Any]:
    """The checks of Articles 55 to 64 for one study.

    Parameters
    ----------
    record : path                       TOML: ``situations = ["therapy"]`` and tables with what was done, for example
                                        ``[justification]`` with ``by`` and ``on``; perhaps ``[[incident]]``.
    result, course : path, optional     result.json of ``hevesy dose``, course.json of ``hevesy course``.
    """
    content = _read(record)
    day = on or datetime.now().astimezone().date()
    situations = content.pop("situations", [])
    incidents = content.pop("incident", [])
    if not isinstance(situations, list) or not isinstance(incidents, list):
        raise DataError(f'{record.name}: write situations = ["therapy"], and each incident as [[incident]].')
    files = _from_files(result, course)

    def find(key: str) -> str | None:
        if key in files:
            return files[key]
        value = value_at(content, key)
        if value is None and key == "incidents.register" and incidents:
            return f"{record.name}: {len(incidents)} incidents"
        return None if value is None else f"{record.name}: {key} = {str(value)[:SAID]}"

    found = checks(find, situations, on=day)
    rows = [
        {
            "check": check.row["check"],
            "article": check.row["article"],
            "requirement": check.row["requirement"],
            "state": check.state,
            "evidence": check.evidence,
            "wanted": check.row["evidence"].split("|"),
        }
        | check.row.provenance()
        for check in found
    ]
    counted = {state: sum(row["state"] == state for row in rows) for state in ("satisfied", "no evidence", "does not apply")}
    unverified = sorted({str(row["article"]) for row in rows if row["unverified"] and row["state"] != "does not apply"}, key=int)
    remarks = [NOT_AN_AUDIT]
    if unverified:
        remarks.append(f"our wording of Articles {', '.join(unverified)} is in part unverified against the text.")
    return {
        "schema": "hevesy-checklist/1",
        "on": day.isoformat(),
        "source": "Council Directive 2013/59/Euratom",
        "checks": rows,
        "counts": counted,
        "incidents": [_incident(one) for one in incidents],
        "remarks": remarks,
        "hevesy": __version__,
    }


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file. Give the TOML record of a study.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path.name}: {error}. Correct the file.") from error


def _from_files(result: Path | None, course: Path | None) -> dict[str, str]:
    """Evidence by key from what Hevesy wrote."""
    found: dict[str, str] = {}
    if result is not None:
        regions = read_result(result).regions
        found["result.dosimetry"] = f"{result.name}: absorbed dose of {len(regions)} regions"
    if course is not None:
        try:
            facts = json.loads(course.read_text("utf-8"))
        except (OSError, json.JSONDecodeError) as error:
            raise DataError(f"{course.name}: it is no course.json ({error}). Give that of hevesy course.") from error
        cycles = facts.get("cycles") if isinstance(facts, dict) else None
        if not isinstance(cycles, list):
            raise DataError(f"{course.name}: it has no cycles. Give the course.json of hevesy course.")
        planned = [cycle["label"] for cycle in cycles if cycle.get("planned_activity_GBq") is not None]
        if planned:
            found["course.plan"] = f"{course.name}: planned and given activity of {', '.join(planned)}"
    return found


def _incident(record: Mapping[str, Any]) -> dict[str, Any]:
    found = incident(record)
    return {
        "kind": found.kind,
        "happened": found.happened.isoformat(timespec="minutes"),
        "complete": not found.missing,
        "missing": list(found.missing),
        "days_to_authority": found.days_to_authority,
        "article": "63",
    }
