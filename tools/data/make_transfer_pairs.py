"""Rebuild the table of diagnostic and therapeutic nuclides whose kinetics may be carried over; run from the repository root.

``u_uptake`` is how far uptake and retention of the two compounds may differ in one patient. ``u_how`` says what stands behind
it: "assumed" by Hevesy, or "derived" from numbers of the source. The source says why the pair is there at all.
"""

import csv
import io
from pathlib import Path

from certify import write_table

FOLDER = Path("src/hevesy/kinetics/data")
COLUMNS = ("diagnostic", "therapeutic", "same", "u_uptake", "u_how", "needs_prior", "source", "how", "valid_from", "not_claimed")

REVIEW = "C. Miller et al., Theranostics 12 (2022) 232"
JENTZEN = "W. Jentzen et al., J. Nucl. Med. 49 (2008) 1017"
BRUVOLL = "R. Bruvoll et al., Cancers 15 (2023) 1134: root mean square error 1.77 Gy/GBq at a mean of 26.9 Gy from 7.4 GBq"
RIZVI = "S. N. F. Rizvi et al., Eur. J. Nucl. Med. Mol. Imaging 39 (2012) 512"
PERK = "L. R. Perk et al., Eur. J. Nucl. Med. Mol. Imaging 33 (2006) 1337"
SAME_ELEMENT = "the same molecule"
SAME_LIGAND = "the same ligand with another metal"
IODINE = "Stunning by the tracer; iodine freed by de-iodination; another mass of compound or another stimulation of the thyroid."
BONE = "Free zirconium goes to bone and its liver uptake is higher: bone, marrow and liver do not carry over."
YTTRIUM = "Yttrium that leaves its chelate goes to bone: bone and marrow do not carry over. Another mass of ligand."
SATURATION = (
    "Another mass of ligand, which saturates receptors of organs more than those of tumours; amino acids for the kidneys."
)
ORGANS = (
    "For tumours and somatostatin analogues; of normal organs only in the spleen did uptake of the one go with dose of the other "
    "(doi 10.1186/s13550-022-00947-2). "
)

# diagnostic, therapeutic, what is the same, u, how, prior, source, how, valid from, what is not claimed
ROWS = [
    ("I-123", "I-131", SAME_ELEMENT, 0.10, "assumed", "no", REVIEW, "secondary", "2022-01-01", IODINE),
    ("I-124", "I-131", SAME_ELEMENT, 0.10, "assumed", "no", JENTZEN, "secondary", "2008-06-01", IODINE),
    ("I-131", "I-131", SAME_ELEMENT, 0.10, "assumed", "no", REVIEW, "secondary", "2022-01-01", IODINE),
    ("Cu-64", "Cu-67", SAME_ELEMENT, 0.10, "assumed", "no", REVIEW, "secondary", "2022-01-01",
     "Copper that leaves its chelate goes to the liver; another mass of ligand."),
    ("Lu-177", "Lu-177", SAME_ELEMENT, 0.10, "assumed", "no", REVIEW, "secondary", "2022-01-01", SATURATION),
    ("Y-86", "Y-90", SAME_ELEMENT, 0.10, "assumed", "no", REVIEW, "secondary", "2022-01-01", YTTRIUM),
    ("In-111", "Y-90", SAME_LIGAND, 0.20, "assumed", "no", REVIEW, "secondary", "2022-01-01", YTTRIUM),
    ("Lu-177", "Y-90", SAME_LIGAND, 0.20, "assumed", "no", REVIEW, "secondary", "2022-01-01", YTTRIUM),
    ("In-111", "Lu-177", SAME_LIGAND, 0.20, "assumed", "no", REVIEW, "secondary", "2022-01-01", SATURATION),
    ("Zr-89", "Y-90", "the same antibody with another chelate", 0.25, "assumed", "no", RIZVI, "secondary", "2012-03-01", BONE),
    ("Zr-89", "Lu-177", "the same antibody with another chelate", 0.25, "assumed", "no", PERK, "secondary", "2006-11-01", BONE),
    ("Ga-68", "Lu-177", SAME_LIGAND, 0.49, "derived", "yes", BRUVOLL, "secondary", "2023-02-10",
     ORGANS + SATURATION),
    ("Ga-68", "Y-90", SAME_LIGAND, 0.49, "derived", "yes", BRUVOLL, "secondary", "2023-02-10",
     "Taken over from lutetium, and not measured for yttrium. " + YTTRIUM),
    ("F-18", "Lu-177", "another ligand of the same target", 0.50, "assumed", "yes", REVIEW, "secondary", "2022-01-01",
     "Another molecule: uptake, internalisation and excretion differ; kidneys and salivary glands do not carry over."),
    ("Lu-177", "Ac-225", SAME_LIGAND, 0.25, "assumed", "no", REVIEW, "secondary", "2022-01-01",
     "Actinium itself alone: daughters that leave the place of decay, and redistribute, are not in these kinetics."),
]  # fmt: skip

CERTIFICATE = {
    "title": "Pairs of nuclides whose kinetics may be carried over",
    "source": "each row names its own",
    "edition": "2006 to 2023",
    "licence": "published facts, taken with citation",
    "note": "Uncertainties marked assumed are those of Hevesy and come from no publication; replace them by your own data.",
}


def content() -> str:
    """The table as text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(ROWS)
    return text.getvalue()


if __name__ == "__main__":
    write_table(FOLDER, "transfer_pairs", content(), CERTIFICATE, made_by="make_transfer_pairs.py")
