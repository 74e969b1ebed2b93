"""Bars of the budget: every term in the legend, every region with its total and what one more scan would make of it."""

import re

from hevesy.reports.budget_bars import budget_bars
from hevesy.reports.canvas import drawing
from hevesy.reports.details import budget
from hevesy.reports.palette import marked


def test_bars_are_drawn_for_any_regions(result):
    with drawing():
        svg = budget_bars(marked(result))
    assert svg.startswith(b"<?xml")
    # One patch a term and region at least; hatched ones for the random term.
    assert len(re.findall(rb"url\(#", svg)) >= sum("volume" in r.terms for r in result.regions)


def test_the_table_says_terms_kinds_and_the_scan_that_would_help(result):
    made = budget(marked(result))
    assert made is not None
    labels = [column["label"] for column in made["columns"]]
    assert labels == ["Region", "By term, the largest first", "Random", "Systematic", "Mean dose, all", "One more scan at"]
    first = made["rows"][0]["cells"] if isinstance(made["rows"][0], dict) else made["rows"][0]
    texts = [cell["text"] for cell in first]
    assert "calibration 5.0 %" in texts[1]
    assert texts[2] == "3.0 %"
    assert texts[5] == "60 h"
