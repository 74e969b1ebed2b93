"""The examples of the README that need no scans print what the README says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r"^```console\n\$ (hevesy [^\n]*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE))
TABLE = re.search(r"^```text\n(region,.*?)^```$", README, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("command", [c for c in EXAMPLES if c.split()[1] in ("nuclide", "fit")])
def test_example_prints_what_it_says(command, tmp_path):
    assert TABLE
    (tmp_path / "curves.csv").write_text(TABLE.group(1), "utf-8")
    plain = {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"}
    program = str(Path(sys.executable).with_name("hevesy"))
    done = subprocess.run(
        [program, *command.split()[1:]],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != "FORCE_COLOR"} | plain,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    printed = [line.rstrip() for line in done.stdout.strip("\n").splitlines()]
    assert printed == EXAMPLES[command].strip("\n").splitlines()


def test_the_readme_has_an_example_of_each():
    assert {command.split()[1] for command in EXAMPLES} == {"inspect", "fit", "nuclide", "sphere"}


def test_the_first_commands_are_demo_and_test():
    first = re.search(r"^```bash\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    assert first
    assert [line.split("#")[0].strip() for line in first.group(1).splitlines()] == ["make demo", "make test"]
