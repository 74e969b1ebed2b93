"""The outside wing for images: DICOM and NIfTI to `hevesy.model` and back. Knows no physics."""

from hevesy.dicom.read import read_study, require

__all__ = ["read_study", "require"]
