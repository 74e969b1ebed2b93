"""Scores and criteria decided from figures of lesions and reference organs, with what is missing and how sure it is."""

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.planning.criteria import SITES, Criterion, Rule, Score

COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip
CLOSE = (0.05, 0.95)  # a probability between them is said to be close
NOT_TREATED = "These are the rules of the source. Whether and how a patient is treated is the physician's decision."


class Verdict(StrEnum):
    """What can be said of a rule."""

    MET = "met"
    NOT_MET = "not met"
    UNDECIDED = "cannot be decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Figures of a lesion or an organ; their u is that which differs from region to region of one scan.

    Attributes
    ----------
    suv_max, suv_mean : Measured        ``suv_peak`` may be None.
    volume_ml : float
    site : str                          "node", "organ" or "bone"; "" where nobody said.
    short_axis_mm : float or None       On CT; of the soft-tissue component for bone.
    """

    name: str
    suv_max: Measured
    suv_mean: Measured
    suv_peak: Measured | None = None
    volume_ml: float
    site: str = ""
    short_axis_mm: float | None = None

    def __post_init__(self) -> None:
        if self.site and self.site not in SITES:
            raise InputError(f"{self.name}: site is {self.site!r}; allowed are {', '.join(SITES)}.")

    def figure(self, name: str) -> Measured | None:
        """One of the figures by its name in the table of criteria."""
        if name == "volume_ml":
            return Measured(value=self.volume_ml, u=None, why_no_u="the uncertainty of the drawn boundary was not stated")
        found: Measured | None = getattr(self, name)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One lesion against one threshold; ``probability`` of standing in the relation, None where no u is known."""

    lesion: str
    verdict: Verdict
    got: float | None
    threshold: float | None
    probability: float | None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """A rule and what was found: ``got`` and ``threshold`` are those of the lesion that decided."""

    rule: Rule
    verdict: Verdict
    got: float | None
    threshold: float | None
    probability: float | None
    comparisons: tuple[Comparison, ...]
    missing: tuple[str, ...]

    @property
    def close(self) -> bool:
        """Whether the numbers lie so near the threshold that noise could turn the verdict."""
        return self.probability is not None and CLOSE[0] < self.probability < CLOSE[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreResult:
    """A lesion's score: ``score`` is None where a reference is missing, and ``possible`` lists what it may be."""

    lesion: str
    score: int | None
    text: str
    possible: tuple[int, ...]
    probabilities: dict[int, float] | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that a criterion is decided from.

    Attributes
    ----------
    lesions : tuple of Region           As drawn on the scan.
    references : dict                   Organs by the names of the table: "liver", "spleen", ...
    tumour : Region or None             All lesions as one, voxels counted once.
    fdg : tuple of Region or None       Lesions of an FDG PET, by the same names; None where there is none.
    complete : bool                     Whether somebody said that every lesion on CT is drawn.
    scale_u : float or None             Relative u that all SUV share: it counts against numbers, not against organs.
    liver_dominant : bool               Whether the ligand is excreted by the liver.
    """

    lesions: tuple[Region, ...]
    references: Mapping[str, Region]
    tumour: Region | None = None
    fdg: tuple[Region, ...] | None = None
    complete: bool = False
    scale_u: float | None = None
    liver_dominant: bool = False


def probability_above(value: Measured, threshold: Measured) -> float | None:
    """Probability that the true value lies above the true threshold.

        P = Phi((x - t) / sqrt(u_x^2 + u_t^2))

    Both normal and independent; what all regions of a scan share cancels between a lesion and an organ and must not be
    in their u. None where neither has a u.
    """
    if value.u is None and threshold.u is None:
        return None
    u = math.hypot(value.u or 0.0, threshold.u or 0.0)
    if u == 0:
        return None
    return 0.5 * math.erfc((threshold.value - value.value) / (u * math.sqrt(2)))


def decide(criterion: Criterion, findings: Findings) -> tuple[RuleResult, ...]:
    """Every rule of a criterion.

    A rule over any lesion is met by one; a rule over every lesion is not met by one. Where what decides is missing, the
    verdict is that it cannot be decided, never a guess.
    """
    return tuple(_rule(rule, findings) for rule in criterion.rules)


def overall(results: Sequence[RuleResult]) -> Verdict:
    """Not met where a rule is not met, else undecided where one is, else met."""
    found = {result.verdict for result in results}
    return Verdict.NOT_MET if Verdict.NOT_MET in found else Verdict.UNDECIDED if Verdict.UNDECIDED in found else Verdict.MET


def _rule(rule: Rule, findings: Findings) -> RuleResult:
    if rule.over == "discordant":
        return _discordant(rule, findings)
    if rule.over == "tumour":
        regions: tuple[Region, ...] = () if findings.tumour is None else (findings.tumour,)
    else:
        regions = findings.lesions
    if not regions:
        return _undecided(rule, ["lesions: none was drawn or named"])
    if rule.reference and rule.reference not in findings.references:
        return _undecided(rule, [f"{rule.reference}: no such region; draw it or map it by --reference"])
    comparisons = tuple(_compared(region, rule, findings) for region in regions)
    return _any(rule, comparisons) if rule.over == "any" else _every(rule, comparisons, findings)


def _undecided(rule: Rule, missing: list[str]) -> RuleResult:
    return RuleResult(
        rule=rule, verdict=Verdict.UNDECIDED, got=None, threshold=rule.threshold, probability=None, comparisons=(),
        missing=tuple(missing),
    )  # fmt: skip


def _compared(region: Region, rule: Rule, findings: Findings) -> Comparison:
    value = region.figure(rule.figure)
    if rule.reference:
        threshold = findings.references[rule.reference].suv_mean
    else:
        threshold = Measured(value=rule.threshold or 0.0, u=0.0)
    if value is None:
        why = f"{rule.figure} of {region.name} could not be measured"
        return Comparison(
            lesion=region.name, verdict=Verdict.UNDECIDED, got=None, threshold=threshold.value, probability=None, why=why
        )
    if not rule.reference and findings.scale_u is not None and rule.figure != "volume_ml":
        value = Measured(value=value.value, u=math.hypot(value.u or 0.0, findings.scale_u * value.value))
    above = probability_above(value, threshold)
    probability = above if above is None or rule.relation in (">", ">=") else 1 - above
    holds = COMPARE[rule.relation](value.value, threshold.value)
    verdict, why = (Verdict.MET, "") if holds else _exempt(region, rule)
    if verdict is not Verdict.NOT_MET and not holds:
        probability = None
    return Comparison(
        lesion=region.name, verdict=verdict, got=value.value, threshold=threshold.value, probability=probability, why=why
    )


def _exempt(region: Region, rule: Rule) -> tuple[Verdict, str]:
    """What a lesion that fails the comparison means, by its size: small ones do not count."""
    limits = rule.least_axis_mm
    if not limits:
        return Verdict.NOT_MET, ""
    if "any" not in limits and not region.site:
        return Verdict.UNDECIDED, f'site and short axis of {region.name}: state --size "{region.name}=node:28 mm"'
    limit = limits.get("any", limits.get(region.site, 0.0))
    if region.short_axis_mm is None:
        return Verdict.UNDECIDED, f'short axis of {region.name}: state --size "{region.name}={region.site or "organ"}:12 mm"'
    if region.short_axis_mm < limit:
        return Verdict.MET, f"short axis {region.short_axis_mm:g} mm is below {limit:g} mm: exempt"
    return Verdict.NOT_MET, ""


def _result(
    rule: Rule, verdict: Verdict, deciding: Comparison, comparisons: tuple[Comparison, ...], *, probability: float | None,
    missing: list[str],
) -> RuleResult:  # fmt: skip
    return RuleResult(
        rule=rule,
        verdict=verdict,
        got=deciding.got,
        threshold=deciding.threshold,
        probability=probability,
        comparisons=comparisons,
        missing=tuple(missing),
    )


def _any(rule: Rule, comparisons: tuple[Comparison, ...]) -> RuleResult:
    best = max(comparisons, key=lambda c: -math.inf if c.got is None else c.got)
    known = [c.probability for c in comparisons if c.probability is not None]
    probability = 1 - math.prod(1 - p for p in known) if known else None
    if any(c.verdict is Verdict.MET for c in comparisons):
        return _result(rule, Verdict.MET, best, comparisons, probability=probability, missing=[])
    missing = [c.why for c in comparisons if c.verdict is Verdict.UNDECIDED]
    verdict = Verdict.UNDECIDED if missing else Verdict.NOT_MET
    return _result(rule, verdict, best, comparisons, probability=probability, missing=missing)


def _every(rule: Rule, comparisons: tuple[Comparison, ...], findings: Findings) -> RuleResult:
    sign = 1 if rule.relation in (">", ">=") else -1
    counted = [c for c in comparisons if not c.why] or list(comparisons)
    worst = min(counted, key=lambda c: math.inf if c.got is None else sign * c.got)
    known = [c.probability for c in comparisons if c.probability is not None]
    probability = math.prod(known) if known else None
    if any(c.verdict is Verdict.NOT_MET for c in comparisons):
        return _result(rule, Verdict.NOT_MET, worst, comparisons, probability=probability, missing=[])
    missing = [c.why for c in comparisons if c.verdict is Verdict.UNDECIDED]
    if rule.complete and not findings.complete:
        missing.append(
            "lesions that are not drawn: the rule speaks of every lesion on CT. State --complete if all of them are drawn"
        )
    verdict = Verdict.UNDECIDED if missing else Verdict.MET
    return _result(rule, verdict, worst, comparisons, probability=probability, missing=missing)


def _discordant(rule: Rule, findings: Findings) -> RuleResult:
    """No FDG-positive lesion may exceed its own uptake of the ligand, or have less of it than the threshold."""
    if findings.fdg is None:
        return _undecided(rule, ["FDG PET: give the folder by --fdg, its FDG-positive lesions drawn under the same names"])
    own = {region.name: region for region in findings.lesions}
    comparisons = []
    for lesion in findings.fdg:
        here = own.get(lesion.name)
        if here is None:
            why = f"{lesion.name}: drawn on the FDG PET only; draw it on this scan under the same name"
            comparisons.append(
                Comparison(lesion=lesion.name, verdict=Verdict.UNDECIDED, got=None, threshold=None, probability=None, why=why)
            )
            continue
        threshold = max(lesion.suv_max.value, rule.threshold or 0.0)
        against = lesion.suv_max if lesion.suv_max.value >= threshold else Measured(value=threshold, u=0.0)
        holds = COMPARE[rule.relation](here.suv_max.value, threshold)
        comparisons.append(
            Comparison(
                lesion=lesion.name,
                verdict=Verdict.MET if holds else Verdict.NOT_MET,
                got=here.suv_max.value,
                threshold=threshold,
                probability=probability_above(here.suv_max, against),
            )
        )
    if not comparisons:
        none = Comparison(lesion="", verdict=Verdict.MET, got=None, threshold=rule.threshold, probability=None)
        return _result(rule, Verdict.MET, none, (), probability=None, missing=[])
    return _every(rule, tuple(comparisons), findings)


def scored(score: Score, lesion: Region, findings: Findings) -> ScoreResult:
    """The score of one lesion: the highest level which it reaches together with all below.

    A reference that is missing is taken as passed where a higher level is reached: blood pool lies below liver. Unknown
    levels above leave several scores possible. The chance of reaching a level is the least of those of the thresholds up to it.
    """
    value = lesion.figure(score.lesion_figure)
    if value is None:
        missing = (f"{score.lesion_figure} of {lesion.name} could not be measured",)
        possible = tuple(level.score for level in score.levels)
        return ScoreResult(lesion=lesion.name, score=None, text="", possible=possible, probabilities=None, missing=missing)
    reached: list[bool | None] = []
    chances: list[float | None] = []
    absent = []
    for level in score.levels[1:]:
        name = (
            score.liver_dominant
            if level.reference == "liver" and findings.liver_dominant and score.liver_dominant
            else level.reference
        )
        organ = findings.references.get(name) or findings.references.get(level.instead)
        against = organ.figure(score.reference_figure) if organ is not None else None
        if against is None:
            reached.append(None)
            chances.append(None)
            absent.append(name)
            continue
        threshold = Measured(value=level.factor * against.value, u=level.factor * against.u if against.u is not None else None,
                             why_no_u=against.why_no_u)  # fmt: skip
        reached.append(COMPARE[level.relation](value.value, threshold.value))
        chances.append(probability_above(value, threshold))
    possible = _possible(score, reached)
    known = possible[0] if len(possible) == 1 else None
    text = next((level.text for level in score.levels if level.score == known), "")
    needed = tuple(dict.fromkeys(absent)) if known is None else ()
    return ScoreResult(
        lesion=lesion.name, score=known, text=text, possible=possible, probabilities=_chances(score, chances), missing=needed
    )


def _possible(score: Score, reached: list[bool | None]) -> tuple[int, ...]:
    """All scores that agree with what is known: each level needs all below it."""
    highest = max((i for i, held in enumerate(reached) if held), default=-1)
    reached = [True if held is None and i < highest else held for i, held in enumerate(reached)]
    out = []
    numbers = [level.score for level in score.levels]
    for top in range(len(numbers)):
        below_hold = all(held is not False for held in reached[:top])
        next_fails = top == len(reached) or reached[top] is not True
        if below_hold and next_fails:
            out.append(numbers[top])
    return tuple(out)


def _chances(score: Score, chances: list[float | None]) -> dict[int, float] | None:
    known = [p for p in chances if p is not None]
    if len(known) != len(chances):
        return None
    at_least = [1.0]
    for p in known:
        at_least.append(min(at_least[-1], p))
    at_least.append(0.0)
    return {level.score: at_least[i] - at_least[i + 1] for i, level in enumerate(score.levels)}
