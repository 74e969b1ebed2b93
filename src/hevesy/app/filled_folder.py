"""A folder of results, filled beside its place and moved there when all is whole."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hevesy.app.whole_files import made_folder
from hevesy.errors import InputError

PART = ".part-"


@contextmanager
def filling(folder: Path, *, ours: Sequence[str], last: str) -> Iterator[Path]:
    """A folder to write to; what it holds at the end takes the place of what an earlier run left in ``folder``.

    Where writing fails or is interrupted, nothing in ``folder`` has changed.  The file ``last`` says that all is whole: it goes
    first and comes last.

    Parameters
    ----------
    ours : patterns                     What such a run writes; files of an earlier run would be taken for a part of this one.
    last : str                          Name of the file that describes the others.

    Raises
    ------
    InputError
        ``folder`` is a file, or cannot be written to.
    """
    made_folder(folder)
    try:
        part = Path(tempfile.mkdtemp(prefix=PART, dir=folder))
    except OSError as error:
        raise InputError(f"{folder}: cannot be written to ({error.strerror}). Give another folder with -o.") from error
    try:
        yield part
        made = {path.name for path in part.iterdir()}
        (folder / last).unlink(missing_ok=True)
        for pattern in ours:
            for old in folder.glob(pattern):
                if old.name not in made:
                    _removed(old)
        for path in sorted(part.iterdir(), key=lambda p: p.name == last):
            if path.is_dir():
                _removed(folder / path.name)
            os.replace(path, folder / path.name)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _removed(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def is_empty(folder: Path) -> bool:
    """Whether a folder holds nothing but what a run left that was killed."""
    return all(path.name.startswith(PART) for path in folder.iterdir())
