"""Tests of a gamma camera from counts: uniformity, bars, centre of rotation."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.app.qc_asked import Asked, Progress, Tested
from hevesy.dicom.nm_frames import NuclearFrames, read_frames
from hevesy.errors import DataError, InputError
from hevesy.quantify.bar_pattern import bar_pattern, mean_resolution
from hevesy.quantify.centre_of_rotation import centre_of_rotation
from hevesy.quantify.uniformity import uniformity


def uniformity_test(path: Path, standard: str, asked: Asked, progress: Progress | None) -> Tested:
    """Uniformity of each head's flood; the figures are those of the worse head."""
    from hevesy.reports.qc_maps import FloodPicture, flood_plot

    frames = read_frames(_file(path))
    field = _field(asked.field)
    figures: dict[str, float] = {}
    heads, remarks = [], []
    pictures: dict[str, Callable[[], bytes]] = {}
    for head, flood in floods(frames, asked):
        u = uniformity(flood, frames.pixel, field=field)
        values = {
            "integral uniformity, useful field, %": 100 * u.integral_useful,
            "integral uniformity, central field, %": 100 * u.integral_central,
            "differential uniformity, useful field, %": 100 * u.differential_useful,
            "differential uniformity, central field, %": 100 * u.differential_central,
        }
        worst(figures, values)
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
    return Tested(figures=figures, details=camera_facts(frames) | {"heads": heads}, remarks=tuple(remarks), pictures=pictures)


def bars_test(path: Path, standard: str, asked: Asked, progress: Progress | None) -> Tested:
    """Resolution of each head from its image of the bars; the figures are those of the worse head."""
    from hevesy.reports.qc_maps import BarsPicture, bars_plot

    frames = read_frames(_file(path))
    bars = _bars(asked.bars)
    figures: dict[str, float] = {}
    heads: list[dict[str, Any]] = []
    pictures: dict[str, Callable[[], bytes]] = {}
    for head, image in floods(frames, asked):
        found = bar_pattern(image, bars, frames.pixel)
        mean = mean_resolution(found)
        visible = [q.bar for q in found if q.visible]
        if not visible:
            raise DataError(
                f"{frames.name}, head {head}: bars are seen in no quadrant; modulations are "
                f"{', '.join(f'{q.modulation:.2f}' for q in found)}. "
                "Is this a bar pattern of these widths, along rows and columns?"
            )
        worst(figures, {"resolution, mm": mean.value} | ({"finest bars seen, mm": min(visible)} if visible else {}))
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
    return Tested(figures=figures, details=camera_facts(frames) | {"heads": heads}, remarks=remarks, pictures=pictures, u=u)


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
    farthest = max(offsets, key=lambda r: abs(r.offset))
    figures = {
        "offset across the axis, mm": farthest.offset,
        "residual across the axis, mm": max(r.rms for r in offsets),
        "range along the axis, mm": max(r.axial_range for r in offsets),
    }
    if len(offsets) > 1:
        figures["heads apart along the axis, mm"] = float(np.ptp([float(r.y.mean()) for r in offsets]))
    u = {"offset across the axis, mm": farthest.u_offset}
    return Tested(figures=figures, details=camera_facts(frames) | {"heads": heads}, remarks=(), pictures=pictures, u=u)


def _file(path: Path) -> Path:
    """The one file of a folder, or the file."""
    if not path.is_dir():
        return path
    files = sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
    if len(files) != 1:
        raise InputError(f"{path}: holds {len(files)} files; give the one NM object of the test.")
    return files[0]


def _heads(frames: NuclearFrames, asked: Asked) -> list[int]:
    there = [int(head) for head in np.unique(frames.detector)]
    if asked.detector and asked.detector not in there:
        raise InputError(f"--detector {asked.detector}: {frames.name} has {', '.join(map(str, there))}.")
    if asked.window not in np.unique(frames.window):
        raise InputError(f"--window {asked.window}: {frames.name} has {', '.join(map(str, np.unique(frames.window)))}.")
    return [asked.detector] if asked.detector else there


def floods(frames: NuclearFrames, asked: Asked) -> list[tuple[int, npt.NDArray[np.float64]]]:
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


def camera_facts(frames: NuclearFrames) -> dict[str, Any]:
    """What the header says of the camera, ready for JSON."""
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


def worst(figures: dict[str, float], values: dict[str, float]) -> None:
    """Keep the larger of the heads: a camera is as good as its worse head."""
    for name, value in values.items():
        figures[name] = max(value, figures.get(name, value))
