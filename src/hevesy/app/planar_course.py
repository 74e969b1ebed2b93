"""Planar scans of several days as one time course, scaled to a SPECT."""

from pathlib import Path
from typing import Any

import numpy as np

from hevesy.app.fit import read_table
from hevesy.errors import InputError
from hevesy.model import Measured, TimeActivityCurve
from hevesy.quantify.hybrid import scaled_to_spect
from hevesy.units import MBq, h


def course(scans: list[dict[str, Any]], spect: Path) -> dict[str, Any]:
    """Regions' planar activities over several scans, each region scaled to its SPECT in a table.

    Parameters
    ----------
    scans : list of dict                Facts of `hevesy.app.planar.planar`, with times after the administration.
    spect : path                        Table of `hevesy fit`, one activity a region.

    Returns
    -------
    dict                                By region: factor, times, activities, u and covariance; the unit is in each key.
    """
    if any(scan["time_h"] is None for scan in scans):
        raise InputError("hybrid: the times after the administration are not known. State --administered, as 2024-05-06T09:30.")
    scans = sorted(scans, key=lambda scan: scan["time_h"])
    return {curve.region: _scaled(curve, scans, spect) for curve in read_table(spect)}


def _scaled(curve: TimeActivityCurve, scans: list[dict[str, Any]], spect: Path) -> dict[str, Any]:
    if curve.region not in scans[0]["regions"]:
        raise InputError(f"{spect.name}: region {curve.region} is not among the planar ones: {', '.join(scans[0]['regions'])}.")
    if curve.t.size != 1:
        raise InputError(f"{spect.name}: {curve.region} has {curve.t.size} SPECT activities; one a region sets the scale.")
    rows = [scan["regions"][curve.region] for scan in scans]
    bad = [scan["file"] for scan, row in zip(scans, rows, strict=True) if row.get("activity_MBq") is None]
    if bad:
        raise InputError(
            f"hybrid: {curve.region} has no planar activity in {', '.join(bad)}. Leave it out, or state what is missing."
        )
    A = np.array([row["activity_MBq"] for row in rows]) * MBq
    counting = np.array([row["budget_percent"]["counting"] / 100 for row in rows])
    given = Measured(
        value=float(curve.A[0]), u=None if curve.u is None else float(curve.u[0]), why_no_u="the table has no column u_MBq"
    )
    times = np.array([scan["time_h"] for scan in scans]) * h
    found = scaled_to_spect(times, A, A * counting, spect=given, spect_time=float(curve.t[0]))
    return {
        "factor": found.factor.value,
        "u_factor": found.factor.u,
        "time_h": (times / h).tolist(),
        "activity_MBq": (found.A / MBq).tolist(),
        "u_activity_MBq": (found.u / MBq).tolist(),
        "covariance_MBq2": (found.covariance / MBq**2).tolist(),
        "remarks": list(found.remarks),
    }
