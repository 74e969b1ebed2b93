"""A recovery curve from spheres: those of a table, or simulated ones under the protocol of a study."""

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hevesy.app.columns import read_columns
from hevesy.errors import DataError, InputError
from hevesy.model import Image, Projections, Scan
from hevesy.quantify import RecoveryCurve, fit_recovery, recovery_at
from hevesy.units import ml

if TYPE_CHECKING:
    from hevesy.app.reconstruct import Options
    from hevesy.app.reconstruct_job import Job
    from hevesy.app.recovery_spheres import SpheresSeen

Vector = npt.NDArray[np.float64]
Progress = Callable[[str, float], None]
# Volumes at which the curve is printed [ml].
OVERSHOOT = 1.05  # of the true concentration in the inner half of a sphere
SHOWN = (0.5, 1, 2, 5, 10, 20, 50, 100, 200)


def _quiet(_: str, __: float) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Spheres:
    """Spheres to be simulated.

    Attributes
    ----------
    diameters : tuple of float          [mm]; () are those of the NEMA IEC body and one of 60 mm.
    contrast : float                    Concentration over that of the water around; inf: nothing around.
    circle : float                      Radius about the axis on which they lie [mm].
    realisations, seed : int            Of the noise.
    """

    diameters: tuple[float, ...] = ()
    contrast: float = 10.0
    circle: float = 57.2
    realisations: int = 4
    seed: int = 1


def recovery(path: Path, *, output: Path | None = None) -> dict[str, Any]:
    """Fit a recovery curve to spheres of a phantom.

    Parameters
    ----------
    path : Path                 CSV with volume_ml or diameter_mm; recovery, or measured and true in one unit; and, where it is
                                known, u_recovery (k = 1). # starts a comment.
    output : Path, optional     Receives the section [recovery_curve] of a settings file.

    Returns
    -------
    dict                        ``parameters`` with covariance, ``spheres`` with what the curve gives for each, ``curve`` by
                                volume, ``settings``: the section as text; the unit is in each key.
    """
    rows = _rows(path)
    known = [row["u"] for row in rows if row["u"] is not None]
    if known and len(known) < len(rows):
        raise DataError(f"{path.name}: u_recovery stands in {len(known)} of {len(rows)} rows. Give all of them or none.")
    return _facts(rows, np.array(known) if known else None, output, comment="")


def simulated_recovery(
    study: Path,
    spheres: Spheres,
    *,
    options: "Options",
    output: Path | None = None,
    picture: Path | None = None,
    progress: Progress = _quiet,
) -> dict[str, Any]:
    """The recovery curve of a study's own camera, collimator, orbit, counts and reconstruction, from simulated spheres.

    Parameters
    ----------
    study : Path                Folder or file with the tomographic acquisition, as for `hevesy reconstruct`; the first of several
                                is taken, and the mean of its counts over gates and bed positions.
    options : Options           Of `hevesy reconstruct`: protocol, scanner, collimator, sensitivity.
    output, picture : Path, optional    The section [recovery_curve]; a PNG.

    Returns
    -------
    dict                        As :func:`recovery`; ``spheres`` with core and spread, and ``simulated``: what was simulated.

    Raises
    ------
    InputError
        Camera and collimator are not known, or the spheres do not fit into the orbit.
    """
    from hevesy.app.reconstruct import jobs_of

    progress("reading projections", 0.0)
    jobs = jobs_of(study, options)
    job = jobs[0]
    counts = float(np.mean([j.raw.projections.window(j.peak.name).sum(dtype=np.float64) for j in jobs]))
    seen = _seen(job, spheres, counts, progress)
    said = f"{job.nuclide.name}, {job.detector.said}, {_method(job)}, {counts / 1e6:.3g} million counts"
    return simulated_facts(seen, said, contrast=spheres.contrast, circle=spheres.circle, output=output, picture=picture)


def simulated_facts(
    seen: "SpheresSeen", said: str, *, contrast: float, circle: float, output: Path | None = None, picture: Path | None = None
) -> dict[str, Any]:
    """The curve through spheres that were simulated, and what was; ``said``: camera, reconstruction and counts in words."""
    volume = math.pi / 6 * seen.diameters**3
    rows = [
        {"volume": float(v) / ml, "recovery": float(r), "u": float(u), "core": float(c), "u_one_scan": float(s)}
        for v, r, u, c, s in zip(volume, seen.recovery, seen.u, seen.core, seen.spread, strict=True)
    ]
    around = "nothing around" if math.isinf(contrast) else f"{contrast:g} to 1"
    made = f"simulated: {said}; spheres {around}, {circle:g} mm from the axis"
    facts = _facts(rows, seen.u, output, comment=made)
    facts["simulated"] = {
        "said": said,
        "contrast": None if math.isinf(contrast) else contrast,
        "circle_mm": circle,
        "activity_in_image_by_true": seen.normalisation,
        "remarks": _about(seen),
    }
    if picture is not None:
        from hevesy.reports.recovery_plot import recovery_plot

        _whole(picture, recovery_plot(facts, seen.image.values, seen.image.grid.spacing, seen.true))
    return facts


def _about(seen: "SpheresSeen") -> list[str]:
    """What a physicist must know of these spheres."""
    out = ["the calibration is not in the curve: recoveries are relative to the activity in the whole image."]
    worst = int(np.argmax(seen.core))
    if seen.core[worst] > OVERSHOOT:
        out.append(
            f"edges overshoot (Gibbs): the inner half of the sphere of {seen.diameters[worst]:g} mm shows "
            f"{seen.core[worst]:.2f} of the true concentration, all of it {seen.recovery[worst]:.2f}. The curve holds for means "
            "over whole regions, not for a small volume in the middle and not for the largest voxel."
        )
    return out


def _seen(job: "Job", spheres: Spheres, counts: float, progress: Progress) -> "SpheresSeen":
    """Simulated and reconstructed as the job is, without uncertainty images."""
    from hevesy.app.recovery_spheres import DIAMETERS, SpheresAsked, see_spheres
    from hevesy.imaging.projectors import orbit_of
    from hevesy.imaging.simulate import Acquisition

    p, detector = job.raw.projections, job.detector
    if detector.camera is None or detector.collimator is None:
        raise InputError("spheres are simulated on a camera: name it by --scanner, and its collimator by --collimator.")
    beside = tuple(w for w in job.beside if w is not None)
    setup = Acquisition(
        camera=detector.camera,
        collimator=detector.collimator,
        nuclide=job.nuclide.name,
        windows=(job.peak, *beside),
        orbit=orbit_of(p),
        starts=p.starts,
        durations=p.durations,
    )
    asked = SpheresAsked(
        diameters=spheres.diameters or DIAMETERS, contrast=spheres.contrast, circle=spheres.circle, counts=counts,
        realisations=spheres.realisations, seed=spheres.seed,
    )  # fmt: skip

    def image_of(projections: Projections, ct: Image) -> Image:
        from hevesy.app.reconstruct_engine import compute

        return compute(_with(job, projections, ct), progress=lambda text, share: None).image

    progress("simulating spheres", 0.1)
    return see_spheres(setup, image_of, asked, progress=lambda done: progress("reconstructing spheres", 0.3 + 0.65 * done))


def _with(job: "Job", projections: Projections, ct: Image) -> "Job":
    """The job with the counts and the CT of the spheres in the place of the patient's."""
    from hevesy.app.reconstruct_ct import Anatomy

    asked = job.protocol.reconstruction.model_copy(update={"uncertainty": False})
    scan = Scan(label="simulated", modality="CT", image=ct, series_uid="")
    wanted = job.protocol.attenuation.source != "none"
    return replace(
        job,
        raw=replace(job.raw, projections=projections),
        anatomy=Anatomy(ct=scan, image=ct, remarks=()) if wanted else None,
        protocol=job.protocol.model_copy(update={"reconstruction": asked}),
    )


def _method(job: "Job") -> str:
    asked = job.protocol.reconstruction
    smooth = f", smoothed by {asked.smoothing_mm:g} mm" if asked.smoothing_mm else ""
    return f"{asked.algorithm.upper()} {asked.iterations} x {asked.subsets}{smooth}"


def _whole(path: Path, content: bytes) -> None:
    """A file that is whole or not there."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _facts(rows: list[dict[str, Any]], known: Vector | None, output: Path | None, *, comment: str) -> dict[str, Any]:
    """The curve through spheres, printed and written."""
    volume = np.array([row["volume"] for row in rows]) * ml
    measured = np.array([row["recovery"] for row in rows])
    curve = fit_recovery(volume, measured, known)
    section = (f"# {comment}\n" if comment else "") + settings_section(curve)
    if output is not None:
        _whole(output, section.encode())
    more = ("core", "u_one_scan")
    shown = [v for v in SHOWN if curve.smallest / 10 <= v * ml <= curve.largest * 10]
    return {
        "parameters": {
            "alpha": curve.alpha,
            "u_alpha": curve.alpha * math.sqrt(curve.covariance[0, 0]),
            "beta_ml": curve.beta / ml,
            "u_beta_ml": curve.beta / ml * math.sqrt(curve.covariance[1, 1]),
            "covariance_log": curve.covariance.tolist(),
        },
        "chi2": None if known is None else curve.chi2,
        "degrees_of_freedom": curve.degrees_of_freedom,
        "spheres": [
            {"volume_ml": v / ml, "recovery": float(r), "u_recovery": row["u"], **_at(curve, float(v))}
            | {key: row[key] for key in more if key in row}
            for v, r, row in zip(volume, measured, rows, strict=True)
        ],
        "curve": [{"volume_ml": v, **_at(curve, v * ml)} for v in shown],
        "settings": section,
    }


def settings_section(curve: RecoveryCurve) -> str:
    """The curve as the section [recovery_curve] of a settings file."""
    a, b = (math.sqrt(curve.covariance[i, i]) for i in (0, 1))
    correlation = float(curve.covariance[0, 1]) / (a * b) if a * b > 0 else 0.0
    values = {
        "alpha": curve.alpha,
        "beta_ml": curve.beta / ml,
        "u_log_alpha": a,
        "u_log_beta": b,
        "correlation": correlation,
        "smallest_ml": curve.smallest / ml,
        "largest_ml": curve.largest / ml,
    }
    return "\n".join(["[recovery_curve]", *(f"{key} = {value:.6g}" for key, value in values.items()), ""])


def _at(curve: RecoveryCurve, volume: float) -> dict[str, float | None]:
    found, _ = recovery_at(curve, volume)
    return {"fitted": found.value, "u_fitted": found.u}


def _rows(path: Path) -> list[dict[str, Any]]:
    table = read_columns(path, needed=(), known=("volume_ml", "diameter_mm", "recovery", "measured", "true", "u_recovery"))
    found = table.numbers
    size = next((name for name in ("volume_ml", "diameter_mm") if name in found), None)
    if size is None or not ("recovery" in found or {"measured", "true"} <= set(found)):
        raise DataError(
            f"{path.name}: found the columns {', '.join(found)}; it needs volume_ml or diameter_mm, and recovery or measured and "
            "true, and perhaps u_recovery."
        )
    x = np.array(table.filled(size))
    if np.any(x <= 0):
        raise DataError(f"{table.where(int(np.argmin(x)), size)}: it is {x.min():g}; it must be above zero.")
    if "recovery" in found:
        R = np.array(table.filled("recovery"))
    else:
        true = np.array(table.filled("true"))
        if np.any(true <= 0):
            raise DataError(f"{table.where(int(np.argmin(true)), 'true')}: it is {true.min():g}; it must be above zero.")
        R = np.array(table.filled("measured")) / true
    known = found.get("u_recovery", (None,) * x.size)
    for row, each in enumerate(known):
        if each is not None and each <= 0:
            raise DataError(
                f"{table.where(row, 'u_recovery')}: it is {each:g}; it must be above zero. Leave it empty if unknown."
            )
    volume = x if size == "volume_ml" else math.pi / 6 * x**3 / ml
    return [{"volume": float(v), "recovery": float(r), "u": each} for v, r, each in zip(volume, R, known, strict=True)]
