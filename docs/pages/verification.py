"""The page of reference cases: ours beside theirs."""

import importlib.util
import json
import sys

import numpy as np

from pages.rows import row


def verification(folder):
    """One table a room: each reference case with our value computed now; its sources follow."""
    cases = _module("reference_cases", folder / "load.py")
    rooms = {}
    for case in cases.load_all(folder):
        rooms.setdefault(case.room, []).append(case)
    return "\n".join(_room(room, found, cases) for room, found in rooms.items())


def long_runs(record):
    """Tables of what `make verify` found last."""
    if not record.exists():
        return "No long run is recorded. `make verify` makes one.\n"
    lines = []
    for part in json.loads(record.read_text("utf-8")).values():
        lines += [
            f"**{part['about']}** Of {part['date']}, {part['cpu_s'] / 60:.0f} min of CPU time.",
            "",
            "| what | difference | its standard uncertainty | z |",
            "|---|---|---|---|",
        ]
        for found in part["rows"]:
            u = np.hypot(found["u"], found["their_u"])
            cells = [f"{100 * found['difference']:+.2f} %", f"{100 * u:.2f} %", f"{found['difference'] / u:+.1f}"]
            lines.append(row([found["what"], *cells]))
        lines.append("")
    return "\n".join(lines)


def _room(room, found, cases):
    lines = [
        f"## {room}",
        "",
        "| case | ours | theirs | unit | difference | allowed | source |",
        "|---|---|---|---|---|---|---|",
    ]
    sources = []
    for case in found:
        value = cases.ours(case)
        if cases.deviation(case, value) > 1:
            raise ValueError(f"reference case {case.room}/{case.name} does not hold: {value} for {case.expect}.")
        source = case.source if not case.why else f"{case.source}. Allowed: {case.why}"
        if source not in sources:
            sources.append(source)
        first = [case.title or case.name, *_values(value, case.expect), case.unit]
        lines.append(row([*first, _difference(case, value), _allowed(case), sources.index(source) + 1]))
    return "\n".join([*lines, "", *(f"{n}. {source}." for n, source in enumerate(sources, 1)), ""])


def _values(ours, theirs):
    """Our value and theirs as text; a long array is shown where it differs most."""
    if isinstance(theirs, str | bool):
        return str(ours), str(theirs)
    ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    if theirs.size > 6:
        with np.errstate(divide="ignore", invalid="ignore"):
            off = np.abs(ours - theirs) / np.where(theirs == 0, 1.0, np.abs(theirs))
        worst = int(np.argmax(off))
        many = f"{theirs.size} numbers, the one that differs most: "
        return f"{many}{ours.flat[worst]:.7g}", f"{theirs.flat[worst]:.7g}"
    return tuple(", ".join(f"{v:.7g}" for v in values.flat) for values in (ours, theirs))


def _difference(case, found):
    if isinstance(case.expect, str | bool):
        return "none"
    ours, theirs = np.asarray(found, dtype=float), np.asarray(case.expect, dtype=float)
    if np.any(theirs == 0):
        return f"{np.max(np.abs(ours - theirs)):.2g}"
    off = (ours - theirs) / np.abs(theirs)
    return f"{100 * off.flat[int(np.argmax(np.abs(off)))]:+.2g} %"


def _allowed(case):
    relative = f"{100 * case.tolerance:.3g} %" if case.tolerance else ""
    absolute = f"{case.absolute:.3g} {case.unit}".strip() if case.absolute else ""
    return " + ".join(filter(None, (relative, absolute))) or "equal"


def _module(name, path):
    """The module in the file ``path``, which is not part of a package."""
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
