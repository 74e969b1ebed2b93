"""Laws that the simulation as a whole must obey: energy, symmetry, reciprocity, scaling, and closed forms."""

from importlib import import_module

import numpy as np
import pytest
from scipy import stats
from scipy.special import expn

from hevesy.materials import load_material, photon_cross_sections
from hevesy.nuclides import radiations
from hevesy.transport import Cutoffs, Phantom, simulate
from hevesy.transport._kernels import tables
from hevesy.units import JOULE_PER_MEV


def block(shape, *slices):
    mask = np.zeros(shape, bool)
    mask[slices] = True
    return mask


def agree(one, other, limit=3.5):
    """z of two doses, each (value, u)."""
    return abs(one[0] - other[0]) < limit * np.hypot(one[1], other[1])


@pytest.mark.parametrize(
    ("nuclide", "side", "density"),
    [("Lu-177", 20.0, 8.0), ("I-125", 20.0, 1.0), ("F-18", 20.0, 8.0), ("P-32", 20.0, 8.0), ("Na-24", 20.0, 20.0)],
)
def test_all_energy_is_absorbed_where_nothing_gets_out(phantoms, nuclide, side, density):
    """Photons, positrons and their annihilation, bremsstrahlung and pairs: what was given off is there, within 0.1 %."""
    shape = (21, 21, 21)
    made = simulate(
        phantoms.box(shape, side, density=density), phantoms.middle(shape), radiations(nuclide), seed=3, uncertainty=5e-4,
        regions=[np.ones(shape, bool)], threads=2,
    )  # fmt: skip
    assert made.absorbed == pytest.approx(made.emitted, rel=1e-3)


def test_six_faces_receive_the_same(phantoms):
    shape = (5, 5, 5)
    made = simulate(phantoms.box(shape, 4.0), phantoms.middle(shape), radiations("Y-90"), seed=4, uncertainty=0.003)
    for offset in ((1, 0, 0), (1, 1, 0), (1, 1, 1)):
        voxels = {tuple(s * np.roll(offset, k)) for k in range(3) for s in np.array(np.meshgrid(*[[-1, 1]] * 3)).reshape(3, -1).T}
        dose, u = (np.array([image[tuple(np.add(v, 2))] for v in voxels]) for image in (made.dose, made.u))
        assert len(voxels) == {1: 6, 2: 12, 3: 8}[sum(offset)]
        chi2 = np.sum(((dose - np.average(dose, weights=u**-2)) / u) ** 2)
        assert stats.chi2.sf(chi2, len(voxels) - 1) > 1e-3


@pytest.mark.parametrize("nuclide", ["Lu-177", "Y-90", "I-131"])
def test_sources_and_targets_change_places(phantoms, nuclide):
    """D(A from B) = D(B from A) for one decay each, in a uniform medium, whatever the sizes of A and B."""
    shape = (15, 15, 15)
    A, B = block(shape, slice(5, 8), slice(5, 9), slice(4, 8)), block(shape, slice(6, 9), slice(6, 8), slice(8, 10))
    phantom, found = phantoms.box(shape, 4.0), []
    for source, target in ((A, B), (B, A)):
        made = simulate(phantom, source / source.sum(), radiations(nuclide), seed=5, uncertainty=0.02, regions=[target])
        found.append((made.region_dose[0], made.region_u[0]))
    assert agree(*found)


@pytest.mark.parametrize("nuclide", ["Y-90", "I-131"])
def test_density_and_size_scale(phantoms, nuclide):
    """S(rho, a) = rho^2 S(1, rho a) in one medium."""
    shape = (9, 9, 9)
    masks = [block(shape, slice(4, 5), slice(4, 5), slice(4, 5)), block(shape, slice(4, 5), slice(4, 5), slice(5, 6))]
    found = []
    for density, side in ((1.0, 4.0), (0.25, 16.0), (1.6, 2.5)):
        made = simulate(
            phantoms.box(shape, side, density=density), phantoms.middle(shape), radiations(nuclide), seed=6,
            uncertainty=0.012, regions=masks, cutoffs=Cutoffs(),
        )  # fmt: skip
        found.append((made.region_dose / density**2, made.region_u / density**2))
    for k in range(2):
        for other in found[1:]:
            assert agree((found[0][0][k], found[0][1][k]), (other[0][k], other[1][k]))


@pytest.mark.parametrize("nuclide", ["Y-90", "Lu-177"])
def test_the_voxels_do_not_matter(phantoms, nuclide):
    """The same cubes of 8 mm from voxels of 8, 4 and 2 mm: what is absorbed where it starts costs under 0.2 %."""
    found = []
    for part in (1, 2, 4):
        shape = (3 * part,) * 3
        inner, middle = slice(part, 2 * part), block(shape, *[slice(part, 2 * part)] * 3)
        beside = block(shape, inner, inner, slice(2 * part, 3 * part))
        made = simulate(
            phantoms.box(shape, 8.0 / part), middle / middle.sum(), radiations(nuclide), seed=7, uncertainty=0.012,
            regions=[middle, beside], threads=2,
        )  # fmt: skip
        found.append((made.region_dose, np.hypot(made.region_u, 0.001 * made.region_dose)))
    for k in range(2):
        for other in found[1:]:
            assert agree((found[0][0][k], found[0][1][k]), (other[0][k], other[1][k]))


def test_unequal_sides_are_as_good_as_equal_ones(phantoms):
    """A slab of 4 x 8 x 2 mm voxels and one of 4 mm cubes, the same blocks in both."""
    found = []
    for shape, voxel in (((4, 4, 4), (4.0, 4.0, 4.0)), ((4, 2, 8), (4.0, 8.0, 2.0))):
        half = block(shape, slice(None), slice(None), slice(0, shape[2] // 2))
        phantom = Phantom(
            density=np.ones(shape), medium=np.zeros(shape), media=(load_material("soft"),), voxel=voxel
        )  # fmt: skip
        made = simulate(
            phantom, half / half.sum(), radiations("Y-90"), seed=8, uncertainty=0.01, regions=[~half], cutoffs=Cutoffs()
        )  # fmt: skip
        found.append((made.region_dose[0], made.region_u[0]))
    assert agree(*found)


def test_an_absorbing_slab_meets_its_closed_form(phantoms, monkeypatch):
    """A thin layer of photons that are absorbed where they hit: exponential integrals.

    From an isotropic layer of thickness h a share T(d) = [E_3(mu d) - E_3(mu (d + h))] / (2 mu h) gets to the depth d on
    one side. Scattering is switched off in the tables; the electrons stay.
    """
    E, density, h, shape = 0.025, 10.0, 1.0, (31, 13, 13)
    medium = load_material("water")

    def absorbing(media, cutoffs):
        made = photon_tables(media, cutoffs)
        data, grid = made.data.copy(), np.exp(made.log_first + np.arange(made.data.shape[1]) / made.per_log)
        data[0, :, tables.TOTAL] = data[0, :, tables.KERMA] = photon_cross_sections(medium, grid).photoelectric / 10
        data[0, :, tables.INCOHERENT] = data[0, :, tables.COHERENT] = 0.0
        data[0, :, tables.PHOTOELECTRIC] = 1.0
        return made._replace(data=data)

    module = import_module("hevesy.transport.simulate")
    photon_tables = module.photon_tables
    monkeypatch.setattr(module, "photon_tables", absorbing)
    phantom = Phantom(density=np.full(shape, density), medium=np.zeros(shape), media=(medium,), voxel=(h, 8.0, 8.0))
    layers = [block(shape, k) for k in range(15, 25)]
    made = simulate(
        phantom, phantoms.middle(shape), phantoms.particles(E, "photon"), seed=9, uncertainty=0.002, regions=layers
    )  # fmt: skip
    mu = float(photon_cross_sections(medium, E).photoelectric) * density / 10
    d = np.arange(10) * h
    beyond = (expn(3, mu * d) - expn(3, mu * (d + h))) / (2 * mu * h)
    expected = np.concatenate([[1 - 2 * beyond[0]], beyond[:-1] - beyond[1:]])
    mass = density * 1e-3 * 13 * 13 * 64 * 1e-3  # kg
    scale = mass / (E * JOULE_PER_MEV)
    z = (made.region_dose * scale - expected) / (made.region_u * scale)
    assert np.all(made.region_u <= 0.002 * made.region_dose)
    assert stats.chi2.sf(np.sum(z**2), z.size) > 1e-3
    assert np.max(np.abs(z)) < 4.5


def test_kerma_and_followed_electrons_agree_whatever_the_density(phantoms):
    """Fano: in one medium, electrons set free in proportion to the mass give a dose that no step of density changes."""
    shape = (9, 9, 9)
    density = np.where(np.indices(shape).sum(axis=0) % 2, 1.05, 0.26)
    phantom = Phantom(density=density, medium=np.zeros(shape), media=(load_material("soft"),), voxel=(5.0, 5.0, 5.0))
    inside = [slice(3, 6)] * 3
    masks = [block(shape, *inside) & (density < 1), block(shape, *inside) & (density > 1)]
    tia, photons = density / density.sum(), phantoms.particles(0.364, "photon")
    found = []
    for follow_from in (0.05, 20.0):
        made = simulate(
            phantom, tia, photons, seed=10, uncertainty=0.015, regions=masks, cutoffs=Cutoffs(follow_from=follow_from)
        )  # fmt: skip
        found.append((made.region_dose, made.region_u))
    for k in range(2):
        assert agree((found[0][0][k], found[0][1][k]), (found[1][0][k], found[1][1][k]))
