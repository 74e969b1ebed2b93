"""The section [pet] of the protocol of `hevesy reconstruct`."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class PetSettings(BaseModel):
    """[pet]: files of events or sinograms of a PET scanner; the other settings of [reconstruction] are for SPECT"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    algorithm: Literal["osem", "map"] = Field(default="osem", description="map: with the relative-difference prior")
    iterations: int = Field(default=4, ge=1, le=200, description="Passes through all events; 10 and more for map")
    subsets: int = Field(default=5, ge=1, le=64, description="Of the events, or of the views of a sinogram")
    prior_beta: Annotated[float, Field(gt=0, le=1e4, allow_inf_nan=False)] = Field(
        default=1.0, description="Strength of the prior: 1 smooths as about 6 mm FWHM on any scanner, 8 as 9 mm"
    )
    prior_gamma: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = Field(
        default=2.0, description="How far it spares edges"
    )
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
    uncertainty: bool = Field(default=True, description="Compute and write the uncertainty of each voxel from the noise")
    uncertainty_combs: int = Field(default=2, ge=1, le=64, description="Passes for it, each as long as two reconstructions")

    @model_validator(mode="after")
    def _prior_enters(self) -> Self:
        if self.algorithm == "map" and self.iterations < 2:
            raise ValueError("the prior enters after a first pass, so that map needs iterations of at least 2")
        return self
