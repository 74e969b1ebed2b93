"""Whether counts of a tomographic acquisition can be what the camera counted, and whether its views fit one another."""

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from hevesy.dicom import headers
from hevesy.dicom.tomo_stated import Stated
from hevesy.errors import DataError

# A view with fewer counts than its neighbours by this share was cut short or lost a head [1].
DROP = 0.3
# Centres of counts that leave their curve by less are noise [pixels].
LEAST = 0.75
FEW = 500.0  # counts of a view below which nothing can be said of it
# Of the largest number that a pixel can hold: a jump between neighbours that only a number which began again at 0 makes.
JUMP = 0.75
WRAP = 2**16
ROUNDED = 0.01  # of the counts: what a header may differ by
# Share of counts that lie in other rows in one rotation than in another: the table moved.
MOVED = 0.15
Array = npt.NDArray[np.float32]


def checked_counts(ds: Dataset, stored: npt.NDArray[np.integer], name: str, stated: Stated, remarks: list[str]) -> Array:
    """Stored values as counts.

    Raises
    ------
    DataError
        Negative or saturated values, a rescale that makes them something else than counts, or counts brought to another time.
    """
    slope, intercept = headers.number(ds.get("RescaleSlope")), headers.number(ds.get("RescaleIntercept"))
    counts = stored.astype(np.float32)
    if slope not in (None, 1.0) or intercept not in (None, 0.0):
        if "rescale" not in stated.accept:
            raise DataError(
                f"{name}: (0028,1053) Rescale Slope is {slope}, (0028,1052) Rescale Intercept {intercept}; projections are "
                "stored as they "
                'were counted. Export them without, or state accept = ["rescale"] under [acquisition] to apply it.'
            )
        counts = counts * np.float32(1.0 if slope is None else slope) + np.float32(intercept or 0.0)
        remarks.append(f"counts were rescaled as (0028,1053) says, by {slope}, as stated.")
    if float(counts.min(initial=0.0)) < 0:
        raise DataError(
            f"{name}: (7FE0,0010) Pixel Data holds negative values, down to {counts.min():g}; counts are not negative. "
            "Export what was "
            "counted, before any correction."
        )
    top = 2 ** (int(ds.get("BitsStored") or 16) - int(ds.get("PixelRepresentation") or 0)) - 1
    full = int(np.count_nonzero(stored >= top))
    if full and top > 1:
        said = (
            f"(7FE0,0010) Pixel Data: {full} pixels hold {top}, the most that (0028,0101) Bits Stored allows; they are saturated"
        )
        if "saturated" not in stated.accept:
            raise DataError(f'{name}: {said}. Acquire with more bits, or state accept = ["saturated"] under [acquisition].')
        remarks.append(f"{said}, accepted as stated.")
    _check_wrapped(ds, stored, top, name, stated, remarks)
    applied = headers.words(ds.get("CorrectedImage"))
    if "DECY" in applied and "decayed" not in stated.accept:
        raise DataError(
            f"{name}: (0028,0051) Corrected Image lists DECY: counts were brought to another time. Export what was counted, "
            "or state "
            'accept = ["decayed"] under [acquisition] where that is not so.'
        )
    others = [word for word in applied if word in ("SCAT", "ATTN", "DTIM", "MOTN")]
    if others:
        remarks.append(f"(0028,0051) Corrected Image lists {', '.join(others)}: the counts were corrected for it before.")
    return counts


def _check_wrapped(ds: Dataset, stored: npt.NDArray[np.integer], top: int, name: str, stated: Stated, remarks: list[str]) -> None:
    """Numbers that did not fit and began again at 0: neighbours that jump, or counts that (0018,0070) knows and pixels miss."""
    pixels = stored.reshape(-1, *stored.shape[-2:])
    jump = 0
    if top > 1 and int(pixels.max(initial=0)) > JUMP * top:
        jump = max(int(np.abs(np.diff(pixels.astype(np.int64), axis=axis)).max(initial=0)) for axis in (1, 2))
    total, known = int(stored.sum(dtype=np.int64)), headers.number(ds.get("CountsAccumulated")) or 0.0
    lost = int(known) - total
    said = ""
    if top > 1 and jump > JUMP * top:
        said = f"neighbours differ by {jump}: counts beyond {top} began again at 0"
    elif lost > 0 and lost % WRAP == 0:
        said = f"they hold {total} counts where (0018,0070) Counts Accumulated says {known:.0f}, {lost // WRAP} x {WRAP} more"
    if said and "saturated" not in stated.accept:
        raise DataError(
            f'{name}: (7FE0,0010) Pixel Data: {said}. Export the counts with more bits, or state accept = ["saturated"] under '
            "[acquisition]."
        )
    if said:
        remarks.append(f"(7FE0,0010) Pixel Data: {said}, accepted as stated.")
    elif known > 0 and abs(lost) > ROUNDED * known:
        remarks.append(
            f"(0018,0070) Counts Accumulated says {known:.4g} where the pixels hold {total:.4g}: whether counts were lost or "
            "rescaled is not known."
        )


def check_rotations(counts: Array, rotations: npt.NDArray[np.intp], name: str) -> None:
    """Whether rotations at one place of the table saw the same length of the patient.

        d = 1/2 sum_rows |p_1 - p_r|,    p: share of a rotation's counts in each row

    Parameters
    ----------
    counts : array, shape (views, rows, columns)
    rotations : array, shape (views,)

    Raises
    ------
    DataError
        They did not; several bed positions may be in the file.
    """
    numbers = np.unique(rotations)
    rows = [counts[rotations == r].sum(axis=(0, 2), dtype=np.float64) for r in numbers]
    if min(float(each.sum()) for each in rows) < FEW:
        return
    for number, each in zip(numbers[1:], rows[1:], strict=True):
        apart = 0.5 * float(np.abs(rows[0] / rows[0].sum() - each / each.sum()).sum())
        noise = float(np.sqrt(each.size / min(rows[0].sum(), each.sum())))
        if apart > MOVED + noise:
            raise DataError(
                f"{name}: rotations {numbers[0]} and {number} have {100 * apart:.0f} % of their counts at other heights, though "
                "(0018,1131) Table Traverse does not say that the table moved. State bed_offsets_mm under [acquisition]: one a "
                "rotation, how far it lies towards the head from the first; 0 for all where it did not move."
            )


def check_views(counts: Array, name: str, stated: Stated, remarks: list[str]) -> None:
    """Counts of one sweep in one window, shape (views, rows, columns), the photopeak by preference.

    Raises
    ------
    DataError
        Two views hold the same counts, or a view is empty among others that are not.
    """
    totals = counts.sum(axis=(1, 2), dtype=np.float64)
    usual = float(np.median(totals))
    if usual < FEW:
        return
    empty = np.flatnonzero(totals == 0)
    if empty.size:
        said = f"view {', '.join(str(v + 1) for v in empty[:5])} has no counts, where {usual:.0f} are usual"
        if "empty" not in stated.accept:
            raise DataError(f'{name}: {said}; frames were lost. Export the file again, or state accept = ["empty"].')
        remarks.append(f"{said}, accepted as stated.")
    same = [k for k in range(1, len(counts)) if totals[k] == totals[k - 1] > 0 and np.array_equal(counts[k], counts[k - 1])]
    if same:
        said = f"views {same[0]} and {same[0] + 1} hold the same counts in every pixel"
        if "duplicates" not in stated.accept:
            raise DataError(f'{name}: {said}; one was stored twice. Export the file again, or state accept = ["duplicates"].')
        remarks.append(f"{said}, accepted as stated.")
    if len(totals) > 4:
        around = 0.5 * (np.roll(totals, 1) + np.roll(totals, -1))
        low = [k for k in range(1, len(totals) - 1) if totals[k] < (1 - DROP) * around[k]]
        if low:
            remarks.append(
                f"view {', '.join(str(k + 1) for k in low[:5])} has {100 * (1 - totals[low[0]] / around[low[0]]):.0f} % "
                "fewer counts than "
                "its neighbours: it may have been cut short."
            )


def check_heads(
    counts: Array, angles: npt.NDArray[np.float64], heads: npt.NDArray[np.intp], pixel: float, remarks: list[str]
) -> None:
    """Whether the centres of counts of all views lie on one sinusoid, as those of one object must, head by head.

        u(a) = u0 - x cos a + y sin a

    Attenuation bends it by a pixel or two; a head with a wrong start angle leaves it by more.

    Parameters
    ----------
    counts : array, shape (views, rows, columns)
    angles : array, shape (views,)      [degrees].
    heads : array, shape (views,)       Detector of each view.
    pixel : float                       Distance of columns [mm].
    """
    totals = counts.sum(axis=(1, 2), dtype=np.float64)
    names = np.unique(heads)
    if names.size < 2 or totals.min() < FEW:
        return
    u = (np.arange(counts.shape[2]) - (counts.shape[2] - 1) / 2) * pixel
    centres = counts.sum(axis=1, dtype=np.float64) @ u / totals

    def misfit(turn: dict[int, float]) -> float:
        a = np.deg2rad(angles + np.array([turn.get(int(n), 0.0) for n in heads]))
        design = np.stack([np.ones_like(a), -np.cos(a), np.sin(a)], axis=1)
        left = centres - design @ np.linalg.lstsq(design, centres, rcond=None)[0]
        return float(np.sqrt(np.mean(left**2)))

    now = misfit({})
    for n in names[1:]:
        other = min((misfit({int(n): turn}), turn) for turn in (90.0, 180.0, 270.0))
        if now > LEAST * pixel and other[0] < 0.4 * now:
            remarks.append(
                f"the views of detector {n} do not fit those of detector {names[0]}: centres of counts lie {now:.1f} mm off "
                "one curve, "
                f"{other[0]:.1f} mm if its start angle were {other[1]:.0f} degrees more. Check (0054,0200) Start Angle of "
                "the detectors."
            )
