"""The lines are those of the decay data, whole or without their electrons."""

import numpy as np
import pytest

from hevesy.imaging.systems.photons import photon_lines
from hevesy.nuclides import radiations


@pytest.mark.parametrize("nuclide", ["Tc-99m", "Lu-177", "Ac-225"])
def test_same_lines(nuclide):
    energies, yields = photon_lines(nuclide)
    whole = radiations(nuclide)
    np.testing.assert_array_equal(energies, whole.photon_energy)
    np.testing.assert_allclose(yields, whole.photon_yield, rtol=1e-14)
