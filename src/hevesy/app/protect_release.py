"""Release of a patient: dose rate, everybody's dose and restriction, the country's rules, pages for the patient."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from hevesy import __version__
from hevesy import units as un
from hevesy.app.protect_release_case import OwnPerson, ReleaseCase, measured_curve, read_case
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.nuclides import load_nuclide
from hevesy.protection.contacts import Contact, Pattern
from hevesy.protection.distance import METRE, relative_dose_rate
from hevesy.protection.dose_rate import FITTED, USV_PER_H, DoseRateCurve, dose_rate, from_activity, from_measurements
from hevesy.protection.release import Person, Restriction, restriction
from hevesy.protection.release_tables import (
    CONSTANT,
    patient_constant,
    pattern_of,
    pattern_rows,
    published_restrictions,
    retention_of,
)
from hevesy.protection.rules import Decision, RuleFinding, constraint_of, decide, rules_of
from hevesy.tables.dated import DatedRow

SCHEMA = "hevesy-release/1"
MSV = 1e-3
LANGUAGES = ("en", "de", "fr", "es")
CURVE_POINTS = 121
NOT_EXACT = "the contact patterns are taken as exact: they are what people are asked to keep to."


def protect_release(
    path: Path | None = None, *, options: Mapping[str, Any] | None = None, language: str = "en", out: Path | None = None
) -> dict[str, Any]:
    """When a patient may leave, and what each person near the patient keeps to.

    Parameters
    ----------
    path : path, optional               TOML of a case; see :class:`hevesy.app.protect_release_case.ReleaseCase`.
    options : mapping                   Keys of the case, which go before those of the file.
    language : str                      Of the patient's page: "en", "de", "fr" or "es".
    out : path, optional                Folder for release.json, release.png, instructions.html and certificate.html.

    Returns
    -------
    dict                                ``dose_rate``, ``persons``, ``release``, ``published`` (by others, to compare with),
                                        ``remarks``, ``sources``; units in the keys.
    """
    if language not in LANGUAGES:
        raise InputError(f"language {language!r}: {', '.join(LANGUAGES)} are known. Choose one.")
    case = read_case(path, options or {})
    nuclide = load_nuclide(case.nuclide)
    law, day = case.distance_law, case.day
    curve, used = _curve(case, nuclide.name, nuclide.decay_constant)
    country, decision = case.country.upper(), None
    if country != "EU":
        rules = rules_of(country, nuclide.name, on=day, overlay=case.rules)
        decision = decide(rules, curve, law=law, activity=case.activity)
    clock = (case.administered - case.administered.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
    earliest = max(case.discharge, decision.release_after if decision else 0.0)
    persons = []
    for person, row, origin in _persons(case):
        found = restriction(person, curve, law=law, clock=clock, earliest=earliest)
        persons.append(_person_facts(found, row, case.administered, origin))
    facts: dict[str, Any] = {
        "schema": SCHEMA,
        "patient": case.patient,
        "nuclide": nuclide.name,
        "activity_MBq": None if case.activity is None else case.activity / un.MBq,
        "administered": case.administered.isoformat(timespec="minutes"),
        "country": country,
        "law": law.said,
        "dose_rate": _curve_facts(curve, case, earliest),
        "release": _release_facts(decision, case.administered, earliest, case.discharge),
        "persons": persons,
        "published": [
            dict(row.fields) | row.provenance() for row in published_restrictions(nuclide.name, on=day, activity=case.activity)
        ],
        "remarks": [*curve.remarks, NOT_EXACT, *_unverified(persons, decision, used)],
        "sources": [row.provenance() | {"for": what} for what, row in used],
        "tables_on": day.isoformat(),
        "hevesy": __version__,
    }
    if out is not None:
        _write(facts, out, language)
    return facts


def _curve(case: ReleaseCase, nuclide: str, decay_constant: float) -> tuple[DoseRateCurve, list[tuple[str, DatedRow]]]:
    """The dose rate by measurements if there are any, else by the activity; and the rows that were used."""
    if case.measurements is not None:
        seen = measured_curve(case.measurements, case.distance_law)
        return from_measurements(seen, decay_constant=decay_constant, model=case.model, u_meter=case.u_meter), []
    if case.activity is None:
        raise InputError("neither activity nor measurements were given. Measure the patient, or state the activity.")
    used: list[tuple[str, DatedRow]] = []
    if case.phase:
        phases = [(phase.fraction, math.log(2) / phase.half_life) for phase in case.phase]
    elif case.clearance:
        rows = retention_of(case.clearance, on=case.day)
        if rows[0]["nuclide"] != nuclide:
            raise InputError(
                f"clearance {case.clearance!r} is for {rows[0]['nuclide']}, and the nuclide is {nuclide}. Correct one."
            )
        phases = [(row.number("fraction"), max(row.number("rate_per_d") / un.d, decay_constant)) for row in rows]
        used.append(("retention", rows[0]))
    else:
        phases = [(1.0, decay_constant)]
    if case.constant_uSv_m2_per_MBq_h is not None:
        value, basis = case.constant_uSv_m2_per_MBq_h * CONSTANT, "constant as stated"
    else:
        value, basis = patient_constant(nuclide, on=case.day)
        if "air kerma" in basis:
            basis += "; taken as dose equivalent, without attenuation in the patient"
    constant = Measured(value=value, u=value * case.u_constant)
    curve = from_activity(
        case.activity, constant=constant, phases=phases, decay_constant=decay_constant, u_activity=case.u_activity
    )
    added = [f"dose rate constant {value / CONSTANT:.4g} uSv m2/(MBq h): {basis}."]
    if not (case.phase or case.clearance):
        added.append("no clearance was stated: physical decay alone, which overstates the dose.")
    return DoseRateCurve(
        amplitudes=curve.amplitudes, rates=curve.rates, covariance=curve.covariance, u_shared=curve.u_shared,
        basis=curve.basis, remarks=(*curve.remarks, *added),
    ), used  # fmt: skip


def _persons(case: ReleaseCase) -> list[tuple[Person, DatedRow | None, DatedRow | None]]:
    """Who is near the patient: those of the case, else everybody of the table of patterns."""
    rows = pattern_rows(on=case.day, overlay=case.patterns)
    wanted = case.person or tuple(OwnPerson(name=name, kind=found[0]["kind"], pattern=name) for name, found in rows.items())
    made: list[tuple[Person, DatedRow | None, DatedRow | None]] = []
    for own in wanted:
        if bool(own.pattern) == bool(own.contact):
            raise InputError(f"person {own.name}: give a pattern of the table or contacts of your own, one of the two.")
        origin: DatedRow | None = None
        if own.contact:
            contacts = tuple(
                Contact(start=c.start_h * un.h, duration=c.hours * un.h, distance=c.distance_m * METRE) for c in own.contact
            )
            pattern = Pattern(name=own.name, contacts=contacts, once=own.once)
        elif own.pattern in rows:
            found = pattern_of(rows[own.pattern])
            pattern = Pattern(name=found.name, contacts=found.contacts, once=own.once or found.once)
            origin = rows[own.pattern][0]
        else:
            raise InputError(f"person {own.name}: pattern {own.pattern!r} is not in the table; known are {', '.join(rows)}.")
        row = None
        if own.constraint_mSv is not None:
            constraint = own.constraint_mSv * MSV
        else:
            row = constraint_of(case.country.upper(), own.kind, on=case.day, overlay=case.constraints)
            share = case.treatments_per_year if row["per"] == "year" else 1
            constraint = row.number("constraint_mSv") * MSV / share
        made.append((Person(name=own.name, kind=own.kind, constraint=constraint, pattern=pattern), row, origin))
    return made


def _when(administered: datetime, after: float) -> str:
    return (administered + timedelta(seconds=after)).isoformat(timespec="minutes")


def _sievert(name: str, dose: Measured | None) -> dict[str, Any]:
    if dose is None:
        return {name: None, f"u_{name}": None}
    return {name: dose.value / MSV, f"u_{name}": None if dose.u is None else dose.u / MSV}


def _person_facts(found: Restriction, row: DatedRow | None, administered: datetime, pattern: DatedRow | None) -> dict[str, Any]:
    safe = found.safe_delay
    said = "contacts of the case" if pattern is None else f"{pattern['pattern']}: {pattern.citation}"
    return {
        "name": found.person.name,
        "kind": found.person.kind,
        "constraint_mSv": found.person.constraint / MSV,
        "constraint_source": {"source": "stated in the case", "unverified": False} if row is None else row.provenance(),
        "pattern": said,
        "pattern_source": None if pattern is None else pattern.provenance(),
        "hours_a_day": found.person.pattern.hours_a_day / un.h,
        **_sievert("dose_unrestricted_mSv", found.without),
        "restriction_h": found.delay / un.h,
        "restriction_until": _when(administered, found.delay),
        **_sievert("dose_mSv", found.dose),
        "restriction_95_h": None if safe is None else safe / un.h,
        "restriction_95_until": None if safe is None else _when(administered, safe),
        **_sievert("dose_95_mSv", found.safe_dose),
        "why_no_u": found.dose.why_no_u,
        "contacts": [
            {"start_h": c.start / un.h, "hours": c.duration / un.h, "distance_m": c.distance / METRE}
            for c in found.person.pattern.contacts
        ],
    }


def _curve_facts(curve: DoseRateCurve, case: ReleaseCase, leave: float) -> dict[str, Any]:
    last = max(leave, 5 * math.log(2) / float(curve.rates.min()))
    points: list[dict[str, Any]] = []
    if case.measurements is not None:
        seen = measured_curve(case.measurements, case.distance_law)
        points = [
            {
                "time_h": float(t) / un.h,
                "at_1m_uSv_per_h": float(A) * FITTED / USV_PER_H,
                "u_uSv_per_h": None if seen.u is None else float(seen.u[i]) * FITTED / USV_PER_H,
            }
            for i, (t, A) in enumerate(zip(seen.t, seen.A, strict=True))
        ]
    drawn = [(float(t), dose_rate(curve, float(t))) for t in np.linspace(0.0, last, CURVE_POINTS)]
    at_leave = dose_rate(curve, leave)
    two = relative_dose_rate(2 * METRE, case.distance_law)
    return {
        "basis": curve.basis,
        "amplitudes_uSv_per_h_at_1m": (curve.amplitudes / USV_PER_H).tolist(),
        "half_lives_h": (math.log(2) / curve.rates / un.h).tolist(),
        "well_posed": None if curve.fit is None else curve.fit.well_posed,
        "verdict": None if curve.fit is None else curve.fit.verdict,
        "at_release_1m_uSv_per_h": at_leave.value / USV_PER_H,
        "u_at_release_1m_uSv_per_h": None if at_leave.u is None else at_leave.u / USV_PER_H,
        "at_release_2m_uSv_per_h": two * at_leave.value / USV_PER_H,
        "points": points,
        "curve": [
            {"time_h": t / un.h, "uSv_per_h": m.value / USV_PER_H, "u_uSv_per_h": None if m.u is None else m.u / USV_PER_H}
            for t, m in drawn
        ],
    }


def _release_facts(decision: Decision | None, administered: datetime, earliest: float, discharge: float) -> dict[str, Any]:
    if decision is None:
        return {
            "rules": [], "after_h": None, "at": None, "decided_by": None, "written_instructions": None,
            "leaves_after_h": earliest / un.h, "leaves_at": _when(administered, earliest),
        }  # fmt: skip
    return {
        "after_h": decision.release_after / un.h,
        "at": _when(administered, decision.release_after),
        "decided_by": None if decision.decided_by is None else _rule_facts(decision.decided_by),
        "leaves_after_h": earliest / un.h,
        "leaves_at": _when(administered, earliest),
        "stays_longer_as_stated": discharge > decision.release_after,
        "written_instructions": decision.instructions,
        "rules": [_rule_facts(finding) for finding in decision.findings],
    }


def _rule_facts(finding: RuleFinding) -> dict[str, Any]:
    row = finding.row
    return {
        "text": row["text"],
        "group": row["group"],
        "quantity": row["quantity"],
        "limit": row.number("limit"),
        "unit": row["unit"],
        "at_administration": finding.value,
        "met_after_h": None if finding.met_after is None else finding.met_after / un.h,
    } | row.provenance()


def _unverified(persons: list[dict[str, Any]], decision: Decision | None, used: list[tuple[str, DatedRow]]) -> list[str]:
    said = {p["constraint_source"]["source"] for p in persons if p["constraint_source"].get("unverified")}
    said |= {p["pattern_source"]["source"] for p in persons if p["pattern_source"] and p["pattern_source"]["unverified"]}
    said |= {row.citation for _, row in used if not row.verified}
    said |= {f.row.citation for f in decision.findings if not f.row.verified} if decision else set()
    made = [f"unverified at the source: {text}." for text in sorted(said)]
    if decision is None:
        made.append("no country was stated: constraints are those of European guidance, and no rule of release was applied.")
    return made


def _write(facts: dict[str, Any], out: Path, language: str) -> None:
    from hevesy.reports.release_page import write_release_pages

    out.mkdir(parents=True, exist_ok=True)
    facts["files"] = [path.name for path in write_release_pages(facts, out, language=language)]
