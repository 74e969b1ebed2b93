"""The page of a reconstruction: what was done, what was not, and its pictures."""

import base64
from collections.abc import Mapping
from typing import Any

from hevesy.reports.content import CHECK


def reconstruction_page(facts: Mapping[str, Any], pictures: Mapping[str, bytes]) -> bytes:
    """One HTML file that opens offline.

    Parameters
    ----------
    facts : mapping                     Of `hevesy reconstruct`: ``title``, ``patient``, ``images`` with their ``lines``.
    pictures : mapping                  PNG by the label of an image.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("hevesy.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    inside = {label: f"data:image/png;base64,{base64.b64encode(data).decode('ascii')}" for label, data in pictures.items()}
    page = environment.get_template("reconstruct.html.j2").render(facts=facts, pictures=inside, check=CHECK)
    return page.encode("utf-8")
