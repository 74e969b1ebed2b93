"""A small scanner and an off-centre body for the tests of PET."""

import numpy as np

from hevesy.imaging.pet.cylinder import Cylinder
from hevesy.imaging.pet.field import Field
from hevesy.imaging.pet.rings import Rings
from hevesy.imaging.pet.simulate import Detection

FIELD = Field(shape=(40, 40, 24), side=8.0, thickness=10.0)
RINGS = Rings(radius=410.0, per_ring=160, rings=12, pitch=20.0, most_rings_apart=11, stopping=1.7)
CYLINDER = Cylinder(diameter=820.0, length=240.0, acceptance=240.0, stopping=1.7)
DETECTION = Detection(
    rings=RINGS, stopping=1.7, pair_efficiency=0.5, window=(0.435, 0.585), energy_fwhm=0.11, tof_fwhm=214.0, resolution=(4.0, 4.0)
)


def body():
    """Attenuation map (z, y, x): an elliptic cylinder of water, 22 x 16 cm [1/mm]."""
    x, y, z = FIELD.centres()
    return (((x / 110) ** 2 + (y[:, None] / 80) ** 2 < 1) * np.ones(z.size)[:, None, None] * 0.0096).astype(np.float32)


def block():
    """Activity (z, y, x): a slab beside the axis of 1 kBq/ml."""
    x, _, z = FIELD.centres()
    return ((body() > 0) & (np.abs(x - 40) < 30) & (np.abs(z) < 80)[:, None, None]).astype(np.float32) * 1000
