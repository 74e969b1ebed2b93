"""The protocol file of `hevesy reconstruct`: every setting with its default; an unknown key is answered with the nearest."""

import difflib
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, NaiveDatetime, ValidationError

from hevesy.app.reconstruct_pet_settings import PetSettings
from hevesy.dicom.tomo_stated import Stated
from hevesy.errors import InputError
from hevesy.model import EnergyWindow
from hevesy.units import keV

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
# One number or a list of them: one a photopeak.
ByPeak = BeforeValidator(lambda given: [given] if isinstance(given, int | float) else given)
Energies = Annotated[tuple[Positive, ...], ByPeak]
Percents = Annotated[tuple[Percent, ...], ByPeak]
Accepted = Literal["rescale", "saturated", "duplicates", "arc", "empty", "decayed", "mirrored", "views", "tilt"]


class _Strict(BaseModel):
    """An unknown key is an error: a misspelt setting must not be silently without effect."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ReconstructionSettings(_Strict):
    """[reconstruction]"""

    algorithm: Literal["osem", "map"] = Field(default="osem", description="map: with the relative-difference prior")
    iterations: int = Field(default=5, ge=1, le=500, description="Passes through all views")
    subsets: int = Field(default=10, ge=1, le=120, description="Of the views")
    prior_beta: Annotated[float, Field(ge=0, allow_inf_nan=False)] = Field(
        default=0.0, description="Strength of the prior, counts per Bq/ml; map needs it"
    )
    prior_gamma: Annotated[float, Field(ge=0, allow_inf_nan=False)] = Field(default=2.0, description="How far it spares edges")
    scatter: Literal["auto", "windows", "model", "none"] = Field(
        default="auto",
        description="windows: beside the photopeak; model: computed from image, CT and collimator, with penetration; "
        "auto: windows, but model for CZT and where there is no window",
    )
    scatter_filter_mm: Annotated[float, Field(ge=0, le=100)] = Field(
        default=15.0, description="FWHM by which the scatter estimate is smoothed"
    )
    scatter_histories: int = Field(
        default=400_000, ge=20_000, le=100_000_000, description="Photons followed for later scatters, where scatter = model"
    )
    response: bool = Field(default=True, description="Model how the resolution widens with distance")
    peak_keV: Energies = Field(
        default=(),
        max_length=4,
        description="An energy inside the photopeak window; several, [113, 208], make one image together",
    )
    gates: Literal["each", "sum"] = Field(default="each", description="Of a gated acquisition: each by itself, or all added up")
    smoothing_mm: Annotated[float, Field(ge=0, le=50)] = Field(default=0.0, description="FWHM of a Gaussian over the image")
    uncertainty: bool = Field(default=True, description="Compute and write the uncertainty of each voxel")
    uncertainty_combs: int = Field(default=4, ge=1, le=64, description="Passes for it, each as long as two reconstructions")


class ScannerSettings(_Strict):
    """[scanner]"""

    name: str = Field(default="", description="Of the library, or the path of a file of the same form; empty: by the file's tags")
    collimator: str = Field(default="", description="Of that scanner; empty: by the file's tags")
    sensitivity_cps_per_MBq: Energies = Field(
        default=(),
        description="Measured, of one head in the photopeak window, one a peak in their order; empty: computed from the geometry",
    )
    u_sensitivity_percent: Percents = Field(default=(), description="Its relative standard uncertainty, %; one for all, or each")


class AttenuationSettings(_Strict):
    """[attenuation]"""

    source: Literal["auto", "ct", "none"] = Field(
        default="auto", description="auto: by the CT of the study where there is one; ct insists on it; none: not corrected"
    )


class WindowSettings(_Strict):
    """One of `windows`: its limits, keV"""

    name: str = Field(default="", description="Of the window")
    lower_keV: Positive = Field(description="Lower limit")
    upper_keV: Positive = Field(description="Upper limit")


class AcquisitionSettings(_Strict):
    """[acquisition]: what the header does not say, or says wrongly"""

    nuclide: str = Field(default="", description="For example Lu-177")
    start_angle_deg: tuple[float, ...] = Field(default=(), description="One a detector, as (0054,0200) means it")
    direction: Literal["", "CW", "CC"] = Field(default="", description="As (0018,1140) means it: CW is decreasing angle")
    step_deg: Positive | None = Field(default=None, description="Between views")
    radius_mm: Positive | None = Field(default=None, description="From the axis to the face of the collimator")
    centre_mm: tuple[float, float, float] | None = Field(
        default=None, description="Where axis of rotation and middle row meet, in the coordinates of the CT: x, y, z"
    )
    view_duration_s: Positive | None = Field(default=None, description="Time of a view")
    pixel_mm: tuple[Positive, Positive] | None = Field(default=None, description="Distance of rows and of columns")
    windows: tuple[WindowSettings, ...] = Field(default=(), description="Energy windows in the order of (0054,0012)")
    lying: Literal["", "HFP", "FFS", "FFP"] = Field(
        default="", description="How the patient lay, where angles and views are those of the gantry: FFS is feet first, supine"
    )
    bed_offsets_mm: tuple[float, ...] = Field(
        default=(), description="One a rotation: how far it lies towards the head from the first, where the table moved"
    )
    accept: tuple[Accepted, ...] = Field(default=(), description="Oddities to go on with; the message that refuses one names it")
    start: NaiveDatetime | None = Field(default=None, description="PET: of the acquisition, 2024-03-04T09:30:00")
    activity_MBq: Positive | None = Field(default=None, description="PET: given to the patient")
    administered: NaiveDatetime | None = Field(default=None, description="PET: when it was given")


class Protocol(_Strict):
    """All of a protocol file."""

    reconstruction: ReconstructionSettings = ReconstructionSettings()
    scanner: ScannerSettings = ScannerSettings()
    attenuation: AttenuationSettings = AttenuationSettings()
    acquisition: AcquisitionSettings = AcquisitionSettings()
    pet: PetSettings = PetSettings()


# Keys of [acquisition] that have a meaning for events of PET, and those that have none for SPECT.
FOR_EVENTS, ONLY_FOR_EVENTS = (
    ("nuclide", "centre_mm", "start", "activity_MBq", "administered"),
    ("start", "activity_MBq", "administered"),
)


def check_acquisition(protocol: Protocol, *, events: bool) -> None:
    """Statements about the other kind of acquisition must not be silently without effect.

    Raises
    ------
    InputError
    """
    given = [name for name in protocol.acquisition.model_fields_set if getattr(protocol.acquisition, name)]
    astray = [name for name in given if (name not in FOR_EVENTS if events else name in ONLY_FOR_EVENTS)]
    if astray:
        kind, other = ("events of PET", "SPECT") if events else ("SPECT", "PET")
        raise InputError(f"[acquisition] {', '.join(sorted(astray))}: of {other}, and the study holds {kind}. Leave it out.")


def load_protocol(path: Path | None) -> Protocol:
    """The protocol in ``path``, or the defaults.

    Raises
    ------
    InputError
        The file is missing, is not TOML, or a key is unknown or has a value that is not allowed; all of them are named.
    """
    if path is None:
        return Protocol()
    try:
        return Protocol.model_validate(tomllib.loads(path.read_text("utf-8-sig")))
    except (FileNotFoundError, IsADirectoryError) as error:
        raise InputError(f"{path}: no such protocol file. `hevesy reconstruct --write-protocol FILE` writes one.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: not TOML: {error}.") from error
    except ValidationError as error:
        raise InputError(f"{path.name}: " + "; ".join(_said(dict(e)) for e in error.errors()) + ".") from error


def _said(error: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in error["loc"])
    if error["type"] != "extra_forbidden":
        return f"{place}: {error['msg']} (got {error.get('input')!r})"
    known = _keys(Protocol, error["loc"][:-1])
    word = str(error["loc"][-1])
    near = difflib.get_close_matches(word, known, n=3, cutoff=0.4)
    elsewhere = [f"{section}.{word}" for section in Protocol.model_fields if word in _keys(Protocol, (section,))]
    meant = [*near, *elsewhere]
    return f"{place}: there is no such key; " + (
        f"did you mean {', '.join(meant)}?" if meant else f"known are {', '.join(known)}"
    )


def _keys(model: type[BaseModel], place: tuple[Any, ...]) -> list[str]:
    for part in place:
        if isinstance(part, int):
            continue
        kind = model.model_fields[part].annotation
        inner = [kind, *get_args(kind)]
        model = next(k for k in inner if isinstance(k, type) and issubclass(k, BaseModel))
    return list(model.model_fields)


def stated(protocol: Protocol) -> Stated:
    """What [acquisition] states, for the reader of the files."""
    a = protocol.acquisition
    return Stated(
        start_angles=a.start_angle_deg,
        direction=a.direction,
        step=a.step_deg,
        radius=a.radius_mm,
        centre=a.centre_mm,
        view_duration=a.view_duration_s,
        pixel=a.pixel_mm,
        windows=tuple(
            EnergyWindow(name=w.name or f"{w.lower_keV:g}-{w.upper_keV:g} keV", lower=w.lower_keV, upper=w.upper_keV)
            for w in a.windows
        ),
        lying=a.lying,
        bed_offsets=a.bed_offsets_mm,
        accept=frozenset(a.accept),
    )


def peak_energies(protocol: Protocol) -> tuple[float | None, ...]:
    """One a photopeak [MeV]; a single None where none was stated."""
    return tuple(value * keV for value in protocol.reconstruction.peak_keV) or (None,)


def protocol_text() -> str:
    """A protocol file with all settings at their defaults; those without a default are commented out."""
    lines = [
        "# Protocol for `hevesy reconstruct STUDY -o OUT --protocol FILE`. Every setting stands here at its default.",
        "# Lines that begin with # are not in force.",
    ]
    for section, field in Protocol.model_fields.items():
        model = field.annotation
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            continue
        lines += ["", f"[{section}]"]
        for key, setting in model.model_fields.items():
            lines.append(_line(key, setting.default, str(setting.description)))
    return "\n".join(lines) + "\n"


def _line(key: str, value: object, description: str) -> str:
    if value is None or value in ((), ""):
        empty = "" if value is None else '""' if value == "" else "[]"
        return f"# {key} = {empty}  # {description}"
    if isinstance(value, bool):
        return f"{key} = {str(value).lower()}  # {description}"
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    return f"{key} = {text}  # {description}"


def save_protocol(path: Path) -> Path:
    """Write `protocol_text` to ``path``, whole or not at all.

    Raises
    ------
    InputError
        The file exists: it may hold somebody's work.
    """
    if path.exists():
        raise InputError(f"{path}: exists; it may hold somebody's work. Give another name.")
    part = path.with_name(f".part-{path.name}")
    try:
        part.write_text(protocol_text(), "utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path
