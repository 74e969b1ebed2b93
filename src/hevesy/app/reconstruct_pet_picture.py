"""The counts of a PET bed position by direction, measured and explained by the image, for the report's picture."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.app.reconstruct_pet_engine import PetComputed
from hevesy.app.reconstruct_pet_lines import random_rates
from hevesy.app.reconstruct_pet_study import Bed
from hevesy.imaging.pet.rings import Rings, SinogramLayout, sinogram_layout
from hevesy.imaging.pet.sinogram import SinogramModel

Floats = npt.NDArray[np.float32]

PLACES, RINGS = 96, 10  # crystals as the picture knows them
FIELD_MARGIN = 40.0  # mm


def views_of(bed: Bed, one: PetComputed) -> tuple[Floats, Floats, npt.NDArray[np.float64]]:
    """Counts (views, planes, radial) of coarse crystals, each ring pair in the plane of its middle; angles [degrees].

    Lines are followed between the middles of the coarse crystals only, which is good to some per cent.
    """
    fine = bed.rings
    if fine.per_ring < PLACES:
        coarse = fine
    else:
        n_r = _nearest_divisor(fine.rings, RINGS, 1)
        apart = min(n_r - 1, math.ceil(fine.most_rings_apart * fine.pitch / (fine.length / n_r)))
        coarse = replace(
            fine, per_ring=_nearest_divisor(fine.per_ring, PLACES, 2), rings=n_r, pitch=fine.length / n_r, most_rings_apart=apart
        )  # fmt: skip
    reach = min(0.9 * coarse.radius, bed.field.side * bed.field.shape[0] / math.sqrt(2) + FIELD_MARGIN)
    radial = 2 * math.ceil(coarse.per_ring / math.pi * math.asin(reach / coarse.radius)) + 1
    layout = sinogram_layout(coarse, radial=min(radial, coarse.per_ring - 1))
    measured = _measured(bed, coarse, layout)
    gain = bed.detection.pair_efficiency * bed.positrons * bed.seconds
    resolution = bed.detection.resolution
    trues = SinogramModel(bed.field, layout, mu=bed.mu, gain=gain, resolution=resolution).forward(one.unsmoothed)
    fitted = trues.astype(np.float64) + _background(bed, one, layout)
    angles = np.asarray(np.arange(layout.shape[0]) * (180.0 / layout.shape[0]), dtype=np.float64)
    return _by_middle(measured, layout), _by_middle(fitted, layout), angles


def _nearest_divisor(whole: int, wanted: int, step: int) -> int:
    """The multiple of ``step`` nearest to ``wanted`` that divides ``whole``, so that all groups are alike; else ``wanted``."""
    near = [n for n in range(step, 2 * wanted + 1, step) if whole % n == 0]
    best = min(near, key=lambda n: abs(math.log(n / wanted)), default=0)
    return best if best > wanted / 2 else min(wanted, whole)


def _coarse(pairs: npt.NDArray[Any], fine: Rings, coarse: Rings) -> npt.NDArray[np.int32]:
    ring, place = np.divmod(pairs, fine.per_ring)
    # halves always go up: to the even number they would make groups of one and of three
    turn = np.floor(place * (coarse.per_ring / fine.per_ring) + 0.5).astype(np.int32) % coarse.per_ring
    return np.asarray((ring * coarse.rings // fine.rings) * coarse.per_ring + turn, dtype=np.int32)


def _measured(bed: Bed, coarse: Rings, layout: SinogramLayout) -> npt.NDArray[np.float64]:
    if bed.events is not None:
        return layout.histogram(_coarse(bed.events.pairs, bed.rings, coarse)).astype(np.float64)
    total = np.zeros(layout.shape)
    if bed.sinogram is None:
        return total
    own, arrays = bed.sinogram
    for view in range(own.shape[0]):
        pairs = _coarse(own.pairs(np.array([view])).reshape(-1, 2), bed.rings, coarse)
        total += layout.histogram(np.repeat(pairs, arrays["prompts"][view].reshape(-1).astype(np.int64), axis=0))
    return total


def _background(bed: Bed, one: PetComputed, layout: SinogramLayout) -> npt.NDArray[np.float64]:
    """Scatter and randoms of the coarse bins."""
    coarse, fine = layout.rings, bed.rings
    pairs = layout.pairs().reshape(-1, 2)
    found = np.zeros(len(pairs))
    live = bed.duration * bed.header.live_share
    if one.scatter is not None:
        scale = 1.0 if one.scatter_scale is None else one.scatter_scale
        found += scale * live * replace(one.scatter, detection=replace(bed.detection, rings=coarse)).at(pairs)
    if one.expected["randoms"] > 0 and bed.header.singles.size:
        crystals = np.arange(fine.crystals)
        to = _coarse(crystals[:, None], fine, coarse)[:, 0]
        singles = np.bincount(to, weights=bed.header.singles, minlength=coarse.crystals)
        header = replace(bed.header, singles=singles.astype(np.float32))
        rates = random_rates(replace(bed, header=header), pairs) * live
        found += rates * (one.expected["randoms"] / max(_all_randoms(header, live, coarse), 1e-9))
    return found.reshape(layout.shape)


def _all_randoms(header: Any, live: float, coarse: Rings) -> float:
    from hevesy.imaging.pet.randoms import total_randoms

    return total_randoms(coarse, header.singles, header.coincidence_window) * live


def _by_middle(counts: npt.NDArray[Any], layout: SinogramLayout) -> Floats:
    """Ring pairs added in the plane of their middle, the head on top."""
    planes = layout.ring_pairs.sum(axis=1)
    out = np.zeros((counts.shape[0], 2 * layout.rings.rings - 1, counts.shape[2]), np.float32)
    for n, plane in enumerate(planes):
        out[:, plane] += counts[:, n].astype(np.float32)
    return out[:, ::-1]
