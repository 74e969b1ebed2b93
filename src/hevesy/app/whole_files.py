"""Files that are written whole, all of them or none."""

from collections.abc import Mapping
from pathlib import Path

from hevesy.errors import InputError


def made_folder(folder: Path) -> Path:
    """``folder``, made if need be.

    Raises
    ------
    InputError
        It is a file, or it cannot be made.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; -o takes a folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{folder}: cannot be a folder to write to ({error.strerror or type(error).__name__}). -o takes a folder."
        ) from error
    return folder


def write_whole(folder: Path, contents: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write ``contents`` by name into ``folder``; what stood there before stays until all of them are on disk.

    Raises
    ------
    InputError
        The folder cannot be written to.
    """
    made_folder(folder)
    parts = {folder / f".part-{name}": folder / name for name in contents}
    try:
        for part, content in zip(parts, contents.values(), strict=True):
            part.write_bytes(content)
        for part, whole in parts.items():
            part.replace(whole)
    except OSError as error:
        raise InputError(
            f"{folder}: cannot be written to ({error.strerror or type(error).__name__}). Give another folder with -o."
        ) from error
    finally:
        for part in parts:
            if part.exists():
                part.unlink()
    return tuple(parts.values())
