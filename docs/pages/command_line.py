"""The page of commands: what `--help` prints."""

import os
import re
import subprocess
import sys


def command_line():
    """What `--help` prints: of `hevesy`, then of each command that it lists, and of the commands of a group."""
    top = help_text()
    sections = [f"## hevesy\n\n```text\n{top}\n```\n"]
    for name in commands(top):
        shown = help_text(name)
        sections.append(f"## hevesy {name}\n\n```text\n{shown}\n```\n")
        for part in commands(shown):
            sections.append(f"### hevesy {name} {part}\n\n```text\n{help_text(name, part)}\n```\n")
    return "\n".join(sections)


def help_text(*command):
    """Output of `hevesy ... --help`, 100 columns wide and without colour."""
    program = "import sys; sys.argv[0] = 'hevesy'; from hevesy.cli import main; main()"
    plain = {
        "NO_COLOR": "1",
        "TERM": "dumb",
        "COLUMNS": "100",
        "TERMINAL_WIDTH": "100",
        "PYTHONIOENCODING": "utf-8",
    }
    environment = {k: v for k, v in os.environ.items() if k not in {"FORCE_COLOR", "GITHUB_ACTIONS"}} | plain
    run = [sys.executable, "-c", program, *command, "--help"]
    shown = subprocess.run(run, env=environment, capture_output=True, check=True, encoding="utf-8").stdout
    return "\n".join(line.rstrip() for line in shown.strip("\n").splitlines())


def commands(top):
    """Names of the commands in the help of `hevesy`, in its order."""
    after = re.split(r"\bCommands\b", top, maxsplit=1)
    return re.findall(r"^[\s│|]*([a-z][a-z-]*)\s{2,}\S", after[1], flags=re.MULTILINE) if len(after) == 2 else []
