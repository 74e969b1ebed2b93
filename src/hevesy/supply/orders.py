"""What to order for a list of patients, and what each gets if the delivery is late."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.nuclides import load_nuclide

TOLERANCE = 0.2  # of a prescribed activity: 10 CFR 35.63(d)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """One patient of the list.

    Attributes
    ----------
    name : str                          Pseudonym.
    activity : float                    Wanted at the injection [Bq].
    injection : float                   Time of day [s].
    uptake : float                      From injection to scan [s].
    """

    name: str
    activity: float
    injection: float
    uptake: float = 0.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.activity) and self.activity > 0):
            raise InputError(f"a wanted activity is {self.activity:g} Bq; it must be above 0. Correct the list.")
        if not (math.isfinite(self.injection) and math.isfinite(self.uptake) and self.uptake >= 0):
            raise InputError("a time of injection or uptake is no number of 0 or more. Correct the list.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One delivery: the time to which its activity refers, and when it can first be used, both times of day [s]."""

    calibration: float
    arrival: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one patient takes of a delivery: number of the delivery, activity at its calibration [Bq], share of it [1]."""

    appointment: Appointment
    delivery: int
    at_calibration: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Activity at calibration of each delivery [Bq], what each patient takes of it, decay constant [1/s], extra [1]."""

    deliveries: tuple[Delivery, ...]
    activity: tuple[float, ...]
    shares: tuple[Share, ...]
    decay_constant: float
    extra: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LateDose:
    """What a patient gets of a late delivery.

    Attributes
    ----------
    share : Share                       As planned.
    injection : float                   New time of injection [s].
    same_volume : float                 Activity in the volume that was planned [Bq].
    in_turn : float                     Activity if each before took what was wanted, while it lasts [Bq].
    """

    share: Share
    injection: float
    same_volume: float
    in_turn: float


def grown_by(nuclide: str, time: float) -> float:
    """2^(time / T): what an activity must be larger if it is needed ``time`` [s] later."""
    return math.exp(load_nuclide(nuclide).decay_constant * time)


def order(appointments: Sequence[Appointment], deliveries: Sequence[Delivery], *, nuclide: str, extra: float = 0.0) -> Order:
    """Activity to order at calibration.

        A_cal = (1 + extra) sum_i A_i exp(lambda (t_i - t_cal))

    Each patient takes from the last delivery that is there at the injection.

    Parameters
    ----------
    appointments : sequence of Appointment
    deliveries : sequence of Delivery   By arrival or not.
    nuclide : str                       Its half-life is that of ICRP 107.
    extra : float                       On top, for what stays in vials and syringes [1].

    Neglected: daughters, the time of drawing up.

    Raises
    ------
    InputError
        No patient, no delivery, or a patient before the first delivery.
    """
    decay = load_nuclide(nuclide).decay_constant
    if not appointments or not deliveries:
        raise InputError(f"{len(appointments)} patients and {len(deliveries)} deliveries; both must be 1 or more.")
    if not 0 <= extra < 1:
        raise InputError(f"extra is {100 * extra:g} %; it must be from 0 to below 100 %. Write it as 5 %.")
    arriving = sorted(deliveries, key=lambda delivery: delivery.arrival)
    taken: list[tuple[Appointment, int, float]] = []
    for patient in sorted(appointments, key=lambda patient: patient.injection):
        there = [i for i, delivery in enumerate(arriving) if delivery.arrival <= patient.injection]
        if not there:
            raise InputError(
                f"an injection is planned at {clock(patient.injection)}; the first delivery is there at "
                f"{clock(arriving[0].arrival)}. Move the injection or order an earlier delivery."
            )
        wanted = patient.activity * (1 + extra) * math.exp(decay * (patient.injection - arriving[there[-1]].calibration))
        taken.append((patient, there[-1], wanted))
    totals = tuple(math.fsum(a for _, i, a in taken if i == n) for n in range(len(arriving)))
    return Order(
        deliveries=tuple(arriving),
        activity=totals,
        shares=tuple(Share(appointment=p, delivery=i, at_calibration=a, share=a / totals[i]) for p, i, a in taken),
        decay_constant=decay,
        extra=extra,
    )


def within(activity: float, wanted: float, tolerance: float = TOLERANCE) -> bool:
    """Whether an assayed activity may be given for a prescribed one: it differs by no more than ``tolerance`` of it [1].

    Reference: 10 CFR 35.63(d): 20 %, unless the authorised user directs otherwise.
    """
    if not (math.isfinite(activity) and activity >= 0 and wanted > 0):
        raise InputError(f"assayed {activity:g} Bq of prescribed {wanted:g} Bq; 0 or more, and above 0, are allowed.")
    return abs(activity - wanted) <= tolerance * wanted * (1 + 1e-9)


def late(planned: Order, delay: float, *, which: int | None = None, gap: float = 10 * un.min_) -> tuple[LateDose, ...]:
    """What each patient gets if a delivery comes ``delay`` [s] late.

    Nobody is injected before the delivery is there; those who wait follow each other by ``gap`` or by the time that was
    planned between them, whichever is shorter. ``same_volume`` is A_i exp(-lambda (t_i' - t_i)); ``in_turn`` draws what is
    wanted until nothing is left. Of both the planned extra stays behind, in vials and syringes.

    Parameters
    ----------
    planned : Order                     Of :func:`order`.
    which : int                         Number of the delivery that is late, from 0; all if left out.
    gap : float                         Between two injections of those who wait [s].
    """
    if not (math.isfinite(delay) and delay >= 0 and gap >= 0):
        raise InputError(f"late by {delay / un.min_:g} min with {gap / un.min_:g} min between; both must be 0 or more.")
    if which is not None and not 0 <= which < len(planned.deliveries):
        raise InputError(f"delivery {which + 1} is late; there are {len(planned.deliveries)}. Give one of them.")
    left = list(planned.activity)
    previous: dict[int, tuple[float, float]] = {}
    found = []
    for share in planned.shares:
        delivery, was = planned.deliveries[share.delivery], share.appointment.injection
        now = max(was, delivery.arrival + (delay if which in (None, share.delivery) else 0.0))
        if share.delivery in previous:
            was_before, now_before = previous[share.delivery]
            now = max(now, now_before + min(gap, was - was_before))
        previous[share.delivery] = (was, now)
        decayed = math.exp(-planned.decay_constant * (now - delivery.calibration))
        reaches = decayed / (1 + planned.extra)
        in_turn = min(share.appointment.activity, left[share.delivery] * reaches)
        left[share.delivery] = max(0.0, left[share.delivery] - in_turn / reaches)
        found.append(LateDose(share=share, injection=now, same_volume=share.at_calibration * reaches, in_turn=in_turn))
    return tuple(found)


def clock(time: float) -> str:
    """A time of day [s] as "09:30"; past midnight with the days that were added."""
    minutes = round(time / un.min_)
    days, rest = divmod(minutes, 1440)
    return f"{rest // 60:02d}:{rest % 60:02d}" + (f" {days:+d} d" if days else "")
