"""The ways in which the patients of a day can be placed on a grid of times, and what each needs."""

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.supply.day_plan import Day, Patient, Scanner

UNIT = 0.1 * un.MBq  # in which the solver counts activity


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to place a patient: steps of injection and scan, length of the scan in steps, vial, group of scanners."""

    injection: int
    scan: int
    length: int
    vial: str
    group: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The programme of a day: its model, groups of scanners, ways of each patient and cost of activity by vial and step."""

    model: Any
    day: Day
    origin: float
    groups: tuple[tuple[Scanner, ...], ...]
    ways: dict[str, dict[Way, Any]]  # of each patient: whether it is taken
    placed: dict[str, Any]
    grown: dict[str, list[float]]  # of each vial, by step: units at calibration for 1 Bq at the injection


def laid_out(day: Day, fixed: Mapping[str, Callable[[Way], bool]], model: Any = None) -> Terms:
    """The ways of each patient, without variables."""
    origin = min(vial.available for vial in day.vials)
    if max(scanner.closes for scanner in day.scanners) - origin < day.step:
        raise InputError("the scanners close before a vial is there. Correct the hours of the plan.")
    end = max(scanner.closes for scanner in day.scanners)
    times = [origin + k * day.step for k in range(math.ceil((end - origin) / day.step) + 2)]
    lam, more = day.decay_constant, (1 + day.extra) / UNIT
    grown = {vial.name: [more * math.exp(lam * (t - vial.calibration)) for t in times] for vial in day.vials}
    terms = Terms(model=model, day=day, origin=origin, groups=alike_scanners(day), ways={}, placed={}, grown=grown)
    for patient in day.patients:
        agrees = fixed.get(patient.name)
        terms.ways[patient.name] = dict.fromkeys(w for w in _possible(terms, patient) if agrees is None or agrees(w))
    return terms


def _possible(terms: Terms, patient: Patient) -> list[Way]:
    """All ways on the grid within what is allowed; of vials without limit only the one that costs least at each step."""
    day, origin = terms.day, terms.origin

    def first(time: float) -> int:
        return math.ceil(time / day.step - 1e-6)

    def last(time: float) -> int:
        return math.floor(time / day.step + 1e-6)

    uptakes = range(first(patient.shortest), last(patient.longest) + 1)
    groups = [(g, group[0]) for g, group in enumerate(terms.groups) if not patient.scanners or group[0].name in patient.scanners]
    closes = max((scanner.closes for _, scanner in groups), default=origin)
    found = []
    for k in range(max(0, first(patient.earliest - origin)), last(min(patient.latest, closes) - origin) + 1):
        there = [vial for vial in day.vials if vial.available <= origin + k * day.step + 1e-6]
        free = max((vial for vial in there if math.isinf(vial.most)), key=lambda vial: vial.calibration, default=None)
        for vial, (g, scanner), uptake in itertools.product(there, groups, uptakes):
            within = first(scanner.opens - origin) <= k + uptake <= last(scanner.closes - patient.scan - origin)
            if within and (vial is free or not math.isinf(vial.most)):
                found.append(Way(injection=k, scan=k + uptake, length=first(patient.scan), vial=vial.name, group=g))
    return found


def alike_scanners(day: Day) -> tuple[tuple[Scanner, ...], ...]:
    """Scanners that differ in name only, together."""
    groups: dict[Any, list[Scanner]] = defaultdict(list)
    for scanner in day.scanners:
        users = tuple(not p.scanners or scanner.name in p.scanners for p in day.patients)
        groups[scanner.opens, scanner.closes, users].append(scanner)
    return tuple(tuple(group) for group in groups.values())


def way_needs(day: Day, way: Way) -> tuple[tuple[str, int, int, int], ...]:
    """What a way needs: kind and group of it, from which step on, up to which."""
    busy = math.ceil(day.injection / day.step - 1e-6)
    needs = (("scanner", way.group, way.scan, way.scan + way.length), ("injector", 0, way.injection, way.injection + busy))
    return (*needs, ("room", 0, way.injection, way.scan)) if day.rooms else needs


def capacity(terms: Terms, kind: str, group: int) -> int:
    """How many scanners of a group, injectors or rooms there are."""
    return {"scanner": len(terms.groups[group]), "injector": terms.day.injectors, "room": terms.day.rooms}[kind]


def way_cost(terms: Terms, patient: Patient, way: Way) -> int:
    """Units at calibration, rounded up, so that what is ordered suffices."""
    return math.ceil(patient.activity * terms.grown[way.vial][way.injection])
