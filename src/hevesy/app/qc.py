"""Use case: the image of a phantom, or a table of rates, held against a standard of quality control."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hevesy import __version__
from hevesy.app.qc_asked import Asked, Progress, Tested
from hevesy.app.whole_files import made_folder, write_whole
from hevesy.errors import InputError
from hevesy.quantify.quality import Criterion, judged, limits_of, verdict

STANDARDS = {
    "earl-1": "recovery of six spheres, background and calibration: EARL 18F standards 1",
    "earl-2": "recovery of six spheres, background and calibration: EARL 18F standards 2",
    "nema-nu2-2007": "contrast of four hot and two cold spheres, background variability, lung residual",
    "nema-nu2-2018": "contrast of six hot spheres, background variability, lung residual",
    "spect-cylinder": "calibration and uniformity from a uniform cylinder",
    "nema-nu1-uniformity": "integral and differential uniformity of a flood",
    "bars": "resolution from a four-quadrant bar pattern",
    "resolution": "widths at half and tenth maximum of a point or a line",
    "centre-of-rotation": "offset of the axis of rotation from the views of a point source",
    "dead-time": "dead time from a table of count rates",
    "cross-calibration": "factors between instruments from a table of readings",
}


def qc(
    phantom: Path,
    *,
    standard: str,
    asked: Asked | None = None,
    output: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Figures of a test with limits and verdict, JSON-ready; with ``output``, a folder, also JSON and pictures.

    Raises
    ------
    InputError
        Unknown standard, or something that this standard needs is not stated.
    DataError
        The image is not that of the phantom.
    """
    asked = asked or Asked()
    tested = _test(standard)(phantom, standard, asked, progress)
    criteria = (*tested.judged, *judged(tested.figures, limits_of(standard, asked.limits)))
    facts: dict[str, Any] = {
        "schema": "hevesy-qc/1",
        "hevesy": __version__,
        "standard": standard,
        "test": STANDARDS[standard],
        "phantom": phantom.name,
        "verdict": verdict(criteria),
        "criteria": [criterion_facts(c, u=tested.u.get(c.name)) for c in criteria],
        "details": tested.details,
        "remarks": [*tested.remarks, *_unverified(criteria)],
    }
    if output is not None:
        made_folder(output)
        contents = {name: draw() for name, draw in tested.pictures.items()}
        facts["files"] = [str(output / name) for name in (*contents, "qc.json")]
        contents["qc.json"] = (json.dumps(facts, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode("utf-8")
        write_whole(output, contents)
    return facts


def criterion_facts(criterion: Criterion, *, u: float | None = None) -> dict[str, Any]:
    """A criterion ready for JSON; the unit stands at the end of its name."""
    limit = criterion.limit
    return {
        "name": criterion.name,
        "value": criterion.value,
        "u": u,
        "low": None if limit is None else limit.low,
        "high": None if limit is None else limit.high,
        "passed": criterion.passed,
        "margin": criterion.margin,
        "source": None if limit is None else limit.source,
        "unverified": None if limit is None else not limit.verified,
    }


def _unverified(criteria: tuple[Criterion, ...]) -> list[str]:
    sources = sorted({c.limit.source for c in criteria if c.limit is not None and not c.limit.verified})
    return [f"limits not confirmed at the source: {source}." for source in sources]


def _test(standard: str) -> Callable[[Path, str, Asked, Progress | None], Tested]:
    """The test of a standard; loaded when it is asked for."""
    if standard in ("earl-1", "earl-2", "nema-nu2-2007", "nema-nu2-2018"):
        from hevesy.app.qc_spheres import spheres_test

        return spheres_test
    if standard == "spect-cylinder":
        from hevesy.app.qc_cylinder import cylinder_test

        return cylinder_test
    if standard == "resolution":
        from hevesy.app.qc_resolution import resolution_test

        return resolution_test
    if standard in ("nema-nu1-uniformity", "bars", "centre-of-rotation"):
        from hevesy.app import qc_camera

        return {
            "nema-nu1-uniformity": qc_camera.uniformity_test,
            "bars": qc_camera.bars_test,
            "centre-of-rotation": qc_camera.rotation_test,
        }[standard]
    if standard in ("dead-time", "cross-calibration"):
        from hevesy.app import qc_tables

        return qc_tables.dead_time_test if standard == "dead-time" else qc_tables.cross_calibration_test
    raise InputError(f"standard {standard!r}: known are {', '.join(STANDARDS)}.")
