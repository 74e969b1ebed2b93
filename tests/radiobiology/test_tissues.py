"""The tables of tissues and complications: whole, cited, rebuilt from their script."""

import importlib.util
import sys
from pathlib import Path

import pytest

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.radiobiology import Repair, Tissue, complications, tissue_named, tissue_of_organ, tissues, with_assumed_u
from hevesy.tables import load_table, sha256_of

TOOLS = Path(__file__).parents[2] / "tools" / "data"


def test_every_tissue_is_cited_and_says_what_it_does_not_claim():
    for tissue in tissues():
        assert tissue.source
        assert tissue.not_claimed
        assert tissue.how in ("read", "derived", "recalled")
        assert tissue.alpha_beta.u > 0
        assert tissue.repair_u > 0
        assert load_table("hevesy.radiobiology", "tissues").certificate.made_by


def test_every_complication_is_of_a_tissue_and_says_it_comes_from_a_beam():
    rows = load_table("hevesy.radiobiology", "complications").rows
    assert {row["tissue"] for row in rows} <= {tissue.name for tissue in tissues()}
    for row in rows:
        assert "external beam" in row["not_claimed"]
        assert row["source"]


def test_no_organ_has_two_tissues():
    organs = [organ for tissue in tissues() for organ in tissue.regions]
    assert len(organs) == len(set(organs))
    assert tissue_of_organ("Kidney").name == "kidney"
    assert tissue_of_organ("Spleen") is None


def test_a_name_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(InputError, match=r"no tissue 'kidnee'; there are kidney, marrow"):
        tissue_named("kidnee")
    assert tissue_named("Spinal_Cord").repair.weights == (0.5, 0.5)


def test_an_assumed_u_is_named():
    assert tissue_named("kidney").assumed == ("alpha/beta", "repair")
    assert tissue_named("prostate tumour").assumed == ("repair",)
    stated = tissue(alpha_beta=Measured(value=3.0, u=0.0), repair_u=0.0)
    assert with_assumed_u(stated).assumed == ()


def tissue(**changed):
    given = {
        "name": "own", "endpoint": "any", "alpha_beta": Measured(value=3.0, u=0.3), "repair": Repair(half_times=(1.5 * un.h,)),
        "repair_u": 0.2, "source": "own data", "how": "given",
    }  # fmt: skip
    return Tissue(**(given | changed))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"alpha_beta": Measured(value=2.6e3, u=0.0)}, "alpha/beta is 2600"),
        ({"repair_u": 20.0}, "0 to 1"),
        ({"source": ""}, "no source"),
        ({"how": "guessed"}, "allowed: read"),
        ({"alpha": Measured(value=100.0, u=0.0)}, "alpha is 100"),
    ],
)
def test_refusals(changed, said):
    with pytest.raises(InputError, match=said):
        tissue(**changed)


@pytest.mark.parametrize("name", ["tissues", "complications"])
def test_a_table_is_rebuilt_from_its_script(name, monkeypatch):
    certificate = load_table("hevesy.radiobiology", name).certificate
    monkeypatch.syspath_prepend(str(TOOLS))
    spec = importlib.util.spec_from_file_location("make_radiobiology", Path(__file__).parents[2] / certificate.made_by)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    assert sha256_of(module.content(name).encode("utf-8")) == certificate.sha256


def test_a_tissue_without_published_complications_has_none():
    assert complications("tumour") == ()
    assert len(complications("liver")) == 3
