"""A table with one row a region, its options, and what it may not be."""

import pytest

from hevesy.app.fit import fit_table
from hevesy.app.single_time import by_region, single_table
from hevesy.errors import DataError, InputError, ScopeError

HEAD = "region,time_h,activity_MBq,u_MBq\n"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "scan.csv"
    path.write_text(HEAD + "Kidney_Left,72,80,4\nLiver,72,300,15\n")
    return path


def test_haenscheid_by_hand(table):
    facts = single_table(table, nuclide="Lu-177", method="Hänscheid", half_life=["50"], spread=["20"])
    kidney = facts["regions"]["Kidney_Left"]
    assert (facts["nuclide"], facts["method"]) == ("Lu-177", "haenscheid")
    assert kidney["tia_MBq_h"] == pytest.approx(80 * 2 * 72 / 0.6931472)
    assert kidney["tia_95_MBq_h"][0] < kidney["tia_MBq_h"] < kidney["tia_95_MBq_h"][1]
    assert kidney["window"]["scan_over_half_life"] == pytest.approx(1.44)
    assert kidney["window"]["stated_h"] == pytest.approx([37.5, 125])
    assert kidney["well_posed"]


def test_the_keys_of_the_fit_are_there(table, tmp_path):
    many = tmp_path / "curve.csv"
    many.write_text("region,time_h,activity_MBq\nA,4,90\nA,24,70\nA,72,40\nA,168,12\n")
    wanted = set(fit_table(many, nuclide="Lu-177", model="mono")["regions"]["A"])
    facts = single_table(table, nuclide="Lu-177", method="madsen", half_life=["50"], spread=["20"])
    found = facts["regions"]["Liver"]
    assert wanted | {"tia_95_MBq_h", "method", "window"} <= set(found)
    low, high = found["effective_half_life_95_h"]
    assert low < 50 < high


def test_a_fixed_half_life_lays_one_exponential_through_the_point(table):
    facts = single_table(table, nuclide="Lu-177", method="population", half_life=["50", "Liver=70"], spread=["20"])
    for name, T, A in (("Kidney_Left", 50, 80), ("Liver", 70, 300)):
        found = facts["regions"][name]
        assert found["effective_half_life_h"] == T
        assert found["parameters"]["A_MBq"] == pytest.approx(A * 2 ** (72 / T))
        assert found["tia_MBq_h"] == pytest.approx(found["parameters"]["A_MBq"] / found["parameters"]["l1_per_h"])


def test_the_own_half_life(table):
    options = {"nuclide": "Lu-177", "method": "own", "half_life": ["50"], "own_u": ["3"], "cycle_change": ["8"]}
    found = single_table(table, **options)["regions"]["Kidney_Left"]
    assert found["u_effective_half_life_h"] == pytest.approx(5)
    with pytest.raises(InputError, match="--half-life-spread has no meaning for method own"):
        single_table(table, **options, spread=["20"])
    with pytest.raises(InputError, match="no --cycle-change for Kidney_Left, Liver"):
        single_table(table, **{**options, "cycle_change": []})


def test_there_is_no_default_of_a_population(table):
    with pytest.raises(InputError, match="no --half-life for Kidney_Left, Liver. Take it from your own patients"):
        single_table(table, nuclide="Lu-177", method="haenscheid", spread=["20"])
    with pytest.raises(InputError, match="no --half-life for Liver"):
        single_table(table, nuclide="Lu-177", method="haenscheid", half_life=["Kidney_Left=50"], spread=["20"])


def test_without_u_the_spread_alone_is_told(tmp_path):
    path = tmp_path / "scan.csv"
    path.write_text("region,time_h,activity_MBq\nLiver,100,300\n")
    found = single_table(path, nuclide="Lu-177", method="population", half_life=["60"], spread=["20"])["regions"]["Liver"]
    assert found["u_tia_MBq_h"] > 0
    assert found["points"][0]["u_MBq"] is None
    assert "no uncertainty" in found["warnings"][0]


def test_one_row_a_region(tmp_path):
    path = tmp_path / "scan.csv"
    path.write_text(HEAD + "Liver,24,300,15\nLiver,72,200,10\n")
    with pytest.raises(DataError, match=r"scan.csv: Liver has 2 rows; a single-scan method takes one"):
        single_table(path, nuclide="Lu-177", method="population", half_life=["60"], spread=["20"])


def test_a_scan_outside_is_refused_or_flagged(tmp_path):
    path = tmp_path / "scan.csv"
    path.write_text(HEAD + "Kidneys,4,300,15\n")
    options = {"nuclide": "Lu-177", "half_life": ["50"]}
    with pytest.raises(ScopeError, match="Kidneys: a scan at 4 h is 0.08 effective half-lives"):
        single_table(path, method="madsen", spread=["20"], **options)
    found = single_table(path, method="own", own_u=["3"], cycle_change=["8"], **options)["regions"]["Kidneys"]
    assert not found["well_posed"]
    assert "outside the window" in found["warnings"][0]


@pytest.mark.parametrize(
    ("texts", "said"),
    [(["x"], "'x' is not a number"), (["-5"], "'-5' is not a number of zero or more"), (["Heart=50"], "no region Heart")],
)
def test_numbers_by_region(texts, said):
    with pytest.raises(InputError, match=said):
        by_region(texts, names=["Liver"], option="half-life")
