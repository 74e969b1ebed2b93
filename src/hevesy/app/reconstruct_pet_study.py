"""What a PET reconstruction starts from: the file of events, its scanner, its CT, and the grid to reconstruct on."""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.app.pet_detection import usual_detection
from hevesy.app.reconstruct_pet_settings import PetSettings
from hevesy.app.reconstruct_protocol import AcquisitionSettings
from hevesy.errors import DataError, InputError
from hevesy.imaging.pet.field import Field
from hevesy.imaging.pet.hdf5 import read_listmode, read_sinogram
from hevesy.imaging.pet.listmode import ListMode
from hevesy.imaging.pet.petsird_reading import is_petsird
from hevesy.imaging.pet.rings import Rings, SinogramLayout
from hevesy.imaging.pet.scan_header import ScanHeader, content_of, read_header
from hevesy.imaging.pet.simulate import Detection
from hevesy.imaging.reconstruct.attenuation import attenuation_on
from hevesy.imaging.systems import PetScanner, pet_scanner
from hevesy.model import Grid, Scan
from hevesy.nuclides import Nuclide, load_nuclide, radiations
from hevesy.units import MBq

ANNIHILATION = 0.51099895  # MeV
# Of mu: what is denser belongs to the body and has to be on the grid [1/mm].
BODY = 0.002
SCATTER_VOXEL = 8.0  # mm: scatter is computed on whole blocks of voxels of about this side
UPRIGHT = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bed:
    """One file of events with all that its reconstruction needs.

    Attributes
    ----------
    name : str                          Of the file.
    header : ScanHeader
    events : ListMode or None           One of this and the next.
    sinogram : (SinogramLayout, dict) or None
    duration : float                    [s].
    scanner : PetScanner
    detection : Detection
    nuclide : Nuclide
    positrons : float                   A decay [1].
    ct : Scan or None
    field : Field
    grid : Grid                         Where the field lies in the patient.
    beyond : int                        Slices at either end that lie beyond the scanner: lines at its ends need them.
    mu : array, shape (z, y, x) or None         At 511 keV [1/mm].
    remarks : tuple of str
    """

    name: str
    header: ScanHeader
    events: ListMode | None
    sinogram: tuple[SinogramLayout, dict[str, npt.NDArray[np.float32]]] | None
    duration: float
    scanner: PetScanner
    detection: Detection
    nuclide: Nuclide
    positrons: float
    ct: Scan | None
    field: Field
    grid: Grid
    beyond: int
    mu: npt.NDArray[np.float32] | None
    remarks: tuple[str, ...]

    @property
    def rings(self) -> Rings:
        """The crystals of the file."""
        return self.detection.rings

    @property
    def decay_factor(self) -> float:
        """Mean activity over the scan by that at its start [1]."""
        lam_T = self.nuclide.decay_constant * self.duration
        return -math.expm1(-lam_T) / lam_T

    @property
    def seconds(self) -> float:
        """Live time that counts activity at the start: duration x live share x decay factor [s]."""
        return self.duration * self.header.live_share * self.decay_factor


def pet_files(study: Path) -> tuple[Path, ...]:
    """Files of events or sinograms in the study, or the study itself if it is one; of the same events in two forms ours."""
    if study.is_file():
        return (study,) if is_petsird(study) or (study.suffix == ".h5" and _content(study)) else ()
    if not study.is_dir():
        return ()
    ours = [path for path in sorted(study.rglob("*.h5")) if _content(path)]
    theirs = [path for path in sorted(study.rglob("*.petsird")) if is_petsird(path) and path.with_suffix(".h5") not in ours]
    return (*ours, *theirs)


def copied_events(study: Path, taken: tuple[Path, ...]) -> tuple[Path, ...]:
    """PETSIRD files in a folder that are left out, because what they hold was taken from the file beside them."""
    return tuple(
        path.with_suffix(".petsird")
        for path in taken
        if study.is_dir() and is_petsird(path.with_suffix(".petsird")) and path.suffix == ".h5"
    )


def _content(path: Path) -> str:
    try:
        return content_of(path)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> DataError:
    return DataError(f"{path.name}: cannot be read ({error}); it is damaged or was cut short. Copy or acquire it again.")


def read_bed(
    path: Path,
    *,
    cts: tuple[Scan, ...],
    settings: PetSettings,
    scanner: str,
    attenuation: str,
    acquisition: AcquisitionSettings | None = None,
) -> Bed:
    """One file with its scanner and CT, and its grid; ``acquisition`` says what the file does not, or says wrongly.

    Raises
    ------
    DataError, InputError
        Something that the numbers depend on is missing.
    """
    stated = acquisition or AcquisitionSettings()
    events, sinogram, duration, header, said = _read(path, stated, scanner)
    header = replace(header, **_over(header, stated))
    if not (math.isfinite(header.coincidence_window) and header.coincidence_window >= 0):
        raise DataError(
            f"{path.name}: coincidence_window_s is {header.coincidence_window:g}; 0 or more is allowed. Correct the group /scan."
        )
    name = scanner or header.scanner
    if not name:
        raise DataError(f"{path.name}: does not say by which scanner it was acquired. Name it by --scanner.")
    machine = pet_scanner(name)
    rings = sinogram[0].rings if events is None else events.rings
    detection, remarks = _detection(machine, rings)
    remarks = [*said, *remarks]
    nuclide = load_nuclide(header.nuclide)
    positrons = float(radiations(nuclide.name).annihilation_yield.sum()) / 2
    if positrons <= 0:
        raise DataError(f"{path.name}: {nuclide.name} emits no positrons. Correct the nuclide in the file.")
    ct = _ct_of(path, header, cts)
    if ct is None and attenuation == "ct":
        raise DataError(
            f"{path.name}: there is no CT in its frame of reference. Name its folder by --ct, or choose source = none."
        )
    reach = _reach(ct, header, machine) if ct is not None else min(300.0, 0.6 * rings.radius)
    if settings.field_of_view_mm > 0:
        reach = settings.field_of_view_mm / 2
    field, grid, beyond = _field(reach, rings, settings.voxel_mm, header)
    mu = None if ct is None else attenuation_on(ct.image, grid, ANNIHILATION)
    if ct is None:
        remarks.append("without CT neither attenuation nor scatter is corrected: values are far too low.")
    elif (covered := _covered(ct, rings, header)) < 0.999:
        remarks.append(f"the CT covers {100 * covered:.0f} % of the scanner's length; beyond it there is no tissue in the model.")
    return Bed(
        name=path.name, header=header, events=events, sinogram=sinogram, duration=duration, scanner=machine,
        detection=detection, nuclide=nuclide, positrons=positrons, ct=ct, field=field, grid=grid, beyond=beyond, mu=mu,
        remarks=tuple(remarks),
    )  # fmt: skip


def _read(
    path: Path, stated: AcquisitionSettings, scanner: str
) -> tuple[ListMode | None, Any, float, ScanHeader, tuple[str, ...]]:
    """Events or sinograms with their duration, header and remarks, of either form of file."""
    try:
        if is_petsird(path):
            from hevesy.app.reconstruct_pet_petsird import petsird_bed

            own, header, _, said = petsird_bed(path, stated, scanner)
            return own, None, own.duration, header, said
        events, sinogram, duration, rings = _counts(path)
        return events, sinogram, duration, read_header(path, rings.crystals), ()
    except OSError as error:
        raise _unreadable(path, error) from error
    except InputError as error:
        raise DataError(f"{path.name}: {error}") from error


def _over(header: ScanHeader, stated: AcquisitionSettings) -> dict[str, Any]:
    """What was stated goes over what the file says."""
    given = {
        "nuclide": stated.nuclide or None, "centre": stated.centre_mm, "start": stated.start, "administered": stated.administered,
        "activity": None if stated.activity_MBq is None else stated.activity_MBq * MBq,
    }  # fmt: skip
    return {name: value for name, value in given.items() if value is not None}


def _counts(path: Path) -> tuple[ListMode | None, Any, float, Rings]:
    if content_of(path) == "listmode":
        events = read_listmode(path)
        if not len(events):
            raise DataError(f"{path.name}: holds no events. Acquire it again.")
        return events, None, events.duration, events.rings
    layout, arrays, duration = read_sinogram(path)
    for kind, values in arrays.items():
        if not np.isfinite(values).all() or values.min() < 0:
            raise DataError(f"{path.name}: sinogram {kind} holds values below 0 or not finite. Write it again.")
    if not arrays["prompts"].any():
        raise DataError(f"{path.name}: holds no counts. Acquire it again.")
    if not (math.isfinite(duration) and duration > 0):
        raise DataError(f"{path.name}: lasts {duration:g} s; a time above 0 is needed. Correct duration_s.")
    return None, (layout, arrays), duration, layout.rings


def _detection(scanner: PetScanner, rings: Rings) -> tuple[Detection, list[str]]:
    if abs(rings.length - scanner.axial_length) > 0.02 * scanner.axial_length:
        raise DataError(
            f"the file's rings are {rings.length:.1f} mm long, {scanner.name} is {scanner.axial_length:.1f} mm. "
            "Name the scanner that acquired it by --scanner."
        )
    return usual_detection(scanner, rings)


def _ct_of(path: Path, header: ScanHeader, cts: tuple[Scan, ...]) -> Scan | None:
    same = [ct for ct in cts if not header.frame_of_reference or ct.image.grid.frame_of_reference == header.frame_of_reference]
    if len(same) > 1:
        raise InputError(f"{path.name}: {len(same)} CT series may belong to it. Name the folder of one by --ct.")
    if not same:
        return None
    axes = same[0].image.grid.affine[:3, :3]
    if np.abs(axes - np.diag(np.diag(axes))).max() > UPRIGHT * np.abs(axes).max():
        raise DataError(f"{same[0].label}: the CT is tilted against the scanner. Resample it upright.")
    return same[0]


def _along(ct: Scan, axis: int) -> npt.NDArray[np.float64]:
    grid = ct.image.grid
    return np.asarray(grid.affine[axis, 3] + grid.affine[axis, axis] * np.arange(grid.shape[2 - axis]))


def _reach(ct: Scan, header: ScanHeader, scanner: PetScanner) -> float:
    """Farthest of the body from the scanner's axis, along x or y [mm]."""
    inside = np.abs(_along(ct, 2) - header.centre[2]) < scanner.axial_length / 2
    nothing = np.zeros((1, 1), np.bool_)
    dense = np.asarray(np.any(ct.image.values[inside] > -700, axis=0), dtype=np.bool_) if inside.any() else nothing
    if not dense.any():
        raise DataError(f"{ct.label}: the CT shows nothing within the length of the scanner. Check centre_mm of the file.")
    far = 0.0
    for axis, some in ((0, np.any(dense, axis=0)), (1, np.any(dense, axis=1))):
        far = max(far, float(np.abs(_along(ct, axis)[some] - header.centre[axis]).max()))
    return min(far, 0.65 * scanner.radius)


def _covered(ct: Scan, rings: Rings, header: ScanHeader) -> float:
    z = _along(ct, 2)
    half = abs(ct.image.grid.affine[2, 2]) / 2
    low, high = max(z.min() - half, header.centre[2] - rings.length / 2), min(z.max() + half, header.centre[2] + rings.length / 2)
    return float(max(0.0, high - low) / rings.length)


def _field(reach: float, rings: Rings, voxel: float, header: ScanHeader) -> tuple[Field, Grid, int]:
    """Voxels across the body with a margin, from end to end of the scanner and half a block beyond; whole blocks for scatter."""
    block = 2 * max(1, round(SCATTER_VOXEL / voxel))
    n = block * math.ceil((2 * reach + 4 * voxel) / voxel / block)
    slices = block * max(1, round(rings.length / voxel / block))
    thickness = rings.length / slices
    slices += block
    field = Field(shape=(n, n, slices), side=voxel, thickness=thickness)
    x, y, z = field.centres()
    affine = np.diag([voxel, voxel, field.thickness, 1.0])
    affine[:3, 3] = np.array([x[0], y[0], z[0]]) + header.centre
    return field, Grid(shape=(slices, n, n), affine=affine, frame_of_reference=header.frame_of_reference), block // 2
