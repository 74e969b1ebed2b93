"""The events of one bed position: trues, scattered pairs, randoms, dead time."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.app.pet_detection import usual_detection
from hevesy.errors import InputError
from hevesy.imaging.pet.field import Field
from hevesy.imaging.pet.listmode import ListMode
from hevesy.imaging.pet.randoms import mean_square_factor, merged, random_events, randoms_rate, total_randoms
from hevesy.imaging.pet.rings import Rings, SinogramLayout, rings_of, sinogram_layout
from hevesy.imaging.pet.simulate import Detection, coincidences
from hevesy.imaging.pet.single_scatter import ScatterEstimate, ScatterSampling, single_scatter
from hevesy.imaging.systems import PetScanner
from hevesy.rng import stream

Floats = npt.NDArray[np.float32]
Progress = Callable[[str, float], None]

# More than these do not fit beside their lines in 8 GB when they are reconstructed; bins of a sinogram likewise.
MOST_EVENTS, MOST_BINS = 40_000_000, 20_000_000
# Annihilations played photon by photon for singles and multiple scatter; all of a scan where that was asked for.
PILOT, MOST_PLAYED = 2_000_000, 400_000_000
SCATTER_VOXEL = 8.0  # mm
TAILS = 40.0  # mm beside the field that sinograms still hold
# Streams of their own, far from the batches of the others.
PILOT_SEED, SCATTER_SEED, RANDOM_SEED, TIME_SEED, CRYSTAL_SEED = 101, 211, 307, 401, 503


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lying:
    """Activity and tissue in the scanner.

    Attributes
    ----------
    field : Field
    activity, at_start : array, shape (z, y, x)     Mean over the scan and at its start [Bq/ml].
    mu : array, shape (z, y, x)         At 511 keV [1/mm].
    duration, decay_constant : float    [s], [1/s].
    positrons : float                   A decay [1].
    crystal_spread : float              Of the efficiencies [1].
    photon_by_photon : bool
    wait, weight : float                Since the administration [s]; of all that lies in the field [kg].
    """

    field: Field
    activity: npt.NDArray[Any]
    at_start: npt.NDArray[Any]
    mu: npt.NDArray[Any]
    duration: float
    decay_constant: float
    positrons: float
    crystal_spread: float
    photon_by_photon: bool
    wait: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counted:
    """What the scanner counted.

    Attributes
    ----------
    scanner : str                       Its title.
    field : Field
    events : ListMode
    numbers : dict                      Of trues, scatters and randoms.
    singles : array, shape (crystals,)  Root of the mean square over the scan [1/s].
    crystal_efficiency : array          Of length 0 where all are alike.
    live_share, dead_time : float       [1]; of all singles together [s].
    how : str
    remarks : tuple of str
    """

    scanner: str
    field: Field
    events: ListMode
    numbers: dict[str, int]
    singles: Floats
    crystal_efficiency: Floats
    live_share: float
    dead_time: float
    coincidence_window: float
    how: str
    remarks: tuple[str, ...]

    def sinograms(self) -> tuple[SinogramLayout, dict[str, npt.NDArray[Any]]]:
        """The events by bins without time of flight, with the expected randoms and the normalisation."""
        layout = layout_of(self.events.rings, self.field)
        arrays: dict[str, npt.NDArray[Any]] = {"prompts": layout.histogram(self.events.pairs).astype(np.float32)}
        randoms, norm = np.zeros(layout.shape, np.float32), np.ones(layout.shape, np.float32)
        factor = self.events.duration * self.live_share
        for view in range(layout.shape[0]):
            pairs = layout.pairs(np.array([view]))[0]
            if self.coincidence_window > 0:
                rate = randoms_rate(self.singles[pairs[..., 0]], self.singles[pairs[..., 1]], self.coincidence_window)
                randoms[view] = rate * factor
            if self.crystal_efficiency.size:
                norm[view] = self.crystal_efficiency[pairs].prod(axis=-1)
        return layout, arrays | {"randoms": randoms, "normalisation": norm}


def plan_rings(scanner: PetScanner, field: Field, *, sinogram: bool) -> Rings:
    """The scanner's crystals; for a sinogram as many of them as one as keep its bins within memory."""
    if not sinogram:
        return rings_of(scanner)
    for n in range(1, 33):
        rings = rings_of(scanner, mash=n, rings_as_one=n)
        if math.prod(layout_of(rings, field).shape) <= MOST_BINS:
            return rings
    raise InputError(f"sinograms of {scanner.name} have more than {MOST_BINS} bins however coarse. Simulate list mode.")


def layout_of(rings: Rings, field: Field) -> SinogramLayout:
    """Bins across the field and the tails beside it."""
    reach = min(0.95 * rings.radius, field.side * field.shape[0] / math.sqrt(2) + TAILS)
    radial = 2 * math.ceil(rings.per_ring / math.pi * math.asin(reach / rings.radius)) + 1
    return sinogram_layout(rings, radial=min(radial, rings.per_ring - 1))


def counted(lying: Lying, scanner: PetScanner, *, rings: Rings, seed: int, progress: Progress) -> Counted:
    """All events of the bed position.

    Raises
    ------
    InputError
        More events than memory holds, or more photons than a machine plays.
    """
    from hevesy.imaging.pet.whole_scan import in_order_of_time

    detection, remarks = usual_detection(scanner, rings)
    annihilations = _total(lying)
    progress("following photons", 0.05)
    scale = min(1.0, PILOT / max(annihilations, 1.0))
    pilot = coincidences(
        lying.field, lying.activity, lying.mu, detection, duration=lying.duration * scale, seed=seed + PILOT_SEED,
        yield_=lying.positrons,
    )  # fmt: skip
    efficiency = _efficiencies(rings, lying.crystal_spread, seed)
    singles = _smooth_singles(pilot.singles / (lying.duration * scale), rings)
    if efficiency.size:
        singles = singles * efficiency
    dead_time, said = _dead_time(scanner, seed)
    live = math.exp(-float(singles.sum()) * dead_time)
    # randoms go with the square of the activity as it decays
    singles = singles * math.sqrt(mean_square_factor(lying.decay_constant, lying.duration))
    remarks += said
    progress("estimating scatter", 0.25)
    window = scanner.coincidence_window or 0.0
    random_rate = total_randoms(rings, singles, window) * live if window else 0.0
    _fits(lying, len(pilot.events) / scale * live, random_rate)
    thin = float(efficiency.max()) ** 2 if efficiency.size else 1.0
    if lying.photon_by_photon:
        parts, how = _by_photons(lying, detection, live * thin, annihilations, seed), "every photon (Monte Carlo)"
    else:
        parts, how = _by_parts(lying, detection, live * thin, (pilot.events.kind, scale), seed=seed, progress=progress)
    if efficiency.size:
        parts = [_thinned(part, efficiency, thin, seed + CRYSTAL_SEED + n) for n, part in enumerate(parts)]
    events = in_order_of_time(
        parts, detection, duration=lying.duration, decay_constant=lying.decay_constant, seed=seed + TIME_SEED
    )  # fmt: skip
    progress("randoms", 0.85)
    if window:
        events = merged(events, _randoms(lying, detection, singles, window=window, live=live, seed=seed))
    else:
        remarks.append(f"{scanner.name}: no coincidence window is known; no randoms are simulated.")
    kinds = events.kind
    numbers = {
        "trues": int((kinds == 0).sum()),
        "scatters": int((kinds > 0).sum()),
        "randoms": int((kinds < 0).sum()),
    }
    return Counted(
        scanner=scanner.title or scanner.name, field=lying.field, events=events, numbers=numbers,
        singles=singles.astype(np.float32), crystal_efficiency=efficiency, live_share=live, dead_time=dead_time,
        coincidence_window=window, how=how, remarks=tuple(remarks),
    )  # fmt: skip


def _randoms(lying: Lying, detection: Detection, singles: npt.NDArray[Any], *, window: float, live: float, seed: int) -> ListMode:
    """Drawn over the live time, spread over the whole."""
    chance = random_events(
        detection.rings, singles, window=window, duration=lying.duration * live, tof_fwhm=detection.tof_fwhm,
        seed=seed + RANDOM_SEED, decay_constant=lying.decay_constant / live,
    )  # fmt: skip
    return replace(chance, duration=lying.duration, time=chance.time / np.float32(live))


def _total(lying: Lying) -> float:
    whole = float(lying.activity.sum(dtype=np.float64)) * lying.field.voxel_volume * lying.duration * lying.positrons
    if not whole > 0:
        raise InputError("there is no activity in the scanner. Change --bed or the activity.")
    return whole


def _fits(lying: Lying, coincident: float, random_rate: float) -> None:
    whole = coincident + random_rate * lying.duration
    if whole > MOST_EVENTS:
        raise InputError(
            f"the bed position would hold {whole:.3g} events; at most {MOST_EVENTS:.3g} fit in memory. Scan "
            f"{0.9 * MOST_EVENTS / whole * lying.duration:.3g} s or less, or with less activity."
        )


def _by_photons(lying: Lying, detection: Detection, factor: float, annihilations: float, seed: int) -> list[Any]:
    if annihilations * factor > MOST_PLAYED:
        raise InputError(
            f"{annihilations * factor:.3g} annihilations are too many to follow each photon; at most {MOST_PLAYED:.3g}. "
            "Leave --monte-carlo out, or scan for a shorter time or with less activity."
        )
    events = coincidences(
        lying.field, lying.activity, lying.mu, detection, duration=lying.duration * factor, seed=seed, yield_=lying.positrons
    ).events
    offset = events.offset if events.offset.size else np.zeros(len(events), np.float32)
    return [(events.pairs[chosen], offset[chosen], kind) for kind in (0, 1) if (chosen := (events.kind > 0) == kind).any()]


def _by_parts(
    lying: Lying, detection: Detection, factor: float, pilot: tuple[Any, float], *, seed: int, progress: Progress
) -> tuple[list[Any], str]:
    """Trues one by one; scatter from its single-scatter estimate, in number that of the Monte Carlo of the pilot."""
    from hevesy.imaging.pet.whole_scan import scattered, unscattered

    kinds, share = pilot
    estimate = single_scatter_of(lying.field, lying.activity, lying.mu, detection, gain=lying.positrons)
    number = int((kinds > 0).sum())
    if number < 100:
        raise InputError(
            f"the short Monte Carlo run found {number} scattered pairs, too few to scale scatter. Is the phantom in the scanner?"
        )
    expected = expected_scatter(estimate, lying.duration * share)
    ratio = number / expected
    pairs, offset = scattered(estimate, duration=lying.duration * factor * ratio, seed=seed + SCATTER_SEED)

    def tell(done: float) -> None:
        progress("playing pairs", 0.35 + 0.5 * done)

    trues = unscattered(
        lying.field, lying.activity, lying.mu, detection, pairs_per_Bq=lying.duration * lying.positrons * factor, seed=seed,
        progress=tell,
    )  # fmt: skip
    how = (
        f"trues one by one; scatter from single-scatter simulation, scaled by {ratio:.3f} +- {ratio / math.sqrt(number):.2g} "
        "from a Monte Carlo with several scatters"
    )
    return [(*trues, 0), (pairs, offset, 1)], how


def expected_scatter(estimate: ScatterEstimate, duration: float) -> float:
    """Scattered pairs between all crystals in coincidence, by 200 000 pairs at random; within some 0.3 %."""
    pairs, all_pairs = random_pairs(estimate.detection.rings, 200_000, seed=SCATTER_SEED)
    return float(estimate.at(pairs).mean()) * all_pairs * duration


def random_pairs(rings: Rings, number: int, *, seed: int) -> tuple[npt.NDArray[np.int32], float]:
    """Pairs of crystals in coincidence at random, and how many there are in all."""
    drawn = stream(seed, 0).integers(0, rings.crystals, (number, 2)).astype(np.int32)
    ring = drawn // rings.per_ring
    good = (np.abs(ring[:, 0] - ring[:, 1]) <= rings.most_rings_apart) & (drawn[:, 0] != drawn[:, 1])
    return drawn[good], rings.crystals**2 / 2 * float(good.mean())


def single_scatter_of(field: Field, activity: Any, mu: Any, detection: Detection, *, gain: float) -> ScatterEstimate:
    """Single scatter on blocks of voxels of about 8 mm; it is smooth."""
    k = [max(1, round(SCATTER_VOXEL / side)) for side in (field.thickness, field.side, field.side)]
    pads = [-n % m for n, m in zip(field.shape[::-1], k, strict=True)]
    # the middle of the field must stay where it is
    k = [1 if pad % 2 else m for m, pad in zip(k, pads, strict=True)]
    if k[1] != k[2]:
        k[1] = k[2] = 1
    pads = [-n % m for n, m in zip(field.shape[::-1], k, strict=True)]

    def blocks(values: Any) -> Floats:
        full = np.pad(np.asarray(values, np.float32), [(pad // 2, pad // 2) for pad in pads])
        z, y, x = (n // m for n, m in zip(full.shape, k, strict=True))
        return np.asarray(full.reshape(z, k[0], y, k[1], x, k[2]).mean(axis=(1, 3, 5)), np.float32)

    small = blocks(activity)
    z, y, x = small.shape
    coarse = Field(shape=(x, y, z), side=field.side * k[2], thickness=field.thickness * k[0])
    sampling = ScatterSampling(rings=min(9, max(3, round(detection.rings.length / 40))))
    return single_scatter(coarse, small, blocks(mu), detection, gain=gain, sampling=sampling)


def _thinned(part: tuple[Any, Any, int], efficiency: Floats, most: float, seed: int) -> tuple[Any, Any, int]:
    pairs, offset, kind = part
    kept = stream(seed, 0).random(len(pairs)) * most < efficiency[pairs].prod(axis=1)
    return pairs[kept], offset[kept], kind


def _efficiencies(rings: Rings, spread: float, seed: int) -> Floats:
    if not 0 <= spread <= 0.3:
        raise InputError(f"crystals differ by {spread}; a standard deviation from 0 to 0.3 is meant.")
    if spread == 0:
        return np.empty(0, np.float32)
    drawn = 1 + spread * np.clip(stream(seed + CRYSTAL_SEED, 0).standard_normal(rings.crystals), -2.5, 2.5)
    return np.asarray(drawn / drawn.mean(), dtype=np.float32)


def _smooth_singles(rate: npt.NDArray[Any], rings: Rings) -> npt.NDArray[np.float64]:
    """Singles vary slowly over the crystals; a short run knows no more than that."""
    from scipy.ndimage import gaussian_filter

    grid = rate.reshape(rings.rings, rings.per_ring).astype(np.float64)
    smooth = gaussian_filter(grid, (rings.rings / 12, rings.per_ring / 24), mode=("reflect", "wrap"))
    return np.asarray((smooth * (grid.sum() / max(float(smooth.sum()), 1e-30))).reshape(-1))


def _dead_time(scanner: PetScanner, seed: int) -> tuple[float, list[str]]:
    """Dead time by the published place of the peak of NECR [s]."""
    from hevesy.imaging.pet.nema import count_rates, fitted_dead_time

    known = None not in (scanner.peak_necr_concentration, scanner.coincidence_window, scanner.energy_resolution)
    if not known:
        return 0.0, [f"{scanner.name}: where its count rate peaks is not known; no dead time is simulated."]
    return fitted_dead_time(scanner, count_rates(scanner, decays=4e5, seed=seed)), []
