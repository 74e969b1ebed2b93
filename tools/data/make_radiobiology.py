"""Parameters of tissues and of complications, row by row as their sources print them; run from the repository root.

``how`` says what stands behind a row: "read" that the number was seen at its source, "derived" that it follows from numbers
there, "recalled" that it was written from memory of the source and is unconfirmed; such rows are named wherever they are used.
"""

import csv
import io
from pathlib import Path

from certify import write_table

FOLDER = Path("src/hevesy/radiobiology/data")
TISSUE_COLUMNS = (
    "name", "regions", "endpoint", "alpha_beta_Gy", "u_alpha_beta_Gy", "repair_half_times_h", "repair_weights",
    "repair_relative_u", "alpha_per_Gy", "u_alpha_per_Gy", "source", "how", "valid_from", "not_claimed",
)  # fmt: skip
COMPLICATION_COLUMNS = (
    "tissue", "endpoint", "model", "n", "td50_Gy", "td50_low_Gy", "td50_high_Gy", "slope", "slope_low", "slope_high",
    "source", "how", "valid_from", "not_claimed",
)  # fmt: skip

DALE = "R. G. Dale, Phys. Med. Biol. 41 (1996) 1871: convention for radionuclides"
BURMAN = "C. Burman et al., Int. J. Radiat. Oncol. Biol. Phys. 21 (1991) 123, table; doses of B. Emami et al., ibid. 109"
BEAM = "From external beam of 1.8 to 2 Gy a fraction; not tested in radionuclide therapy."

TISSUES = [
    {
        "name": "kidney",
        "regions": "Kidney;Kidney cortex",
        "endpoint": "late nephropathy",
        "alpha_beta_Gy": "2.6",
        "repair_half_times_h": "2.8",
        "source": "B. W. Wessels et al., MIRD Pamphlet 20, J. Nucl. Med. 49 (2008) 1884",
        "how": "recalled",
        "valid_from": "2008-11-01",
        "not_claimed": "Children; kidneys ill before; the distribution between cortex and medulla. Repair is from animals.",
    },
    {
        "name": "marrow",
        "regions": "Bone marrow",
        "endpoint": "acute haematological toxicity",
        "alpha_beta_Gy": "10",
        "repair_half_times_h": "0.5",
        "source": "L. Strigari et al., Q. J. Nucl. Med. Mol. Imaging 55 (2011) 205",
        "how": "recalled",
        "valid_from": "2011-04-01",
        "not_claimed": "Reserve after chemotherapy; repopulation; late marrow failure or leukaemia.",
    },
    {
        "name": "liver",
        "regions": "Liver",
        "endpoint": "radiation-induced liver disease",
        "alpha_beta_Gy": "2.5",
        "repair_half_times_h": "2.5",
        "source": "M. Cremonesi et al., Eur. J. Nucl. Med. Mol. Imaging 35 (2008) 2088",
        "how": "recalled",
        "valid_from": "2008-11-01",
        "not_claimed": "Cirrhosis; microspheres, whose dose is uneven below a voxel.",
    },
    {
        "name": "salivary gland",
        "regions": "Salivary gland;Parotid gland;Submandibular gland",
        "endpoint": "late loss of function",
        "alpha_beta_Gy": "3",
        "repair_half_times_h": "1.5",
        "source": DALE,
        "how": "recalled",
        "valid_from": "1996-10-01",
        "not_claimed": "Anything of salivary glands themselves: values of late-reacting tissue in general.",
    },
    {
        "name": "lung",
        "regions": "Lung;Lung lobe",
        "endpoint": "pneumonitis",
        "alpha_beta_Gy": "4.0",
        "u_alpha_beta_Gy": "0.92",
        "repair_half_times_h": "1.5",
        "source": "alpha/beta 4.0 (2.2 to 5.8) Gy: S. M. Bentzen et al., Int. J. Radiat. Biol. 76 (2000) 453; repair: " + DALE,
        "how": "recalled",
        "valid_from": "2000-04-01",
        "not_claimed": "Repair in the human lung, for which a value of late-reacting tissue in general stands.",
    },
    {
        "name": "spinal cord",
        "regions": "Spinal cord",
        "endpoint": "myelopathy",
        "alpha_beta_Gy": "0.87",
        "repair_half_times_h": "0.7;3.8",
        "repair_weights": "0.5;0.5",
        "source": "T. E. Schultheiss, Int. J. Radiat. Oncol. Biol. Phys. 71 (2008) 1455; repair of the rat: K. K. Ang et al., "
        "Radiother. Oncol. 25 (1992) 287",
        "how": "recalled",
        "valid_from": "2008-08-01",
        "not_claimed": "The thoracic cord; human repair.",
    },
    {
        "name": "late tissue",
        "endpoint": "late reactions in general",
        "alpha_beta_Gy": "3",
        "repair_half_times_h": "1.5",
        "source": DALE,
        "how": "recalled",
        "valid_from": "1996-10-01",
        "not_claimed": "Any one organ.",
    },
    {
        "name": "tumour",
        "regions": "Lesion",
        "endpoint": "control, of tumours in general; neuroendocrine tumours have no value of their own",
        "alpha_beta_Gy": "10",
        "repair_half_times_h": "1.5",
        "source": "M. Cremonesi et al., Eur. J. Nucl. Med. Mol. Imaging 35 (2008) 2088; " + DALE,
        "how": "recalled",
        "valid_from": "2008-11-01",
        "not_claimed": "Slowly growing tumours and prostate cancer, whose alpha/beta is lower; repopulation.",
    },
    {
        "name": "prostate tumour",
        "endpoint": "biochemical control",
        "alpha_beta_Gy": "3.1",
        "u_alpha_beta_Gy": "0.5",
        "repair_half_times_h": "0.2667",
        "alpha_per_Gy": "0.15",
        "u_alpha_per_Gy": "0.04",
        "source": "J. Z. Wang et al., Int. J. Radiat. Oncol. Biol. Phys. 55 (2003) 194",
        "how": "recalled",
        "valid_from": "2003-01-01",
        "not_claimed": "Metastases; castration-resistant disease. Its repair half-time, 16 min, was fitted between 0 and 90 min.",
    },
    {
        "name": "prostate tumour of low alpha/beta",
        "endpoint": "biochemical control",
        "alpha_beta_Gy": "1.4",
        "u_alpha_beta_Gy": "0.33",
        "repair_half_times_h": "0.2667",
        "source": "alpha/beta 1.4 (0.9 to 2.2) Gy: R. Miralbell et al., Int. J. Radiat. Oncol. Biol. Phys. 82 (2012) e17, read; "
        "repair: J. Z. Wang et al., ibid. 55 (2003) 194, recalled",
        "how": "recalled",
        "valid_from": "2012-01-01",
        "not_claimed": "Metastases; castration-resistant disease; that both numbers belong together.",
    },
]

COMPLICATIONS = [
    {
        "tissue": "kidney", "endpoint": "clinical nephritis", "model": "probit", "n": "0.70", "td50_Gy": "28", "slope": "0.10",
        "source": BURMAN, "how": "recalled", "valid_from": "1991-05-15",
        "not_claimed": "Both kidneys as one organ; " + BEAM,
    },
    {
        "tissue": "liver", "endpoint": "liver failure", "model": "probit", "n": "0.32", "td50_Gy": "40", "slope": "0.15",
        "source": BURMAN, "how": "recalled", "valid_from": "1991-05-15", "not_claimed": BEAM,
    },
    {
        "tissue": "liver", "endpoint": "radiation-induced liver disease, liver metastases", "model": "probit", "n": "0.97",
        "td50_Gy": "45.8", "slope": "0.12", "source": "L. A. Dawson et al., Int. J. Radiat. Oncol. Biol. Phys. 53 (2002) 810",
        "how": "recalled", "valid_from": "2002-07-15",
        "not_claimed": "From external beam of 1.5 Gy twice a day with arterial chemotherapy; not tested in radionuclide therapy.",
    },
    {
        "tissue": "liver", "endpoint": "radiation-induced liver disease, primary liver cancer", "model": "probit", "n": "0.97",
        "td50_Gy": "39.8", "slope": "0.12", "source": "L. A. Dawson et al., Int. J. Radiat. Oncol. Biol. Phys. 53 (2002) 810",
        "how": "recalled", "valid_from": "2002-07-15",
        "not_claimed": "From external beam of 1.5 Gy twice a day with arterial chemotherapy; not tested in radionuclide therapy.",
    },
    {
        "tissue": "lung", "endpoint": "pneumonitis", "model": "probit", "n": "1", "td50_Gy": "30.8", "slope": "0.37",
        "source": "Y. Seppenwoolde et al., Int. J. Radiat. Oncol. Biol. Phys. 55 (2003) 724, abstract", "how": "read",
        "valid_from": "2003-03-01", "not_claimed": "Both lungs as one organ; " + BEAM,
    },
    {
        "tissue": "lung", "endpoint": "symptomatic pneumonitis", "model": "logistic", "n": "1", "td50_Gy": "30.75",
        "td50_low_Gy": "28.7", "td50_high_Gy": "33.9", "slope": "0.969", "slope_low": "0.833", "slope_high": "1.122",
        "source": "L. B. Marks et al., QUANTEC, Int. J. Radiat. Oncol. Biol. Phys. 76 (2010) S70, fig. 3", "how": "recalled",
        "valid_from": "2010-03-01", "not_claimed": "Both lungs as one organ; " + BEAM,
    },
    {
        "tissue": "salivary gland", "endpoint": "flow of a parotid below 25 % after a year", "model": "probit", "n": "1",
        "td50_Gy": "39.9", "slope": "0.40", "how": "read", "valid_from": "2010-10-01",
        "source": "T. Dijkema et al., Int. J. Radiat. Oncol. Biol. Phys. 78 (2010) 449, abstract", "not_claimed": BEAM,
    },
    {
        "tissue": "spinal cord", "endpoint": "myelitis", "model": "probit", "n": "0.05", "td50_Gy": "66.5", "slope": "0.175",
        "source": BURMAN, "how": "recalled", "valid_from": "1991-05-15", "not_claimed": BEAM,
    },
]  # fmt: skip


def content(name: str) -> str:
    """The table of that name as CSV; a key that is no column stops here."""
    columns, rows = {"tissues": (TISSUE_COLUMNS, TISSUES), "complications": (COMPLICATION_COLUMNS, COMPLICATIONS)}[name]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({"repair_weights": "1.0", **row} if "repair_weights" in columns else row)
    return text.getvalue()


def main() -> None:
    """Both tables with their certificates."""
    titles = {"tissues": "Linear-quadratic parameters of tissues", "complications": "Parameters of normal tissue complication"}
    for name, title in titles.items():
        certificate = {
            "title": title,
            "source": "the publication named in each row; see its column how",
            "edition": "1",
            "licence": "facts from the publications named in each row",
        }
        write_table(FOLDER, name, content(name), certificate, made_by="make_radiobiology.py")


if __name__ == "__main__":
    main()
