"""The loader of point kernels against a table written here."""

import numpy as np
import pytest

from hevesy.dose.point_kernels import PointKernel, load_point_kernels, point_kernels
from hevesy.errors import DataError, InputError
from hevesy.tables import Certificate, Table

CERTIFICATE = Certificate(title="t", source="s", edition="e", licence="l", made_by="here", sha256="0")


def table(rows: list[dict[str, str]]) -> Table:
    return Table(name="made up", rows=tuple(rows), certificate=CERTIFICATE)


def row(particle: str, energy: str, scale: str, radiated: str, *c: str) -> dict[str, str]:
    fractions = {f"c_{k:03d}": value for k, value in enumerate(c)}
    return {"particle": particle, "energy_MeV": energy, "scale_g_per_cm2": scale, "radiated": radiated} | fractions


ROWS = [
    row("grid_electron", "", "", "", "0.5", "1.0", ""),
    row("grid_photon", "", "", "", "0", "1", "20"),
    row("electron", "0.1", "0.01", "0.001", "0.6", "0.9985", ""),
    row("electron", "1.0", "0.4", "0.01", "0.7", "0.99", ""),
    row("photon", "1.0", "14", "", "0", "0.5", "0.9999"),
    row("photon", "0.1", "6", "", "0", "0.6", "1.0"),
]
LIGHT = [
    {"electron_energy_MeV": "1.0", "photon_energy_MeV": "0.1", "photons_per_electron": "0.05"},
    {"electron_energy_MeV": "1.0", "photon_energy_MeV": "0.5", "photons_per_electron": "0.01"},
]


def test_fractions_are_closed_and_radii_start_at_zero() -> None:
    found = point_kernels("soft", table(ROWS), table(LIGHT))
    assert found.electrons.x == pytest.approx([0, 0.5, 1.0])
    assert found.electrons.absorbed[:, -1] == pytest.approx([0.999, 0.99])
    assert found.electrons.absorbed[0, 1] == pytest.approx(0.6 * 0.999 / 0.9985)
    assert found.photons.energy == pytest.approx([0.1, 1.0])
    assert found.photons.x == pytest.approx([0, 1, 20, 26])
    assert found.photons.absorbed[1] == pytest.approx([0, 0.5, 0.9999, 1.0])
    assert not found.photons.absorbed.flags.writeable


def test_bremsstrahlung_is_shared_by_energy() -> None:
    found = point_kernels("soft", table(ROWS), table(LIGHT))
    assert found.bremsstrahlung_energy == pytest.approx([0.1, 0.5])
    assert found.bremsstrahlung[1] == pytest.approx([0.5, 0.5])
    assert found.bremsstrahlung.sum(axis=1) == pytest.approx(1)


def test_energy_that_does_not_close_is_refused() -> None:
    broken = [r | {"c_001": "0.95"} if r["particle"] == "electron" else r for r in ROWS]
    with pytest.raises(DataError, match="closes within"):
        point_kernels("soft", table(broken), table(LIGHT))
    with pytest.raises(DataError, match="cannot be read"):
        point_kernels("soft", table(ROWS[2:]), table(LIGHT))


def test_a_curve_that_falls_is_refused() -> None:
    two = np.array([1.0, 2.0])
    with pytest.raises(DataError, match="must rise"):
        PointKernel(
            energy=two, scale=two, x=np.array([0.0, 1.0, 2.0]), absorbed=np.array([[0, 1.1, 1], [0, 0.5, 1]]), radiated=0 * two
        )


def test_an_unknown_medium_is_refused() -> None:
    with pytest.raises(InputError, match="'butter' has no point kernels; allowed:"):
        load_point_kernels("butter")
