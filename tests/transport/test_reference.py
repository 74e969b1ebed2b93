"""Agreement with an independent program by z-scores; the reference cases hold the values."""

import numpy as np
import pytest
from scipy import stats

NUCLIDES = ("lu177", "i131", "y90")


@pytest.mark.parametrize("name", NUCLIDES)
def test_regions_of_the_patient_like_body_agree_within_uncertainties(cases, phantoms, name):
    z = []
    for kind in ("soft", "lung_and_bone"):
        case = cases.load(cases.FOLDER / "transport" / f"patient_{name}_{kind}.toml")
        ours = phantoms.region_dose_and_u(case.given["nuclide"])
        for region, theirs, their_u in zip(case.given["regions"], case.expect, case.u, strict=True):
            dose, u = ours[region]
            assert u <= 0.003 * dose
            z.append((dose - theirs) / np.hypot(u, their_u * theirs))
    assert stats.chi2.sf(np.sum(np.square(z)), len(z)) > 1e-3
    assert np.max(np.abs(z)) < stats.norm.isf(0.0005 / len(z))


def test_the_body_has_the_volumes_it_should(phantoms):
    volumes = {name: np.sum(voxels) * phantoms.SIDE**3 / 1000 for name, voxels in phantoms.patient_like().regions.items()}
    half_a_voxel = 0.5 * phantoms.SIDE**3 / 1000
    assert volumes["kidney"] == pytest.approx(112, abs=half_a_voxel)
    assert volumes["lung_right"] == pytest.approx(600, abs=half_a_voxel)
    assert volumes["liver"] + volumes["lesion_liver"] == pytest.approx(800, abs=2 * half_a_voxel)
    assert {name: volumes[name] for name in ("lesion_lung", "lesion_bone")} == pytest.approx(
        {"lesion_lung": 4, "lesion_bone": 4}, abs=half_a_voxel
    )
