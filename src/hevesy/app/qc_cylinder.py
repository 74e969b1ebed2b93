"""A uniform cylinder: calibration and uniformity of a tomograph."""

import math
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hevesy.app.qc_asked import Asked, Progress, Tested
from hevesy.app.qc_images import PhantomImage, elapsed, letters_of, read_phantom, stated_amount
from hevesy.errors import DataError, InputError
from hevesy.model import DecayCorrection, Measured
from hevesy.quantify.spect_cylinder import INNER, Cylinder, filled_concentration, read_cylinder, tomographic_sensitivity
from hevesy.units import MBq, kBq, ml

if TYPE_CHECKING:
    from hevesy.reports.qc_plots import SlicePicture

NOTHING = Measured(value=0.0, u=0.0)
AROUND = 1.4  # of the diameter: what the picture shows
SAME_TIME = timedelta(minutes=1)  # a recording's start is rounded


def cylinder_test(path: Path, standard: str, asked: Asked, progress: Progress | None) -> Tested:
    """Mean of the cylinder against what was filled in: a sensitivity for counts, a ratio for Bq/ml."""
    from hevesy.reports.qc_plots import slice_plot

    found = read_phantom(path, asked, progress)
    image = found.scan.image
    read = read_cylinder(image.values if not found.quantitative else found.values, image.grid.spacing)
    if not (asked.activity and asked.volume):
        raise InputError("a calibration needs --activity and --volume of the cylinder, and --residual of the syringe.")
    since = elapsed(found, asked)
    filled = filled_concentration(
        stated_amount(asked.activity, "activity", name="--activity"),
        residual=stated_amount(asked.residual, "activity", name="--residual") if asked.residual else NOTHING,
        volume=stated_amount(asked.volume, "volume", name="--volume"),
        decay_constant=found.decay_constant,
        elapsed=since,
        residual_elapsed=since,
    )
    figures = {
        "voxel COV, %": 100 * read.variation,
        "worst slice, %": 100 * read.worst_slice,
        "middle by rim less one, %": 100 * read.radial,
    }
    details = {
        "scan": found.scan.label,
        "scanner": found.scan.manufacturer,
        "nuclide": found.nuclide,
        "diameter_mm": read.diameter,
        "length_mm": read.length,
        "read_ml": read.volume / ml,
        "filled_kBq_per_ml": filled.value / kBq,
        "u_filled_kBq_per_ml": None if filled.u is None else filled.u / kBq,
    }
    more = _measured(found, read, filled, asked.heads)
    figures, details, u = figures | more[0], details | more[1], more[2]
    remarks = [*found.remarks, *_of_heads(found, asked.heads)]
    if not asked.at:
        remarks.append("no --at: the stated activity is taken as that at the start of the scan.")
    remarks.append("u holds activity, volume and the scatter of sixteen blocks; not that of the scatter correction.")
    picture = _picture(found, read)
    return Tested(
        figures=figures, details=details, remarks=tuple(remarks), pictures={"cylinder.png": lambda: slice_plot(picture)}, u=u
    )


def _picture(found: PhantomImage, read: Cylinder) -> "SlicePicture":
    """The middle slice, cut out about the cylinder."""
    from hevesy.reports.qc_plots import Circle, SlicePicture

    image = found.scan.image
    name, unit = ("kBq/ml", kBq) if found.quantitative else ("counts", 1.0)
    x, y, z = image.grid.spacing
    half = AROUND * read.diameter / 2
    left, top = (max(0, math.floor((at - half) / side)) for at, side in zip(read.centre, (x, y), strict=False))
    across, down = (math.ceil(2 * half / side) + 1 for side in (x, y))
    return SlicePicture(
        title=f"Uniform cylinder, {read.diameter:.0f} mm wide and {read.length:.0f} mm long: middle slice; circle: what was read",
        values=np.asarray(image.values[round(read.centre[2] / z), top : top + down, left : left + across]) / unit,
        unit=name,
        letters=letters_of(image.grid),
        sides=(y, x),
        circles=(Circle(x=read.centre[0] - left * x, y=read.centre[1] - top * y, diameter=INNER * read.diameter, mark=True),),
    )


def _of_heads(found: PhantomImage, heads: int) -> list[str]:
    """Which heads a sensitivity is of: `hevesy reconstruct` takes that of one."""
    if found.quantitative:
        return []
    if not heads:
        return [
            "the sensitivity is that of all heads together; hevesy reconstruct --sensitivity takes that of one: state --heads."
        ]
    return ["the sensitivity of a head is what hevesy reconstruct --sensitivity takes, for this camera, window and protocol."]


def _decay_left(found: PhantomImage) -> float:
    """Decay constant that counts are still to be corrected by during the scan: 0 where they are those of its start [1/s].

    Raises
    ------
    DataError
        Counts were brought to another time than the start of the scan.
    """
    scan = found.scan
    if scan.correction is DecayCorrection.ADMIN or (
        scan.correction_time is not None and scan.start is not None and abs(scan.correction_time - scan.start) > SAME_TIME
    ):
        raise DataError(
            f"{scan.label}: (0018,9701) Decay Correction DateTime: counts were brought to another time than the start of the "
            f"scan, {scan.correction_time or 'the administration'}. Export them as counted."
        )
    return 0.0 if scan.correction is DecayCorrection.START else found.decay_constant


def _measured(
    found: PhantomImage, read: Cylinder, filled: Measured, heads: int
) -> tuple[dict[str, float], dict[str, float | None], dict[str, float | None]]:
    """Figures, details and uncertainties: measured by filled for Bq/ml, sensitivity for counts."""
    if found.quantitative:
        ratio = read.mean.value / filled.value
        u = ratio * float(np.hypot(read.mean.relative or 0.0, filled.relative or 0.0))
        said = {"measured_kBq_per_ml": read.mean.value / kBq, "measured_by_filled": ratio, "u_measured_by_filled": u}
        return {"measured by filled": ratio}, {**said}, {"measured by filled": u}
    scan = found.scan
    if scan.duration is None:
        raise InputError(f"{scan.label}: the duration of the scan is not in the header; sensitivity needs it. Export the header.")
    C = tomographic_sensitivity(
        read.mean,
        voxel_volume=scan.image.grid.voxel_volume,
        concentration=filled,
        duration=scan.duration,
        decay_constant=_decay_left(found),
    )
    figures = {"sensitivity, cps/MBq": C.value * MBq}
    us: dict[str, float | None] = {"sensitivity, cps/MBq": None if C.u is None else C.u * MBq}
    if heads:
        of_one = "sensitivity of a head, cps/MBq"
        figures[of_one], us[of_one] = C.value * MBq / heads, None if C.u is None else C.u * MBq / heads
    details: dict[str, float | None] = {
        "duration_s": scan.duration,
        "sensitivity_cps_per_MBq": C.value * MBq,
        "u_sensitivity_cps_per_MBq": None if C.u is None else C.u * MBq,
    }
    return figures, details, us
