"""Engines by name."""

import pytest

from hevesy.dose import DEFAULT, EngineSettings, engine, engine_names
from hevesy.errors import InputError
from hevesy.nuclides import load_nuclide


def test_every_name_gives_the_engine_of_that_name() -> None:
    assert [engine(name).name for name in engine_names()] == list(engine_names())
    assert engine_names()[0] == DEFAULT


def test_each_engine_takes_what_concerns_it() -> None:
    settings = EngineSettings(daughters=False, uncertainty=0.02, seed=5, medium="lung", density=0.3)
    alone, chain = (engine(name, settings).energy_per_decay(load_nuclide("Ac-225")) for name in ("local", "montecarlo"))
    assert alone < 6.1
    assert chain < 6.2
    assert "2 %" in engine("montecarlo", settings).description
    assert "seed 5" in engine("montecarlo", settings).description


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match="'egs' is not known; allowed: montecarlo, kernel, local"):
        engine("egs")
