"""Simulated spheres in one picture: the plane through them, and recovery by volume with its curve."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.reports.canvas import INK, PNG, QUIET, Canvas, drawable, drawing
from hevesy.reports.palette import COLOURS

HEIGHT, HEAD, SIDE = 88.0, 12.0, 66.0  # mm
SHOWN = 1.5  # of the true concentration: where the grey scale ends


def recovery_plot(
    facts: Mapping[str, Any], values: npt.NDArray[np.float32], spacing: tuple[float, float, float], true: float
) -> bytes:
    """A PNG of what `hevesy recovery --simulate` found.

    Parameters
    ----------
    facts : mapping                     Of the command.
    values : array (z, y, x)            Of one scan; ``true`` is the concentration in the spheres, in the same unit.
    spacing : (x, y, z)                 Voxel sides [mm].
    """
    with drawing():
        canvas = Canvas(HEIGHT)
        canvas.text(0, 0.5, "Recovery of simulated spheres", fontsize=9, fontweight="bold", color=INK)
        canvas.text(0, 5.5, drawable(facts["simulated"]["said"], 130), color=QUIET)
        _plane(canvas, values, spacing, true)
        _curve(canvas, facts)
        return canvas.saved(PNG)


def _plane(canvas: Canvas, values: npt.NDArray[np.float32], spacing: tuple[float, float, float], true: float) -> None:
    """The middle slice, as if looked at from the feet."""
    ax = canvas.axes(0, HEAD, SIDE, SIDE)
    plane = values[values.shape[0] // 2] / true
    x, y = plane.shape[1] * spacing[0] / 2, plane.shape[0] * spacing[1] / 2
    shown = ax.imshow(plane, cmap="gray_r", vmin=0, vmax=SHOWN, extent=(-x, x, y, -y), interpolation="nearest")
    ax.set_xlim(-min(x, 160), min(x, 160))
    ax.set_ylim(min(y, 160), -min(y, 160))
    ax.set_axis_off()
    bar = canvas.figure.colorbar(shown, cax=canvas.axes(4, HEAD + SIDE + 1, SIDE - 8, 2.2), orientation="horizontal")
    bar.ax.set_title("one scan, by the true concentration in the spheres", fontsize=6, pad=-16, color=QUIET)
    bar.outline.set_visible(False)


def _curve(canvas: Canvas, facts: Mapping[str, Any]) -> None:
    ax = canvas.axes(SIDE + 18, HEAD, 92, SIDE - 4)
    rows, p = facts["spheres"], facts["parameters"]
    V = np.array([row["volume_ml"] for row in rows])
    fine = np.geomspace(V.min() / 1.5, V.max() * 1.5, 200)
    recovery = 1 / (1 + (p["beta_ml"] / fine) ** p["alpha"])
    slope = p["alpha"] * recovery * (1 - recovery)
    g = np.stack([slope * np.log(fine / p["beta_ml"]), -slope])
    u = np.sqrt(np.einsum("in,ij,jn->n", g, np.array(p["covariance_log"]), g))
    ax.axhline(1, color=QUIET, linewidth=0.5)
    ax.fill_between(fine, recovery - u, recovery + u, color=COLOURS[0], alpha=0.25, linewidth=0)
    ax.plot(fine, recovery, color=COLOURS[0], linewidth=1.2, label="curve, with its u")
    R = np.array([row["recovery"] for row in rows])
    ax.errorbar(
        V, R, yerr=[row["u_recovery"] for row in rows], fmt="o", color=INK, markersize=3.5, linewidth=0.8,
        label="whole sphere, mean of the scans",
    )  # fmt: skip
    ax.plot(V, [row["core"] for row in rows], "^", color=COLOURS[1], markersize=4, label="inner half of its diameter")
    ax.set_xscale("log")
    ax.set_ylim(0, max(1.1, 1.1 * max(row["core"] for row in rows)))
    ax.set_xlabel("volume of the sphere / ml")
    ax.set_ylabel("image by true concentration")
    ax.set_xticks([0.5, 1, 2, 5, 10, 20, 50, 100], labels=["0.5", "1", "2", "5", "10", "20", "50", "100"])
    ax.minorticks_off()
    ax.set_xlim(fine[0], fine[-1])
    ax.legend(frameon=False, loc="lower right")
