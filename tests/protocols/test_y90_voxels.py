import numpy as np
import pytest

from hevesy import units as u
from hevesy.dose import KernelConvolution, LocalDeposition
from hevesy.errors import DataError, InputError
from hevesy.model import Grid, Image, Quantity
from hevesy.protocols.first_order import exact
from hevesy.protocols.y90_activity import energy_per_activity
from hevesy.protocols.y90_radioembolisation import LIVER, TUMOUR, ConcentrationRatio, Partition, partition_doses
from hevesy.protocols.y90_voxels import voxel_doses

SHAPE = (24, 24, 24)
GRID = Grid(shape=SHAPE, affine=np.diag([5.0, 5.0, 5.0, 1.0]))
LIVER_MASK = np.zeros(SHAPE, dtype=bool)
LIVER_MASK[4:20, 4:20, 4:20] = True
TUMOUR_MASK = np.zeros(SHAPE, dtype=bool)
TUMOUR_MASK[9:14, 9:14, 9:14] = True
NORMAL = LIVER_MASK & ~TUMOUR_MASK
DENSITY = Image(values=np.full(SHAPE, 1.06, dtype=np.float32), grid=GRID, quantity=Quantity.DENSITY)


def counts(ratio=4.0, outside=0.0):
    values = np.full(SHAPE, outside, dtype=np.float32)
    values[NORMAL], values[TUMOUR_MASK] = 10.0, 10.0 * ratio
    return Image(values=values, grid=GRID, quantity=Quantity.COUNTS)


def plan(image=None, **other):
    given = {"liver": LIVER_MASK, "regions": {LIVER: NORMAL, TUMOUR: TUMOUR_MASK}, "activity": 2 * u.GBq, "lung_shunt": 0.05}
    return voxel_doses(image or counts(), DENSITY, **(given | other))


def mass(mask):
    return mask.sum() * 0.125 * 1.06e-3


def test_local_deposition_is_the_partition_model():
    """Two uniform regions, energy where it is given off: the closed form."""
    found = plan()
    p = Partition(
        tumour_mass=exact(mass(TUMOUR_MASK)), liver_mass=exact(mass(NORMAL)), lung_mass=exact(1.0), lung_shunt=exact(0.05),
        ratio=ConcentrationRatio(value=exact(4.0)),
    )  # fmt: skip
    theirs = partition_doses(p, activity=exact(2 * u.GBq), energy=energy_per_activity())
    # The engine counts positrons too: 3e-5 of the energy.
    assert found.regions[TUMOUR].mean == pytest.approx(theirs[TUMOUR].value, rel=2e-3)
    assert found.regions[LIVER].mean == pytest.approx(theirs[LIVER].value, rel=2e-3)
    assert found.regions[TUMOUR].share + found.regions[LIVER].share == pytest.approx(1.0)
    assert found.regions[TUMOUR].at_volume == pytest.approx([found.regions[TUMOUR].mean] * 4, rel=1e-5)


def test_the_scale_of_the_image_does_not_matter():
    once = plan().regions[TUMOUR].mean
    scaled = Image(values=counts().values * np.float32(7), grid=GRID, quantity=Quantity.ACTIVITY_CONCENTRATION)
    assert plan(scaled).regions[TUMOUR].mean == pytest.approx(once, rel=1e-5)
    assert plan(activity=4 * u.GBq).regions[TUMOUR].mean == pytest.approx(2 * once, rel=1e-5)


def test_what_lies_outside_is_left_out_and_said():
    found = plan(counts(outside=5.0))
    assert found.regions[TUMOUR].mean == pytest.approx(plan().regions[TUMOUR].mean, rel=1e-5)
    assert any("outside the liver mask" in text for text in found.remarks)


def test_another_engine_levels_the_tumour():
    kernel = plan(engine=KernelConvolution())
    assert kernel.regions[TUMOUR].mean < plan(engine=LocalDeposition()).regions[TUMOUR].mean
    assert any("engine kernel" in text for text in kernel.remarks)


def test_what_is_refused():
    negative = counts().values.copy()
    negative[10, 10, 10] = -1
    with pytest.raises(DataError, match="below zero"):
        plan(Image(values=negative, grid=GRID, quantity=Quantity.COUNTS))
    with pytest.raises(DataError, match="holds nothing"):
        plan(Image(values=np.zeros(SHAPE, dtype=np.float32), grid=GRID, quantity=Quantity.COUNTS))
    with pytest.raises(InputError, match="mask of"):
        plan(regions={TUMOUR: np.zeros(SHAPE, dtype=bool)})
    with pytest.raises(InputError, match="counts or Bq/ml"):
        plan(DENSITY)
