"""A recovery curve from a table of spheres."""

import math
import os
from pathlib import Path
from typing import Any

import numpy as np

from hevesy.app.columns import read_columns
from hevesy.errors import DataError
from hevesy.quantify import RecoveryCurve, fit_recovery, recovery_at
from hevesy.units import ml

# Volumes at which the curve is printed [ml].
SHOWN = (0.5, 1, 2, 5, 10, 20, 50, 100, 200)


def recovery(path: Path, *, output: Path | None = None) -> dict[str, Any]:
    """Fit a recovery curve to spheres of a phantom.

    Parameters
    ----------
    path : Path                 CSV with volume_ml or diameter_mm; recovery, or measured and true in one unit; and, where it is
                                known, u_recovery (k = 1). # starts a comment.
    output : Path, optional     Receives the section [recovery_curve] of a settings file.

    Returns
    -------
    dict                        ``parameters`` with covariance, ``spheres`` with what the curve gives for each, ``curve`` by
                                volume, ``settings``: the section as text; the unit is in each key.
    """
    rows = _rows(path)
    volume = np.array([row["volume"] for row in rows]) * ml
    measured = np.array([row["recovery"] for row in rows])
    known = [row["u"] for row in rows if row["u"] is not None]
    if known and len(known) < len(rows):
        raise DataError(f"{path.name}: u_recovery stands in {len(known)} of {len(rows)} rows. Give all of them or none.")
    curve = fit_recovery(volume, measured, np.array(known) if known else None)
    section = settings_section(curve)
    if output is not None:
        part = output.with_name(f".{output.name}.{os.getpid()}.part")
        try:
            part.write_text(section, "utf-8")
            os.replace(part, output)
        finally:
            part.unlink(missing_ok=True)
    shown = [v for v in SHOWN if curve.smallest / 10 <= v * ml <= curve.largest * 10]
    return {
        "parameters": {
            "alpha": curve.alpha,
            "u_alpha": curve.alpha * math.sqrt(curve.covariance[0, 0]),
            "beta_ml": curve.beta / ml,
            "u_beta_ml": curve.beta / ml * math.sqrt(curve.covariance[1, 1]),
            "covariance_log": curve.covariance.tolist(),
        },
        "chi2": curve.chi2 if known else None,
        "degrees_of_freedom": curve.degrees_of_freedom,
        "spheres": [
            {"volume_ml": v / ml, "recovery": float(r), "u_recovery": row["u"], **_at(curve, float(v))}
            for v, r, row in zip(volume, measured, rows, strict=True)
        ],
        "curve": [{"volume_ml": v, **_at(curve, v * ml)} for v in shown],
        "settings": section,
    }


def settings_section(curve: RecoveryCurve) -> str:
    """The curve as the section [recovery_curve] of a settings file."""
    a, b = (math.sqrt(curve.covariance[i, i]) for i in (0, 1))
    correlation = float(curve.covariance[0, 1]) / (a * b) if a * b > 0 else 0.0
    values = {
        "alpha": curve.alpha,
        "beta_ml": curve.beta / ml,
        "u_log_alpha": a,
        "u_log_beta": b,
        "correlation": correlation,
        "smallest_ml": curve.smallest / ml,
        "largest_ml": curve.largest / ml,
    }
    return "\n".join(["[recovery_curve]", *(f"{key} = {value:.6g}" for key, value in values.items()), ""])


def _at(curve: RecoveryCurve, volume: float) -> dict[str, float | None]:
    found, _ = recovery_at(curve, volume)
    return {"fitted": found.value, "u_fitted": found.u}


def _rows(path: Path) -> list[dict[str, Any]]:
    table = read_columns(path, needed=(), known=("volume_ml", "diameter_mm", "recovery", "measured", "true", "u_recovery"))
    found = table.numbers
    size = next((name for name in ("volume_ml", "diameter_mm") if name in found), None)
    if size is None or not ("recovery" in found or {"measured", "true"} <= set(found)):
        raise DataError(
            f"{path.name}: found the columns {', '.join(found)}; it needs volume_ml or diameter_mm, and recovery or measured and "
            "true, and perhaps u_recovery."
        )
    x = np.array(table.filled(size))
    if np.any(x <= 0):
        raise DataError(f"{table.where(int(np.argmin(x)), size)}: it is {x.min():g}; it must be above zero.")
    if "recovery" in found:
        R = np.array(table.filled("recovery"))
    else:
        true = np.array(table.filled("true"))
        if np.any(true <= 0):
            raise DataError(f"{table.where(int(np.argmin(true)), 'true')}: it is {true.min():g}; it must be above zero.")
        R = np.array(table.filled("measured")) / true
    known = found.get("u_recovery", (None,) * x.size)
    for row, each in enumerate(known):
        if each is not None and each <= 0:
            raise DataError(
                f"{table.where(row, 'u_recovery')}: it is {each:g}; it must be above zero. Leave it empty if unknown."
            )
    volume = x if size == "volume_ml" else math.pi / 6 * x**3 / ml
    return [{"volume": float(v), "recovery": float(r), "u": each} for v, r, each in zip(volume, R, known, strict=True)]
