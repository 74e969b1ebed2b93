"""Speed of SPECT reconstruction: OSEM with attenuation, detector response and scatter on 128^3 voxels.

    python benchmarks/spect.py [--threads N] [--size N] [--uncertainty]

128 x 128 x 128 voxels of 4.42 mm, 120 views over 360 degrees at 250 mm, sigma = 0.0232 d + 0.816 mm, attenuation of a
body, an additive scatter term, 5 iterations of 10 subsets; the loops are compiled before. Times count what depends on the
patient too: transmissions, sensitivities, everything between counts and image.
"""

import argparse
import os
import resource
import time

import numpy as np

from hevesy.imaging.projectors import ParallelHole, centred_grid, circular_orbit
from hevesy.imaging.projectors.blurs import SIGMA_PER_FWHM
from hevesy.imaging.reconstruct import osem, osem_course, region_covariance, uncertainty_image

MM, VIEWS, SUBSETS, ITERATIONS = 4.42, 120, 10, 5
# Of one core of the reference machine with 256-bit vectors: measured peaks of the loops' mix and of its memory.
FLOPS, BYTES = 39e9, 28e9


def body(n: int, side: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Activity, attenuation and outline of an elliptic torso with lungs and four hot organs, (z, y, x)."""
    z, y, x = (np.mgrid[:n, :n, :n] - (n - 1) / 2) * side
    outline = ((x / 170) ** 2 + (y / 120) ** 2 < 1) & (np.abs(z) < 260)
    mu = np.where(outline, 0.0154, 0.0).astype(np.float32)
    for cx in (-80, 80):
        mu[((x - cx) / 55) ** 2 + (y / 80) ** 2 + ((z - 120) / 100) ** 2 < 1] = 0.0045
    activity = np.where(outline, 1000.0, 0.0).astype(np.float32)
    for cx, cy, cz, r, c in ((-60, 20, -60, 30, 3e4), (60, 25, -55, 30, 3e4), (-70, -20, 20, 55, 1e4), (80, 10, 20, 28, 2e4)):
        activity[(x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2 < r**2] = c
    return activity, mu, outline


def floor(rows: int, n: int, views: int, threads: int) -> tuple[float, float]:
    """Least time of one view [s] by operations and by bytes: sampling 9, response 18 operations a sample and slice."""
    samples = rows * n
    return samples * 27 / FLOPS / threads, samples * (4 + 2) / BYTES


def uncertainties(engine: ParallelHole, counts: np.ndarray, scatter: np.ndarray, region: np.ndarray) -> None:
    """Time of the recorded reconstruction, of one region's variance, and of an uncertainty image by one comb."""
    jobs = {}
    for name, job in (
        ("recorded reconstruction", lambda: osem_course(
            engine, counts, additive=scatter, iterations=ITERATIONS, subsets=SUBSETS)),
        ("one region", lambda: region_covariance(jobs["recorded reconstruction"], [region])),
        ("one comb of voxels", lambda: uncertainty_image(jobs["recorded reconstruction"], seed=1, combs=1)),
    ):  # fmt: skip
        since, cpu = time.perf_counter(), time.process_time()
        jobs[name] = job()
        print(f"{name}: {time.perf_counter() - since:.2f} s wall, {time.process_time() - cpu:.2f} s CPU")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--uncertainty", action="store_true", help="time one region's uncertainty and one comb of voxels too")
    asked = parser.parse_args()
    n, side = asked.size, MM * 128 / asked.size
    grid = centred_grid((n, n, n), (side, side, side))
    orbit = circular_orbit(VIEWS, radius=250, rows=n, columns=n, pixel=(side, side))
    activity, mu, outline = body(n, side)
    y, x = np.mgrid[:n, :n] - (n - 1) / 2
    circle = x**2 + y**2 < (n / 2) ** 2
    shapes = {"circular field of view": circle, "outline of the body": outline.any(axis=0)}

    def projector(support: np.ndarray) -> ParallelHole:
        return ParallelHole(
            grid, orbit, 1e-4 * 20, fwhm=lambda d: (0.0232 * d + 0.816) / SIGMA_PER_FWHM, mu=mu, support=support,
            threads=asked.threads,
        )  # fmt: skip

    truth = projector(circle)
    rng = np.random.default_rng(1)
    scatter = np.full(truth.out_shape, 0.5, np.float32)
    counts = rng.poisson(np.maximum(truth.forward(activity), 0) + scatter).astype(np.float32)
    osem(truth, counts, additive=scatter, iterations=1, subsets=2)
    del truth
    for name, support in shapes.items():
        since, cpu = time.perf_counter(), time.process_time()
        engine = projector(support)
        built, built_cpu = time.perf_counter() - since, time.process_time() - cpu
        osem(engine, counts, additive=scatter, iterations=ITERATIONS, subsets=SUBSETS)
        wall, spent = time.perf_counter() - since, time.process_time() - cpu
        view_steps = VIEWS * (2 * ITERATIONS + 1)
        by_operations, by_bytes = floor(engine.samples / VIEWS, n, VIEWS, 1)
        print(
            f"{name}: {wall:.2f} s wall, {spent:.2f} s CPU on {asked.threads} threads (of it transmissions and ranges "
            f"{built:.2f} s, {built_cpu:.2f} s CPU); {1e3 * spent / view_steps:.2f} ms CPU a view each way; floor "
            f"{1e3 * by_operations:.2f} ms by operations, {1e3 * by_bytes:.2f} ms by bytes"
        )
        del engine
    print(f"memory, most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")
    if asked.uncertainty:
        uncertainties(projector(shapes["outline of the body"]), counts, scatter, activity > 2e4)


if __name__ == "__main__":
    main()
