"""Projections as one HDF5 file, for cameras whose views DICOM's NM images cannot hold: columns that swivel on a ring."""

from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from hevesy.dicom import headers
from hevesy.dicom import visit as common
from hevesy.dicom.nuclide_codes import nm_radiopharmaceutical
from hevesy.dicom.raw_tomogram import RawTomogram
from hevesy.errors import DataError, InputError
from hevesy.model import Administration, EnergyWindow, Projections

FORMAT, VERSION = "hevesy-projections", 1
SUFFIX = ".h5"
_PER_VIEW = {"angles": "degrees", "radii": "mm", "shifts": "mm", "starts": "s", "durations": "s"}


def write_projections(
    path: Path,
    projections: Projections,
    *,
    visit: common.Visit,
    series: common.Series,
    heads: int,
    given: Administration | None = None,
    half_life: float | None = None,
) -> Path:
    """Write the counts of one acquisition with all that is needed to reconstruct them; an existing file is replaced.

    The layout stands in docs/theory/spect-simulation.md: counts, one number a view of each part of the geometry with its unit,
    energy windows, and patient, study, radiopharmaceutical and start of the acquisition as a DICOM JSON object (PS3.18, annex F).

    Parameters
    ----------
    heads : int                         Columns that count at the same time.
    """
    import h5py  # type: ignore[import-untyped, unused-ignore]

    if projections.frame_of_reference and projections.frame_of_reference != visit.frame_of_reference:
        raise InputError(f"{path.name}: projections and visit have different frames of reference; they must be one.")
    header = _header(projections, visit, series, nm_radiopharmaceutical(projections.nuclide, half_life=half_life, given=given))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".part-{path.name}")
    with h5py.File(part, "w", track_order=True) as file:
        file.attrs["format"], file.attrs["version"], file.attrs["header"] = FORMAT, VERSION, header
        file.attrs["heads"], file.attrs["nuclide"] = heads, projections.nuclide
        file.attrs["pixel_mm"], file.attrs["centre_mm"] = projections.pixel, projections.centre
        file.attrs["camera"], file.attrs["collimator"] = projections.camera, projections.collimator
        file.create_dataset("counts", data=projections.counts, compression="gzip", shuffle=True, track_times=False)
        for name, unit in _PER_VIEW.items():
            made = file.create_dataset(f"views/{name}", data=getattr(projections, name), track_times=False)
            made.attrs["unit"] = unit
        windows = file.create_group("windows")
        windows.attrs["names"] = [window.name for window in projections.windows]
        windows.attrs["limits_keV"] = [(window.lower, window.upper) for window in projections.windows]
    part.replace(path)
    return path


def _header(projections: Projections, visit: common.Visit, series: common.Series, radiopharmaceutical: Dataset) -> str:
    ds = Dataset()
    common.put_visit(ds, visit)
    common.put_series(ds, series, "NM")
    common.put_acquisition(ds, series)
    if projections.start is not None:
        ds.AcquisitionDate, ds.AcquisitionTime = common.day(projections.start), common.clock(projections.start)
    ds.RadiopharmaceuticalInformationSequence = [radiopharmaceutical]
    return str(ds.to_json())


def is_projections(path: Path) -> bool:
    """Whether a file is HDF5 with projections of this format."""
    if path.suffix.lower() != SUFFIX or not path.is_file():
        return False
    import h5py

    if not h5py.is_hdf5(path):
        return False
    with h5py.File(path, "r") as file:
        return str(file.attrs.get("format")) == FORMAT


def header_of(path: Path) -> Dataset:
    """Patient, study and radiopharmaceutical as DICOM attributes."""
    with _opened(path) as file:
        return Dataset.from_json(str(file.attrs["header"]))


def read_projections(path: Path) -> RawTomogram:
    """The acquisition in a file, as the reader of DICOM gives it.

    Raises
    ------
    DataError
        It is no such file, of another version, or something is missing in it.
    """
    with _opened(path) as file:
        missing = [name for name in ("counts", "windows", *(f"views/{each}" for each in _PER_VIEW)) if name not in file]
        missing += [name for name in ("pixel_mm", "centre_mm", "heads", "nuclide", "header") if name not in file.attrs]
        if missing:
            raise DataError(f"{path.name}: lacks {', '.join(missing)}; the views cannot be placed. Write it again.")
        ds = Dataset.from_json(str(file.attrs["header"]))
        views = {name: np.asarray(file[f"views/{name}"][:], dtype=np.float64) for name in _PER_VIEW}
        names, limits = file["windows"].attrs["names"], np.asarray(file["windows"].attrs["limits_keV"], dtype=np.float64)
        dy, dx = (float(side) for side in file.attrs["pixel_mm"])
        x, y, z = (float(place) for place in file.attrs["centre_mm"])
        projections = Projections(
            counts=np.asarray(file["counts"][:], dtype=np.float32),
            windows=tuple(
                EnergyWindow(name=str(n), lower=float(a), upper=float(b)) for n, (a, b) in zip(names, limits, strict=True)
            ),
            angles=views["angles"],
            radii=views["radii"],
            shifts=views["shifts"],
            starts=views["starts"],
            durations=views["durations"],
            pixel=(dy, dx),
            centre=(x, y, z),
            nuclide=str(file.attrs["nuclide"]),
            start=headers.acquisition_start(ds),
            camera=str(file.attrs.get("camera", "")),
            collimator=str(file.attrs.get("collimator", "")),
            frame_of_reference=str(ds.get("FrameOfReferenceUID") or ""),
        )
        heads = int(file.attrs["heads"])
    return _raw(path, ds, projections, heads)


def _raw(path: Path, ds: Dataset, projections: Projections, heads: int) -> RawTomogram:
    given, _ = headers.administration(ds, path.name)
    return RawTomogram(
        name=path.name,
        projections=projections,
        paths=(path,),
        placed=True,
        instances=(),
        series_uid=str(ds.get("SeriesInstanceUID") or ""),
        study_uid=str(ds.get("StudyInstanceUID") or ""),
        patient=headers.patient(ds),
        administration=given,
        half_life=headers.half_life(ds),
        gates=1,
        duration=float((projections.starts + projections.durations).max()),
        view_duration=float(projections.durations[0]),
        heads=heads,
        manufacturer=projections.camera,
        description=str(ds.get("SeriesDescription") or ""),
    )


def _opened(path: Path) -> Any:
    import h5py

    if not path.is_file() or not h5py.is_hdf5(path):
        raise DataError(f"{path.name}: is not an HDF5 file. Give projections that `hevesy simulate` wrote.")
    file = h5py.File(path, "r")
    found = (str(file.attrs.get("format")), int(file.attrs.get("version", 0)))
    if found != (FORMAT, VERSION):
        file.close()
        raise DataError(f"{path.name}: holds format {found[0]}, version {found[1]}; read is {FORMAT}, version {VERSION}.")
    return file
