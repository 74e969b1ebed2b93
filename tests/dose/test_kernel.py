"""Voxel kernels against closed forms, their energy, symmetry and scaling."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import erf, gammainc

from hevesy.dose import kernel as module
from hevesy.dose.kernel import (
    VoxelKernel,
    beyond,
    charged_range,
    dose_per_decay,
    mirrored,
    octant,
    on_box,
    s_values,
    voxel_kernel,
)  # fmt: skip
from hevesy.dose.point_kernels import PointKernels
from hevesy.dose.radial import RadialKernel, radial_kernel, radii
from hevesy.errors import InputError
from hevesy.nuclides import radiations

Sides = tuple[float, float, float]


def gaussian(s: float) -> RadialKernel:
    """Energy 1 as a Gaussian of standard deviation ``s`` [mm], at 1 g/ml, and a half of it as photons."""
    within = gammainc(1.5, (radii() * 10 / s) ** 2 / 2)
    return RadialKernel(nuclide="X-1", medium="soft", r=radii(), charged=within, photons=within / 2)


def exponential(mu: float) -> RadialKernel:
    """Photons only, 1 - exp(-mu r), ``mu`` in 1/mm at 1 g/ml."""
    return RadialKernel(nuclide="X-1", medium="soft", r=radii(), charged=0 * radii(), photons=-np.expm1(-mu * 10 * radii()))


def along(half: int, a: float, s: float) -> np.ndarray:
    """A Gaussian averaged over the pairs of points of two intervals of length ``a``, for 0 to ``half`` intervals apart."""

    def twice(t: np.ndarray) -> np.ndarray:
        return t * erf(t / (s * 2**0.5)) / 2 + s / (2 * np.pi) ** 0.5 * np.exp(-(t**2) / (2 * s**2))

    x = np.arange(half + 1) * a
    return (twice(x + a) - 2 * twice(x) + twice(x - a)) / a


@pytest.mark.parametrize(
    ("sides", "s"),
    [((4.0, 4.0, 4.0), 0.3), ((4.0, 4.0, 4.0), 2.0), ((4.0, 4.0, 4.0), 12.0), ((5.0, 2.0, 2.0), 4.0), ((1.0, 3.0, 5.0), 6.0)],
)
def test_a_gaussian_has_its_closed_form(sides: Sides, s: float) -> None:
    half = (4, 4, 4)
    z, y, x = (along(n, a, s) for n, a in zip(half, sides, strict=True))
    exact = z[:, None, None] * y[:, None] * x
    kernel = voxel_kernel(gaussian(s), sides, density=1.0)
    for charged, energy in ((True, 1.0), (False, 0.5)):
        found = octant(kernel, half, charged=charged) / energy
        assert found[0, 0, 0] == pytest.approx(exact[0, 0, 0], rel=2e-4)
        for least, tolerance in ((1e-2, 1e-3), (1e-4, 5e-3)):  # in the steep tail the thickness of a shell shows
            kept = exact > least * exact[0, 0, 0]
            assert found[kept] == pytest.approx(exact[kept], rel=tolerance)


@pytest.mark.parametrize("mu", [0.005, 0.02, 0.2])
@pytest.mark.parametrize("place", [(1, 0, 0), (2, 1, 0), (3, 0, 0), (5, 3, 2), (9, 4, 0), (30, 0, 0)])
def test_an_exponential_averages_to_its_integral(mu: float, place: tuple[int, int, int]) -> None:
    """Along one axis the average is a double integral; here it is a sum over a fine grid of pairs of points."""
    a = 4.0
    kernel = voxel_kernel(exponential(mu), (a, a, a), density=1.0)
    u = (np.arange(60) + 0.5) / 30 - 1
    w = (1 - np.abs(u)) / 30
    z, y, x = (np.abs(p + u) * a for p in place)
    r2 = z[:, None, None] ** 2 + y[:, None] ** 2 + x**2
    e = mu * np.exp(-mu * np.sqrt(r2)) / (4 * np.pi * r2) * a**3
    exact = np.einsum("zyx,z,y,x->", e, w, w, w)
    half = (max(place), max(place), max(place)) if max(place) < 10 else place
    # The grid of pairs itself misses the peak between touching voxels by some 1e-3.
    assert octant(kernel, half, charged=False)[place] == pytest.approx(exact, rel=3e-3 if max(place) < 2 else 1e-3)


def test_self_dose_of_an_exponential() -> None:
    """Source voxel of an exponential short against its side: 1 - 3/2 <r>/a + 2/pi <r2>/a2 - <r3>/(4 pi a3)."""
    mu, a = 5.0, 4.0
    kernel = voxel_kernel(exponential(mu), (a, a, a), density=1.0)
    exact, _ = quad(
        lambda r: mu * np.exp(-mu * r) * (1 - 1.5 * r / a + 2 * (r / a) ** 2 / np.pi - (r / a) ** 3 / (4 * np.pi)), 0, a
    )
    assert octant(kernel, (0, 0, 0), charged=False)[0, 0, 0] == pytest.approx(exact, rel=1e-4)


@settings(max_examples=6, deadline=None, phases=[Phase.generate])
@given(
    name=st.sampled_from(["Lu-177", "Y-90", "I-131", "F-18", "Ac-225", "I-125", "Tc-99m"]),
    sides=st.tuples(*[st.floats(0.8, 8.0)] * 3),
    density=st.sampled_from([0.26, 1.0, 1.85]),
)
def test_charged_energy_closes_for_any_voxel(kernels: PointKernels, name: str, sides: Sides, density: float) -> None:
    kernel = voxel_kernel(radial_kernel(radiations(name), kernels), sides, density=density)
    reach = charged_range(kernel) + float(np.linalg.norm(sides))
    z, y, x = (min(int(reach / a) + 1, 60) for a in sides)
    assert np.sum(mirrored(octant(kernel, (z, y, x), charged=True))) == pytest.approx(kernel.radial.charged[-1], rel=1e-4)


@pytest.mark.parametrize("sides", [(4.8, 4.8, 4.8), (3.0, 5.0, 6.0)])
def test_the_whole_kernel_holds_the_budget(kernels: PointKernels, sides: Sides) -> None:
    """No crop: within 1.3 m of bone-like density nothing is left, and the sum is the energy per decay."""
    radial = radial_kernel(radiations("Lu-177"), kernels)
    kernel = voxel_kernel(radial, sides, density=3.0)
    n_z, n_y, n_x = (2 * int(650 / a) + 1 for a in sides)
    assert kernel.energy_per_decay == pytest.approx(sum(radiations("Lu-177").energies.values()), rel=1e-6)
    assert abs(beyond(kernel, (n_z, n_y, n_x))) < 1e-4 * kernel.energy_per_decay


def test_what_is_outside_a_box_is_known(kernels: PointKernels) -> None:
    kernel = voxel_kernel(radial_kernel(radiations("I-131"), kernels), (4.0, 4.0, 4.0), density=1.0)
    small, large = beyond(kernel, (11, 11, 11)), beyond(kernel, (41, 41, 41))
    assert 0 < large < small < kernel.energy_per_decay
    assert small + np.sum(on_box(kernel, (11, 11, 11))) == pytest.approx(kernel.energy_per_decay, rel=1e-12)


def test_the_kernel_is_even_in_each_axis_and_its_box_is_a_cut(kernels: PointKernels) -> None:
    kernel = voxel_kernel(radial_kernel(radiations("Y-90"), kernels), (2.0, 3.0, 3.0), density=1.0)
    whole = on_box(kernel, (9, 11, 13))
    for axis in range(3):
        assert np.array_equal(whole, np.flip(whole, axis))
    assert np.array_equal(whole[2:-2, 3:-3, 4:-4], on_box(kernel, (5, 5, 5)))
    assert whole[4, 5, 6] == whole.max()
    square = on_box(kernel, (5, 7, 7))
    assert square == pytest.approx(square.transpose(0, 2, 1), rel=1e-3)  # a lattice of directions is not symmetric


@settings(max_examples=3, deadline=None, phases=[Phase.generate])
@given(rho=st.floats(0.2, 2.0))
def test_density_scaling_is_exact(kernels: PointKernels, rho: float) -> None:
    """S(rho, a) = rho^2 S(1, rho a)."""
    radial = radial_kernel(radiations("Lu-177"), kernels)
    one = s_values(voxel_kernel(radial, (4.0, 4.0, 4.0), density=rho))
    other = s_values(voxel_kernel(radial, (4.0 * rho,) * 3, density=1.0))
    assert [one[name] / rho**2 for name in one] == pytest.approx([other[name] for name in one], rel=1e-6)


def test_dose_is_energy_by_mass(kernels: PointKernels) -> None:
    kernel = voxel_kernel(radial_kernel(radiations("Ac-225"), kernels), (5.0, 5.0, 5.0), density=2.0)
    assert kernel.voxel_mass == pytest.approx(0.25e-3)
    expected = on_box(kernel, (1, 1, 1))[0, 0, 0] * 1.602176634e-13 / 0.25e-3
    assert dose_per_decay(kernel, (3, 3, 3))[1, 1, 1] == pytest.approx(expected)
    assert s_values(kernel)["S000"] == pytest.approx(expected)
    assert list(s_values(kernel)) == ["S000", "S100", "S110", "S111", "S200", "S210", "S300"]


def test_near_and_far_meet(kernels: PointKernels, monkeypatch: pytest.MonkeyPatch) -> None:
    """Voxels that one kernel takes from shells and the other from points."""
    radial = radial_kernel(radiations("I-131"), kernels)
    wide = voxel_kernel(radial, (4.0, 4.0, 4.0), density=1.0)
    monkeypatch.setattr(module, "NEAR_SIDES", 4.0)
    narrow: VoxelKernel = voxel_kernel(radial, (4.0, 4.0, 4.0), density=1.0)
    assert octant(narrow, (5, 5, 5), charged=False) == pytest.approx(octant(wide, (5, 5, 5), charged=False), rel=1e-3)


def test_wrong_units_and_shapes_are_refused(kernels: PointKernels) -> None:
    radial = radial_kernel(radiations("Y-90"), kernels)
    with pytest.raises(InputError, match="Are they in mm"):
        voxel_kernel(radial, (0.004, 0.004, 0.004), density=1.0)
    with pytest.raises(InputError, match="Is it in g/ml"):
        voxel_kernel(radial, (4.0, 4.0, 4.0), density=1040.0)
    with pytest.raises(InputError, match="three odd numbers"):
        on_box(voxel_kernel(radial, (4.0, 4.0, 4.0), density=1.0), (10, 11, 11))
