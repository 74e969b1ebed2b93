"""Convolution: a point gives the kernel, sources add and move, the split costs nothing that could be seen."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from hevesy.dose import convolution
from hevesy.dose.convolution import deposited_energy
from hevesy.dose.kernel import VoxelKernel, mirrored, octant, voxel_kernel
from hevesy.dose.point_kernels import PointKernels
from hevesy.dose.radial import radial_kernel
from hevesy.errors import InputError
from hevesy.nuclides import radiations

Index = tuple[int, int, int]


def kernel_of(kernels: PointKernels, name: str, sides: tuple[float, float, float] = (4.0, 4.0, 4.0)) -> VoxelKernel:
    return voxel_kernel(radial_kernel(radiations(name), kernels), sides, density=1.0)


def point(shape: Index, at: Index) -> np.ndarray:
    source = np.zeros(shape)
    source[at] = 1.0
    return source


def around(kernel: VoxelKernel, shape: Index, at: Index, *, charged: bool) -> np.ndarray:
    """The kernel as it lies in a grid around ``at``, by direct evaluation."""
    z, y, x = (max(a, n - 1 - a) for a, n in zip(at, shape, strict=True))
    whole = mirrored(octant(kernel, (z, y, x), charged=charged))
    return whole[tuple(slice(h - a, h - a + n) for h, a, n in zip((z, y, x), at, shape, strict=True))]


@pytest.mark.parametrize("name", ["Lu-177", "Y-90", "Ac-225"])
def test_a_point_source_gives_the_kernel_around_itself(kernels: PointKernels, name: str) -> None:
    shape, at = (20, 21, 24), (3, 12, 20)
    kernel = kernel_of(kernels, name)
    charged, photons = deposited_energy(point(shape, at), kernel)
    assert np.unravel_index(np.argmax(charged + photons), shape) == at
    for found, is_charged in ((charged, True), (photons, False)):
        exact = around(kernel, shape, at, charged=is_charged)
        assert found == pytest.approx(exact, rel=1e-3, abs=2e-7 * exact.max())
        assert found.dtype == np.float32


@pytest.mark.parametrize(("name", "sides"), [("Lu-177", (4.8, 4.8, 4.8)), ("I-131", (5.0, 2.4, 2.4)), ("I-125", (4.0, 4.0, 4.0))])
def test_the_split_changes_no_dose(kernels: PointKernels, name: str, sides: tuple[float, float, float]) -> None:
    """Point sources at all places in a coarse cell, photon energy against the kernel itself."""
    shape = (64, 80, 72)
    kernel = kernel_of(kernels, name, sides)
    assert convolution._long_range(kernel, shape) is not None
    for at in ((30, 40, 37), (31, 41, 36), (0, 3, 70)):
        _, photons = deposited_energy(point(shape, at), kernel)
        exact = around(kernel, shape, at, charged=False)
        # Relative to the kernel down to where the rounding of single precision shows for a lone point.
        shown = exact > 5e-3 * np.sqrt(np.mean(exact**2))
        assert np.max(np.abs(photons - exact)[shown] / exact[shown]) < (5e-3 if name == "I-125" else 2e-3)
        assert np.sum(photons, dtype=np.float64) == pytest.approx(np.sum(exact), rel=1e-4)


def test_a_map_of_organs_agrees_within_a_thousandth(kernels: PointKernels, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    shape = (72, 64, 64)
    source = np.full(shape, 0.02)
    for _ in range(6):
        z, y, x = (int(rng.integers(8, n - 8)) for n in shape)
        source[z - 4 : z + 4, y - 3 : y + 3, x - 2 : x + 4] += rng.random()
    source[:6] = 0.0
    kernel = kernel_of(kernels, "Lu-177")
    split = deposited_energy(source, kernel)[1]
    monkeypatch.setattr(convolution, "SMALL", 1e12)
    whole = deposited_energy(source, kernel)[1]
    assert np.max(np.abs(split / whole - 1)) < 1e-3


@settings(max_examples=4, deadline=None, phases=[Phase.generate])
@given(seed=st.integers(0, 1000), a=st.floats(0.1, 10.0), shift=st.integers(-2, 2))
def test_linear_and_invariant_to_a_shift(kernels: PointKernels, seed: int, a: float, shift: int) -> None:
    kernel = kernel_of(kernels, "Y-90")
    rng = np.random.default_rng(seed)
    one, two = np.zeros((2, 14, 14, 14))
    one[5:9, 5:9, 5:9] = rng.random((4, 4, 4))
    two[4:10, 4:10, 4:10] = rng.random((6, 6, 6))
    for p, q, both in zip(*(deposited_energy(source, kernel) for source in (one, two, one + a * two)), strict=True):
        assert np.max(np.abs(p + a * q - both)) < 1e-5 * both.max()
    still, moved = (deposited_energy(source, kernel)[0] for source in (one, np.roll(one, shift, axis=2)))
    inside = slice(3, 11)
    assert np.max(np.abs(np.roll(still, shift, axis=2) - moved)[:, :, inside]) < 1e-5 * still.max()


def test_nothing_wraps_around(kernels: PointKernels) -> None:
    kernel = kernel_of(kernels, "Lu-177")
    _, photons = deposited_energy(point((60, 60, 90), (0, 0, 0)), kernel)
    assert photons[0, 0, -1] == pytest.approx(octant(kernel, (0, 0, 89), charged=False)[0, 0, 89], rel=0.02)


def test_a_single_voxel_and_a_single_slice(kernels: PointKernels) -> None:
    kernel = kernel_of(kernels, "Y-90")
    charged, _ = deposited_energy(np.ones((1, 1, 1)), kernel)
    assert charged[0, 0, 0] == pytest.approx(octant(kernel, (0, 0, 0), charged=True)[0, 0, 0], rel=1e-5)
    assert deposited_energy(np.ones((1, 30, 30)), kernel)[0].shape == (1, 30, 30)


def test_a_map_with_holes_is_refused(kernels: PointKernels) -> None:
    with pytest.raises(InputError, match="finite map of three dimensions"):
        deposited_energy(np.full((3, 3, 3), np.nan), kernel_of(kernels, "Y-90"))
