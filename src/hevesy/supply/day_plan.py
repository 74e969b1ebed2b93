"""A day's plan of patients, vials and scanners that needs the least activity: what is planned, and what came of it."""

import math
from dataclasses import dataclass

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.nuclides import load_nuclide


@dataclass(frozen=True, slots=True, kw_only=True)
class Vial:
    """A vial: time to which its activity refers, first time of use (both of day [s]), and what it can hold then [Bq]."""

    name: str
    calibration: float
    available: float
    most: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """A scanner and when it is open, times of day [s]."""

    name: str
    opens: float
    closes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One patient.

    Attributes
    ----------
    name : str                          Pseudonym.
    activity, lowest, highest : float   Wanted at the injection and the limits of what is allowed [Bq].
    uptake, shortest, longest : float   Wanted time from injection to scan and its limits [s].
    scan : float                        Time on the scanner, changing of patients included [s].
    earliest, latest : float            Of the injection, times of day [s].
    scanners : tuple of str             Allowed; none: all.
    """

    name: str
    activity: float
    lowest: float
    highest: float
    uptake: float
    shortest: float
    longest: float
    scan: float
    earliest: float = 0.0
    latest: float = un.d
    scanners: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (0 < self.lowest <= self.activity <= self.highest < math.inf):
            raise InputError(
                f"a patient's activity is {self.activity / un.MBq:g} MBq, allowed {self.lowest / un.MBq:g} to "
                f"{self.highest / un.MBq:g} MBq; it must lie between them and above 0. Correct the plan."
            )
        if not (0 <= self.shortest <= self.uptake <= self.longest < math.inf and self.scan > 0):
            raise InputError(
                f"a patient's uptake is {self.uptake / un.min_:g} min, allowed {self.shortest / un.min_:g} to "
                f"{self.longest / un.min_:g} min, the scan {self.scan / un.min_:g} min. Put them in order; a scan is above 0."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What is to be planned.

    Attributes
    ----------
    nuclide : str
    vials, scanners, patients : tuple
    injection : float                   Time that the injection of one patient takes [s].
    injectors : int                     Patients who can be injected at one time.
    rooms : int                         Patients who can wait between injection and scan; 0: any number.
    step : float                        Of the times that are tried [s].
    extra : float                       Ordered on top, for what stays in vials and syringes [1].
    """

    nuclide: str
    vials: tuple[Vial, ...]
    scanners: tuple[Scanner, ...]
    patients: tuple[Patient, ...]
    injection: float = 5 * un.min_
    injectors: int = 1
    rooms: int = 0
    step: float = 5 * un.min_
    extra: float = 0.0

    def __post_init__(self) -> None:
        for what, found in (("vial", self.vials), ("scanner", self.scanners), ("patient", self.patients)):
            names = [one.name for one in found]
            if not names or len(set(names)) != len(names):
                raise InputError(
                    f"the day has {len(names)} {what}s, {len(set(names))} names. Give one or more, each its own name."
                )
        known = {scanner.name for scanner in self.scanners}
        for patient in self.patients:
            if unknown := sorted(set(patient.scanners) - known):
                raise InputError(f"scanner {unknown[0]!r} of a patient is not there; there are {', '.join(sorted(known))}.")
        if self.step < un.min_ or self.injection <= 0 or self.injectors < 1 or self.rooms < 0 or not 0 <= self.extra < 1:
            raise InputError(
                f"step {self.step / un.min_:g} min, injection {self.injection / un.min_:g} min, {self.injectors} injectors, "
                f"{self.rooms} rooms, extra {100 * self.extra:g} %; a step is 1 min or more, one injector or more. "
                "Correct the plan."
            )

    @property
    def decay_constant(self) -> float:
        """Of the nuclide [1/s]."""
        return load_nuclide(self.nuclide).decay_constant


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One planned patient: vial, scanner, times of day [s], activity at the injection and at calibration of the vial [Bq]."""

    patient: Patient
    vial: str
    scanner: str
    injection: float
    scan: float
    activity: float
    at_calibration: float
    past: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """A plan.

    Attributes
    ----------
    visits : tuple of Visit             By injection.
    refused : tuple of str              Patients for whom there is no place within what is allowed.
    ordered : dict                      Activity of each vial at its calibration [Bq].
    bound : float                       No plan with as many patients needs less activity than this [Bq]; nan where not known.
    status : str                        "optimal": nothing better exists on the grid; "feasible": that is not known.
    repeatable : bool                   Whether the search ended by its own count of work: then each run gives this plan.
    """

    visits: tuple[Visit, ...]
    refused: tuple[str, ...]
    ordered: dict[str, float]
    bound: float
    status: str
    repeatable: bool = True


def faults(day: Day, plan: DayPlan) -> tuple[str, ...]:
    """What in ``plan`` breaks a rule of ``day``, found without the solver; nothing if it is sound.

    Checked: activity and uptake within what is allowed, hours of injection, availability and content of vials, hours of
    scanners, one patient a scanner, injectors, waiting rooms. Hours of injection are not checked for the past.
    """
    found = []
    vials, scanners = {v.name: v for v in day.vials}, {s.name: s for s in day.scanners}
    slack = 1e-6
    for visit in plan.visits:
        p, name = visit.patient, visit.patient.name
        if not p.lowest * (1 - slack) <= visit.activity <= p.highest * (1 + slack):
            found.append(f"{name}: activity {visit.activity / un.MBq:.1f} MBq is not allowed")
        if not p.shortest - slack <= visit.scan - visit.injection <= p.longest + slack:
            found.append(f"{name}: uptake {(visit.scan - visit.injection) / un.min_:g} min is not allowed")
        if not visit.past and not p.earliest - slack <= visit.injection <= p.latest + slack:
            found.append(f"{name}: injected outside the allowed hours")
        if visit.injection < vials[visit.vial].available - slack:
            found.append(f"{name}: injected before the vial is there")
        scanner = scanners[visit.scanner]
        if visit.scan < scanner.opens - slack or visit.scan + p.scan > scanner.closes + slack:
            found.append(f"{name}: scanned outside the hours of the scanner")
        if p.scanners and visit.scanner not in p.scanners:
            found.append(f"{name}: on a scanner that is not allowed")
    for name in scanners:
        spans = sorted((v.scan, v.scan + v.patient.scan) for v in plan.visits if v.scanner == name)
        if any(b[0] < a[1] - slack for a, b in zip(spans, spans[1:], strict=False)):
            found.append(f"{name}: two patients at a time")
    if at_once([(v.injection, v.injection + day.injection) for v in plan.visits]) > day.injectors:
        found.append("more injections at a time than injectors")
    if day.rooms and at_once([(v.injection, v.scan) for v in plan.visits]) > day.rooms:
        found.append("more patients waiting than rooms")
    for name, content in plan.ordered.items():
        drawn = math.fsum(v.at_calibration for v in plan.visits if v.vial == name) * (1 + day.extra)
        if drawn > content * (1 + 1e-4) or content > vials[name].most * (1 + slack):
            found.append(f"{name}: more is drawn or ordered than it holds")
    return tuple(found)


def at_once(spans: list[tuple[float, float]]) -> int:
    """The largest number of spans that overlap."""
    events = sorted([(start, 1) for start, _ in spans] + [(stop, -1) for _, stop in spans])
    most = now = 0
    for _, change in events:
        now += change
        most = max(most, now)
    return most
