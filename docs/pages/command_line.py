"""The page of commands: what `--help` prints."""

import json
import os
import re
import subprocess
import sys

# One program prints many helps: starting it takes longer than printing.
PROGRAM = """
import contextlib, io, json, sys
from hevesy.cli import main
shown = []
for command in json.loads(sys.argv[1]):
    sys.argv = ["hevesy", *command, "--help"]
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        try:
            main()
        except SystemExit as end:
            if end.code:
                raise
    shown.append(text.getvalue())
print(json.dumps(shown))
"""
PLAIN = {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "100", "TERMINAL_WIDTH": "100", "PYTHONIOENCODING": "utf-8"}


def command_line():
    """What `--help` prints: of `hevesy`, then of each command that it lists, and of the commands of a group."""
    top = help_text()
    names = commands(top)
    shown = dict(zip(names, help_texts([[name] for name in names]), strict=True))
    parts = [[name, part] for name in names for part in commands(shown[name])]
    of_parts = dict(zip(map(tuple, parts), help_texts(parts), strict=True))
    sections = [f"## hevesy\n\n```text\n{top}\n```\n"]
    for name in names:
        sections.append(f"## hevesy {name}\n\n```text\n{shown[name]}\n```\n")
        for (group, part), text in of_parts.items():
            if group == name:
                sections.append(f"### hevesy {name} {part}\n\n```text\n{text}\n```\n")
    return "\n".join(sections)


def help_text(*command):
    """Output of `hevesy ... --help`, 100 columns wide and without colour."""
    return help_texts([command])[0]


def help_texts(wanted):
    """The same of many commands."""
    environment = {k: v for k, v in os.environ.items() if k not in {"FORCE_COLOR", "GITHUB_ACTIONS"}} | PLAIN
    run = [sys.executable, "-c", PROGRAM, json.dumps(wanted)]
    printed = subprocess.run(run, env=environment, capture_output=True, check=True, encoding="utf-8").stdout
    return ["\n".join(line.rstrip() for line in text.strip("\n").splitlines()) for text in json.loads(printed)]


def commands(top):
    """Names of the commands in the help of `hevesy`, in its order."""
    after = re.split(r"\bCommands\b", top, maxsplit=1)
    return re.findall(r"^[\s│|]*([a-z][a-z-]*)\s{2,}\S", after[1], flags=re.MULTILINE) if len(after) == 2 else []
