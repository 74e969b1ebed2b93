"""Retired words stay retired: MIRD Pamphlet 21 and ICRU 92 have put others in their place."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
RETIRED = re.compile(r"cumulated[\s_-]+activit|residence[\s_-]+time", re.IGNORECASE)
LISTS_THEM = {"docs/glossary.md"}  # says which word took their place


def texts():
    """Code and documents, without what is generated."""
    for folder in ("src", "docs"):
        for path in sorted((PROJECT / folder).rglob("*")):
            inside = path.relative_to(PROJECT)
            if path.suffix in {".py", ".md", ".toml", ".html", ".typ", ".csv"} and "_build" not in inside.parts:
                yield inside


@pytest.mark.parametrize("path", list(texts()), ids=str)
def test_no_retired_word(path):
    if path.as_posix() in LISTS_THEM:
        return
    found = [match.group() for match in RETIRED.finditer((PROJECT / path).read_text("utf-8"))]
    assert not found, f"{path}: {found}; say time-integrated activity (coefficient) instead."
