"""The folder of a reconstruction: what may be written to it, and what of an earlier run gives way."""

from contextlib import AbstractContextManager
from pathlib import Path

from hevesy.app import filled_folder
from hevesy.errors import InputError

# What this command writes; files of an earlier run with other names would be taken for a part of this one.
OURS = ("spect*.dcm", "spect*.nii.gz", "spect*.h5", "spect*.png", "pet*", "report.html")
LAST = "result.json"


def filling(folder: Path) -> AbstractContextManager[Path]:
    """A folder to write to; what it holds at the end takes the place of what an earlier reconstruction left in ``folder``.

    Where writing fails or is interrupted, nothing in ``folder`` has changed.

    Raises
    ------
    InputError
        ``folder`` is a file, or cannot be written to.
    """
    return filled_folder.filling(folder, ours=OURS, last=LAST)


def checked_folder(folder: Path, study: Path) -> None:
    """Refuse a folder whose files would become a part of the study that is read.

    Raises
    ------
    InputError
    """
    if folder.is_file():
        raise InputError(f"{folder}: is a file; -o takes a folder.")
    source = study if study.is_dir() else study.parent
    if folder.resolve() == source.resolve():
        raise InputError(f"{folder}: is the folder of the projections. Give another one with -o.")
