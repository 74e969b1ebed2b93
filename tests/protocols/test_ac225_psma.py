import pytest

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.protocols.ac225_psma import REGIONS, average_doses, injection_activity, region_dose
from hevesy.protocols.first_order import exact


def test_activity_by_mass():
    assert injection_activity(mass=exact(80.0)).value == pytest.approx(8 * u.MBq)


def test_averages_stand_unweighted_beside_weighted():
    found = average_doses()
    assert set(found) == set(REGIONS)
    for plain, weighted in found.values():
        assert weighted.value / plain.value == pytest.approx(4.90, abs=0.02)
    assert max(found, key=lambda name: found[name][1].value) == "Salivary glands"


def test_dose_by_hand():
    """1 MBq, 1 h and 0.3 kg: 3.6e9 decays of 28.68 MeV."""
    dose, energy = region_dose(tiac=exact(u.h), mass=exact(0.3), activity=exact(u.MBq), retained={})
    assert dose.value == pytest.approx(3.6e9 * 28.684 * 1.602177e-13 / 0.3, rel=1e-3)
    assert energy.leaving == pytest.approx(0.0, abs=1e-12)


def test_daughters_that_leave_take_their_dose_along():
    all_kept, _ = region_dose(tiac=exact(u.h), mass=exact(0.3), activity=exact(u.MBq), retained={})
    gone, energy = region_dose(tiac=exact(u.h), mass=exact(0.3), activity=exact(u.MBq), retained={"Fr-221": exact(0.0)})
    share = energy.leaving / (energy.alpha + energy.electron + energy.leaving)
    assert gone.value == pytest.approx(all_kept.value * (1 - share))
    assert share == pytest.approx(0.79, abs=0.01)


def test_uncertainty():
    tiac, mass = Measured(value=u.h, u=0.1 * u.h), Measured(value=0.3, u=0.03)
    dose, _ = region_dose(tiac=tiac, mass=mass, activity=exact(u.MBq), retained={})
    assert dose.relative == pytest.approx(0.1414, rel=1e-3)
    with pytest.raises(InputError, match="coefficient is 0 h"):
        region_dose(tiac=exact(0.0), mass=mass, activity=exact(u.MBq), retained={})


def test_u_of_what_is_retained_is_in_both_doses():
    """The share of Bi-213 moves both doses; the weighted one by its own energies, not by one factor."""
    sure = {"tiac": exact(u.h), "mass": exact(0.3), "activity": exact(u.MBq)}
    kept = {"Fr-221": Measured(value=0.8, u=0.1)}
    dose, _ = region_dose(**sure, retained=kept)
    weighted, energy = region_dose(**sure, retained=kept, rbe=5.0)
    assert dose.relative > 0.05
    assert weighted.value == pytest.approx(dose.value * energy.weighting(5.0))
    low, _ = region_dose(**sure, retained={"Fr-221": exact(0.7)}, rbe=5.0)
    assert weighted.u == pytest.approx(weighted.value - low.value, rel=1e-6)
    with pytest.raises(InputError, match="with an uncertainty"):
        region_dose(**sure, retained={"Fr-221": Measured(value=1.0, u=0.1)})
