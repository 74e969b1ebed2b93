"""The second process: the same results with and without it, and it never outlives the first."""

import math
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from types import MappingProxyType

import pytest

from hevesy.app.companion import companion
from hevesy.app.virtual_study import staged
from hevesy.errors import InputError


def refused(item: int) -> int:
    raise InputError(f"{item} is refused")


def test_results_do_not_depend_on_who_works() -> None:
    items = [float(n) for n in range(7)]
    found, told = {}, []
    for processes in (1, 2):
        with companion(processes) as other:
            early = other.begin(os.getpid)
            told.append([])
            found[processes] = other.each(math.sqrt, items, progress=told[-1].append), early.result() == os.getpid()
            assert other.begin(dict, MappingProxyType({"a": 1})).result() == {"a": 1}
    assert found[1][0] == found[2][0] == [math.sqrt(x) for x in items]
    assert found[1][1]
    assert not found[2][1]
    assert told[0][-1] == told[1][-1] == 1.0


def test_an_error_in_the_second_process_is_raised_here_and_ends_it() -> None:
    def busy() -> None:
        with companion(2) as other:
            first = other.begin(refused, 3)
            other.begin(time.sleep, 600)
            first.result()

    with pytest.raises(InputError, match="3 is refused"):
        busy()
    assert not multiprocessing.active_children()


WAITS = """
    import os, signal, sys, time
    from pathlib import Path
    from hevesy.app.companion import companion
    from hevesy.app.virtual_study import staged

    def end(*_):
        raise KeyboardInterrupt

    if __name__ == "__main__":
        signal.signal(signal.SIGTERM, end)
        with staged(Path(sys.argv[1])) as part, companion(2) as other:
            print(other.begin(os.getpid).result(), flush=True)
            (part / "half").write_text("x")
            other.begin(time.sleep, 60).result()
"""


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_the_first_one(tmp_path: Path, sent: signal.Signals) -> None:
    script = tmp_path / "waits.py"
    script.write_text(textwrap.dedent(WAITS))
    with subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "study")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as first:  # fmt: skip
        assert first.stdout is not None
        second = int(first.stdout.readline())
        first.send_signal(sent)
    until = time.monotonic() + 30
    while _lives(second):
        assert time.monotonic() < until
        time.sleep(0.02)
    if sent is signal.SIGTERM:
        assert [path.name for path in (tmp_path / "study").iterdir()] == [".hevesy-virtual-study"]


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not (state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] == "Z")


def test_a_study_that_fails_leaves_the_one_before(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    with staged(folder) as part:
        (part / "T1_4h").mkdir()
        (part / "T1_4h" / "a").write_text("first")

    def fails() -> None:
        with staged(folder) as part:
            (part / "T1_4h").mkdir()
            raise InputError("no")

    with pytest.raises(InputError):
        fails()
    assert (folder / "T1_4h" / "a").read_text() == "first"
    with staged(folder) as part:
        (part / "T2_9h").mkdir()
    assert sorted(path.name for path in folder.iterdir()) == [".hevesy-virtual-study", "T2_9h"]
