"""A trial: the same patient many times at several activities, and the least activity for each target."""

import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.trials.departures import HIGHER
from hevesy.imaging.trials.law import Exposure, line_through, pooled_slope
from hevesy.imaging.trials.observer import d2_of
from hevesy.imaging.trials.quality import Figures, Reader
from hevesy.imaging.trials.scan import Scan
from hevesy.imaging.trials.solve import QUANTILE, Answer, Sample, answer, variance_needed
from hevesy.imaging.trials.target import CNR, COV, DETECTABILITY, Target
from hevesy.rng import stream

Floats = npt.NDArray[np.float32]
Progress = Callable[[str, float], None]

PILOT, PILOT_LEVEL = 6, 999
STEP = 2.0  # between neighbouring activities
SHOWN = 5  # images at most
ROUNDS = 4  # of two more activities each, for targets whose answer lies outside
_PER_LEVEL, _ABSENT = 10_000, 5_000
NARROW = 0.1  # of a liver's variation from scan to scan, for the pilot alone


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """What came out.

    Attributes
    ----------
    answers : tuple of Answer           One a target.
    still : ndarray (z, y, x)           Image without noise.
    noisy : tuple of (activity, image)  The first realisation at each activity, or every second.
    levels : int                        Activities that were simulated.
    realisations, images : int          A level; reconstructed in all.
    seed : int
    """

    answers: tuple[Answer, ...]
    still: Floats
    noisy: tuple[tuple[float, Floats], ...]
    levels: int
    realisations: int
    images: int
    seed: int

    def binding(self, duration: float) -> Answer:
        """The target that asks for the most activity."""
        return max(self.answers, key=lambda a: a.least_activity(duration)[0])


def run_trial(
    scan: Scan, targets: Sequence[Target], *, duration: float, reference: float, seed: int, levels: int = 4,
    realisations: int = 20, progress: Progress | None = None,
) -> Trial:  # fmt: skip
    """Draw realisations about the activity that a pilot of six finds, and solve every target.

    Parameters
    ----------
    duration : float                    Of the scan [s].
    reference : float                   Where the pilot starts [MBq]: a guideline's activity.
    levels, realisations : int          Activities, each twice the next; images at each (an observer takes as many again
                                        without the lesion).

    Raises
    ------
    ScopeError
        A target that no activity meets.
    """
    if not targets or (any(t.needs_lesion for t in targets) and scan.scene.task.lesion is None):
        raise InputError("a trial needs a target, and a lesion where the target is about one. Give a lesion.")
    if not (2 <= levels <= 12 and 4 <= realisations <= 1000 and reference > 0 and duration > 0):
        raise InputError(
            f"{levels} levels of {realisations} realisations from {reference:g} MBq in {duration:g} s; 2 to 12 levels of 4 to "
            "1000 are meant."
        )
    tell = progress or (lambda text, fraction: None)
    tell("without noise", 0.0)
    reader, exposure = Reader(scan, reference, duration), Exposure(randoms=scan.randoms)
    centre = _pilot(scan, targets, reader, exposure, (reference, duration), seed)
    bench = _Bench(scan=scan, reader=reader, duration=duration, seed=seed, realisations=realisations, tell=tell)
    grid = [centre * STEP ** ((levels - 1) / 2 - n) for n in range(levels)]
    bench.add(grid, both=any(t.kind == DETECTABILITY for t in targets))
    found = {t: answer(t, bench.samples, reader, exposure, seed=seed) for t in targets}
    for _ in range(ROUNDS):
        missed = {t: a.exposure.activity(a.x, duration) for t, a in found.items() if not _reached(a, bench.samples, duration)}
        if not missed:
            break
        # The nearest first: what is simulated for it may serve the others.
        next_one = min(missed, key=lambda t: _distance(missed[t], bench.samples))
        bench.add([missed[next_one] * STEP**0.5, missed[next_one] * STEP**-0.5], both=next_one.kind == DETECTABILITY)
        found = {t: answer(t, _near(bench.samples, a, duration, levels), reader, exposure, seed=seed) for t, a in found.items()}
    shown = sorted(bench.shown, key=lambda pair: -pair[0])
    return Trial(
        answers=tuple(found[t] for t in targets), still=reader.seen, noisy=tuple(shown[:: math.ceil(len(shown) / SHOWN)]),
        levels=len(bench.samples), realisations=realisations, images=bench.images + PILOT, seed=seed,
    )  # fmt: skip


@dataclass(slots=True, kw_only=True)
class _Bench:
    """Realisations so far."""

    scan: Scan
    reader: Reader
    duration: float
    seed: int
    realisations: int
    tell: Progress
    samples: list[Sample] = field(default_factory=list)
    shown: list[tuple[float, Floats]] = field(default_factory=list)
    images: int = 0

    def add(self, activities: Sequence[float], *, both: bool) -> None:
        """Draw, reconstruct and read at further activities [MBq], ``both`` with and without the lesion."""
        classes = (False, True) if both else (False,)
        total = self.images + len(activities) * self.realisations * len(classes)
        for activity in activities:
            n = len(self.samples)
            parts: list[list[Figures]] = [[], []]
            for absent in classes:
                streams = [stream(self.seed, n * _PER_LEVEL + absent * _ABSENT + k) for k in range(self.realisations)]
                for k, image in enumerate(
                    _images(self.scan, (activity, self.duration), _with_lesion(self.scan, absent), streams)
                ):
                    parts[absent].append(self.reader.figures(image))
                    if k == 0 and not absent:
                        self.shown.append((activity, image))
                    self.images += 1
                    self.tell(f"{activity:.3g} MBq", self.images / total)
            self.samples.append(
                Sample(activity=activity, duration=self.duration, present=tuple(parts[0]), absent=tuple(parts[1]))
            )  # fmt: skip


def _reached(found: Answer, samples: Sequence[Sample], duration: float) -> bool:
    """Whether a level lies next to an answer, as close as to any between two levels; or the answer lies nowhere."""
    activity = found.exposure.activity(found.x, duration)
    return not np.isfinite(activity) or _distance(activity, samples) <= math.log(HIGHER)


def _distance(activity: float, samples: Sequence[Sample]) -> float:
    return min(abs(math.log(activity / s.activity)) for s in samples)


def _near(samples: Sequence[Sample], found: Answer, duration: float, count: int) -> list[Sample]:
    """The levels next to an answer, where the law need not reach far; from the greatest activity down."""
    activity = found.exposure.activity(found.x, duration)
    if not np.isfinite(activity):
        return list(samples[:count])
    chosen = sorted(samples, key=lambda s: abs(math.log(s.activity / activity)))[:count]
    return sorted(chosen, key=lambda s: -s.activity)


def _images(scan: Scan, at: tuple[float, float], lesion: bool, streams: Sequence[np.random.Generator]) -> Iterator[Floats]:
    """An image a stream, in their order: a reconstruction holds no lock for long, so that cores work side by side."""
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        yield from pool.map(lambda draw: scan.image(*at, lesion=lesion, draw=draw), streams)


def _with_lesion(scan: Scan, absent: bool) -> bool:
    return scan.scene.task.lesion is not None and not absent


def _pilot(
    scan: Scan, targets: Sequence[Target], reader: Reader, exposure: Exposure, at: tuple[float, float], seed: int
) -> float:
    """About the activity that the hardest target needs [MBq], from a few images at the reference."""
    activity, duration = at
    streams = [stream(seed, PILOT_LEVEL * _PER_LEVEL + k) for k in range(PILOT)]
    figures = tuple(reader.figures(image) for image in _images(scan, at, _with_lesion(scan, False), streams))
    sample = Sample(activity=activity, duration=duration, present=figures)
    x = float(exposure.x(activity, duration))
    needed = []
    for target in targets:
        if target.kind in (COV, CNR):
            found = _quick(target, figures, reader, x)
        elif target.kind == DETECTABILITY:
            scores = np.array([[f.score] for f in figures])
            template = np.array([float(reader.template @ reader.template)])
            spread, _ = pooled_slope([1.0], [scores.var(ddof=1)], [PILOT - 1])
            found = x * float(template[0]) ** 2 / spread / d2_of(target.limit)
        else:
            found = variance_needed(target, sample, reader, x)
        needed.append(found)
    least = exposure.activity(min(needed), duration)
    # Where randoms leave no activity, the levels stay at the reference; the solution says why it is refused.
    return least if np.isfinite(least) else activity


def _quick(target: Target, figures: Sequence[Figures], reader: Reader, x: float) -> float:
    """Exposure for a COV or CNR from one level."""
    values = np.array([f.liver_cov if target.kind == COV else f.cnr for f in figures])
    still = reader.figures(reader.seen)
    if target.kind == COV:
        b, wanted, met = still.liver_cov**2, target.limit**2, (values.mean() * (1 + QUANTILE * NARROW)) ** 2
    else:
        b, wanted, met = 0.0, 1 / target.limit**2, 1 / (values.mean() * (1 - QUANTILE * NARROW)) ** 2
    slope = line_through([x], [float(met)], floor=min(b, 0.5 * float(met)))
    return max(wanted - b, 0.05 * wanted) / slope
