"""Reconstructed acquisitions to the images that are written: by gate, bed positions together where they fit."""

from dataclasses import dataclass, replace

import numpy as np

from hevesy.app.noise_file import NoiseBed
from hevesy.app.reconstruct_beds import Bed, joined, shares_of, slices_seen
from hevesy.app.reconstruct_engine import Computed
from hevesy.app.reconstruct_job import Job
from hevesy.model import Image


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Made:
    """One image to write: of a gate, all its bed positions together where they fit.

    Attributes
    ----------
    label, stem : str                   For people, and for file names.
    image : Image
    u : Image or None
    noise : tuple of NoiseBed           What the covariance of any regions follows from.
    jobs, computed : tuple              Its bed positions, from the head.
    remarks : tuple of str
    """

    label: str
    stem: str
    image: Image
    u: Image | None
    noise: tuple[NoiseBed, ...]
    jobs: tuple[Job, ...]
    computed: tuple[Computed, ...]
    remarks: tuple[str, ...]


def images_of(jobs: list[Job], computed: list[Computed]) -> list[Made]:
    """Acquisitions by passage and gate; bed positions are put together where their grids fit."""
    groups: dict[tuple[int, int], list[int]] = {}
    for n, job in enumerate(jobs):
        groups.setdefault((job.raw.passage, job.raw.projections.gate), []).append(n)
    several, gated = len({key[0] for key in groups}) > 1, any(job.raw.gates > 1 for job in jobs)
    made: list[Made] = []
    for (passage, gate), members in groups.items():
        label = "SPECT" + (f" {passage}" if several else "") + (f", gate {gate}" if gated else "")
        stem = "spect" + (f"_{passage}" if several else "") + (f"_gate{gate}" if gated else "")
        made += _of_beds(label, stem, [jobs[n] for n in members], [computed[n] for n in members])
    return made


def _of_beds(label: str, stem: str, jobs: list[Job], computed: list[Computed]) -> list[Made]:
    order = sorted(range(len(jobs)), key=lambda n: jobs[n].raw.projections.bed)
    jobs, computed = [jobs[n] for n in order], [computed[n] for n in order]
    if len(jobs) > 1:
        first = min((job.raw.start for job in jobs if job.raw.start), default=None)
        beds, factors = [], []
        for job, one in zip(jobs, computed, strict=True):
            later = 0.0 if first is None or job.raw.start is None else (job.raw.start - first).total_seconds()
            factor = np.float32(np.exp(job.nuclide.decay_constant * later)) if one.decay_corrected else np.float32(1)
            image = replace(one.image, values=one.image.values * factor)
            u = None if one.u is None else replace(one.u, values=one.u.values * factor)
            beds.append(Bed(image=image, u=u, seen=slices_seen(job.raw.projections, image.grid)))
            factors.append(float(factor))
        whole, shares = joined(beds), shares_of([bed.image.grid for bed in beds], [bed.seen for bed in beds])
        if whole is not None and shares is not None:
            image, u, said = whole
            noise = tuple(
                NoiseBed(model=one.noise, part=part, factor=factor)
                for one, part, factor in zip(computed, shares[1], factors, strict=True)
            )
            return [_made(label, stem, image, u, jobs, computed, said, noise)]
    if len(jobs) == 1:
        return [_made(label, stem, computed[0].image, computed[0].u, jobs, computed, ())]
    apart = ("there is a gap between the bed positions, or their grids differ: they were not put together.",)
    numbers = [job.raw.projections.bed for job in jobs]
    return [
        _made(f"{label}, bed {n}", f"{stem}_bed{n}", one.image, one.u, [job], [one], apart)
        for n, job, one in zip(numbers, jobs, computed, strict=True)
    ]


def _made(
    label: str, stem: str, image: Image, u: Image | None, jobs: list[Job], computed: list[Computed], said: tuple[str, ...],
    noise: tuple[NoiseBed, ...] = (),
) -> Made:  # fmt: skip
    texts: dict[str, None] = {}
    for job, one in zip(jobs, computed, strict=True):
        anatomy = job.anatomy.remarks if job.anatomy else ()
        texts |= dict.fromkeys((*job.raw.projections.remarks, *anatomy, *one.remarks))
    return Made(
        label=label,
        stem=stem,
        image=image,
        u=u,
        noise=noise or (NoiseBed(model=computed[0].noise),),
        jobs=tuple(jobs),
        computed=tuple(computed),
        remarks=(*texts, *said),
    )
