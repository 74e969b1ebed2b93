"""The correction for resolution gives back what a known blur took away."""

import math

import numpy as np
import numpy.typing as npt
import pytest
from scipy.ndimage import gaussian_filter
from scipy.special import erf

from hevesy.errors import InputError
from hevesy.quantify import compartments, corrected, recovery, transfer_matrix
from hevesy.quantify.partial_volume import FWHM_PER_SIGMA, Compartment

SIDE, FWHM = 4.0, 10.0
SHAPE = (44, 46, 48)
Whole = tuple[slice, slice, slice]


def ball(centre: tuple[float, float, float], radius: float) -> npt.NDArray[np.float32]:
    """Share of each voxel in a ball; centre (z, y, x) in voxels, radius in mm; five samples a side."""
    fine = [(np.arange(5 * n) + 0.5) / 5 - 0.5 for n in SHAPE]
    z, y, x = np.meshgrid(*fine, indexing="ij", sparse=True)
    r2 = ((z - centre[0]) ** 2 + (y - centre[1]) ** 2 + (x - centre[2]) ** 2) * SIDE**2
    inside = (r2 <= radius**2).reshape(SHAPE[0], 5, SHAPE[1], 5, SHAPE[2], 5)
    return inside.mean(axis=(1, 3, 5)).astype(np.float32)


def boxed(fraction: npt.NDArray[np.float32]) -> tuple[Whole, npt.NDArray[np.float32]]:
    where = [np.nonzero(fraction.any(axis=tuple(a for a in range(3) if a != axis)))[0] for axis in range(3)]
    box = tuple(slice(int(w[0]), int(w[-1]) + 1) for w in where)
    return box, fraction[box]  # type: ignore[return-value]


@pytest.fixture(scope="module")
def scene() -> tuple[dict[str, npt.NDArray[np.float32]], dict[str, float], npt.NDArray[np.float64], tuple[Compartment, ...]]:
    """A hot ball beside a large warm one and a cold one, in a background."""
    masks = {"hot": ball((20, 20, 14), 14.0), "warm": ball((22, 24, 26), 30.0), "cold": ball((32, 14, 38), 12.0)}
    masks["hot"] = np.minimum(masks["hot"], 1 - masks["warm"])
    levels = {"hot": 50.0, "warm": 8.0, "cold": 0.2}
    left = 1 - sum(masks.values())
    true = sum(levels[name] * mask for name, mask in masks.items()) + 1.0 * left
    seen = gaussian_filter(true.astype(np.float64), FWHM / FWHM_PER_SIGMA / SIDE, mode="nearest", truncate=6)
    parts = compartments(
        [(name, *boxed(mask)) for name, mask in masks.items()], left.astype(np.float32), fwhm=FWHM, spacing=(SIDE,) * 3
    )
    return masks, levels, seen, parts


def test_rows_of_the_transfer_matrix_add_up_to_one(scene) -> None:  # type: ignore[no-untyped-def]
    """A constant stays a constant under any blur."""
    assert transfer_matrix(scene[3]).sum(axis=1) == pytest.approx(1.0, abs=1e-3)


def test_the_parts_fill_the_image_once(scene) -> None:  # type: ignore[no-untyped-def]
    total = np.zeros(SHAPE)
    for part in scene[3]:
        total[part.box] += part.fraction
    assert total == pytest.approx(1.0, abs=1e-5)


def test_true_activity_comes_back(scene) -> None:  # type: ignore[no-untyped-def]
    masks, levels, seen, parts = scene
    found = corrected(seen, parts, transfer_matrix(parts))
    for name, mask in masks.items():
        true = levels[name] * float(mask.sum())
        assert found.means[name] == pytest.approx(levels[name], rel=0.02, abs=0.05)
        assert found.own[name] == pytest.approx(true, rel=0.02, abs=0.05 * float(mask.sum()))
        if name == "hot":
            assert float((seen * mask).sum()) < 0.8 * true  # what was there to correct


def test_nothing_below_zero_and_the_total_is_kept(scene) -> None:  # type: ignore[no-untyped-def]
    _, _, seen, parts = scene
    found = corrected(seen, parts, transfer_matrix(parts)).values
    assert float(found.min()) >= 0
    assert float(found.sum(dtype=float)) == pytest.approx(float(seen.sum()), rel=2e-3)


def test_an_image_without_uptake_stays_as_it_is(scene) -> None:  # type: ignore[no-untyped-def]
    parts = scene[3]
    assert not corrected(np.zeros(SHAPE), parts, transfer_matrix(parts)).values.any()


def test_a_senseless_resolution_is_refused() -> None:
    with pytest.raises(InputError, match="FWHM"):
        compartments([], np.ones(SHAPE, dtype=np.float32), fwhm=0.0, spacing=(SIDE,) * 3)


def closed_form(radius: float, sigma: float) -> float:
    """Share of uniform uptake in a ball that a Gaussian leaves inside it: the known profile of a blurred ball, integrated."""
    r = np.linspace(1e-6, radius, 4000)
    s = sigma * math.sqrt(2)
    profile = 0.5 * (erf((radius - r) / s) + erf((radius + r) / s)) - sigma / (r * math.sqrt(2 * math.pi)) * (
        np.exp(-(((radius - r) / s) ** 2)) - np.exp(-(((radius + r) / s) ** 2))
    )
    return float(np.trapezoid(profile * r**2, r) * 3 / radius**3)


@pytest.mark.parametrize("radius", [12.0, 20.0, 30.0])
def test_recovery_of_a_ball_against_the_closed_form(radius: float) -> None:
    mask = ball((22, 23, 24), radius)
    sigma = FWHM / FWHM_PER_SIGMA
    seen = gaussian_filter(5.0 * mask + 0.5 * (1 - mask), sigma / SIDE, mode="nearest", truncate=6)
    found = recovery(mask, seen, mask * 0, fwhm=FWHM, spacing=(SIDE,) * 3)
    RC = closed_form(radius, sigma)
    assert found.self_recovery == pytest.approx(RC, rel=0.05)  # voxels of 4 mm blur a little more
    assert found.apparent == pytest.approx(RC + (1 - RC) * 0.1, rel=0.05)
