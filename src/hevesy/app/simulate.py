"""Use case: a phantom or a body on a gamma camera, as DICOM files, and what is true of it."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from hevesy import units as u
from hevesy.app.filled_folder import filling
from hevesy.app.simulate_asked import Asked as Asked
from hevesy.app.simulate_picture import camera_picture
from hevesy.app.simulate_setup import set_up
from hevesy.app.simulate_study import ACTIVITY, CT_BATCH, CT_NOISE, OURS, PICTURE, STARTED, TRUTH, checked_folder
from hevesy.dicom._uids import uid
from hevesy.dicom.projections_hdf5 import write_projections
from hevesy.dicom.visit import Series, Visit
from hevesy.dicom.write_ct import write_ct
from hevesy.dicom.write_tomo import write_tomo
from hevesy.errors import InputError
from hevesy.imaging.ct import computed_tomography
from hevesy.imaging.phantoms import (
    BODIES,
    Subject,
    activity_map,
    concentrations,
    grid_around,
    subject,
    tracer_named,
    tracer_of,
)
from hevesy.imaging.simulate import (
    Acquisition,
    Effects,
    Electronics,
    Expected,
    MultipleScatter,
    drawn,
    expected_counts,
    expected_of_columns,
    imaged_energy,
    indirect_counts,
    multiple_scatter,
    recorded,
    simulated_counts,
)
from hevesy.imaging.simulate.swivel import TURNS
from hevesy.imaging.systems import Camera, Collimator, RingCamera
from hevesy.imaging.systems import camera as find_camera
from hevesy.imaging.systems.choice import is_long_enough, suited
from hevesy.model import Administration, Image, Projections, Quantity
from hevesy.nuclides import load_nuclide
from hevesy.rng import stream
from hevesy.transport import Phantom

Progress = Callable[[str, float], None]

SCATTER_BATCH, HISTORIES = 7919, 4_000_000
# Later scatters are followed on voxels of about this side [mm]; so many photons leave 1 % of them and less uncertain.
SCATTER_SIDE, SCATTER_HISTORIES = 9.6, 400_000
COARSE = "effective source for the first Compton scatter, later ones photon by photon, both on coarse voxels"
# Lines so much above the imaged one, and so frequent by decay, add counts by partial deposit that are not simulated.
HIGHER, FEW = 1.25, 0.01
CZT = "CZT: what it records below the full energy (charge that is trapped or shared) is not in; real side windows hold more."
PLAN = (
    "How the columns move has not been published: they sweep from edge to edge of the body, 25 mm from it, at four places of the "
    "ring."
)
SMOOTH = 10.0  # mm: standard deviation of the filter on the scatter of a Monte Carlo run
TOMO, COLUMNS = "study/TOMO.dcm", "study/projections.h5"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Scene:
    """Who lies on the couch, when, and what the photons meet."""

    subject: Subject
    wait: float
    activity: Image
    body: Phantom
    setup: Acquisition
    remarks: tuple[str, ...]


def run(asked: Asked, folder: Path, *, seed: int, progress: Progress | None = None) -> dict[str, Any]:
    """Write projections, CT and truth into ``folder``.

    ``study/TOMO.dcm`` or, of columns that swivel, ``study/projections.h5``; ``study/CT/``, ``truth.json`` and
    ``truth_activity.npz``.

    The same seed gives the same files.

    Raises
    ------
    InputError
        An unknown name, or a folder that holds something else.
    """
    tell = progress or (lambda text, fraction: None)
    checked_folder(folder)
    tell("placing the phantom", 0.0)
    scene = _scene(asked)
    tell("projecting", 0.1)
    expected, how = _expected(scene, asked, seed, tell)
    electronics = Electronics(
        dead_time=scene.setup.camera.dead_time or 0.0, model=asked.dead_time_model, background=asked.background
    )
    seen = recorded(expected.total, scene.setup, electronics)
    tell("writing", 0.9)
    frame = uid("simulated", asked.phantom, asked.scanner, seed)
    start = STARTED + timedelta(seconds=scene.wait)
    counts = drawn(seen, scene.setup, seed=seed, start=start, frame_of_reference=frame)
    facts = _facts(asked, scene, expected, counts, seed=seed, how=how, kept=float(seen.sum() / max(expected.total.sum(), 1e-9)))
    with filling(folder, ours=OURS, last=TRUTH) as part:
        _write(part, asked, scene, counts, seed=seed)
        np.savez_compressed(part / ACTIVITY, values=scene.activity.values, affine=scene.activity.grid.affine)
        text = json.dumps(facts, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
        (part / PICTURE).write_bytes(camera_picture(counts, *_words(asked, scene)))
        (part / TRUTH).write_text(text, "utf-8")
    tell("done", 1.0)
    return facts


def _words(asked: Asked, scene: _Scene) -> tuple[str, str]:
    """Title of the picture, and the line below it."""
    setup = scene.setup
    return (
        f"{scene.subject.title}, {asked.activity / u.MBq:g} MBq {asked.nuclide}, simulated",
        f"{setup.camera.title or setup.camera.name}, {setup.collimator.name}: {setup.orbit.views} views of "
        f"{float(setup.durations[0]):.3g} s, {float(setup.orbit.radii.max()):.0f} mm from the axis; seed and truth: {TRUTH}",
    )


def _scene(asked: Asked) -> _Scene:
    camera = find_camera(asked.scanner)
    # Walls have to stop the highest line that is imaged, and the usual one where only a lower one is: it is there all the same.
    energy = max(*asked.lines, imaged_energy(asked.nuclide))
    collimator, remarks = _collimator(camera, asked.collimator, energy)
    is_body = asked.phantom.lower() in BODIES
    wait = asked.wait
    if wait is None:
        wait = (tracer_named(asked.tracer) if asked.tracer else tracer_of(asked.nuclide)).wait if is_body else 0.0
    if wait < 0:
        raise InputError(f"the scan starts {wait:g} s after the administration; it cannot start before it.")
    who = subject(asked.phantom, nuclide=asked.nuclide, activity=asked.activity, tracer=asked.tracer or None)
    grid, body, setup = set_up(asked, who, camera, collimator)
    if camera.crystal_material == "CZT":
        remarks = (*remarks, CZT)
    if isinstance(camera, RingCamera):
        remarks = (*remarks, PLAN)
    if camera.dead_time is None:
        remarks = (*remarks, f"{camera.name}: no dead time is known; none is simulated.")
    if any(line > HIGHER * energy and per_decay > FEW for line, per_decay in setup.lines()):
        remarks = (
            *remarks,
            f"{asked.nuclide}: higher lines leave part of their energy in collimator and crystal; this is not in.",
        )
    # What the body clears within the scan is its mean over it, brought to the start by decay.
    lam, T = math.log(2) / load_nuclide(asked.nuclide).half_life, asked.duration
    mean = activity_map(who, grid, start=wait, duration=T)
    to_start = np.float32(lam * T / -math.expm1(-lam * T))
    activity = replace(mean, values=mean.values * to_start)
    return _Scene(subject=who, wait=wait, activity=activity, body=body, setup=setup, remarks=(*remarks, *who.remarks))


def _collimator(camera: Camera, name: str, energy: float) -> tuple[Collimator, tuple[str, ...]]:
    """The collimator by name, or the most sensitive one whose walls stop the imaged line."""
    if name:
        return camera.collimator(name), ()
    if isinstance(camera, RingCamera):
        only = camera.collimators[0]
        if not is_long_enough(only, energy):
            raise InputError(f"{camera.name}: its collimator does not stop {1000 * energy:.4g} keV. Choose another scanner.")
        return only, ()
    chosen = suited(camera, energy)
    others = len(camera.collimators) > 1
    return chosen, (f"Collimator {chosen.name} was chosen: the most sensitive that stops this line.",) if others else ()


def _expected(scene: _Scene, asked: Asked, seed: int, tell: Progress) -> tuple[Expected, dict[str, Any]]:
    """Expected counts, and how scatter was found."""

    def project(text: str, done: float) -> None:
        tell(text, 0.1 + 0.5 * done)

    if scene.setup.is_narrow:
        project("projecting", 0.0)
        found, more = expected_of_columns(scene.activity, scene.body, scene.setup, seed=seed + SCATTER_BATCH)
        return found, _factors(f"{COARSE}; of a wide head, shared out to the columns", scene.setup, more)
    if asked.monte_carlo:
        return _photon_by_photon(scene, asked, seed, tell)
    if scene.setup.is_pinhole:
        more = multiple_scatter(scene.activity, scene.body, scene.setup, seed=seed + SCATTER_BATCH)
        effects = Effects(scatter_scale=more.scale)
        found = expected_counts(scene.activity, scene.body, scene.setup, effects=effects, progress=project)
        return found, _factors("effective source, one Compton scatter, scaled by Monte Carlo", scene.setup, more)
    sharp = expected_counts(scene.activity, scene.body, scene.setup, effects=Effects(scatter=False), progress=project)
    tell("scattering", 0.6)
    rest = indirect_counts(
        scene.activity, scene.body, scene.setup, seed=seed + SCATTER_BATCH, side=SCATTER_SIDE, histories=SCATTER_HISTORIES
    )  # fmt: skip
    return replace(sharp, scatter=rest.scatter), _factors(COARSE, scene.setup, rest.factors)


def _factors(how: str, setup: Acquisition, more: MultipleScatter) -> dict[str, Any]:
    """How scatter was found: by window, all of it over that of the analytic model."""
    names = [window.name for window in setup.windows]
    return {
        "scatter": how,
        "scatter_scale": dict(zip(names, (round(s, 4) for s in more.scale), strict=True)),
        "u_scatter_scale": dict(zip(names, (round(s, 4) for s in more.u), strict=True)),
    }


def _photon_by_photon(scene: _Scene, asked: Asked, seed: int, tell: Progress) -> tuple[Expected, dict[str, Any]]:
    from scipy.ndimage import gaussian_filter1d

    plain = expected_counts(
        scene.activity, scene.body, scene.setup, effects=Effects(scatter=False),
        progress=lambda text, done: tell(text, 0.1 + 0.3 * done),
    )  # fmt: skip
    photons = simulated_counts(
        scene.activity, scene.body, scene.setup, seed=seed + SCATTER_BATCH, histories=HISTORIES,
        progress=lambda done: tell("following photons", 0.3 + 0.6 * done),
    )  # fmt: skip
    scatter = photons.scatter
    for axis in (2, 3):
        scatter = gaussian_filter1d(scatter, SMOOTH / asked.pixel, axis=axis, mode="nearest")
    return replace(plain, scatter=scatter * scene.setup.seen), {
        "scatter": f"Monte Carlo with forced detection, smoothed by {SMOOTH:g} mm",
        "histories": photons.histories,
    }


def _write(folder: Path, asked: Asked, scene: _Scene, counts: Projections, *, seed: int) -> None:
    visit = _visit(asked, scene, counts, seed)
    matrix, pixel = scene.activity.grid.shape[0], scene.activity.grid.spacing[0]
    ct_grid = grid_around((matrix, 2 * matrix, 2 * matrix), (pixel / 2, pixel / 2, pixel), frame=counts.frame_of_reference)
    hounsfield = computed_tomography(scene.subject.torso, ct_grid, np.eye(4), noise=CT_NOISE, rng=stream(seed, CT_BATCH))
    ct = Image(values=hounsfield, grid=ct_grid, quantity=Quantity.HOUNSFIELD)

    def series(number: int, text: str, lasting: float) -> Series:
        return Series(
            uid=uid(visit.study_uid, "series", number), number=number, description=text, start=visit.study_start, duration=lasting
        )

    write_ct(folder / "study" / "CT", ct, visit=visit, series=series(1, "CT", 0.0))
    given = Administration(
        nuclide=asked.nuclide, activity=asked.activity, time=STARTED, radiopharmaceutical=scene.subject.title[:64]
    )  # fmt: skip
    tomo, setup = series(2, f"TOMO {asked.nuclide} {counts.collimator}", asked.duration), scene.setup
    if setup.is_narrow:
        write_projections(
            folder / COLUMNS, counts, visit=visit, series=tomo, heads=setup.camera.heads, given=given, half_life=setup.half_life
        )
        return
    focal = setup.collimator.length if setup.is_pinhole else 0.0
    write_tomo(
        folder / TOMO, counts, visit=visit, series=tomo, given=given, half_life=setup.half_life, focal_length=focal
    )  # fmt: skip


def _visit(asked: Asked, scene: _Scene, counts: Projections, seed: int) -> Visit:
    body = BODIES.get(asked.phantom.lower())
    return Visit(
        patient_name=f"SIMULATED^{asked.phantom.upper()}",
        patient_id=f"SIM-{seed}",
        sex=body.sex if body else "O",
        birth_date=date(1970, 1, 1),
        weight=body.mass if body else float(scene.body.density.sum() * scene.body.voxel_volume) * u.g,
        height=body.height if body else 0.0,
        study_uid=uid("simulated study", asked, seed),
        study_id=f"S{seed}",
        study_start=counts.start or STARTED,
        study_description=f"Simulated {asked.nuclide} SPECT/CT",
        frame_of_reference=counts.frame_of_reference,
    )


def _facts(
    asked: Asked, scene: _Scene, expected: Expected, counts: Projections, *, seed: int, how: dict[str, Any], kept: float
) -> dict[str, Any]:
    who, setup = scene.subject, scene.setup
    at_start, held = concentrations(who, scene.wait), concentrations(who, scene.wait, asked.duration)
    regions = {
        name: {
            "volume_ml": volume / 1000,
            "concentration_at_start_Bq_per_ml": at_start[name],
            "mean_concentration_Bq_per_ml": held[name],
            "activity_at_start_MBq": at_start[name] * volume / 1000 / u.MBq,
        }
        for name, volume in who.volumes.items()
    }
    windows = {}
    for n, window in enumerate(setup.windows):
        parts = {name: float(getattr(expected, name)[n].sum(dtype=np.float64)) for name in ("primary", "scatter", "penetration")}
        windows[window.name] = {
            "lower_keV": window.lower,
            "upper_keV": window.upper,
            **{f"expected_{name}": round(value, 3) for name, value in parts.items()},
            "scatter_by_primary": parts["scatter"] / parts["primary"] if parts["primary"] > 0 else None,
            "counts": float(counts.counts[n].sum(dtype=np.float64)),
        }
    return {
        "phantom": who.name,
        "title": who.title,
        "nuclide": asked.nuclide,
        "activity_MBq": asked.activity / u.MBq,
        "wait_s": scene.wait,
        "scanner": setup.camera.name,
        "collimator": setup.collimator.name,
        "duration_s": asked.duration,
        "views": setup.orbit.views,
        "seconds_per_view": float(setup.durations[0]),
        "radius_mm": float(setup.orbit.radii.max()),
        "swivels": setup.orbit.views // (setup.camera.heads * TURNS) if setup.is_narrow else None,
        "matrix": asked.matrix,
        "pixel_mm": asked.pixel,
        "seed": seed,
        "model": how,
        "counted_share": kept,
        "dead_time_s": setup.camera.dead_time,
        "dead_time_model": asked.dead_time_model,
        "background_per_s": asked.background,
        "windows": windows,
        "regions": regions,
        "spheres": [{"name": s.name, "centre_mm": list(s.centre), "diameter_mm": s.diameter} for s in who.spheres],
        "sources": list(who.sources),
        "remarks": list(scene.remarks),
        "files": [COLUMNS if setup.is_narrow else TOMO, "study/CT/", TRUTH, ACTIVITY, PICTURE],
    }
