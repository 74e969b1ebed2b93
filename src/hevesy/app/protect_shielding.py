"""Shields of a room for positron emitters."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hevesy import __version__
from hevesy import units as un
from hevesy.app.quantities import quantity
from hevesy.errors import InputError
from hevesy.nuclides import load_nuclide
from hevesy.protection.distance import METRE
from hevesy.protection.shielding import (
    CONTROLLED,
    PATIENT_F18,
    PUBLIC,
    VOIDED,
    Room,
    shield_row,
    thickness,
    transmission_needed,
    weekly_dose,
)

ROOMS = ("uptake", "imaging")
AREAS = {"public": PUBLIC, "controlled": CONTROLLED}
MATERIALS = ("lead", "concrete", "iron")
SOURCE = "M. T. Madsen et al., AAPM TG-108, Med. Phys. 33 (2006) 4"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShieldingAsked:
    """A room and a point beside it, as people write them.

    Attributes
    ----------
    room : str                          "uptake" or "imaging".
    patients_per_week : float
    activity, stay, distance : str      "555 MBq" administered, "60 min" in the room, "4 m" from the patient to the point.
    uptake : str                        Before imaging; of no meaning in an uptake room.
    occupancy : float                   Share of the time that somebody is there.
    area : str                          "public" (20 uSv a week) or "controlled" (100 uSv a week).
    nuclide : str                       A positron emitter; its patients are taken to shield as those with F-18 do.
    """

    room: str
    patients_per_week: float
    activity: str
    stay: str
    distance: str
    uptake: str = "60 min"
    occupancy: float = 1.0
    area: str = "public"
    nuclide: str = "F-18"


def protect_shielding(asked: ShieldingAsked, *, on: date | None = None) -> dict[str, Any]:
    """Transmission and thickness of the barrier between a room and a point."""
    room, area, nuclide = asked.room, asked.area, asked.nuclide
    if room not in ROOMS or area not in AREAS:
        raise InputError(
            f"room {room!r}, area {area!r}: {' or '.join(ROOMS)}, and {' or '.join(AREAS)}, are known. Choose from these."
        )
    known = load_nuclide(nuclide)
    positrons = sum(e.per_decay for e in known.emissions if e.kind == "beta+")
    if positrons < 0.01:
        raise InputError(
            f"{known.name} emits no positrons worth the name; these barriers are for 511 keV alone. Use its own data."
        )
    day = on or datetime.now().astimezone().date()
    imaging = room == "imaging"
    F18 = sum(e.per_decay for e in load_nuclide("F-18").emissions if e.kind == "beta+")
    plan = Room(
        patients=asked.patients_per_week,
        activity=quantity(asked.activity, "activity", name="activity"),
        stay=quantity(asked.stay, "time", name="stay"),
        before=quantity(asked.uptake, "time", name="uptake") if imaging else 0.0,
        voided=VOIDED if imaging else 1.0,
        half_life=known.half_life,
        constant=PATIENT_F18 * positrons / F18,
    )
    d = quantity(asked.distance, "length", name="distance")
    free = weekly_dose(plan, d)
    B = transmission_needed(plan, d, goal=AREAS[area], occupancy=asked.occupancy)
    rows = {material: shield_row(material, on=day) for material in MATERIALS}
    remarks = [f"unverified at the source: {row.citation} ({name})." for name, row in rows.items() if not row.verified]
    if known.name != "F-18":
        remarks.append("the patient's dose rate is that of F-18 by the yield of positrons; gammas of the nuclide are left out.")
    if imaging:
        remarks.append("the CT part of the scanner is not in it; neither is the shielding by the gantry.")
    return {
        "schema": "hevesy-shielding/1",
        "room": room,
        "area": area,
        "nuclide": known.name,
        "distance_m": d / METRE,
        "dose_without_shield_uSv_per_week": free * 1e6,
        "goal_uSv_per_week": AREAS[area] * 1e6,
        "occupancy": asked.occupancy,
        "dose_rate_one_patient_1m_uSv_per_h": plan.constant * plan.activity * plan.voided * 1e6 * un.h,
        "transmission": B,
        "thickness_mm": {name: thickness(B, row) for name, row in rows.items()},
        "source": SOURCE,
        "edition": "2006",
        "on": day.isoformat(),
        "remarks": remarks,
        "hevesy": __version__,
    }
