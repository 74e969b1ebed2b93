"""Radial kernels of nuclides: their energy is the budget, their curves are those of the table."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy.dose.point_kernels import PointKernels
from hevesy.dose.radial import RadialKernel, radial_kernel, radii, spectrum_lines
from hevesy.errors import InputError, ScopeError
from hevesy.nuclides import Radiations, Spectrum, available, radiations

NONE = np.zeros(0)


def only(name: str = "X-1", **parts: object) -> Radiations:
    """Radiations of nothing but ``parts``."""
    empty = {
        f"{kind}_{what}": NONE
        for kind in ("electron", "photon", "annihilation", "alpha", "recoil")
        for what in ("energy", "yield")
    }
    return Radiations(
        **(
            {"name": name, "beta_minus": None, "beta_plus": None, "member_energies": {}, "members": (), "remarks": ()}
            | empty
            | parts
        )
    )  # type: ignore[arg-type]


def electron(energy: float) -> Radiations:
    return only(electron_energy=np.array([energy]), electron_yield=np.ones(1), energies={"Auger electron": energy})


def photon(energy: float) -> Radiations:
    return only(photon_energy=np.array([energy]), photon_yield=np.ones(1), energies={"gamma": energy})


@settings(max_examples=25, deadline=None)
@given(name=st.sampled_from(available()))
def test_energy_closes_for_any_nuclide(kernels: PointKernels, name: str) -> None:
    given_off = radiations(name)
    budget = sum(value for kind, value in given_off.energies.items() if kind != "neutron")
    kernel = radial_kernel(given_off, kernels)
    assert kernel.energy_per_decay == pytest.approx(budget, rel=1e-6, abs=1e-12)
    assert np.all(np.diff(kernel.charged) >= -1e-12)


@pytest.mark.parametrize("index", [10, 30])
def test_a_line_at_an_energy_of_the_table_has_its_curve(kernels: PointKernels, index: int) -> None:
    table = kernels.electrons
    kernel = radial_kernel(electron(float(table.energy[index])), kernels)
    found = np.interp(table.x * table.scale[index], kernel.r, kernel.charged) / table.energy[index]
    assert found == pytest.approx(table.absorbed[index], abs=2e-3)  # steps of the energy and of the radius, 1 % each
    assert kernel.photons[-1] == pytest.approx(table.energy[index] * table.radiated[index], rel=1e-3)


def test_a_photon_between_two_energies_lies_between_their_curves(kernels: PointKernels) -> None:
    table = kernels.photons
    E = float(np.sqrt(table.energy[40] * table.energy[41]))
    kernel = radial_kernel(photon(E), kernels)
    scale = np.sqrt(table.scale[40] * table.scale[41])
    middle = (table.absorbed[40] + table.absorbed[41]) / 2
    assert np.interp(table.x * scale, kernel.r, kernel.photons) / E == pytest.approx(middle, abs=1e-3)
    assert kernel.charged[-1] == 0


def test_alphas_and_the_slow_are_absorbed_at_once(kernels: PointKernels) -> None:
    kernel = radial_kernel(only(energies={"alpha": 5.0, "alpha recoil": 0.1}), kernels)
    assert kernel.charged[0] == pytest.approx(5.1)
    assert radial_kernel(electron(5e-4), kernels).charged[0] == pytest.approx(5e-4)
    assert radial_kernel(photon(5e-4), kernels).photons[0] == pytest.approx(5e-4)


def test_positrons_run_as_electrons_and_annihilation_as_photons(kernels: PointKernels) -> None:
    kernel = radial_kernel(radiations("F-18"), kernels)
    assert kernel.charged[-1] == pytest.approx(radiations("F-18").energies["beta+"], rel=5e-3)  # but for bremsstrahlung
    assert kernel.photons[-1] == pytest.approx(2 * 0.511 * 0.967, rel=5e-3)


def test_neutrons_are_left_out_and_said(kernels: PointKernels) -> None:
    kernel = radial_kernel(only(energies={"alpha": 5.0, "neutron": 0.2}), kernels)
    assert kernel.energy_per_decay == pytest.approx(5.0)
    assert any("neutrons" in text for text in kernel.remarks)


def test_a_spectrum_keeps_number_and_energy_as_lines() -> None:
    spectrum = Spectrum(kind="beta-", energy=np.array([0.0, 0.1, 0.4, 1.0]), per_MeV=np.array([1.0, 2.0, 0.5, 0.0]))
    E, energy = spectrum_lines(spectrum)
    assert np.sum(energy / E) == pytest.approx(spectrum.per_decay, rel=1e-12)
    assert np.sum(energy) == pytest.approx(spectrum.energy_per_decay, rel=1e-12)


def test_energies_far_above_the_table_are_out_of_scope(kernels: PointKernels) -> None:
    with pytest.raises(ScopeError, match="point kernels end at 10 MeV"):
        radial_kernel(photon(14.0), kernels)


def test_a_kernel_must_rise_from_radius_zero() -> None:
    r = radii()
    with pytest.raises(InputError, match="increase from 0"):
        RadialKernel(nuclide="X-1", medium="soft", r=r[1:], charged=r[1:], photons=r[1:])
    with pytest.raises(InputError, match="do not fall"):
        RadialKernel(nuclide="X-1", medium="soft", r=r, charged=-r, photons=r)
