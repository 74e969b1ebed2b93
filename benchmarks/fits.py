"""Speed of curve fits: one region with its uncertainty, a thousand regions, many voxels.

    python benchmarks/fits.py

Times are of this process, after a first fit that loads what is needed; the table goes through the command as a user would.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from hevesy.kinetics import fit
from hevesy.kinetics.models import MODELS
from hevesy.kinetics.sensitivity import integral_sensitivity
from hevesy.kinetics.voxel_fits import voxel_fits
from hevesy.model import TimeActivityCurve
from hevesy.nuclides import load_nuclide
from hevesy.units import MBq, h

DECAY = load_nuclide("Lu-177").decay_constant
FOUR, EIGHT = np.array([4, 24, 72, 168]) * h, np.array([1, 4, 12, 24, 48, 72, 120, 168]) * h
HEVESY = str(Path(sys.executable).with_name("hevesy"))


def curves(t: np.ndarray, n: int, u: float = 0.04) -> list[TimeActivityCurve]:
    """Mono-exponential truth of 30 to 90 h with noise: what regions mostly look like."""
    rng = np.random.default_rng(177)
    made = []
    for i in range(n):
        A = 100 * MBq * 2 ** (-t / (rng.uniform(30, 90) * h)) * (1 + u * rng.standard_normal(t.size))
        made.append(TimeActivityCurve(region=f"region {i}", t=t, A=A, u=u * A))
    return made


def cpu(job: Callable[[], Any]) -> float:
    """CPU seconds, the least of three."""
    times = []
    for _ in range(3):
        since = time.process_time()
        job()
        times.append(time.process_time() - since)
    return min(times)


def with_budget(curve: TimeActivityCurve) -> None:
    """Choice of the model, integral, u, verdict, and what each point does to the integral."""
    integral_sensitivity(fit(curve, decay_constant=DECAY), curve)


def table(regions: list[TimeActivityCurve]) -> float:
    """Wall seconds of `hevesy fit` on a table of the regions."""
    lines = ["region,time_h,activity_MBq,u_MBq"]
    for c in regions:
        lines += [f"{c.region},{t / h},{A / MBq},{u / MBq}" for t, A, u in zip(c.t, c.A, c.u, strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "curves.csv"
        path.write_text("\n".join(lines), "utf-8")
        since = time.perf_counter()
        subprocess.run([HEVESY, "fit", str(path), "--nuclide", "Lu-177", "--json"], stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - since


def voxels(n: int, model: str) -> float:
    """Curves a second of wall time, on as many threads as there are cores."""
    rng = np.random.default_rng(177)

    def truth(t: np.ndarray) -> np.ndarray:
        return 2.0 ** (-t / (60 * h)) + (2.0 ** (-t / (8 * h)) if model == "bi" else 0.0)

    whole = TimeActivityCurve(region="region", t=EIGHT, A=100 * MBq * truth(EIGHT), u=MBq * truth(EIGHT))
    region, shape = fit(whole, decay_constant=DECAY, model=model), truth(FOUR)[:, None]
    values = 1e5 * rng.uniform(0.5, 1.5, n) * shape * (1 + 0.1 * rng.standard_normal((FOUR.size, n)))
    since = time.perf_counter()
    voxel_fits(
        values, FOUR, region=region, noise=0.1 * 1e5 * np.broadcast_to(shape, values.shape), decay_constant=DECAY,
        threads=os.cpu_count() or 1,
    )  # fmt: skip
    return n / (time.perf_counter() - since)


def main() -> None:
    """Measure and print."""
    few, many = curves(FOUR, 100), curves(EIGHT, 100)
    for curve in few[:3]:
        with_budget(curve)
    each = cpu(lambda: [with_budget(curve) for curve in few]) / len(few)
    print(f"one region, four points, model chosen, with its budget     CPU {1e3 * each:6.2f} ms        goal   5 ms")
    chosen = cpu(lambda: [fit(c, decay_constant=DECAY) for c in many]) * 10
    print(f"1,000 regions, eight points, the best of five models       CPU {chosen:6.1f} s         goal  10 s")
    apart = cpu(lambda: [fit(c, decay_constant=DECAY, model=m) for c in many for m in MODELS]) * 10
    print(f"1,000 regions, eight points, five models one by one        CPU {apart:6.1f} s")
    print(f"hevesy fit on that table, with intervals, on all cores    wall {table(curves(EIGHT, 1000)):6.1f} s")
    for model in ("mono", "bi"):
        print(
            f"voxels, {model:4} drawn to the region's shape                {voxels(400_000, model):9,.0f} a second   goal 100,000"
        )


if __name__ == "__main__":
    main()
