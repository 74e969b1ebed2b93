"""The scanners that are shipped, by name, and a user's own file of the same form."""

from functools import cache
from importlib.resources import files
from pathlib import Path

from hevesy.errors import DataError, InputError
from hevesy.imaging.systems.gamma_camera import Camera, GammaCamera, RingCamera
from hevesy.imaging.systems.naming import nearest
from hevesy.imaging.systems.pet_scanner import PetScanner
from hevesy.imaging.systems.reading import Scanner, read_scanner
from hevesy.tables import load_table, sha256_of

PACKAGE = "hevesy.imaging.systems"
TABLE = "scanners"


def scanner(name: str | Path) -> Scanner:
    """The scanner called ``name``, or the one in a user's own file: a path, or a text that ends with ".toml".

    Raises
    ------
    InputError
        There is no such scanner, or no such file; the message names the nearest ones.
    DataError
        The file is not what it should be, or a shipped one has been altered.
    """
    if isinstance(name, Path) or name.endswith(".toml"):
        return load_scanner(Path(name))
    return _shipped(_known_name(name))


def camera(name: str | Path) -> Camera:
    """The gamma camera or ring of columns called ``name``; otherwise as :func:`scanner`."""
    found = scanner(name)
    if isinstance(found, PetScanner):
        raise InputError(
            f"{found.name} is a PET scanner; a camera for single photons is needed. Known are {', '.join(cameras())}."
        )
    return found


def gamma_camera(name: str | Path) -> GammaCamera:
    """The gamma camera with flat heads called ``name``; otherwise as :func:`scanner`."""
    found = camera(name)
    if not isinstance(found, GammaCamera):
        raise InputError(f"{found.name} is a ring of columns; a camera with flat heads is needed. Choose another.")
    return found


def ring_camera(name: str | Path) -> RingCamera:
    """The ring of swivelling columns called ``name``; otherwise as :func:`scanner`."""
    found = camera(name)
    if not isinstance(found, RingCamera):
        raise InputError(f"{found.name} has flat heads; a ring of columns is needed. Choose another.")
    return found


def pet_scanner(name: str | Path) -> PetScanner:
    """The PET scanner called ``name``; otherwise as :func:`scanner`."""
    found = scanner(name)
    if not isinstance(found, PetScanner):
        raise InputError(f"{found.name} is not a PET scanner. Known are {', '.join(pet_scanners())}.")
    return found


def cameras() -> tuple[str, ...]:
    """Names of all shipped gamma cameras and rings of columns."""
    return tuple(name for name, kind in _kinds().items() if kind != "pet")


def pet_scanners() -> tuple[str, ...]:
    """Names of all shipped PET scanners."""
    return tuple(name for name, kind in _kinds().items() if kind == "pet")


def scanners() -> tuple[str, ...]:
    """Names of all shipped scanners."""
    return tuple(_kinds())


def load_scanner(path: Path) -> Scanner:
    """The scanner in a user's own file."""
    try:
        text = path.read_text("utf-8-sig")
    except (FileNotFoundError, IsADirectoryError) as error:
        raise InputError(
            f"{path}: there is no such file. Give the TOML file of a scanner, or the name of a shipped one."
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name}: is not UTF-8 text. Save it as UTF-8.") from error
    return read_scanner(text, path.name)


def scanner_file(name: str) -> str:
    """The text of the file of a shipped scanner, to start one's own from; refused where it is not the certified one."""
    known = _known_name(name)
    content = files(PACKAGE).joinpath("data").joinpath(f"{known}.toml").read_bytes()
    certified = {row["name"]: row["sha256"] for row in load_table(PACKAGE, TABLE).rows}[known]
    if (found := sha256_of(content)) != certified:
        made_by = load_table(PACKAGE, TABLE).certificate.made_by
        raise DataError(
            f"scanner {known}: the SHA-256 of its file is {found}, certified is {certified}; it has been altered. "
            f"Keep your own figures in your own file, and rebuild the list with {made_by} or reinstall hevesy."
        )
    return content.decode("utf-8")


@cache
def _shipped(name: str) -> Scanner:
    return read_scanner(scanner_file(name), f"{name}.toml")


@cache
def _kinds() -> dict[str, str]:
    return {row["name"]: row["kind"] for row in load_table(PACKAGE, TABLE).rows}


def _known_name(name: str) -> str:
    plain = name.strip().casefold().replace(" ", "-").replace("_", "-")
    if plain not in _kinds():
        raise InputError(f"scanner {name!r} is not known. {nearest(plain, _kinds())}")
    return plain
