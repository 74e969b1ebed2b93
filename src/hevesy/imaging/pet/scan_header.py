"""What a file of events says beside them: when, of which nuclide, by which scanner, where in the patient, how live."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError, InputError
from hevesy.model.arrays import handed_over

GROUP = "scan"


def _none() -> Any:
    return np.empty(0, np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScanHeader:
    """Group "scan" of an HDF5 file of events or sinograms.

    Attributes
    ----------
    scanner : str                       Name in the library, or of a user's own file; "" where it is not known.
    nuclide : str                       "F-18".
    start : datetime                    Of the acquisition.
    activity : float                    Given [Bq]; 0 where it is not known.
    administered : datetime or None
    radiopharmaceutical : str
    centre : (x, y, z)                  Middle of the scanner in the coordinates of the CT [mm].
    frame_of_reference : str            UID of those coordinates.
    live_share : float                  Share of the coincidences that dead time left [1].
    coincidence_window : float          tau: photons up to this far apart are in coincidence [s]; 0 where it is not known.
    singles : array, shape (crystals,) or 0             Rates of the crystals [1/s].
    crystal_efficiency : array, shape (crystals,) or 0  Normalisation, mean 1.
    """

    scanner: str
    nuclide: str
    start: datetime
    activity: float = 0.0
    administered: datetime | None = None
    radiopharmaceutical: str = ""
    centre: tuple[float, float, float] = (0.0, 0.0, 0.0)
    frame_of_reference: str = ""
    live_share: float = 1.0
    coincidence_window: float = 0.0
    singles: npt.NDArray[np.float32] = field(default_factory=_none)
    crystal_efficiency: npt.NDArray[np.float32] = field(default_factory=_none)

    def __post_init__(self) -> None:
        if not 0 < self.live_share <= 1:
            raise InputError(f"dead time left {self.live_share} of the coincidences; above 0 and at most 1 is possible.")
        for name in ("singles", "crystal_efficiency"):
            object.__setattr__(self, name, handed_over(np.array(getattr(self, name), dtype=np.float32)))


def write_header(path: Path, header: ScanHeader) -> None:
    """Add the group to a file that `write_listmode` or `write_sinogram` made."""
    import h5py  # type: ignore[import-untyped, unused-ignore]

    with h5py.File(path, "r+") as file:
        group = file.create_group(GROUP)
        given = "" if header.administered is None else header.administered.isoformat()
        group.attrs.update({
            "scanner": header.scanner, "nuclide": header.nuclide, "start": header.start.isoformat(),
            "activity_Bq": header.activity, "administered": given, "radiopharmaceutical": header.radiopharmaceutical,
            "centre_mm": header.centre, "frame_of_reference": header.frame_of_reference,
            "live_share": header.live_share, "coincidence_window_s": header.coincidence_window,
        })  # fmt: skip
        for name in ("singles", "crystal_efficiency"):
            values = getattr(header, name)
            if values.size:
                group.create_dataset(name, data=values, compression="gzip")


def content_of(path: Path) -> str:
    """ "listmode" or "sinogram"; "" where the file is not one of ours."""
    import h5py  # type: ignore[import-untyped, unused-ignore]

    if not path.is_file() or not h5py.is_hdf5(path):
        return ""
    with h5py.File(path, "r") as file:
        ours = file.attrs.get("format") == "hevesy-pet"
        return str(file.attrs.get("content", "")) if ours else ""


def read_header(path: Path, crystals: int) -> ScanHeader:
    """The group of a file whose scanner has so many crystals.

    Raises
    ------
    DataError
        The group or something in it is missing or wrong.
    """
    import h5py  # type: ignore[import-untyped, unused-ignore]

    with h5py.File(path, "r") as file:
        if GROUP not in file:
            raise DataError(
                f"{path.name}: there is no group /{GROUP}, which says nuclide, start and scanner. Add it as the page on PET says."
            )
        group = file[GROUP]
        said = dict(group.attrs)
        arrays = {name: np.asarray(group[name][:]) for name in ("singles", "crystal_efficiency") if name in group}
    missing = [name for name in ("nuclide", "start") if not said.get(name)]
    if missing:
        raise DataError(f"{path.name}: /{GROUP} does not say {', '.join(missing)}. Add it as an attribute.")
    for name, values in arrays.items():
        if values.shape != (crystals,) or not np.isfinite(values).all() or values.min() < 0:
            raise DataError(
                f"{path.name}: /{GROUP}/{name} has shape {values.shape} or values below 0; {crystals} of 0 or more are needed."
            )
    try:
        start = datetime.fromisoformat(str(said["start"]))
        given = datetime.fromisoformat(str(said["administered"])) if said.get("administered") else None
        x, y, z = (float(v) for v in said.get("centre_mm", (0.0, 0.0, 0.0)))
    except ValueError as error:
        raise DataError(
            f"{path.name}: /{GROUP}: {error}. Times are written as 2024-03-04T09:30:00, the centre as 3 numbers."
        ) from error
    return ScanHeader(
        scanner=str(said.get("scanner", "")), nuclide=str(said["nuclide"]), start=start,
        activity=float(said.get("activity_Bq", 0.0)), administered=given,
        radiopharmaceutical=str(said.get("radiopharmaceutical", "")), centre=(x, y, z),
        frame_of_reference=str(said.get("frame_of_reference", "")), live_share=float(said.get("live_share", 1.0)),
        coincidence_window=float(said.get("coincidence_window_s", 0.0)), **arrays,
    )  # fmt: skip
