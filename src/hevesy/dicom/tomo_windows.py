"""Energy windows and gates of a tomographic NM object."""

from pydicom.dataset import Dataset

from hevesy.dicom import headers
from hevesy.dicom.tomo_stated import Stated
from hevesy.errors import DataError
from hevesy.model import EnergyWindow

WINDOWS = "(0054,0012) Energy Window Information Sequence"


def energy_windows(ds: Dataset, numbers: list[int], name: str, stated: Stated) -> tuple[EnergyWindow, ...]:
    """The windows that frames lie in; each has one range.

    Raises
    ------
    DataError
        A window has no range, several, or a limit is missing: what it counts is then not known.
    """
    if stated.windows:
        if len(stated.windows) < max(numbers):
            raise DataError(f"{name}: {len(stated.windows)} windows are stated, the file has {max(numbers)}. State all of them.")
        return tuple(stated.windows[n - 1] for n in numbers)
    items = list(ds.get("EnergyWindowInformationSequence") or [])
    found, taken = [], set()
    for n in numbers:
        item = items[n - 1] if n <= len(items) else Dataset()
        ranges = list(item.get("EnergyWindowRangeSequence") or [])
        limits = [[headers.number(r.get(f"EnergyWindow{end}Limit")) for end in ("Lower", "Upper")] for r in ranges]
        lower, upper = (value or 0.0 for value in limits[0]) if len(limits) == 1 else (0.0, 0.0)
        if not 0 < lower < upper:
            said = "; ".join(f"{low} to {high}" for low, high in limits) or "none"
            raise DataError(
                f"{name}: energy window {n} in {WINDOWS} needs one range in keV; it has {said}. State windows under "
                "[acquisition], or export each range by itself."
            )
        title = str(item.get("EnergyWindowName") or "").strip() or f"{lower:g}-{upper:g} keV"
        title = title if title not in taken else f"{title} ({n})"
        taken.add(title)
        found.append(EnergyWindow(name=title, lower=lower, upper=upper))
    return tuple(found)


def gate_shares(ds: Dataset, gates: int, remarks: list[str]) -> tuple[float, ...]:
    """Share of the time of a view that each gate took; they sum to at most 1."""
    if gates == 1:
        return (1.0,)
    times: list[float] = []
    for gated in ds.get("GatedInformationSequence") or []:
        for data in gated.get("DataInformationSequence") or []:
            slots = [headers.number(slot.get("TimeSlotTime")) for slot in data.get("TimeSlotInformationSequence") or []]
            frame = headers.number(data.get("FrameTime"))
            mine = [t for t in slots if t] or ([frame] if frame else [])
            times += mine if len(mine) > 1 or gates == 1 else mine * gates
    if len(times) == gates and sum(times) > 0:
        return tuple(t / sum(times) for t in times)
    remarks.append(
        f"(0054,0073) Time Slot Time does not tell how long each of the {gates} gates took; the time was shared equally."
    )
    return (1.0 / gates,) * gates
