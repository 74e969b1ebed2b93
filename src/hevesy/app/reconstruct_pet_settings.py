"""The section [pet] of the protocol of `hevesy reconstruct`."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class PetSettings(BaseModel):
    """[pet]: files of events or sinograms of a PET scanner; the other settings of [reconstruction] are for SPECT"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    iterations: int = Field(default=4, ge=1, le=200, description="Passes through all events")
    subsets: int = Field(default=5, ge=1, le=64, description="Of the events, or of the views of a sinogram")
    voxel_mm: Annotated[float, Field(ge=1, le=20)] = Field(default=3.0, description="Side; slices are about as thick")
    field_of_view_mm: Annotated[float, Field(ge=0, le=1500)] = Field(
        default=0.0, description="Width of the image; 0: the body on the CT with a margin"
    )
    time_of_flight: bool = Field(default=True, description="Used where the file has it")
    response: bool = Field(default=True, description="Model the resolution of the scanner")
    scatter: Literal["auto", "unscaled", "none"] = Field(
        default="auto", description="auto: single scatter scaled to the tails beside the body"
    )
    randoms: Literal["auto", "none"] = Field(default="auto", description="auto: by the singles or the sinogram of the file")
    smoothing_mm: Annotated[float, Field(ge=0, le=50)] = Field(default=4.0, description="FWHM of a Gaussian over the image")
