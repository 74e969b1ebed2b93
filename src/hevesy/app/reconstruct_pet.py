"""Use case: from events or sinograms of a PET scanner to a quantitative image with report and result file."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from hevesy import __version__
from hevesy.app.reconstruct_ct import find_cts, on_grid
from hevesy.app.reconstruct_files import checked_folder, filling
from hevesy.app.reconstruct_pet_engine import PetComputed, compute
from hevesy.app.reconstruct_pet_picture import views_of
from hevesy.app.reconstruct_pet_study import Bed, copied_events, pet_files, read_bed
from hevesy.app.reconstruct_protocol import Protocol
from hevesy.dicom._uids import uid
from hevesy.dicom.nifti import write_nifti
from hevesy.dicom.read_visit import read_visit
from hevesy.dicom.visit import Series, Visit
from hevesy.dicom.write_nm import Emission
from hevesy.dicom.write_pt import write_pt
from hevesy.errors import DataError
from hevesy.model import Administration, DecayCorrection, Image
from hevesy.quantify import total_activity
from hevesy.units import MBq, kBq

__all__ = ["PetOptions", "pet_files", "reconstruct_pet"]

Progress = Callable[[str, float], None]
SCHEMA = "hevesy-reconstruction/1"
READ, DONE = 0.05, 0.9  # of the progress: after reading, after computing
SERIES_NUMBER = 901


@dataclass(frozen=True, slots=True, kw_only=True)
class PetOptions:
    """What was asked for on the command line: folder of the CT, and scanner ("" where the file says it)."""

    ct: Path | None = None
    scanner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Made:
    label: str
    stem: str
    bed: Bed
    one: PetComputed
    ct_file: Path | None


def reconstruct_pet(study: Path, output: Path, *, options: PetOptions, protocol: Protocol, progress: Progress) -> dict[str, Any]:
    """Reconstruct every file of events in ``study``; write PT slices, report and result to ``output``.

    Raises
    ------
    InputError, DataError
        Something that the image depends on is missing or contradictory; nothing is written then.
    """
    checked_folder(output, study)
    progress("reading events", 0.0)
    paths = pet_files(study)
    copies = tuple(
        f"{path.name} was not read: {path.stem}.h5 beside it holds the same events." for path in copied_events(study, paths)
    )
    wanted = protocol.attenuation.source
    place = options.ct or (study if study.is_dir() else study.parent)
    cts = () if wanted == "none" else find_cts(place, options.ct).scans
    made: list[_Made] = []
    for n, path in enumerate(paths):

        def tell(text: str, share: float, n: int = n) -> None:
            progress(text, READ + (DONE - READ) * (n + share) / len(paths))

        bed = read_bed(
            path, cts=cts, settings=protocol.pet, scanner=options.scanner or protocol.scanner.name, attenuation=wanted,
            acquisition=protocol.acquisition,
        )  # fmt: skip
        _checked(bed)
        one = compute(bed, protocol.pet, progress=tell)
        several = f"_{n + 1}" if len(paths) > 1 else ""
        # the events of a bed that is done are not needed any more
        small = replace(bed, remarks=(*bed.remarks, *_not_joined(len(paths)), *copies))
        ct_file = place / bed.ct.files[0] if bed.ct is not None and bed.ct.files else None
        made.append(_Made(label=f"PET{several.replace('_', ' ')}", stem=f"pet{several}", bed=small, one=one, ct_file=ct_file))
    progress("drawing and writing", DONE)
    created = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    with filling(output) as part:
        facts = _facts(output, made, protocol, created)
        pictures = {each.label: _write(part, each) for each in made}
        from hevesy.reports.reconstruct_page import reconstruction_page

        (part / "report.html").write_bytes(reconstruction_page(facts, pictures))
        facts |= {"files": sorted([*(path.name for path in part.iterdir()), "result.json"])}
        (part / "result.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1, allow_nan=False), "utf-8")
    progress("done", 1.0)
    return facts


def _not_joined(beds: int) -> tuple[str, ...]:
    return ("bed positions of a PET are written as images of their own; they are not put together.",) if beds > 1 else ()


def _checked(bed: Bed) -> None:
    header = bed.header
    if not (header.activity > 0 and header.administered is not None):
        raise DataError(
            f"{bed.name}: does not say which activity was given, and when; a PET image states both. State activity_MBq and "
            "administered under [acquisition], or write them into the file."
        )


def _visit(each: _Made) -> Visit:
    header = each.bed.header
    if each.ct_file is not None:
        read = read_visit(each.ct_file, otherwise=header.start)
        return replace(read, frame_of_reference=each.bed.grid.frame_of_reference or read.frame_of_reference)
    seed = (each.bed.name, header.start)
    return Visit(
        patient_name="", patient_id="", sex="", birth_date=None, weight=0.0, height=0.0, study_uid=uid("PET study", *seed),
        study_id="", study_start=header.start, study_description=f"{header.nuclide} PET",
        frame_of_reference=header.frame_of_reference or uid("PET frame", *seed),
    )  # fmt: skip


def _write(folder: Path, each: _Made) -> bytes:
    """Slices and picture; returns the picture."""
    from hevesy.reports.reconstruct_plot import ReconstructionPicture, reconstruction_plot

    bed, one, header = each.bed, each.one, each.bed.header
    visit = _visit(each)
    series = Series(
        uid=uid(visit.study_uid, "reconstructed", each.stem, datetime.now(UTC)), number=SERIES_NUMBER,
        description=f"{each.label} {one.method}"[:64], start=header.start, duration=bed.duration,
    )  # fmt: skip
    given = Administration(
        nuclide=bed.nuclide.name, activity=header.activity, time=header.administered or header.start,
        radiopharmaceutical=header.radiopharmaceutical,
    )  # fmt: skip
    lam = bed.nuclide.decay_constant
    window = bed.scanner.energy_window
    emission = Emission(
        administration=given, half_life=bed.nuclide.half_life, correction=DecayCorrection.START, correction_time=header.start,
        decay_factor=1 / bed.decay_factor, frame_reference_time=-math.log(bed.decay_factor) / lam, coincidences=True,
        corrections=one.corrections, energy_window=None if window is None else (window.lower, window.upper), method=one.method,
    )  # fmt: skip
    write_pt(folder / each.stem, one.image, visit=visit, series=series, emission=emission)
    if one.u is not None:
        write_nifti(folder / f"{each.stem}_u.nii.gz", one.image, u=one.u)
    measured, fitted, angles = views_of(bed, one)
    picture = reconstruction_plot(
        ReconstructionPicture(
            image=one.image, u=one.u, ct=None if bed.ct is None else on_grid(bed.ct.image, one.image.grid), measured=measured,
            fitted=fitted, angles=angles, heads=np.ones(angles.size, np.intp), coincidences=True,
            title=f"{each.label}: {bed.nuclide.name}, {bed.scanner.title or bed.scanner.name}, {one.method}",
        )
    )  # fmt: skip
    (folder / f"{each.stem}.png").write_bytes(picture)
    return picture


def _facts(output: Path, made: list[_Made], protocol: Protocol, created: datetime) -> dict[str, Any]:
    first = made[0]
    return {
        "schema": SCHEMA,
        "hevesy": __version__,
        "created": created.isoformat(),
        "title": f"{first.bed.nuclide.name} PET, {first.bed.scanner.title or first.bed.scanner.name}",
        "patient": _visit(first).patient_id,
        "folder": str(output),
        "images": [
            {
                "label": each.label,
                "file": each.stem,
                "lines": _lines(each),
                "figures": _figures(each),
                "remarks": [*each.bed.remarks, *each.one.remarks],
            }
            for each in made
        ],
        "protocol": protocol.model_dump(mode="json"),
    }


def _lines(each: _Made) -> list[tuple[str, str]]:
    """Name and words of each fact; what was not corrected begins with "not"."""
    bed, one, figures = each.bed, each.one, _figures(each)
    shape, spacing = one.image.grid.shape[::-1], one.image.grid.spacing
    settings_said = f", smoothed by {figures['smoothing_mm']:g} mm" if figures["smoothing_mm"] else ""
    tof = f"{bed.scanner.tof_resolution * 1e12:.0f} ps" if "TOF" in one.method and bed.scanner.tof_resolution else "not used"
    scatter = "not corrected" if one.scatter is None else f"{100 * figures['scatter_share']:.1f} % of the counts, single scatter"
    if one.scatter is not None:
        scatter += ", not scaled" if one.scatter_scale is None else f" times {one.scatter_scale:.3f} by the tails"
    randoms = f"{100 * figures['randoms_share']:.1f} % of the counts" if figures["randoms_share"] > 0 else "not corrected"
    live = f"{100 * bed.header.live_share:.1f} % live" if bed.header.live_share < 1 else "not corrected"
    return [
        ("acquired", f"{bed.header.start:%Y-%m-%d %H:%M:%S}, {bed.duration:g} s"),
        ("scanner", bed.scanner.title or bed.scanner.name),
        ("counts", f"{one.counts:.5g}"),
        ("method", one.method + settings_said),
        ("time of flight", tof),
        ("attenuation", "not corrected" if bed.ct is None else f"by the CT {bed.ct.label}, at 511 keV"),
        ("scatter", scatter),
        ("randoms", randoms),
        ("dead time", live),
        ("normalisation", "by the efficiencies of the crystals" if bed.header.crystal_efficiency.size else "by geometry"),
        ("decay", "to the start of the acquisition"),
        ("sensitivity", "from the NEMA figure of the scanner"),
        ("voxels", f"{' x '.join(str(n) for n in shape)} of {' x '.join(f'{s:.4g}' for s in spacing)} mm"),
        ("activity in view", f"{figures['activity_MBq']:.5g} MBq{_by_noise(figures['u_activity_MBq'])} at the start"),
        ("largest voxel", f"{figures['max']:.4g} kBq/ml{_by_noise(figures['u_max'])}"),
        ("counts explained", f"{figures['fitted_by_measured']:.4f} of those measured"),
    ]


def _by_noise(u: float | None) -> str:
    return "" if u is None else f" ± {u:.2g} by noise"


def _figures(each: _Made) -> dict[str, Any]:
    bed, one = each.bed, each.one
    whole = max(sum(one.expected.values()), 1e-9)
    image: Image = one.image
    at = np.unravel_index(int(np.argmax(image.values)), image.grid.shape)
    return {
        "quantity": "kBq/ml",
        "nuclide": bed.nuclide.name,
        "half_life_s": bed.nuclide.half_life,
        "start": bed.header.start.isoformat(),
        "duration_s": bed.duration,
        "counts": one.counts,
        "expected": one.expected,
        "fitted_by_measured": whole / one.counts,
        "scatter_share": one.expected["scatters"] / whole,
        "scatter_scale": one.scatter_scale,
        "randoms_share": one.expected["randoms"] / whole,
        "live_share": bed.header.live_share,
        "activity_MBq": total_activity(image) / MBq,
        "u_activity_MBq": None if one.u_activity is None else one.u_activity / MBq,
        "max": float(image.values[at]) / kBq,
        "u_max": None if one.u is None else float(one.u.values[at]) / kBq,
        "smoothing_mm": one.smoothing,
        "pair_efficiency": bed.detection.pair_efficiency,
        "corrections": list(one.corrections),
        "shape_zyx": list(image.grid.shape),
        "spacing_mm": [round(side, 6) for side in image.grid.spacing],
    }
