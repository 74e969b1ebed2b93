import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy.materials import csda_range, load_material, radiation_yield
from hevesy.nuclides import radiations
from hevesy.transport import Cutoffs, source
from hevesy.transport.media import electron_tables, without_radiation

MEDIA = (load_material("soft"), load_material("bone"))
TABLES = electron_tables(MEDIA, Cutoffs())


@pytest.mark.parametrize("name", ["Lu-177", "Y-90", "I-131", "F-18", "I-124", "H-3", "Ac-225"])
def test_charged_particles_hold_their_energy(name):
    found = radiations(name)
    charged, slow = source.charged_particles(found, 2e-3)
    kinds = ("beta-", "beta+", "conversion electron", "Auger electron", "delayed beta")
    wanted = sum(energy for kind, energy in found.energies.items() if kind in kinds)
    assert charged.per_decay @ charged.mean + slow == pytest.approx(
        wanted, rel=1e-3
    )  # tabulated positrons meet the yield to 0.05 %
    assert np.all(charged.mean > 2e-3)
    assert set(charged.charge) <= {0, 1}


@pytest.mark.parametrize("name", ["Lu-177", "F-18"])
def test_chance_times_weight_is_the_yield(name, phantoms):
    charged, _ = source.charged_particles(radiations(name), 2e-3)
    lines = source.electron_lines(charged, TABLES, 0, phantoms.box((3, 3, 3), 4.0))
    assert lines.cumulative[:, -1] == pytest.approx(np.ones(len(source.CLASSES)))
    for cumulative, weight in zip(lines.cumulative, lines.weight, strict=True):
        assert np.diff(cumulative, prepend=0) * weight == pytest.approx(charged.per_decay)


def test_photons_of_a_pure_beta_emitter_are_its_bremsstrahlung():
    found = radiations("Y-90", daughters=False)
    charged, _ = source.charged_particles(found, 2e-3)
    lines, dim, energy = source.photon_lines(found, charged, MEDIA)
    for m, medium in enumerate(MEDIA):
        radiated = float(np.sum(charged.per_decay * charged.mean * radiation_yield(medium, charged.mean)))
        own = float(found.photon_energy @ found.photon_yield)
        assert energy[m] + dim == pytest.approx(radiated + own, rel=1e-6)
        per_decay = np.diff(lines.cumulative[m], prepend=0) * lines.weight[m]
        assert per_decay @ (0.5 * (lines.low + lines.high)) == pytest.approx(energy[m], rel=1e-6)


def test_a_positron_gives_two_photons_where_it_ends():
    found = radiations("F-18")
    charged, _ = source.charged_particles(found, 2e-3)
    lines, _, energy = source.photon_lines(found, charged, MEDIA)
    pairs = lines.charge == 3
    positrons = np.diff(lines.cumulative[0], prepend=0)[pairs] @ lines.weight[0][pairs]
    # A tabulated spectrum has the yield within 0.05 %.
    assert positrons == pytest.approx(found.annihilation_yield.sum() / 2, rel=5e-4)
    assert energy[0] > 1.02 * positrons


def test_local_energy_is_all_but_what_is_radiated():
    charged, slow = source.charged_particles(radiations("Y-90", daughters=False), 2e-3)
    kept = source.absorbed_locally(charged, TABLES, 2)
    whole = float(charged.per_decay @ charged.mean)
    for m, medium in enumerate(MEDIA):
        radiated = float(np.sum(charged.per_decay * charged.mean * radiation_yield(medium, charged.mean)))
        assert kept[m] == pytest.approx(whole - radiated, rel=1e-4)
    assert source.absorbed_locally(charged, without_radiation(TABLES), 2) == pytest.approx(whole, rel=1e-9)


@settings(deadline=None)  # the first call builds the tables
@given(density=st.floats(0.2, 2.0), sides=st.tuples(*[st.floats(0.5, 10)] * 3), energy=st.floats(0.02, 3))
def test_the_shell_is_what_a_range_reaches(density, sides, energy):
    charged = source.Charged(
        low=np.array([energy]), high=np.array([energy]), per_decay=np.ones(1), charge=np.zeros(1, np.int64)
    )  # fmt: skip
    share = source.shell_share(charged, TABLES, 0, density, sides, charged.mean)
    reach = 10 * float(csda_range(MEDIA[0], energy)) / density
    assert share == pytest.approx(1 - np.prod([max(0.0, 1 - 2 * reach / side) for side in sides]), abs=3e-3)


def test_origins_undo_their_chances(phantoms):
    tia = np.array([[[0.0, 2.0, 5.0]]])
    found = source.origins(phantoms.box((1, 1, 3), 4.0), tia, np.array([[[0.5, 0.4, 0.1]]]))
    assert found.voxel.tolist() == [1, 2]
    assert found.cumulative == pytest.approx([0.8, 1.0])
    assert found.weight * [0.8, 0.2] == pytest.approx([2.0, 5.0])


def test_densities_find_their_class():
    assert source.density_class(source.CLASSES).tolist() == list(range(len(source.CLASSES)))
    assert source.density_class(np.array([1e-3, 30.0])).tolist() == [0, len(source.CLASSES) - 1]
