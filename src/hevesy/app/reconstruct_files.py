"""The folder of a reconstruction: filled beside its place and moved there when all is whole."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hevesy.app.whole_files import made_folder
from hevesy.errors import InputError

# What this command writes; files of an earlier run with other names would be taken for a part of this one.
OURS = ("spect*.dcm", "spect*.nii.gz", "spect*.png", "pet*", "report.html", "result.json")


@contextmanager
def filling(folder: Path) -> Iterator[Path]:
    """A folder to write to; what it holds at the end takes the place of what an earlier run left in ``folder``.

    Where writing fails or is interrupted, nothing in ``folder`` has changed.

    Raises
    ------
    InputError
        ``folder`` is a file, or cannot be written to.
    """
    made_folder(folder)
    try:
        part = Path(tempfile.mkdtemp(prefix=".part-reconstruct-", dir=folder))
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({error.strerror}). Give another folder with -o.") from error
    try:
        yield part
        made = {path.name for path in part.iterdir()}
        for pattern in OURS:
            for old in folder.glob(pattern):
                if old.name not in made:
                    shutil.rmtree(old) if old.is_dir() else old.unlink()
        for path in sorted(part.iterdir(), key=lambda p: p.name == "result.json"):
            if path.is_dir():
                shutil.rmtree(folder / path.name, ignore_errors=True)
            os.replace(path, folder / path.name)
    finally:
        shutil.rmtree(part, ignore_errors=True)


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
