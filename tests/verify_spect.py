"""The SPECT projector and OSEM beside other programs on one model: PyTomography, scikit-image, ASTRA and a matrix of rays.

No random numbers decide these comparisons.  The uncertainty in a row is that of a goal taken as a rectangular
distribution, goal / sqrt(3): |z| below 1.7 is within the goal.
"""

import importlib
import importlib.util
import sys
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from hevesy.imaging.projectors import Orbit, ParallelHole, centred_grid, circular_orbit
from hevesy.imaging.projectors.blurs import SIGMA_PER_FWHM
from hevesy.imaging.reconstruct import osem, subsets_of

RADIUS, SLOPE, INTRINSIC, WATER = 250.0, 0.0232, 0.816, 0.0154  # mm, 1, mm, 1/mm
ITERATIONS, SUBSETS = 5, 10
PROJECTIONS, ORGANS, INDEPENDENT = 0.003, 0.001, 0.01  # goals

Row = dict[str, Any]


class Missing(Exception):
    """A program to compare with is not installed."""


def need(*names: str) -> list[Any]:
    """The modules, or Missing."""
    try:
        return [importlib.import_module(name) for name in names]
    except ImportError as error:
        raise Missing(f"{error.name or names[0]} cannot be imported here") from error


def versions(*names: str) -> str:
    """Which versions were compared, for the page."""
    found = []
    for name in names:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(name)
    return ", ".join(found)


def held(what: str, ours: float, theirs: float, goal: float) -> Row:
    """Two values that should agree within ``goal``."""
    return {
        "what": what, "ours": float(ours), "u": goal / 3**0.5, "theirs": float(theirs), "their_u": 0.0,
        "difference": float(ours / theirs - 1),
    }  # fmt: skip


def apart(what: str, distance: float, goal: float) -> Row:
    """A relative distance that should be under ``goal``."""
    return held(what, 1 + distance, 1, goal)


def _file(name: str, path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Model:
    """One body, one orbit: our projector and PyTomography's on it.

    Its x, y, z are ours; its angles begin on the other side and its rows run from feet to head.  Its subset k holds
    every n-th view from k on, so that it is given the views in the order of our subsets.
    """

    def __init__(self, n: int, side: float, views: int, *, mu: Any = None, widen: float = 1.0) -> None:
        """``widen`` multiplies the response's width; 0: no response."""
        self.n, self.side, self.slope, self.intrinsic = n, side, SLOPE * widen, INTRINSIC * widen
        orbit = circular_orbit(views, radius=RADIUS, rows=n, columns=n, pixel=(side, side))
        order = np.array(subsets_of(views, min(SUBSETS, views))).T.ravel()
        self.orbit = Orbit(
            angles=orbit.angles[order], radii=orbit.radii, shifts=orbit.shifts, rows=n, columns=n, pixel=(side, side)
        )
        self.back = np.argsort(order)  # from the order of subsets to that of angles
        self.order = order
        self.mu, self.response = mu, widen > 0

    def sigma(self, distance: Any) -> Any:
        """Standard deviation of the response [mm] at ``distance`` [mm]."""
        return self.slope * distance + self.intrinsic

    def fwhm(self, distance: Any) -> Any:
        """Its full width at half maximum [mm]."""
        return self.sigma(distance) / SIGMA_PER_FWHM

    def ours(self, *, turned: bool = False) -> ParallelHole:
        """Counts are sums of voxel values, as PyTomography has it; ``turned``: views in the order of angles."""
        views, at = self.orbit.views, self.orbit.angles[self.back if turned else slice(None)]
        orbit = Orbit(
            angles=at, radii=np.full(views, RADIUS), shifts=np.zeros(views), rows=self.n, columns=self.n,
            pixel=(self.side, self.side),
        )  # fmt: skip
        grid = centred_grid((self.n,) * 3, (self.side,) * 3)
        return ParallelHole(grid, orbit, 1000 / self.side**3, fwhm=self.fwhm if self.response else None, mu=self.mu)

    def theirs(self) -> Any:
        torch, meta, projectors, transforms = need(
            "torch", "pytomography.metadata.SPECT", "pytomography.projectors.SPECT", "pytomography.transforms.SPECT"
        )
        cm = self.side / 10
        steps = []
        if self.mu is not None:
            steps.append(transforms.SPECTAttenuationTransform(torch.tensor(np.ascontiguousarray(self.mu.T) * 10)))
        if self.response:
            steps.append(transforms.SPECTPSFTransform(meta.SPECTPSFMeta((self.slope, self.intrinsic / 10), min_sigmas=4)))
        views = self.orbit.views
        return projectors.SPECTSystemMatrix(
            steps, [], meta.SPECTObjectMeta([cm] * 3, [self.n] * 3),
            meta.SPECTProjMeta((self.n, self.n), [cm] * 2, self.orbit.angles + 180, np.full(views, RADIUS / 10)),
        )  # fmt: skip

    def their_counts(self, image: Any) -> Any:
        (torch,) = need("torch")
        return self.theirs().forward(torch.tensor(np.ascontiguousarray(image.T))).numpy()[:, :, ::-1].transpose(0, 2, 1)


def _compared(name: str, ours: Any, theirs: Any) -> Iterator[Row]:
    yield held(f"{name}: total counts", ours.sum(dtype=float), theirs.sum(dtype=float), PROJECTIONS)
    a, b = (counts.sum(axis=(1, 2), dtype=float) for counts in (ours, theirs))
    worst = int(np.argmax(np.abs(a / b - 1)))
    yield held(f"{name}: the view that differs most", a[worst], b[worst], PROJECTIONS)
    a, b = (counts.sum(axis=1, dtype=float) for counts in (ours, theirs))
    yield apart(f"{name}: profiles across, mean distance", np.abs(a - b).sum() / b.sum(), PROJECTIONS)
    yield apart(
        f"{name}: all pixels, norm of the difference", np.linalg.norm(ours - theirs) / np.linalg.norm(theirs), INDEPENDENT
    )


def _reconstructed(model: Model, counts: Any, scatter: Any) -> tuple[Any, Any, float, float, float, float]:
    """Both images from the same counts, and CPU and wall seconds of each."""
    torch, likelihoods, algorithms = need("torch", "pytomography.likelihoods", "pytomography.algorithms")

    def as_theirs(counts: Any) -> Any:
        return torch.tensor(np.ascontiguousarray(counts.transpose(0, 2, 1)[:, :, ::-1], dtype=np.float32))

    cpu, wall = time.process_time(), time.perf_counter()
    # Our subsets take every n-th view in another order; in the order of angles they are PyTomography's of the reordered views.
    image = osem(
        model.ours(turned=True), counts[model.back], additive=scatter[model.back], iterations=ITERATIONS, subsets=SUBSETS,
        start=np.ones((model.n,) * 3, np.float32),
    )  # fmt: skip
    cpu_ours, wall_ours = time.process_time() - cpu, time.perf_counter() - wall
    cpu, wall = time.process_time(), time.perf_counter()
    likelihood = likelihoods.PoissonLogLikelihood(model.theirs(), as_theirs(counts), additive_term=as_theirs(scatter))
    other = algorithms.OSEM(likelihood)(n_iters=ITERATIONS, n_subsets=SUBSETS).numpy().T
    return image, other, cpu_ours, wall_ours, time.process_time() - cpu, time.perf_counter() - wall


def _organs(activity: Any, mu: Any) -> dict[str, Any]:
    """Regions of the body of benchmarks/spect.py."""
    x = np.arange(activity.shape[2])
    left, right = x >= x.size / 2, x < x.size / 2
    return {
        "liver": activity == 1e4, "spleen": activity == 2e4, "left kidney": (activity == 3e4) & left,
        "right kidney": (activity == 3e4) & right, "lungs": (mu > 0) & (mu < 0.01), "body": mu > 0,
    }  # fmt: skip


def pytomography() -> Iterator[Row]:
    """SPECT projector and reconstruction against PyTomography."""
    (torch,) = need("torch", "pytomography.algorithms")[:1]
    torch.manual_seed(1)
    spect = _file("benchmark_spect", Path(__file__).parent.parent / "benchmarks" / "spect.py")
    notes = [versions("pytomography", "torch", "numpy") + "."]
    yield from _widths()
    # With an odd number of voxels both sample at the same points, with an even one half a voxel apart in depth.
    activity, mu, _ = spect.body(63, 8.84)
    for what, model in (
        ("geometry alone", Model(63, 8.84, 20, widen=0)),
        ("attenuation", Model(63, 8.84, 20, mu=mu, widen=0)),
        ("response", Model(63, 8.84, 20, widen=2)),  # as wide in pixels as on the finer grid
    ):
        yield from _compared(f"63^3, {what}", model.ours().forward(activity), model.their_counts(activity))
    yield from _whole(Model(63, 8.84, 60, mu=mu, widen=2), activity, 0.0, notes)
    activity, mu, _ = spect.body(64, 8.84)
    yield from _whole(Model(64, 8.84, 60, mu=mu, widen=2), activity, 4.0, notes)
    activity, mu, _ = spect.body(128, 4.42)
    model = Model(128, 4.42, 20, mu=mu)
    yield from _compared("128^3, attenuation and response", *(_timed(model, activity, notes)))
    yield {"note": " ".join(notes)}


def pytomography_128() -> Iterator[Row]:
    """SPECT reconstruction of 128^3 voxels and 120 views with scatter against PyTomography."""
    need("torch", "pytomography.algorithms")
    spect = _file("benchmark_spect", Path(__file__).parent.parent / "benchmarks" / "spect.py")
    activity, mu, _ = spect.body(128, 4.42)
    notes = [versions("pytomography", "torch", "numpy") + "."]
    yield from _whole(Model(128, 4.42, 120, mu=mu), activity, 4.0, notes)
    yield {"note": " ".join(notes)}


def _whole(model: Model, activity: Any, additive: float, notes: list[str]) -> Iterator[Row]:
    """Projections with everything in them, and organ means of both reconstructions."""
    name = f"{model.n}^3, {model.orbit.views} views"
    truth = model.ours().forward(activity)
    yield from _compared(f"{model.n}^3, attenuation and response", truth, model.their_counts(activity))
    scale = 40 * truth.size / truth.sum(dtype=float)  # mean counts a pixel
    scatter = np.full(truth.shape, additive, np.float32)
    counts = np.random.default_rng(1).poisson(np.maximum(truth, 0) * scale + scatter).astype(np.float32)
    a, b, *times = _reconstructed(model, counts, scatter)
    with_scatter = "with" if additive else "without"
    for organ, region in _organs(activity, model.mu).items():
        ours, theirs = (image[region].mean(dtype=float) for image in (a, b))
        yield held(f"{model.n}^3, OSEM {ITERATIONS} x {SUBSETS} {with_scatter} scatter: {organ}", ours, theirs, ORGANS)
    notes.append(f"OSEM of {name}: ours {{:.1f}} s CPU, {{:.1f}} s wall; theirs {{:.0f}} s CPU, {{:.0f}} s wall.".format(*times))


def _timed(model: Model, activity: Any, notes: list[str]) -> tuple[Any, Any]:
    """Counts by both, each after a first call, and the time they took."""
    (torch,) = need("torch")
    ours, theirs = model.ours(), model.theirs()
    image = torch.tensor(np.ascontiguousarray(activity.T))
    ours.forward(activity, np.arange(1))
    cpu = time.process_time()
    counts = ours.forward(activity)
    between = time.process_time()
    other = theirs.forward(image).numpy()[:, :, ::-1].transpose(0, 2, 1)
    end = time.process_time()
    views = model.orbit.views
    notes.append(
        f"Forward projection of {model.n}^3: ours {1e3 * (between - cpu) / views:.1f} ms CPU a view (transmissions made "
        f"before), theirs {1e3 * (end - between) / views:.0f} ms."
    )
    return counts, other


def _widths() -> Iterator[Row]:
    """Variance that the response adds to a blob in air at 180 mm, seen along an axis, where turning adds nothing."""
    for n, side in ((63, 8.84), (127, 4.42)):
        model = Model(n, side, 1)
        y, x = (np.mgrid[:n, :n] - (n - 1) / 2) * side
        image = np.zeros((n,) * 3, np.float32)
        row = int(np.argmin(np.abs(y[:, 0] - 70)))  # the detector is behind the back
        image[:, row] = np.exp(-(x[0] ** 2) / (2 * 20.0**2))
        added = []
        for counts in (model.ours().forward(image)[0, n // 2], model.their_counts(image)[0, n // 2]):
            before, after = (float((p * x[0] ** 2).sum() / p.sum()) for p in (image[0, row], counts))
            added.append(after - before)
        true = float(model.sigma(RADIUS - y[row, 0])) ** 2
        for who, value in zip(("ours", "PyTomography's"), added, strict=True):
            yield held(f"response of {true**0.5 / side:.2f} pixels, its variance by closed form: {who}", value, true, INDEPENDENT)


def independent() -> Iterator[Row]:
    """SPECT projector against scikit-image, ASTRA and a matrix of rays."""
    rays = _file("spect_yardsticks", Path(__file__).parent / "imaging" / "projectors" / "test_yardsticks.py")
    notes = []
    for what, ours, theirs in rays.against_rays():
        yield held(f"matrix of rays, {what}: total", ours.sum(), theirs.sum(), INDEPENDENT)
        yield apart(
            f"matrix of rays, {what}: largest distance of a pixel", np.abs(ours - theirs).max() / theirs.max(), INDEPENDENT
        )
    for name, made in (("scikit-image", rays.by_scikit_image), ("ASTRA", rays.by_astra)):
        module, package = {"scikit-image": ("skimage", "scikit-image"), "ASTRA": ("astra", "astra-toolbox")}[name]
        try:
            need(module)
        except Missing as missing:
            notes.append(f"{name} was left out: {missing}.")
            continue
        f, theta = rays.bare_slice()
        ours, theirs = rays.ours_without_attenuation(f, theta), made(f, theta)
        yield held(f"{name}, no attenuation: total", ours.sum(), theirs.sum(), INDEPENDENT)
        yield apart(f"{name}: largest distance of a pixel", np.abs(ours - theirs).max() / theirs.max(), INDEPENDENT)
        notes.append(versions(package) + ".")
    yield {"note": " ".join(notes)}


PARTS = {"spect": independent, "pytomography": pytomography, "pytomography_128": pytomography_128}
