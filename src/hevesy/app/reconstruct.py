"""Use case: from tomographic acquisitions to quantitative images with uncertainty, report and result file."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from hevesy import __version__
from hevesy.app.noise_file import SUFFIX, instance_of, write_noise
from hevesy.app.reconstruct_camera import detector_of, read_sensitivity
from hevesy.app.reconstruct_ct import FoundCts, anatomy_of, find_cts, on_grid
from hevesy.app.reconstruct_engine import compute
from hevesy.app.reconstruct_files import checked_folder, filling
from hevesy.app.reconstruct_gates import ungated
from hevesy.app.reconstruct_images import Made, images_of
from hevesy.app.reconstruct_job import Job
from hevesy.app.reconstruct_pet import PetOptions, pet_files, reconstruct_pet
from hevesy.app.reconstruct_protocol import Protocol, check_acquisition, load_protocol, peak_energies, stated
from hevesy.app.reconstruct_windows import check_apart, imaged_line, neighbours, photopeak, windows_remarks
from hevesy.app.reconstruct_words import decay_left, figures_of, lines_of
from hevesy.dicom.nifti import write_nifti
from hevesy.dicom.raw_tomogram import RawTomogram
from hevesy.dicom.read_tomo import read_raw
from hevesy.dicom.write_recon import ReconHeader, write_recon
from hevesy.errors import DataError, InputError
from hevesy.model import EnergyWindow, Measured
from hevesy.model.nuclide_name import nuclide_name
from hevesy.nuclides import load_nuclide
from hevesy.units import MBq

Progress = Callable[[str, float], None]
SCHEMA = "hevesy-reconstruction/1"
# Collimators that there is a projector for.
PARALLEL, PINHOLE = ("", "PARA", "UNKN"), "PINH"
READ, DONE = 0.05, 0.9  # of the progress: after reading, after computing


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was asked for on the command line; it wins over the protocol.

    Attributes
    ----------
    protocol : path or None
    ct : path or None                   Folder of the CT.
    scanner, collimator : str           "" where not named.
    sensitivity : str                   "9.3 cps/MBq", several with commas between; "" where not stated.
    counts : bool                       An image in counts is wanted.
    """

    protocol: Path | None = None
    ct: Path | None = None
    scanner: str = ""
    collimator: str = ""
    sensitivity: str = ""
    counts: bool = False


def _quiet(_: str, __: float) -> None:
    pass


def reconstruct(study: Path, output: Path, *, options: Options | None = None, progress: Progress = _quiet) -> dict[str, Any]:
    """Reconstruct every acquisition in ``study`` and write images, uncertainty, report and result to ``output``.

    Parameters
    ----------
    study : path                        Folder with NM TOMO (and a CT), or one file.
    output : path                       Folder; what an earlier run wrote there is replaced when all is whole.
    options : Options, optional
    progress : callable, optional       Called with words and the share done.

    Returns
    -------
    dict                                ``title``, ``images`` with ``label``, ``lines``, ``figures``, ``remarks``; ``files``.

    Raises
    ------
    InputError, DataError
        Something that the image depends on is missing or contradictory; nothing is written then.
    """
    chosen = options or Options()
    protocol = load_protocol(chosen.protocol)
    events = bool(pet_files(study))
    check_acquisition(protocol, events=events)
    if events:
        return _of_events(study, output, chosen, protocol, progress)
    checked_folder(output, study)
    progress("reading projections", 0.0)
    raws = read_raw(study, stated=stated(protocol))
    if protocol.reconstruction.gates == "sum":
        raws = ungated(raws)
    jobs = _jobs(raws, study, chosen, protocol)
    created = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    computed = []
    for n, job in enumerate(jobs):

        def tell(text: str, share: float, n: int = n) -> None:
            progress(text, READ + (DONE - READ) * (n + share) / len(jobs))

        computed.append(compute(job, progress=tell))
    images = images_of(jobs, computed)
    progress("drawing and writing", DONE)
    with filling(output) as part:
        facts = _facts(output, images, created)
        pictures = {}
        for made in images:
            _write(part, made, created)
            pictures[made.label] = _picture(made)
            (part / f"{made.stem}.png").write_bytes(pictures[made.label])
        from hevesy.reports.reconstruct_page import reconstruction_page

        (part / "report.html").write_bytes(reconstruction_page(facts, pictures))
        names = sorted([*(path.name for path in part.iterdir()), "result.json"])
        facts |= {"files": names}
        (part / "result.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1, allow_nan=False), "utf-8")
    progress("done", 1.0)
    return facts


def _of_events(study: Path, output: Path, options: Options, protocol: Protocol, progress: Progress) -> dict[str, Any]:
    """Files of events are of a PET scanner."""
    if options.collimator or options.sensitivity or options.counts:
        raise InputError(
            "--collimator, --sensitivity and --counts are for SPECT; STUDY holds events of a PET scanner. Leave them out."
        )
    return reconstruct_pet(
        study, output, options=PetOptions(ct=options.ct, scanner=options.scanner), protocol=protocol, progress=progress
    )


def jobs_of(study: Path, options: Options) -> list[Job]:
    """The acquisitions of a study as :func:`reconstruct` would take them, of one photopeak; nothing is reconstructed."""
    protocol = load_protocol(options.protocol)
    if len(protocol.reconstruction.peak_keV) > 1:
        raise InputError("peak_keV states several photopeaks; this is done for one. State one of them.")
    return _jobs(read_raw(study, stated=stated(protocol)), study, options, protocol)


def _jobs(raws: tuple[RawTomogram, ...], study: Path, options: Options, protocol: Protocol) -> list[Job]:
    wanted = protocol.attenuation.source
    if options.ct is not None and wanted == "none":
        raise InputError("--ct names a CT while attenuation source = none in the protocol. Leave one of them out.")
    cts = FoundCts() if wanted == "none" else find_cts(study, options.ct)
    return [_job(raw, cts, options, protocol) for raw in raws]


def _job(raw: RawTomogram, cts: FoundCts, options: Options, protocol: Protocol) -> Job:
    if raw.collimator_type not in (*PARALLEL, PINHOLE):
        raise DataError(
            f"{raw.name}: (0018,1181) Collimator Type is {raw.collimator_type}; only parallel holes (PARA) and "
            "pinholes (PINH) can be reconstructed here."
        )
    name = protocol.acquisition.nuclide or raw.projections.nuclide
    if not name:
        raise DataError(
            f"{raw.name}: (0054,0300) Radionuclide Code Sequence does not name the nuclide. State nuclide under [acquisition]."
        )
    nuclide = load_nuclide(nuclide_name(name))
    raw = replace(raw, projections=replace(raw.projections, nuclide=nuclide.name))
    windows, energies = raw.projections.windows, peak_energies(protocol)
    peaks = [photopeak(windows, nuclide.name, stated=energy, name=raw.name) for energy in energies]
    check_apart(peaks, raw.name)
    _check_counts(raw, peaks)
    measured = _measured(options, protocol, len(peaks))
    said: dict[str, None] = {}
    for peak in peaks:
        said |= dict.fromkeys(
            windows_remarks(raw.projections, peak, nuclide.name, half_life=raw.half_life, expected=nuclide.half_life)
        )
        _check_scatter(raw, protocol, peak, neighbours(peak, windows)[0])
    raw = replace(raw, projections=replace(raw.projections, remarks=(*raw.projections.remarks, *said)))
    anatomy = anatomy_of(raw, cts)
    if anatomy is None and protocol.attenuation.source == "ct":
        raise DataError(
            f"{raw.name}: there is no CT of this study and frame of reference. Name its folder by --ct, or choose source = none."
        )
    jobs = []
    for peak, value in zip(peaks, measured, strict=True):
        detector = detector_of(
            raw, peak, scanner=options.scanner or protocol.scanner.name,
            collimator=options.collimator or protocol.scanner.collimator, measured=value, counts=options.counts,
            response=protocol.reconstruction.response,
        )  # fmt: skip
        made = Job(
            raw=raw, nuclide=nuclide, peak=peak, beside=neighbours(peak, windows), energy=imaged_line(peak, nuclide.name),
            detector=detector, anatomy=anatomy, protocol=protocol,
        )  # fmt: skip
        jobs.append(made)
    return replace(jobs[0], further=tuple(jobs[1:]))


def _check_counts(raw: RawTomogram, peaks: Sequence[EnergyWindow]) -> None:
    empty = [f"{p.lower:g} to {p.upper:g} keV" for p in peaks if not raw.projections.window(p.name).any()]
    if empty:
        raise DataError(
            f"{raw.name}: nothing was counted in the photopeak, {' and '.join(empty)}: that is no measurement of 0. "
            "Is it the window that was meant (peak_keV), and was the source there? Acquire again."
        )


def _check_scatter(raw: RawTomogram, protocol: Protocol, peak: EnergyWindow, below: EnergyWindow | None) -> None:
    wanted = protocol.reconstruction.scatter
    if wanted != "none" and "SCAT" in raw.corrections:
        raise DataError(
            f"{raw.name}: (0028,0051) Corrected Image lists SCAT: scatter was taken off the counts before. Choose scatter = "
            '"none" under '
            "[reconstruction], or export the counts as they were."
        )
    if wanted == "windows" and below is None:
        listed = ", ".join(f"{w.lower:g} to {w.upper:g}" for w in raw.projections.windows)
        raise DataError(
            f"{raw.name}: there is no energy window just below the photopeak, {peak.lower:g} to {peak.upper:g} keV, for the "
            f"scatter; the file has {listed} keV. "
            "Acquire it, or "
            'choose scatter = "none" under [reconstruction].'
        )


def _measured(options: Options, protocol: Protocol, peaks: int) -> Sequence[Measured | None]:
    """Sensitivities as stated, one a photopeak; None where they are to be computed."""
    if options.counts and options.sensitivity:
        raise InputError("--counts makes an image without a sensitivity, and --sensitivity states one. Leave one of them out.")
    if options.counts and peaks > 1:
        raise InputError(
            f"--counts with {peaks} photopeaks: how much each counts is not known then, and they cannot make one image. "
            "State sensitivities, or one peak_keV."
        )
    if options.sensitivity:
        found: Sequence[Measured] = [read_sensitivity(each) for each in options.sensitivity.split(",")]
    else:
        found = _in_protocol(protocol)
    if found and len(found) != peaks:
        raise InputError(
            f"{len(found)} sensitivities for {peaks} photopeaks; one for each is needed, in the order of peak_keV. "
            "Write them with commas between, or none."
        )
    return found or [None] * peaks


def _in_protocol(protocol: Protocol) -> list[Measured]:
    values, percents = protocol.scanner.sensitivity_cps_per_MBq, protocol.scanner.u_sensitivity_percent
    if percents and len(percents) not in (1, len(values)):
        raise InputError(
            f"u_sensitivity_percent has {len(percents)} values for {len(values)} sensitivities; one for all or one each is meant."
        )
    if not percents:
        return [Measured(value=value / MBq, u=None, why_no_u="none was stated") for value in values]
    each = percents if len(percents) == len(values) else percents * len(values)
    return [Measured(value=value / MBq, u=value / MBq * u / 100) for value, u in zip(values, each, strict=True)]


def _facts(output: Path, images: list[Made], created: datetime) -> dict[str, Any]:
    first = images[0].jobs[0]
    return {
        "schema": SCHEMA,
        "hevesy": __version__,
        "created": created.isoformat(),
        "title": f"{first.nuclide.name} SPECT, {first.detector.said}",
        "patient": first.raw.patient.id,
        "folder": str(output),
        "images": [
            {
                "label": made.label,
                "file": f"{made.stem}.dcm",
                "lines": lines_of(made),
                "figures": figures_of(made),
                "remarks": list(made.remarks),
            }
            for made in images
        ],
        "protocol": first.protocol.model_dump(mode="json"),
    }


def _write(folder: Path, made: Made, created: datetime) -> None:
    job, one = made.jobs[0], made.computed[0]
    p = job.raw.projections
    starts = [j.raw.start for j in made.jobs if j.raw.start is not None]
    header = ReconHeader(
        created=created,
        description=f"{made.label} {one.method}",
        method=one.description,
        start=min(starts) if starts else None,
        view_duration=job.raw.view_duration,
        views=p.views // job.raw.heads,
        start_angle=float(p.angles[0]),
        step=360.0 / p.views,
        radius=float(p.radii.mean()),
        corrections=one.corrections,
        window=job.peak,
        further=tuple(each.peak for each in job.further),
        decay_factor=1 / decay_left(p, job.nuclide.decay_constant),
        collimator=job.detector.collimator.name if job.detector.collimator else p.collimator,
        collimator_type=PINHOLE if job.raw.collimator_type == PINHOLE else PARALLEL[1],
        gate=p.gate,
        bed=0 if len(made.jobs) > 1 else p.bed,
    )
    sources = list(dict.fromkeys(path for j in made.jobs for path in j.raw.paths))
    write_recon(folder / f"{made.stem}.dcm", made.image, sources=sources, header=header)
    image = instance_of(folder / f"{made.stem}.dcm")
    write_noise(folder / f"{made.stem}{SUFFIX}", made.noise, instance=image, method=one.method)
    if made.u is not None:
        write_nifti(folder / f"{made.stem}_u.nii.gz", made.image, u=made.u)


def _picture(made: Made) -> bytes:
    from hevesy.reports.reconstruct_plot import ReconstructionPicture, reconstruction_plot

    job, one = made.jobs[0], made.computed[0]
    p = job.raw.projections
    ct = None if job.anatomy is None else on_grid(job.anatomy.image, made.image.grid)
    groups = job.raw.heads if p.views % job.raw.heads == 0 else 1
    measured, fitted = job.counted, one.fitted
    if np.any(p.shifts != 0):  # narrow columns are drawn as one detector, with room beside them for words
        groups = 1
        room = ((0, 0), (0, 0), (p.counts.shape[3], p.counts.shape[3]))
        measured, fitted = np.pad(measured, room), np.pad(fitted, room)
    picture = ReconstructionPicture(
        image=made.image,
        u=made.u,
        ct=ct,
        measured=measured,
        fitted=fitted,
        angles=np.tile(p.angles, len(job.peaks)),
        heads=np.repeat(np.arange(groups * len(job.peaks)), p.views // groups) + 1,
        names=tuple(
            f"{each.peak.name}, detector {head}" if job.further else f"detector {head}"
            for each in job.peaks
            for head in range(1, groups + 1)
        ),
        title=f"{made.label}: {job.nuclide.name}, {job.detector.said}, {one.method}",
    )
    return reconstruction_plot(picture)
