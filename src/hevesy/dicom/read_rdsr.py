"""A CT radiation dose report (X-ray RDSR, TID 10011) to a value, with what is odd about it."""

from collections import Counter
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.uid import EnhancedXRayRadiationDoseSRStorage, XRayRadiationDoseSRStorage

from hevesy.dicom.content import ABSORBED, LENGTH_PRODUCT, Item, named, quirks, root, template
from hevesy.dicom.read_rrdsr import effective_doses, opened, origin, patient
from hevesy.errors import DataError
from hevesy.model.exposure import CtEvent, CtReport
from hevesy.units import mGy, mm

_PHANTOMS = {"113690": "head", "113691": "body"}
# Relative; totals are rounded by the writer.
MOST_DIFFERENCE = 0.01
_mGy_cm = mGy * 10 * mm


def read_rdsr(path: Path) -> CtReport:
    """The CT irradiation that a report describes: totals and events.

    Raises
    ------
    InputError
        There is no such file, or it is no DICOM.
    DataError
        It is no X-ray RDSR, or not of CT (TID 10011), or a unit cannot be understood.
    """
    ds, name = opened(path), path.name
    if str(ds.get("SOPClassUID") or "") not in (XRayRadiationDoseSRStorage, EnhancedXRayRadiationDoseSRStorage):
        raise DataError(
            f"{name}: (0008,0016) SOP Class is {ds.get('SOPClassUID')}; an X-ray radiation dose report "
            f"({XRayRadiationDoseSRStorage}) is needed."
        )
    return ct_report(ds, name)


def ct_report(ds: Dataset, name: str) -> CtReport:
    """As :func:`read_rdsr`, of an object in memory."""
    top = root(ds)
    total = top.first("DCM:113811", "CONTAINER")
    boxes = top.all("DCM:113819", "CONTAINER")
    if total is None and not boxes:
        raise DataError(
            f"{name}: has neither (113811, DCM) CT Accumulated Dose Data nor (113819, DCM) CT Acquisition; template "
            f"{template(ds) or 'not stated'}. Only CT reports (TID 10011) are read; projection X-ray (TID 10001) is not."
        )
    remarks = quirks(top)
    total = total or Item(Dataset())
    events = tuple(_event(box, name, remarks) for box in boxes)
    dlp = total.amount("DCM:113813", LENGTH_PRODUCT, name, remarks)
    count = total.amount("DCM:113812", {"{events}": 1.0, "events": 1.0, "1": 1.0, "": 1.0}, name, [])
    start, end = top.time("DCM:113809"), top.time("DCM:113810")
    remarks += _odd_totals(dlp, None if count is None else int(count), events)
    if start is not None and end is not None and end < start:
        remarks.append(f"the irradiation ends at {end:%H:%M:%S}, before it starts at {start:%H:%M:%S}.")
    return CtReport(
        origin=origin(ds, "RDSR", name),
        patient=patient(ds, top),
        start=start,
        end=end,
        dlp_total=dlp,
        events_total=None if count is None else int(count),
        events=events,
        effective_doses=effective_doses(total, name, remarks),
        remarks=tuple(dict.fromkeys(remarks)),
    )


def _event(box: Item, name: str, remarks: list[str]) -> CtEvent:
    """A container (113819, DCM), TID 10013; a topogram may have no dose."""
    dose = box.first("DCM:113829", "CONTAINER") or Item(Dataset())
    phantom = dose.first("DCM:113835", "CODE")
    stated = "" if phantom is None else phantom.meaning()
    known = (
        next((word for value, word in _PHANTOMS.items() if named(phantom.code(), f"DCM:{value}")), stated) if phantom else stated
    )
    uid = box.uid("DCM:113769")
    if not uid:
        remarks.append("an irradiation event has no (113769, DCM) UID: it cannot be matched to images or to another report.")
    return CtEvent(
        uid=uid,
        protocol=box.text("DCM:125203"),
        acquisition=box.meaning("DCM:113820"),
        region=box.meaning("DCM:123014"),
        start=box.time("DCM:111526"),
        ctdi_vol=dose.amount("DCM:113830", ABSORBED, name, remarks),
        dlp=dose.amount("DCM:113838", LENGTH_PRODUCT, name, remarks),
        phantom=known,
        effective_doses=effective_doses(dose, name, remarks),
    )


def _odd_totals(dlp: float | None, count: int | None, events: tuple[CtEvent, ...]) -> list[str]:
    out = []
    if count is not None and count != len(events):
        out.append(f"the report counts {count} irradiation events and describes {len(events)}.")
    summed = sum(e.dlp for e in events if e.dlp is not None)
    if dlp is not None and any(e.dlp is not None for e in events) and abs(summed - dlp) > MOST_DIFFERENCE * max(dlp, summed):
        out.append(
            f"the events' DLP sum to {summed / _mGy_cm:.5g} mGy cm, the report accumulates {dlp / _mGy_cm:.5g} mGy cm: "
            "they contradict each other."
        )
    without = sum(1 for e in events if e.dlp is None)
    if without:
        out.append(f"{without} of {len(events)} events {'has' if without == 1 else 'have'} no DLP.")
    twice = [uid for uid, n in Counter(e.uid for e in events if e.uid).items() if n > 1]
    if twice:
        out.append(f"{len(twice)} irradiation event UIDs stand in the report more than once.")
    phantoms = {e.phantom for e in events if e.dlp is not None and e.phantom}
    if len(phantoms) > 1:
        out.append(f"DLP of different phantoms ({', '.join(sorted(phantoms))}) is in the accumulated DLP: it is no one quantity.")
    return out
