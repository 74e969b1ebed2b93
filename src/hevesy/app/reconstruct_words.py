"""What a reconstruction says of itself: lines for people, figures for programs."""

from typing import TYPE_CHECKING, Any

import numpy as np

from hevesy.model import Projections, Quantity
from hevesy.quantify import total_activity
from hevesy.units import MBq, kBq

if TYPE_CHECKING:
    from hevesy.app.reconstruct_images import Made


def lines_of(made: "Made") -> list[tuple[str, str]]:
    """Name and words of each fact; what was not corrected begins with "not"."""
    job, one = made.jobs[0], made.computed[0]
    p, figures = job.raw.projections, figures_of(made)
    ct = job.anatomy
    shape, spacing = made.image.grid.shape[::-1], made.image.grid.spacing
    lines = [
        ("acquired", ", ".join(_when(j.raw.start) for j in made.jobs)),
        ("scanner", job.detector.said),
        (
            "views",
            f"{p.views} by {job.raw.heads} detectors, {job.raw.view_duration:g} s each, {np.mean(p.radii):.0f} mm from the axis",
        ),
        (
            "photopeaks, together" if job.further else "photopeak",
            ", ".join(f"{each.peak.name}: {each.peak.lower:g} to {each.peak.upper:g} keV" for each in job.peaks)
            + f"; {figures['counts']:.4g} counts",
        ),
        ("method", one.method + (f", smoothed by {job.protocol.reconstruction.smoothing_mm:g} mm" if _smooth(made) else "")),
        ("attenuation", f"by the CT {ct.ct.label}, at {_energies(made)} keV" if ct else "not corrected"),
        ("scatter", _scatter(made)),
        ("response of the detector", "modelled" if job.protocol.reconstruction.response else "not modelled"),
        ("decay", "to the start of the acquisition"),
        ("dead time", "by the camera" if "DTIM" in job.raw.corrections else "not corrected"),
        ("sensitivity of a head", _sensitivity(made)),
        ("voxels", f"{' x '.join(str(n) for n in shape)} of {' x '.join(f'{s:.4g}' for s in spacing)} mm"),
    ]
    if made.image.quantity is Quantity.ACTIVITY_CONCENTRATION:
        lines.append(("activity in view", f"{figures['activity_MBq']:.5g} MBq at the start"))
        lines.append(("largest voxel", f"{figures['max']:.4g} kBq/ml" + _u_of_max(figures)))
    else:
        lines.append(("sum", f"{figures['sum']:.5g} counts, as without attenuation"))
    lines.append(
        ("counts explained", f"{figures['fitted_by_measured']:.4f} of those measured; {figures['chi_square']:.2f} by pixel")
    )
    return lines


def _energies(made: "Made") -> str:
    return " and ".join(f"{1000 * each.energy:.1f}" for each in made.jobs[0].peaks)


def _when(start: Any) -> str:
    return f"{start:%Y-%m-%d %H:%M:%S}" if start is not None else "time not known"


def _smooth(made: "Made") -> bool:
    return made.jobs[0].protocol.reconstruction.smoothing_mm > 0


def _scatter(made: "Made") -> str:
    one = made.computed[0]
    if one.scatter_fraction is None:
        return "not corrected"
    peaks = made.jobs[0].peaks
    names = ", ".join(name for each in peaks for name in each.scatter_windows)
    ways = [f"by the windows {names}"] if names else []
    if any(each.models_scatter for each in peaks):
        ways.append("with penetration, by a model of image, body and collimator")
    how = " and ".join(ways)
    return f"{100 * one.scatter_fraction:.1f} % of the photopeak's counts, {how}"


def _sensitivity(made: "Made") -> str:
    first, found = made.jobs[0].detector, [each.detector.sensitivity for each in made.jobs[0].peaks]
    said = []
    for sensitivity in found:
        if sensitivity is None:
            return first.source
        u = "" if sensitivity.u is None else f" ± {100 * (sensitivity.relative or 0):.2g} %"
        said.append(f"{sensitivity.value * MBq:.4g} cps/MBq{u}")
    return f"{' and '.join(said)}, {first.source}"


def _u_of_max(figures: dict[str, Any]) -> str:
    u = figures["u_max"]
    return "" if u is None else f" ± {u:.2g} by noise"


def figures_of(made: "Made") -> dict[str, Any]:
    """Numbers, with the unit in the key where it is not that of the image (kBq/ml or counts)."""
    job, one = made.jobs[0], made.computed[0]
    measured = [j.counted.astype(np.float64) for j in made.jobs]
    fitted = [c.fitted.astype(np.float64) for c in made.computed]
    counts, said = (sum(float(each.sum()) for each in kind) for kind in (measured, fitted))
    activity = made.image.quantity is Quantity.ACTIVITY_CONCENTRATION
    unit = kBq if activity else 1.0
    at = np.unravel_index(int(np.argmax(made.image.values)), made.image.grid.shape)
    sensitivity = None if job.further else job.detector.sensitivity
    return {
        "quantity": "kBq/ml" if activity else "counts",
        "nuclide": job.nuclide.name,
        "half_life_s": job.nuclide.half_life,
        "start": None if job.raw.start is None else job.raw.start.isoformat(),
        "energy_keV": None if job.further else 1000 * job.energy,
        "photopeaks": [_peak_figures(made, n) for n in range(len(job.peaks))],
        "counts": counts,
        "fitted_by_measured": said / counts if counts else 1.0,
        "chi_square": _chi_square(measured, fitted),
        "scatter_fraction": one.scatter_fraction,
        "activity_MBq": total_activity(made.image) / MBq if activity else None,
        "sum": float(made.image.values.sum(dtype=np.float64)) / unit,
        "max": float(made.image.values[at]) / unit,
        "u_max": None if made.u is None else float(made.u.values[at]) / unit,
        "sensitivity_cps_per_MBq": None if sensitivity is None else sensitivity.value * MBq,
        "u_sensitivity_cps_per_MBq": None if sensitivity is None or sensitivity.u is None else sensitivity.u * MBq,
        "corrections": list(one.corrections),
        "shape_zyx": list(made.image.grid.shape),
        "spacing_mm": [round(side, 6) for side in made.image.grid.spacing],
        "beds": len(made.jobs),
        "gate": job.raw.projections.gate,
    }


def _peak_figures(made: "Made", number: int) -> dict[str, Any]:
    """Of one photopeak, all bed positions together."""
    own = [job.peaks[number] for job in made.jobs]
    sensitivity = own[0].detector.sensitivity
    return {
        "window": own[0].peak.name,
        "lower_keV": own[0].peak.lower,
        "upper_keV": own[0].peak.upper,
        "energy_keV": 1000 * own[0].energy,
        "counts": sum(float(each.raw.projections.window(each.peak.name).sum(dtype=np.float64)) for each in own),
        "scatter_windows": list(own[0].scatter_windows),
        "sensitivity_cps_per_MBq": None if sensitivity is None else sensitivity.value * MBq,
        "u_sensitivity_cps_per_MBq": None if sensitivity is None or sensitivity.u is None else sensitivity.u * MBq,
    }


def decay_left(projections: Projections, decay_constant: float) -> float:
    """Mean share of the activity at the start that was there while the views were counted [1].

    sum_v integral_v exp(-lam t) dt / sum_v T_v
    """
    lam, T = decay_constant, projections.durations
    if lam == 0:
        return 1.0
    return float(np.sum(np.exp(-lam * projections.starts) * -np.expm1(-lam * T)) / (lam * np.sum(T)))


def _chi_square(measured: list[Any], fitted: list[Any]) -> float:
    """Mean squared difference by expected counts, over pixels where at least one count is expected; near 1 if it fits."""
    parts = [((m - f) ** 2 / np.maximum(f, 1e-9))[f >= 1] for m, f in zip(measured, fitted, strict=True)]
    seen = np.concatenate(parts)
    return float(seen.mean()) if seen.size else 0.0
