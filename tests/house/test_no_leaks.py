"""No address of a package registry and no path of somebody's machine is in the project."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home|Users)/\w|[A-Z]:\\\\?Users")
REGISTRY = re.compile(r"pypi\.|pythonhosted|(?:extra-)?index-url\s*[=\s]\s*\S*://|artifactory|/simple/|npmjs|conda\.", re.I)
ANY_ADDRESS = re.compile(r"https?:|--index-url|--extra-index-url|--find-links|--trusted-host| @ ", re.I)
REQUIREMENT = re.compile(r"^[A-Za-z0-9][\w.-]*==", re.MULTILINE)


def tracked():
    """Files under version control and those about to be; none outside a checkout."""
    if not shutil.which("git") or not (PROJECT / ".git").exists():
        return []
    command = ["git", "-C", str(PROJECT), "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return [PROJECT / name for name in listed if (PROJECT / name).is_file() and PROJECT / name != Path(__file__)]


def test_no_address_of_a_registry_and_no_machine_path():
    files = tracked()
    if not files:
        pytest.skip("not a git checkout: which files belong to the project is not known")
    leaks = []
    for path in files:
        text = path.read_bytes().decode("utf-8", errors="ignore")
        for pattern in (MACHINE_PATH, REGISTRY):
            leaks += [f"{path.relative_to(PROJECT)}: {match.group()!r}" for match in pattern.finditer(text)]
    assert not leaks


def test_the_lock_has_hashes_and_no_address():
    lock = (PROJECT / "requirements.lock").read_text("utf-8")
    assert not ANY_ADDRESS.findall(lock)
    entries = [entry for entry in re.split(r"\n(?=[A-Za-z0-9])", lock) if REQUIREMENT.match(entry)]
    assert len(entries) > 20
    without = [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]
    assert not without


@pytest.mark.parametrize("leak", ["see /ho" + "me/someone/x", "--index" + "-url = https://a/b", "https://py" + "pi.org"])
def test_the_guard_sees_a_leak(leak):
    assert MACHINE_PATH.search(leak) or REGISTRY.search(leak)
