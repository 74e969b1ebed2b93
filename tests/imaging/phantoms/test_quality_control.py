"""Phantoms of quality control: volumes, positions and activity against closed forms."""

import math

import numpy as np
import pytest

from hevesy.errors import InputError
from hevesy.imaging.painting import volumes
from hevesy.imaging.phantoms import PHANTOMS, activity_map, body_map, concentrations, grid_around, hounsfield_map, nema_iec

HALF_LIFE = 6.0 * 3600


@pytest.mark.parametrize("name", ["cylinder", "nema-iec", "jaszczak"])
def test_closed_volumes_are_those_that_are_painted(name):
    subject = PHANTOMS[name](1e8, HALF_LIFE)
    painted: dict[str, float] = {}
    for layer, volume in volumes(subject.torso.pieces, 2.0).items():
        painted[layer.region] = painted.get(layer.region, 0.0) + volume
    for region, volume in subject.volumes.items():
        thin = "walls" in region.lower() or region == "Wall"
        small = region.startswith(("Rods", "Sphere"))
        assert painted[region] == pytest.approx(volume, rel=0.12 if thin else 0.06 if small else 0.01), region


@pytest.mark.parametrize("name", list(PHANTOMS))
def test_the_grid_holds_the_activity_exactly(name):
    subject = PHANTOMS[name](2e8, HALF_LIFE)
    image = activity_map(subject, grid_around((60, 56, 56), 6.0), start=HALF_LIFE)
    assert float(image.values.sum(dtype=np.float64)) * 0.216 == pytest.approx(1e8, rel=1e-5)


def test_nema_spheres():
    subject = nema_iec(1e8, HALF_LIFE, contrast=4.0)
    assert [s.diameter for s in subject.spheres] == [37, 28, 22, 17, 13, 10]
    places = np.array([s.centre for s in subject.spheres])
    assert np.allclose(np.hypot(places[:, 0], places[:, 1]), 57.2)
    assert np.allclose(places[:, 2], 0)
    steps = np.linalg.norm(places - np.roll(places, 1, axis=0), axis=1)
    assert np.allclose(steps, 57.2)  # a hexagon
    held = concentrations(subject, 0.0)
    assert held["Sphere 37 mm"] == pytest.approx(4 * held["Background"])
    assert held["Lung insert"] == held["Wall"] == 0.0
    assert subject.volumes["Sphere 10 mm"] == pytest.approx(math.pi / 6 * 1000)
    # The background compartment of the phantom holds some 9.7 to 10 l.
    assert 9.5e6 < subject.volumes["Background"] < 10.2e6


def test_what_photons_and_the_ct_meet():
    subject = nema_iec(1e8, HALF_LIFE)
    grid = grid_around((41, 41, 41), 8.0)
    body = body_map(subject, grid)
    centre = (20, 20, 20)
    assert body.media[body.medium[centre]].name == "polystyrene"
    assert body.density[centre] == pytest.approx(0.30, abs=1e-3)
    assert body.media[body.medium[20, 20, 30]].name == "water"
    assert hounsfield_map(subject, grid).values[0, 0, 0] == -1000
    assert abs(int(hounsfield_map(subject, grid).values[20, 29, 20])) < 5


def test_no_activity_is_refused():
    with pytest.raises(InputError, match="activity"):
        nema_iec(0.0, HALF_LIFE)
