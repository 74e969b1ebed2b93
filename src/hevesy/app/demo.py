"""Use case: a virtual patient, and the main job on it with the truth beside each result."""

from collections.abc import Callable
from pathlib import Path

from hevesy.app.dose import DoseOutcome
from hevesy.app.dose import run as run_dose
from hevesy.app.virtual_study import make_virtual_study
from hevesy.errors import InputError
from hevesy.imaging import VirtualPatientSpec

Progress = Callable[[str, float], None]

# What a physicist would know of the virtual scanner from phantom measurements.
SETTINGS = """\
# What the headers of the virtual patient cannot say and a physicist would have measured.

[calibration]
u_percent = 3  # calibration against a cylinder, common to all scans

[dosimetry]
resolution_mm = {resolution:g}  # FWHM of the reconstructed images, from line sources
partial_volume = "yang"  # corrected for that resolution
"""


def run(
    folder: Path, *, seed: int = 177, spec: VirtualPatientSpec | None = None, progress: Progress | None = None
) -> DoseOutcome:
    """Write ``folder``/study, ``folder``/study.toml and ``folder``/result.

    The truth of each region is known because the patient is made by code; the main job does not see it.

    Raises
    ------
    InputError
        ``folder`` is a file, or holds a study that is not a virtual one.
    """
    tell = progress or (lambda text, fraction: None)
    spec = spec or VirtualPatientSpec()
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; the demo needs a folder.")
    folder.mkdir(parents=True, exist_ok=True)
    made = make_virtual_study(folder / "study", seed=seed, spec=spec, progress=tell)
    settings = folder / "study.toml"
    settings.write_text(SETTINGS.format(resolution=spec.resolution), "utf-8")
    truths = {name: made.truths[name] for name in made.regions}
    return run_dose(made.folder, folder / "result", settings_path=settings, truths=truths, progress=tell)
