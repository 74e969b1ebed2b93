"""Every field of the result and every column of the table stands in the reference."""

import re
from pathlib import Path

from hevesy.reports import result_schema
from hevesy.reports.table import COLUMNS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "result.md"


def fields(part):
    for name, field in part.get("properties", {}).items():
        yield name
        yield from fields(field)


def test_every_field_is_documented():
    said = set(re.findall(r"`([^`\n]+)`", PAGE.read_text(encoding="utf-8")))
    schema = result_schema()
    names = {name for part in (schema, *schema["$defs"].values()) for name in fields(part)}
    # why_no_u_ is described once for all fields.
    missing = {name for name in names | set(COLUMNS) if not name.startswith("why_no_u_")} - said
    assert not missing
