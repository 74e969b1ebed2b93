import json
import math

import pytest

from hevesy.app.compartments import compartments, read_columns
from hevesy.errors import DataError, InputError

IODINE = """# ICRP Publication 30
from,to,half_time_d,fraction
Blood,Thyroid,0.25,0.3
Blood,Urine,0.25,0.7
Thyroid,Rest,80,
Rest,Blood,12,0.9
Rest,Faeces,12,0.1
"""
TOML = """
nuclide = "I-131"
[input]
Blood = 1.0
[[transfer]]
from = "Blood"
to = "Thyroid"
half_time_d = 0.25
fraction = 0.3
[[transfer]]
from = "Blood"
to = "Urine"
half_time_h = 6
fraction = 0.7
[[transfer]]
from = "Thyroid"
to = "Rest"
per_day = 0.00866433976
[[transfer]]
from = "Rest"
to = "Blood"
per_day = 0.05198603854
[[transfer]]
from = "Rest"
to = "Faeces"
per_h = 0.000240676104
"""


@pytest.fixture
def write(tmp_path):
    def written(text, name="model.csv"):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return written


def test_a_table_and_its_toml_agree(write):
    table = compartments(write(IODINE), nuclide="131I", hours=[96, 24], into={"Blood": 1.0})
    toml = compartments(write(TOML, "model.toml"), hours=[24, 96])
    assert table["nuclide"] == toml["nuclide"] == "I-131"
    assert table["hours"] == [24, 96]
    for place, members in table["compartments"].items():
        for member, row in members.items():
            other = toml["compartments"][place][member]
            assert row["tiac_h"] == pytest.approx(other["tiac_h"], rel=1e-6)
            assert row["activity_per_administered"] == pytest.approx(other["activity_per_administered"], rel=1e-6)
    thyroid = table["compartments"]["Thyroid"]["I-131"]
    assert 0.24 < thyroid["activity_per_administered"][0] < 0.27
    assert 0 < thyroid["tiac_to_96_h_h"] < thyroid["tiac_h"]
    whole = sum(members["I-131"]["tiac_h"] for members in table["compartments"].values())
    assert whole == pytest.approx(table["half_life_h"] / math.log(2))
    json.dumps(table, allow_nan=False)


def test_the_nuclide_on_the_line_wins(write):
    other = compartments(write(TOML, "model.toml"), nuclide="I-123", alone=True)
    assert other["nuclide"] == "I-123"
    assert set(other["compartments"]["Thyroid"]) == {"I-123"}


def test_daughters_and_shares(write):
    text = "from;to;per_h;nuclide\nTumour;Urine;0,01;\nTumour;Kidneys;2;Bi-213\n"
    facts = compartments(write(text), nuclide="Ac-225", into={"Tumour": 0.4})
    assert facts["compartments"]["Kidneys"]["Bi-213"]["tiac_h"] > 0
    assert facts["compartments"]["Kidneys"]["Ac-225"]["tiac_h"] == pytest.approx(0, abs=1e-12)
    assert any("not followed" in text for text in facts["remarks"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "got 0 lines"),
        ("from,to,per_day\n", "got 1 lines"),
        ("from,to\nA,B\n", "0 columns of transfer"),
        ("from,to,per_day,per_h\nA,B,1,1\n", "2 columns of transfer"),
        ("from,per_day\nA,1\n", "no column to"),
        ("from,to,per_week\nA,B,1\n", "per_week is unknown"),
        ("from,to,per_day,per_day\nA,B,1,1\n", "twice"),
        ("from,to,per_day\nA,B,one\n", "line 2, column per_day: 'one' is not a number"),
        ("from,to,per_day\nA,B,\n", "line 2, column per_day: it is empty"),
        ("from,to,per_day\nA,B,-1\n", "line 2: transfer A to B"),
        ("from,to,per_day\nA,B,1e9\n", "Check the unit"),
        ("from,to,per_day\nA,A,1\n", "line 2: .*ends where it starts"),
        ("from,to,per_day,fraction\nA,B,1,30\n", "percentage"),
        ("from,to,half_time_d\nA,B,0\n", "a half-time is above 0"),
        ("from,to,per_day\nA,B,1,2\n", "4 values for 3 columns"),
    ],
)
def test_tables_that_are_refused(write, text, message):
    with pytest.raises(DataError, match=message):
        compartments(write(text), nuclide="I-131", into={"A": 1.0})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("nuclide =", "nucleid ="), "nucleid is unknown"),
        (('nuclide = "I-131"', "nuclide = 131"), "needs a name"),
        (("per_h =", "per_week ="), "one of per_day"),
        (("fraction = 0.7", "fraction = 70"), "percentage"),
        (("Blood = 1.0", 'Blood = "all"'), "needs a share"),
        (("[input]", "[input"), "no TOML"),
        (("fraction = 0.3", "share = 0.3"), "share is unknown"),
        (("half_time_h = 6", 'half_time_h = "6"'), "must be numbers"),
    ],
)
def test_tomls_that_are_refused(write, change, message):
    with pytest.raises(DataError, match=message):
        compartments(write(TOML.replace(*change), "model.toml"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "no nuclide"),
        ({"nuclide": "I-131"}, "one of Blood, Thyroid"),
        ({"nuclide": "I-999", "into": {"Blood": 1.0}}, "I-999"),
        ({"nuclide": "I-131", "into": {"Blood": 1.0}, "hours": []}, "times of 0 or more"),
        ({"nuclide": "I-131", "into": {"Blood": 1.0}, "hours": [-1.0]}, "times of 0 or more"),
        ({"nuclide": "I-131", "into": {"Blood": 1.0}, "hours": [86400 * 30.0]}, "Are they seconds"),
        ({"nuclide": "I-131", "into": {"Bood": 1.0}}, "no such compartment"),
    ],
)
def test_questions_that_are_refused(write, options, message):
    with pytest.raises(InputError, match=message):
        compartments(write(IODINE), **options)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_columns(tmp_path / "none.csv", needed=("a",), known=())
    with pytest.raises(DataError, match="cannot be read"):
        read_columns(tmp_path, needed=("a",), known=())
    (tmp_path / "x.csv").write_bytes(b"a,b\0\n1,2\n")
    with pytest.raises(DataError, match="no text"):
        read_columns(tmp_path / "x.csv", needed=("a",), known=())


def test_columns(write):
    table = read_columns(write("A,note,word,b\n1,hello,x,\n,,y,2\n"), needed=("a",), known=("b", "word"), texts=("word",))
    assert table.numbers == {"a": (1.0, None), "b": (None, 2.0)}
    assert table.words == {"word": ("x", "y")}
    assert table.where(1, "a") == "model.csv, line 3, column a"
