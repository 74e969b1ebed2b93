"""Names of radiopharmaceuticals: every usual spelling is one tracer, an unknown one is answered and never guessed."""

import pytest

from hevesy.errors import InputError
from hevesy.protection.tracers import known_tracers, nearest, nuclide_of, tracer


@pytest.mark.parametrize("text", ["MAG3", "99mTc-MAG3", "[99mTc]Tc-MAG3", "Tc-99m MAG3", "tc99m mag3", "MAG 3", "mertiatide"])
def test_spellings_of_one_tracer(text: str):
    assert tracer(text).name == "Tc-99m MAG3"


@pytest.mark.parametrize("text", ["FDG", "18F-FDG", "[18F]FDG", "[18F]F-FDG", "F-18 FDG", "f18 fdg", "fludeoxyglucose (18F)"])
def test_spellings_of_fdg(text: str):
    assert tracer(text).name == "F-18 FDG"


@pytest.mark.parametrize("name", known_tracers())
def test_each_name_finds_itself(name: str):
    found = tracer(name)
    assert found.name == name
    assert found.rest == ""
    assert nuclide_of(name) == found.nuclide


def test_words_after_the_name_are_kept():
    assert tracer("FDG brain").rest == "brain"
    assert tracer("Tc-99m MIBI heart, two days").rest == "heart two days"


@pytest.mark.parametrize("text", ["DOTATATE", "mIBG", "NaI", "PSMA"])
def test_a_name_of_several_nuclides_is_asked_back(text: str):
    with pytest.raises(InputError, match="several are known"):
        tracer(text)


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(InputError, match=r"not known; the nearest known are Tc-99m MAG3"):
        tracer("MAGG3")
    assert nearest("FGD")[0] == "F-18 FDG"
    with pytest.raises(InputError, match="not known"):
        tracer("")
    # The ligand alone does not carry a wrong nuclide through.
    with pytest.raises(InputError, match="not known"):
        tracer("I-131 FDG")
