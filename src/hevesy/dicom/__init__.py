"""The outside wing for images: DICOM and NIfTI to `hevesy.model` and back. Knows no physics."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hevesy.dicom.read import read_study, require

__all__ = ["read_study", "require"]


def __getattr__(name: str) -> Any:
    """The reader of images is loaded when it is asked for: dose reports do without."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from hevesy.dicom import read

    return getattr(read, name)
