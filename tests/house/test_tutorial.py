"""Tutorials run as they stand: each block after a line `% run` is executed in turn, in one folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
TUTORIALS = PROJECT / "docs" / "tutorials"
BLOCK = re.compile(r"^% run\n\n?```(bash|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
INSPECT = re.compile(r"^```console\n\$ hevesy inspect demo/study\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PAGES = sorted(path for path in TUTORIALS.glob("*.md") if path.name != "index.md")


def blocks(text: str) -> list[tuple[str, str]]:
    """Language and code of the blocks to execute."""
    found = BLOCK.findall(text)
    assert len(found) == text.count("% run"), "a line `% run` is not followed by a block of bash or python"
    return found


def run(language: str, code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Execute a block in ``folder`` with the commands of this environment."""
    plain = {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "100", "MPLBACKEND": "agg", "PYTHONIOENCODING": "utf-8"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {k: v for k, v in os.environ.items() if k != "FORCE_COLOR"} | plain | {"PATH": path}
    command = ["bash", "-euo", "pipefail", "-c", code] if language == "bash" else [sys.executable, "-c", code]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_tutorial_runs(page, tmp_path):
    found = blocks(page.read_text("utf-8"))
    assert found
    for language, code in found:
        done = run(language, code, tmp_path)
        assert done.returncode == 0, f"{page.name}:\n{code}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    if page.stem == "first-dose":
        # The README prints this for the same patient; the seed makes it the same everywhere.
        shown = INSPECT.search((PROJECT / "README.md").read_text("utf-8"))
        assert shown
        done = run("bash", "hevesy inspect first/study", tmp_path)
        printed = [line.rstrip() for line in done.stdout.strip("\n").splitlines()]
        assert printed == shown.group(1).strip("\n").splitlines()
