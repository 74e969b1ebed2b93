"""Each certified table is what its script makes."""

import importlib.util
import sys
from pathlib import Path

import pytest

from hevesy.tables import load_table, sha256_of

TOOLS = Path(__file__).parents[2] / "tools" / "data"
TABLES = [
    "materials/hounsfield_density",
    "materials/reference_densities",
    "anatomy/regions",
    "anatomy/region_names",
]


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_rebuilt_from_its_script(table, monkeypatch):
    room, name = table.split("/")
    certificate = load_table(f"hevesy.{room}", name).certificate
    monkeypatch.syspath_prepend(str(TOOLS))
    path = Path(__file__).parents[2] / certificate.made_by
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    made = module.content(name) if room == "anatomy" else module.content()
    assert sha256_of(made.encode("utf-8")) == certificate.sha256
