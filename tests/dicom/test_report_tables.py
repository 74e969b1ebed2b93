"""The tables of templates and alerts are what their script makes, and each row says where it comes from."""

import runpy
import sys
from pathlib import Path

import pytest

from hevesy.tables.dated import dated_rows

TOOLS = Path(__file__).parents[2] / "tools" / "data"
SOURCE = Path(__file__).parents[2] / "src" / "hevesy"


@pytest.fixture
def rebuilt(tmp_path, monkeypatch):
    """The folder that the script writes to instead of the package."""
    monkeypatch.syspath_prepend(str(TOOLS))
    script = runpy.run_path(str(TOOLS / "make_report_templates.py"))
    script["main"].__globals__["ROOT"] = tmp_path
    script["main"]()
    sys.modules.pop("certify", None)
    return tmp_path


@pytest.mark.parametrize("name", ["dicom/data/report_templates", "protection/data/exposure_alerts"])
def test_the_tables_are_rebuilt_the_same(rebuilt, name):
    for ending in (".csv", ".toml"):
        assert (rebuilt / f"{name}{ending}").read_text("utf-8") == (SOURCE / f"{name}{ending}").read_text("utf-8")


def test_rows_that_nobody_read_are_marked():
    rows = dated_rows("hevesy.dicom", "report_templates")
    assert {row["template"] for row in rows if not row.verified} == {"10024", "1020", "1204", "1002", "10031"}
