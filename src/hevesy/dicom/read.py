"""A folder of scans to a `Study`: sort files by series, read each, say what cannot be used and why."""

import filecmp
import os
import re
import warnings
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from hevesy.dicom import headers
from hevesy.dicom.nuclear import is_tomogram, read_nm
from hevesy.dicom.segments import read_seg
from hevesy.dicom.slices import read_ct, read_pt
from hevesy.dicom.structures import read_rtstruct
from hevesy.errors import DataError, HevesyError, InputError
from hevesy.model import Administration, Outline, Patient, Problem, Scan, Study

Progress = Callable[[str, float], None]

# Files by these endings are not slices that went missing: reports, settings, tables, volumes named in the settings.
NOT_IMAGES = {".txt", ".md", ".csv", ".json", ".toml", ".html", ".pdf", ".png", ".jpg", ".nii", ".gz", ".xml", ".log",
              ".xlsx", ".docx", ".ini", ".db", ".zip"}  # fmt: skip
HDF5 = b"\x89HDF\r\n\x1a\n"
SAME_TIME = 120.0  # s: headers of one administration round differently
SAME_ACTIVITY = 0.02
# Words of placeholder names that are also words of DICOM or of our messages: hiding them would hide nothing.
NOT_NAMES = {
    "patient",
    "virtual",
    "anonymous",
    "anon",
    "anonymized",
    "phantom",
    "test",
    "study",
    "image",
    "series",
    "scan",
}


@dataclass(slots=True)
class _Found:
    """What reading gathers before it becomes a `Study`."""

    series: dict[str, list[tuple[str, Dataset]]] = field(default_factory=lambda: defaultdict(list))
    patients: dict[str, tuple[str, Patient]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    instances: dict[str, tuple[str, Path]] = field(default_factory=dict)
    scans: list[Scan] = field(default_factory=list)
    cts: list[Scan] = field(default_factory=list)
    outlines: list[Outline] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    strangers: list[tuple[str, str]] = field(default_factory=list)


def read_study(folder: Path, *, progress: Progress | None = None, ignore: frozenset[str] = frozenset()) -> Study:
    """All that lies in ``folder`` and below: scans, CTs, regions, administrations, and every problem found.

    What stops dosimetry becomes a `Problem` that names file and tag, so that all are seen at once. Files whose paths
    (relative to ``folder``) are in ``ignore`` are not opened.

    Raises
    ------
    InputError
        The folder does not exist or holds no DICOM file at all and nothing is to be added from elsewhere.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder. Give the folder that holds the scans.")
    found = _Found()
    paths = _visible(folder)
    for i, path in enumerate(paths):
        relative = path.relative_to(folder).as_posix()
        if relative not in ignore:
            _open(path, relative, found)
        if progress and (i % 25 == 0 or i + 1 == len(paths)):
            progress("reading files", (i + 1) / len(paths))
    total = max(1, len(found.series))
    for i, (uid, slices) in enumerate(found.series.items()):
        if progress:
            progress("building volumes", i / total)
        _read_series(uid, slices, found)
    _judge_strangers(found)
    _judge_patients(found)
    return _study(folder, found)


def _visible(folder: Path) -> list[Path]:
    """All files below ``folder`` in order, without hidden ones and hidden folders: bins, previews, unfinished results."""
    paths: list[Path] = []
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths += [Path(root) / name for name in names if not name.startswith(".")]
    return sorted(paths)


def _open(path: Path, relative: str, found: _Found) -> None:
    if path.name.upper() == "DICOMDIR":
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ds = pydicom.dcmread(path)
            if "SOPClassUID" not in ds and path.stat().st_size > 132:
                raise InvalidDicomError
            uid, who = str(ds.get("SeriesInstanceUID") or ""), str(ds.get("PatientID") or "")
    except (InvalidDicomError, EOFError):
        bare = _without_preamble(path)
        if bare is None:
            found.strangers.append((relative, _kind(path)))
            return
        ds, uid, who = bare, str(bare.get("SeriesInstanceUID") or ""), str(bare.get("PatientID") or "")
    except Exception as error:  # noqa: BLE001 - a damaged file can make pydicom raise anything
        found.problems.append(
            Problem(
                text=f"cannot be read as DICOM ({type(error).__name__}); it is damaged. Export it again.",
                where=relative,
            )
        )
        return
    found.names.update(re.split(r"[\^=\s,]+", str(ds.get("PatientName") or "")))
    if _again(path, relative, str(ds.get("SOPInstanceUID") or ""), found):
        return
    found.patients.setdefault(who, (relative, headers.patient(ds)))
    found.series[uid or relative].append((relative, ds))


def _again(path: Path, relative: str, instance: str, found: _Found) -> bool:
    """Whether an object lies there a second time: a copy counts once, another content under its UID is a problem."""
    if not instance:
        return False
    first, first_path = found.instances.setdefault(instance, (relative, path))
    if first == relative:
        return False
    if filecmp.cmp(first_path, path, shallow=False):
        found.remarks.append(f"{relative}: the same file as {first}; counted once.")
    else:
        found.problems.append(
            Problem(
                text=f"(0008,0018) SOP Instance UID is that of {first}, but the content differs. Keep the right one.",
                where=relative,
            )
        )
    return True


def _without_preamble(path: Path) -> Dataset | None:
    """Some exports leave out the preamble: such a file is read if it then says what it is."""
    head = path.open("rb").read(132)
    if not head or head[128:132] == b"DICM" or path.suffix.lower() in NOT_IMAGES:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ds = pydicom.dcmread(path, force=True)
            return ds if ds.get("SOPClassUID") and ds.get("Modality") else None
    except Exception:  # noqa: BLE001 - anything at all may be in such a file
        return None


def _kind(path: Path) -> str:
    """What a file that is not DICOM seems to be: "document", "text", "empty", "truncated" or "binary"."""
    head = path.open("rb").read(4096)
    if head[128:132] == b"DICM":
        return "truncated"
    if "".join(path.suffixes[-1:]).lower() in NOT_IMAGES or head.startswith(HDF5):
        return "document"
    if not head:
        return "empty"
    return "text" if all(byte >= 9 for byte in head) and b"\x00" not in head else "binary"


def _judge_strangers(found: _Found) -> None:
    """A file that is not DICOM is named; it stops the job where a slice may have been lost by it."""
    for relative, kind in found.strangers:
        if kind in ("document", "text"):
            found.remarks.append(f"{relative}: not DICOM ({kind}); left aside, nothing is lost by it.")
        else:
            found.problems.append(
                Problem(
                    text=f"not readable as DICOM ({kind} file): an image may be lost by it. Export it again, or remove it "
                    "if it does not belong here.",
                    where=relative,
                )
            )


def _judge_patients(found: _Found) -> None:
    if len(found.patients) > 1:
        where = "; ".join(f"{first}: {who or 'no ID'!r}" for who, (first, _) in found.patients.items())
        found.problems.append(
            Problem(
                text=f"(0010,0020) Patient ID: {len(found.patients)} patients in one folder ({where}). "
                "Give each patient a folder.",
                where=next(iter(found.patients.values()))[0],
            )
        )


def _read_series(uid: str, slices: list[tuple[str, Dataset]], found: _Found) -> None:
    """One series to a scan, a CT, regions, or a line among the others."""
    name, first = slices[0]
    modality = str(first.get("Modality") or "").upper()
    label = _label(name, first)
    try:
        if modality in ("CT", "PT"):
            kinds = {"CT": (read_ct, found.cts), "PT": (read_pt, found.scans)}
            read, where = kinds[modality]
            if "LOCALIZER" in headers.words(first.get("ImageType")):
                found.other.append(f"{label}: CT localizer")
                return
            where.append(read(slices, label))
        elif modality == "NM":
            for each, ds in slices:
                _read_nuclear(each, ds, found)
        elif modality == "RTSTRUCT":
            for each, ds in slices:
                outlines, remarks = read_rtstruct(ds, each)
                found.outlines += outlines
                found.remarks += remarks
        elif modality == "SEG":
            for each, ds in slices:
                outlines, remarks = read_seg(ds, each)
                found.outlines += outlines
                found.remarks += remarks
        else:
            found.other.append(f"{label}: {modality or 'no modality'}, {len(slices)} file{'s' if len(slices) > 1 else ''}")
    except HevesyError as error:
        found.problems.append(Problem(text=str(error), where=name))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        found.problems.append(Problem(text=f"series {uid} lacks or garbles a required tag: {error}", where=name))


def _read_nuclear(name: str, ds: Dataset, found: _Found) -> None:
    if is_tomogram(ds):
        found.scans.append(read_nm(ds, name, _label(name, ds)))
    else:
        kind = "\\".join(headers.words(ds.get("ImageType"))[2:3]) or "unknown kind"
        found.other.append(f"{name}: NM {kind}, not a reconstructed tomogram")


def _label(name: str, ds: Dataset) -> str:
    folder = str(Path(name).parent)
    return folder if folder != "." else str(ds.get("SeriesDescription") or "") or str(ds.get("Modality") or name)


def _study(folder: Path, found: _Found) -> Study:
    """Assemble, order by time, collect administrations, hide names."""
    hide = _hider(found.names)
    scans = sorted(found.scans, key=lambda scan: (scan.start is None, scan.start, scan.label))
    for scan in (*scans, *found.cts):
        found.remarks += [remark if scan.label in remark else f"{scan.label}: {remark}" for remark in scan.remarks]
    patient = next((p for _, p in found.patients.values()), Patient(id=""))
    return Study(
        folder=str(folder),
        patient=patient,
        administrations=_administrations(scans),
        scans=tuple(_nameless(scan, hide) for scan in scans),
        cts=tuple(_nameless(ct, hide) for ct in found.cts),
        outlines=tuple(replace(outline, source=hide(outline.source)) for outline in _distinct(found.outlines)),
        remarks=tuple(hide(remark) for remark in found.remarks),
        problems=tuple(Problem(text=hide(p.text), where=hide(p.where)) for p in found.problems),
        other=tuple(hide(line) for line in found.other),
    )


def _hider(names: set[str]) -> Callable[[str], str]:
    """Hospitals put patients' names into file names: such words do not reach a message."""
    parts = sorted(
        (re.escape(part) for part in names if len(part) >= 3 and part.lower() not in NOT_NAMES),
        key=len,
        reverse=True,
    )
    if not parts:
        return lambda text: text
    pattern = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(parts)})(?![A-Za-z])", re.IGNORECASE)
    return lambda text: pattern.sub("***", text)


def _nameless(scan: Scan, hide: Callable[[str], str]) -> Scan:
    first = hide(scan.files[0]) if scan.files else ""
    return replace(scan, label=hide(scan.label), description=hide(scan.description), first_file=first)


def _administrations(scans: list[Scan]) -> tuple[Administration, ...]:
    """Each administration once: headers of several scans repeat it, with their own rounding."""
    known: list[Administration] = []
    for scan in scans:
        new = scan.administration
        if new is None:
            continue
        for old in known:
            same_time = abs((old.time - new.time).total_seconds()) <= SAME_TIME
            if same_time and old.nuclide == new.nuclide and abs(old.activity / new.activity - 1) <= SAME_ACTIVITY:
                break
        else:
            known.append(new)
    return tuple(known)


def _distinct(outlines: list[Outline]) -> list[Outline]:
    """Two regions of one name in one frame of reference stay two: the later one gets a number."""
    taken: set[tuple[str, str]] = set()
    result = []
    for outline in outlines:
        name, number = outline.name, 1
        while (name, outline.frame_of_reference) in taken:
            number += 1
            name = f"{outline.name} ({number})"
        taken.add((name, outline.frame_of_reference))
        result.append(outline if number == 1 else replace(outline, name=name))
    return result


def require(study: Study) -> None:
    """Raise DataError with every problem of ``study``, if it has any."""
    if study.problems:
        lines = [p.text if p.where and p.where in p.text else f"{p.where}: {p.text}" for p in study.problems]
        raise DataError("\n".join(lines))
