"""The page of what `benchmarks/run.py --record` measured."""

import json

from pages.rows import row


def performance(record):
    """Tables of what `benchmarks/run.py --record` measured."""
    if not record.exists():
        return "No measurement is recorded. `make bench` prints one for this machine.\n"
    found = json.loads(record.read_text("utf-8"))
    machine = found["machine"]
    lines = [
        f"Measured on {found['date']} with Hevesy {found['hevesy']}: {machine['processor']}, "
        f"{machine['cores_used']} cores used of {machine['cores']}, {machine['memory_GB']:.0f} GB memory, "
        f"Python {machine['python']}, {machine['system']}. Whole processes, median of {found['repeats']}.",
        "",
        "| what | wall [s] | CPU [s] | peak memory [MB] | goal |",
        "|---|---|---|---|---|",
    ]
    for measured in found["measured"]:
        cells = [
            measured["what"],
            f"{measured['wall_s']:.2f}",
            f"{measured['cpu_s']:.2f}",
            f"{measured['peak_MB']:.0f}",
            measured["goal"],
        ]
        lines.append(row(cells))
    for measured in found["measured"]:
        if measured.get("stages_s"):
            lines += [
                "",
                f"Where the time of *{measured['what']}* goes:",
                "",
                "| stage | wall [s] | share |",
                "|---|---|---|",
            ]
            for stage, seconds in measured["stages_s"].items():
                lines.append(row([stage, f"{seconds:.2f}", f"{100 * seconds / measured['wall_s']:.0f} %"]))
    if found["left_out"]:
        lines += ["", "Left out: " + "; ".join(found["left_out"]) + "."]
    return "\n".join(lines) + "\n"


def engines(record):
    """The table of what `benchmarks/engines.py --record` measured."""
    if not record.exists():
        return "No measurement is recorded. `make bench` prints one for this machine.\n"
    head = [
        "what, and the goal",
        "CPU [s]",
        "wall [s]",
        "compile or load [s]",
        "peak [MB]",
        "u [%]",
        "histories",
        "1/(u² CPU) [1/s]",
    ]
    lines = [row(head), row(["---"] * len(head))]
    for m in json.loads(record.read_text("utf-8"))["measured"]:
        chance = [f"{100 * m['u']:.3f}", f"{m['histories']:.2g}", f"{m['efficiency']:.2g}"] if "u" in m else ["", "", ""]
        times = [f"{m[key]:.2f}" for key in ("cpu_s", "wall_s", "compile_s")]
        lines.append(row([m["what"], *times, f"{m['peak_MB']:.0f}", *chance]))
    return "\n".join(lines) + "\n"
