"""Tests of a gamma camera from counts: uniformity, bars, resolution, centre of rotation."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.app.qc_asked import Asked, Progress, Tested
from hevesy.app.qc_images import read_phantom
from hevesy.dicom.nm_frames import NuclearFrames, read_frames
from hevesy.errors import DataError, InputError
from hevesy.quantify.bar_pattern import bar_pattern, mean_resolution
from hevesy.quantify.centre_of_rotation import centre_of_rotation
from hevesy.quantify.nema_resolution import Widths, line_widths, point_widths
from hevesy.quantify.uniformity import uniformity

AXES = ("z", "y", "x")
WIDEST = 50.0  # mm: twice what high-energy collimators draw of a point at 30 cm


def uniformity_test(path: Path, standard: str, asked: Asked, progress: Progress | None) -> Tested:
    """Uniformity of each head's flood; the figures are those of the worse head."""
    from hevesy.reports.qc_maps import FloodPicture, flood_plot

    frames = read_frames(_file(path))
    field = _field(asked.field)
    figures: dict[str, float] = {}
    heads, remarks = [], []
    pictures: dict[str, Callable[[], bytes]] = {}
    for head, flood in _floods(frames, asked):
        u = uniformity(flood, frames.pixel, field=field)
        values = {
            "integral uniformity, useful field, %": 100 * u.integral_useful,
            "integral uniformity, central field, %": 100 * u.integral_central,
            "differential uniformity, useful field, %": 100 * u.differential_useful,
            "differential uniformity, central field, %": 100 * u.differential_central,
        }
        _worst(figures, values)
        heads.append(
            {
                "head": head,
                "integral_useful_percent": 100 * u.integral_useful,
                "integral_central_percent": 100 * u.integral_central,
                "differential_useful_percent": 100 * u.differential_useful,
                "differential_central_percent": 100 * u.differential_central,
                "counts_middle_pixel": u.counts,
                "pixel_mm": list(u.pixel),
            }
        )
        remarks += [f"head {head}: {text}" for text in u.remarks]
        lines = tuple(f"{name.removesuffix(', %')}: {value:.2f} %" for name, value in values.items())
        picture = FloodPicture(title=f"Flood, head {head}", values=u.smoothed, central=u.central, pixel=u.pixel, lines=lines)
        pictures[f"uniformity-{head}.png"] = partial(flood_plot, picture)
    remarks.append("NEMA NU 1 sets no limits; give those of the vendor, or of your acceptance, by --limits.")
    return Tested(figures=figures, details=_camera(frames) | {"heads": heads}, remarks=tuple(remarks), pictures=pictures)


def bars_test(path: Path, standard: str, asked: Asked, progress: Progress | None) -> Tested:
    """Resolution of each head from its image of the bars; the figures are those of the worse head."""
    from hevesy.reports.qc_maps import BarsPicture, bars_plot

    frames = read_frames(_file(path))
    bars = _bars(asked.bars)
    figures: dict[str, float] = {}
    heads: list[dict[str, Any]] = []
    pictures: dict[str, Callable[[], bytes]] = {}
    for head, image in _floods(frames, asked):
        found = bar_pattern(image, bars, frames.pixel)
        mean = mean_resolution(found)
        visible = [q.bar for q in found if q.visible]
        if not visible:
            raise DataError(
                f"{frames.name}, head {head}: bars are seen in no quadrant; modulations are "
                f"{', '.join(f'{q.modulation:.2f}' for q in found)}. "
                "Is this a bar pattern of these widths, along rows and columns?"
            )
        _worst(figures, {"resolution, mm": mean.value} | ({"finest bars seen, mm": min(visible)} if visible else {}))
        heads.append(
            {
                "head": head,
                "fwhm_mm": mean.value,
                "u_fwhm_mm": mean.u,
                "quadrants": [
                    {
                        "bar_mm": q.bar,
                        "modulation": q.modulation,
                        "u_modulation": q.u_modulation,
                        "visible": q.visible,
                        "fwhm_mm": None if q.fwhm is None else q.fwhm.value,
                        "u_fwhm_mm": None if q.fwhm is None else q.fwhm.u,
                    }
                    for q in found
                ],
            }
        )
        lines = tuple(
            f"{q.bar:g} mm: modulation {q.modulation:.2f}, {'seen' if q.visible else 'not seen'}"
            + ("" if q.fwhm is None else f", FWHM {q.fwhm.value:.2f} mm")
            for q in found
        )
        picture = BarsPicture(title=f"Bars, head {head}", values=image, pixel=frames.pixel, lines=lines, fwhm=mean.value)
        pictures[f"bars-{head}.png"] = partial(bars_plot, picture)
    remarks = ("resolution of the image: camera, collimator at that distance, and the averaging over pixels.",)
    widest = max(heads, key=lambda head: head["fwhm_mm"])
    u = {"resolution, mm": widest["u_fwhm_mm"]}
    return Tested(figures=figures, details=_camera(frames) | {"heads": heads}, remarks=remarks, pictures=pictures, u=u)


def resolution_test(path: Path, standard: str, asked: Asked, progress: Progress | None) -> Tested:
    """Widths of a point or line in a planar image, or of a point in a reconstructed volume."""

    if asked.source not in ("point", "line"):
        raise InputError(f"--source {asked.source!r}: allowed are point and line.")
    figures: dict[str, float] = {}
    if path.is_dir() or not _counted(path):
        if asked.source == "line":
            raise InputError("a line is read in a planar image; in a volume the source must be a point. Use --source point.")
        image = read_phantom(path, asked, progress)
        widths = _checked(point_widths(image.values, image.scan.image.grid.spacing[::-1]), image.scan.label)
        _put(figures, dict(zip(AXES, widths, strict=True)))
        details: dict[str, Any] = {
            "scan": image.scan.label,
            "scanner": image.scan.manufacturer,
            "voxel_mm": list(image.scan.image.grid.spacing),
        }
        remarks = [*image.remarks, *_few(widths)]
    else:
        frames = read_frames(path)
        details, remarks = _camera(frames), []
        for head, flood in _floods(frames, asked):
            if asked.source == "line":
                widths = _checked(line_widths(flood, frames.pixel), frames.name)
                mean = {name: float(np.mean([getattr(w, name) for w in widths])) for name in ("fwhm", "fwtm")}
                _worst(figures, {f"{name.upper()}, mm": value for name, value in mean.items()})
                details[f"head_{head}_bands_fwhm_mm"] = [w.fwhm for w in widths]
            else:
                widths = _checked(point_widths(flood, frames.pixel), frames.name)
                along = dict(zip(("along rows", "along columns"), widths[::-1], strict=True))
                _put(figures, along)
                details[f"head_{head}_fwhm_mm"] = {axis: w.fwhm for axis, w in along.items()}
            remarks += _few(widths)
    return Tested(figures=figures, details=details, remarks=tuple(dict.fromkeys(remarks)), pictures={})


def rotation_test(path: Path, standard: str, asked: Asked, progress: Progress | None) -> Tested:
    """Offset of the axis of rotation; that of the worst head is judged."""
    from hevesy.reports.qc_plots import RotationPicture, rotation_plot

    frames = read_frames(_file(path))
    if frames.angles is None:
        raise DataError(f"{frames.name}: (0008,0008) is no TOMO with angles; the views of a rotation are needed.")
    heads, offsets = [], []
    pictures: dict[str, Callable[[], bytes]] = {}
    for head in _heads(frames, asked):
        mine = (frames.detector == head) & (frames.window == asked.window)
        r = centre_of_rotation(frames.counts[mine], frames.angles[mine], frames.pixel)
        offsets.append(r)
        heads.append(
            {
                "head": head,
                "offset_mm": r.offset,
                "u_offset_mm": r.u_offset,
                "rms_mm": r.rms,
                "largest_mm": r.largest,
                "axial_mean_mm": float(r.y.mean()),
                "axial_rms_mm": r.axial_rms,
                "axial_range_mm": r.axial_range,
                "axial_sine_mm": r.tilt,
                "source_radius_mm": r.radius,
                "views": int(r.angles.size),
            }
        )
        line = (
            f"offset {r.offset:+.2f} ± {max(r.u_offset, 0.01):.2f} mm, residual {r.rms:.2f} mm (largest {r.largest:.2f}), "
            f"axial range {r.axial_range:.2f} mm"
        )
        picture = RotationPicture(
            title=f"Centre of rotation, head {head}", angles=r.angles, x=r.x, y=r.y, fitted=r.fitted, line=line
        )
        pictures[f"rotation-{head}.png"] = partial(rotation_plot, picture)
    worst = max(offsets, key=lambda r: abs(r.offset))
    figures = {
        "offset across the axis, mm": worst.offset,
        "residual across the axis, mm": max(r.rms for r in offsets),
        "range along the axis, mm": max(r.axial_range for r in offsets),
    }
    if len(offsets) > 1:
        figures["heads apart along the axis, mm"] = float(np.ptp([float(r.y.mean()) for r in offsets]))
    u = {"offset across the axis, mm": worst.u_offset}
    return Tested(figures=figures, details=_camera(frames) | {"heads": heads}, remarks=(), pictures=pictures, u=u)


def _file(path: Path) -> Path:
    """The one file of a folder, or the file."""
    if not path.is_dir():
        return path
    files = sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
    if len(files) != 1:
        raise InputError(f"{path}: holds {len(files)} files; give the one NM object of the test.")
    return files[0]


def _counted(path: Path) -> bool:
    """Whether a file holds counts by frame rather than a reconstruction."""
    try:
        read_frames(path)
    except DataError as error:
        if "not reconstructed" in str(error):
            return False
        raise
    return True


def _heads(frames: NuclearFrames, asked: Asked) -> list[int]:
    there = [int(head) for head in np.unique(frames.detector)]
    if asked.detector and asked.detector not in there:
        raise InputError(f"--detector {asked.detector}: {frames.name} has {', '.join(map(str, there))}.")
    if asked.window not in np.unique(frames.window):
        raise InputError(f"--window {asked.window}: {frames.name} has {', '.join(map(str, np.unique(frames.window)))}.")
    return [asked.detector] if asked.detector else there


def _floods(frames: NuclearFrames, asked: Asked) -> list[tuple[int, npt.NDArray[np.float64]]]:
    """The sum of the frames of each head in the window that is asked for.

    Raises
    ------
    DataError
        The frames are views of a rotation, or of a whole body.
    """
    if frames.kind == "WHOLE BODY":
        raise DataError(
            f"{frames.name}: (0008,0008) Image Type is WHOLE BODY, a patient under a moving head; this test reads a planar image "
            "of its phantom."
        )
    if frames.angles is not None:
        raise DataError(
            f"{frames.name}: (0008,0008) Image Type is TOMO, views of a rotation; a planar image is needed, whose head stood "
            "still. Of a rotation, --standard centre-of-rotation reads the views, the others what was reconstructed."
        )
    return [
        (head, np.asarray(frames.counts[(frames.detector == head) & (frames.window == asked.window)].sum(axis=0)))
        for head in _heads(frames, asked)
    ]


def _camera(frames: NuclearFrames) -> dict[str, Any]:
    return {
        "camera": frames.camera,
        "collimator": frames.collimator,
        "nuclide": frames.nuclide,
        "pixel_mm": list(frames.pixel),
        "frame_s": frames.duration,
        "start": None if frames.start is None else frames.start.isoformat(),
    }


def _numbers(text: str) -> list[float]:
    return [float(part) for part in re.findall(r"\d+(?:\.\d+)?", text)]


def _field(text: str) -> tuple[float, float] | None:
    if not text:
        return None
    numbers = _numbers(text)
    if len(numbers) != 2 or "cm" in text:
        raise InputError(f'--field {text!r}: write rows by columns in mm, as "387 x 533".')
    return numbers[0], numbers[1]


def _bars(text: str) -> tuple[float, float, float, float]:
    numbers = _numbers(text)
    if len(numbers) != 4:
        raise InputError(
            f'--bars {text!r}: write four widths in mm as "2, 2.5, 3, 3.5": upper left, upper right, '
            "lower left, lower right of the image."
        )
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _worst(figures: dict[str, float], values: dict[str, float]) -> None:
    """Keep the larger of the heads: a camera is as good as its worse head."""
    for name, value in values.items():
        figures[name] = max(value, figures.get(name, value))


def _checked(widths: tuple[Widths, ...], name: str) -> tuple[Widths, ...]:
    """Widths of a point or a line; what is wider than any camera draws one is refused.

    Raises
    ------
    DataError
    """
    worst = max(w.fwhm for w in widths)
    if worst > WIDEST:
        raise DataError(
            f"{name}: the brightest source is {worst:.0f} mm wide at half its height, where up to {WIDEST:.0f} mm are allowed: "
            "this is no point or line. Use a source of 1 to 2 mm."
        )
    return widths


def _put(figures: dict[str, float], widths: dict[str, Widths]) -> None:
    for axis, w in widths.items():
        _worst(figures, {f"FWHM {axis}, mm": w.fwhm, f"FWTM {axis}, mm": w.fwtm})


def _few(widths: tuple[Widths, ...]) -> list[str]:
    return [w.remark for w in widths if w.remark]
