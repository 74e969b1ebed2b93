import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError
from hevesy.materials import load_material
from hevesy.transport import Phantom

SOFT = (load_material("soft"), load_material("bone"))
GIVEN = {
    "density": np.full((2, 3, 4), 1.04),
    "medium": np.zeros((2, 3, 4), np.uint8),
    "media": SOFT,
    "voxel": (4.0, 3.0, 2.0),
}


@given(
    shape=st.tuples(*[st.integers(1, 4)] * 3),
    voxel=st.tuples(*[st.floats(0.01, 1000)] * 3),
    density=st.floats(1e-4, 25),
    medium=st.integers(0, 1),
)
def test_what_exists_is_read_only_and_as_given(shape, voxel, density, medium):
    given_density = np.full(shape, density, dtype=np.float32 if density > 1 else np.float64)
    phantom = Phantom(density=given_density, medium=np.full(shape, medium), media=SOFT, voxel=voxel)
    assert phantom.density.dtype == np.float64
    assert phantom.medium.dtype == np.uint8
    assert not phantom.density.flags.writeable
    assert not phantom.medium.flags.writeable
    given_density[:] = 0  # whoever holds the array that was given changes nothing here
    assert phantom.density == pytest.approx(density, rel=1e-6)
    assert phantom.voxel_volume == pytest.approx(np.prod(voxel) / 1000)


def test_the_loops_see_x_fastest():
    density = np.arange(1, 25).reshape(2, 3, 4) / 10
    voxels = Phantom(**{**GIVEN, "density": density}).arrays()
    assert (voxels.nx, voxels.ny, voxels.nz) == (4, 3, 2)
    assert (voxels.dx, voxels.dy, voxels.dz) == (2.0, 3.0, 4.0)
    assert voxels.density[(1 * voxels.ny + 2) * voxels.nx + 3] == density[1, 2, 3]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"density": np.ones((2, 3))},
            r"density and medium must be images of one shape \(z, y, x\); got \(2, 3\) and \(2, 3, 4\)",
        ),
        ({"density": np.ones((0, 3, 4)), "medium": np.zeros((0, 3, 4))}, "images of one shape"),
        (
            {"density": np.zeros((2, 3, 4))},
            "densities must lie above 0.0001 g/ml; got 0. Raise what is vacuum to the density of air",
        ),
        ({"density": np.where(np.arange(24).reshape(2, 3, 4) == 5, np.nan, 1.0)}, "densities must lie above"),
        ({"density": np.full((2, 3, 4), np.inf)}, "densities must lie above"),
        (
            {"density": np.full((2, 3, 4), 1040.0)},
            "highest density is 1040 g/ml, above that of any metal. Are these HU or kg/m3?",
        ),
        ({"medium": np.full((2, 3, 4), 2)}, "medium 2 is not in the list of 2 media"),
        ({"voxel": (4.8, 4.8, 0.0048)}, r"voxel sides must lie between 0.01 and 1000 mm; got \(4.8, 4.8, 0.0048\)"),
        ({"voxel": (4.8, 4.8, np.nan)}, "voxel sides"),
    ],
)
def test_what_is_senseless_is_refused(changed, message):
    with np.errstate(invalid="ignore"), pytest.raises(InputError, match=message):
        Phantom(**{**GIVEN, **changed})


def test_media_that_no_voxel_is_made_of_are_left_out():
    media = tuple(load_material(name) for name in ("air", "lung", "soft", "bone"))
    medium = np.array([[[3, 1, 3]]], np.uint8)
    found = Phantom(density=np.ones((1, 1, 3)), medium=medium, media=media, voxel=(1.0, 1.0, 1.0))
    assert found.media == (media[1], media[3])
    assert [found.media[i] for i in found.medium.reshape(-1)] == [media[3], media[1], media[3]]
