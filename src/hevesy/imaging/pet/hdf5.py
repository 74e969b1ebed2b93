"""List mode and sinograms as HDF5 files whose layout is written down in docs/theory/pet.md."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError, InputError
from hevesy.imaging.pet.listmode import ListMode
from hevesy.imaging.pet.rings import Rings, SinogramLayout

FORMAT = "hevesy-pet"
VERSION = 1
_GEOMETRY = ("radius", "per_ring", "rings", "pitch", "most_rings_apart", "stopping")


def write_listmode(path: Path, events: ListMode) -> None:
    """Write the events of an acquisition; an existing file is not overwritten.

    Groups and attributes: see the theory page. Offsets are in mm, times in s, each with its unit as an attribute.
    """
    with _new(path) as file:
        _describe(file, "listmode", events.rings)
        file.attrs["tof_fwhm_ps"] = events.tof_fwhm
        file.attrs["duration_s"] = events.duration
        rows = file.create_group("events")
        columns: dict[str, tuple[npt.NDArray[Any], str]] = {
            "crystals": (events.pairs, "1"),
            "tof_offset": (events.offset, "mm"),
            "time": (events.time, "s"),
            "kind": (events.kind, "1"),
        }
        for name, (values, unit) in columns.items():
            if values.size or name == "crystals":
                made = rows.create_dataset(name, data=values, compression="gzip", shuffle=True, **_chunks(values))
                made.attrs["unit"] = unit


def read_listmode(path: Path) -> ListMode:
    """Read the events of an acquisition."""
    with _opened(path, "listmode") as file:
        rows = file["events"]

        def column(name: str, kind: Any) -> npt.NDArray[Any]:
            return np.asarray(rows[name][:], dtype=kind) if name in rows else np.empty(0, kind)

        if "crystals" not in rows:
            raise DataError(f"{path}: /events/crystals is missing; the file holds no events. Write it again.")
        return ListMode(
            rings=_rings(path, file),
            pairs=column("crystals", np.int32),
            offset=column("tof_offset", np.float32),
            tof_fwhm=_number(path, file, "tof_fwhm_ps"),
            duration=_number(path, file, "duration_s"),
            time=column("time", np.float32),
            kind=column("kind", np.int8),
        )


def write_sinogram(path: Path, layout: SinogramLayout, arrays: dict[str, npt.NDArray[Any]], *, duration: float) -> None:
    """Write sinograms of one layout by name: "prompts" at least; "randoms", "scatter", "normalisation", "transmission" and
    others as they are known; an existing file is not overwritten."""
    if "prompts" not in arrays:
        raise InputError(f"the sinograms are {sorted(arrays)}; 'prompts' must be among them. Add the measured counts.")
    for name, values in arrays.items():
        if values.shape != layout.shape:
            raise InputError(f"sinogram {name} has shape {values.shape}; its layout {layout.shape} as (views, planes, radial).")
    with _new(path) as file:
        _describe(file, "sinogram", layout.rings)
        file.attrs["duration_s"] = duration
        file.create_dataset("ring_pairs", data=layout.ring_pairs)
        for name, values in arrays.items():
            file.create_dataset(f"sinograms/{name}", data=np.asarray(values, np.float32), compression="gzip", shuffle=True)


def read_sinogram(path: Path) -> tuple[SinogramLayout, dict[str, npt.NDArray[np.float32]], float]:
    """Layout, sinograms by name and duration [s] of a file."""
    with _opened(path, "sinogram") as file:
        if "ring_pairs" not in file or "sinograms/prompts" not in file:
            raise DataError(f"{path}: /ring_pairs or /sinograms/prompts is missing. Write it again.")
        arrays = {name: np.asarray(values[:], np.float32) for name, values in file["sinograms"].items()}
        pairs = np.asarray(file["ring_pairs"][:], np.int32)
        layout = SinogramLayout(rings=_rings(path, file), radial=arrays["prompts"].shape[-1], ring_pairs=pairs)
        for name, values in arrays.items():
            if values.shape != layout.shape:
                raise DataError(f"{path}: sinogram {name} has shape {values.shape}; geometry and ring pairs make {layout.shape}.")
        return layout, arrays, _number(path, file, "duration_s")


def _describe(file: Any, content: str, rings: Rings) -> None:
    file.attrs["format"], file.attrs["version"], file.attrs["content"] = FORMAT, VERSION, content
    scanner = file.create_group("scanner")
    for name in _GEOMETRY:
        scanner.attrs[name] = getattr(rings, name)


def _rings(path: Path, file: Any) -> Rings:
    found = file["scanner"].attrs if "scanner" in file else {}
    missing = [name for name in _GEOMETRY if name not in found]
    if missing:
        raise DataError(f"{path}: /scanner lacks {', '.join(missing)}; lines cannot be placed. Write it again.")
    return Rings(
        radius=float(found["radius"]), per_ring=int(found["per_ring"]), rings=int(found["rings"]), pitch=float(found["pitch"]),
        most_rings_apart=int(found["most_rings_apart"]), stopping=float(found["stopping"]),
    )  # fmt: skip


def _number(path: Path, file: Any, name: str) -> float:
    if name not in file.attrs:
        raise DataError(f"{path}: attribute {name} is missing. Write it again.")
    return float(file.attrs[name])


def _chunks(values: npt.NDArray[Any]) -> dict[str, Any]:
    rest = values.shape[1:]
    return {"chunks": (min(max(len(values), 1), 1 << 18), *rest), "maxshape": (None, *rest)}


def _new(path: Path) -> Any:
    import h5py  # type: ignore[import-untyped, unused-ignore]

    if Path(path).exists():
        raise InputError(f"{path} is there already; it is not overwritten. Give another name.")
    return h5py.File(path, "w-")


def _opened(path: Path, content: str) -> Any:
    import h5py  # type: ignore[import-untyped, unused-ignore]

    if not Path(path).is_file() or not h5py.is_hdf5(path):
        raise DataError(f"{path} is not an HDF5 file. Give a file that was written with write_{content}.")
    file = h5py.File(path, "r")
    found = (file.attrs.get("format"), file.attrs.get("version"), file.attrs.get("content"))
    if found != (FORMAT, VERSION, content):
        file.close()
        raise DataError(
            f"{path} holds {found[2]} of format {found[0]}, version {found[1]}; "
            f"{content} of {FORMAT}, version {VERSION}, is read here."
        )
    return file
