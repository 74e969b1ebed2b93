"""Self-dose of spheres: limits, a closed form, interpolation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from hevesy.dose.point_kernels import PointKernels
from hevesy.dose.radial import RadialKernel, radial_kernel, radii
from hevesy.dose.spheres import energy_in_sphere, interpolate_s_value
from hevesy.errors import InputError, ScopeError
from hevesy.nuclides import radiations
from hevesy.units import g

MASSES = np.array([0.116, 0.539, 2.21, 14.6, 116.0, 539.0]) * g
S = np.array([1.93e-10, 4.27e-11, 1.06e-11, 1.63e-12, 2.07e-13, 4.54e-14])


@pytest.mark.parametrize("mu", [0.1, 1.0, 10.0])
def test_an_exponential_is_absorbed_as_its_integral(mu: float) -> None:
    """1/cm at 1 g/ml; a sphere of 1 g has a radius of 0.6204 cm."""
    kernel = RadialKernel(nuclide="X-1", medium="soft", r=radii(), charged=0 * radii(), photons=-np.expm1(-mu * radii()))
    R = 0.6203504908994
    exact, _ = quad(lambda r: mu * np.exp(-mu * r) * (1 - 0.75 * r / R + (r / R) ** 3 / 16), 0, 2 * R)
    assert energy_in_sphere(kernel, 1 * g, 1.0) == pytest.approx(exact, rel=1e-4)


@settings(max_examples=20, deadline=None)
@given(mass=st.floats(1e-6, 10.0), rho=st.floats(0.2, 2.0))
def test_scaling_growth_and_budget(kernels: PointKernels, mass: float, rho: float) -> None:
    """m rho^2 is what counts; a larger sphere absorbs more, never more than there is."""
    kernel = radial_kernel(radiations("I-131"), kernels)
    energy = energy_in_sphere(kernel, mass, rho)
    assert energy == pytest.approx(energy_in_sphere(kernel, mass * rho**2, 1.0), rel=1e-9)
    assert 0 < energy <= energy_in_sphere(kernel, 1.1 * mass, rho) <= kernel.energy_per_decay


def test_alphas_stay(kernels: PointKernels) -> None:
    given_off = radiations("Ac-225")
    alphas = given_off.energies["alpha"] + given_off.energies["alpha recoil"]
    assert energy_in_sphere(radial_kernel(given_off, kernels), 1e-6, 1.0) > alphas


def test_interpolation_meets_the_table_and_holds_energy_between() -> None:
    assert interpolate_s_value(MASSES, S, 2.21 * g) == pytest.approx(1.06e-11)
    middle = float(np.sqrt(MASSES[3] * MASSES[4]))
    assert interpolate_s_value(MASSES, S, middle) * middle == pytest.approx((S[3] * MASSES[3] + S[4] * MASSES[4]) / 2)


def test_outside_the_table_and_wrong_units_are_refused(kernels: PointKernels) -> None:
    with pytest.raises(ScopeError, match="outside the table"):
        interpolate_s_value(MASSES, S, 1.0)
    with pytest.raises(InputError, match="increase"):
        interpolate_s_value(MASSES[::-1], S, 1 * g)
    with pytest.raises(InputError, match="Did you forget"):
        energy_in_sphere(radial_kernel(radiations("Y-90"), kernels), 1e4, 1.0)
