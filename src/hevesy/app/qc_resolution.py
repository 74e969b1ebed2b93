"""Widths of the image of a point or a line: of a planar image, or of a reconstructed volume."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.app.qc_asked import Asked, Progress, Tested
from hevesy.app.qc_camera import camera_facts, floods, worst
from hevesy.app.qc_images import read_phantom
from hevesy.dicom.nm_frames import read_frames
from hevesy.errors import DataError, InputError
from hevesy.quantify.nema_resolution import Widths, line_profiles, line_widths, point_profiles, point_widths
from hevesy.reports.resolution_plot import Profile, ResolutionPicture, resolution_plot

Array = npt.NDArray[Any]
AXES, PLANAR = ("z", "y", "x"), ("along columns", "along rows")  # in the order of the axes of the values
WIDEST = 50.0  # mm: twice what high-energy collimators draw of a point at 30 cm


def resolution_test(path: Path, standard: str, asked: Asked, progress: Progress | None) -> Tested:
    """Widths of a point or line in a planar image, or of a point in a reconstructed volume."""
    if asked.source not in ("point", "line"):
        raise InputError(f"--source {asked.source!r}: allowed are point and line.")
    if path.is_dir() or not _counted(path):
        return _of_volume(path, asked, progress)
    frames = read_frames(path)
    figures: dict[str, float] = {}
    details, remarks = camera_facts(frames), []
    pictures: dict[str, Callable[[], bytes]] = {}
    for head, flood in floods(frames, asked):
        if asked.source == "line":
            widths = _checked(line_widths(flood, frames.pixel), frames.name)
            mean = {name: float(np.mean([getattr(w, name) for w in widths])) for name in ("fwhm", "fwtm")}
            worst(figures, {f"{name.upper()}, mm": value for name, value in mean.items()})
            details[f"head_{head}_bands_fwhm_mm"] = [w.fwhm for w in widths]
            profiles, across = line_profiles(flood, frames.pixel)
            drawn = _drawn([f"band {n}" for n in range(1, len(widths) + 1)], profiles, [across] * len(widths), widths)
        else:
            widths = _checked(point_widths(flood, frames.pixel), frames.name)
            along = dict(zip(PLANAR, widths, strict=True))
            _put(figures, dict(reversed(along.items())))
            details[f"head_{head}_fwhm_mm"] = {axis: w.fwhm for axis, w in reversed(along.items())}
            drawn = _drawn(PLANAR, point_profiles(flood, frames.pixel, widths), frames.pixel, widths)
        remarks += _few(widths)
        title = f"Resolution by a {asked.source}, head {head}"
        pictures[f"resolution-{head}.png"] = _picture(title, flood, frames.pixel, drawn, whole=asked.source == "line")
    return Tested(figures=figures, details=details, remarks=tuple(dict.fromkeys(remarks)), pictures=pictures)


def _of_volume(path: Path, asked: Asked, progress: Progress | None) -> Tested:
    if asked.source == "line":
        raise InputError("a line is read in a planar image; in a volume the source must be a point. Use --source point.")
    image = read_phantom(path, asked, progress)
    spacing = image.scan.image.grid.spacing[::-1]
    widths = _checked(point_widths(image.values, spacing), image.scan.label)
    figures: dict[str, float] = {}
    _put(figures, dict(zip(AXES, widths, strict=True)))
    details: dict[str, Any] = {
        "scan": image.scan.label,
        "scanner": image.scan.manufacturer,
        "voxel_mm": list(image.scan.image.grid.spacing),
    }
    values = np.asarray(image.values, dtype=float)
    drawn = _drawn(AXES, point_profiles(values, spacing, widths), spacing, widths)
    picture = _picture(f"Resolution by a point, {image.scan.label}", values.max(axis=0), spacing[1:], drawn, whole=False)
    remarks = tuple(dict.fromkeys([*image.remarks, *_few(widths)]))
    return Tested(figures=figures, details=details, remarks=remarks, pictures={"resolution.png": picture})


def _drawn(
    names: Sequence[str], profiles: Sequence[Array], spacing: Sequence[float], widths: Sequence[Widths]
) -> tuple[Profile, ...]:
    return tuple(
        Profile(name=name, values=line, spacing=side, peak=w.peak, fwhm=w.fwhm, fwtm=w.fwtm)
        for name, line, side, w in zip(names, profiles, spacing, widths, strict=True)
    )


def _picture(
    title: str, values: Array, sides: Sequence[float], profiles: tuple[Profile, ...], *, whole: bool
) -> Callable[[], bytes]:
    """All of the image, or what lies about the point (the last two profiles are those along its rows and columns)."""
    about = None if whole else (profiles[-2].peak, profiles[-1].peak, max(p.fwtm for p in profiles[-2:]))
    return partial(
        resolution_plot,
        ResolutionPicture(title=title, values=values, sides=(float(sides[0]), float(sides[1])), about=about, profiles=profiles),
    )


def _counted(path: Path) -> bool:
    """Whether a file holds counts by frame rather than a reconstruction."""
    try:
        read_frames(path)
    except DataError as error:
        if "not reconstructed" in str(error):
            return False
        raise
    return True


def _checked(widths: tuple[Widths, ...], name: str) -> tuple[Widths, ...]:
    """Widths of a point or a line; what is wider than any camera draws one is refused.

    Raises
    ------
    DataError
    """
    widest = max(w.fwhm for w in widths)
    if widest > WIDEST:
        raise DataError(
            f"{name}: the brightest source is {widest:.0f} mm wide at half its height, where up to {WIDEST:.0f} mm are allowed: "
            "this is no point or line. Use a source of 1 to 2 mm."
        )
    return widths


def _put(figures: dict[str, float], widths: dict[str, Widths]) -> None:
    for axis, w in widths.items():
        worst(figures, {f"FWHM {axis}, mm": w.fwhm, f"FWTM {axis}, mm": w.fwtm})


def _few(widths: tuple[Widths, ...]) -> list[str]:
    return [w.remark for w in widths if w.remark]
