"""Tomographic NM objects of any vendor to projections: what is odd is named, what would change a number is refused."""

import re
import warnings
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from hevesy.dicom import headers
from hevesy.dicom.pixels import stored_values
from hevesy.dicom.projections_hdf5 import is_projections, read_projections
from hevesy.dicom.raw_tomogram import RawTomogram
from hevesy.dicom.tomo_angles import Swept, swept
from hevesy.dicom.tomo_beds import Bed, beds_of
from hevesy.dicom.tomo_checks import check_heads, check_rotations, check_views, checked_counts
from hevesy.dicom.tomo_frames import Frames, frames_of
from hevesy.dicom.tomo_groups import grouped
from hevesy.dicom.tomo_place import Place, place, turned_round
from hevesy.dicom.tomo_stated import NOTHING_STATED, Stated
from hevesy.dicom.tomo_windows import energy_windows, gate_shares
from hevesy.errors import DataError, HevesyError, InputError
from hevesy.model import EnergyWindow, Projections

KINDS = ("TOMO", "GATED TOMO")
PIXELS = (1.0, 15.0)  # mm: a matrix of 64 to 512 pixels over a head of half a metre, and not in centimetres
LEVEL = 1.0  # degrees: a head that is tilted less is level
ODD_PIXELS = {0x7FE00008: "(7FE0,0008) Float Pixel Data", 0x7FE00009: "(7FE0,0009) Double Float Pixel Data"}
LEAST_NAME = 3  # letters
PIXEL_MODULE = {
    "SamplesPerPixel": "(0028,0002) Samples per Pixel",
    "PhotometricInterpretation": "(0028,0004) Photometric Interpretation",
    "Rows": "(0028,0010) Rows",
    "Columns": "(0028,0011) Columns",
    "BitsAllocated": "(0028,0100) Bits Allocated",
    "BitsStored": "(0028,0101) Bits Stored",
    "PixelRepresentation": "(0028,0103) Pixel Representation",
}


def read_tomo(path: Path, *, stated: Stated = NOTHING_STATED) -> tuple[Projections, ...]:
    """Projections of a file or of all tomographic files in a folder: one value a bed position and gate.

    Raises
    ------
    InputError
        There is no such file or folder, or no tomographic acquisition in it.
    DataError
        A header lacks or contradicts what the image depends on; the tag is named, and what to state instead.
    """
    return tuple(each.projections for each in read_raw(path, stated=stated))


def read_raw(path: Path, *, stated: Stated = NOTHING_STATED) -> tuple[RawTomogram, ...]:
    """As `read_tomo`, with what the files say about patient, place and corrections; ordered by start, bed and gate.

    Files of `hevesy.dicom.projections_hdf5` are read as well.
    """
    if path.is_file():
        paths = [path]
    elif path.is_dir():
        paths = sorted(p for p in path.rglob("*") if p.is_file() and not any(part.startswith(".") for part in p.parts[-3:]))
    else:
        raise InputError(f"{path}: no such file or folder. Give the tomographic acquisition, or the folder that holds it.")
    found = [raw for each in paths for raw in _read_if_tomo(each, stated, must=path.is_file())]
    if not found:
        raise InputError(
            f"{path}: holds no tomographic acquisition ((0008,0060) Modality NM with (0008,0008) Image Type TOMO or GATED "
            "TOMO). Export "
            "the projections, not only what the camera reconstructed."
        )
    return grouped(found)


def _read_if_tomo(path: Path, stated: Stated, *, must: bool) -> Iterable[RawTomogram]:
    if is_projections(path):
        return (read_projections(path),)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            kind = pydicom.dcmread(path, specific_tags=["Modality", "ImageType"], stop_before_pixels=True)
            if is_acquisition(kind):
                return read_file(pydicom.dcmread(path), path, stated)
    except (InvalidDicomError, EOFError):
        if must:
            raise DataError(f"{path.name}: this is no DICOM file. Give the tomographic acquisition.") from None
        return ()
    except (HevesyError, PermissionError):
        raise
    except Exception as error:  # a damaged file can make pydicom raise anything
        raise DataError(
            f"a file in {path.parent.name} cannot be read as DICOM ({type(error).__name__}); it is damaged. Export it again."
        ) from error
    if must:
        words = "\\".join(headers.words(kind.get("ImageType"))) or "missing"
        raise DataError(
            f"{path.name}: (0008,0060) Modality is {kind.get('Modality')}, (0008,0008) Image Type {words}; a tomographic "
            "acquisition is NM "
            "with TOMO or GATED TOMO."
        )
    return ()


def is_acquisition(ds: Dataset) -> bool:
    """Whether an object holds projections of an emission, not what was reconstructed from them and no transmission."""
    words = headers.words(ds.get("ImageType"))
    return str(ds.get("Modality") or "") == "NM" and any(kind in words for kind in KINDS) and "TRANSMISSION" not in words


def read_file(ds: Dataset, path: Path, stated: Stated = NOTHING_STATED) -> tuple[RawTomogram, ...]:
    """All bed positions and gates of one object."""
    name = _nameless(path.name, ds)
    remarks: list[str] = []
    _check_pixel_module(ds, name)
    rows, columns = int(ds.Rows), int(ds.Columns)
    stored = stored_values(ds, name).reshape(-1, rows, columns)
    if headers.number(ds.get("NumberOfFrames")) != len(stored):
        said = ds.get("NumberOfFrames") or "missing"
        remarks.append(f"(0028,0008) Number of Frames is {said}; there are pixels of {len(stored)}, which were read.")
    frames = frames_of(ds, len(stored), name, remarks)
    counts = checked_counts(ds, stored, name, stated, remarks)
    sizes = {
        (int(d), int(r)): int(np.count_nonzero((frames.detector == d) & (frames.rotation == r) & _first(frames)))
        for d, r in np.unique(np.stack([frames.detector, frames.rotation], axis=1), axis=0)
    }
    orbit = swept(ds, sizes, name, stated, remarks, by_detector=frames.by_detector)
    pixel = _pixel(ds, columns, name, stated, remarks)
    _check_holes(ds, name, stated, remarks)
    if stated.lying:
        orbit, lies = turned_round(orbit, stated.lying, remarks)
    else:
        lies = place(ds, orbit, (rows, columns), pixel, name=name, stated=stated, remarks=remarks)
    if stated.centre is not None:
        lies = replace(lies, centre=stated.centre, known=True)
        remarks.append("where the axis of rotation lies in the patient was stated.")
    numbers = sorted({int(w) for w in frames.window})
    windows = energy_windows(ds, numbers, name, stated)
    _described(ds, orbit, remarks)
    shares = gate_shares(ds, int(frames.gate.max()), remarks)
    made = []
    for number, bed in enumerate(beds_of(ds, orbit, name, stated, remarks), start=1):
        for gate, share in enumerate(shares, start=1):
            taken = _taken(counts, frames, bed.sweeps, numbers=numbers, gate=gate, lies=lies)
            if gate == 1:
                _check_sweeps(taken, bed.sweeps, pixel[1], name=name, stated=stated, remarks=remarks)
            made.append(
                _raw(
                    ds,
                    path,
                    taken,
                    bed,
                    windows,
                    number=number,
                    gate=gate,
                    share=share,
                    lies=lies,
                    pixel=pixel,
                    gates=len(shares),
                )
            )
    said = tuple(dict.fromkeys(remarks))
    return tuple(replace(raw, projections=replace(raw.projections, remarks=said)) for raw in made)


def _check_pixel_module(ds: Dataset, name: str) -> None:
    """What pixels cannot be decoded without, by its tag."""
    for odd, words in ODD_PIXELS.items():
        if odd in ds:
            raise DataError(
                f"{name}: {words} holds the pixels; counts are whole numbers in (7FE0,0010) Pixel Data. Export what was counted."
            )
    for keyword, tag in PIXEL_MODULE.items():
        if ds.get(keyword) in (None, ""):
            raise DataError(f"{name}: {tag} is missing; the pixels cannot be read without it. Export the file again.")
    if int(ds.SamplesPerPixel) != 1:
        raise DataError(
            f"{name}: (0028,0002) Samples per Pixel is {ds.SamplesPerPixel}, a picture in colour; counts have 1. Export what was "
            "counted."
        )


def _nameless(name: str, ds: Dataset) -> str:
    """A file's name without the words of the patient's: hospitals put them there, and they reach no message."""
    words = [w for w in re.split(r"[\^=\s,]+", str(ds.get("PatientName") or "")) if len(w) >= LEAST_NAME]
    for word in words:
        name = re.sub(re.escape(word), "***", name, flags=re.IGNORECASE)
    return name


def _first(frames: Frames) -> npt.NDArray[np.bool_]:
    mine: npt.NDArray[np.bool_] = (frames.window == frames.window.min()) & (frames.gate == frames.gate.min())
    return mine


def _pixel(ds: Dataset, columns: int, name: str, stated: Stated, remarks: list[str]) -> tuple[float, float]:
    if stated.pixel is not None:
        return stated.pixel
    values = [headers.number(v) for v in ds.get("PixelSpacing") or []]
    tag = "(0028,0030) Pixel Spacing"
    if len(values) != 2 or None in values or not all(PIXELS[0] <= float(v or 0) <= PIXELS[1] for v in values):
        raise DataError(
            f"{name}: {tag} is {ds.get('PixelSpacing') or 'missing'}; two sides from {PIXELS[0]:g} to {PIXELS[1]:g} mm are "
            "needed, not in centimetres. Zoom and matrix alone do not tell them: state pixel_mm under [acquisition]."
        )
    items = ds.get("DetectorInformationSequence") or []
    by_head = [tuple(float(headers.number(v) or 1.0) for v in (item.get("ZoomFactor") or [])) for item in items]
    if len(set(by_head) - {()}) > 1:
        said = " and ".join("\\".join(f"{v:g}" for v in each) for each in dict.fromkeys(by_head) if each)
        raise DataError(
            f"{name}: (0028,0031) Zoom Factor differs between detectors, {said}, where {tag} is one for all. State pixel_mm "
            "under [acquisition] where all have the same pixels, or export a file a detector."
        )
    zooms = {v for each in by_head for v in each}
    if zooms - {1.0}:
        said = ", ".join(f"{z:g}" for z in sorted(zooms))
        remarks.append(
            f"(0028,0031) Zoom Factor is {said}; {tag} {float(values[0] or 0):g} mm is taken as that of the zoomed image, as "
            "the standard says: "
            f"{columns} columns cover {columns * float(values[1] or 0):.0f} mm."
        )
    centres = {float(headers.number(v) or 0.0) for item in items for v in (item.get("ZoomCenter") or [])}
    if centres - {0.0}:
        raise DataError(
            f"{name}: (0028,0032) Zoom Center is {', '.join(f'{c:g}' for c in sorted(centres))} mm: the axis of rotation is "
            "not in the middle of "
            "the image, which is not supported. Acquire or export without an offset."
        )
    return float(values[0] or 0), float(values[1] or 0)


def _check_holes(ds: Dataset, name: str, stated: Stated, remarks: list[str]) -> None:
    """What the heads look through, and whether they are level: one kind of holes for all.

    Raises
    ------
    DataError
        The detectors have different kinds of collimators, or are tilted.
    """
    items = list(ds.get("DetectorInformationSequence") or [])
    kinds = {str(item.get("CollimatorType") or "").strip().upper() for item in items} - {""}
    if len(kinds) > 1:
        raise DataError(
            f"{name}: (0018,1181) Collimator Type differs between detectors: {', '.join(sorted(kinds))}. "
            "Export a file a detector."
        )
    far = {headers.number(item.get("FocalDistance")) or 0.0 for item in items} - {0.0}
    if far and kinds == {"PARA"}:
        remarks.append(
            f"(0018,1182) Focal Distance is {', '.join(f'{f:g}' for f in sorted(far))} mm although (0018,1181) says parallel "
            "holes, whose focus is at 0, without end; taken as parallel."
        )
    tilts = [headers.number(item.get("GantryDetectorTilt")) or 0.0 for item in (ds, *items)]
    worst = max(tilts, key=abs)
    if abs(worst) > LEVEL:
        said = f"(0018,1120) Gantry/Detector Tilt is {worst:g} degrees; detectors are reconstructed as level"
        if "tilt" not in stated.accept:
            raise DataError(f'{name}: {said}. State accept = ["tilt"] under [acquisition] where they were, or acquire without.')
        remarks.append(f"{said}, accepted as stated.")


def _described(ds: Dataset, orbit: tuple[Swept, ...], remarks: list[str]) -> None:
    """Remarks on what the header says of the motion, the collimators and the axis."""
    items = list(ds.get("DetectorInformationSequence") or [])
    moves = {str(item.get("TypeOfDetectorMotion") or "").upper() for item in (ds, *(ds.get("RotationInformationSequence") or []))}
    if "CONTINUOUS" in moves:
        remarks.append(
            f"(0054,0202) the heads moved while they counted: each view is smeared over {orbit[0].step:g} degrees, and its "
            "angle is taken as "
            "stated."
        )
    if headers.words(ds.get("ImageType"))[:1] == ("DERIVED",):
        remarks.append("(0008,0008) Image Type says DERIVED: these are not the counts as the camera stored them first.")
    if str(ds.get("LossyImageCompression") or "") == "01":
        remarks.append(
            "(0028,2110) Lossy Image Compression: the counts went through a lossy compression; their noise is altered."
        )
    if any(
        headers.number(m.get("RealWorldValueSlope")) not in (None, 1.0) for m in ds.get("RealWorldValueMappingSequence") or []
    ):
        remarks.append("(0040,9096) Real World Value Mapping was not applied: projections are taken as counts, as stored.")
    offsets = [headers.number(item.get("CenterOfRotationOffset")) for item in items]
    if any(offset for offset in offsets) and "COR" not in headers.words(ds.get("CorrectedImage")):
        said = ", ".join(f"{offset:g}" for offset in offsets if offset is not None)
        remarks.append(f"(0018,1145) Center of Rotation Offset is {said} mm; taken as applied by the camera already.")
    kinds = [str(item.get("CollimatorType") or "").strip().upper() for item in items]
    if not kinds or not all(kinds):
        remarks.append("(0018,1181) Collimator Type is missing; its holes are taken as parallel.")
    if headers.acquisition_start(ds) is None:
        remarks.append(
            "(0008,0022) Acquisition Date or (0008,0032) Acquisition Time is missing: when the scan began is not known."
        )
    if not str(ds.get("FrameOfReferenceUID") or ""):
        remarks.append("(0020,0052) Frame of Reference UID is missing.")
    if not str(ds.get("PatientID") or ""):
        remarks.append("(0010,0020) Patient ID is missing: that a CT is of the same patient was not checked.")
    names = {str(item.get("CollimatorGridName") or "").strip() for item in items} - {""}
    if len(names) > 1:
        remarks.append(f"(0018,1180) names different collimators: {', '.join(sorted(names))}; the first detector's was followed.")


def _taken(
    counts: npt.NDArray[np.float32], frames: Frames, sweeps: tuple[Swept, ...], *, numbers: list[int], gate: int, lies: Place
) -> npt.NDArray[np.float32]:
    """Counts (windows, views, rows, columns), rows from the head, columns as seen from the detector."""
    parts = []
    for window in numbers:
        views = []
        for sweep in sweeps:
            mine = counts[frames.of(detector=sweep.detector, rotation=sweep.rotation, gate=gate, window=window)]
            mine = mine[:, ::-1] if sweep.detector in lies.flipped else mine
            views.append(mine[:, :, ::-1] if sweep.detector in lies.mirrored else mine)
        parts.append(np.concatenate(views))
    return np.stack(parts)


def _check_sweeps(
    counts: npt.NDArray[np.float32],
    sweeps: tuple[Swept, ...],
    pixel: float,
    *,
    name: str,
    stated: Stated,
    remarks: list[str],
) -> None:
    busiest = counts[int(np.argmax([w.sum(dtype=np.float64) for w in counts]))]
    begin = 0
    for sweep in sweeps:
        check_views(busiest[begin : begin + sweep.angles.size], f"{name}: detector {sweep.detector}", stated, remarks)
        begin += sweep.angles.size
    heads = np.concatenate([np.full(s.angles.size, s.detector) for s in sweeps])
    if not stated.bed_offsets:
        check_rotations(busiest, np.concatenate([np.full(s.angles.size, s.rotation) for s in sweeps]), name)
    check_heads(busiest, np.concatenate([s.angles for s in sweeps]), heads, pixel, remarks)


def _raw(  # noqa: PLR0913  (each is a fact of one bed position)
    ds: Dataset, path: Path, counts: npt.NDArray[np.float32], bed: Bed, windows: tuple[EnergyWindow, ...], *, number: int,
    gate: int, share: float, lies: Place, pixel: tuple[float, float], gates: int,
) -> RawTomogram:  # fmt: skip
    items = list(ds.get("DetectorInformationSequence") or [Dataset()])
    info = next(iter(ds.get("RadiopharmaceuticalInformationSequence") or []), Dataset())
    given, _ = headers.administration(ds, _nameless(path.name, ds))
    sweeps, start = bed.sweeps, headers.acquisition_start(ds)
    before, begins = 0.0, {}
    for rotation in sorted({s.rotation for s in sweeps}):
        mine = next(s for s in sweeps if s.rotation == rotation)
        begins[rotation] = before
        before += float(mine.starts[-1]) + mine.duration
    projections = Projections(
        counts=counts,
        windows=windows,
        angles=np.concatenate([s.angles for s in sweeps]),
        radii=np.concatenate([s.radii for s in sweeps]),
        starts=np.concatenate([begins[s.rotation] + s.starts for s in sweeps]),
        durations=np.concatenate([np.full(s.angles.size, s.duration * share) for s in sweeps]),
        pixel=pixel,
        centre=(lies.centre[0], lies.centre[1], lies.centre[2] + bed.offset),
        nuclide=headers.radionuclide(info),
        start=None if start is None else start + timedelta(seconds=bed.later),
        collimator=str(items[0].get("CollimatorGridName") or "").strip(),
        camera=str(ds.get("ManufacturerModelName") or "").strip(),
        frame_of_reference=str(ds.get("FrameOfReferenceUID") or ""),
        gate=gate,
        bed=number,
    )
    return RawTomogram(
        name=_nameless(path.name, ds),
        projections=projections,
        paths=(path,),
        placed=lies.known,
        instances=(str(ds.get("SOPInstanceUID") or ""),),
        series_uid=str(ds.get("SeriesInstanceUID") or ""),
        study_uid=str(ds.get("StudyInstanceUID") or ""),
        patient=headers.patient(ds),
        administration=given,
        half_life=headers.half_life(ds),
        gates=gates,
        duration=before,
        view_duration=sweeps[0].duration,
        heads=len({s.detector for s in sweeps}),
        corrections=headers.words(ds.get("CorrectedImage")),
        collimator_type=str(items[0].get("CollimatorType") or "").strip().upper(),
        manufacturer=" ".join(str(ds.get(k) or "") for k in ("Manufacturer", "ManufacturerModelName")).strip(),
        description=str(ds.get("SeriesDescription") or ""),
    )
