"""The search for a day's plan: a constraint programme, solved the same way each time."""

import math
import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hevesy import units as un
from hevesy.errors import InputError, ScopeError
from hevesy.supply.day_bound import Relaxed, Span, relaxed
from hevesy.supply.day_plan import Day, DayPlan, Patient, Visit
from hevesy.supply.day_ways import UNIT, Terms, Way, alike_scanners, capacity, laid_out, way_cost, way_needs

SEED = 20
# One unit of activity outweighs all minutes by which uptakes may differ from what is wanted.
WEIGHT = 1000
FINE = 1000  # parts of a unit, for what a vial must hold at least
NEAR = 30 * un.min_
LONGEST_BOUND = 0.5  # of the seconds, for the bound
SPLIT = 1e-9  # of a patient: above it a way is part of the split plan
PROMISING = 5e-4  # of the bound: ways that cost more than it by no more than this are tried first
ROUNDS = 400
MOVED, SHORT = 100, 10  # when replanning: a step by which a patient is moved, a unit that is missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long is searched: in the solver's own count of work, so that the answer is the same, and at most in seconds; the search
    ends too when no plan can need less by more than the share ``gap``."""

    work: float = 2.5
    seconds: float = 5.5
    gap: float = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happened: the time of day [s], and by how much patients are later than planned [s]."""

    now: float
    late: Mapping[str, float]


def plan_day(day: Day, *, effort: Effort | None = None) -> DayPlan:
    """The plan that places all patients it can and, of these plans, needs the least activity at calibration.

        minimise  sum_v A_v,   A_v = (1 + extra) sum_i A_i exp(lambda (t_i - t_cal,v))

    with every injection on a grid of ``day.step``, the uptake and the hours within what is allowed, one patient a scanner and
    no more injections or waiting patients at a time than there are injectors or rooms. Each patient gets the wanted activity.

    Raises
    ------
    InputError
        A day whose vials or scanners leave no time at all.
    """
    return _solved(day, None, None, effort or Effort())


def replan_day(day: Day, plan: DayPlan, change: Change, *, effort: Effort | None = None) -> DayPlan:
    """The plan after ``change``: the past stays, vials hold what was ordered, others are moved as little as can be.

    Injections and scans that have begun are fixed; a late patient comes by so much later than planned. Where a vial does not hold
    what is wanted any more, those who still draw from it get the same share of it, and nobody less than what is allowed.

    Raises
    ------
    InputError
        An unknown patient is late, or one who has been injected.
    """
    visits = {visit.patient.name: visit for visit in plan.visits}
    for name, by in change.late.items():
        if name not in visits:
            raise InputError(f"patient {name!r} is late, but is not in the plan; it has {', '.join(visits)}. Name one of these.")
        if not (math.isfinite(by) and by >= 0):
            raise InputError(f"patient {name} is late by {by / un.min_:g} min; it must be 0 or more.")
    return _solved(day, plan, change, effort or Effort())


def _solved(day: Day, plan: DayPlan | None, change: Change | None, effort: Effort) -> DayPlan:
    from ortools.sat.python import cp_model

    if plan is None:
        begun = time.monotonic()
        if (found := _promising(day, effort)) is not None:
            return found
        effort = replace(effort, seconds=max(1.0, effort.seconds - (time.monotonic() - begun)))
    patients = _after(day, plan, change)
    allowed: dict[str, Callable[[Way], bool]] = {}
    if plan is not None and change is not None:
        # near the plan first: a much smaller search, and few are moved far in any case
        near = _near(day, plan, change)
        terms, start = _modelled(cp_model.CpModel(), day, patients, plan, near)
        if not start:
            allowed = _past(day, plan, change)
    if plan is None or not start:
        terms, start = _modelled(cp_model.CpModel(), day, patients, plan, allowed)
    solver = _solver(effort, gap=effort.gap if plan is None else 0.0)
    status = solver.solve(terms.model)
    timed_out = status == cp_model.UNKNOWN and bool(start)
    if timed_out:
        # the plan that was the start, of which nothing is proven; the bound: each patient as if alone
        alone = math.fsum(min(way_cost(terms, p, way) for way in terms.ways[p.name]) for p in patients)
        terms, _ = _modelled(cp_model.CpModel(), day, patients, plan, {name: {way}.__contains__ for name, way in start.items()})
        status = solver.solve(terms.model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise ScopeError(
            "no plan was found: what has begun contradicts what is allowed, or the time was too short. Check the hours "
            "of vials and scanners, or allow more time."
        )
    best = not timed_out and float(solver.objective_value) <= float(solver.best_objective_bound)
    visits = _visits(day, terms, solver, plan, change)
    placed = {visit.patient.name for visit in visits}
    drawn: dict[str, float] = {vial.name: 0.0 for vial in day.vials}
    for visit in visits:
        drawn[visit.vial] += visit.at_calibration * (1 + day.extra)
    refused = tuple(p.name for p in day.patients if p.name not in placed)
    # each cost was rounded up by less than one unit, and uptakes count for less than one
    lowest = (solver.best_objective_bound - len(refused) * _refusal(terms)) / WEIGHT - 1 - len(visits)
    if timed_out:
        lowest = alone - len(visits)
    return DayPlan(
        visits=visits,
        refused=refused,
        ordered=drawn if plan is None else plan.ordered,
        bound=max(0.0, lowest * UNIT) if plan is None else math.nan,
        status="optimal" if best and plan is None else "feasible",
        repeatable=not timed_out and float(solver.wall_time) < effort.seconds,
    )


def _solver(effort: Effort, *, gap: float) -> Any:
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    settings = solver.parameters
    settings.random_seed, settings.num_workers, settings.linearization_level = SEED, 1, 2
    settings.max_deterministic_time, settings.max_time_in_seconds = effort.work, effort.seconds
    settings.relative_gap_limit = gap
    # the long presolve of thousands of yes-or-no variables gains nothing here
    settings.cp_model_probing_level, settings.symmetry_level, settings.max_presolve_iterations = 0, 0, 1
    return solver


def _promising(day: Day, effort: Effort) -> DayPlan | None:
    """The best plan for everybody among the ways that cost little more than the bound; None where that is not found.

    The bound is that of the programme in which patients may be split. A way that a better plan could take costs more than the
    bound by less than the plan that was found: where all these were among those that were tried, nothing better exists.
    """
    from ortools.sat.python import cp_model

    terms = laid_out(day, {})
    ways = [(patient, way) for patient in day.patients for way in terms.ways[patient.name]]
    begun = time.monotonic()
    low = _bound(terms, ways, LONGEST_BOUND * effort.seconds)
    if low is None:
        return None
    spent = time.monotonic() - begun
    kept: dict[str, set[Way]] = defaultdict(set)
    for (patient, way), excess, share in zip(ways, low.excess, low.share, strict=True):
        if excess <= PROMISING * low.bound or share > SPLIT:
            kept[patient.name].add(way)
    terms = _terms(cp_model.CpModel(), day, {name: own.__contains__ for name, own in kept.items()})
    _capacities(terms)
    terms.model.minimize(_least_activity(terms))
    terms.model.add_bool_and(terms.placed.values())
    for (patient, way), share in zip(ways, low.share, strict=True):
        if way in kept[patient.name]:
            terms.model.add_hint(terms.ways[patient.name][way], bool(share > 0.5))
    solver = _solver(replace(effort, seconds=effort.seconds - spent), gap=effort.gap)
    if solver.solve(terms.model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    visits = _visits(day, terms, solver, None, None)
    units = sum(way_cost(terms, patient, way) for patient, way in ways if _taken(terms, solver, patient, way))
    proven = float(solver.objective_value) <= float(solver.best_objective_bound) and units - low.bound <= PROMISING * low.bound
    drawn = {vial.name: 0.0 for vial in day.vials}
    for visit in visits:
        drawn[visit.vial] += visit.at_calibration * (1 + day.extra)
    # each cost was rounded up by less than one unit
    lowest = ((units if proven else low.bound) - len(visits)) * UNIT
    return DayPlan(
        visits=visits,
        refused=(),
        ordered=drawn,
        bound=max(0.0, lowest),
        status="optimal" if proven else "feasible",
        repeatable=float(solver.wall_time) < effort.seconds - spent,
    )


def _taken(terms: Terms, solver: Any, patient: Patient, way: Way) -> bool:
    var = terms.ways[patient.name].get(way)
    return var is not None and bool(solver.value(var))


def _modelled(
    model: Any, day: Day, patients: tuple[Patient, ...], plan: DayPlan | None, allowed: Mapping[str, Callable[[Way], bool]]
) -> tuple[Terms, dict[str, Way]]:
    """The programme, and a plan for everybody if one is known already: then nobody may be left out; else nothing."""
    terms = _terms(model, replace(day, patients=patients), allowed)
    _capacities(terms)
    model.minimize(_least_activity(terms) if plan is None else _least_change(terms, plan))
    start = _hint(terms, plan)
    if start:
        model.add_bool_and(terms.placed.values())
    return terms, start


def _after(day: Day, plan: DayPlan | None, change: Change | None) -> tuple[Patient, ...]:
    """The patients with the hours that are left to them."""
    if plan is None or change is None:
        return day.patients
    planned = {visit.patient.name: visit for visit in plan.visits}
    found = []
    for patient in day.patients:
        visit = planned.get(patient.name)
        by = change.late.get(patient.name, 0.0)
        if visit is not None and _begun(visit, change):
            # what was given is given: no less can be made of it
            given = visit.activity
            found.append(
                replace(
                    patient, earliest=visit.injection, latest=visit.injection,
                    activity=given, lowest=given, highest=max(given, patient.highest),
                )
            )  # fmt: skip
        else:
            first = max(patient.earliest, change.now, visit.injection + by if visit is not None and by else 0.0)
            found.append(replace(patient, earliest=first))
    return tuple(found)


def _begun(visit: Visit, change: Change) -> bool:
    return visit.injection < change.now and visit.patient.name not in change.late


def _terms(model: Any, day: Day, fixed: Mapping[str, Callable[[Way], bool]]) -> Terms:
    """Each way to place each patient is a yes or no; ``fixed`` says which ways the past leaves to a patient."""
    terms = laid_out(day, fixed, model)
    for i, patient in enumerate(day.patients):
        ways = terms.ways[patient.name]
        for n, way in enumerate(ways):
            ways[way] = model.new_bool_var(f"x{i}_{n}")
        terms.placed[patient.name] = model.new_bool_var(f"placed{i}")
        model.add_exactly_one([*ways.values(), ~terms.placed[patient.name]])
    return terms


def _capacities(terms: Terms) -> None:
    """One patient a scanner, injectors, rooms, contents of vials: at each step no more than there are."""
    model, day = terms.model, terms.day
    used: dict[tuple[str, int, int], list[Any]] = defaultdict(list)
    for ways in terms.ways.values():
        for way, var in ways.items():
            for kind, group, start, stop in way_needs(day, way):
                for k in range(start, stop):
                    used[kind, group, k].append(var)
    for (kind, g, _), users in used.items():
        there = capacity(terms, kind, g)
        if there == 1:
            model.add_at_most_one(users)
        else:
            model.add(sum(users) <= there)
    for vial in day.vials:
        if not math.isinf(vial.most):
            model.add(_needed(terms, vial.name) <= math.floor(vial.most / UNIT))


def _bound(terms: Terms, ways: Sequence[tuple[Patient, Way]], seconds: float) -> Relaxed | None:
    """The programme with patients that may be split, for these ways."""
    place = {patient.name: n for n, patient in enumerate(terms.day.patients)}
    spans: dict[tuple[str, int], list[tuple[int, int, int]]] = defaultdict(list)
    drawing: dict[str, list[int]] = defaultdict(list)
    for n, (_, way) in enumerate(ways):
        for kind, group, start, stop in way_needs(terms.day, way):
            spans[kind, group].append((n, start, stop))
        drawing[way.vial].append(n)
    tables = {key: np.array(rows) for key, rows in spans.items()}
    return relaxed(
        np.array([float(way_cost(terms, patient, way)) for patient, way in ways]),
        np.array([place[patient.name] for patient, _ in ways]),
        [
            Span(ways=table[:, 0], start=table[:, 1], stop=table[:, 2], there=capacity(terms, kind, group))
            for (kind, group), table in tables.items()
        ],
        [
            (np.array(drawing[vial.name]), float(math.floor(vial.most / UNIT)))
            for vial in terms.day.vials
            if not math.isinf(vial.most) and drawing[vial.name] and vial.most >= UNIT
        ],
        seconds=seconds,
    )


def _needed(terms: Terms, vial: str) -> Any:
    return sum(
        way_cost(terms, patient, way) * var
        for patient in terms.day.patients
        for way, var in terms.ways[patient.name].items()
        if way.vial == vial
    )


def _refusal(terms: Terms) -> int:
    """What a patient without a place costs: more than all activity and all moves together."""
    dearest = sum(max((way_cost(terms, p, way) for way in terms.ways[p.name]), default=0) for p in terms.day.patients)
    return WEIGHT * (dearest + 1) + MOVED * 300 * len(terms.day.patients)


def _uptakes(terms: Terms) -> tuple[Any, int]:
    """Steps by which uptakes differ from what is wanted, and the largest sum that this can have."""
    found, most = [], 0
    for patient in terms.day.patients:
        wanted = round(patient.uptake / terms.day.step)
        differs = {way: abs(way.scan - way.injection - wanted) for way in terms.ways[patient.name]}
        found += [steps * terms.ways[patient.name][way] for way, steps in differs.items() if steps]
        most += max(differs.values(), default=0)
    return sum(found), most


def _least_activity(terms: Terms) -> Any:
    differs, most = _uptakes(terms)
    if most >= WEIGHT:  # a very fine grid: the uptake then decides nothing
        differs = 0
    activity = sum(_needed(terms, vial.name) for vial in terms.day.vials)
    refused = sum(1 - var for var in terms.placed.values())
    return WEIGHT * activity + differs + _refusal(terms) * refused


def _least_change(terms: Terms, plan: DayPlan) -> Any:
    model, day = terms.model, terms.day
    short, moved = [], []
    for vial in day.vials:
        content = math.floor(plan.ordered[vial.name] * (1 + 1e-9) / UNIT) + len(day.patients)  # costs were rounded up
        least = [
            math.ceil(FINE * patient.lowest * terms.grown[way.vial][way.injection]) * var
            for patient in day.patients
            for way, var in terms.ways[patient.name].items()
            if way.vial == vial.name
        ]
        model.add(sum(least) <= math.floor(FINE * plan.ordered[vial.name] / UNIT) + len(day.patients))
        missing = model.new_int_var(0, 10**9, f"short_{vial.name}")
        model.add(_needed(terms, vial.name) - content <= missing)
        short.append(missing)
    planned = {
        visit.patient.name: tuple(round((t - terms.origin) / day.step) for t in (visit.injection, visit.scan))
        for visit in plan.visits
    }
    for name, ways in terms.ways.items():
        for way, var in ways.items():
            injection, scan = planned.get(name, (way.injection, way.scan))
            moved.append((MOVED * abs(way.injection - injection) + MOVED // 2 * abs(way.scan - scan)) * var)
    differs, _ = _uptakes(terms)
    refused = sum(1 - var for var in terms.placed.values())
    return SHORT * sum(short) + sum(moved) + differs + _refusal(terms) * refused


def _past(day: Day, plan: DayPlan, change: Change) -> dict[str, Callable[[Way], bool]]:
    """Which ways agree with what has begun: the injection and its vial, and the scan if it has begun too."""
    origin = min(vial.available for vial in day.vials)
    groups = alike_scanners(day)
    now = math.ceil((change.now - origin) / day.step - 1e-6)

    def agrees(visit: Visit) -> Callable[[Way], bool]:
        injection, scan = (round((t - origin) / day.step) for t in (visit.injection, visit.scan))
        group = next(i for i, group in enumerate(groups) if visit.scanner in {s.name for s in group})
        if visit.scan < change.now:
            return lambda way: (way.injection, way.vial, way.scan, way.group) == (injection, visit.vial, scan, group)
        return lambda way: (way.injection, way.vial) == (injection, visit.vial) and way.scan >= now

    return {visit.patient.name: agrees(visit) for visit in plan.visits if _begun(visit, change)}


def _near(day: Day, plan: DayPlan, change: Change) -> dict[str, Callable[[Way], bool]]:
    """The past, and for those who are in time and have not been injected what is within ``NEAR`` of the plan."""
    origin = min(vial.available for vial in day.vials)
    allowed = _past(day, plan, change)

    def near(visit: Visit) -> Callable[[Way], bool]:
        return lambda way: abs(origin + way.injection * day.step - visit.injection) <= NEAR

    for visit in plan.visits:
        if visit.patient.name not in allowed and visit.patient.name not in change.late:
            allowed[visit.patient.name] = near(visit)
    return allowed


def _hint(terms: Terms, plan: DayPlan | None) -> dict[str, Way]:
    """A plan to start from; returned if it places everybody, else nothing is.

    Patients with few ways come first, then those with much activity for the time of their scan, each where it costs least of what
    is still free; then orders with two patients exchanged are tried and kept if they cost less. When replanning, in the order of
    the plan and as near to it as can be.
    """
    day = terms.day
    planned = {} if plan is None else {v.patient.name: (v.injection, v.scan) for v in plan.visits}

    def rank(patient: Patient) -> list[tuple[float, float, int, Way]]:
        found = []
        for n, way in enumerate(terms.ways[patient.name]):
            cost = way_cost(terms, patient, way)
            moved, wide = 0.0, abs((way.scan - way.injection) * day.step - patient.uptake)
            if patient.name in planned:
                injection, scan = planned[patient.name]
                moved = abs(terms.origin + way.injection * day.step - injection)
                wide = abs(terms.origin + way.scan * day.step - scan)
            found.append((moved + 0.1 * wide, float(cost), n, way) if planned else (float(cost), wide, n, way))
        return sorted(found)

    ranked = {patient.name: rank(patient) for patient in day.patients}
    limit = {v.name: v.most / UNIT if plan is None else plan.ordered[v.name] / UNIT for v in day.vials}
    limit = {name: most if plan is not None or math.isinf(most) else math.floor(most) for name, most in limit.items()}
    order = sorted(
        day.patients, key=lambda p: (len(terms.ways[p.name]) > 5, planned.get(p.name, ()), -p.activity / p.scan, p.name)
    )
    names = [patient.name for patient in order]
    best = _greedy(terms, names, ranked, limit, plan is not None)
    draw = random.Random(SEED)
    for _ in range(ROUNDS if plan is None and len(names) > 1 else 0):
        a, b = draw.sample(range(len(names)), 2)
        names[a], names[b] = names[b], names[a]
        found = _greedy(terms, names, ranked, limit, plan is not None)
        if (-len(found[1]), found[0]) <= (-len(best[1]), best[0]):
            best = found
        else:
            names[a], names[b] = names[b], names[a]
    for name, ways in terms.ways.items():
        for way, var in ways.items():
            terms.model.add_hint(var, best[1].get(name) == way)
        terms.model.add_hint(terms.placed[name], name in best[1])
    return best[1] if len(best[1]) == len(names) else {}


def _greedy(
    terms: Terms,
    names: Sequence[str],
    ranked: Mapping[str, Sequence[tuple[float, float, int, Way]]],
    limit: Mapping[str, float],
    drawn_low: bool,
) -> tuple[float, dict[str, Way]]:
    """Cost and ways when each in turn takes the best of what is free."""
    day = terms.day
    busy, steps = math.ceil(day.injection / day.step - 1e-6), 2 * len(next(iter(terms.grown.values())))
    scanners = [[len(group)] * steps for group in terms.groups]
    injectors, rooms = [day.injectors] * steps, [day.rooms] * steps
    left, total, chosen = dict(limit), 0.0, dict[str, Way]()
    finite = any(not math.isinf(most) for most in limit.values())
    costs = {p.name: p.lowest if drawn_low else p.activity for p in day.patients}
    for name in names:
        for first, second, _, way in ranked[name]:
            if not (
                all(injectors[way.injection : way.injection + busy])
                and all(scanners[way.group][way.scan : way.scan + way.length])
            ):
                continue
            if day.rooms and not all(rooms[way.injection : way.scan]):
                continue
            if finite:
                cost = costs[name] * terms.grown[way.vial][way.injection]
                cost = cost if drawn_low else math.ceil(cost)
                if cost > left[way.vial]:
                    continue
                left[way.vial] -= cost
            for row, start, stop in (
                (injectors, way.injection, way.injection + busy),
                (scanners[way.group], way.scan, way.scan + way.length),
                (rooms, way.injection, way.scan if day.rooms else way.injection),
            ):
                for k in range(start, stop):
                    row[k] -= 1
            chosen[name] = way
            total += first + 1e-4 * second
            break
    return total, chosen


def _visits(day: Day, terms: Terms, solver: Any, plan: DayPlan | None, change: Change | None) -> tuple[Visit, ...]:
    found = []
    before = {visit.patient.name: visit for visit in plan.visits} if plan is not None else {}
    for patient in day.patients:
        name = patient.name
        if not solver.value(terms.placed[name]):
            continue
        way = next(way for way, var in terms.ways[name].items() if solver.value(var))
        injection = terms.origin + way.injection * day.step
        calibration = next(v.calibration for v in day.vials if v.name == way.vial)
        past = change is not None and name in before and _begun(before[name], change)
        activity = before[name].activity if past else patient.activity
        found.append(
            Visit(
                patient=patient,
                vial=way.vial,
                scanner="",
                injection=injection,
                scan=terms.origin + way.scan * day.step,
                activity=activity,
                at_calibration=activity * math.exp(day.decay_constant * (injection - calibration)),
                past=past,
            )
        )
    if plan is not None:
        found = _shared(day, plan, found)
    placed = _on_scanners(terms, solver, found, before, change)
    return tuple(sorted(placed, key=lambda visit: (visit.injection, visit.patient.name)))


def _shared(day: Day, plan: DayPlan, visits: list[Visit]) -> list[Visit]:
    """Where a vial is short, the same share of what is wanted to all who still draw from it, but nobody below the allowed."""
    found = []
    for vial in day.vials:
        own = [visit for visit in visits if visit.vial == vial.name]
        left = plan.ordered[vial.name] / (1 + day.extra) - math.fsum(v.at_calibration for v in own if v.past)
        open_, fixed = [v for v in own if not v.past], 0.0
        share, held = 1.0, set[str]()
        while True:
            wanted = math.fsum(v.at_calibration for v in open_ if v.patient.name not in held)
            share = min(1.0, (left - fixed) / wanted) if wanted > 0 else 1.0
            new = {v.patient.name for v in open_ if share * v.patient.activity < v.patient.lowest} - held
            if not new:
                break
            held |= new
            fixed = math.fsum(v.at_calibration * v.patient.lowest / v.patient.activity for v in open_ if v.patient.name in held)
        for visit in own:
            if not visit.past:
                part = visit.patient.lowest / visit.patient.activity if visit.patient.name in held else share
                visit = replace(visit, activity=visit.activity * part, at_calibration=visit.at_calibration * part)
            found.append(visit)
    return found


def _on_scanners(
    terms: Terms, solver: Any, visits: list[Visit], before: Mapping[str, Visit], change: Change | None
) -> list[Visit]:
    """Scanners of a group given out in the order of the scans; the one planned before is kept where it is free."""
    found = []
    own_group = {name: way.group for name, ways in terms.ways.items() for way, var in ways.items() if solver.value(var)}
    for g, group in enumerate(terms.groups):
        free = {scanner.name: -math.inf for scanner in group}
        own = sorted((v for v in visits if own_group.get(v.patient.name) == g), key=lambda v: (v.scan, v.patient.name))
        # whoever lies on a scanner already stays there
        running = {
            v.patient.name: before[v.patient.name].scanner
            for v in own
            if change is not None and v.past and before[v.patient.name].scan < change.now
        }
        for visit in sorted(own, key=lambda v: (v.scan, v.patient.name not in running, v.patient.name)):
            name = visit.patient.name
            open_now = [scanner for scanner, until in free.items() if until <= visit.scan + 1e-6]
            kept = before[name].scanner if name in before else ""
            chosen = running.get(name) or (kept if kept in open_now else max(open_now, key=lambda s: (free[s], s)))
            free[chosen] = visit.scan + visit.patient.scan
            found.append(replace(visit, scanner=chosen))
    return found
