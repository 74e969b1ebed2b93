"""The dose maps of a course, read and added voxel by voxel."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hevesy import units as un
from hevesy.app.course_files import BeamSettings, CycleSettings, SumSettings, mask_key, mask_of, outlines_of
from hevesy.app.result_file import ResultFile
from hevesy.dicom.nifti import read_nifti, write_nifti
from hevesy.errors import InputError
from hevesy.model import Image, Measured, Outline, Quantity
from hevesy.planning.course import Cycle
from hevesy.protocols.dose_sum import Curve, DoseMap, DoseSum, Placed, RegionSum, sum_doses
from hevesy.radiobiology import Tissue

Progress = Callable[[str, float], None]
BED_FILE, DOSE_FILE = "bed.nii.gz", "dose_sum.nii.gz"


def cycle_map(cycle: Cycle, result: ResultFile, given: CycleSettings, folder: Path, *, with_ct: bool = True) -> DoseMap:
    """The dose map of a cycle with its curves, and its CT (unless it is not needed) and outlines where they are named.

    Raises
    ------
    InputError
        The map no longer lies beside the result.
    """
    dose, frame = _dose_image(result)
    named = [given.regions] if isinstance(given.regions, str) else given.regions
    outlines = outlines_of([folder / name for name in named if name])
    doses = [region.dose for region in cycle.regions.values() if region.dose.relative is not None]
    shared = [
        np.sqrt(sum(part.relative**2 for part in region.errors if part.shared))
        for region in cycle.regions.values()
        if region.errors
    ]
    return DoseMap(
        label=cycle.label,
        dose=dose,
        curves={name: _curve([region]) for name, region in cycle.regions.items()},
        whole=_curve(list(cycle.regions.values())),
        ct=ct_in(folder / given.ct, frame, cycle.label) if given.ct and with_ct else None,
        masks=_masks(outlines, frame),
        # What all voxels of a map have in common; what is a region's own is in the ledger.
        u=float(np.median(shared)) if doses and shared else None,
    )


def one_frame(results: Sequence[ResultFile], beams: Sequence[Image]) -> bool:
    """Whether all maps say that they lie in one frame of reference: then no CT needs to be read."""
    frames = {_frame_of(result) for result in results} | {image.grid.frame_of_reference for image in beams}
    return len(frames) == 1 and "" not in frames


def _frame_of(result: ResultFile) -> str:
    import pydicom

    file = result.folder / "dose.dcm"
    if not file.is_file():
        return ""
    ds = pydicom.dcmread(file, specific_tags=["FrameOfReferenceUID"], stop_before_pixels=True)
    return str(ds.get("FrameOfReferenceUID") or "")


def beam_map(
    label: str, dose: Image, outlines: Sequence[Outline], given: BeamSettings, *, fractions: int, folder: Path
) -> DoseMap:
    """The dose map of external beams with its CT and outlines."""
    frame = dose.grid.frame_of_reference
    return DoseMap(
        label=label,
        dose=dose,
        fractions=fractions,
        ct=ct_in(folder / given.ct, frame, label) if given.ct else None,
        masks=_masks(outlines, frame),
        u=given.u,
    )


def added(
    maps: Sequence[DoseMap], given: SumSettings, tissues: Mapping[str, Tissue], elsewhere: Tissue, *, progress: Progress
) -> DoseSum:
    """The sum on the grid of the chosen map."""
    labels = [each.label for each in maps]
    if given.reference and given.reference not in labels:
        raise InputError(f"sum.reference is {given.reference!r}; there are {', '.join(labels)}.")
    return sum_doses(
        maps,
        tissues={name: tissues[name] for name in tissues if any(name in each.masks for each in maps)},
        elsewhere=elsewhere,
        reference=labels.index(given.reference) if given.reference else 0,
        registration=given.registration,
        place_u=given.place_u,
        progress=progress,
    )


def write_sum(found: DoseSum, folder: Path) -> None:
    """bed.nii.gz and dose_sum.nii.gz."""
    for name, values, holds in ((BED_FILE, found.bed, "Hevesy, BED, Gy"), (DOSE_FILE, found.dose, "Hevesy, absorbed dose, Gy")):
        image = Image(values=np.array(values), grid=found.grid, quantity=Quantity.ABSORBED_DOSE)
        write_nifti(folder / name, image, holds=holds)


def sum_as_dict(found: DoseSum) -> dict[str, Any]:
    """The sum as plain data."""
    return {
        "bed_file": BED_FILE,
        "dose_file": DOSE_FILE,
        "grid": list(found.grid.shape[::-1]),
        "spacing_mm": [round(float(s), 4) for s in found.grid.spacing],
        "maps": [_placed(each) for each in found.placed],
        "regions": {each.name: _region(each) for each in found.regions},
        "notes": list(found.remarks),
    }


def _placed(each: Placed) -> dict[str, Any]:
    a = each.alignment
    return {
        "label": each.label,
        "method": each.method,
        "translation_mm": None if a is None else list(a.translation),
        "rotation_deg": None if a is None else [float(np.degrees(x)) for x in a.rotation],
        "similarity": None if a is None else a.similarity,
        "similarity_before": None if a is None else a.similarity_before,
        "centroid_residual_mm": dict(each.centroids),
        "u_place_mm": each.u_place,
        "u_place_from": each.u_source,
        "dose_kept": each.kept,
    }


def _region(each: RegionSum) -> dict[str, Any]:
    return {
        "tissue": each.tissue.name,
        "volume_ml": each.volume / un.ml,
        **_pair("dose_Gy", each.dose),
        **_pair("bed_Gy", each.bed),
        **_pair("eqd2_Gy", each.eqd2),
        "bed_by_map_Gy": dict(each.by_map),
        "u_bed_terms_percent": {name: 100 * share for name, share in each.terms.items()},
        "bed_histogram": {
            "bed_Gy": [float(f"{x:.6g}") for x in each.histogram.dose],
            "volume_percent": [float(f"{100 * x:.5g}") for x in each.histogram.volume],
        },
    }


def _pair(key: str, value: Measured) -> dict[str, Any]:
    why = {} if value.u is not None else {f"why_no_u_{key}": value.why_no_u}
    return {key: value.value, f"u_{key}": value.u, **why}


def _dose_image(result: ResultFile) -> tuple[Image, str]:
    """The map beside the result; dose.dcm first, since it says its frame of reference."""
    from hevesy.dicom.read_rtdose import read_dose_object

    object_file = result.folder / "dose.dcm"
    if object_file.is_file():
        image = read_dose_object(object_file).image
        return image, image.grid.frame_of_reference
    if result.dose_map is None:
        raise InputError(
            f"{result.folder}: there is neither dose.dcm nor dose.nii.gz beside the result. "
            "Leave [sum] out, or run `hevesy dose` again."
        )
    values, grid = read_nifti(result.dose_map)
    return Image(values=values, grid=grid, quantity=Quantity.ABSORBED_DOSE), ""


def ct_in(folder: Path, frame: str, label: str) -> Image:
    """The CT of a folder, in the frame of reference of the dose where that is known.

    Raises
    ------
    InputError
        There is none in that frame.
    """
    from hevesy.dicom import read_study

    cts = read_study(folder).cts
    fitting = [ct for ct in cts if not frame or ct.image.grid.frame_of_reference == frame]
    if not fitting:
        raise InputError(
            f"{label}: {folder} holds {len(cts)} CT series, none in the (0020,0052) Frame of Reference of the dose. "
            "Give the CT of that visit."
        )
    return max(fitting, key=lambda ct: ct.image.values.size).image


def _masks(outlines: Sequence[Outline], frame: str) -> dict[str, Any]:
    return {mask_key(o): mask_of(o) for o in outlines if not frame or not o.frame_of_reference or o.frame_of_reference == frame}


def _curve(regions: Sequence[Any]) -> Curve:
    """The curve of the dose rate of regions together: the sum of their activities."""
    return (
        np.concatenate([region.amplitudes for region in regions]),
        np.concatenate([region.rates for region in regions]),
    )
