"""Masks as a binary segmentation object."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset

from hevesy import __version__
from hevesy.dicom import visit as common
from hevesy.dicom._uids import uid
from hevesy.errors import InputError
from hevesy.model import Outline


def write_seg(path: Path, outlines: Sequence[Outline], *, series: common.Series, slices: Sequence[Path]) -> Path:
    """Write masks drawn on one image series, one segment each; slices without any are left out.

    Patient, study and frame of reference are taken from the slices.

    Parameters
    ----------
    outlines : sequence of Outline      Masks on the grid of the slices; a voxel belongs where the mask is >=
                                        1/2.
    slices : sequence of Path           Files of that series, in the order of the masks' slices.

    Raises
    ------
    InputError
        An outline without mask, or a mask with another number of slices than there are files.
    """
    import highdicom as hd
    from pydicom.sr.codedict import codes

    if any(o.mask is None or o.mask.shape[0] != len(slices) for o in outlines) or not outlines:
        raise InputError(f"a SEG needs masks of {len(slices)} slices, one a file; contours go into an RTSTRUCT.")
    path.parent.mkdir(parents=True, exist_ok=True)
    masks = np.stack([np.asarray(o.mask) >= 0.5 for o in outlines if o.mask is not None], axis=-1)
    used = np.flatnonzero(masks.any(axis=(1, 2, 3)))
    if used.size == 0:
        raise InputError("all masks are empty; there is nothing to write.")
    span = slice(int(used[0]), int(used[-1]) + 1)
    sources = [pydicom.dcmread(p) for p in slices[span]]
    segments = [
        hd.seg.SegmentDescription(
            segment_number=n,
            segment_label=outline.name,
            segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
            segmented_property_type=codes.SCT.Lesion,
            algorithm_type=hd.seg.SegmentAlgorithmTypeValues.MANUAL,
            tracking_id=outline.name,
            tracking_uid=uid(series.uid, "track", n),
        )
        for n, outline in enumerate(outlines, start=1)
    ]
    ds = hd.seg.Segmentation(
        source_images=sources,
        pixel_array=masks[span].astype(np.uint8),
        segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=segments,
        series_instance_uid=series.uid,
        series_number=series.number,
        sop_instance_uid=common.instance_uid(series, 0),
        instance_number=1,
        manufacturer="Hevesy",
        manufacturer_model_name="Hevesy",
        software_versions=__version__,
        device_serial_number="0",
        series_description=series.description,
        content_description=series.description,
        content_label="LESIONS",
        omit_empty_frames=True,
    )
    _date(ds, series)
    return common.save(ds, path)


def _date(ds: Dataset, series: common.Series) -> None:
    """Times and UIDs of the study in place of those of the moment of writing: same input, same file."""
    for kind in ("Series", "Content", "InstanceCreation"):
        setattr(ds, f"{kind}Date", common.day(series.start))
        setattr(ds, f"{kind}Time", common.clock(series.start))
    for item in ds.get("ContributingEquipmentSequence", []):
        item.ContributionDateTime = common.stamp(series.start)
    dimensions = uid(series.uid, "dimensions")
    for item in (*ds.DimensionOrganizationSequence, *ds.DimensionIndexSequence):
        item.DimensionOrganizationUID = dimensions
