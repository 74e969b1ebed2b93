"""From figures of realisations to the least activity: the level that 95 of 100 scans reach, and how sure it is."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import ScopeError
from hevesy.imaging.trials.departures import Shift, said_of_reach, said_of_shifts, said_of_spread, shift
from hevesy.imaging.trials.law import (
    Exposure,
    chi_square_interval,
    greatest_variance,
    line_through,
    misfit,
    pooled_slope,
)
from hevesy.imaging.trials.observer import auc_of, d2_of, known_difference
from hevesy.imaging.trials.quality import Figures, Reader
from hevesy.imaging.trials.target import CNR, COV, DETECTABILITY, DOSE_ERROR, PROBABILITY, RECOVERY, Target
from hevesy.rng import stream

Array = npt.NDArray[np.float64]

# One-sided normal quantile of the probability with which a single scan is to meet the target.
QUANTILE = 1.6448536269514722
RESAMPLES, RESAMPLE_BATCH = 400, 10**7
FAR = 2.0  # from a level to an answer that it stands for, as exposures
LAW_MISSED = 0.2  # relative: where a level lies further off the law, it is remarked


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Quality at one activity.

    Attributes
    ----------
    activity, duration : float          [MBq], [s].
    value, u : float                    Mean over realisations (or the area under the curve), and its standard uncertainty.
    low, high : float                   Between them lie 90 of 100 scans; of an area its 95 % interval.
    met : float                         What 95 of 100 scans reach; ``value`` where the target is about many scans together.
    realisations : int
    """

    activity: float
    duration: float
    value: float
    u: float
    low: float
    high: float
    met: float
    realisations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The least activity and the shortest scan for one target.

    Attributes
    ----------
    target : Target
    exposure : Exposure
    x : float                           Exposure that is needed [1/(MBq s)]: variances go with it.
    interval : (low, high)              Of x, 95 %.
    floor : float                       Value of the quality without noise (COV, CNR, recovery); may be infinite.
    curve : tuple of Level              From the greatest activity down.
    remarks : tuple of str
    """

    target: Target
    exposure: Exposure
    x: float
    interval: tuple[float, float]
    floor: float
    curve: tuple[Level, ...]
    remarks: tuple[str, ...]

    def least_activity(self, duration: float) -> tuple[float, float, float]:
        """[MBq] in ``duration`` [s], and its 95 % interval; refused where random coincidences never let it."""
        found = self.exposure.activity(self.x, duration)
        if not math.isfinite(found):
            raise ScopeError(
                f"target {self.target.kind} {self.target.limit:g}: no activity meets it in {duration:g} s, because random "
                "coincidences grow with the square of the activity. Scan longer, or choose a longer scanner."
            )
        low, high = self.interval
        return found, self.exposure.activity(high, duration), self.exposure.activity(low, duration)

    def shortest_time(self, activity: float) -> tuple[float, float, float]:
        """[s] with ``activity`` [MBq], and its 95 % interval."""
        low, high = self.interval
        return tuple(self.exposure.duration(x, activity) for x in (self.x, high, low))  # type: ignore[return-value]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """Figures of the realisations at one activity, with the lesion and (for an observer) without."""

    activity: float
    duration: float
    present: tuple[Figures, ...]
    absent: tuple[Figures, ...] = ()


def answer(target: Target, samples: Sequence[Sample], reader: Reader, exposure: Exposure, *, seed: int) -> Answer:
    """Solve one target from its samples."""
    solvers: dict[str, Callable[..., Answer]] = {
        COV: _by_image, CNR: _by_image, RECOVERY: by_variance, DOSE_ERROR: by_variance, DETECTABILITY: _by_observer,
    }  # fmt: skip
    return solvers[target.kind](target, samples, reader, exposure, seed)


def _by_image(target: Target, samples: Sequence[Sample], reader: Reader, exposure: Exposure, seed: int) -> Answer:
    """COV^2 = a x + b and 1/CNR^2 = a x, for the value that 95 of 100 single scans reach."""
    sign = 1.0 if target.kind == COV else -1.0
    still = _value(target, reader.figures(reader.seen))
    b, wanted = (_squared(target, v) for v in (still, target.limit))
    if b >= wanted:
        raise ScopeError(
            f"target cov {target.limit:g}: the liver varies by {still:.3g} without any noise (resolution, number of updates); no "
            "activity meets the target. A wider filter, other iterations or a higher limit does."
        )
    x = np.array([float(exposure.x(s.activity, s.duration)) for s in samples])
    values = [np.array([_value(target, f) for f in s.present]) for s in samples]

    def needed(groups: Sequence[Array], *, freedom: int = 1) -> float:
        met = np.array([g.mean() + sign * QUANTILE * g.std(ddof=freedom) for g in groups])
        good = met > 0
        if not good.any():
            raise ScopeError(f"target {target.kind}: the realisations are too noisy to be read. Take higher activities.")
        slope = line_through(x[good], [_squared(target, m) for m in met[good]], floor=b)
        return (wanted - b) / slope

    found, rng = needed(values), stream(seed, RESAMPLE_BATCH)
    again = []
    for _ in range(RESAMPLES):
        try:
            # Two degrees less: what is drawn again from n values spreads by (n - 1)/n of their variance.
            again.append(needed([rng.choice(g, g.size) for g in values], freedom=2))
        except ScopeError:
            continue
    low, high = np.percentile(again, [2.5, 97.5])
    mean_slope = line_through(x, [_squared(target, float(g.mean())) for g in values], floor=b)
    off = misfit(x, [_squared(target, float(g.mean())) for g in values], mean_slope, b)
    curve = tuple(_level(s, g, sign) for s, g in zip(samples, values, strict=True))
    return Answer(
        target=target, exposure=exposure, x=found, interval=(float(low), float(high)), floor=still, curve=curve,
        remarks=(*_of_law(target.kind, off), *_of_reach(target, samples, exposure, found)),
    )  # fmt: skip


def by_variance(target: Target, samples: Sequence[Sample], reader: Reader, exposure: Exposure, seed: int) -> Answer:
    """Var = a x: of the recovery against its band, or of the lesion's mean against a relative error.

    The mean over realisations shifts at few counts; that of the level next to the answer is taken into account.
    """
    still = reader.figures(reader.seen).lesion / reader.truth
    x = np.array([float(exposure.x(s.activity, s.duration)) for s in samples])
    values = [np.array([f.lesion / reader.truth for f in s.present]) for s in samples]
    variances, freedoms = [g.var(ddof=1) for g in values], [g.size - 1 for g in values]
    slope, freedom = pooled_slope(x, variances, freedoms)
    shifts = [shift(s.activity, g, still) for s, g in zip(samples, values, strict=True)]
    top = max(samples, key=lambda s: s.activity)
    beyond = float(exposure.x(FAR**2 * top.activity, top.duration))
    found = _with_shift(target, still, shifts, (x, beyond), slope)
    least, most = chi_square_interval(freedom)
    curve = tuple(
        _level(s, g, 0.0) if target.kind == RECOVERY else _error_level(s, g / still) for s, g in zip(samples, values, strict=True)
    )
    return Answer(
        target=target, exposure=exposure, x=found, interval=(found / most, found / least), floor=still, curve=curve,
        remarks=(
            *said_of_shifts("the lesion's mean", shifts),
            *said_of_spread(target.kind, [s.activity for s in samples], list(variances / (slope * x)), freedoms),
            *_of_reach(target, samples, exposure, found),
        ),
    )  # fmt: skip


def variance_needed(target: Target, sample: Sample, reader: Reader, x: float) -> float:
    """Exposure for a recovery or an error from one level, any shift of the mean aside."""
    still = reader.figures(reader.seen).lesion / reader.truth
    values = np.array([f.lesion / reader.truth for f in sample.present])
    return _allowed(target, still, None) * x / float(values.var(ddof=1))


def _with_shift(target: Target, still: float, shifts: Sequence[Shift], at: tuple[Array, float], slope: float) -> float:
    """Exposure needed, with the shift of the level next to it; where that is too great, of the next with more counts."""
    x, beyond = at
    found = _allowed(target, still, None) / slope
    order, limit, needed = np.argsort(-x), math.inf, 0.0  # from few counts to many
    for n in order[int(np.argmin(np.abs(np.log(x[order] / found)))) :]:
        needed = min(_allowed(target, still, shifts[n]) / slope, limit)
        # Where far more counts are asked for than this level has, its shift does not stand for the answer.
        if needed >= x[n] / FAR:
            return float(needed)
        limit = float(x[n])
    # None does: further up, where `run_trial` then looks.
    return float(max(needed, beyond))


def _allowed(target: Target, still: float, moved: Shift | None) -> float:
    """Greatest variance of the recovery that meets a target, with the mean shifted by noise.

    0 or less where the shift alone breaks it.

    Of an error e about the value without noise m with shift d:  (e m)^2 - d^2.
    """
    off = 0.0 if moved is None else moved.seen * still
    if target.kind != RECOVERY:
        return (target.limit * still) ** 2 - off**2
    low, high = target.band or (still * (1 - target.limit), still * (1 + target.limit))
    if not low < still < high:
        raise ScopeError(
            f"target recovery: without noise it is {still:.3g}, outside {low:.3g} to {high:.3g}; no activity changes that. "
            "A larger lesion, a weaker filter or a resolution model does."
        )
    if not low < still + off < high:
        return 0.0
    return greatest_variance(low - still - off, high - still - off, probability=PROBABILITY)


def _by_observer(target: Target, samples: Sequence[Sample], reader: Reader, exposure: Exposure, seed: int) -> Answer:
    """d'^2 = c / x of the channelised Hotelling observer; its signal is known without noise."""
    x = [float(exposure.x(s.activity, s.duration)) for s in samples]
    groups, scales, curve, alone, freedoms = [], [], [], [], []
    for s, scale in zip(samples, x, strict=True):
        own = [np.stack([f.outputs for f in part]) for part in (s.present, s.absent) if len(part) > 1]
        groups += own
        scales += [scale] * len(own)
        one = known_difference(reader.difference, own, [1.0] * len(own))
        low, high = (auc_of(d2) for d2 in one.interval)
        alone.append(one.d2)
        freedoms.append(one.freedom - reader.difference.size + 1)
        curve.append(
            Level(activity=s.activity, duration=s.duration, value=one.auc, u=(high - low) / 3.92, low=low, high=high,
                  met=one.auc, realisations=sum(len(g) for g in own))
        )  # fmt: skip
    pooled = known_difference(reader.difference, groups, scales)
    asked = d2_of(target.limit)
    found = pooled.d2 / asked
    ratios = [pooled.d2 / d / scale for d, scale in zip(alone, x, strict=True)]
    return Answer(
        target=target, exposure=exposure, x=found, interval=(pooled.interval[0] / asked, pooled.interval[1] / asked), floor=1.0,
        curve=tuple(curve),
        remarks=(
            f"observer: {pooled.freedom:g} degrees of freedom; small samples alone would have made d'2 "
            f"{100 * (pooled.bias_removed - 1):.0f} % too large, which is taken off.",
            "the observer knows size, place and contrast, and the background is even: a reader who is not told needs more; a "
            f"d' of 5 (Rose) takes {25 / asked:.2g} times this activity.",
            *said_of_shifts("the lesion's signal", [_signal(s, reader) for s in samples if s.absent]),
            *said_of_spread(target.kind, [s.activity for s in samples], ratios, freedoms),
            *_of_reach(target, samples, exposure, found),
        ),
    )  # fmt: skip


def _signal(s: Sample, reader: Reader) -> Shift:
    """Of the response to the lesion: the difference of the mean scores by the template's own."""
    own = float(reader.template @ reader.template)
    one, none = (np.array([f.score for f in part]) / own for part in (s.present, s.absent))
    u = math.sqrt(one.var(ddof=1) / one.size + none.var(ddof=1) / none.size)
    return Shift(activity=s.activity, value=float(one.mean() - none.mean()) - 1, u=u)


def _value(target: Target, f: Figures) -> float:
    return f.liver_cov if target.kind == COV else f.cnr


def _squared(target: Target, value: float) -> float:
    return value**2 if target.kind == COV else 1 / value**2


def _level(s: Sample, values: Array, sign: float) -> Level:
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    return Level(
        activity=s.activity, duration=s.duration, value=mean, u=sd / math.sqrt(values.size), low=mean - QUANTILE * sd,
        high=mean + QUANTILE * sd, met=mean + sign * QUANTILE * sd, realisations=values.size,
    )  # fmt: skip


def _error_level(s: Sample, relative: Array) -> Level:
    sd, nu = float(relative.std(ddof=1)), relative.size - 1
    low, high = (sd * math.sqrt(f) for f in chi_square_interval(nu))
    return Level(
        activity=s.activity, duration=s.duration, value=sd, u=sd / math.sqrt(2 * nu), low=low, high=high, met=sd,
        realisations=relative.size,
    )  # fmt: skip


def _of_law(kind: str, off: float) -> tuple[str, ...]:
    if off <= LAW_MISSED:
        return ()
    return (
        f"target {kind}: a level lies {100 * off:.0f} % off the law variance = a (1 + r A)/(A T) + b: the answer is less sure.",
    )


def _of_reach(target: Target, samples: Sequence[Sample], exposure: Exposure, x: float) -> tuple[str, ...]:
    return said_of_reach(target.kind, exposure, x, [(s.activity, s.duration) for s in samples])
