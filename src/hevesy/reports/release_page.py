"""Pages of a release: instructions for the patient, certificate of the dose rate, picture, facts."""

import json
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hevesy.errors import InputError
from hevesy.reports.certificate_words import CERTIFICATE
from hevesy.reports.release_plot import release_plot
from hevesy.reports.release_words import WORDS, moment_said, person_said

Facts = Mapping[str, Any]
MINUTE = timedelta(minutes=1)


def instructions_page(facts: Facts, *, language: str = "en") -> bytes:
    """What the patient takes home: one page, nothing fetched, plain words."""
    _known(language)
    leave = facts["release"]["leaves_at"]
    rows = [
        {"what": person_said(p["name"], language), "until": moment_said(_safe(p), language) if _safe(p) > leave else ""}
        for p in facts["persons"]
    ]
    rows.sort(key=lambda row: not row["until"])  # what must wait stands first
    return _page(
        "instructions.html.j2",
        language=language,
        words=WORDS[language],
        facts=facts,
        given=moment_said(facts["administered"], language),
        leave=moment_said(_minute_up(leave), language),
        rows=rows,
    )


def certificate_page(facts: Facts, *, language: str = "en") -> bytes:
    """The certificate of the dose rate at release, for the file and for the next hospital; its notes are in English."""
    _known(language)
    return _page(
        "certificate.html.j2",
        language=language,
        words=CERTIFICATE[language],
        facts=facts,
        given=moment_said(facts["administered"], language),
        leave=moment_said(_minute_up(facts["release"]["leaves_at"]), language),
    )


def write_release_pages(facts: dict[str, Any], folder: Path, *, language: str) -> tuple[Path, ...]:
    """release.json, release.png, instructions.html and certificate.html, each whole."""
    contents = {
        "release.json": json.dumps(facts, ensure_ascii=False, indent=1, allow_nan=False).encode("utf-8"),
        "release.png": release_plot(facts),
        "instructions.html": instructions_page(facts, language=language),
        "certificate.html": certificate_page(facts, language=language),
    }
    for name, content in contents.items():
        part = folder / f".{name}.{os.getpid()}.part"
        part.write_bytes(content)
        part.replace(folder / name)
    return tuple(folder / name for name in contents)


def _known(language: str) -> None:
    if language not in WORDS:
        raise InputError(f"language {language!r}: {', '.join(WORDS)} are known. Choose one.")


def _safe(person: Facts) -> str:
    """Until when: with 95 % probability where that is known."""
    return str(person["restriction_95_until"] or person["restriction_until"])


def _minute_up(text: str) -> str:
    """One minute later: nobody goes home before the time that was computed to the second."""
    return (datetime.fromisoformat(text) + MINUTE).isoformat(timespec="minutes")


def _page(template: str, **content: Any) -> bytes:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("hevesy.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(**content).encode("utf-8")
