"""An option that is given twice."""

import pytest
import typer
from typer.testing import CliRunner

from hevesy.cli.alara import alara
from hevesy.cli.once import Once
from hevesy.cli.qc import qc

program = typer.Typer(cls=Once)
program.command()(alara)
inner = typer.Typer()
inner.command("qc")(qc)
inner.command("alara")(alara)
program.add_typer(inner, name="group")


def said(*words):
    found = CliRunner().invoke(program, words, env={"COLUMNS": "300"})
    return found.exit_code, " ".join(found.stderr.split())


@pytest.mark.parametrize(
    "words",
    [
        ("alara", "--scanner", "a", "--scanner", "b"),
        ("alara", "--scanner=a", "--scanner", "b", "--json"),
        ("group", "alara", "--scanner", "a", "--scanner=b"),
    ],
)
def test_a_second_scanner_is_refused_and_compare_is_named(words):
    code, text = said(*words)
    assert code == 2
    assert "--scanner was given 2 times (a, b)" in text
    assert "--compare" in text


def test_short_names_count_as_the_long_ones():
    code, text = said("group", "qc", "x", "--standard", "bars", "-oA", "--output", "B")
    assert code == 2
    assert "given 2 times (A, B)" in text


def test_what_may_be_repeated_and_flags_and_values_that_look_like_options_pass():
    for words in (
        ("alara", "--scanner", "no-such", "--compare", "b", "--compare", "c", "--json", "--json"),
        ("alara", "--scanner", "--scanner"),  # a value
        ("alara", "--scanner", "no-such", "--", "--scanner"),
    ):
        assert "was given" not in said(*words)[1]


def test_help_of_a_group_is_not_in_the_way():
    assert CliRunner().invoke(program, ["group", "--help"]).exit_code == 0
    assert said("group")[0] == 2
