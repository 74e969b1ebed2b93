"""Speed of the PET models: rebinned OSEM of a long scanner, list-mode projectors, scatter, the analytic layer.

    python benchmarks/pet.py [--small]

Times are of this process after a first small run that loads or compiles the loops. The floor of the rebinned step counts
multiply-adds: per sample of a line 2 to interpolate and the bins within 3 sigma, forward and back.
"""

import argparse
import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from hevesy.imaging.pet import (
    LIVER,
    Cylinder,
    Detection,
    Field,
    LineSet,
    RebinnedModel,
    Rings,
    noise_model,
    poisson,
    rebinned_osem,
    single_scatter,
    trunk_of,
)
from hevesy.imaging.pet.lines import integrals, neighbours_first, spread_back
from hevesy.imaging.systems import pet_scanner
from hevesy.rng import stream

LONG = Cylinder(diameter=820.0, length=1060.0, acceptance=1060.0, stopping=1.7)


def timed(what: str, job: Callable[[], Any], note: str = "") -> Any:
    """Run, print wall and CPU seconds and peak memory."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = job()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"{what:64} wall {wall:7.3f} s  CPU {cpu:7.3f} s  {peak:5.0f} MB  {note}", flush=True)
    return found, wall, cpu


def trunk(field: Field) -> np.ndarray:
    """Attenuation of an elliptic trunk of 40 x 26 cm (z, y, x) [1/mm]."""
    x, y, z = field.centres()
    return (((x / 200) ** 2 + (y[:, None] / 130) ** 2 < 1) * np.ones(z.size, bool)[:, None, None]).astype(
        np.float32
    ) * np.float32(0.0096)


def rebinned(n: int, planes: int, views: int) -> None:
    """3 x 8 OSEM with time of flight."""
    field = Field(shape=(n, n, planes), side=600 / n, thickness=4.0)
    mu = trunk(field)
    name = f"rebinned, {n} x {n} x {planes}, {views} azimuths"

    def made() -> RebinnedModel:
        return RebinnedModel(field, LONG, tof_fwhm=228.0, views=views, mu=mu, resolution=(4.0, 4.0), gain=10.0)

    model, _, _ = timed(f"{name}: lines and attenuation", made)
    expected, _, _ = timed("  forward, all azimuths", lambda: model.forward(mu * 1e5))
    timed("  adjoint, all azimuths", lambda: model.adjoint(expected))
    counts = np.concatenate([poisson(expected[v : v + 1], seed=1, batch=v) for v in range(views)])
    spans = model.lines.spans
    samples = float(np.maximum(spans[..., 5] - spans[..., 4], 0).sum()) * 0.9 * planes
    bins = model.lines.kernel.size / 32 / float(spans[0, 0, 1])
    flop = 2 * 2 * samples * (2 + bins) * 3
    timed("  OSEM, 3 iterations x 8 subsets", lambda: rebinned_osem(model, counts), f"{flop / 1e9:.0f} GFLOP of projection")


def events(number: int, tof: float) -> None:
    """List-mode lines of a long scanner, both ways."""
    field = Field(shape=(150, 150, 265), side=4.0, thickness=4.0)
    rng = stream(1, 0)
    lines = some_lines(number, tof, rng)
    (order, sort, _) = timed(f"{number / 1e6:g} M events at {tof:g} ps: order", lambda: neighbours_first(lines))
    lines = lines.some(order)
    image = rng.random(field.shape, dtype=np.float32)
    values, _, cpu = timed("  forward", lambda: integrals(field, image, lines))
    print(f"    {number / cpu / 1e6:.2f} M events per CPU s")
    _, _, cpu = timed("  back", lambda: spread_back(field, values, lines))
    print(f"    {number / cpu / 1e6:.2f} M events per CPU s")


def some_lines(n: int, tof: float, rng: np.random.Generator) -> LineSet:
    """Lines through a cylinder of 30 cm in a scanner of 106 cm, with oblique ones to 37 degrees."""
    r, a = 150 * np.sqrt(rng.random(n)), 2 * np.pi * rng.random(n)
    point = np.stack([r * np.cos(a), r * np.sin(a), (rng.random(n) - 0.5) * 1000], axis=1)
    phi, cosine = 2 * np.pi * rng.random(n), (2 * rng.random(n) - 1) * 0.6
    sine = np.sqrt(1 - cosine**2)
    way = np.stack([sine * np.cos(phi), sine * np.sin(phi), cosine], axis=1)
    b = np.sum(point[:, :2] * way[:, :2], axis=1) / sine**2
    root = np.sqrt(b**2 - (r**2 - 410**2) / sine**2)
    ends = np.hstack([point + way * (-b - root)[:, None], point + way * (-b + root)[:, None]])
    offset = np.zeros(0) if tof == 0 else b + rng.normal(0, tof * 0.0637, n)
    return LineSet(ends=ends, offset=offset, tof_fwhm=tof)


def scatter() -> None:
    """Single scatter of a trunk on a scanner of 26 cm with time of flight."""
    field = Field(shape=(60, 60, 32), side=10.0, thickness=8.0)
    rings = Rings(radius=410.0, per_ring=380, rings=40, pitch=6.58, most_rings_apart=39, stopping=1.7)
    detection = Detection(
        rings=rings,
        stopping=1.7,
        pair_efficiency=0.3,
        window=(0.435, 0.585),
        energy_fwhm=0.1,
        tof_fwhm=214.0,
        resolution=(4.0, 4.0),
    )
    mu = trunk(field)
    timed(
        "single scatter, 26 cm, 32 x 5 coarse detectors, time of flight", lambda: single_scatter(field, mu * 1e5, mu, detection)
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Speed of the PET models.")
    parser.add_argument("--small", action="store_true", help="small sizes only: what loads and compiles the loops")
    options = parser.parse_args()
    timed(
        "first run, loads or compiles the loops", lambda: (rebinned(24, 12, 8), events(1000, 228.0), events(1000, 0.0), scatter())
    )
    if not options.small:
        print()
        rebinned(150, 265, 48)
        for tof in (228.0, 550.0):
            events(1_000_000, tof)
        scatter()
    scanner = pet_scanner("siemens-quadra")
    timed("noise in closed form, one body", lambda: noise_model(scanner, trunk_of(75), filter_fwhm=6.0, updates=24, place=LIVER))


if __name__ == "__main__":
    main()
