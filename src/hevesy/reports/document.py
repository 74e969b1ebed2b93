"""The report as a PDF file, set by typst."""

import json
import tempfile
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from hevesy.reports.figures import Figure


def _made_at(created: str) -> int | None:
    """Seconds since 1970, for the document's date; None where ``created`` is no ISO time."""
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(moment.timestamp())


def pdf_document(content: dict[str, Any], pictures: tuple[Figure, ...]) -> bytes:
    """The document, A4; texts reach typst as data, never as markup; it reads only its own folder."""
    import matplotlib
    import typst

    template = files("hevesy.reports").joinpath("templates/report.typ").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="hevesy-report-") as name:
        folder = Path(name)
        (folder / "report.typ").write_text(template, encoding="utf-8")
        (folder / "report.json").write_text(json.dumps(content, allow_nan=False), encoding="utf-8")
        for picture in pictures:
            (folder / picture.file).write_bytes(picture.data)
        fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"  # DejaVu Sans, the letters of the pictures
        pdf: bytes = typst.compile(
            folder / "report.typ",
            root=folder,
            font_paths=[fonts],
            format="pdf",
            timestamp=_made_at(content["created"]),
        )
    return pdf
