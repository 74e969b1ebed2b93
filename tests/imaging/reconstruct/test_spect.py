"""From projections to activity concentration: levels, corrections, remarks and refusals."""

import numpy as np
import pytest

from hevesy.errors import InputError
from hevesy.imaging.projectors import ParallelHole, centred_grid, orbit_of
from hevesy.imaging.reconstruct import SpectProtocol, SpectSystem, reconstruct_spect
from hevesy.imaging.reconstruct.attenuation import attenuation_of, attenuation_on
from hevesy.imaging.reconstruct.beds import merge_beds, sum_of_gates
from hevesy.imaging.reconstruct.scatter import window_scatter
from hevesy.imaging.reconstruct.spect import effective_durations, grid_of
from hevesy.model import EnergyWindow, Grid, Image, Projections
from hevesy.model.image import Quantity

N, SIDE, VIEWS = 32, 8.0, 30
HALF_LIFE, SENSITIVITY = 6 * 3600.0, 2e-4
WINDOWS = (
    EnergyWindow(name="peak", lower=126.45, upper=154.55),
    EnergyWindow(name="lower", lower=120.0, upper=126.45),
    EnergyWindow(name="upper", lower=154.55, upper=161.0),
)


def spread(distance):
    return 3.5 + 0.045 * distance


def system(**more):
    return SpectSystem(**{
        "sensitivity": SENSITIVITY, "response": spread, "half_life": HALF_LIFE, "peak": "peak",
        "scatter_windows": ("lower", "upper"), **more,
    })  # fmt: skip


def projections(counts, **more):
    return Projections(**{
        "counts": counts, "windows": WINDOWS, "angles": np.arange(VIEWS) * 360 / VIEWS + 90, "radii": np.full(VIEWS, 150.0),
        "starts": np.arange(VIEWS) * 40.0, "durations": np.full(VIEWS, 38.0), "pixel": (SIDE, SIDE),
        "centre": (10.0, -200.0, 300.0), "nuclide": "Tc-99m", "frame_of_reference": "1.2.3", **more,
    })  # fmt: skip


def cylinder(level=20e3):
    """Activity [Bq/ml] and attenuation [1/mm] of a uniform cylinder of water."""
    z, y, x = (np.indices((20, N, N)) - np.array([9.5, 15.5, 15.5])[:, None, None, None]) * SIDE
    fine = np.clip(0.5 + (90 - np.hypot(x, y)) / SIDE, 0, 1) * (np.abs(z) < 68)
    return (level * fine).astype(np.float32), (0.015 * fine).astype(np.float32)


def scan(seed=None, level=20e3, scatter=0.3):
    """Projections of the cylinder with a flat share of scatter in all windows; noise by ``seed``."""
    activity, mu = cylinder(level)
    empty = projections(np.zeros((3, VIEWS, 20, N), np.float32))
    engine = ParallelHole(
        grid_of(empty), orbit_of(empty), SENSITIVITY * effective_durations(empty, HALF_LIFE), fwhm=spread, mu=mu
    )
    peak = engine.forward(activity)
    density = scatter * peak.mean() / WINDOWS[0].width
    beside = [np.full_like(peak, density * w.width) for w in WINDOWS[1:]]
    counts = np.stack([np.maximum(peak, 0) + density * WINDOWS[0].width, *beside])
    if seed is not None:
        counts = np.random.default_rng(seed).poisson(counts).astype(np.float32)
    return projections(counts), mu


def _rings(image):
    """Means of three rings 20 mm wide over the middle slices [Bq/ml]."""
    y, x = np.indices((N, N)) - 15.5
    radius = np.hypot(x, y) * SIDE
    return np.array([image.values[6:14][:, (radius >= r) & (radius < r + 20)].mean() for r in (0, 20, 40)])


def test_uniform_cylinder_is_flat_and_right_within_2_percent():
    """Level and each ring of the middle slices after attenuation and scatter correction, without noise."""
    activity, _ = cylinder()
    data, mu = scan(None)
    found = reconstruct_spect(data, system(), mu=mu, settings=SpectProtocol(iterations=12, subsets=6))
    assert _rings(found.image) == pytest.approx([20e3] * 3, rel=0.02)
    assert found.image.values.sum() == pytest.approx(activity.sum(), rel=0.01)
    assert found.image.quantity is Quantity.ACTIVITY_CONCENTRATION
    assert found.scatter_fraction == pytest.approx(0.3 / 1.3, rel=0.05)
    assert found.counts == data.window("peak").sum(dtype=float)
    assert found.remarks == ()


def test_noise_adds_no_bias_to_the_cylinder():
    """The mean of five noisy images is within 2 % and the noise of that mean: one inner ring alone varies by 2 %."""
    made = []
    for seed in range(1, 6):
        data, mu = scan(seed)
        made.append(_rings(reconstruct_spect(data, system(), mu=mu, settings=SpectProtocol(iterations=12, subsets=6)).image))
    noise = np.std(made, axis=0, ddof=1) / np.sqrt(5)
    assert np.all(np.abs(np.mean(made, axis=0) - 20e3) < 0.02 * 20e3 + 2 * noise)


def test_the_image_lies_where_the_patient_does():
    data, mu = scan()
    grid = reconstruct_spect(data, system(), mu=mu, settings=SpectProtocol(iterations=1, subsets=6)).image.grid
    assert grid.shape == (20, N, N)
    assert grid.frame_of_reference == "1.2.3"
    middle = grid.affine @ [(N - 1) / 2, (N - 1) / 2, 9.5, 1]
    assert middle[:3] == pytest.approx([10.0, -200.0, 300.0])


def test_penalised_image_has_the_same_level_and_less_noise():
    data, mu = scan(2, level=500.0)
    plain = reconstruct_spect(data, system(), mu=mu, settings=SpectProtocol(iterations=8, subsets=6)).image.values
    settings = SpectProtocol(iterations=8, subsets=6, prior="relative difference", beta=0.05)
    smooth = reconstruct_spect(data, system(), mu=mu, settings=settings).image.values
    inner = (slice(6, 14), slice(11, 21), slice(11, 21))
    assert smooth[inner].mean() == pytest.approx(500.0, rel=0.05)
    assert smooth[inner].std() < 0.7 * plain[inner].std()


def test_decay_is_counted_from_the_start():
    """int_0^d 2^(-t/T) dt for the first view; 2^(-t0/T) later."""
    data = projections(np.zeros((3, VIEWS, 4, 4), np.float32))
    found = effective_durations(data, 3600.0)
    rate = np.log(2) / 3600
    assert found[0] == pytest.approx((1 - np.exp(-rate * 38)) / rate)
    assert found[10] == pytest.approx(found[0] * 2 ** (-400 / 3600))


def test_what_is_not_corrected_is_remarked():
    data, _ = scan()
    quick = SpectProtocol(iterations=1, subsets=2)
    found = reconstruct_spect(data, system(scatter_windows=(), response=None), mu=None, settings=quick)
    assert [r.split(":")[0] for r in found.remarks] == [
        "not corrected for attenuation", "not corrected for scatter", "without the detector's response",
    ]  # fmt: skip


def test_triple_energy_windows_are_a_trapezium():
    """Densities 2 and 1 counts/keV on the two sides of a peak of 28.1 keV: 28.1 x 1.5."""
    counts = np.ones((3, VIEWS, 6, 6), np.float32)
    counts[1] *= 2 * 6.45
    counts[2] *= 6.45
    data = projections(counts)
    assert window_scatter(data, "peak", ("lower", "upper"), fwhm=0).estimate() == pytest.approx(28.1 * 1.5, rel=1e-5)
    assert window_scatter(data, "peak", ("lower",), fwhm=0).estimate() == pytest.approx(28.1, rel=1e-5)
    with pytest.raises(InputError, match="lies above"):
        window_scatter(data, "peak", ("upper",), fwhm=0)
    with pytest.raises(InputError, match="no energy window"):
        window_scatter(data, "peak", ("low",), fwhm=0)


def test_attenuation_of_water_and_air():
    """Water at 140.5 keV: 0.1537 cm2/g by XCOM with coherent scattering; the relation's soft tissue at 0 HU is near it."""
    assert attenuation_of(0.0, 0.1405) == pytest.approx(0.0154, rel=0.005)
    assert attenuation_of(np.array([-1000, -960]), 0.1405) == pytest.approx(0)
    assert np.all(np.diff(attenuation_of(np.array([-800, -300, 0, 200, 900]), 0.208)) > 0)


def test_ct_is_averaged_onto_the_grid():
    """A block of water from -30 to 30 mm in a CT of 3 mm whose y and z axes run backwards; its integral is kept."""
    affine = np.diag([3.0, -3.0, -2.5, 1.0])
    affine[:3, 3] = [-58.5, 58.5, 48.75]
    ct = np.full((40, 40, 40), -1000.0)
    ct[8:32, 10:30, 10:30] = 0.0
    image = Image(values=ct, grid=Grid(shape=ct.shape, affine=affine), quantity=Quantity.HOUNSFIELD)
    grid = centred_grid((14, 16, 16), (8.0, 8.0, 8.0))
    mu = attenuation_on(image, grid, 0.1405)
    water = float(attenuation_of(0.0, 0.1405))
    assert mu.sum() * 8**3 == pytest.approx(water * 60**3, rel=1e-5)
    assert mu[7, 8, 8] == pytest.approx(water, rel=1e-5)
    z, y, x = np.indices(mu.shape)
    for axis, n in ((z, 14), (y, 16), (x, 16)):
        assert (axis * mu).sum() / mu.sum() == pytest.approx((n - 1) / 2, abs=1e-4)


def test_beds_are_merged_by_sensitivity():
    one = centred_grid((4, 3, 3), (2.0, 2.0, 5.0))
    two = centred_grid((4, 3, 3), (2.0, 2.0, 5.0), (0.0, 0.0, 10.0))
    images = [
        Image(values=np.full(g.shape, v, np.float32), grid=g, quantity=Quantity.ACTIVITY_CONCENTRATION)
        for g, v in ((one, 10.0), (two, 20.0))
    ]
    merged = merge_beds(images, [np.ones(one.shape), np.full(two.shape, 3.0)])
    assert merged.values[:, 1, 1] == pytest.approx([10, 10, 17.5, 17.5, 20, 20])
    assert merged.grid.affine[2, 3] == pytest.approx(-7.5)
    off = centred_grid((4, 3, 3), (2.0, 2.0, 5.0), (0.0, 0.0, 2.0))
    other = Image(values=np.ones(off.shape), grid=off, quantity=Quantity.ACTIVITY_CONCENTRATION)
    with pytest.raises(InputError, match="whole voxels"):
        merge_beds([images[0], other], [np.ones(off.shape)] * 2)


def test_gates_sum_to_the_whole():
    gates = [projections(np.full((3, VIEWS, 4, 4), float(n + 1), np.float32), gate=n + 1) for n in range(3)]
    whole = sum_of_gates(gates)
    assert whole.counts.max() == 6
    assert whole.durations == pytest.approx(3 * 38.0)
    with pytest.raises(InputError, match="same views"):
        sum_of_gates([gates[0], projections(np.ones((3, VIEWS, 5, 4), np.float32), gate=2)])


def test_refusals():
    data, mu = scan()
    with pytest.raises(InputError, match="both must be positive"):
        system(sensitivity=0.0)
    with pytest.raises(InputError, match="Give it in 1/mm"):
        reconstruct_spect(data, system(), mu=mu * 10)
    with pytest.raises(InputError, match="no energy window"):
        reconstruct_spect(data, system(peak="photopeak"), mu=mu)
    with pytest.raises(InputError, match="there is no prior"):
        SpectProtocol(prior="median", beta=1)
    with pytest.raises(InputError, match="needs beta"):
        SpectProtocol(prior="relative difference")
