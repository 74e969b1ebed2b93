"""Load a text table that its certificate vouches for."""

import csv
import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from hevesy.errors import DataError


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What a table is and where it comes from.

    ``source`` and ``edition`` name the publication, ``made_by`` the script that rebuilds the table, ``sha256`` the
    one content that is accepted.
    """

    title: str
    source: str
    edition: str
    licence: str
    made_by: str
    sha256: str
    doi: str = ""
    errata: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of a certified table, as text by column name, and its certificate."""

    name: str
    rows: tuple[dict[str, str], ...]
    certificate: Certificate


def sha256_of(content: bytes) -> str:
    """Hex SHA-256 of ``content`` with line ends as LF, so that a checkout on any system verifies."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


@cache
def load_table(package: str, name: str) -> Table:
    """The table ``data/<name>.csv`` of ``package``, verified against ``data/<name>.toml`` and cached.

    Raises
    ------
    DataError
        The table or its certificate is missing, or its content is not the certified one.
    """
    folder: Traversable = files(package).joinpath("data")
    try:
        content = folder.joinpath(f"{name}.csv").read_bytes()
        certificate = Certificate(**tomllib.loads(folder.joinpath(f"{name}.toml").read_text("utf-8")))
    except (FileNotFoundError, TypeError) as error:
        raise DataError(f"table {package}/{name}: {error}. Reinstall hevesy.") from error
    found = sha256_of(content)
    if found != certificate.sha256:
        raise DataError(
            f"table {package}/{name}: its SHA-256 is {found}, certified is {certificate.sha256}; "
            f"it has been altered. Rebuild it with {certificate.made_by} or reinstall hevesy."
        )
    lines = [line for line in content.decode("utf-8").splitlines() if not line.startswith("#")]
    return Table(name=name, rows=tuple(csv.DictReader(lines)), certificate=certificate)
