"""A trial: the same patient many times at several activities, and the least activity for each target."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.trials.law import Exposure, line_through, pooled_slope
from hevesy.imaging.trials.observer import d2_of
from hevesy.imaging.trials.quality import Figures, Reader
from hevesy.imaging.trials.scan import Scan
from hevesy.imaging.trials.solve import QUANTILE, Answer, Sample, answer, by_variance
from hevesy.imaging.trials.target import CNR, COV, DETECTABILITY, Target
from hevesy.rng import stream

Floats = npt.NDArray[np.float32]
Progress = Callable[[str, float], None]

PILOT, PILOT_LEVEL = 6, 999
STEP = 2.0  # between neighbouring activities
_PER_LEVEL, _ABSENT = 10_000, 5_000
NARROW = 0.1  # of a liver's variation from scan to scan, for the pilot alone


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """What came out.

    Attributes
    ----------
    answers : tuple of Answer           One a target.
    still : ndarray (z, y, x)           Image without noise.
    noisy : tuple of (activity, image)  The first realisation at each activity.
    realisations, images : int          A level; reconstructed in all.
    seed : int
    """

    answers: tuple[Answer, ...]
    still: Floats
    noisy: tuple[tuple[float, Floats], ...]
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
    both = any(t.kind == DETECTABILITY for t in targets)
    activities = [centre * STEP ** ((levels - 1) / 2 - n) for n in range(levels)]
    samples, shown = [], []
    total, done = levels * realisations * (2 if both else 1), 0
    for n, activity in enumerate(activities):
        parts: list[list[Figures]] = [[], []]
        for absent in (False, True)[: 2 if both else 1]:
            streams = [stream(seed, n * _PER_LEVEL + absent * _ABSENT + k) for k in range(realisations)]
            for k, image in enumerate(_images(scan, (activity, duration), _with_lesion(scan, absent), streams)):
                parts[absent].append(reader.figures(image))
                if k == 0 and not absent:
                    shown.append((activity, image))
                done += 1
                tell(f"{activity:.3g} MBq", done / total)
        samples.append(Sample(activity=activity, duration=duration, present=tuple(parts[0]), absent=tuple(parts[1])))
    found = tuple(answer(t, samples, reader, exposure, seed=seed) for t in targets)
    return Trial(
        answers=found, still=reader.seen, noisy=tuple(shown), realisations=realisations, images=total + PILOT, seed=seed
    )  # fmt: skip


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
            found = by_variance(target, [sample], reader, exposure, seed).x
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
