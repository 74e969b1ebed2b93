"""Long runs against other programs, against finer cutoffs and against the kernels: `make verify`.

    python tests/verify.py [--record] [PART ...]

The tests hold the same cases at a coarser uncertainty; here the noise is small enough that what is left is physics.
"""

import argparse
import importlib.util
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from hevesy.nuclides import radiations
from hevesy.transport import Cutoffs, default_cutoffs, simulate

HERE = Path(__file__).parent
RECORD = HERE.parent / "docs" / "data" / "verification.json"
THREADS = os.cpu_count() or 1
NUCLIDES = ("Lu-177", "I-131", "Y-90")
FINE = Cutoffs(step=0.02, hard_from=0.005, follow_from=0.02)
MEDIA = (("soft", 1.04), ("lung", 0.26), ("bone", 1.85), ("water", 1.0))

Row = dict[str, Any]


def _load() -> tuple[Any, Any]:
    """tests/cases/load.py and tests/transport/phantoms.py."""
    spec = importlib.util.spec_from_file_location("reference_cases", HERE / "cases" / "load.py")
    assert spec is not None
    assert spec.loader is not None
    cases = sys.modules["reference_cases"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(cases)
    # Long runs are computed anew: their time is recorded.
    cases.module_of_tests("cases/kept").FOLDER = Path(tempfile.mkdtemp(prefix="hevesy-verify-"))
    return cases, cases.module_of_tests("transport/phantoms")


CASES, PHANTOMS = _load()
SPECT = CASES.module_of_tests("verify_spect")


def row(what: str, values: tuple[float, float], others: tuple[float, float]) -> Row:
    """Ours and another's value, each with its relative standard uncertainty."""
    (ours, u), (theirs, their_u) = values, others
    return {"what": what, "ours": ours, "u": u, "theirs": theirs, "their_u": their_u, "difference": ours / theirs - 1}


def body() -> Iterator[Row]:
    """Regions of a body with lung and bone, by EGSnrc and by us to 0.1 %."""
    for nuclide in NUCLIDES:
        ours = PHANTOMS.region_dose_and_u(nuclide, uncertainty=0.001)
        for kind in ("soft", "lung_and_bone"):
            name = f"patient_{nuclide.lower().replace('-', '')}_{kind}.toml"
            case = CASES.load(CASES.FOLDER / "transport" / name)
            for region, theirs, their_u in zip(case.given["regions"], case.expect, case.u, strict=True):
                dose, u = ours[region]
                yield row(f"{nuclide}, {region.replace('_', ' ')}", (dose, u / dose), (theirs, their_u))


def voxels() -> Iterator[Row]:
    """Voxel S values by EGSnrc with spin effects, and by us to 0.1 % at the source and its neighbour."""
    for name in (
        "lu177_voxel_near", "lu177_voxel_far", "y90_voxel_near", "y90_voxel_far",
        "electron_100_keV_voxel", "electron_300_keV_voxel", "electron_1000_keV_voxel", "electron_1000_keV_voxel_far",
    ):  # fmt: skip
        case = CASES.load(CASES.FOLDER / "transport" / f"{name}.toml")
        given = {**case.given, "uncertainty": 0.001}
        source = given.get("nuclide") or f"electron of {1000 * given['electron']:g} keV"
        found, u = PHANTOMS.s_values_and_u(**given)
        for offset, *values in zip(given["offsets"], found, u, case.expect, case.u, strict=True):
            ours, ours_u, theirs, their_u = values
            yield row(f"{source}, {given['side']} mm, {offset}", (ours, ours_u), (theirs, their_u))


def _source_and_neighbour(phantom: Any, emitted: Any, cut: Cutoffs, uncertainty: float) -> tuple[Any, Any]:
    """Dose of a source voxel in the middle and of the six beside it, with relative standard uncertainty."""
    shape = phantom.density.shape
    away = np.sum([np.abs(x - n // 2) for x, n in zip(np.indices(shape), shape, strict=True)], axis=0)
    done = simulate(
        phantom, PHANTOMS.middle(shape), emitted, seed=11, uncertainty=uncertainty,
        regions=[away == 0, away == 1], threads=THREADS, cutoffs=cut,
    )  # fmt: skip
    return done.region_dose, done.region_u / done.region_dose


def cutoffs() -> Iterator[Row]:
    """The cutoffs that are used beside much finer ones, in a source voxel of 4.8 mm and beside it."""
    side = 4.8
    phantom, used = PHANTOMS.box((5, 5, 5), side), default_cutoffs((side,) * 3)
    short = Cutoffs(step=FINE.step, hard_from=used.hard_from, follow_from=used.follow_from)
    rules = {
        "knock-on electrons": (short, Cutoffs(step=FINE.step, hard_from=FINE.hard_from, follow_from=used.follow_from)),
        "electrons of photons": (used, Cutoffs(step=used.step, hard_from=used.hard_from, follow_from=FINE.follow_from)),
        "steps": (used, short),
        "all three": (used, FINE),
    }
    for nuclide in (*NUCLIDES, "Tc-99m"):
        emitted = radiations(nuclide)
        made = {cut: _source_and_neighbour(phantom, emitted, cut, 0.0007) for pair in rules.values() for cut in pair}
        for rule, (coarse, fine) in rules.items():
            for k, offset in enumerate(("S000", "S100")):
                ours, theirs = ((made[cut][0][k], made[cut][1][k]) for cut in (coarse, fine))
                yield row(f"{nuclide}, {offset}: {rule}", ours, theirs)


def kernels() -> Iterator[Row]:
    """Monte Carlo beside the kernels made of shipped point kernels, in the middle of one medium."""
    from hevesy.dose.cache import nuclide_voxel_kernel
    from hevesy.dose.kernel import s_values

    for nuclide in (*NUCLIDES, "F-18", "Ac-225"):
        for medium, density in MEDIA:
            for side in (2.0, 4.8):
                n = 2 * int(np.ceil(60 / density**0.5 / side)) + 1  # enough around it to scatter back
                phantom = PHANTOMS.box((n, n, n), side, medium=medium, density=density)
                dose, u = _source_and_neighbour(phantom, radiations(nuclide), default_cutoffs((side,) * 3), 0.002)
                made = s_values(nuclide_voxel_kernel(nuclide, [side] * 3, medium=medium, density=density))
                for k, offset in enumerate(("S000", "S100")):
                    where = f"{nuclide}, {medium} {density} g/ml, {side} mm, {offset}"
                    yield row(where, (dose[k], u[k]), (made[offset], 0.001))


PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "body": body, "voxels": voxels, "cutoffs": cutoffs, "kernels": kernels, **SPECT.PARTS,
}  # fmt: skip


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*PARTS, []], metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--record", action="store_true", help="write the tables of the documentation's page")
    options = parser.parse_args()
    known = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}
    for name in options.names or PARTS:
        cpu, rows, notes = time.process_time(), [], [(PARTS[name].__doc__ or "").strip()]
        try:
            for made in PARTS[name]():
                if "note" in made:
                    notes.append(made["note"])
                    continue
                rows.append(made)
                off, u = 100 * made["difference"], 100 * float(np.hypot(made["u"], made["their_u"]))
                print(f"{name:8} {made['what']:46} {off:+7.2f} % ± {u:.2f} %  z {off / u:+5.1f}", flush=True)
        except SPECT.Missing as missing:
            print(f"{name:8} LEFT OUT: {missing}. The table recorded last stays.", flush=True)
            continue
        about = " ".join(notes)
        date = datetime.now(UTC).date().isoformat()
        known[name] = {"about": about, "date": date, "cpu_s": round(time.process_time() - cpu, 1), "rows": rows}
        if options.record:
            RECORD.write_text(json.dumps(known, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
