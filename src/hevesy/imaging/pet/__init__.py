"""Positron emission tomography: models, events, scatter, randoms, reconstruction, and noise in closed form."""

from hevesy.imaging.pet.analytic import LIVER, NoiseModel, Trunk, activity_for, noise_model, trunk_of
from hevesy.imaging.pet.cylinder import Cylinder, from_scanner, pair_efficiency
from hevesy.imaging.pet.field import Field, from_image, to_image
from hevesy.imaging.pet.lines import LineModel, LineSet
from hevesy.imaging.pet.listmode import ListMode
from hevesy.imaging.pet.listmode_osem import ListModeSettings, listmode_map, listmode_osem
from hevesy.imaging.pet.randoms import merged, random_events, randoms_rate
from hevesy.imaging.pet.rebinned import RebinnedModel
from hevesy.imaging.pet.rebinned_osem import rebinned_osem
from hevesy.imaging.pet.rings import Rings, SinogramLayout, rings_of, sinogram_layout
from hevesy.imaging.pet.simulate import Detection, coincidences, detection_of, poisson
from hevesy.imaging.pet.single_scatter import ScatterSampling, single_scatter, tail_fit
from hevesy.imaging.pet.sinogram import SinogramModel
from hevesy.imaging.pet.smoothness import pet_prior
from hevesy.imaging.pet.uncertainty import listmode_course, listmode_map_course, listmode_optimum
from hevesy.imaging.pet.voxel_sensitivity import voxel_sensitivity

__all__ = [
    "LIVER", "Cylinder", "Detection", "Field", "LineModel", "LineSet", "ListMode", "ListModeSettings", "NoiseModel",
    "RebinnedModel", "Rings", "ScatterSampling", "SinogramLayout", "SinogramModel", "Trunk", "activity_for", "coincidences",
    "detection_of", "from_image", "from_scanner", "listmode_course", "listmode_map", "listmode_map_course",
    "listmode_optimum", "listmode_osem", "merged", "noise_model", "pair_efficiency", "pet_prior", "poisson",
    "random_events", "randoms_rate", "rebinned_osem", "rings_of", "single_scatter", "sinogram_layout", "tail_fit", "to_image",
    "trunk_of", "voxel_sensitivity",
]  # fmt: skip
