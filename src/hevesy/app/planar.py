"""Activities from planar views: read, take off scatter and background, conjugate views, draw."""

import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.app.planar_course import course
from hevesy.app.planar_regions import PlanarRegion, check_background, read_regions
from hevesy.dicom.planar import PlanarViews, read_planar
from hevesy.errors import DataError, InputError
from hevesy.model import Measured
from hevesy.quantify.conjugate_view import (
    Body,
    PlanarActivity,
    View,
    conjugate_view,
    geometric_background_fraction,
    net_counts,
)
from hevesy.quantify.windows import WindowCounts, beside, triple_energy_window
from hevesy.units import MBq, cm, h, keV

WHOLE = "whole view"
# Standard uncertainties where none is stated; each one used is listed in the facts.
U_MU = 0.05
U_THICKNESS = 1.0 * cm
U_FRACTION = 0.1
SCATTER = ("auto", "tew", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanarOptions:
    """How to quantify, in the house's units; None where it is not stated.

    ``sensitivity`` [1/(s MBq)] of one head, ``u_sensitivity`` relative [1]; ``thickness``, ``u_thickness`` [mm];
    ``mu``, ``u_mu`` [1/mm]; ``exposure`` of a point [s]; ``peak`` [MeV]: an energy inside the photopeak window.
    """

    sensitivity: float | None = None
    u_sensitivity: float | None = None
    thickness: float | None = None
    u_thickness: float | None = None
    mu: float | None = None
    u_mu: float | None = None
    transmission: float | None = None
    exposure: float | None = None
    scatter: str = "auto"
    peak: float | None = None
    background: str = ""
    views: tuple[str, str] | None = None
    administered: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Corrected:
    """Counts and their variance, shape (2, rows, columns), and how scatter was dealt with."""

    counts: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64]
    raw: npt.NDArray[np.float64]
    text: str


def planar(
    paths: list[Path],
    *,
    regions: Path | None = None,
    options: PlanarOptions,
    spect: Path | None = None,
    picture: Path | None = None,
) -> dict[str, Any]:
    """Counts and activities of regions on anterior and posterior views, one or several scans.

    Parameters
    ----------
    paths : list of path                NM objects of one patient, in the same pixels where there are several.
    regions : path, optional            As `hevesy.app.planar_regions.read_regions` reads them; the whole view is always given.
    options : PlanarOptions
    spect : path, optional              Table of `hevesy fit` with one SPECT activity a region: the planar course is scaled.
    picture : path, optional            .png or .svg of the first scan.

    Returns
    -------
    dict                                Facts of the first scan; of all in ``scans`` where there are several; ``curves``
                                        with ``spect``. The unit is in each key.
    """
    if options.scatter not in SCATTER:
        raise InputError(f"scatter is {options.scatter!r}; {', '.join(SCATTER)} are allowed.")
    read = [read_planar(path, views=options.views) for path in paths]
    shape = read[0].counts.shape[2:]
    other = next((v for v in read if v.counts.shape[2:] != shape), None)
    if other is not None:
        raise InputError(
            f"{other.name}: its views have other rows and columns than {read[0].name}; one region file cannot fit both."
        )
    drawn = read_regions(regions, (shape[0], shape[1])) if regions else ()
    names = [region.name for region in drawn]
    if WHOLE in names:
        raise InputError(f"region {WHOLE!r}: that name stands for all pixels. Choose another.")
    check_background("all", options.background, names)
    all_pixels = PlanarRegion(name=WHOLE, mask=np.ones(shape, dtype=bool), background="", given={})
    scans = [_scan(views, (all_pixels, *drawn), options) for views in read]
    facts: dict[str, Any] = dict(scans[0])
    if len(scans) > 1:
        facts["scans"] = scans
    if spect is not None:
        facts["curves"] = course(scans, spect)
    if picture is not None:
        from hevesy.reports.planar_page import draw_planar

        peak, _ = _windows_of(read[0], options)
        spacing = read[0].spacing or (1.0, 1.0)
        title = f"{read[0].nuclide} {read[0].radiopharmaceutical}".strip() or read[0].name
        draw_planar(read[0].counts[:, peak], [(r.name, r.mask) for r in drawn], picture, spacing=spacing, title=title)
        facts["picture"] = str(picture)
    return facts


def _scan(views: PlanarViews, regions: tuple[PlanarRegion, ...], options: PlanarOptions) -> dict[str, Any]:
    remarks = list(views.remarks)
    corrected = _scatter(views, options, remarks)
    exposure = options.exposure or views.exposure
    if options.sensitivity is not None and exposure is None:
        raise InputError(
            f"{views.name}: the header does not say for how long each point was seen ((0018,1242), of a sweep also "
            "(0018,1300) and (0018,1302)). State it by --exposure in s."
        )
    assumed: list[str] = []
    by_name = {region.name: region for region in regions}
    grounds = {r.background or options.background for r in regions} - {""}
    found = {
        r.name: _region(
            r, by_name, corrected, options=options, exposure=exposure, assumed=assumed, is_background=r.name in grounds
        )
        for r in regions
    }
    if options.sensitivity is None:
        remarks.append("no sensitivity is stated: counts only.")
    elif options.u_sensitivity is None:
        remarks.append("the uncertainty of the sensitivity is not stated (--u-sensitivity): u does not hold it.")
    pixel = None if views.spacing is None else views.spacing[0] * views.spacing[1] / cm**2
    for r in regions:
        n = int(np.count_nonzero(r.mask))
        found[r.name] = {"pixels": n, "area_cm2": None if pixel is None else n * pixel, **found[r.name]}
    A0 = views.administered_activity
    for row in found.values():
        A = row["activity_MBq"]
        if A0 is not None and A is not None and A * MBq > A0:
            more = f"more than the administered {A0 / MBq:g} MBq ((0018,1074)): thickness, mu, scatter, exposure or sensitivity "
            row["verdict"] = f"{row['verdict']} {more}are not those of this region.".strip()
    return {
        "file": views.name,
        "nuclide": views.nuclide,
        "radiopharmaceutical": views.radiopharmaceutical,
        "administered_MBq": None if A0 is None else A0 / MBq,
        "manufacturer": views.manufacturer,
        "whole_body": views.whole_body,
        "start": None if views.start is None else views.start.isoformat(timespec="seconds"),
        "time_h": _time(views, options),
        "duration_s": views.duration,
        "exposure_s": exposure,
        "scan_velocity_mm_per_s": views.velocity,
        "scan_length_mm": views.scan_length,
        "pixel_mm": None if views.spacing is None else list(views.spacing),
        "rows": views.counts.shape[2],
        "columns": views.counts.shape[3],
        "windows_keV": [[low / keV, high / keV] for low, high in views.windows],
        "scatter": corrected.text,
        "regions": found,
        "assumed": assumed,
        "missing": list(views.missing),
        "remarks": remarks,
    }


def _time(views: PlanarViews, options: PlanarOptions) -> float | None:
    if views.start is None or options.administered is None:
        return None
    hours = (views.start - options.administered).total_seconds() / h
    if hours < 0:
        raise InputError(f"{views.name}: starts {-hours:.3f} h before the administration. Correct --administered.")
    return hours


def _windows_of(views: PlanarViews, options: PlanarOptions) -> tuple[int, tuple[int, int | None] | None]:
    """Index of the photopeak window, and of the two beside it where the file has them."""
    ranges = [WindowCounts(lower=low, upper=high, counts=0) for low, high in views.windows]
    if not ranges:
        return 0, None
    sides = [tuple(next((j for j, o in enumerate(ranges) if beside(p, o) == side), None) for side in (-1, 1)) for p in ranges]
    if options.peak is not None:
        fitting = [i for i, w in enumerate(ranges) if w.lower <= options.peak <= w.upper]
    else:
        full = [i for i, (low, high) in enumerate(sides) if low is not None and high is not None]
        fitting = full if len(ranges) > 1 and full else list(range(len(ranges)))
    if len(fitting) != 1:
        listed = ", ".join(w.said for w in ranges)
        raise InputError(
            f"{views.name}: which window is the photopeak? The file has {listed}. State an energy in it by --peak in keV."
        )
    low, high = sides[fitting[0]]
    return fitting[0], None if low is None else (low, high)


def _scatter(views: PlanarViews, options: PlanarOptions, remarks: list[str]) -> _Corrected:
    peak, pair = _windows_of(views, options)
    raw = views.counts[:, peak]
    if options.scatter == "none" or pair is None:
        if options.scatter == "tew":
            listed = ", ".join(f"{low / keV:.1f} to {high / keV:.1f}" for low, high in views.windows) or "none"
            raise DataError(
                f"{views.name}: no energy windows beside the photopeak for the scatter; the file has {listed} keV. "
                "Acquire them, or choose --scatter none with a broad-beam mu."
            )
        why = "as asked" if options.scatter == "none" else "the file has no windows beside the photopeak"
        remarks.append(f"scatter is not corrected ({why}): mu must be that of a broad beam, scatter included.")
        return _Corrected(counts=raw, variance=raw, raw=raw, text="none")
    low, high = pair
    if high is None:
        remarks.append(
            "no window above the photopeak: its counts are taken as zero, right only for the highest line of the nuclide."
        )
    half = 0.5 * (views.windows[peak][1] - views.windows[peak][0])
    counts, variance = raw.copy(), raw.copy()
    for i in (low, high):
        if i is not None:
            share = half / (views.windows[i][1] - views.windows[i][0])
            counts -= share * views.counts[:, i]
            variance += share**2 * views.counts[:, i]
    # The same sums by the one function that states the method: refuses windows that do not touch.
    one = [WindowCounts(lower=a, upper=b, counts=0) for a, b in views.windows]
    triple_energy_window(one[peak], one[low], None if high is None else one[high])
    return _Corrected(
        counts=counts, variance=variance, raw=raw, text="triple energy window" if high is not None else "lower window"
    )


def _region(
    region: PlanarRegion,
    others: dict[str, PlanarRegion],
    corrected: _Corrected,
    *,
    options: PlanarOptions,
    exposure: float | None,
    assumed: list[str],
    is_background: bool,
) -> dict[str, Any]:
    ground = "" if is_background or region.name == WHOLE else region.background or options.background
    views = [_view(region.mask, others[ground].mask if ground else None, corrected, at) for at in (0, 1)]
    raw = [float(corrected.raw[at][region.mask].sum()) for at in (0, 1)]
    facts: dict[str, Any] = {"counts_anterior": raw[0], "counts_posterior": raw[1]}
    for name, view in zip(("anterior", "posterior"), views, strict=True):
        facts[f"primary_{name}"], facts[f"u_primary_{name}"] = view.gross.value, view.gross.u
    facts |= {"is_background": is_background, "background": ground or None}
    if is_background or options.sensitivity is None or exposure is None:
        return facts | _counts_only(region, views, ground, is_background=is_background)
    body = _body(region, options, ground, assumed)
    C = options.sensitivity
    known = Measured(value=C, u=None if options.u_sensitivity is None else C * options.u_sensitivity, why_no_u="not stated")
    return facts | _activity(conjugate_view(*views, body=body, sensitivity=known, exposure=exposure), body, ground)


def _view(mask: npt.NDArray[np.bool_], ground: npt.NDArray[np.bool_] | None, corrected: _Corrected, at: int) -> View:
    def summed(where: npt.NDArray[np.bool_]) -> tuple[float, float]:
        return float(corrected.counts[at][where].sum()), math.sqrt(float(corrected.variance[at][where].sum()))

    value, u = summed(mask)
    if ground is None:
        return View(gross=Measured(value=value, u=u))
    share = np.count_nonzero(mask) / np.count_nonzero(ground)
    around, u_around = summed(ground)
    return View(gross=Measured(value=value, u=u), background=Measured(value=share * around, u=share * u_around))


def _counts_only(region: PlanarRegion, views: list[View], ground: str, *, is_background: bool) -> dict[str, Any]:
    fraction = region.given.get("background_fraction", 1.0) if ground else 0.0
    net = [net_counts(view, fraction) for view in views]
    fine = all(n.value > 0 for n in net)
    mean = math.sqrt(net[0].value * net[1].value) if fine else None
    return {
        "net_anterior": net[0].value,
        "net_posterior": net[1].value,
        "geometric_mean": mean,
        "u_geometric_mean": None if mean is None else 0.5 * mean * math.hypot(*(n.relative or 0.0 for n in net)),
        "activity_MBq": None,
        "u_activity_MBq": None,
        "why_no_activity": "it is a background region" if is_background else "no sensitivity is stated",
        "verdict": "" if fine or is_background else "no counts above background",
    }


def _body(region: PlanarRegion, options: PlanarOptions, ground: str, assumed: list[str]) -> Body:
    """What the region, else the options say; an uncertainty that nobody states is assumed, and said."""
    given = region.given

    def assume(text: str) -> None:
        if text not in assumed:
            assumed.append(text)

    mu = given["mu_per_cm"] / cm if "mu_per_cm" in given else options.mu
    if mu is None:
        raise InputError(f"region {region.name}: no attenuation coefficient. State --mu in 1/cm (effective, as of this camera).")
    u_mu = options.u_mu
    if u_mu is None:
        u_mu = U_MU * mu
        assume(f"u of mu {100 * U_MU:g} %")
    transmission = given.get("transmission", None if "thickness_cm" in given else options.transmission)
    depth = given["thickness_cm"] * cm if "thickness_cm" in given else options.thickness
    thickness, through = None, None
    if transmission is not None:
        through = Measured(value=transmission, u=given.get("u_transmission"), why_no_u="not stated")
    elif depth is not None:
        u_depth = given["u_thickness_cm"] * cm if "u_thickness_cm" in given else options.u_thickness
        if u_depth is None:
            u_depth = U_THICKNESS
            assume(f"u of thickness {U_THICKNESS / cm:g} cm")
        thickness = Measured(value=depth, u=u_depth)
    else:
        raise InputError(f"region {region.name}: no thickness of the body. State --thickness in cm, or --transmission.")
    t = given.get("organ_thickness_cm", 0.0) * cm
    organ = Measured(value=t, u=given.get("u_organ_thickness_cm", 0.0) * cm)
    return Body(
        mu=Measured(value=mu, u=u_mu),
        thickness=thickness,
        transmission=through,
        organ_thickness=organ,
        background_fraction=_fraction(region, thickness, t, ground, assume),
    )


def _fraction(region: PlanarRegion, thickness: Measured | None, t: float, ground: str, assume: Any) -> Measured:
    if not ground:
        return Measured(value=1.0, u=0.0)
    given = region.given
    if "background_fraction" in given:
        value = given["background_fraction"]
    elif t > 0 and thickness is not None and t <= thickness.value:
        value = geometric_background_fraction(organ_thickness=t, thickness=thickness.value)
    else:
        value = 1.0
        assume("background fraction 1 where neither it nor an organ thickness is stated: such activities are rather too low")
    u = given.get("u_background_fraction")
    if u is None:
        u = U_FRACTION
        assume(f"u of the background fraction {U_FRACTION:g}")
    return Measured(value=value, u=u)


def _activity(found: PlanarActivity, body: Body, ground: str) -> dict[str, Any]:
    A, mean = found.activity, found.geometric_mean
    return {
        "net_anterior": found.anterior.value,
        "u_net_anterior": found.anterior.u,
        "net_posterior": found.posterior.value,
        "u_net_posterior": found.posterior.u,
        "geometric_mean": None if mean is None else mean.value,
        "u_geometric_mean": None if mean is None else mean.u,
        "background_fraction": body.background_fraction.value if ground else None,
        "attenuation_factor": found.attenuation_factor,
        "organ_factor": found.organ_factor,
        "activity_MBq": None if A is None else A.value / MBq,
        "u_activity_MBq": None if A is None or A.u is None else A.u / MBq,
        "at_most_MBq": found.at_most / MBq,
        "budget_percent": {name: 100 * u for name, u in found.budget.items()},
        "verdict": found.verdict,
    }
