"""Wall time, CPU time and peak memory of the main jobs as whole processes; standard library only.

A process is started fresh, waited for, and its resources are read from the operating system. CPU is user and
system time of the process and of the children that it waited for; peak memory is the largest resident set of
any of them. ``--record`` writes the table of the documentation too.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

PROJECT = Path(__file__).parents[1]
REAL = PROJECT.parent / "shared" / "data"
RECORD = PROJECT / "docs" / "data" / "performance.json"
REST = "all else (start, for the demo the virtual patient)"
HEVESY = str(Path(sys.executable).with_name("hevesy"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A process to measure; ``goal`` says what it should stay under, ``needs`` what must be there first."""

    what: str
    command: tuple[str, ...]
    goal: str = ""
    repeats: int = 1
    needs: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What a process took: seconds, and megabytes of 10^6 bytes."""

    what: str
    goal: str
    wall_s: float
    cpu_s: float
    peak_MB: float
    stages_s: dict[str, float] = field(default_factory=dict)


def jobs(folder: Path, repeats: int) -> list[Job]:
    """The main jobs, each with its output in ``folder``; the demo comes before what reads its files."""
    demo, spect = folder / "demo", REAL / "lu177-dotatate-spect"
    curve = REAL / "time-activity" / "lu177-dotatate-patient-004.csv"

    def dose(study: Path, out: str, *options: str) -> tuple[str, ...]:
        return (HEVESY, "dose", str(study), "-o", str(folder / out), *options, "--json")

    return [
        Job(
            what="python -c 'import hevesy'",
            command=(sys.executable, "-c", "import hevesy"),
            goal="0.3 s CPU",
            repeats=max(repeats, 5),
        ),
        Job(what="hevesy --help", command=(HEVESY, "--help"), goal="0.5 s CPU", repeats=max(repeats, 5)),
        Job(
            what="hevesy fit, 3 regions",
            command=(HEVESY, "fit", str(curve), "--nuclide", "Lu-177", "--json"),
            repeats=max(repeats, 3),
            needs=curve,
        ),
        Job(
            what="hevesy demo, from nothing to report",
            command=(HEVESY, "demo", str(demo), "--one-cycle", "--json"),
            goal="60 s wall, 3 GB",
            repeats=repeats,
        ),
        Job(
            what="hevesy demo, the whole course",
            command=(HEVESY, "demo", str(folder / "course"), "--json"),
            repeats=1,
        ),
        Job(
            what="hevesy demo, the whole course on a simulated scanner",
            command=(HEVESY, "demo", str(folder / "scanned"), "--simulate-scanner", "siemens-intevo", "--json"),
            goal="120 s wall, 4 GB",
            repeats=1,
        ),
        Job(
            what="hevesy dose, virtual patient",
            command=dose(demo / "study", "dose-demo", "--settings", str(demo / "study.toml")),
            goal="30 s wall, 3 GB",
            repeats=repeats,
            needs=demo / "study",
        ),
        Job(
            what="hevesy dose, real patient (two SPECT, 256 x 256 x 199)",
            command=dose(spect, "dose-real"),
            goal="60 s wall",
            repeats=repeats,
            needs=spect,
        ),
    ]


def measure(job: Job) -> Measurement:
    """Run ``job`` once; a job that fails ends the benchmark with what it printed."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out, tempfile.TemporaryFile("w+") as err:
        started = time.perf_counter()
        process = subprocess.Popen(job.command, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        out.seek(0)
        err.seek(0)
        if code := os.waitstatus_to_exitcode(status):
            raise SystemExit(f"{job.what} ended with {code}:\n{err.read()[-4000:]}")
        peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return Measurement(
            what=job.what,
            goal=job.goal,
            wall_s=wall,
            cpu_s=usage.ru_utime + usage.ru_stime,
            peak_MB=peak / 1e6,
            stages_s=stages(out.read(), wall),
        )


def stages(printed: str, wall: float) -> dict[str, float]:
    """Seconds by stage, if the command prints them with ``--json``, and what is left of ``wall``."""
    try:
        facts = json.loads(printed)
    except ValueError:
        return {}
    found = facts.get("timings_s", {}) if isinstance(facts, dict) else {}
    return {**found, REST: wall - sum(found.values())} if found else {}


def median(runs: list[Measurement]) -> Measurement:
    """The run with the median wall time, with the largest peak of all runs."""
    middle = sorted(runs, key=lambda run: run.wall_s)[(len(runs) - 1) // 2]
    return replace(middle, cpu_s=statistics.median(r.cpu_s for r in runs), peak_MB=max(r.peak_MB for r in runs))


def machine(cores: int) -> dict[str, object]:
    """What the numbers were measured on."""
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        processor = models[0].partition(":")[2].strip() if models else processor
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "cores_used": cores,
        "memory_GB": memory / 1e9,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def pin(cores: int) -> int:
    """Keep this process and all that it starts on ``cores`` cores; the number that it got."""
    if not hasattr(os, "sched_setaffinity"):
        return os.cpu_count() or 1
    allowed = sorted(os.sched_getaffinity(0))[:cores]
    os.sched_setaffinity(0, allowed)
    return len(allowed)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description="Wall time, CPU time and peak memory of the main jobs.")
    parser.add_argument("--cores", type=int, default=2, help="cores to use (default 2, the reference machine)")
    parser.add_argument("--repeats", type=int, default=1, help="runs of each long job; the median is taken")
    parser.add_argument("--record", action="store_true", help="write the table of the documentation's page too")
    options = parser.parse_args()
    cores = pin(options.cores)
    measured, left_out = [], []
    scratch = Path(tempfile.mkdtemp(prefix="hevesy-bench-"))
    print(f"{'':56}{'wall':>10}{'CPU':>10}{'peak':>11}   goal")
    try:
        for job in jobs(scratch, options.repeats):
            if job.needs and not job.needs.exists():
                left_out.append(f"{job.what} (its input is not on this machine)")
                continue
            result = median([measure(job) for _ in range(job.repeats)])
            measured.append(result)
            times = f"{result.wall_s:8.2f} s{result.cpu_s:8.2f} s{result.peak_MB:8.0f} MB"
            print(f"{job.what:56}{times}   {job.goal}", flush=True)
            for stage, seconds in result.stages_s.items():
                print(f"    {stage:52}{seconds:8.2f} s")
    finally:
        shutil.rmtree(scratch)
    for line in left_out:
        print(f"LEFT OUT: {line}")
    write(measured, left_out, machine(cores), options)


def write(
    measured: list[Measurement],
    left_out: list[str],
    where: dict[str, object],
    options: argparse.Namespace,
) -> None:
    """The same as JSON, in `bench-results/` and on request in the documentation."""
    version = [sys.executable, "-c", "import hevesy; print(hevesy.__version__)"]
    now = datetime.now(UTC)
    facts = {
        "date": now.date().isoformat(),
        "hevesy": subprocess.check_output(version, text=True).strip(),
        "machine": where,
        "repeats": options.repeats,
        "measured": [asdict(m) for m in measured],
        "left_out": left_out,
    }
    text = json.dumps(facts, indent=1) + "\n"
    latest = PROJECT / "bench-results" / f"{now:%Y%m%dT%H%M%SZ}.json"
    for path in [latest, *([RECORD] if options.record else [])]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        print(f"wrote {path.relative_to(PROJECT)}")


if __name__ == "__main__":
    main()
