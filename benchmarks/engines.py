"""Speed, memory and statistical efficiency of the dose engines; each job in a process of its own.

    python benchmarks/engines.py [--record] [JOB ...]

CPU and wall time are those of the calculation: loading the machine code of the loops, and compiling it the first time, is
measured apart. The phantoms are made here.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

PROJECT = Path(__file__).parents[1]
RECORD = PROJECT / "docs" / "data" / "engines.json"
SIDE = 4.8  # mm

# What a respected general-purpose code needs on one core of the same machine for the kidney: CPU seconds, relative u.
GENERAL = {"Lu-177": (49.0, 0.00084), "I-131": (39.0, 0.0012), "Y-90": (37.0, 0.00145)}
FRACTION = {"Lu-177": 100, "I-131": 100, "Y-90": 10}


def image(values: np.ndarray, kind: str) -> Any:
    from hevesy.model import Grid, Image, Quantity

    grid = Grid(shape=values.shape, affine=np.diag([SIDE, SIDE, SIDE, 1.0]))
    quantity = Quantity.DENSITY if kind == "density" else Quantity.TIME_INTEGRATED_ACTIVITY_CONCENTRATION
    return Image(values=values.astype(np.float32), grid=grid, quantity=quantity)


def ellipsoid(shape: tuple[int, ...], centre: tuple[float, ...], radii: tuple[float, ...]) -> np.ndarray:
    """Voxels of an ellipsoid; centre as share of the box, radii in mm."""
    axes = np.meshgrid(*(np.arange(n) + 0.5 for n in shape), indexing="ij")
    parts = [((x / n - c) * n * SIDE / r) ** 2 for x, n, c, r in zip(axes, shape, centre, radii, strict=True)]
    return np.sum(parts, axis=0) <= 1


def kidney() -> tuple[Any, Any, dict[str, np.ndarray]]:
    """48 x 40 x 40 voxels of soft tissue: 112 ml with concentration 1 in a background of 0.02."""
    shape = (40, 40, 48)
    mask = ellipsoid(shape, (0.5, 0.5, 0.35), (47.0, 26.0, 21.9))
    return image(np.where(mask, 1e6, 2e4), "tia"), image(np.full(shape, 1.04), "density"), {"kidney": mask}


def patient(n: int = 128) -> tuple[Any, Any, dict[str, np.ndarray]]:
    """A trunk with organs, lungs, spine and lesions in n^3 voxels of 4.8 mm; the same shares of the box for any n."""
    shape, scale = (n, n, n), n / 128
    body = ellipsoid(shape, (0.5, 0.5, 0.5), (400 * scale, 130 * scale, 190 * scale))
    density, tia = np.where(body, 1.04, 0.0012), np.where(body, 2e4, 0.0)
    organs = {
        "liver": ((0.45, 0.47, 0.38), (80, 75, 85), 1.05, 3e5),
        "spleen": ((0.45, 0.55, 0.66), (50, 30, 25), 1.05, 6e5),
        "kidney left": ((0.36, 0.58, 0.60), (50, 26, 24), 1.05, 1e6),
        "kidney right": ((0.35, 0.58, 0.40), (50, 26, 24), 1.05, 1e6),
        "bladder": ((0.14, 0.46, 0.5), (35, 35, 35), 1.02, 2e5),
        "lung left": ((0.70, 0.5, 0.62), (110, 70, 50), 0.26, 2e4),
        "lung right": ((0.70, 0.5, 0.38), (110, 70, 50), 0.26, 2e4),
        "spine": ((0.5, 0.63, 0.5), (330, 18, 18), 1.4, 5e4),
        "lesion": ((0.47, 0.45, 0.34), (14, 14, 14), 1.05, 3e6),
    }
    masks = {}
    for name, (centre, radii, rho, activity) in organs.items():
        mask = ellipsoid(shape, centre, tuple(r * scale for r in radii))
        density[mask], tia[mask] = rho, activity
        masks[name] = mask
    masks = {name: mask & (tia == organs[name][3]) for name, mask in masks.items()}
    return image(tia, "tia"), image(density, "density"), masks


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    found = work()
    return found, time.process_time() - cpu, time.perf_counter() - wall


def montecarlo(
    nuclide: str, make: Callable[[], Any], uncertainty: float, threads: int, *, least_ml: float = 0.0
) -> dict[str, Any]:
    from hevesy.dose import EngineSettings, engine
    from hevesy.nuclides import load_nuclide

    tia, density, masks = make()
    small = image(np.full((3, 3, 3), 1e3), "tia"), image(np.ones((3, 3, 3)), "density")
    warm = engine("montecarlo", EngineSettings(uncertainty=0.5))
    _, _, compile_s = timed(lambda: warm.absorbed_dose(*small, load_nuclide(nuclide)))
    wanted = {name: m for name, m in masks.items() if m.sum() * SIDE**3 / 1000 >= least_ml}
    settings = EngineSettings(uncertainty=uncertainty, threads=threads)
    run = engine("montecarlo", settings)
    made, cpu, wall = timed(lambda: run.absorbed_dose(tia, density, load_nuclide(nuclide), regions=list(wanted.values())))
    u = max(made.region_u)
    return {
        "cpu_s": cpu, "wall_s": wall, "compile_s": compile_s, "histories": made.ensemble.histories, "u": u,
        "efficiency": 1 / (u**2 * cpu), "voxels": int(np.prod(tia.values.shape)),
    }  # fmt: skip


def kernel(shape: tuple[int, int, int]) -> dict[str, Any]:
    from hevesy.dose import engine
    from hevesy.nuclides import load_nuclide

    rng = np.random.default_rng(1)
    tia, density = image(rng.random(shape) * 1e6, "tia"), image(np.full(shape, 1.04), "density")
    run = engine("kernel")
    # The kernel itself is made on first use and kept; the convolution is what is done again for each patient.
    _, _, first = timed(
        lambda: run.absorbed_dose(*(image(np.ones((3, 3, 3)), k) for k in ("tia", "density")), load_nuclide("Lu-177"))
    )
    _, cpu, wall = timed(lambda: run.absorbed_dose(tia, density, load_nuclide("Lu-177")))
    return {"cpu_s": cpu, "wall_s": wall, "compile_s": first, "voxels": int(np.prod(shape))}


def _jobs() -> dict[str, tuple[str, Callable[[], dict[str, Any]]]]:
    """What there is to measure by name: what it is with its goal, and the work."""
    jobs: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {}
    for n, (s, u) in GENERAL.items():
        goal = f"1/{FRACTION[n]} of {s:g} s is {s / FRACTION[n]:.2g} s CPU"
        jobs[f"kidney-{n}"] = (f"{n}, kidney of 112 ml to {100 * u:g} %: {goal}", partial(montecarlo, n, kidney, u, 1))
    whole = partial(montecarlo, "Lu-177", patient, 0.005, 2, least_ml=50)
    jobs["patient"] = ("Lu-177, 128^3, organs above 50 ml to 0.5 %: 30 s wall", whole)
    for n in (48, 64, 96, 128, 160):
        grown = partial(montecarlo, "Lu-177", partial(patient, n), 0.005, 2, least_ml=0.1)
        jobs[f"voxels-{n}"] = (f"Lu-177, {n}^3, body and organs grown with the box, 0.5 %", grown)
    for u in (0.01, 0.005, 0.0025, 0.00125):
        finer = partial(montecarlo, "I-131", partial(patient, 64), u, 2, least_ml=1)
        jobs[f"u-{100 * u:g}%"] = (f"I-131, 64^3, organs to {100 * u:g} %", finer)
    jobs["kernel-128"] = ("kernel, 128^3: 1 s wall", partial(kernel, (128, 128, 128)))
    jobs["kernel-256"] = ("kernel, 256 x 256 x 200: 5 s wall, 2 GB", partial(kernel, (200, 256, 256)))
    return jobs


JOBS = _jobs()


def measured(name: str) -> dict[str, Any]:
    """Run a job in a process of its own."""
    process = subprocess.Popen([sys.executable, __file__, "--job", name], stdout=subprocess.PIPE, text=True)
    printed = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{name} failed.")
    return {"name": name, "what": JOBS[name][0], **json.loads(printed), "peak_MB": usage.ru_maxrss * 1024 / 1e6}


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description="Speed, memory and efficiency of the dose engines.")
    parser.add_argument("names", nargs="*", metavar="JOB", help=f"of {', '.join(JOBS)}")
    parser.add_argument("--job", help=argparse.SUPPRESS)
    parser.add_argument("--record", action="store_true", help="write the table of the documentation's page too")
    options = parser.parse_args()
    if options.job:
        print(json.dumps(JOBS[options.job][1]()))
        return
    rows = []
    for name in options.names or JOBS:
        row = measured(name)
        rows.append(row)
        u = f"u {100 * row['u']:.3f} %, {row['histories']:.2g} histories" if "u" in row else ""
        print(f"{row['what']:78} CPU {row['cpu_s']:6.2f} s  wall {row['wall_s']:6.2f} s  compile {row['compile_s']:5.1f} s  "
              f"{row['peak_MB']:5.0f} MB  {u}", flush=True)  # fmt: skip
    if options.record:
        RECORD.write_text(json.dumps({"measured": rows}, indent=1) + "\n", "utf-8")
        print(f"wrote {RECORD.relative_to(PROJECT)}")


if __name__ == "__main__":
    main()
