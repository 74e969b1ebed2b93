"""Use case: a phantom or a body on a PET scanner, as list mode or sinogram, with its CT, and what is true of it."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from hevesy import units as u
from hevesy.app.filled_folder import filling
from hevesy.app.pet_detection import USUAL_ENERGY
from hevesy.app.simulate_pet_events import Counted, Lying, counted, plan_rings
from hevesy.app.simulate_picture import events_picture
from hevesy.app.simulate_study import ACTIVITY, CT_BATCH, CT_NOISE, OURS, PICTURE, STARTED, TRUTH, checked_folder
from hevesy.dicom._uids import uid
from hevesy.dicom.nuclide_codes import nuclide_code
from hevesy.dicom.visit import Series, Visit
from hevesy.dicom.write_ct import write_ct
from hevesy.errors import InputError
from hevesy.imaging.ct import computed_tomography
from hevesy.imaging.pet.field import Field
from hevesy.imaging.pet.hdf5 import write_listmode, write_sinogram
from hevesy.imaging.pet.petsird_file import petsird_library, write_petsird
from hevesy.imaging.pet.scan_header import ScanHeader, write_header
from hevesy.imaging.phantoms import (
    BODIES,
    Subject,
    activity_map,
    body_map,
    concentrations,
    grid_around,
    subject,
    tracer_named,
    tracer_of,
)
from hevesy.imaging.simulate.medium import attenuation_map
from hevesy.imaging.systems import PetScanner, pet_scanner
from hevesy.imaging.systems.library import scanner as scanner_named
from hevesy.model import Grid, Image, Quantity
from hevesy.nuclides import load_nuclide
from hevesy.rng import stream
from hevesy.transport import Phantom

Progress = Callable[[str, float], None]

ANNIHILATION = 0.51099895  # MeV
# Voxels of the truth have 2 mm sides where so many are enough, more where not.
FINEST, MOST_VOXELS = 2.0, 3_000_000
# Activity and tissue so far beyond the ends of the scanner are still followed: they scatter in [mm].
BEYOND = 150.0
FILES = ("study/events.h5", "study/CT", TRUTH, ACTIVITY, PICTURE)
PETSIRD = "study/events.petsird"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPet:
    """What is to be simulated.

    Attributes
    ----------
    phantom, scanner, nuclide, tracer : str     Names; "" for a tracer is the fitting one.
    activity : float                    In the phantom at the start of the scan, or given to the body [Bq].
    wait : float or None                From the administration to the scan [s]; None is 0 for a phantom, the usual for a tracer.
    duration : float                    Of the bed position [s].
    bed : float                         Where the middle of the scanner lies, towards the head of the phantom's zero [mm].
    sinogram : bool                     Sinograms without time of flight instead of list mode.
    petsird : bool                      The events as a PETSIRD file too.
    monte_carlo : bool                  All photons one by one; a hundred times as long.
    crystal_spread : float              Standard deviation of the crystals' efficiencies [1].
    """

    phantom: str
    scanner: str
    nuclide: str
    activity: float
    duration: float
    tracer: str = ""
    wait: float | None = None
    bed: float = 0.0
    sinogram: bool = False
    petsird: bool = False
    monte_carlo: bool = False
    crystal_spread: float = 0.0


def is_pet(name: str) -> bool:
    """Whether a scanner is one for annihilation photons; unknown names are refused with the nearest known ones."""
    return isinstance(scanner_named(name), PetScanner)


def run(asked: AskedPet, folder: Path, *, seed: int, progress: Progress | None = None) -> dict[str, Any]:
    """Write ``study/events.h5``, ``study/CT/``, ``truth.json`` and ``truth_activity.npz`` into ``folder``, all or nothing.

    The same seed gives the same events.

    Raises
    ------
    InputError
        An unknown name, a nuclide without positrons, more events than memory holds, or a folder that holds something else.
    ScopeError
        A PETSIRD file is asked for without its library.
    """
    tell = progress or (lambda text, fraction: None)
    checked_folder(folder)
    if asked.petsird:
        if asked.sinogram:
            raise InputError("a PETSIRD file holds events, not sinograms. Leave --petsird or --sinogram out.")
        petsird_library()
    tell("placing the phantom", 0.0)
    scanner = pet_scanner(asked.scanner)
    lying, who, truth = _lying(asked, scanner)
    found = counted(lying, scanner, rings=plan_rings(scanner, lying.field, sinogram=asked.sinogram), seed=seed, progress=tell)
    tell("writing", 0.92)
    visit = _visit(asked, who, lying, seed)
    header = ScanHeader(
        scanner=asked.scanner, nuclide=asked.nuclide, start=visit.study_start, activity=asked.activity, administered=STARTED,
        radiopharmaceutical=who.title[:64], centre=_centre(truth.grid), frame_of_reference=visit.frame_of_reference,
        live_share=found.live_share, coincidence_window=scanner.coincidence_window or 0.0, singles=found.singles,
        crystal_efficiency=found.crystal_efficiency,
    )  # fmt: skip
    facts = _facts(asked, who, lying, found, seed=seed)
    with filling(folder, ours=OURS, last=TRUTH) as part:
        (part / "study").mkdir()
        _write_events(part / "study" / "events.h5", found, header, asked)
        if asked.petsird:
            tell("writing PETSIRD", 0.95)
            _write_petsird(part / PETSIRD, found, scanner, header)
        _write_ct(part / "study" / "CT", who, truth.grid, visit, seed=seed)
        np.savez_compressed(part / ACTIVITY, values=lying.at_start, affine=truth.grid.affine)
        text = json.dumps(facts, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
        (part / PICTURE).write_bytes(_picture(asked, who, found, truth.grid))
        (part / TRUTH).write_text(text, "utf-8")
    return facts


def _picture(asked: AskedPet, who: Subject, found: Counted, grid: Grid) -> bytes:
    n = found.numbers
    return events_picture(
        found.events, f"{who.title}, {asked.activity / u.MBq:g} MBq {asked.nuclide}, simulated",
        f"{found.scanner}, {asked.duration:g} s: {n['trues']} trues, {n['scatters']} scattered, {n['randoms']} randoms",
        reach=grid.spacing[0] * grid.shape[2] / 2,
    )  # fmt: skip


def _lying(asked: AskedPet, scanner: PetScanner) -> tuple[Lying, Subject, Image]:
    nuclide = load_nuclide(asked.nuclide)
    positrons = positrons_of(asked.nuclide)
    wait = asked.wait
    if wait is None:
        is_body = asked.phantom.lower() in BODIES
        wait = (tracer_named(asked.tracer) if asked.tracer else tracer_of(asked.nuclide)).wait if is_body else 0.0
    if wait < 0:
        raise InputError(f"the scan starts {wait:g} s after the administration; it cannot start before it.")
    if not (math.isfinite(asked.duration) and 0.1 <= asked.duration <= 86400):
        raise InputError(f"the bed position lasts {asked.duration:g} s; 0.1 s to 24 h is meant. Give a time with its unit.")
    who = subject(asked.phantom, nuclide=asked.nuclide, activity=asked.activity, tracer=asked.tracer or None)
    grid = _grid(who, scanner, asked.bed)
    body: Phantom = body_map(who, grid)
    mean = activity_map(who, grid, start=wait, duration=asked.duration)
    z, y, x = grid.shape
    # What the body clears within the scan is its mean over it, brought to the start by decay.
    lam_T = nuclide.decay_constant * asked.duration
    field = Field(shape=(x, y, z), side=grid.spacing[0], thickness=grid.spacing[2])
    lying = Lying(
        field=field, activity=mean.values, at_start=mean.values * np.float32(lam_T / -math.expm1(-lam_T)),
        mu=attenuation_map(body, ANNIHILATION), duration=asked.duration, decay_constant=nuclide.decay_constant,
        positrons=positrons, crystal_spread=asked.crystal_spread, photon_by_photon=asked.monte_carlo, wait=wait,
        weight=float(body.density.sum(dtype=np.float64) * body.voxel_volume) * u.g,
    )  # fmt: skip
    return lying, who, mean


def positrons_of(nuclide: str) -> float:
    """Positrons a decay, daughters with it [1].

    Raises
    ------
    InputError
        It has none to speak of.
    """
    from hevesy.nuclides import radiations

    per_decay = float(radiations(nuclide).annihilation_yield.sum()) / 2
    if per_decay < 1e-6:
        raise InputError(f"{nuclide} emits no positrons; a PET scanner counts none. Take F-18, Ga-68, ..., or a gamma camera.")
    return per_decay


def _grid(who: Subject, scanner: PetScanner, bed: float) -> Grid:
    """Voxels about the middle of the scanner, which lies at ``bed`` on the phantom's own middle line."""
    low, high = (np.array(corner, float) for corner in who.torso.bounds)
    middle = (low + high) / 2
    across = 2 * max(high[0] - middle[0], high[1] - middle[1]) + 20.0
    ahead = min(scanner.axial_length / 2 + BEYOND, max(high[2] - bed, bed - low[2], 40.0) + 10.0)
    if bed - scanner.axial_length / 2 > high[2] or bed + scanner.axial_length / 2 < low[2]:
        raise InputError(
            f"the scanner's middle at {bed:g} mm leaves {who.name}, from {low[2]:.0f} to {high[2]:.0f} mm, outside. Change --bed."
        )
    if across / 2 > 0.95 * scanner.radius:
        raise InputError(f"{who.name} is {across:.0f} mm across; {scanner.name} has a bore of {scanner.ring_diameter:.0f} mm.")
    side = max(FINEST, (across**2 * 2 * ahead / MOST_VOXELS) ** (1 / 3))
    # whole blocks of four voxels: scatter is estimated on them
    n, k = (4 * math.ceil(length / side / 4) for length in (across, 2 * ahead))
    grid = grid_around((k, n, n), side)
    affine = grid.affine.copy()
    affine[:3, 3] += [middle[0], middle[1], bed]
    return Grid(shape=grid.shape, affine=affine)


def _centre(grid: Grid) -> tuple[float, float, float]:
    x, y, z = (grid.affine @ [*((np.array(grid.shape[::-1]) - 1) / 2), 1.0])[:3]
    return round(float(x), 6), round(float(y), 6), round(float(z), 6)


def _write_events(path: Path, found: Counted, header: ScanHeader, asked: AskedPet) -> None:
    if asked.sinogram:
        layout, arrays = found.sinograms()
        write_sinogram(path, layout, arrays, duration=asked.duration)
    else:
        write_listmode(path, found.events)
    write_header(path, header)


def _write_petsird(path: Path, found: Counted, scanner: PetScanner, header: ScanHeader) -> None:
    seen = scanner.energy_window
    if seen is None:
        raise InputError(f"{scanner.name} has no energy window, which a PETSIRD file states. Leave --petsird out.")
    write_petsird(
        path, found.events, model=scanner.title or scanner.name, window=(seen.lower * u.keV, seen.upper * u.keV),
        energy_fwhm=scanner.energy_resolution or USUAL_ENERGY, header=header, nuclide=nuclide_code(header.nuclide),
    )  # fmt: skip


def _write_ct(folder: Path, who: Subject, grid: Grid, visit: Visit, *, seed: int) -> None:
    for old in folder.glob("CT_*.dcm"):
        old.unlink()
    placed = Grid(shape=grid.shape, affine=grid.affine, frame_of_reference=visit.frame_of_reference)
    hounsfield = computed_tomography(who.torso, placed, np.eye(4), noise=CT_NOISE, rng=stream(seed, CT_BATCH))
    series = Series(uid=uid(visit.study_uid, "series", 1), number=1, description="CT", start=visit.study_start)
    write_ct(folder, Image(values=hounsfield, grid=placed, quantity=Quantity.HOUNSFIELD), visit=visit, series=series)


def _visit(asked: AskedPet, who: Subject, lying: Lying, seed: int) -> Visit:
    body = BODIES.get(asked.phantom.lower())
    return Visit(
        patient_name=f"SIMULATED^{asked.phantom.upper()}",
        patient_id=f"SIM-{seed}",
        sex=body.sex if body else "O",
        birth_date=date(1970, 1, 1),
        weight=body.mass if body else lying.weight,
        height=body.height if body else 0.0,
        study_uid=uid("simulated PET", asked, seed),
        study_id=f"S{seed}",
        study_start=STARTED + timedelta(seconds=lying.wait),
        study_description=f"Simulated {asked.nuclide} PET/CT",
        frame_of_reference=uid("simulated", asked.phantom, asked.scanner, seed),
    )


def _facts(asked: AskedPet, who: Subject, lying: Lying, found: Counted, *, seed: int) -> dict[str, Any]:
    at_start, held = concentrations(who, lying.wait), concentrations(who, lying.wait, asked.duration)
    regions = {
        name: {
            "volume_ml": volume / 1000,
            "concentration_at_start_Bq_per_ml": at_start[name],
            "mean_concentration_Bq_per_ml": held[name],
            "activity_at_start_MBq": at_start[name] * volume / 1000 / u.MBq,
        }
        for name, volume in who.volumes.items()
    }
    seconds = asked.duration
    return {
        "modality": "PET",
        "phantom": who.name,
        "title": who.title,
        "nuclide": asked.nuclide,
        "activity_MBq": asked.activity / u.MBq,
        "wait_s": lying.wait,
        "scanner": found.scanner,
        "duration_s": seconds,
        "bed_mm": asked.bed,
        "seed": seed,
        "form": "sinogram" if asked.sinogram else "list mode",
        "model": found.how,
        "events": {"prompts": len(found.events), **found.numbers},
        "rates_kcps": {name: round(n / seconds / 1000, 3) for name, n in found.numbers.items()},
        "scatter_fraction": found.numbers["scatters"] / max(1, found.numbers["trues"] + found.numbers["scatters"]),
        "live_share": found.live_share,
        "dead_time_s": found.dead_time,
        "tof_fwhm_ps": found.events.tof_fwhm,
        "crystal_spread": asked.crystal_spread,
        "positrons_per_decay": lying.positrons,
        "voxel_mm": [lying.field.side, lying.field.side, lying.field.thickness],
        "regions": regions,
        "spheres": [{"name": s.name, "centre_mm": list(s.centre), "diameter_mm": s.diameter} for s in who.spheres],
        "sources": list(who.sources),
        "remarks": [*found.remarks, *who.remarks],
        "files": [*FILES, *([PETSIRD] if asked.petsird else [])],
    }
