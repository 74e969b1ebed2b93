"""From counts to activity: expectation maximisation, priors, the uncertainty of an image."""

from hevesy.imaging.reconstruct.beds import merge_beds, sum_of_gates
from hevesy.imaging.reconstruct.joint import joint_model, reconstruct_joint
from hevesy.imaging.reconstruct.map import map_estimate
from hevesy.imaging.reconstruct.modelled_scatter import ScatterModel
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
    "RelativeDifference", "ScatterModel", "SpectModel", "SpectProtocol", "SpectReconstruction", "SpectSystem",
    "joint_model", "log_likelihood", "map_estimate", "merge_beds", "osem", "osem_course", "reconstruct_joint",
    "reconstruct_spect", "region_covariance", "spect_model", "subsets_of", "sum_of_gates", "uncertainty_image",
]  # fmt: skip
