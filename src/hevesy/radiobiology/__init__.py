"""Biologically effective dose, uniform equivalents, control and complication."""

from hevesy.radiobiology.biological import BiologicalDose, biological_dose
from hevesy.radiobiology.complication import Complication, Probability, complication_probability, complications
from hevesy.radiobiology.control import Clonogens, control_interval, tumour_control
from hevesy.radiobiology.course import Delivery, sum_bed
from hevesy.radiobiology.effect import bed, dose_from_bed, eqd, fractionated_bed, repopulation_loss
from hevesy.radiobiology.protraction import lea_catcheside, lea_catcheside_map
from hevesy.radiobiology.repair import Repair
from hevesy.radiobiology.tissues import Tissue, tissue_named, tissue_of_organ, tissues, with_assumed_u
from hevesy.radiobiology.uniform import differential, generalised_eud, mean_of, uniform_bed
from hevesy.radiobiology.voxels import Response, bed_map

__all__ = [
    "BiologicalDose", "Clonogens", "Complication", "Delivery", "Probability", "Repair", "Response", "Tissue", "bed",
    "bed_map", "biological_dose", "complication_probability", "complications", "control_interval", "differential",
    "dose_from_bed", "eqd", "fractionated_bed", "generalised_eud", "lea_catcheside", "lea_catcheside_map", "mean_of",
    "repopulation_loss", "sum_bed", "tissue_named", "tissue_of_organ", "tissues", "tumour_control", "uniform_bed",
    "with_assumed_u",
]  # fmt: skip
