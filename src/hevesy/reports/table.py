"""One row a region for spreadsheet programs: the content of doses.csv."""

import csv
import io
from typing import Any

from hevesy.model import DoseResult
from hevesy.reports.record import result_as_dict
from hevesy.reports.words import clean

VALUES = (
    "volume_ml", "u_volume_ml", "mass_g", "u_mass_g", "effective_half_life_h", "u_effective_half_life_h",
    "tia_MBq_h", "u_tia_MBq_h", "tiac_h", "u_tiac_h", "mean_dose_Gy", "u_mean_dose_Gy",
    "dose_per_activity_Gy_per_GBq", "u_dose_per_activity_Gy_per_GBq", "D98_Gy", "D90_Gy", "D50_Gy", "D2_Gy",
    "min_Gy", "max_Gy", "recovery",
)  # fmt: skip
TRUTH = ("volume_ml", "mass_g", "tia_MBq_h", "mean_dose_Gy")
SCORES = ("z_tia", "z_mean_dose")
COLUMNS = (
    "region", "standard_name", "kind", "model", "fit_well_posed", *VALUES,
    *(f"true_{name}" for name in TRUTH), *SCORES, "warnings",
)  # fmt: skip


def plain(text: str) -> str:
    """``text`` for a cell that a spreadsheet must not run: a leading = + - @ gets an apostrophe before it."""
    text = clean(text)
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@")) else text


def _row(name: str, region: dict[str, Any]) -> list[str | float | None]:
    truth = region["truth"] or {}
    return [
        plain(name),
        plain(region["standard_name"] or ""),
        plain(region["kind"]),
        plain(region["model"]),
        "yes" if region["fit"]["well_posed"] else "no",
        *(region[key] for key in VALUES),
        *(truth.get(key) for key in (*TRUTH, *SCORES)),
        plain(" | ".join(region["warnings"])),
    ]


def doses_csv(result: DoseResult) -> bytes:
    """One row a region, unit in the column names, an empty cell where a value is not known.

    UTF-8 with a byte order mark, by which spreadsheet programs know it; numbers with all digits and a point.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for name, region in result_as_dict(result)["regions"].items():
        writer.writerow(_row(name, region))
    return out.getvalue().encode("utf-8-sig")
