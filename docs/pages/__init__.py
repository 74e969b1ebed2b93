"""The pages that are made at each build; the folders `_generated` are not kept in version control."""

from pathlib import Path

from pages.command_line import command_line
from pages.library import as_written, library
from pages.performance import engines, performance
from pages.settings_file import settings_file
from pages.verification import long_runs, verification

__all__ = ["as_written", "write_all"]

PROJECT = Path(__file__).parents[2]


def write_all(docs):
    """Write every generated page below ``docs``."""
    made = {
        "verification/_generated/cases.md": verification(PROJECT / "tests" / "cases"),
        "verification/_generated/long_runs.md": long_runs(docs / "data" / "verification.json"),
        "reference/_generated/cli.md": command_line(),
        "reference/_generated/api.md": library(),
        "reference/_generated/settings.md": settings_file(),
        "reference/_generated/performance.md": performance(docs / "data" / "performance.json"),
        "reference/_generated/engines.md": engines(docs / "data" / "engines.json"),
    }
    for name, text in made.items():
        path = docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
