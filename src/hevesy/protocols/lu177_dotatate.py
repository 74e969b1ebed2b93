"""Lu-177 DOTATATE: fixed activities, organ limits, and the scans that verify them."""

from hevesy.protocols.facts import Fact, facts_of

RECIPE = "lu177-dotatate"
NUCLIDE = "Lu-177"
TITLE = "Lu-177 DOTATATE"
CITATION = (
    "K. Sjogreen Gleisner et al., EANM Dosimetry Committee recommendations for dosimetry of 177Lu-labelled "
    "somatostatin-receptor- and PSMA-targeting ligands, Eur. J. Nucl. Med. Mol. Imaging 49 (2022) 1778"
)
REGIONS = ("Kidneys", "Red marrow", "Spleen", "Liver")  # and tumours: what a report of this therapy holds
REQUIRED = "standardised: level 1 (activity), dosimetry optional"
SCANS = ("early scan", "middle scan", "late scan", "scan where there is only one")
NOTES = (
    "The limit of the kidneys is from external beams at 2 Gy a day; for the dose rates here their BED is the better figure: "
    "40 Gy, 28 Gy with hypertension or diabetes (Bodei 2008).",
    "Amino acids for the kidneys are part of the label.",
)


def scan_schedule() -> tuple[Fact, ...]:
    """When to scan after an administration: three windows, and the time where there is only one scan."""
    known = facts_of(RECIPE)
    return tuple(known[name] for name in SCANS)
