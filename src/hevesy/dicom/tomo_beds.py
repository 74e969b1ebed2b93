"""Rotations of a tomographic NM object by the place of the table."""

from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset

from hevesy.dicom import headers
from hevesy.dicom.tomo_angles import Swept
from hevesy.dicom.tomo_stated import Stated
from hevesy.errors import DataError

SAME_TABLE = 1.0  # mm
TABLE = "(0018,1131) Table Traverse"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bed:
    """One place of the table.

    Attributes
    ----------
    sweeps : tuple of Swept             Its rotations, detector by detector.
    offset : float                      How far it lies towards the head from the first [mm].
    later : float                       Begin of its first rotation since that of the file [s].
    """

    sweeps: tuple[Swept, ...]
    offset: float
    later: float


def beds_of(ds: Dataset, orbit: tuple[Swept, ...], name: str, stated: Stated, remarks: list[str]) -> tuple[Bed, ...]:
    """Rotations by the place of the table.

    Which way (0018,1131) counts is the manufacturer's (PS3.3, table C.8-12): where it differs between rotations, the places
    along the patient must be stated.

    Raises
    ------
    DataError
        The table moved and its places are not stated, or not one a rotation.
    """
    numbers = sorted({s.rotation for s in orbit})
    offsets = _offsets(ds, numbers, name, stated, remarks)
    begins, before = {}, 0.0
    for number in numbers:
        one = next(s for s in orbit if s.rotation == number)
        begins[number] = before
        before += float(one.starts[-1]) + one.duration
    places: list[tuple[float, list[int]]] = []
    for number in numbers:
        same = next((p for p in places if abs(p[0] - offsets[number]) <= SAME_TABLE), None)
        if same is None:
            places.append((offsets[number], [number]))
        else:
            same[1].append(number)
    if any(len(members) > 1 for _, members in places):
        remarks.append(f"{len(numbers)} rotations at {_said(len(places))} of the table; views of one place were put together.")
    return tuple(
        Bed(
            sweeps=tuple(sorted((s for s in orbit if s.rotation in members), key=lambda s: (s.detector, s.rotation))),
            offset=offset,
            later=begins[members[0]],
        )
        for offset, members in places
    )


def _said(places: int) -> str:
    return "one place" if places == 1 else f"{places} places"


def _offsets(ds: Dataset, numbers: list[int], name: str, stated: Stated, remarks: list[str]) -> dict[int, float]:
    turns = list(ds.get("RotationInformationSequence") or [])
    table = [headers.number(t.get("TableTraverse")) for t in turns]
    known = [at for n in numbers if n <= len(table) and (at := table[n - 1]) is not None]
    moved = bool(known) and max(known) - min(known) > SAME_TABLE
    if stated.bed_offsets:
        if len(stated.bed_offsets) != len(numbers):
            raise DataError(
                f"{name}: {len(stated.bed_offsets)} bed offsets are stated for {len(numbers)} rotations. State one each."
            )
        offsets = [float(each) - stated.bed_offsets[0] for each in stated.bed_offsets]
        along = np.abs(np.array(known) - known[0]) if len(known) == len(numbers) else None
        if along is not None and np.abs(along - np.abs(offsets)).max() > SAME_TABLE:
            said = ", ".join(f"{at:g}" for at in known)
            remarks.append(f"{TABLE} says {said} mm, which are other distances than the bed offsets that were stated.")
        return dict(zip(numbers, offsets, strict=True))
    if moved:
        raise DataError(
            f"{name}: {TABLE} differs between rotations, {', '.join(f'{at:g}' for at in known)} mm: several bed positions in one "
            "file. Which way it counts is up to the manufacturer: state bed_offsets_mm under [acquisition], one a rotation, how "
            "far it lies towards the head from the first; or export a file a bed position."
        )
    return dict.fromkeys(numbers, 0.0)
