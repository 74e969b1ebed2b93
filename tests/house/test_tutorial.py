"""Tutorials run as they stand: each block after a line `% run` is executed in turn, in one folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIALS = Path(__file__).parents[2] / "docs" / "tutorials"
BLOCK = re.compile(r"^% run\n\n?```(bash|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PAGES = sorted(path for path in TUTORIALS.glob("*.md") if path.name != "index.md")


def blocks(text: str) -> list[tuple[str, str]]:
    """Language and code of the blocks to execute."""
    found = BLOCK.findall(text)
    assert len(found) == text.count("% run"), "a line `% run` is not followed by a block of bash or python"
    return found


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_tutorial_runs(page, tmp_path):
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "NO_COLOR": "1",
        "MPLBACKEND": "agg",
    }
    found = blocks(page.read_text("utf-8"))
    assert found
    for language, code in found:
        command = ["bash", "-euo", "pipefail", "-c", code] if language == "bash" else [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{page.name}:\n{code}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
