"""Rules and scores decided from figures, by hand."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.planning.criteria import Criterion, Score, find
from hevesy.planning.eligibility import Findings, Region, Verdict, decide, overall, probability_above, scored


def region(name: str, top: float, mean: float | None = None, *, u: float | None = 0.05, **more: Any) -> Region:
    def measured(x: float) -> Measured:
        return Measured(value=x, u=None if u is None else u * x, why_no_u="" if u is not None else "not stated")

    return Region(name=name, suv_max=measured(top), suv_mean=measured(mean or 0.6 * top), volume_ml=5.0, **more)


ORGANS = {
    "blood pool": region("Blood", 2.0, 1.5),
    "liver": region("Liver", 8.0, 5.0),
    "spleen": region("Spleen", 12.0, 9.0),
    "parotid gland": region("Parotid", 20.0, 15.0),
}


def findings(*lesions: Region, **more: Any) -> Findings:
    return Findings(lesions=lesions, **{"references": ORGANS, **more})


def criterion(name: str) -> Criterion:
    found = find(name)
    assert isinstance(found, Criterion)
    return found


def score(name: str) -> Score:
    found = find(name)
    assert isinstance(found, Score)
    return found


def verdicts(name: str, given_findings: Findings) -> list[str]:
    return [result.verdict.value for result in decide(criterion(name), given_findings)]


def test_vision() -> None:
    hot, cold = region("A", 20.0), region("B", 4.0)
    assert verdicts("vision", findings(hot, complete=True)) == ["met", "met"]
    assert verdicts("vision", findings(hot)) == ["met", "cannot be decided"]
    assert verdicts("vision", findings(cold, complete=True)) == ["not met", "cannot be decided"]
    small = replace(cold, site="node", short_axis_mm=24.0)
    large = replace(cold, site="node", short_axis_mm=25.0)
    bone = replace(cold, site="bone", short_axis_mm=12.0)
    assert verdicts("vision", findings(hot, small, complete=True)) == ["met", "met"]
    assert verdicts("vision", findings(hot, large, complete=True)) == ["met", "not met"]
    assert verdicts("vision", findings(hot, bone, complete=True)) == ["met", "not met"]
    assert verdicts("vision", findings(hot, references={})) == ["cannot be decided"] * 2


def test_what_is_missing_is_said() -> None:
    first, second = decide(
        criterion("vision"), findings(region("A", 20.0), region("B", 4.0), references={"liver": ORGANS["liver"]})
    )
    assert first.missing == ()
    assert any("--size" in text and "B" in text for text in second.missing)
    assert any("--complete" in text for text in second.missing)
    third = decide(criterion("vision"), findings(region("A", 20.0), references={}))[0]
    assert "--reference" in third.missing[0]
    none = decide(criterion("vision"), findings())[0]
    assert "lesions" in none.missing[0]
    fdg = decide(criterion("therap"), findings(region("A", 30.0)))[2]
    assert "--fdg" in fdg.missing[0]


def test_therap() -> None:
    a, b = region("A", 20.0), region("B", 10.5)
    concordant = (region("A", 8.0),)
    assert verdicts("therap", findings(a, b, complete=True, fdg=concordant)) == ["met"] * 3
    assert verdicts("therap", findings(b, complete=True, fdg=()))[0] == "not met"
    low = region("C", 9.0)
    assert verdicts("therap", findings(a, low, complete=True, fdg=()))[1] == "cannot be decided"
    assert verdicts("therap", findings(a, replace(low, short_axis_mm=9.0), complete=True, fdg=()))[1] == "met"
    assert verdicts("therap", findings(a, replace(low, short_axis_mm=11.0), complete=True, fdg=()))[1] == "not met"


def test_discordance_with_fdg() -> None:
    """More FDG than ligand, or too little ligand where FDG is: either is discordant; FDG alone is undecided."""
    a = region("A", 25.0)
    assert verdicts("therap", findings(a, complete=True, fdg=(region("A", 26.0),)))[2] == "not met"
    assert verdicts("therap", findings(a, region("B", 9.0), complete=True, fdg=(region("B", 4.0),)))[2] == "not met"
    assert verdicts("therap", findings(a, complete=True, fdg=(region("Z", 4.0),)))[2] == "cannot be decided"


def test_netter_and_prognosis() -> None:
    assert verdicts("netter-1", findings(region("A", 6.0), region("B", 5.0))) == ["met"]
    assert verdicts("netter-1", findings(region("A", 6.0), region("B", 4.0))) == ["not met"]
    assert verdicts("psma-suvmean-10", findings(region("A", 30.0), tumour=region("T", 30.0, 9.9))) == ["not met"]
    assert verdicts("fdg-volume-200", findings(region("A", 30.0), tumour=region("T", 30.0, 9.9))) == ["met"]


def test_overall() -> None:
    results = decide(criterion("vision"), findings(region("A", 20.0)))
    assert overall(results) is Verdict.UNDECIDED
    assert overall(results[:1]) is Verdict.MET
    assert overall(decide(criterion("vision"), findings(region("A", 3.0)))) is Verdict.NOT_MET


def test_probability_by_hand() -> None:
    """One standard uncertainty above the threshold: Phi(1) = 0.841345."""
    x, t = Measured(value=5.5, u=0.3), Measured(value=5.0, u=0.4)
    assert probability_above(x, t) == pytest.approx(0.8413447)
    assert probability_above(t, t) == pytest.approx(0.5)
    none = Measured(value=1.0, u=None, why_no_u="not stated")
    assert probability_above(none, none) is None
    close = decide(criterion("netter-1"), findings(region("A", 5.2)))[0]
    assert close.close
    assert close.verdict is Verdict.MET


def test_the_scale_counts_against_numbers_and_not_against_organs() -> None:
    lesion = region("A", 21.0, u=0.01)
    sure = decide(criterion("therap"), findings(lesion))[0].probability
    unsure = decide(criterion("therap"), findings(lesion, scale_u=0.1))[0].probability
    assert sure is not None
    assert unsure is not None
    assert sure > 0.99 > unsure > 0.5
    one, two = (decide(criterion("vision"), findings(lesion, scale_u=u))[0].probability for u in (None, 0.1))
    assert one == two


@given(value=st.floats(0.1, 60), factor=st.floats(0.2, 5))
def test_scores_rise_with_uptake_and_do_not_depend_on_the_scale(value: float, factor: float) -> None:
    for name in ("krenning", "krenning-pet", "promise-v1", "promise-v2"):
        organs = {**ORGANS, "kidneys": region("Kidneys", 40.0, 30.0)}
        here = scored(score(name), region("A", value), findings(references=organs))
        above = scored(score(name), region("A", 1.2 * value), findings(references=organs))
        assert here.score is not None
        assert above.score is not None
        assert above.score >= here.score
        assert here.probabilities is not None
        assert math.fsum(here.probabilities.values()) == pytest.approx(1.0)


def test_scores_by_hand() -> None:
    rows = {"promise-v1": (0, 1, 1, 2, 2, 3), "promise-v2": (0, 0, 1, 1, 2, 2), "krenning": (1, 1, 1, 2, 4, 4)}
    for name, wanted in rows.items():
        got = [scored(score(name), region("A", v), findings()).score for v in (1.0, 1.5, 4.0, 5.0, 10.0, 15.0)]
        assert got == list(wanted), name
    assert scored(score("krenning"), region("A", 8.0), findings()).score == 3


def test_liver_dominant_ligands_take_the_spleen() -> None:
    lesion = region("A", 7.0)
    assert scored(score("promise-v2"), lesion, findings()).score == 2
    assert scored(score("promise-v2"), lesion, findings(liver_dominant=True)).score == 1
    assert scored(score("krenning-pet"), lesion, findings(liver_dominant=True)).score == 3


def test_a_missing_organ_leaves_what_is_possible() -> None:
    only = {"liver": ORGANS["liver"]}
    high = scored(score("promise-v2"), region("A", 9.0), findings(references=only))
    assert high.score is None
    assert high.possible == (2, 3)
    assert high.missing == ("blood pool", "parotid gland")
    low = scored(score("promise-v2"), region("A", 3.0), findings(references=only))
    assert low.possible == (0, 1)
    assert scored(score("krenning"), region("A", 3.0), findings(references=only)).score == 1
    kidneys = {**only, "kidneys": region("Kidneys", 40.0, 30.0)}
    assert scored(score("krenning"), region("A", 31.0), findings(references=kidneys)).score == 4


def test_a_site_that_is_not_known_is_refused() -> None:
    with pytest.raises(InputError, match="node, organ, bone"):
        region("A", 5.0, site="skin")
