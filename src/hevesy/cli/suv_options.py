"""Options that `hevesy suv` and `hevesy eligible` share: what somebody states instead of a PET header, with units."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hevesy import units as u
from hevesy.errors import InputError

if TYPE_CHECKING:
    from hevesy.app.suv_scale import Stated

WEIGHT = {"kg": u.kg, "g": u.g}
HEIGHT = {"cm": u.cm, "m": 1000.0, "mm": u.mm}
ACTIVITY = {"MBq": u.MBq, "GBq": u.GBq, "kBq": u.kBq, "Bq": u.Bq, "mCi": 37 * u.MBq}


class Normalise(StrEnum):
    """By what SUV is normalised."""

    BW = "bw"
    LBM_JAMES = "lbm-james"
    LBM_JANMA = "lbm-janma"
    BSA = "bsa"


SettingsFile = Annotated[
    Path | None, typer.Option("--settings", metavar="FILE", help="What headers do not say (as for hevesy dose).")
]
ScanLabel = Annotated[str, typer.Option("--scan", metavar="LABEL", help="Which scan, where the folder holds several.")]
NormaliseBy = Annotated[Normalise, typer.Option("--normalise", help="Body weight, lean body mass or body surface area.")]
Weight = Annotated[str | None, typer.Option("--weight", metavar='"70 kg"', help="Body weight, in place of (0010,1030).")]
Height = Annotated[str | None, typer.Option("--height", metavar='"172 cm"', help="Body height, in place of (0010,1020).")]
Sex = Annotated[str, typer.Option("--sex", metavar="M|F", help="For lean body mass, in place of (0010,0040).")]
Activity = Annotated[
    str | None, typer.Option("--activity", metavar='"350 MBq"', help="Administered activity, in place of (0018,1074).")
]
Administered = Annotated[
    datetime | None, typer.Option("--administered", help="Time of the administration, in place of (0018,1078).")
]
CalibrationU = Annotated[
    float | None, typer.Option("--u-calibration", metavar="PERCENT", help="u of scanner against activity meter, k = 1.")
]
ActivityU = Annotated[float | None, typer.Option("--u-activity", metavar="PERCENT", help="u of the administered activity.")]
SizeU = Annotated[float | None, typer.Option("--u-size", metavar="PERCENT", help="u of weight, lean mass or surface.")]
VoxelNoise = Annotated[float | None, typer.Option("--noise", metavar="PERCENT", help="u of one voxel by counting.")]
Resolution = Annotated[
    float | None, typer.Option("--resolution", metavar="MM", help="FWHM over which noise goes together (default: a voxel).")
]
BoundaryU = Annotated[float | None, typer.Option("--u-boundary", metavar="MM", help="u of the place of a drawn boundary.")]


def quantity(text: str | None, units: dict[str, float], option: str) -> float | None:
    """ "70 kg" in SI; a number without a unit is refused.

    Raises
    ------
    InputError
        Not a positive number with one of the units.
    """
    if text is None:
        return None
    word = text.strip()
    unit = next((name for name in sorted(units, key=len, reverse=True) if word.endswith(name)), "")
    allowed = ", ".join(units)
    try:
        value = float(word[: len(word) - len(unit)]) if unit else None
    except ValueError:
        value = None
    if value is None or not 0 < value < float("inf"):
        raise InputError(f"{option} {text!r}: a positive number with its unit is allowed ({allowed}), for example {option} "
                         f'"70 {next(iter(units))}".')  # fmt: skip
    return value * units[unit]


def stated_by(  # noqa: PLR0913  (its arguments are the options)
    *,
    normalise: Normalise = Normalise.BW,
    weight: str | None = None,
    height: str | None = None,
    sex: str = "",
    activity: str | None = None,
    administered: datetime | None = None,
    scan: str = "",
    u_calibration: float | None = None,
    u_activity: float | None = None,
    u_size: float | None = None,
    noise: float | None = None,
    resolution: float | None = None,
    u_boundary: float | None = None,
) -> "Stated":
    """The options as one value, in SI."""
    from hevesy.app.suv_scale import stated

    return stated(
        normalisation=normalise.value,
        weight=quantity(weight, WEIGHT, "--weight"),
        height=quantity(height, HEIGHT, "--height"),
        sex=sex,
        activity=quantity(activity, ACTIVITY, "--activity"),
        administered=None if administered is None else administered.replace(tzinfo=None),
        scan=scan,
        u_calibration=_share(u_calibration),
        u_activity=_share(u_activity),
        u_size=_share(u_size),
        noise=_share(noise),
        resolution=resolution,
        boundary_u=u_boundary,
    )


def _share(percent: float | None) -> float | None:
    return None if percent is None else percent / 100
