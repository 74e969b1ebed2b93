"""Regions on planar views: boxes and polygons in pixels from JSON, or a label map."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError, InputError

Mask = npt.NDArray[np.bool_]
NUMBERS = (
    "thickness_cm", "u_thickness_cm", "organ_thickness_cm", "u_organ_thickness_cm", "background_fraction",
    "u_background_fraction", "transmission", "u_transmission", "mu_per_cm",
)  # fmt: skip
KEYS = {"name", "box", "polygon", "background", *NUMBERS}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanarRegion:
    """A region in the pixels of the anterior view, row 0 at the head, column 0 at the patient's right.

    ``background``: name of its background region, "" for none. ``given``: numbers of its own (`NUMBERS`).
    """

    name: str
    mask: Mask
    background: str
    given: dict[str, float]


def read_regions(path: Path, shape: tuple[int, int]) -> tuple[PlanarRegion, ...]:
    """Regions of a file: ``{"regions": [{"name", "box": [left, top, right, bottom] or "polygon": [[x, y], ...]}]}``.

    x counts columns from the patient's right, y rows from the head; the first pixel reaches from 0 to 1. A pixel is inside
    where its middle is. A NIfTI label map has the columns first, one slice, and a region a label.

    Raises
    ------
    DataError
        Not such a file, a key that is unknown.
    InputError
        No such file, a region outside the image or without a pixel, a name twice, a background that is not there.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file. Give regions as JSON (boxes, polygons) or as a NIfTI label map.")
    labelled = path.name.lower().endswith((".nii", ".nii.gz"))
    regions = _labels(path, shape) if labelled else _drawn(path, shape)
    names = [region.name for region in regions]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"{path.name}: region {', '.join(twice)} is there twice. Give each region a name of its own.")
    for region in regions:
        check_background(region.name, region.background, names)
    return regions


def check_background(name: str, background: str, names: list[str]) -> None:
    """A background that is not among the regions is an :class:`InputError`."""
    if background and background not in names:
        raise InputError(f"region {name}: its background {background!r} is not among the regions {', '.join(names)}.")


def _labels(path: Path, shape: tuple[int, int]) -> tuple[PlanarRegion, ...]:
    from hevesy.dicom.nifti import read_nifti

    values, _ = read_nifti(path)
    if values.shape != (1, *shape):
        raise InputError(
            f"{path.name}: the label map has {values.shape[2]} x {values.shape[1]} x {values.shape[0]} voxels; the views have "
            f"{shape[1]} columns, {shape[0]} rows and one slice. Draw it on the anterior view."
        )
    if np.any(values != np.round(values)) or values.min() < 0:
        raise DataError(f"{path.name}: labels must be whole numbers from 0 on.")
    found = [int(v) for v in np.unique(values) if v > 0]
    if not found:
        raise InputError(f"{path.name}: the label map is empty. Label at least one pixel.")
    return tuple(PlanarRegion(name=str(label), mask=values[0] == label, background="", given={}) for label in found)


def _drawn(path: Path, shape: tuple[int, int]) -> tuple[PlanarRegion, ...]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DataError(f'{path.name}: this is no JSON ({error}). Write {{"regions": [...]}}.') from None
    entries = content.get("regions") if isinstance(content, dict) else None
    if not (isinstance(entries, list) and entries and all(isinstance(each, dict) for each in entries)):
        raise DataError(f'{path.name}: it needs {{"regions": [{{"name": ..., "box": [left, top, right, bottom]}}, ...]}}.')
    return tuple(_region(path, entry, shape) for entry in entries)


def _region(path: Path, entry: dict[str, Any], shape: tuple[int, int]) -> PlanarRegion:
    name = str(entry.get("name") or "").strip()
    where = f"{path.name}, region {name or '?'}"
    unknown = sorted(set(entry) - KEYS)
    if unknown or not name or ("box" in entry) == ("polygon" in entry):
        what = f"unknown key {', '.join(unknown)}" if unknown else "it needs a name and a box or a polygon"
        raise DataError(f"{where}: {what}. Keys are {', '.join(sorted(KEYS))}.")
    points = _points(where, entry)
    rows, columns = shape
    if points.min() < 0 or points[:, 0].max() > columns or points[:, 1].max() > rows:
        raise InputError(
            f"{where}: it reaches outside the image: x {points[:, 0].min():g} to {points[:, 0].max():g}, "
            f"y {points[:, 1].min():g} to {points[:, 1].max():g}; the views have {columns} columns and {rows} rows."
        )
    mask = inside(points, shape)
    if not mask.any():
        raise InputError(f"{where}: it holds no pixel. Points are [x, y] in pixels, x counting columns.")
    given = {key: entry[key] for key in NUMBERS if key in entry}
    for key, value in given.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise DataError(f"{where}: {key} is {value!r}; a number is needed.")
    given = {key: float(value) for key, value in given.items()}
    return PlanarRegion(name=name, mask=mask, background=str(entry.get("background") or ""), given=given)


def _points(where: str, entry: dict[str, Any]) -> npt.NDArray[np.float64]:
    try:
        if "box" in entry:
            left, top, right, bottom = (float(v) for v in entry["box"])
            if not (left < right and top < bottom):
                raise DataError(
                    f"{where}: box is {entry['box']}; [left, top, right, bottom] with left < right and top < bottom is needed."
                )
            points = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
        else:
            points = np.array([[float(x), float(y)] for x, y in entry["polygon"]])
    except (TypeError, ValueError):
        raise DataError(f"{where}: box is four numbers, polygon a list of [x, y].") from None
    if len(points) < 3 or not np.all(np.isfinite(points)):
        raise DataError(f"{where}: a polygon needs three points or more, all of them finite.")
    return points


def inside(points: npt.NDArray[np.float64], shape: tuple[int, int]) -> Mask:
    """Pixels whose middle lies in a polygon of [x, y], by the even-odd rule."""
    x, y = np.arange(shape[1])[None, :] + 0.5, np.arange(shape[0])[:, None] + 0.5
    mask = np.zeros(shape, dtype=bool)
    for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, axis=0), strict=True):
        if y0 != y1:
            crossing = ((y0 <= y) != (y1 <= y)) & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
            mask ^= crossing
    return mask
