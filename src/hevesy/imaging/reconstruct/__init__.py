"""From counts to activity: expectation maximisation, priors, the uncertainty of an image."""

from hevesy.imaging.reconstruct.beds import merge_beds, sum_of_gates
from hevesy.imaging.reconstruct.map import map_estimate
from hevesy.imaging.reconstruct.osem import log_likelihood, osem, subsets_of
from hevesy.imaging.reconstruct.prior import RelativeDifference
from hevesy.imaging.reconstruct.spect import (
    SpectModel,
    SpectProtocol,
    SpectReconstruction,
    SpectSystem,
    reconstruct_spect,
    spect_model,
)
from hevesy.imaging.reconstruct.uncertainty import osem_course, region_covariance, uncertainty_image

__all__ = [
    "RelativeDifference", "SpectModel", "SpectProtocol", "SpectReconstruction", "SpectSystem", "log_likelihood",
    "map_estimate", "merge_beds", "osem", "osem_course", "reconstruct_spect", "region_covariance", "spect_model",
    "subsets_of", "sum_of_gates", "uncertainty_image",
]  # fmt: skip
