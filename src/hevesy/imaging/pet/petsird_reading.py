"""PETSIRD files of scanners whose crystals lie on one regular cylinder: their events, and what the file says beside them."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError, HevesyError, ScopeError
from hevesy.imaging.pet.listmode import ListMode
from hevesy.imaging.pet.petsird_file import Code, petsird_library
from hevesy.imaging.pet.rebinned import MM_PER_PS
from hevesy.imaging.pet.rings import Rings
from hevesy.units import MBq

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
MAGIC = b"yardl"
_EPOCH = np.datetime64(0, "ns")
_EVEN = 0.01  # geometric efficiencies of pairs that differ by more would change the image
_PS = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PetsirdScan:
    """What a PETSIRD file holds; "" , 0 or None where it says nothing.

    Attributes
    ----------
    events : ListMode
    model : str                         Of the scanner.
    nuclide : (value, scheme, meaning)  Code of the first radiopharmaceutical.
    radiopharmaceutical : str
    activity : float                    [Bq].
    administered, start : datetime or None
    centre : (x, y, z)                  Of the scanner by the gantry alignment [mm].
    frame_of_reference : str
    live_share : float                  Mean over detectors and time [1].
    coincidence_window : float          Largest difference in time of the two photons [s].
    singles, crystal_efficiency : array, shape (crystals,) or 0     [1/s], mean 1.
    rings_stated : bool                 Whether the file says which rings are in coincidence.
    remarks : tuple of str
    """

    events: ListMode
    model: str
    nuclide: Code
    radiopharmaceutical: str
    activity: float
    administered: datetime | None
    start: datetime | None
    centre: tuple[float, float, float]
    frame_of_reference: str
    live_share: float
    coincidence_window: float
    singles: Floats
    crystal_efficiency: Floats
    rings_stated: bool
    remarks: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class _Read:
    """What the time blocks gave so far."""

    pairs: list[Ints] = field(default_factory=list)
    index: list[Ints] = field(default_factory=list)
    time: list[Floats] = field(default_factory=list)
    stop: int = 0  # ms
    alive: float = 0.0  # share times ms
    alive_time: int = 0
    singles: Ints | None = None
    singles_time: int = 0
    moved: bool = False
    others: int = 0


def is_petsird(path: Path) -> bool:
    """Whether a file is called so and begins as the library's binary files do."""
    if path.suffix.lower() != ".petsird" or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def read_petsird(path: Path) -> PetsirdScan:
    """Read a PETSIRD file.

    An event gets the middle of its time-of-flight bin and of its time block.  Delayed coincidences, triples and single
    events are not used; a remark says so.

    Raises
    ------
    ScopeError
        Modules of several types, crystals off one cylinder or in several layers, several energy bins, a bed or gantry that
        moved or a gantry that is turned, efficiencies of pairs that are not 0 or one value: what would change the image.
    DataError
        There is no such file, or it is damaged.
    """
    petsird = petsird_library()
    if not Path(path).is_file():
        raise DataError(f"{path} is not a file. Give a binary PETSIRD file.")
    try:
        with petsird.BinaryPETSIRDReader(str(path)) as reader:
            header = reader.read_header()
            rings, number = _rings_of(path, header.scanner)
            read = _Read()
            for block in reader.read_time_blocks():
                _take(petsird, block, read)
    except (HevesyError, OSError):
        raise
    except Exception as error:  # what the library raises on a damaged file is not documented
        raise DataError(
            f"{path.name}: cannot be read as PETSIRD ({type(error).__name__}); it is damaged or was cut short. Copy it again."
        ) from error
    return _scan(path, header, rings, number, read)


def _take(petsird: Any, block: Any, read: _Read) -> None:
    """One time block."""
    value, kind = block.value, petsird.TimeBlock
    if isinstance(block, kind.EventTimeBlock):
        interval, events = value.time_interval, value.prompt_events[0][0] if value.prompt_events else []
        read.pairs.append(np.array([event.detection_bins for event in events], np.int64).reshape(-1, 2))
        read.index.append(np.array([event.tof_idx for event in events], np.int64))
        read.time.append(np.full(len(events), (interval.start + interval.stop) / 2000, np.float32))
        read.others += sum(len(rows) for kinds in value.delayed_events for rows in kinds) + len(value.triple_events)
        read.stop = max(read.stop, int(interval.stop))
    elif isinstance(block, kind.DeadTimeTimeBlock):
        lasting = int(value.time_interval.stop) - int(value.time_interval.start)
        share = float(np.mean(value.alive_time_fractions.singles_alive_time_fractions[0])) ** 2
        pairs = value.alive_time_fractions.module_pair_alive_time_fractions
        share *= float(np.mean(np.asarray(pairs[0][0], float))) if len(pairs) and np.size(pairs[0][0]) else 1.0
        read.alive, read.alive_time = read.alive + share * lasting, read.alive_time + lasting
    elif isinstance(block, kind.SinglesHistogramTimeBlock):
        if value.singles_per_detection_bin_histogram:
            counted = np.array(value.singles_per_detection_bin_histogram[0], np.int64)
            read.singles = counted if read.singles is None else read.singles + counted
            read.singles_time += int(value.time_interval.stop) - int(value.time_interval.start)
    elif isinstance(block, (kind.BedMovementTimeBlock, kind.GantryMovementTimeBlock)):
        read.moved = True


def _scan(path: Path, header: Any, rings: Rings, number: Ints, read: _Read) -> PetsirdScan:
    if read.moved:
        raise ScopeError(f"{path.name}: bed or gantry moved within the scan; one place is read here. Write a file for each.")
    scanner, exam = header.scanner, header.exam
    edges = np.asarray(scanner.tof_bin_edges[0][0].edges, float)
    timed = edges.size > 2
    pairs, index = (np.concatenate(rows) if rows else np.empty(0, np.int64) for rows in (read.pairs, read.index))
    pairs = pairs.reshape(-1, 2)
    for what, values, most in (("detection bins", pairs, number.size), ("time-of-flight bins", index, edges.size - 1)):
        if values.size and not 0 <= values.min() <= values.max() < most:
            raise DataError(
                f"{path.name}: {what} {values.min()} to {values.max()} in the events; its scanner has 0 to {most - 1}."
            )
    efficiencies, together = scanner.detection_efficiencies, _most_apart(path, scanner, rings, number)
    if together is not None:
        rings = replace(rings, most_rings_apart=together)
    middles = ((edges[1:] + edges[:-1]) / 2).astype(np.float32)
    events = ListMode(
        rings=rings, pairs=number[pairs].astype(np.int32), offset=middles[index] if timed else np.empty(0, np.float32),
        tof_fwhm=float(scanner.tof_resolution[0][0]) / MM_PER_PS if timed else 0.0, duration=max(read.stop, 1) / 1000,
        time=np.concatenate(read.time) if read.time else np.empty(0, np.float32),
    )  # fmt: skip
    given = exam.radiopharmaceuticals[0] if exam is not None and exam.radiopharmaceuticals else None
    code = ("", "", "") if given is None else _code(given.radionuclide_code_sequence)
    own = efficiencies.detection_bin_efficiencies
    return PetsirdScan(
        events=events, model=str(scanner.model_name), nuclide=code,
        radiopharmaceutical="" if given is None else str(given.radiopharmaceutical_code_sequence.code_meaning),
        activity=0.0 if given is None else float(given.radionuclide_total_dose) * MBq,
        administered=None if given is None else _time(given.radiopharmaceutical_start_date_time),
        start=None if exam is None else _time(exam.start_of_acquisition) or _time(exam.start_of_study),
        centre=_centre(path, scanner.gantry_alignment),
        frame_of_reference="" if exam is None else str(exam.frame_of_reference_uid),
        live_share=min(1.0, read.alive / read.alive_time) if read.alive_time else 1.0,
        coincidence_window=float(edges[-1] - edges[0]) / 2 / MM_PER_PS * _PS,
        singles=_by_crystal(read.singles, number, read.singles_time / 1000),
        crystal_efficiency=_by_crystal(np.array(own[0]) if own else None, number, 0.0),
        rings_stated=together is not None, remarks=_remarks(exam, read, efficiencies),
    )  # fmt: skip


def _remarks(exam: Any, read: _Read, efficiencies: Any) -> tuple[str, ...]:
    said = []
    if exam is not None and len(exam.radiopharmaceuticals) > 1:
        said.append(f"the file names {len(exam.radiopharmaceuticals)} radiopharmaceuticals; the first was taken.")
    if read.others:
        said.append("delayed coincidences or triples of the file were not used.")
    if float(efficiencies.calibration_factor) not in (0.0, 1.0):
        said.append(
            f"the file's calibration factor, {float(efficiencies.calibration_factor):.4g}, was not used: the sensitivity is that "
            "of the scanner's NEMA figure."
        )
    return tuple(said)


def _code(sequence: Any) -> Code:
    return str(sequence.code_value), str(sequence.coding_scheme_designator), str(sequence.code_meaning)


def _time(stamp: Any) -> datetime | None:
    """As it stands, to the microsecond; None where there is none."""
    if stamp is None or stamp.numpy_value == _EPOCH:
        return None
    found: datetime = stamp.numpy_value.astype("datetime64[us]").astype(datetime)
    return found


def _centre(path: Path, alignment: Any) -> tuple[float, float, float]:
    if alignment is None:
        return (0.0, 0.0, 0.0)
    matrix = np.asarray(alignment.matrix, float)
    if np.abs(matrix[:, :3] - np.eye(3)).max() > 1e-3:
        raise ScopeError(f"{path.name}: the gantry is turned against the CT; only shifts are read. Turn the CT, or leave it out.")
    x, y, z = (round(float(place), 4) for place in matrix[:, 3])
    return x, y, z


def _by_crystal(values: npt.NDArray[Any] | None, number: Ints, seconds: float) -> Floats:
    """By our number of the crystal; counts by ``seconds`` where these are not 0."""
    if values is None or values.size != number.size:
        return np.empty(0, np.float32)
    out = np.empty(number.size, np.float32)
    out[number] = values / seconds if seconds > 0 else values
    return out


def _most_apart(path: Path, scanner: Any, rings: Rings, number: Ints) -> int | None:
    """Largest difference of rings whose pairs have an efficiency above 0; None where the file does not say."""
    tables, vectors = (
        scanner.detection_efficiencies.module_pair_sgidlut, scanner.detection_efficiencies.module_pair_efficiencies_vectors,
    )  # fmt: skip
    if not (len(tables) and len(tables[0]) and len(vectors) and len(vectors[0]) and len(vectors[0][0])):
        return None
    modules = len(scanner.scanner_geometry.replicated_modules[0].transforms)
    ring = (number // rings.per_ring).reshape(modules, -1)
    seen: dict[int, tuple[int, int]] = {}
    for first, row in enumerate(tables[0][0]):
        for second, group in enumerate(row):
            seen.setdefault(int(group), (first, second))
    most, levels = 0, []
    for group, pair in seen.items():
        if group < 0:
            continue
        values = np.asarray(vectors[0][0][group].values, float)
        apart = np.abs(ring[pair[0]][:, None] - ring[pair[1]][None, :])
        most = max(most, int(apart[values > 0].max(initial=0)))
        levels.append(values[values > 0])
    level = np.concatenate(levels) if levels else np.ones(1)
    if level.size and np.ptp(level) > _EVEN * level.max():
        raise ScopeError(
            f"{path.name}: geometric efficiencies of pairs of crystals lie between {level.min():.3g} and {level.max():.3g}; here "
            "they follow from the geometry. Write the file without them (a size of 0), or use another program."
        )
    return min(most, rings.rings - 1)


def _rings_of(path: Path, scanner: Any) -> tuple[Rings, npt.NDArray[np.int64]]:
    """The regular cylinder of a scanner, and our number of each of its detection bins."""
    types = scanner.scanner_geometry.replicated_modules
    if not types:
        raise DataError(f"{path.name}: its scanner has no modules; events cannot be placed. Write the file with its geometry.")
    if len(types) != 1 or len(scanner.event_energy_bin_edges[0].edges) != 2:
        raise ScopeError(
            f"{path.name}: {len(types)} types of modules and their energy bins; one type with one energy bin is read here."
        )
    elements = types[0].object.detecting_elements
    corner = np.mean([c.c for c in elements.object.shape.corners], axis=0)
    inner = np.stack([t.matrix for t in elements.transforms]).astype(float)
    outer = np.stack([t.matrix for t in types[0].transforms]).astype(float)
    centres = inner[:, :, :3] @ corner + inner[:, :, 3]
    centres = (np.einsum("mij,ej->mei", outer[:, :, :3], centres) + outer[:, None, :, 3]).reshape(-1, 3)
    radius = np.hypot(centres[:, 0], centres[:, 1])
    heights = np.unique(np.round(centres[:, 2], 2))
    per_ring = len(centres) // max(1, heights.size)
    steps = np.diff(heights)
    place = np.arctan2(centres[:, 1], centres[:, 0]) * per_ring / (2 * np.pi)
    regular = len(centres) == per_ring * heights.size and np.ptp(radius) < 1.0 and (not steps.size or np.ptp(steps) < 0.1)
    if not regular or np.abs(place - np.rint(place)).max() > 0.05:
        raise ScopeError(
            f"{path.name}: the crystals do not lie on one regular cylinder (radii {radius.min():.1f} to {radius.max():.1f} mm, "
            f"{heights.size} heights). Only such scanners are read."
        )
    pitch = float(steps.mean()) if steps.size else 4.0
    rings = Rings(
        radius=float(radius.mean()), per_ring=per_ring, rings=heights.size, pitch=pitch, most_rings_apart=heights.size - 1
    )
    ring = np.rint((centres[:, 2] - heights[0]) / pitch).astype(np.int64)
    return rings, ring * per_ring + np.rint(place).astype(np.int64) % per_ring
