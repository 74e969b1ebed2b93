"""The report as one HTML file that opens offline."""

import base64
from typing import Any

from hevesy.reports.figures import Figure

MEDIA = {"png": "image/png", "svg": "image/svg+xml"}


def html_page(content: dict[str, Any], pictures: tuple[Figure, ...]) -> bytes:
    """The page: style and pictures inside the file, no script, nothing fetched; all texts escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("hevesy.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    encoded = {p.file: f"data:{MEDIA[p.kind]};base64,{base64.b64encode(p.data).decode('ascii')}" for p in pictures}
    text = environment.get_template("report.html.j2").render(report=content, pictures=encoded)
    return text.encode("utf-8")
