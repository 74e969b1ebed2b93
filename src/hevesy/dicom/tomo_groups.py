"""Files of one acquisition: energy windows that were stored apart are put together, bed positions are numbered."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hevesy.dicom.raw_tomogram import RawTomogram
from hevesy.errors import DataError
from hevesy.model import Projections

SAME_START = 2.0  # s
SAME_PLACE = 1.0  # mm
# Bed positions of one passage follow each other within this time [s].
SAME_VISIT = 3 * 3600.0


def grouped(found: Sequence[RawTomogram]) -> tuple[RawTomogram, ...]:
    """All bed positions and gates in the order of start, bed and gate.

    Files with the same start, views and place but other energy windows are one acquisition.  Acquisitions of one study with
    the same views and pixels at other places along the patient are its bed positions, numbered from the head.

    Raises
    ------
    DataError
        Files of several patients.
    """
    who = {raw.patient.id for raw in found}
    if len(who) > 1:
        names = ", ".join(sorted({raw.name for raw in found})[:4])
        raise DataError(
            f"(0010,0020) Patient ID: acquisitions of {len(who)} patients in one folder ({names}). Give each patient a folder."
        )
    whole: list[RawTomogram] = []
    for raw in _once(found):
        partner = next((n for n, other in enumerate(whole) if _one_acquisition(raw, other)), None)
        if partner is None:
            whole.append(raw)
        else:
            whole[partner] = _joined(whole[partner], raw)
    numbered: list[RawTomogram] = []
    left, passage = sorted(whole, key=_when), 0
    while left:
        passage += 1
        members = [raw for raw in left if _one_passage(left[0], raw)]
        places = sorted({round(raw.projections.centre[2] / SAME_PLACE) for raw in members}, reverse=True)
        for raw in members:
            bed = places.index(round(raw.projections.centre[2] / SAME_PLACE)) + 1
            numbered.append(replace(raw, projections=replace(raw.projections, bed=bed), passage=passage))
        left = [raw for raw in left if not any(raw is member for member in members)]
    return tuple(numbered)


def _once(found: Sequence[RawTomogram]) -> list[RawTomogram]:
    """Without copies: the same object in two files would count its photons twice."""
    kept: dict[tuple[object, ...], RawTomogram] = {}
    for n, raw in enumerate(found):
        p = raw.projections
        key = (raw.instances if any(raw.instances) else (n,), p.gate, p.bed)
        if key not in kept:
            kept[key] = raw
            continue
        first = kept[key]
        if not np.array_equal(first.projections.counts, p.counts):
            raise DataError(
                f"{first.name} and {raw.name} have the same (0008,0018) SOP Instance UID and different counts; one of them was "
                "altered. Take one out of the folder."
            )
        said = f"{raw.name} is a copy of {first.name}; it was left out."
        remarks = tuple(dict.fromkeys((*first.projections.remarks, said)))
        kept[key] = replace(first, projections=replace(first.projections, remarks=remarks))
    return list(kept.values())


def _when(raw: RawTomogram) -> tuple[bool, str, int]:
    start = raw.projections.start
    return start is None, start.isoformat() if start else raw.name, raw.projections.gate


def _same_views(a: Projections, b: Projections) -> bool:
    return (
        a.counts.shape[1:] == b.counts.shape[1:]
        and np.allclose(a.pixel, b.pixel)
        and np.allclose(a.durations, b.durations)
        and np.allclose(np.sort(a.angles), np.sort(b.angles), atol=0.1)
    )


def _one_acquisition(a: RawTomogram, b: RawTomogram) -> bool:
    """Whether two files hold other energy windows of the same counts."""
    p, q = a.projections, b.projections
    if p.start is None or q.start is None or abs((p.start - q.start).total_seconds()) > SAME_START:
        return False
    apart = not any(
        v.lower < w.upper and w.lower < v.upper and (v.lower, v.upper) == (w.lower, w.upper) for v in p.windows for w in q.windows
    )
    along = float(np.linalg.norm(np.subtract(p.centre, q.centre)))
    return a.study_uid == b.study_uid and p.gate == q.gate and apart and along < SAME_PLACE and _same_views(p, q)


def _joined(a: RawTomogram, b: RawTomogram) -> RawTomogram:
    p, q = a.projections, b.projections
    names = {w.name for w in p.windows}
    more = tuple(w if w.name not in names else replace(w, name=f"{w.name} ({w.lower:g}-{w.upper:g} keV)") for w in q.windows)
    said = (*p.remarks, *q.remarks, f"energy windows were stored in {len(a.paths) + 1} files and put together.")
    counts = np.concatenate([p.counts, q.counts])
    joined = replace(p, counts=counts, windows=(*p.windows, *more), remarks=tuple(dict.fromkeys(said)))
    return replace(a, projections=joined, paths=(*a.paths, *b.paths), instances=(*a.instances, *b.instances))


def _one_passage(a: RawTomogram, b: RawTomogram) -> bool:
    """Whether two are gates or bed positions of one passage through the camera."""
    p, q = a.projections, b.projections
    if a is b:
        return True
    if (
        a.study_uid != b.study_uid
        or p.counts.shape != q.counts.shape
        or p.windows != q.windows
        or not np.allclose(p.pixel, q.pixel)
    ):
        return False
    if p.start is None or q.start is None:
        return a.instances == b.instances
    apart = abs((p.start - q.start).total_seconds())
    here = abs(p.centre[2] - q.centre[2]) < SAME_PLACE
    if here:
        return a.instances == b.instances
    aside = float(np.hypot(p.centre[0] - q.centre[0], p.centre[1] - q.centre[1]))
    if a.instances == b.instances:
        return True
    return a.placed and b.placed and apart < SAME_VISIT and aside < SAME_PLACE and p.frame_of_reference == q.frame_of_reference
