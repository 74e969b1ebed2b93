"""Lu-177 PSMA: fixed activities, organ limits, and the scans that verify them."""

from hevesy.protocols.facts import Fact, facts_of

RECIPE = "lu177-psma"
NUCLIDE = "Lu-177"
TITLE = "Lu-177 PSMA"
CITATION = (
    "K. Sjogreen Gleisner et al., EANM Dosimetry Committee recommendations for dosimetry of 177Lu-labelled "
    "somatostatin-receptor- and PSMA-targeting ligands, Eur. J. Nucl. Med. Mol. Imaging 49 (2022) 1778"
)
REGIONS = ("Salivary glands", "Lacrimal glands", "Kidneys", "Red marrow")  # and tumours: what a report of this therapy holds
REQUIRED = "standardised after marketing authorisation: level 1 (activity), dosimetry optional; before it level 2"
SCANS = ("early scan", "middle scan", "late scan", "scan where there is only one")
NOTES = (
    "No limit of salivary and lacrimal glands is established for this therapy; their dose is reported, not held.",
    "The limit of the kidneys is from external beams at 2 Gy a day; their BED is the better figure.",
)


def scan_schedule() -> tuple[Fact, ...]:
    """When to scan after an administration: three windows, and the time where there is only one scan."""
    known = facts_of(RECIPE)
    return tuple(known[name] for name in SCANS)
