"""Bodies from newborn to large adult: size by the scaling law, tracers that never hold more than was given."""

import numpy as np
import pytest

from hevesy.errors import InputError
from hevesy.imaging.phantoms import (
    BODIES,
    TRACERS,
    activity_map,
    body_map,
    body_named,
    concentrations,
    grid_around,
    subject,
    subjects,
)
from hevesy.imaging.phantoms.bodies import scaled_pieces
from hevesy.imaging.phantoms.tracers import TORSO_SHARE


def test_every_name_is_a_subject():
    assert {"cylinder", "nema-iec", "newborn", "pregnant", "large-adult"} <= set(subjects())
    with pytest.raises(InputError, match="adult-male"):
        subject("adult-man", nuclide="Lu-177", activity=1e9)
    with pytest.raises(InputError, match="tracer of F-18"):
        subject("newborn", nuclide="Tc-99m", activity=1e8, tracer="fdg")
    with pytest.raises(InputError, match="no tracer of I-123"):
        subject("newborn", nuclide="I-123", activity=1e8)
    with pytest.raises(InputError, match="takes no tracer"):
        subject("point", nuclide="Tc-99m", activity=1e8, tracer="fdg")


@pytest.mark.parametrize(("name", "nuclide"), [("newborn", "Tc-99m"), ("adult-male", "Lu-177")])
def test_the_torso_has_its_share_of_the_mass(name, nuclide):
    body = BODIES[name]
    found = subject(name, nuclide=nuclide, activity=1e8)
    side = 10.0 * body.factors[2]
    painted = body_map(found, grid_around((64, 34, 48), side))
    mass = float(painted.density[painted.density > 0.02].sum()) * painted.voxel_volume / 1000
    # The adult's torso is 52 % of the body; the rim of fat does not scale quite as the rest.
    assert mass == pytest.approx(TORSO_SHARE * body.mass, rel=0.03)


def test_the_large_adult_has_the_organs_of_a_man_under_more_fat():
    man, large = (subject(name, nuclide="F-18", activity=1e8) for name in ("adult-male", "large-adult"))
    assert large.volumes["Liver"] == pytest.approx(man.volumes["Liver"], rel=0.01)
    assert large.volumes["Fat"] > 2 * man.volumes["Fat"]


def test_the_uterus_is_in_the_pregnant_only():
    woman, pregnant = (subject(name, nuclide="F-18", activity=1e8) for name in ("adult-female", "pregnant"))
    assert "Conceptus" not in woman.volumes
    assert pregnant.volumes["Conceptus"] == pytest.approx(1.506e6, rel=0.05)
    assert 0 < concentrations(pregnant, 3600.0)["Conceptus"] < concentrations(pregnant, 3600.0)["Heart"]
    assert any("24th week" in remark for remark in pregnant.remarks)


@pytest.mark.parametrize("tracer", list(TRACERS))
def test_a_tracer_never_holds_more_than_was_given(tracer):
    chosen = TRACERS[tracer]
    half_life = {"fdg": 6586.0, "phosphonate": 21624.0, "dotatate": 574300.0}[tracer]
    spread = chosen.spread(1.0, half_life)
    for t in (0.0, 600.0, 3600.0, 4 * 3600.0, 86400.0):
        held = sum(sum(a * np.exp(-r * t) for a, r in zip(c.amplitudes, c.rates, strict=True)) for c in spread.curves.values())
        assert -1e-9 <= held <= np.exp(-np.log(2) * t / half_life) * (1 + 1e-9)
    assert spread.remarks


def test_activity_on_a_grid_that_holds_the_body():
    found = subject("newborn", nuclide="Tc-99m", activity=1e7)
    image = activity_map(found, grid_around((40, 24, 40), 5.0), start=3600.0)
    true = sum(c * found.volumes[r] / 1000 for r, c in concentrations(found, 3600.0).items())
    assert float(image.values.sum()) * 0.125 == pytest.approx(true, rel=1e-4)


def test_sizes():
    assert body_named("Adult-Male").factors == pytest.approx((1, 1, 1))
    assert scaled_pieces(BODIES["newborn"])[-1].layers[1].below < 6
    with pytest.raises(InputError, match="newborn"):
        body_named("new-born")
