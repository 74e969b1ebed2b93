"""The file beside a reconstruction from which the counting noise of any regions follows: written, found and read."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from hevesy import __version__
from hevesy.app.reconstruct_beds import Part
from hevesy.errors import DataError
from hevesy.model import Grid

if TYPE_CHECKING:
    from hevesy.imaging.reconstruct.noise_model import NoiseModel

T = TypeVar("T")

# Version 2 holds several photopeaks, which a reader of version 1 would leave out.
FORMAT, VERSION, SEVERAL = "hevesy-counting-noise", 1, 2
SUFFIX = "_noise.h5"
_ARRAYS = ("factors", "counts", "additive", "response", "mu", "support")
_ORBIT = ("angles", "radii", "shifts")
PEAKS = "peaks"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NoiseBed:
    """One bed position of an image.

    Attributes
    ----------
    model : NoiseModel
    part : Part or None                 What it gives to each slice of the image; None: it is the image.
    factor : float                      By which its values were multiplied: decay to the start of the first.
    """

    model: "NoiseModel"
    part: Part | None = None
    factor: float = 1.0


def write_noise(path: Path, beds: tuple[NoiseBed, ...], *, instance: str, method: str) -> Path:
    """Write what the noise of an image follows from.

    Parameters
    ----------
    instance : str                      SOP Instance UID of the image.
    method : str                        How it was made, for a report.

    Counts are kept as counted, attenuation in 16-bit numbers (0.05 %).  Nothing in the file names a patient.
    """
    import h5py

    with h5py.File(path, "w", track_order=True) as file:
        version = SEVERAL if any(bed.model.further for bed in beds) else VERSION
        file.attrs["format"], file.attrs["version"], file.attrs["hevesy"] = FORMAT, version, __version__
        file.attrs["instance"], file.attrs["method"] = instance, method
        for n, bed in enumerate(beds):
            _write_bed(file.create_group(f"beds/{n}"), bed)
    return path


def _write_bed(group: Any, bed: NoiseBed) -> None:
    m = bed.model
    for n, each in enumerate(m.further):
        _write_bed(group.create_group(f"{PEAKS}/{n}"), NoiseBed(model=each))
    group.attrs["factor"], group.attrs["weights"] = bed.factor, m.weights
    group.attrs["grid"], group.attrs["affine"] = m.grid.shape, m.grid.affine
    group.attrs["pixel_mm"], group.attrs["centre_mm"] = m.orbit.pixel, m.orbit.centre
    group.attrs["smoothing_mm"], group.attrs["intrinsic_mm"] = m.smoothing, m.intrinsic
    group.attrs["settings"] = json.dumps(asdict(m.settings))
    if m.pinhole is not None:
        group.attrs["pinhole"] = json.dumps(asdict(m.pinhole))
    arrays = {name: getattr(m, name) for name in _ARRAYS} | {name: getattr(m.orbit, name) for name in _ORBIT}
    arrays |= {f"beside_{k}": counts for k, counts in enumerate(m.beside)}
    if bed.part is not None:
        arrays |= {"slices": bed.part.at, "shares": bed.part.share}
    for name, values in arrays.items():
        if values is not None:
            group.create_dataset(name, data=_small(name, values), compression="gzip", shuffle=True, track_times=False)


def _small(name: str, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """In as few bytes as keep it: whole numbers of counts, attenuation to 0.05 %."""
    if name == "mu":
        return values.astype(np.float16)
    if name.startswith(("counts", "beside")) and float(values.max(initial=0)) < 65535 and np.array_equal(values, np.rint(values)):
        return values.astype(np.uint16)
    return values


def noise_files(folder: Path) -> tuple[Path, ...]:
    """Those below a folder, without hidden ones."""
    found = (path for path in folder.rglob(f"*{SUFFIX}") if path.is_file())
    return tuple(sorted(p for p in found if not any(part.startswith(".") for part in p.relative_to(folder).parts)))


def about(path: Path) -> tuple[str, str]:
    """SOP Instance UID of the image whose noise a file is of, and how it was made."""
    return _opened(path, lambda file: (str(file.attrs["instance"]), str(file.attrs["method"])))


def instance_of(path: Path) -> str:
    """SOP Instance UID of a DICOM file."""
    import pydicom

    return str(pydicom.dcmread(path, stop_before_pixels=True, specific_tags=["SOPInstanceUID"]).get("SOPInstanceUID") or "")


def read_noise(path: Path) -> tuple[NoiseBed, ...]:
    """Bed positions.

    Raises
    ------
    DataError
        It is not such a file, or of another version.
    """
    return _opened(path, lambda file: tuple(_read_bed(file["beds"][name]) for name in sorted(file["beds"], key=int)))


def _opened(path: Path, use: Callable[[Any], T]) -> T:
    import h5py

    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") != FORMAT or int(file.attrs.get("version", 0)) not in (VERSION, SEVERAL):
                found = f"{file.attrs.get('format')!r}, version {file.attrs.get('version')}"
                raise DataError(
                    f"{path.name}: format {found}; allowed is {FORMAT!r}, version {VERSION} or {SEVERAL}. Reconstruct again with "
                    "this version, or remove the file."
                )
            return use(file)
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise DataError(
            f"{path.name}: is not the noise of a reconstruction, or is damaged ({error}). Reconstruct again, or remove it."
        ) from error


def _read_bed(group: Any) -> NoiseBed:
    from hevesy.imaging.projectors import Orbit, PinholeAperture
    from hevesy.imaging.reconstruct.noise_model import NoiseModel
    from hevesy.imaging.reconstruct.spect import SpectProtocol

    arrays = {name: group[name][()] for name in group if name != PEAKS}
    (row, column), (x, y, z) = group.attrs["pixel_mm"], group.attrs["centre_mm"]
    slices, lines, columns = (int(n) for n in group.attrs["grid"])
    orbit = Orbit(
        **{name: arrays.pop(name) for name in _ORBIT}, rows=arrays["counts"].shape[1], columns=arrays["counts"].shape[2],
        pixel=(float(row), float(column)), centre=(float(x), float(y), float(z)),
    )  # fmt: skip
    model = NoiseModel(
        grid=Grid(shape=(slices, lines, columns), affine=group.attrs["affine"]),
        orbit=orbit,
        factors=arrays["factors"],
        counts=arrays["counts"].astype(np.float32),
        beside=tuple(arrays[f"beside_{k}"].astype(np.float32) for k in range(len(group.attrs["weights"]))),
        weights=tuple(float(w) for w in group.attrs["weights"]),
        additive=arrays.get("additive"),
        response=arrays.get("response"),
        mu=None if "mu" not in arrays else arrays["mu"].astype(np.float32),
        support=arrays["support"],
        settings=SpectProtocol(**json.loads(group.attrs["settings"])),
        smoothing=float(group.attrs["smoothing_mm"]),
        pinhole=PinholeAperture(**json.loads(group.attrs["pinhole"])) if "pinhole" in group.attrs else None,
        intrinsic=float(group.attrs["intrinsic_mm"]),
        further=tuple(_read_bed(group[PEAKS][name]).model for name in sorted(group.get(PEAKS, ()), key=int)),
    )
    part = Part(at=arrays["slices"], share=arrays["shares"]) if "slices" in arrays else None
    return NoiseBed(model=model, part=part, factor=float(group.attrs["factor"]))
