"""What each organ has received over a course: dose, BED and EQD2 with uncertainties that know what cycles share."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from hevesy import units as un
from hevesy.anatomy import standard_name
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.planning.course import BeamRegion, Course, Cycle, CycleRegion, ErrorPart, ExternalBeam, Vector, root_sum_square
from hevesy.planning.limits import QUANTITIES
from hevesy.radiobiology import Repair, Tissue, lea_catcheside

STEP = 1e-3  # relative step of the derivative of G by the half-times


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """A share of a row's dose: one region in one cycle, or in one course of external beams.

        dose = D,   BED = D + Q / (alpha/beta),   Q = G D^2, or for n fractions of external beams mean(D^2) / n

    Attributes
    ----------
    label, region : str                 Of the cycle or beam; of the region.
    weight : float                      With which it enters the row: its share of the mass where left and right are joined [1].
    D : float                           [Gy].
    known : bool                        Whether D has an uncertainty.
    errors : tuple of ErrorPart
    amplitudes, rates : ndarray         Of the dose rate's shape; empty for external beams.
    half_life_u : float                 Relative u of the effective half-life [1].
    acute : float                       mean(D^2) / n of external beams [Gy2]; 0 for cycles.
    """

    label: str
    region: str
    weight: float
    D: float
    known: bool
    errors: tuple[ErrorPart, ...]
    amplitudes: Vector | None = None
    rates: Vector | None = None
    half_life_u: float = 0.0
    acute: float = 0.0

    def G(self, tissue: Tissue) -> float:
        """Lea-Catcheside factor; 1 for fractions of external beams [1]."""
        if self.amplitudes is None or self.rates is None:
            return 1.0
        return lea_catcheside(self.amplitudes, self.rates, tissue.repair)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LedgerRow:
    """An organ, side or lesion over the course.

    Attributes
    ----------
    name, organ, kind : str             "Left kidney", "Kidney, both", "Lesion 1"; organ without the side, or "".
    members : tuple of str              Region names as drawn.
    tissue : Tissue or None             Of BED and EQD2; None where no tissue is known for it.
    parts : tuple of Part
    missing : tuple of str              Cycles in which it was not drawn: the sums are then lower bounds.
    ill_posed : tuple of str            Cycles whose fit of it must not be used without thinking.
    """

    name: str
    organ: str
    kind: str
    members: tuple[str, ...]
    tissue: Tissue | None
    parts: tuple[Part, ...]
    missing: tuple[str, ...]
    ill_posed: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Cycles and beams that it has a dose of, in order."""
        return tuple(dict.fromkeys(part.label for part in self.parts))


def ledger(course: Course, tissues: Mapping[str, Tissue]) -> tuple[LedgerRow, ...]:
    """One row a region, and one for left and right together, weighted by mass.

    Parameters
    ----------
    tissues : mapping                   Region or organ name to tissue; regions without one have doses only.

    Raises
    ------
    InputError
        A tissue is given for a region that is nowhere in the course.
    """
    names = list(dict.fromkeys(key for cycle in course.cycles for key in cycle.regions))
    rows = []
    for name in names:
        found = [cycle.regions[name] for cycle in course.cycles if name in cycle.regions]
        rows.append(_row(course, name, [(name, found[-1])], tissues))
    pairs: dict[str, list[tuple[str, CycleRegion]]] = {}
    for name in names:
        region = next(cycle.regions[name] for cycle in course.cycles if name in cycle.regions)
        known = standard_name(region.standard_name) if region.standard_name else None
        if region.kind == "organ" and known is not None and known.side:
            pairs.setdefault(known.organ, []).append((name, region))
    for organ, sides in pairs.items():
        if len(sides) == 2:
            # After the second side.
            place = max(i for i, row in enumerate(rows) if row.name in {name for name, _ in sides})
            rows.insert(place + 1, _row(course, f"{organ}, both", sides, tissues))
    known_names = {text for row in rows for text in (row.name, row.organ, *row.members)} | {"Lesion"}
    for name in tissues:
        if name not in known_names:
            raise InputError(f"tissue of {name}: there is no such region in the course; there are {', '.join(names)}.")
    return tuple(rows)


def total(
    row: LedgerRow, quantity: str = "dose", tissue: Tissue | None = None, *, parts: Sequence[Part] | None = None
) -> Measured:
    """Sum over the course of dose, BED or EQD2 of a row.

        u^2 = sum over sources s of (sum over parts p of w_p dF/dD_p D_p r_sp)^2 + (dF/d(alpha/beta) u)^2
              + (dF/d ln T_rep u_rep)^2

    A source that two parts share (a calibration that was wrong in each cycle) adds up linearly, one that is new in each adds
    up in quadrature.

    Parameters
    ----------
    tissue : Tissue or None             For BED and EQD2; None takes the row's.
    parts : sequence of Part or None    None: all of the row.

    Neglected: repopulation between cycles, incomplete repair between them, the second order of the propagation.
    Reference: JCGM 100:2008, 5.2 (correlated input quantities).
    """
    if quantity not in QUANTITIES:
        raise InputError(f"quantity is {quantity!r}; allowed: {', '.join(QUANTITIES)}.")
    chosen = row.parts if parts is None else tuple(parts)
    used = None if quantity == "dose" else (tissue or row.tissue)
    if quantity != "dose" and used is None:
        raise InputError(f"{row.name}: {quantity} needs a tissue, and none is known for it. State one in [tissues].")
    errors: dict[tuple[str, ...], float] = {}
    value, known = 0.0, True
    by_alpha_beta = by_repair = 0.0
    for part in chosen:
        f, slope, by_ab, by_T = _effect(part, quantity, used)
        value += part.weight * f
        known = known and part.known
        by_alpha_beta += part.weight * by_ab
        by_repair += part.weight * by_T
        for error in part.errors:
            key = error.key(part.region, part.label)
            errors[key] = errors.get(key, 0.0) + part.weight * slope * error.relative
        key = ("half-life", part.region, part.label)
        errors[key] = errors.get(key, 0.0) - part.weight * by_T * part.half_life_u
    if not known:
        lacking = ", ".join(part.label for part in chosen if not part.known)
        return Measured(value=value, u=None, why_no_u=f"the dose of {lacking} states none")
    extra = []
    if used is not None:
        extra = [by_alpha_beta * (used.alpha_beta.u or 0.0), by_repair * (used.repair_u or 0.0)]
    return Measured(value=value, u=root_sum_square([*errors.values(), *extra]))


def by_label(row: LedgerRow, quantity: str = "dose", tissue: Tissue | None = None) -> dict[str, Measured]:
    """The row's dose, BED or EQD2 of each cycle and beam."""
    return {
        label: total(row, quantity, tissue, parts=[part for part in row.parts if part.label == label]) for label in row.labels
    }


def factor_of(row: LedgerRow, label: str, tissue: Tissue) -> float:
    """G of a row in one cycle; where sides are joined, their mean weighted by mass [1]."""
    parts = [part for part in row.parts if part.label == label]
    return sum(part.weight * part.G(tissue) for part in parts) / sum(part.weight for part in parts)


def _effect(part: Part, quantity: str, tissue: Tissue | None) -> tuple[float, float, float, float]:
    """F, and its derivatives by ln D, by alpha/beta and by ln T_rep; each of one part, without its weight."""
    D = part.D
    if quantity == "dose" or tissue is None:
        return D, D, 0.0, 0.0
    ab, slope = tissue.alpha_beta.value, 0.0
    Q = part.acute
    if part.amplitudes is not None and part.rates is not None:
        Q = part.G(tissue) * D**2
        # G depends on the ratio of repair to effective half-life alone: its slope in ln T_eff is that in -ln T_rep.
        high, low = (lea_catcheside(part.amplitudes, part.rates, _slower(tissue.repair, 1 + s * STEP)) for s in (1, -1))
        slope = (high - low) / (2 * STEP) * D**2
    if quantity == "BED":
        return D + Q / ab, D + 2 * Q / ab, -Q / ab**2, slope / ab
    two = 2.0 * un.Gy
    scale = ab + two
    return (ab * D + Q) / scale, (ab * D + 2 * Q) / scale, (two * D - Q) / scale**2, slope / scale


def _slower(repair: Repair, factor: float) -> Repair:
    return replace(repair, half_times=tuple(T * factor for T in repair.half_times))


def _row(course: Course, name: str, sides: Iterable[tuple[str, CycleRegion]], tissues: Mapping[str, Tissue]) -> LedgerRow:
    sides = list(sides)
    parts: list[Part] = []
    missing, ill_posed = [], []
    for cycle in course.cycles:
        there = [cycle.regions[key] for key, _ in sides if key in cycle.regions]
        if len(there) < len(sides):
            missing.append(cycle.label)
        if any(not region.well_posed for region in there):
            ill_posed.append(cycle.label)
        if len(there) == len(sides):
            parts += _cycle_parts(cycle, there)
    for beam in course.beams:
        drawn = [beam.regions[key] for key, _ in sides if key in beam.regions]
        if len(drawn) < len(sides):
            missing.append(beam.label)
        else:
            parts += _beam_parts(beam, drawn, [region.mass.value for _, region in sides])
    first = sides[0][1]
    organ = first.organ
    members = tuple(region.name for _, region in sides)
    wanted = (name, *(key for key, _ in sides), *members, organ, "Lesion" if first.kind == "lesion" else "")
    tissue = next((tissues[key] for key in wanted if key in tissues), None)
    return LedgerRow(
        name=name,
        organ=organ,
        kind=first.kind,
        members=members,
        tissue=tissue,
        parts=tuple(parts),
        missing=tuple(missing),
        ill_posed=tuple(ill_posed),
    )


def _cycle_parts(cycle: Cycle, regions: Sequence[CycleRegion]) -> list[Part]:
    mass = math.fsum(region.mass.value for region in regions)
    return [
        Part(
            label=cycle.label,
            region=region.identity,
            weight=region.mass.value / mass if len(regions) > 1 else 1.0,
            D=region.dose.value,
            known=region.dose.u is not None,
            errors=region.errors,
            amplitudes=region.amplitudes,
            rates=region.rates,
            half_life_u=region.effective_half_life.relative or 0.0,
        )
        for region in regions
    ]


def _beam_parts(beam: ExternalBeam, regions: Sequence[BeamRegion], masses: Sequence[float]) -> list[Part]:
    mass = math.fsum(masses)
    errors = () if beam.u is None else (ErrorPart(source=f"dose of {beam.label}", relative=beam.u, kind="random", shared=True),)
    return [
        Part(
            label=beam.label,
            region=region.identity,
            weight=own / mass if len(regions) > 1 else 1.0,
            D=region.mean,
            known=beam.u is not None,
            errors=errors,
            acute=region.mean_square / beam.fractions,
        )
        for region, own in zip(regions, masses, strict=True)
    ]
