"""Published examples of release, staff and waste, put together for the reference cases."""

import math
from datetime import date

import numpy as np

from hevesy import units as u
from hevesy.nuclides import load_nuclide
from hevesy.protection.contacts import Contact, Pattern, dose
from hevesy.protection.distance import METRE, DistanceLaw, relative_dose_rate
from hevesy.protection.dose_rate import USV_PER_H, DoseRateCurve, dose_after
from hevesy.protection.packages import contaminated, label, leaks, transport_index
from hevesy.protection.release import Person, excretion_dose, release_activity, restriction, spouse_dose
from hevesy.protection.release_tables import CONSTANT, constant_of, pattern_of, pattern_rows, published_restrictions
from hevesy.protection.shielding import VOIDED, Room, transmission_needed
from hevesy.protection.staff import activity_for, hand_rows
from hevesy.protection.waste import Content, activity_at

LAW = DistanceLaw(name="power-1.5")
CLOCK = 10.5 * u.h
DAY = date(2026, 1, 1)


def curve_of(rate_at_1m, fractions, half_lives_h):
    n = len(fractions)
    return DoseRateCurve(
        amplitudes=rate_at_1m * USV_PER_H * np.array(fractions, dtype=float),
        rates=math.log(2) / (np.array(half_lives_h, dtype=float) * u.h),
        covariance=np.zeros((2 * n, 2 * n)),
        basis="a published curve",
    )


GLOWGREEN = curve_of(60 * 2**1.5, (0.3, 0.7), (8, 30))
PATTERN = Pattern(
    name="morning and afternoon",
    contacts=(
        Contact(start=7.5 * u.h, duration=0.75 * u.h, distance=0.3 * METRE),
        Contact(start=16 * u.h, duration=3.5 * u.h, distance=METRE),
    ),
)


def glowgreen():
    """Restriction [h] and dose [mSv] of the documented example."""
    person = Person(name="x", kind="adult", constraint=1e-3, pattern=PATTERN)
    found = restriction(person, GLOWGREEN, law=LAW, clock=CLOCK)
    return [found.delay / u.h, found.dose.value * 1e3]


def glowgreen_dose(delay_h):
    return dose(PATTERN, GLOWGREEN, law=LAW, clock=CLOCK, delay=delay_h * u.h).value * 1e3


def cormack_shearer(patterns):
    """Restrictions of patterns of the table for the same patient, two treatments in a year [h]."""
    rows = pattern_rows(on=DAY)
    made = []
    for name in patterns:
        of, _, film = name.partition(":")
        # 5 mSv an episode for carers, 0.1 mSv a year where film is handled, 1 mSv a year for others
        constraint = 5e-3 if rows[of][0]["kind"] == "carer" else 0.05e-3 if film else 0.5e-3
        person = Person(name=name, kind="adult", constraint=constraint, pattern=pattern_of(rows[of]))
        made.append(restriction(person, GLOWGREEN, law=LAW, clock=CLOCK).delay / u.h)
    return made


def guide_activity(nuclides):
    """Release activities for 5 mSv [GBq]."""
    return [_activity(name) / u.GBq for name in nuclides]


def guide_dose_rate(nuclides):
    """Dose rates at 1 m of these activities [mrem/h]."""
    return [_activity(name) * _constant(name) / USV_PER_H / 10 for name in nuclides]


def _constant(name):
    return constant_of(name, on=DAY, kind="exposure").number("constant_uSv_m2_per_MBq_h") * CONSTANT


def _activity(name):
    return release_activity(5e-3, constant=_constant(name), half_life=load_nuclide(name).half_life)


def guide_excretion():
    """Example 3 of the guide [rem]."""
    found = excretion_dose(
        55 * 37 * u.MBq,
        constant=_constant("I-131"),
        half_life=8.0 * u.d,
        occupancy=(0.75, 0.25),
        uptake=((0.2, 0.32 * u.d), (0.8, 5.2 * u.d)),
    )
    return found * 100


def dose_of_rate(rate_uSv_per_h, half_life_h, occupancy=1.0):
    """Dose from now to infinity at the distance of a dose rate [mSv]."""
    return occupancy * dose_after(curve_of(rate_uSv_per_h, (1,), (half_life_h,)), 0.0).value * 1e3


def line(distances_m):
    law = DistanceLaw(name="line", height=1.7 * METRE)
    return [relative_dose_rate(d * METRE, law) for d in distances_m]


def barrier(distance_m, stay_min, uptake_min=0.0):
    """Transmission of AAPM TG-108: 40 patients a week, 555 MBq."""
    room = Room(
        patients=40, activity=555 * u.MBq, stay=stay_min * u.min_, before=uptake_min * u.min_,
        voided=VOIDED if uptake_min else 1.0, half_life=109.8 * u.min_,
    )  # fmt: skip
    return transmission_needed(room, distance_m * METRE)


def hands(pairs):
    """Activity that brings the mean worker 500 mSv to the hands [GBq]."""
    return [activity_for(0.5, hand_rows(nuclide, task, on=DAY)["mean"]) / u.GBq for nuclide, task in pairs]


def vial(days):
    """A vial of 118 MBq of which 0.3 % is Lu-177m [MBq]."""
    contents = (
        Content(nuclide="Lu-177", activity=0.997 * 118 * u.MBq),
        Content(nuclide="Lu-177m", activity=0.003 * 118 * u.MBq),
    )
    return [activity_at(contents, t * u.d) / u.MBq for t in days]


def lutetium_days(setting):
    """Days apart after Lu-177 DOTATATE: of the mean patient, then for 95 % of them, by contact."""
    rows = [row for row in published_restrictions("Lu-177", on=DAY) if row["setting"] == setting]
    return [[row.number("days"), row.number("days_95")] for row in rows]


def thyroid_days(activity_GBq):
    """Days of each restriction after radioiodine in US practice."""
    rows = published_restrictions("I-131", on=DAY, activity=activity_GBq * u.GBq)
    return [row.number("days") for row in rows if row["therapy"] == "thyroid cancer"]


def spouses(days):
    """Mean dose to the spouse by activity after days apart [uSv/MBq]."""
    return [spouse_dose(u.MBq, t * u.d) * 1e6 for t in days]


def indices(rates_mrem_per_h):
    return [transport_index(rate * 10 * USV_PER_H) for rate in rates_mrem_per_h]


def package_label(surface_mrem_per_h, at_1m_mrem_per_h):
    return label(surface_mrem_per_h * 10 * USV_PER_H, at_1m_mrem_per_h * 10 * USV_PER_H)


def wipes(leak_dpm, receipt_dpm_per_cm2):
    """Whether a wipe of a source leaks, and of a package is above the limit: 1 or 0."""
    return [float(leaks(leak_dpm / 60)), float(contaminated(receipt_dpm_per_cm2 / 60, 1.0))]


def inverse_line(distance_m):
    return 1 / line([distance_m])[0]
