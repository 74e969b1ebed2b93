"""The folder of a simulated study: when its day begins, the noise of its CT, and which folder may be filled."""

from datetime import datetime
from pathlib import Path

from hevesy.app.filled_folder import is_empty
from hevesy.errors import InputError

STARTED = datetime(2024, 3, 4, 9, 30)
CT_NOISE, CT_BATCH = 12.0, 1000  # HU; its own batch of the random stream
TRUTH, ACTIVITY, PICTURE = "truth.json", "truth_activity.npz", "simulated.png"
OURS = ("study", ACTIVITY, PICTURE)


def checked_folder(folder: Path) -> None:
    """Refuse a folder that holds somebody's work.

    Raises
    ------
    InputError
        It is a file, or holds something that is not a simulated study.
    """
    if folder.exists() and (not folder.is_dir() or not (is_empty(folder) or (folder / TRUTH).is_file())):
        raise InputError(f"{folder} holds something that is not a simulated study and is not overwritten. Give a new folder.")
