"""What the body is made of: densities, compositions, cross sections, stopping powers."""

from hevesy.materials.attenuation import PhotonCrossSections, photon_cross_sections
from hevesy.materials.composition import Material, load_material, material_names, mean_excitation_energy
from hevesy.materials.densities import Tissue, reference_densities, reference_tissue
from hevesy.materials.elements import Element, atomic_weight, element
from hevesy.materials.energy_transfer import mass_energy_absorption, mass_energy_transfer
from hevesy.materials.hounsfield import SCHEME, density_from_hounsfield, hounsfield_remarks
from hevesy.materials.ranges import alpha_range, csda_range, radiation_yield
from hevesy.materials.scattering import form_factor, incoherent_scattering_function
from hevesy.materials.stoichiometry import materials_from_density, tissue_from_hounsfield, tissue_scheme
from hevesy.materials.stopping import StoppingPowers, electron_stopping_powers, positron_stopping_powers

__all__ = [
    "SCHEME", "Element", "Material", "PhotonCrossSections", "StoppingPowers", "Tissue", "alpha_range", "atomic_weight",
    "csda_range", "density_from_hounsfield", "electron_stopping_powers", "element", "form_factor", "hounsfield_remarks",
    "incoherent_scattering_function", "load_material", "mass_energy_absorption", "mass_energy_transfer", "material_names",
    "materials_from_density", "mean_excitation_energy", "photon_cross_sections", "positron_stopping_powers",
    "radiation_yield", "reference_densities", "reference_tissue", "tissue_from_hounsfield", "tissue_scheme",
]  # fmt: skip
