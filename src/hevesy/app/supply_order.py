"""What to order for a list of patients, and what each gets if it comes late."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hevesy import units as un
from hevesy.app.quantities import quantity
from hevesy.app.supply_lists import plausible_activity, rows_of, time_of_day
from hevesy.errors import DataError, InputError
from hevesy.nuclides import SOURCE, load_nuclide
from hevesy.supply.orders import Appointment, Delivery, Order, clock, late, order, within

COLUMNS = ("patient", "activity")
MORE = ("injection", "uptake", "scan", "note")


def order_from_list(
    path: Path,
    *,
    nuclide: str,
    calibration: Sequence[str],
    delivery: Sequence[str] = (),
    extra: str = "0 %",
    late_by: str = "",
    gap: str = "10 min",
) -> dict[str, Any]:
    """Activity at calibration for a list.

    Parameters
    ----------
    path : Path                         CSV with patient, activity, injection (time of day), uptake; instead of the injection the
                                        time of the scan may stand with the uptake.
    nuclide : str
    calibration : sequence of str       Time of day to which the activity of each delivery refers: "08:00".
    delivery : sequence of str          When each can be used first; if left out, just before the first injection.
    extra : str                         On top, for what stays in vials and syringes: "5 %".
    late_by : str                       "2 h": what each gets if all deliveries come so much later.
    gap : str                           Between injections of those who had to wait.

    Returns
    -------
    dict                                ``orders`` with ``activity_MBq`` at calibration, ``patients``, ``late``.
    """
    name = load_nuclide(nuclide).name
    patients = _patients(path)
    first = min(patient.injection for patient in patients)
    deliveries = _deliveries(calibration, delivery, first)
    planned = order(patients, deliveries, nuclide=name, extra=quantity(extra, "fraction", name="--extra"))
    facts: dict[str, Any] = {
        "nuclide": name,
        "half_life_min": load_nuclide(name).half_life / un.min_,
        "extra": planned.extra,
        "orders": [
            {
                "delivery": i + 1,
                "calibration": clock(d.calibration),
                "usable_from": clock(d.arrival),
                "activity_MBq": A / un.MBq,
                "patients": sum(share.delivery == i for share in planned.shares),
            }
            for i, (d, A) in enumerate(zip(planned.deliveries, planned.activity, strict=True))
        ],
        "total_MBq": math.fsum(planned.activity) / un.MBq,
        "patients": [_share(planned, share) for share in planned.shares],
        "late": None,
        "assumed": [] if delivery else [f"delivery usable from {clock(first)}, the first injection: none was given"],
        "source": SOURCE,
    }
    if late_by:
        delay = quantity(late_by, "time", name="--late")
        facts["late"] = {
            "by_min": delay / un.min_,
            "patients": [
                {
                    "patient": dose.share.appointment.name,
                    "planned_injection": clock(dose.share.appointment.injection),
                    "injection": clock(dose.injection),
                    "wanted_MBq": dose.share.appointment.activity / un.MBq,
                    "same_volume_MBq": dose.same_volume / un.MBq,
                    "same_volume_share": dose.same_volume / dose.share.appointment.activity,
                    "in_turn_MBq": dose.in_turn / un.MBq,
                    "same_volume_within_20_percent": within(dose.same_volume, dose.share.appointment.activity),
                    "in_turn_within_20_percent": within(dose.in_turn, dose.share.appointment.activity),
                }
                for dose in late(planned, delay, gap=quantity(gap, "time", name="--gap"))
            ],
        }
    return facts


def _share(planned: Order, share: Any) -> dict[str, Any]:
    patient = share.appointment
    return {
        "patient": patient.name,
        "activity_MBq": patient.activity / un.MBq,
        "injection": clock(patient.injection),
        "scan": clock(patient.injection + patient.uptake),
        "delivery": share.delivery + 1,
        "at_calibration_MBq": share.at_calibration / un.MBq,
        "factor": share.at_calibration / patient.activity,
        "share_of_delivery": share.share,
    }


def _patients(path: Path) -> list[Appointment]:
    found: list[Appointment] = []
    for n, row in rows_of(path, needed=COLUMNS, known=MORE):
        where = f"{path.name}, line {n}"
        uptake = quantity(row["uptake"], "time", name=where) if row.get("uptake") else 0.0
        if row.get("injection"):
            injection = time_of_day(row["injection"], where)
        elif row.get("scan") and row.get("uptake"):
            injection = time_of_day(row["scan"], where) - uptake
        else:
            raise DataError(f"{where}: neither an injection nor a scan with its uptake. Give one of them.")
        if row["patient"] in {patient.name for patient in found}:
            raise DataError(f"{where}: this patient stands in the list twice. Give each row its own name.")
        found.append(
            Appointment(
                name=row["patient"], activity=plausible_activity(row["activity"], where), injection=injection, uptake=uptake
            )
        )
    return found


def _deliveries(calibration: Sequence[str], delivery: Sequence[str], first: float) -> list[Delivery]:
    if not calibration:
        raise InputError("--calibration is missing. Give the time of day to which the activity refers, such as 08:00.")
    if delivery and len(delivery) != len(calibration):
        raise InputError(
            f"{len(calibration)} --calibration and {len(delivery)} --delivery; give as many of each, or no --delivery for one."
        )
    if not delivery and len(calibration) > 1:
        raise InputError("several --calibration need a --delivery each: who takes from which depends on when they come.")
    arrivals = [time_of_day(text, "--delivery") for text in delivery] or [first]
    return [
        Delivery(calibration=time_of_day(text, "--calibration"), arrival=arrival)
        for text, arrival in zip(calibration, arrivals, strict=True)
    ]
