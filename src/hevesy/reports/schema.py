"""The published JSON schema of a dose result."""

import json
from importlib.resources import files
from typing import Any


def result_schema() -> dict[str, Any]:
    """The schema that every ``result.json`` fulfils, with the meaning of each field; JSON Schema 2020-12."""
    text = files("hevesy.reports").joinpath("data/result.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
