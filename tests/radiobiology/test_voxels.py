"""BED by voxel."""

import time

import numpy as np
import pytest

from hevesy.errors import InputError
from hevesy.radiobiology import Response, bed, bed_map


def test_each_region_has_its_own_response_and_the_rest_none():
    D = np.array([[[1.0, 5.0], [5.0, -0.01]]])
    labels = np.array([[[0, 1], [2, 2]]])
    B = bed_map(D, labels, {1: Response(G=0.05, alpha_beta=2.6, cycles=4), 2: Response(G=0.02, alpha_beta=10.0, rbe=5.0)})
    assert B[0, 0, 0] == 0
    assert B[0, 0, 1] == pytest.approx(4 * bed(5.0, 0.05, 2.6))
    assert B[0, 1, 0] == pytest.approx(bed(5.0, 0.02, 10.0, rbe=5.0))
    assert B[0, 1, 1] == 0


def test_a_map_of_two_million_voxels_is_quick():
    D = np.full((128, 128, 128), 5.0, dtype=np.float32)
    begun = time.perf_counter()
    bed_map(D, np.ones(D.shape, dtype=np.uint8), {1: Response(G=0.05, alpha_beta=2.6)})
    assert time.perf_counter() - begun < 2.0


def test_another_grid_is_refused():
    with pytest.raises(InputError, match="one grid"):
        bed_map(np.zeros((2, 2, 2)), np.zeros((2, 2, 3), dtype=int), {})
