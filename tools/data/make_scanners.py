"""List the files of the shipped scanners with their SHA-256; the files are written by hand, a source a figure."""

import hashlib
import tomllib
from pathlib import Path

from certify import write_table

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "imaging" / "systems" / "data"
NAME = "scanners"
ORDER = ("gamma-camera", "ring-camera", "pet")

CERTIFICATE = {
    "title": "Gamma cameras, rings of solid-state columns, and PET scanners",
    "source": "Papers by NEMA NU 1 and NU 2, data bases of open programs, and data sheets; named in each file beside each figure",
    "edition": "2026-11",
    "licence": "facts, not protected",
    "note": "A figure that is recalled, or read in one transcription only, says so in its file and prints as unverified.",
}


def listed() -> str:
    """The table: name, kind, title, SHA-256 of the file."""
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        if path.stem == NAME:
            continue
        entry = tomllib.loads(path.read_text("utf-8"))
        if entry["name"] != path.stem:
            raise SystemExit(f"{path.name}: calls itself {entry['name']!r}. Give file and scanner one name.")
        digest = hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
        found.append((ORDER.index(entry["kind"]), entry["name"], entry["kind"], entry["title"], digest))
    rows = [f'{name},{kind},"{title}",{digest}' for _, name, kind, title, digest in sorted(found)]
    return "name,kind,title,sha256\n" + "".join(f"{row}\n" for row in rows)


if __name__ == "__main__":
    write_table(FOLDER, NAME, listed(), CERTIFICATE, made_by="make_scanners.py")
