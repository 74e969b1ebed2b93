"""The plan of a day from a file: patients, vials and scanners, and the plan again when somebody is late."""

import difflib
import math
import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hevesy import units as un
from hevesy.app.quantities import quantity
from hevesy.app.supply_lists import plausible_activity, time_of_day, write_json
from hevesy.errors import DataError, InputError
from hevesy.nuclides import SOURCE, load_nuclide
from hevesy.supply.day_plan import Day, DayPlan, Patient, Scanner, Vial, faults
from hevesy.supply.day_solver import Change, plan_day, replan_day
from hevesy.supply.orders import clock

DAY_KEYS = ("nuclide", "step", "injection", "injectors", "rooms", "extra", "patients", "vial", "scanner", "patient")
VIAL_KEYS = ("name", "calibration", "available", "most", "ordered")
SCANNER_KEYS = ("name", "opens", "closes")
PATIENT_KEYS = (
    "name",
    "activity",
    "lowest",
    "highest",
    "uptake",
    "shortest",
    "longest",
    "scan",
    "earliest",
    "latest",
    "scanners",
)
ALLOWED = 0.1  # of the wanted activity to both sides, where the file does not say


def day_from_file(path: Path, *, late: Sequence[str] = (), now: str = "", output: Path | None = None) -> dict[str, Any]:
    """The plan with the least activity; with ``late`` the plan after that.

    Parameters
    ----------
    path : Path                         TOML with nuclide, [[vial]], [[scanner]], [[patient]], and [patients] for what all share.
    late : sequence of str              "P07=25 min".
    now : str                           Time of day at which it is known: "10:40". Needed with ``late``.
    output : Path                       Folder for plan.json and plan.png.

    Returns
    -------
    dict                                ``ordered``, ``visits``, ``refused``, ``status``, ``bound_MBq``, ``changed``.
    """
    if bool(late) != bool(now):
        raise InputError("--late and --now belong together: who is late, and what time it is.")
    day, held = read_day(path)
    planned = plan_day(day)
    if held:
        planned = _held(planned, held)
    shown, change = planned, None
    if late:
        change = Change(now=time_of_day(now, "--now"), late=dict(_late(text, day) for text in late))
        shown = replan_day(day, planned, change)
    facts = _facts(day, shown, planned, change)
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        write_json(output / "plan.json", facts)
        (output / "plan.png").write_bytes(_picture(day, shown, planned, change))
    return facts


def read_day(path: Path) -> tuple[Day, dict[str, float]]:
    """The day of a file, and the activity of vials that were ordered already [Bq]."""
    try:
        found = tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path.name}: is no TOML ({error}). Correct the line that is named.") from error
    _known(found, DAY_KEYS, path.name)
    shared = found.get("patients", {})
    _known(shared, tuple(key for key in PATIENT_KEYS if key != "name"), f"{path.name}, [patients]")
    vials = found.get("vial", [])
    day = Day(
        nuclide=load_nuclide(str(_needed(found, "nuclide", path.name))).name,
        vials=tuple(_vial(row, f"{path.name}, vial {n}") for n, row in enumerate(vials, start=1)),
        scanners=tuple(_scanner(row, f"{path.name}, scanner {n}") for n, row in enumerate(found.get("scanner", []), start=1)),
        patients=tuple(
            _patient(shared | row, f"{path.name}, patient {n}") for n, row in enumerate(found.get("patient", []), start=1)
        ),
        injection=quantity(found.get("injection", "5 min"), "time", name="injection"),
        injectors=_count(found, "injectors", 1),
        rooms=_count(found, "rooms", 0),
        step=quantity(found.get("step", "5 min"), "time", name="step"),
        extra=quantity(found.get("extra", "0 %"), "fraction", name="extra"),
    )
    held = {
        str(row["name"]): quantity(row["ordered"], "activity", name=f"{path.name}, ordered") for row in vials if "ordered" in row
    }
    return day, held


def _known(found: dict[str, Any], keys: Sequence[str], where: str) -> None:
    for key in found:
        if key not in keys:
            near = difflib.get_close_matches(key, keys, n=1)
            raise DataError(
                f"{where}: unknown key {key!r}; known are {', '.join(keys)}." + (f" Did you mean {near[0]}?" if near else "")
            )


def _needed(found: dict[str, Any], key: str, where: str) -> Any:
    if key not in found:
        raise DataError(f"{where}: {key} is missing. Add it.")
    return found[key]


def _count(found: dict[str, Any], key: str, otherwise: int) -> int:
    value = found.get(key, otherwise)
    if not isinstance(value, int) or isinstance(value, bool):
        raise DataError(f"{key}: got {value!r}; a whole number is needed.")
    return value


def _vial(row: dict[str, Any], where: str) -> Vial:
    _known(row, VIAL_KEYS, where)
    calibration = time_of_day(str(_needed(row, "calibration", where)), where)
    return Vial(
        name=str(_needed(row, "name", where)),
        calibration=calibration,
        available=time_of_day(str(row["available"]), where) if "available" in row else calibration,
        most=quantity(row["most"], "activity", name=where) if "most" in row else math.inf,
    )


def _scanner(row: dict[str, Any], where: str) -> Scanner:
    _known(row, SCANNER_KEYS, where)
    opens, closes = (time_of_day(str(_needed(row, key, where)), where) for key in ("opens", "closes"))
    return Scanner(name=str(_needed(row, "name", where)), opens=opens, closes=closes)


def _patient(row: dict[str, Any], where: str) -> Patient:
    _known(row, PATIENT_KEYS, where)
    activity = plausible_activity(str(_needed(row, "activity", where)), where)
    uptake = quantity(_needed(row, "uptake", where), "time", name=where)

    def limit(key: str, kind: str, otherwise: float) -> float:
        return quantity(row[key], kind, name=f"{where}, {key}") if key in row else otherwise

    return Patient(
        name=str(_needed(row, "name", where)),
        activity=activity,
        lowest=_share(row, "lowest", where, activity, 1 - ALLOWED),
        highest=_share(row, "highest", where, activity, 1 + ALLOWED),
        uptake=uptake,
        shortest=limit("shortest", "time", uptake),
        longest=limit("longest", "time", uptake),
        scan=quantity(_needed(row, "scan", where), "time", name=where),
        earliest=time_of_day(str(row["earliest"]), where) if "earliest" in row else 0.0,
        latest=time_of_day(str(row["latest"]), where) if "latest" in row else un.d,
        scanners=tuple(str(name) for name in row.get("scanners", ())),
    )


def _share(row: dict[str, Any], key: str, where: str, activity: float, otherwise: float) -> float:
    """A limit in MBq or in per cent of the wanted activity."""
    if key not in row:
        return otherwise * activity
    if str(row[key]).strip().endswith("%"):
        return quantity(row[key], "fraction", name=f"{where}, {key}") * activity
    return quantity(row[key], "activity", name=f"{where}, {key}")


def _late(text: str, day: Day) -> tuple[str, float]:
    found = re.fullmatch(r"\s*(.+?)\s*=\s*(.+?)\s*", text)
    if not found:
        raise InputError(f"--late {text!r}: write NAME=TIME, such as P07=25 min.")
    names = [patient.name for patient in day.patients]
    if found[1] not in names:
        near = difflib.get_close_matches(found[1], names, n=1)
        raise InputError(f"--late {found[1]!r}: no such patient in the plan." + (f" Did you mean {near[0]}?" if near else ""))
    return found[1], quantity(found[2], "time", name="--late")


def _held(planned: DayPlan, held: dict[str, float]) -> DayPlan:
    """The plan with vials that hold what was ordered, which must be enough for it."""
    for name, content in held.items():
        if content < planned.ordered[name] * (1 - 1e-6):
            raise InputError(
                f"vial {name}: {content / un.MBq:.0f} MBq were ordered, the plan needs {planned.ordered[name] / un.MBq:.0f} MBq. "
                "Leave `ordered` out to see what to order, or take patients off the list."
            )
    return replace(planned, ordered=planned.ordered | held)


def _facts(day: Day, plan: DayPlan, first: DayPlan, change: Change | None) -> dict[str, Any]:
    before = {visit.patient.name: visit for visit in first.visits}
    total = math.fsum(first.ordered.values())
    return {
        "nuclide": day.nuclide,
        "ordered": [
            {"vial": vial.name, "calibration": clock(vial.calibration), "activity_MBq": plan.ordered[vial.name] / un.MBq}
            for vial in day.vials
        ],
        "ordered_MBq": total / un.MBq,
        "bound_MBq": first.bound / un.MBq,
        "gap_percent": 100 * (1 - first.bound / total) if total > 0 else 0.0,
        "status": first.status,
        "repeatable": first.repeatable and plan.repeatable,
        "visits": [
            {
                "patient": visit.patient.name,
                "injection": clock(visit.injection),
                "scan": clock(visit.scan),
                "scan_end": clock(visit.scan + visit.patient.scan),
                "uptake_min": (visit.scan - visit.injection) / un.min_,
                "scanner": visit.scanner,
                "vial": visit.vial,
                "activity_MBq": visit.activity / un.MBq,
                "wanted_MBq": visit.patient.activity / un.MBq,
                "at_calibration_MBq": visit.at_calibration / un.MBq,
                "past": visit.past,
            }
            for visit in plan.visits
        ],
        "refused": list(plan.refused),
        "now": None if change is None else clock(change.now),
        "late": None if change is None else {name: by / un.min_ for name, by in change.late.items()},
        "changed": None if change is None else [
            {
                "patient": v.patient.name,
                "injection_from": clock(before[v.patient.name].injection),
                "injection": clock(v.injection),
                "scan_from": clock(before[v.patient.name].scan),
                "scan": clock(v.scan),
                "activity_MBq": v.activity / un.MBq,
            }
            for v in plan.visits
            if v.patient.name in before
            and (v.injection, v.scan, v.scanner) != (
                before[v.patient.name].injection, before[v.patient.name].scan, before[v.patient.name].scanner
            )
        ],
        "faults": list(faults(day, plan)),
        "rules": {
            "step_min": day.step / un.min_, "injection_min": day.injection / un.min_, "injectors": day.injectors,
            "rooms": day.rooms or None, "extra": day.extra,
        },
        "source": SOURCE,
    }  # fmt: skip


def _picture(day: Day, plan: DayPlan, first: DayPlan, change: Change | None) -> bytes:
    from hevesy.reports.supply_plots import DayPicture, DayRow, day_plot

    late = set() if change is None else set(change.late)
    rows = tuple(
        DayRow(
            name=v.patient.name, vial=v.vial, scanner=v.scanner, injection=v.injection, injected=v.injection + day.injection,
            scan=v.scan, end=v.scan + v.patient.scan, activity=v.activity, past=v.past, late=v.patient.name in late,
        )
        for v in plan.visits
    )  # fmt: skip
    title = f"{day.nuclide}: " + ", ".join(
        f"{vial.name} {plan.ordered[vial.name] / un.MBq:.0f} MBq at {clock(vial.calibration)}" for vial in day.vials
    )
    made = DayPicture(
        title=title, rows=rows, scanners=tuple((s.name, s.opens, s.closes) for s in day.scanners),
        vials=tuple(vial.name for vial in day.vials), now=None if change is None else change.now, refused=plan.refused,
        note=f"{first.status}; no plan needs less than {first.bound / un.MBq:.0f} MBq",
    )  # fmt: skip
    return day_plot(made)
