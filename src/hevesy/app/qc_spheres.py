"""Spheres of an IEC body phantom: EARL's bands and NEMA's image quality."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from hevesy.app.columns import read_columns
from hevesy.app.qc_asked import Asked, Progress, Tested
from hevesy.app.qc_images import PhantomImage, letters_of, read_phantom, stated_concentration
from hevesy.errors import InputError
from hevesy.model import Grid
from hevesy.quantify.background_regions import LARGEST, MARGINS, Background, place_background
from hevesy.quantify.earl import METRICS, earl_bands, earl_criteria, recovery_coefficients
from hevesy.quantify.image_quality import ImageQuality, background_noise, image_quality
from hevesy.quantify.sphere_finding import DIAMETERS, Spheres, background_level, find_spheres
from hevesy.units import kBq

COLD_2007 = (37.0, 28.0)
BODY = 0.1  # of the brightest voxels: what a picture shows


def spheres_test(path: Path, standard: str, asked: Asked, progress: Progress | None) -> Tested:
    """Find the spheres, place the background, and measure by ``standard``."""
    found = read_phantom(path, asked, progress)
    grid = found.scan.image.grid
    cold = COLD_2007 if standard == "nema-nu2-2007" else ()
    values = np.asarray(found.values, dtype=np.float32)
    spheres = stated_spheres(asked.spheres, values, grid) if asked.spheres else find_spheres(values, grid.spacing, cold=cold)
    regions = place_background(values, grid.spacing, spheres)
    remarks = [*found.remarks]
    if regions.margin < MARGINS[0]:
        remarks.append(
            f"background regions keep {regions.margin:g} mm from edge and spheres; twelve have no room with {MARGINS[0]:g} mm."
        )
    shared = _Shared(found, spheres, regions, values)
    if standard.startswith("earl"):
        return _earl(shared, standard, asked, remarks)
    return _nema(shared, asked, cold, remarks)


class _Shared:
    """What both tests read."""

    __slots__ = ("found", "regions", "spheres", "values")

    def __init__(self, found: PhantomImage, spheres: Spheres, regions: Background, values: Any) -> None:
        self.found, self.spheres, self.regions, self.values = found, spheres, regions, values

    @property
    def grid(self) -> Grid:
        return self.found.scan.image.grid

    def details(self) -> dict[str, Any]:
        scan = self.found.scan
        return {
            "scan": scan.label,
            "scanner": scan.manufacturer,
            "nuclide": self.found.nuclide,
            "voxel_mm": list(self.grid.spacing),
            "positions": "found" if np.isfinite(self.spheres.residual) else "stated",
            "ring_residual_mm": float(self.spheres.residual) if np.isfinite(self.spheres.residual) else None,
            "background_margin_mm": self.regions.margin,
            "centres_mm": [_patient(self.grid, c) for c in self.spheres.centres],
        }

    def picture(self, title: str) -> Callable[[], bytes]:
        from hevesy.reports.qc_plots import Circle, SlicePicture, slice_plot

        name, unit = ("kBq/ml", kBq) if self.found.quantitative else ("counts", 1.0)
        sides = (self.grid.spacing[1], self.grid.spacing[0])
        plane = np.asarray(self.values[self.regions.slices[0]]) / unit
        seen = np.nonzero(plane > BODY * np.percentile(plane, 99))
        top, left = (max(0, int(k.min()) - 3) for k in seen)
        cut = plane[top : int(seen[0].max()) + 4, left : int(seen[1].max()) + 4]
        x0, y0 = left * sides[1], top * sides[0]
        circles = [Circle(x=float(c[0]) - x0, y=float(c[1]) - y0, diameter=LARGEST, mark=False) for c in self.regions.centres]
        circles += [
            Circle(x=float(c[0]) - x0, y=float(c[1]) - y0, diameter=float(d), mark=True, label=f"{d:g} mm")
            for c, d in zip(self.spheres.centres, self.spheres.diameters, strict=True)
        ]
        picture = SlicePicture(
            title=title, values=cut, sides=sides, circles=tuple(circles), unit=name, letters=letters_of(self.grid)
        )
        return lambda: slice_plot(picture)


def stated_spheres(path: Path, values: Any, grid: Grid) -> Spheres:
    """Positions that the user states, LPS [mm], in a CSV diameter_mm, x_mm, y_mm, z_mm.

    Raises
    ------
    InputError
        Not the six spheres of the phantom, or one lies outside the image.
    """
    table = read_columns(path, needed=("diameter_mm", "x_mm", "y_mm", "z_mm"), known=())
    rows = sorted(zip(*(table.filled(c) for c in ("diameter_mm", "x_mm", "y_mm", "z_mm")), strict=True), reverse=True)
    if [row[0] for row in rows] != list(DIAMETERS):
        raise InputError(f"{path.name}: diameters are {[row[0] for row in rows]} mm; needed is one each of {list(DIAMETERS)} mm.")
    points = np.array([[*row[1:], 1.0] for row in rows])
    index = (np.linalg.inv(grid.affine) @ points.T).T[:, :3]
    if np.any(index < 0) or np.any(index > np.array(grid.shape[::-1]) - 1):
        raise InputError(f"{path.name}: a sphere lies outside the image. Positions are LPS in mm, as in DICOM.")
    return Spheres(
        diameters=np.array(DIAMETERS),
        centres=index * np.array(grid.spacing),
        background=background_level(values),
        residual=float("nan"),
    )


def _patient(grid: Grid, centre: Any) -> list[float]:
    index = np.asarray(centre) / np.array(grid.spacing)
    return [round(float(v), 2) for v in (grid.affine @ np.array([*index, 1.0]))[:3]]


def _filled(shared: _Shared, asked: Asked) -> tuple[float | None, float]:
    """Concentrations of background (None where not stated) and spheres, or (None, ratio) where only that is stated."""
    background = stated_concentration(asked.background, shared.found, asked, name="--background") if asked.background else None
    if asked.sphere and asked.ratio is not None:
        raise InputError("--sphere and --ratio: give one of both.")
    if asked.sphere:
        return background, stated_concentration(asked.sphere, shared.found, asked, name="--sphere")
    if asked.ratio is None:
        raise InputError("what was filled is not known: give --background with --sphere or --ratio, as from the dose calibrator.")
    return background, asked.ratio * (background if background is not None else 1.0)


def _earl(shared: _Shared, standard: str, asked: Asked, remarks: list[str]) -> Tested:
    from hevesy.reports.qc_plots import BandPicture, band_plot

    if not shared.found.quantitative:
        raise InputError(f"{shared.found.scan.label}: recovery needs Bq/ml; this image holds counts. Calibrate it first.")
    if not asked.background:
        raise InputError("EARL needs --background, the concentration as filled, and --sphere or --ratio.")
    filled, true = _filled(shared, asked)
    mean, noise = background_noise(shared.values, shared.grid.spacing, shared.regions)
    rows = recovery_coefficients(shared.values, shared.grid, spheres=shared.spheres, background=mean, true=true)
    if filled is not None and not 0.7 <= true / filled / 10 <= 1.3:
        remarks.append(f"spheres to background are {true / filled:.1f}:1; the bands hold for about 10:1.")
    if shared.found.nuclide not in ("", "F-18"):
        remarks.append(f"the image is of {shared.found.nuclide}; the bands are those of F-18.")
    if not asked.at:
        remarks.append("no --at: stated concentrations are taken as those at the start of the scan.")
    figures = {"background COV, %": 100 * noise} | ({} if filled is None else {"background by stated": mean / filled})
    bands = earl_bands(standard)
    picture = BandPicture(
        title=f"Recovery coefficients and the bands of {standard.upper().replace('-', ' ')}",
        diameters=tuple(row.diameter for row in rows),
        panels=tuple(
            (
                f"RC{metric}",
                tuple(getattr(row, metric) for row in rows),
                tuple((bands[metric, row.diameter].low, bands[metric, row.diameter].high) for row in rows),
            )
            for metric in METRICS
            if (metric, rows[0].diameter) in bands
        ),
    )
    return Tested(
        figures=figures,
        judged=earl_criteria(rows, standard),
        details=shared.details()
        | {
            "background_kBq_per_ml": mean / kBq,
            "background_filled_kBq_per_ml": None if filled is None else filled / kBq,
            "sphere_filled_kBq_per_ml": true / kBq,
            "spheres": [
                {"diameter_mm": r.diameter, "rc_mean": r.mean, "rc_max": r.max, "rc_peak": r.peak, "contour_voxels": r.voxels}
                for r in rows
            ],
        },
        remarks=tuple(remarks),
        pictures={
            "recovery.png": lambda: band_plot(picture),
            "regions.png": shared.picture("Spheres and background regions"),
        },
    )


def _nema(shared: _Shared, asked: Asked, cold: tuple[float, ...], remarks: list[str]) -> Tested:

    background, true = _filled(shared, asked)
    ratio = asked.ratio if asked.ratio is not None else (true / background if background else 0.0)
    q = image_quality(shared.values, shared.grid.spacing, spheres=shared.spheres, regions=shared.regions, ratio=ratio, cold=cold)
    figures = {f"contrast {s.diameter:.0f} mm, %": 100 * s.contrast for s in q.spheres}
    figures |= {f"background variability {s.diameter:.0f} mm, %": 100 * s.variability for s in q.spheres}
    figures |= {"lung residual, %": 100 * float(q.lung.mean()), "background COV, %": 100 * q.noise}
    remarks.append("NEMA NU 2 sets no limits; give those of the vendor, or of your acceptance, by --limits.")
    return Tested(
        figures=figures,
        details=shared.details()
        | {
            "ratio": ratio,
            "cold_mm": list(cold),
            "background": q.background,
            "background_unit": shared.found.scan.image.quantity.value,
            "lung_residual_by_slice_percent": [100 * float(v) for v in q.lung],
        },
        remarks=tuple(remarks),
        pictures={
            "contrast.png": _contrast_picture(q),
            "regions.png": shared.picture("Spheres and background regions"),
        },
    )


def _contrast_picture(q: ImageQuality) -> Callable[[], bytes]:
    from hevesy.reports.qc_plots import BandPicture, band_plot

    open_band = tuple((None, None) for _ in q.spheres)
    picture = BandPicture(
        title="Contrast recovery and background variability, NEMA NU 2",
        diameters=tuple(s.diameter for s in q.spheres),
        panels=(
            ("contrast, %", tuple(100 * s.contrast for s in q.spheres), open_band),
            ("background variability, %", tuple(100 * s.variability for s in q.spheres), open_band),
        ),
        hollow=tuple(s.cold for s in q.spheres),
    )
    return lambda: band_plot(picture)
