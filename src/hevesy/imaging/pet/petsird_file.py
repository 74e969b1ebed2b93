"""List mode as PETSIRD, the raw-data format of the Emission Tomography Standardization Initiative, with its own library."""

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError, InputError, ScopeError
from hevesy.imaging.pet.listmode import ListMode
from hevesy.imaging.pet.rebinned import MM_PER_PS
from hevesy.imaging.pet.rings import Rings

# Width of the time-of-flight bins written, over the FWHM.
_BIN = 1 / 8
_BLOCK = 1000  # ms


def write_petsird(path: Path, events: ListMode, *, model: str, window: tuple[float, float], energy_fwhm: float) -> None:
    """Write prompts as a binary PETSIRD file; an existing file is not overwritten.

    Parameters
    ----------
    model : str                 Of the scanner.
    window : (low, high)        Energy window [MeV].
    energy_fwhm : float         At 511 keV, over the energy [1].

    One module a place about the ring, one element a ring of crystals. Times are kept to the second; offsets go into bins
    of an eighth of the resolution. The number of scatters is not kept: the format knows prompts only.
    """
    petsird = petsird_library()
    if Path(path).exists():
        raise InputError(f"{path} is there already; it is not overwritten. Give another name.")
    low, high = window
    edges = _tof_edges(events)
    scanner = petsird.ScannerInformation(model_name=model, scanner_geometry=_geometry(petsird, events.rings))
    scanner.tof_bin_edges = [[petsird.BinEdges(edges=edges.astype(np.float32))]]
    scanner.tof_resolution = [[float(events.tof_fwhm * MM_PER_PS) if events.tof_fwhm > 0 else float(edges[-1] - edges[0])]]
    scanner.event_energy_bin_edges = [petsird.BinEdges(edges=np.array([low * 1000, high * 1000], np.float32))]
    scanner.energy_resolution_at_511 = [energy_fwhm]
    scanner.prompt_event_policy = petsird.CoincidencePolicy.REJECT_HIGHER_MULTIPLES
    bins, index = _as_bins(events, edges)
    blocks = np.zeros(len(events), int) if not events.time.size else (events.time * 1000 // _BLOCK).astype(int)
    with petsird.BinaryPETSIRDWriter(str(path)) as writer:
        writer.write_header(petsird.Header(scanner=scanner))
        stop = max(1, round(events.duration * 1000))
        for block in range(-(-stop // _BLOCK)):
            prompts = [
                petsird.CoincidenceEvent(detection_bins=bins[i].tolist(), tof_idx=int(index[i]))
                for i in np.flatnonzero(blocks == block)
            ]
            interval = petsird.TimeInterval(start=block * _BLOCK, stop=min((block + 1) * _BLOCK, stop))
            row = petsird.EventTimeBlock(time_interval=interval, prompt_events=[[prompts]])
            writer.write_time_blocks((petsird.TimeBlock.EventTimeBlock(row),))


def read_petsird(path: Path) -> ListMode:
    """Read the prompts of a PETSIRD file of a scanner whose crystals lie on one regular cylinder.

    Others are refused by name: modules of several types, crystals off a cylinder, several layers, several energy bins.
    An event gets the middle of its time-of-flight bin and of its time block.
    """
    petsird = petsird_library()
    if not Path(path).is_file():
        raise DataError(f"{path} is not a file. Give a binary PETSIRD file.")
    pairs: list[list[int]] = []
    index: list[int] = []
    time: list[float] = []
    last = 0
    with petsird.BinaryPETSIRDReader(str(path)) as reader:
        scanner = reader.read_header().scanner
        rings, number = _rings_of(path, scanner)
        for block in reader.read_time_blocks():
            if not isinstance(block, petsird.TimeBlock.EventTimeBlock):
                continue
            interval = block.value.time_interval
            for event in block.value.prompt_events[0][0]:
                pairs.append([int(n) for n in event.detection_bins])
                index.append(int(event.tof_idx))
                time.append((interval.start + interval.stop) / 2000)
            last = max(last, int(interval.stop))
    edges = np.asarray(scanner.tof_bin_edges[0][0].edges, float)
    timed = edges.size > 2
    middles = ((edges[1:] + edges[:-1]) / 2).astype(np.float32)
    return ListMode(
        rings=rings,
        pairs=number[np.array(pairs, int).reshape(-1, 2)],
        offset=middles[np.array(index, int)] if timed else np.empty(0, np.float32),
        tof_fwhm=float(scanner.tof_resolution[0][0]) / MM_PER_PS if timed else 0.0,
        duration=max(last, 1) / 1000,
        time=np.array(time, np.float32),
    )


def petsird_library() -> ModuleType:
    """The library, or a word on what to do without it."""
    try:
        import petsird  # type: ignore[import-not-found, unused-ignore]
    except ImportError as missing:
        raise ScopeError(
            "PETSIRD files need the library petsird (0.12 or later, Apache-2.0), which is not installed. "
            "Install it, or use the HDF5 form."
        ) from missing
    module: ModuleType = petsird
    return module


def _tof_edges(events: ListMode) -> npt.NDArray[np.float64]:
    if events.tof_fwhm == 0:
        return np.array([-2.0, 2.0]) * events.rings.radius
    width = events.tof_fwhm * MM_PER_PS * _BIN
    half = int(np.ceil(max(2 * events.rings.radius, float(np.abs(events.offset).max(initial=0))) / width + 0.5))
    return np.asarray((np.arange(-half, half + 2) - 0.5) * width, dtype=np.float64)


def _as_bins(events: ListMode, edges: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Detection bins (module by module, the greater first, as the format asks) and time-of-flight bins."""
    ring, place = np.divmod(events.pairs.astype(np.int64), events.rings.per_ring)
    bins = place * events.rings.rings + ring
    turned = bins[:, 0] < bins[:, 1]
    bins[turned] = bins[turned, ::-1]
    if not events.offset.size:
        return bins, np.zeros(len(events), np.int64)
    offset = np.where(turned, -events.offset, events.offset)
    return bins, np.clip(np.searchsorted(edges, offset, side="right") - 1, 0, edges.size - 2)


def _geometry(petsird: ModuleType, rings: Rings) -> Any:
    width, depth = 2 * np.pi * rings.radius / rings.per_ring, 20.0
    corners = [
        petsird.Coordinate(c=np.array([x, y, z], np.float32))
        for x, y, z in ((0, 0, 0), (0, 0, 1), (0, 1, 1), (0, 1, 0), (1, 0, 0), (1, 0, 1), (1, 1, 1), (1, 1, 0))
    ]
    for corner in corners:
        corner.c = ((corner.c - 0.5) * np.array([depth, width, rings.pitch])).astype(np.float32)
    crystal = petsird.BoxSolidVolume(shape=petsird.BoxShape(corners=corners), material_id=0)
    elements = petsird.ReplicatedBoxSolidVolume(object=crystal)
    for ring in range(rings.rings):
        z = (ring - (rings.rings - 1) / 2) * rings.pitch
        elements.transforms.append(
            petsird.RigidTransformation(matrix=np.array([[1, 0, 0, rings.radius], [0, 1, 0, 0], [0, 0, 1, z]], np.float32))
        )
    modules = petsird.ReplicatedDetectorModule(object=petsird.DetectorModule(detecting_elements=elements))
    for place in range(rings.per_ring):
        a = place * 2 * np.pi / rings.per_ring
        turn = np.array([[np.cos(a), -np.sin(a), 0, 0], [np.sin(a), np.cos(a), 0, 0], [0, 0, 1, 0]], np.float32)
        modules.transforms.append(petsird.RigidTransformation(matrix=turn))
    return petsird.ScannerGeometry(replicated_modules=[modules])


def _rings_of(path: Path, scanner: Any) -> tuple[Rings, npt.NDArray[np.int64]]:
    """The regular cylinder of a scanner, and our number of each of its detection bins."""
    types = scanner.scanner_geometry.replicated_modules
    if len(types) != 1 or len(scanner.event_energy_bin_edges[0].edges) != 2:
        raise ScopeError(
            f"{path}: {len(types)} types of modules and their energy bins; one type with one energy bin is read here."
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
            f"{path}: the crystals do not lie on one regular cylinder (radii {radius.min():.1f} to {radius.max():.1f} mm, "
            f"{heights.size} heights). Only such scanners are read."
        )
    pitch = float(steps.mean()) if steps.size else 4.0
    rings = Rings(
        radius=float(radius.mean()), per_ring=per_ring, rings=heights.size, pitch=pitch, most_rings_apart=heights.size - 1
    )
    ring = np.rint((centres[:, 2] - heights[0]) / pitch).astype(np.int64)
    return rings, ring * per_ring + np.rint(place).astype(np.int64) % per_ring
