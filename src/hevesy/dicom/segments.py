"""SEG: regions as masks."""

from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from hevesy.dicom.volume import cropped
from hevesy.errors import DataError
from hevesy.model import Grid, Outline

# From index (slice, row, column), as highdicom counts, to (column, row, slice), as a Grid does.
REVERSED = np.array([[0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]], dtype=float)


def read_seg(ds: Dataset, name: str) -> tuple[list[Outline], list[str]]:
    """Each segment as a mask on the segmentation's own grid, and remarks that name empty ones.

    Frames that were left out are empty.

    Raises
    ------
    DataError
        The object is not a regular volume or cannot be decoded, or holds probabilities instead of shares of volume.
    """
    import highdicom as hd

    try:
        seg: Any = hd.seg.Segmentation.from_dataset(ds, copy=False)
    except Exception as error:
        raise DataError(f"{name}: not a readable SEG ({type(error).__name__}: {error}). Export it again.") from error
    frame = str(ds.get("FrameOfReferenceUID") or "")
    series = _referenced_series(ds)
    outlines, remarks = [], []
    chances = str(ds.get("SegmentationType") or "") == "FRACTIONAL" and ds.get("SegmentationFractionalType") == "PROBABILITY"
    for number in seg.segment_numbers:
        description = seg.get_segment_description(number)
        region = str(description.segment_label or f"Segment {number}").strip()
        try:
            volume: Any = seg.get_volume(segment_numbers=[number], allow_missing_positions=True)
        except Exception as error:
            raise DataError(
                f"{name}: segment {region} is not a regular volume ({type(error).__name__}: {error}); "
                "(5200,9230) must place its frames with one spacing."
            ) from error
        mask = np.asarray(volume.array)[..., 0].astype(np.float32)
        if chances and np.any((mask > 0) & (mask < 1)):
            raise DataError(
                f"{name}: (0062,0010) Segmentation Fractional Type of segment {region} is PROBABILITY, which is no share of a "
                "voxel's volume; allowed are OCCUPANCY and binary masks. Choose a threshold and export it as BINARY."
            )
        grid = Grid(shape=mask.shape, affine=volume.affine @ REVERSED, frame_of_reference=frame)
        if not mask.any():
            remarks.append(f"{name}: segment {region} is empty; it cannot be dosed.")
            continue
        mask, grid = cropped(mask, grid)
        outlines.append(
            Outline(
                name=region,
                frame_of_reference=frame,
                mask=mask,
                grid=grid,
                series_uid=series,
                source=f"{name} (SEG)",
            )
        )
    return outlines, remarks


def _referenced_series(ds: Dataset) -> str:
    series = ds.get("ReferencedSeriesSequence") or []
    return str(series[0].get("SeriesInstanceUID") or "") if series else ""
