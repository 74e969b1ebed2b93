import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError
from hevesy.materials import density_from_hounsfield, hounsfield_remarks, reference_tissue


def density(hu):
    return float(density_from_hounsfield(np.array([hu], dtype=float))[0])


@pytest.mark.parametrize(
    ("joint", "below", "above"),
    [
        (-1000, 1.21e-3, 1.21e-3),
        (-98, 0.93, 1.018 - 98 * 0.893e-3),
        (14, 1.018 + 14 * 0.893e-3, 1.03),
        (23, 1.03, 1.003 + 23 * 1.169e-3),
        (100, 1.003 + 100 * 1.169e-3, 1.017 + 100 * 0.592e-3),  # the published jump, 1.120 to 1.076 g/ml
    ],
)
def test_each_joint_belongs_to_the_segment_below_it(joint, below, above):
    assert density(joint) == pytest.approx(below, rel=1e-12)
    assert density(joint + 1e-7) == pytest.approx(above, abs=1e-9)


def test_lung_stays_lung():
    lung = reference_tissue("lung")
    assert density(lung.hounsfield) == pytest.approx(lung.density, rel=0.05)  # the scheme gives 0.268 g/ml


@pytest.mark.parametrize("tissue", ["adipose tissue", "water", "muscle", "kidney", "liver", "spleen", "spongiosa"])
def test_reference_tissues_come_out_near_their_density(tissue):
    reference = reference_tissue(tissue)
    assert density(reference.hounsfield) == pytest.approx(reference.density, rel=0.03)


def test_air_below_the_table_and_bone_above_it():
    assert density(-3024) == density(-1000) == 1.21e-3
    assert density(4000) == pytest.approx(1.017 + 4000 * 0.592e-3)


def test_remarks_count_the_voxels_outside():
    assert hounsfield_remarks(np.array([-1000.0, 0.0, 3000.0])) == ()
    above, below = hounsfield_remarks(np.array([-1024.0, -1024.0, 0.0, 3071.0]))
    assert above.startswith("1 voxels (0.25 of all) lie above 3000 HU")
    assert below.startswith("2 voxels (0.5 of all) lie below -1000 HU")


@given(st.lists(st.floats(-1100, 3100, width=32), min_size=1, max_size=50))
def test_voxel_by_voxel_whatever_the_shape_and_type(values):
    single = np.array(values, dtype=np.float32)
    double = density_from_hounsfield(single.astype(float))
    assert density_from_hounsfield(single).dtype == np.float32
    assert density_from_hounsfield(single) == pytest.approx(double, rel=1e-5, abs=1e-7)
    assert density_from_hounsfield(single.reshape(1, -1, 1)).shape == (1, len(values), 1)
    assert np.all(double > 0)


def test_longer_than_one_chunk():
    hu = np.linspace(-1000, 1500, 600_001).astype(np.float32)
    found = density_from_hounsfield(hu)
    assert found[[0, 300_000, 600_000]] == pytest.approx([density(float(v)) for v in hu[[0, 300_000, 600_000]]], rel=1e-5)


def test_not_a_number_is_refused():
    with pytest.raises(InputError, match="not finite"):
        density_from_hounsfield([0.0, np.nan])
