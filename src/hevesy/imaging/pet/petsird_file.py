"""List mode as PETSIRD, the raw-data format of the Emission Tomography Standardization Initiative, with its own library."""

from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError, ScopeError
from hevesy.imaging.pet.listmode import ListMode
from hevesy.imaging.pet.rebinned import MM_PER_PS
from hevesy.imaging.pet.rings import Rings
from hevesy.imaging.pet.scan_header import ScanHeader
from hevesy.units import MBq

# Widest bin of time of flight that is written, over the FWHM.
_BIN = 1 / 32
_BLOCK = 1000  # ms
_PS = 1e12
Code = tuple[str, str, str]


def write_petsird(
    path: Path,
    events: ListMode,
    *,
    model: str,
    window: tuple[float, float],
    energy_fwhm: float,
    header: ScanHeader | None = None,
    nuclide: Code = ("", "", ""),
) -> None:
    """Write prompts as a binary PETSIRD file; an existing file is not overwritten.

    One module a place about the ring, one element a ring of crystals.  Times are kept to the second; offsets go into bins of
    up to a thirty-second of the resolution, whose outer edges are the coincidence window, as the format wants it.  With a header,
    the file also holds nuclide, activity and times (the format calls them UTC; they are written as they are), the place of
    the scanner (gantry alignment), efficiencies of the crystals, which rings are in coincidence, the share of live time and
    the singles.

    Parameters
    ----------
    model : str                 Of the scanner.
    window : (low, high)        Energy window [MeV].
    energy_fwhm : float         At 511 keV, over the energy [1].
    header : ScanHeader, optional
    nuclide : (value, scheme, meaning)      Its code; the name of the header in the place of the meaning where there is none.

    Neglected: the number of scatters of simulated events; the format knows prompts only.
    """
    petsird = petsird_library()
    if Path(path).exists():
        raise InputError(f"{path} is there already; it is not overwritten. Give another name.")
    low, high = window
    edges = _tof_edges(events, 0.0 if header is None else header.coincidence_window)
    scanner = petsird.ScannerInformation(model_name=model, scanner_geometry=_geometry(petsird, events.rings))
    scanner.tof_bin_edges = [[petsird.BinEdges(edges=edges.astype(np.float32))]]
    scanner.tof_resolution = [[float(events.tof_fwhm * MM_PER_PS) if events.tof_fwhm > 0 else float(edges[-1] - edges[0])]]
    scanner.event_energy_bin_edges = [petsird.BinEdges(edges=np.array([low * 1000, high * 1000], np.float32))]
    scanner.energy_resolution_at_511 = [energy_fwhm]
    scanner.prompt_event_policy = petsird.CoincidencePolicy.REJECT_HIGHER_MULTIPLES
    efficiency = np.empty(0) if header is None else header.crystal_efficiency
    scanner.detection_efficiencies = _efficiencies(petsird, events.rings, efficiency)
    exam = None
    if header is not None:
        x, y, z = header.centre
        scanner.gantry_alignment = petsird.RigidTransformation(
            matrix=np.array([[1, 0, 0, x], [0, 1, 0, y], [0, 0, 1, z]], np.float32)
        )
        if header.singles.size:
            scanner.singles_histogram_level = petsird.SinglesHistogramLevelType.ALL
            scanner.singles_histogram_energy_bin_edges = scanner.event_energy_bin_edges
        exam = _exam(petsird, header, nuclide)
    with petsird.BinaryPETSIRDWriter(str(path)) as writer:
        writer.write_header(petsird.Header(scanner=scanner, exam=exam))
        if header is not None:
            writer.write_time_blocks(_losses(petsird, events, header))
        _write_events(petsird, writer, events, edges)


def _write_events(petsird: ModuleType, writer: Any, events: ListMode, edges: npt.NDArray[np.float64]) -> None:
    bins, index = _as_bins(events, edges)
    blocks = np.zeros(len(events), int) if not events.time.size else (events.time * 1000 // _BLOCK).astype(int)
    stop = max(1, round(events.duration * 1000))
    order = np.argsort(blocks, kind="stable")
    bounds = np.searchsorted(blocks[order], np.arange(-(-stop // _BLOCK) + 1))
    for block in range(-(-stop // _BLOCK)):
        prompts = [
            petsird.CoincidenceEvent(detection_bins=pair, tof_idx=place)
            for mine in [order[bounds[block] : bounds[block + 1]]]
            for pair, place in zip(bins[mine].tolist(), index[mine].tolist(), strict=True)
        ]
        interval = petsird.TimeInterval(start=block * _BLOCK, stop=min((block + 1) * _BLOCK, stop))
        row = petsird.EventTimeBlock(time_interval=interval, prompt_events=[[prompts]])
        writer.write_time_blocks((petsird.TimeBlock.EventTimeBlock(row),))


def _exam(petsird: ModuleType, header: ScanHeader, nuclide: Code) -> Any:
    value, scheme, meaning = nuclide
    given = petsird.DICOMRadiopharmaceuticalInformation(
        radionuclide_total_dose=header.activity / MBq,
        radionuclide_code_sequence=petsird.DICOMBasicCodeSequence(
            code_value=value, coding_scheme_designator=scheme, code_meaning=meaning or header.nuclide
        ),
        radiopharmaceutical_code_sequence=petsird.DICOMBasicCodeSequence(code_meaning=header.radiopharmaceutical),
    )
    if header.administered is not None:
        given.radiopharmaceutical_start_date_time = _stamp(petsird, header.administered)
    return petsird.ExamInformation(
        modality="PT", frame_of_reference_uid=header.frame_of_reference, start_of_study=_stamp(petsird, header.start),
        start_of_acquisition=_stamp(petsird, header.start), radiopharmaceuticals=[given],
    )  # fmt: skip


def _stamp(petsird: ModuleType, time: datetime) -> Any:
    kind = type(petsird.ExamInformation().start_of_study)  # the library does not export its type of a time
    return kind(np.datetime64(time.replace(tzinfo=None), "ns"))


def _losses(petsird: ModuleType, events: ListMode, header: ScanHeader) -> tuple[Any, ...]:
    """Live time and singles of the whole scan."""
    whole = petsird.TimeInterval(start=0, stop=max(1, round(events.duration * 1000)))
    share = np.full(events.rings.crystals, np.sqrt(header.live_share), np.float32)  # of a pair it is the product of two
    alive = petsird.AliveTimeFractions(singles_alive_time_fractions=[share])
    blocks = [petsird.TimeBlock.DeadTimeTimeBlock(petsird.DeadTimeTimeBlock(time_interval=whole, alive_time_fractions=alive))]
    if header.singles.size:
        counted = np.rint(header.singles.astype(np.float64) * events.duration).astype(np.int64)
        histogram = [counted[crystal_of_bin(events.rings)].tolist()]
        row = petsird.SinglesHistogramTimeBlock(time_interval=whole, singles_per_detection_bin_histogram=histogram)
        blocks.append(petsird.TimeBlock.SinglesHistogramTimeBlock(row))
    return tuple(blocks)


def _efficiencies(petsird: ModuleType, rings: Rings, crystal: npt.NDArray[Any]) -> Any:
    """Of crystals; and 1 for rings that are in coincidence, 0 for others: one symmetry group of all pairs of modules."""
    ring = np.arange(rings.rings)
    together = (np.abs(ring[:, None] - ring[None, :]) <= rings.most_rings_apart).astype(float)
    groups = [[0] * place + [-1] for place in range(rings.per_ring)]
    made = petsird.DetectionEfficiencies(
        method_description="crystals: as measured; pairs of rings: 1 in coincidence, 0 not",
        module_pair_sgidlut=[[groups]],
        module_pair_efficiencies_vectors=[[[petsird.ModulePairEfficiencies(values=together.tolist(), sgid=0)]]],
    )
    if crystal.size:
        made.detection_bin_efficiencies = [crystal[crystal_of_bin(rings)].astype(float).tolist()]
    return made


def crystal_of_bin(rings: Rings) -> npt.NDArray[np.int64]:
    """Number of the crystal of each detection bin that is written, shape (crystals,)."""
    place, ring = np.divmod(np.arange(rings.crystals), rings.rings)
    return np.asarray(ring * rings.per_ring + place, dtype=np.int64)


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


def _tof_edges(events: ListMode, coincidence_window: float) -> npt.NDArray[np.float64]:
    """Bins about 0; the outermost edges are half the coincidence window [s] times the speed of light."""
    half = coincidence_window * _PS * MM_PER_PS or 2 * events.rings.radius
    if events.tof_fwhm == 0:
        return np.array([-half, half])
    count = 2 * int(np.ceil(half / (events.tof_fwhm * MM_PER_PS * _BIN) - 0.5)) + 1
    return np.asarray(np.linspace(-half, half, count + 1))


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
