"""Read one scanner from its file: figures with their unit in the name and their source beside them."""

import tomllib
from collections.abc import Callable, Mapping
from typing import Any

from hevesy.errors import DataError, InputError
from hevesy.imaging.systems.collimator import Collimator
from hevesy.imaging.systems.gamma_camera import GammaCamera, RingCamera
from hevesy.imaging.systems.naming import nearest
from hevesy.imaging.systems.origin import OWN, Origin
from hevesy.imaging.systems.pet_scanner import PetScanner
from hevesy.model.acquisition import EnergyWindow

Scanner = GammaCamera | RingCamera | PetScanner

KINDS = ("gamma-camera", "ring-camera", "pet")
_HEAD = ("name", "kind", "title", "maker", "remarks", "sources", "figures", "collimators")

# Name in the file: attribute, factor into the units of the house, how many numbers (0: a text).
_Rule = tuple[str, float, int]
_CAMERA: dict[str, _Rule] = {
    "crystal_material": ("crystal_material", 1, 0),
    "crystal_thickness_mm": ("crystal_thickness", 1, 1),
    "intrinsic_resolution_mm": ("intrinsic_resolution", 1, 1),
    "energy_resolution_percent": ("energy_resolution", 0.01, 1),
    "reference_energy_keV": ("reference_energy", 1e-3, 1),
    "pixel_pitch_mm": ("pixel_pitch", 1, 1),
    "rate_at_20_percent_loss_kcps": ("rate_at_20_percent_loss", 1e3, 1),
}
FIGURES: dict[str, dict[str, _Rule]] = {
    "gamma-camera": _CAMERA | {"heads": ("heads", 1, 1), "field_of_view_mm": ("field_of_view", 1, 2)},
    "ring-camera": _CAMERA
    | {
        "columns": ("columns", 1, 1),
        "modules": ("modules", 1, 1),
        "pixels": ("pixels", 1, 2),
        "swivel_degrees": ("swivel", 1, 2),
        "radius_mm": ("radius", 1, 2),
        "axial_length_mm": ("axial_length", 1, 1),
        "energy_range_keV": ("energy_range", 1, 2),
    },
    "pet": {
        "ring_diameter_mm": ("ring_diameter", 1, 1),
        "axial_length_mm": ("axial_length", 1, 1),
        "rings": ("rings", 1, 1),
        "crystals_per_ring": ("crystals_per_ring", 1, 1),
        "crystal_mm": ("crystal", 1, 3),
        "crystal_material": ("crystal_material", 1, 0),
        "block_crystals": ("block", 1, 2),
        "unit_crystals": ("unit", 1, 2),
        "max_axial_span_mm": ("max_axial_span", 1, 1),
        "tof_resolution_ps": ("tof_resolution", 1e-12, 1),
        "coincidence_window_ns": ("coincidence_window", 1e-9, 1),
        "energy_window_keV": ("energy_window", 1, 2),
        "energy_resolution_percent": ("energy_resolution", 0.01, 1),
        "sensitivity_centre_cps_per_kBq": ("sensitivity_centre", 1e-3, 1),
        "sensitivity_100mm_cps_per_kBq": ("sensitivity_100mm", 1e-3, 1),
        "sensitivity_line_mm": ("sensitivity_line", 1, 1),
        "scatter_fraction_percent": ("scatter_fraction", 0.01, 1),
        "peak_necr_kcps": ("peak_necr", 1e3, 1),
        "peak_necr_kBq_per_ml": ("peak_necr_concentration", 1e3, 1),
        "resolution_transverse_mm": ("resolution_transverse", 1, 1),
        "resolution_axial_mm": ("resolution_axial", 1, 1),
    },
}
COLLIMATOR: dict[str, _Rule] = {
    "hole_mm": ("hole", 1, 1),
    "septum_mm": ("septum", 1, 1),
    "length_mm": ("length", 1, 1),
    "shape": ("shape", 1, 0),
    "material": ("material", 1, 0),
    "opening_degrees": ("opening", 1, 1),
    "gap_mm": ("gap", 1, 1),
    "highest_energy_keV": ("highest_energy", 1e-3, 1),
    "published_resolution_mm": ("published_resolution", 1, 1),
    "published_distance_mm": ("published_distance", 1, 1),
    "published_sensitivity_cps_per_MBq": ("published_sensitivity", 1e-6, 1),
    "published_nuclide": ("published_nuclide", 1, 0),
}
_COUNTS = ("heads", "columns", "modules", "pixels", "rings", "crystals_per_ring", "block_crystals", "unit_crystals")
_NOT_KNOWN = "unknown"
_MAKE: dict[str, Callable[..., Scanner]] = {"gamma-camera": GammaCamera, "ring-camera": RingCamera, "pet": PetScanner}


def read_scanner(text: str, where: str) -> Scanner:
    """The scanner that the TOML ``text`` describes; ``where`` names the file in messages.

    Raises
    ------
    DataError
        The text is not TOML, a key is unknown or missing, or a value is not the number that its key asks for.
    InputError
        A figure lies where no scanner does.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{where}: is not TOML: {error}. Start from the file of a scanner like yours.") from error
    _known(found, _HEAD, where)
    kind = _text(found.get("kind"), "kind", where)
    if kind not in KINDS:
        raise DataError(f"{where}: kind is {kind!r}; allowed are {', '.join(KINDS)}. Say which kind of scanner it is.")
    sources = {name: _source(name, entry, where) for name, entry in _table(found, "sources", where).items()}
    values, origins = _figures(_table(found, "figures", where), FIGURES[kind], sources, where)
    values |= {key: _text(found.get(key, ""), key, where) for key in ("name", "title", "maker")}
    if not values["name"]:
        raise DataError(f'{where}: has no name. Write name = "my-scanner" at its head.')
    values |= {"origins": origins, "remarks": tuple(_text(r, "remarks", where) for r in found.get("remarks", []))}
    if kind != "pet":
        entries = found.get("collimators", [])
        if not isinstance(entries, list):
            raise DataError(f"{where}: collimators is not a list. Write [[collimators]] above each.")
        values["collimators"] = tuple(_collimator(entry, sources, where) for entry in entries)
    elif "collimators" in found:
        raise DataError(f"{where}: a PET scanner has no collimators. Take them out, or correct its kind.")
    try:
        return _MAKE[kind](**values)
    except TypeError as error:
        raise DataError(f"{where}: {_missing(error, kind)}") from error
    except InputError as error:
        raise InputError(f"{where}: {error}") from error


def _missing(error: TypeError, kind: str) -> str:
    said = str(error)
    names = [key for key, (attribute, _, _) in FIGURES[kind].items() if f"'{attribute}'" in said]
    if not names:
        return f"does not describe a scanner: {said}. Start from the file of a scanner like yours."
    return f"the figures have no {', '.join(names)}; each {kind} needs it. Add it under [figures]."


def _figures(
    entries: Mapping[str, Any], rules: Mapping[str, _Rule], sources: Mapping[str, Origin], where: str
) -> tuple[dict[str, Any], dict[str, Origin]]:
    _known(entries, rules, where)
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for key, entry in entries.items():
        attribute, factor, count = rules[key]
        plain, origin = _unwrapped(key, entry, sources, where)
        values[attribute] = _value(key, plain, factor, count, where)
        origins[attribute] = origin
    return values, origins


def _unwrapped(key: str, entry: Any, sources: Mapping[str, Origin], where: str) -> tuple[Any, Origin]:
    """A figure is a bare value, of the file's own "default" source, or { value, from, how, note }."""
    if not isinstance(entry, dict):
        return entry, sources.get("default", OWN)
    _known(entry, ("value", "from", "how", "note"), f"{where}, {key}")
    if "value" not in entry:
        raise DataError(f'{where}, {key}: has no value. Write {{ value = ..., from = "..." }} or the bare value.')
    return entry["value"], _origin(entry, sources, f"{where}, {key}")


def _origin(entry: Mapping[str, Any], sources: Mapping[str, Origin], where: str) -> Origin:
    if "from" not in entry:
        origin = sources.get("default", OWN)
    elif entry["from"] not in sources:
        raise DataError(
            f"{where}: comes from {entry['from']!r}, which is not under [sources]. {nearest(str(entry['from']), sources)}"
        )
    else:
        origin = sources[entry["from"]]
    how, note = str(entry.get("how", origin.how)), str(entry.get("note", origin.note))
    return _made(origin.source, how, note, where)


def _value(key: str, plain: Any, factor: float, count: int, where: str) -> Any:
    if count == 0:
        return _text(plain, key, where)
    if key == "energy_window_keV":
        lower, upper = _numbers(key, plain, 2, where)
        return EnergyWindow(name="511 keV", lower=float(lower), upper=float(upper))
    numbers = _numbers(key, plain, count, where, gaps=key == "crystal_mm")
    if key in _COUNTS:
        if any(n is None or n != int(n) for n in numbers):
            raise DataError(f"{where}, {key}: got {plain!r}; whole numbers are needed. Count them.")
        numbers = [int(n) for n in numbers]
    else:
        numbers = [None if n is None else n * factor for n in numbers]
    return numbers[0] if count == 1 else tuple(numbers)


def _numbers(key: str, plain: Any, count: int, where: str, *, gaps: bool = False) -> list[Any]:
    listed = [plain] if count == 1 else plain
    if not isinstance(listed, list) or len(listed) != count:
        raise DataError(f"{where}, {key}: got {plain!r}; {count} numbers in brackets are needed. Write for example [1, 2].")
    for number in listed:
        if gaps and number == _NOT_KNOWN:
            continue
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise DataError(f"{where}, {key}: got {number!r}; a number is needed. Leave the figure out where it is not known.")
    return [None if number == _NOT_KNOWN else number for number in listed]


def _collimator(entry: Any, sources: Mapping[str, Origin], where: str) -> Collimator:
    if not isinstance(entry, dict) or "name" not in entry:
        raise DataError(f'{where}: a collimator has no name. Write name = "LEHR" under [[collimators]].')
    name = _text(entry["name"], "name of a collimator", where)
    inside = f"{where}, collimator {name}"
    _known(entry, ("name", "from", "how", "note", "published_from", "published_how", *COLLIMATOR), inside)
    values = {
        attribute: _value(key, entry[key], factor, count, inside)
        for key, (attribute, factor, count) in COLLIMATOR.items()
        if key in entry
    }
    published = {key.removeprefix("published_"): entry[key] for key in ("published_from", "published_how") if key in entry}
    try:
        return Collimator(
            name=name,
            origin=_origin(entry, sources, inside),
            published_origin=_origin(published, sources, inside),
            **values,
        )
    except TypeError as error:
        raise DataError(f"{inside}: hole_mm, septum_mm and length_mm are needed. Add what is missing.") from error
    except InputError as error:
        raise InputError(f"{where}: {error}") from error


def _source(name: str, entry: Any, where: str) -> Origin:
    inside = f"{where}, source {name}"
    if not isinstance(entry, dict):
        raise DataError(f'{inside}: write {{ text = "...", how = "read" }}.')
    _known(entry, ("text", "how", "note"), inside)
    return _made(str(entry.get("text", "")), str(entry.get("how", "")), str(entry.get("note", "")), inside)


def _made(source: str, how: str, note: str, where: str) -> Origin:
    try:
        return Origin(source=source, how=how, note=note)
    except DataError as error:
        raise DataError(f"{where}: {error}") from error


def _table(found: Mapping[str, Any], key: str, where: str) -> dict[str, Any]:
    entry = found.get(key, {})
    if not isinstance(entry, dict):
        raise DataError(f"{where}: {key} is not a table. Write [{key}] above its lines.")
    return entry


def _text(value: Any, key: str, where: str) -> str:
    if not isinstance(value, str):
        raise DataError(f"{where}: {key} is {value!r}; a text is needed. Write it in quotes.")
    return value


def _known(entry: Mapping[str, Any], known: Any, where: str) -> None:
    for key in entry:
        if key not in known:
            raise DataError(f"{where}: {key!r} is not known there. {nearest(key, known)}")
