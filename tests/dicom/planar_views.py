"""Planar NM files of a few pixels whose counts follow by hand."""

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

FRONT, BACK = [1, 0, 0, 0, 0, -1], [-1, 0, 0, 0, 0, -1]


def item(**values: object) -> Dataset:
    ds = Dataset()
    for key, value in values.items():
        setattr(ds, key, value)
    return ds


def planar_file(path: Path, frames: np.ndarray, *, windows: list[tuple[float, float]], **changes: object) -> Path:
    """``frames``, shape (2, windows, rows, columns), anterior and posterior, each as its camera sees it.

    A change of None leaves the attribute out; ``directions`` and ``words`` are those of the detectors.
    """
    directions, words = changes.pop("directions", [FRONT, BACK]), changes.pop("words", ["ANTERIOR", "POSTERIOR"])
    n = len(windows)
    ds = item(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.20", SOPInstanceUID="1.2.3.9", SeriesInstanceUID="1.2.3.8", Modality="NM",
        ImageType=["ORIGINAL", "PRIMARY", "WHOLE BODY", "EMISSION"], AcquisitionDate="20240305", AcquisitionTime="093000",
        ActualFrameDuration="200000", ScanVelocity="10", ScanLength="1600", PixelSpacing=[2.0, 2.0], PatientID="TINY-2",
        NumberOfFrames=2 * n, Rows=frames.shape[2], Columns=frames.shape[3], SamplesPerPixel=1, BitsAllocated=16, BitsStored=16,
        HighBit=15, PixelRepresentation=0, PhotometricInterpretation="MONOCHROME2",
        DetectorVector=[d for d in (1, 2) for _ in range(n)], EnergyWindowVector=[w + 1 for _ in (1, 2) for w in range(n)],
    )  # fmt: skip
    ds.EnergyWindowInformationSequence = [
        item(EnergyWindowRangeSequence=[item(EnergyWindowLowerLimit=str(low), EnergyWindowUpperLimit=str(high))])
        for low, high in windows
    ]
    ds.DetectorInformationSequence = [
        item(ImageOrientationPatient=d, ViewCodeSequence=[item(CodeMeaning=w, CodeValue="1", CodingSchemeDesignator="L")])
        for d, w in zip(directions, words, strict=True)
    ]
    nuclide = item(CodeMeaning="177Lu", CodeValue="1", CodingSchemeDesignator="L")
    ds.RadiopharmaceuticalInformationSequence = [item(RadionuclideTotalDose="7400", RadionuclideCodeSequence=[nuclide])]
    for key, value in changes.items():
        if value is None:
            delattr(ds, key)
        else:
            setattr(ds, key, value)
    ds.PixelData = frames.astype("<u2").tobytes()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.save_as(path, enforce_file_format=True)
    return path
