"""What a PET or NM image header says of the administration, where a dose report is missing or to be checked against."""

from dataclasses import replace
from pathlib import Path

from pydicom.dataset import Dataset

from hevesy.dicom import headers
from hevesy.dicom.read_rrdsr import opened, origin
from hevesy.errors import DataError, InputError
from hevesy.model.exposure import AdministrationReport


def read_exposure_header(path: Path) -> AdministrationReport | None:
    """The administration of a PET or NM image; None where (0054,0016) is absent.

    Raises
    ------
    InputError
        There is no such file, or it is no DICOM.
    DataError
        It names more than one nuclide.
    """
    return header_report(opened(path), path.name)


def header_report(ds: Dataset, name: str) -> AdministrationReport | None:
    """As :func:`read_exposure_header`, of an object in memory.

    Unlike for dosimetry an administration without a time of day still counts: it was an exposure of that study's day.
    """
    items = ds.get("RadiopharmaceuticalInformationSequence") or []
    if not items:
        return None
    modality, info = str(ds.get("Modality") or ""), items[0]
    blank = AdministrationReport(
        origin=origin(ds, "NM header" if modality == "NM" else "PET header", name), patient=headers.patient(ds)
    )
    nuclides = [headers.radionuclide(item) for item in items]
    if len({n for n in nuclides if n}) > 1:
        raise DataError(
            f"{name}: (0054,0016) names {', '.join(sorted(set(nuclides) - {''}))}; one nuclide an image is read here. "
            "Give the dose reports of the administrations."
        )
    activity, remarks = headers.administered_activity(info, modality)
    try:
        given, said = headers.administration(ds, name)
    except (DataError, InputError) as error:
        given, said = None, [str(error)]
    if activity is None:
        remarks.append("(0018,1074) Radionuclide Total Dose is missing or zero: the activity is not known.")
    agent = str(info.get("Radiopharmaceutical") or "") or _meaning(info, "RadiopharmaceuticalCodeSequence")
    return replace(
        blank,
        event_uid=str(info.get("RadiopharmaceuticalAdministrationEventUID") or ""),
        nuclide=next((n for n in nuclides if n), ""),
        radiopharmaceutical=agent,
        activity=activity,
        start=None if given is None else given.time,
        stop=headers.moment(info.get("RadiopharmaceuticalStopDateTime")),
        half_life=headers.number(info.get("RadionuclideHalfLife")),
        route=str(info.get("RadiopharmaceuticalRoute") or "") or _meaning(info, "AdministrationRouteCodeSequence"),
        remarks=tuple(dict.fromkeys([*remarks, *said])),
    )


def _meaning(info: Dataset, keyword: str) -> str:
    return next((str(code.get("CodeMeaning") or "") for code in info.get(keyword) or []), "")
