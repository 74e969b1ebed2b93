"""Use case: SUV figures of the regions of a PET or quantitative SPECT, as a table, a CSV and a picture."""

import csv
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hevesy import __version__
from hevesy.anatomy import standard_name
from hevesy.app.suv_scale import Stated
from hevesy.app.uptake import Uptake, load_uptake
from hevesy.app.whole_files import made_folder, write_whole
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.quantify.body_size import SOURCES, Normalisation
from hevesy.quantify.uptake import UptakeFigures, uptake_figures
from hevesy.segmentation.centres import CentreMask
from hevesy.units import ml

Progress = Callable[[str, float], None]

DEFINITIONS = {
    "suv_max": "highest voxel whose centre lies in the region",
    "suv_mean": "mean of the voxels whose centre lies in the region",
    "suv_peak": "highest mean in a sphere of 1 ml whose centre lies in the region; voxels count by their share of the sphere "
    "(Wahl et al., J Nucl Med 2009;50 Suppl 1:122S-150S)",
    "tlg": "SUVmean times volume, ml: total lesion glycolysis for FDG, total lesion activity for others",
    "auc_csh": "area under the cumulative SUV-volume histogram against the share of SUVmax; 1 is the same everywhere "
    "(van Velden et al., Eur J Nucl Med Mol Imaging 2011;38:1636-1647)",
    "percent_per_l": "mean share of the administered activity, decay-corrected, %/l",
}
COLUMNS = (
    "region", "standard_name", "kind", "suv_max", "u_suv_max", "suv_mean", "u_suv_mean", "suv_peak", "u_suv_peak", "volume_ml",
    "u_volume_ml", "tlg", "u_tlg", "suv_sd", "variation_percent", "auc_csh", "percent_per_l", "voxels",
)  # fmt: skip
BEYOND = "SUVpeak is above SUVmax: its sphere reaches into uptake beside the region, as the definition allows"
SMALL = 3.0 * ml  # below this a sphere's recovery in PET is far from one


def suv(
    folder: Path,
    *,
    stated: Stated | None = None,
    settings_path: Path | None = None,
    regions: tuple[str, ...] = (),
    output: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """SUV figures of the regions drawn on a scan, JSON-ready; with ``output``, a folder, also CSV, JSON and a picture.

    Raises
    ------
    InputError
        As `load_uptake`; no region, or a region that is not there.
    """
    stated = stated or Stated()
    found = load_uptake(folder, stated=stated, settings_path=settings_path, progress=progress)
    chosen = chosen_regions(found, regions)
    rows = {name: row_of(name, figures(found, mask, stated), found) for name, mask in chosen.items()}
    facts = {"schema": "hevesy-suv/1", "hevesy": __version__, **scan_facts(found), "regions": rows}
    facts |= {
        "not_measured": {name: why for name, why in found.not_measured.items() if not regions or name in regions},
        "corrections": list(found.corrections),
        "warnings": [*found.warnings, *_warnings(chosen)],
        "definitions": DEFINITIONS,
    }
    if output is not None:
        facts["files"] = [str(path) for path in written(output, found, chosen, facts)]
    return facts


def scan_facts(found: Uptake) -> dict[str, Any]:
    """What was measured and how it is normalised."""
    return {
        "scan": found.scan.label,
        "modality": found.scan.modality,
        "scanner": found.scan.manufacturer,
        "series_uid": found.scan.series_uid,
        "radiopharmaceutical": found.radiopharmaceutical,
        "unit": found.unit,
        "normalisation": {"name": found.normalisation, "source": SOURCES[Normalisation(found.normalisation)]},
    }


def chosen_regions(found: Uptake, names: tuple[str, ...]) -> dict[str, CentreMask]:
    """The regions that are asked for, by drawn or standard name; all of them where none is.

    Raises
    ------
    InputError
        There are none, or one is not there.
    """
    there = ", ".join(found.regions) or "none"
    if not found.regions:
        why = "; ".join(f"{name}: {reason}" for name, reason in found.not_measured.items())
        raise InputError(
            f"{found.scan.label}: no regions on this scan{f' ({why})' if why else ''}. Add organs and lesions as "
            "RTSTRUCT, SEG or label map."
        )
    if not names:
        return dict(found.regions)
    out: dict[str, CentreMask] = {}
    for asked in names:
        wanted = standard_name(asked)
        hits = [name for name in found.regions if name == asked]
        hits = hits or [name for name in found.regions if name.lower() == asked.lower()]
        if not hits and wanted is not None:
            hits = [name for name in found.regions if (known := standard_name(name)) is not None and known.name == wanted.name]
        if not hits:
            raise InputError(f"--region {asked!r}: there is no such region on {found.scan.label}. There are: {there}.")
        out |= {name: found.regions[name] for name in hits}
    return out


def figures(found: Uptake, mask: CentreMask, stated: Stated) -> UptakeFigures:
    """Figures of one region of an SUV image."""
    return uptake_figures(
        found.values,
        mask.inside,
        mask.box,
        found.grid,
        scale_u=found.scale_u,
        noise=stated.noise,
        boundary_u=stated.boundary_u,
    )


def row_of(name: str, f: UptakeFigures, found: Uptake) -> dict[str, Any]:
    """One region, JSON-ready."""
    standard = standard_name(name)
    row: dict[str, Any] = {"standard_name": standard.name if standard else "", "kind": standard.kind if standard else "other"}
    why: dict[str, str] = {}

    def put(key: str, value: Measured | None, unit: float = 1.0) -> None:
        row[key] = None if value is None else value.value / unit
        row[f"u_{key}"] = None if value is None or value.u is None else value.u / unit
        if value is not None and value.u is None:
            why[key] = value.why_no_u

    put("suv_max", f.maximum)
    put("suv_mean", f.mean)
    put("suv_peak", f.peak)
    put("volume_ml", f.volume, ml)
    put("tlg", f.total, ml)
    row |= {
        "suv_sd": f.deviation,
        "variation_percent": 100 * f.variation,
        "auc_csh": f.area_under_histogram,
        "percent_per_l": None if found.per_ml is None else 100 * 1000 * found.per_ml * f.mean.value,
        "voxels": f.voxels,
        "peak_centre_mm": None if f.peak_centre is None else list(f.peak_centre),
        "why_no_u": why,
        "remarks": [text for text in (f.why_no_peak, BEYOND if _peak_is_above(f) else "") if text],
    }
    return row


def _peak_is_above(f: UptakeFigures) -> bool:
    return f.peak is not None and f.peak.value > f.maximum.value * (1 + 1e-6)


def _warnings(chosen: dict[str, CentreMask]) -> list[str]:
    small = [name for name, mask in chosen.items() if mask.volume < SMALL]
    if not small:
        return []
    return [f"{', '.join(small)}: below {SMALL / ml:g} ml; partial volume makes SUV too low there, and it is not corrected."]


def written(output: Path, found: Uptake, chosen: dict[str, CentreMask], facts: dict[str, Any]) -> tuple[Path, ...]:
    """``suv.csv``, ``suv.json`` and ``suv.png`` in the folder ``output``, which is made if need be."""
    from hevesy.reports.uptake_page import draw_uptake

    made_folder(output)
    table = StringIO(newline="")
    writer = csv.DictWriter(table, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows({"region": name, **row} for name, row in facts["regions"].items())
    record = json.dumps(facts, ensure_ascii=False, indent=2, allow_nan=False)
    title = " ".join(word for word in (found.radiopharmaceutical, f"{found.scan.modality} {found.scan.label}") if word)
    lines = [
        (name, f"SUVmax {row['suv_max']:.3g}, mean {row['suv_mean']:.3g}, {row['volume_ml']:.3g} ml")
        for name, row in facts["regions"].items()
    ]
    with TemporaryDirectory() as aside:
        picture = draw_uptake(
            found.values,
            found.grid,
            [(name, said, mask.box, mask.inside) for (name, said), mask in zip(lines, chosen.values(), strict=True)],
            Path(aside) / "suv.png",
            title=title,
            unit=f"SUV ({found.normalisation}), {found.unit}",
        ).read_bytes()
    return write_whole(
        output, {"suv.csv": table.getvalue().encode("utf-8"), "suv.json": record.encode("utf-8"), "suv.png": picture}
    )
