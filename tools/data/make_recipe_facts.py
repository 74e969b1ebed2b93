"""Rebuild the table of thresholds, limits and coefficients that the therapy recipes use."""

import csv
import io
from pathlib import Path

from certify import write_table

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "protocols" / "data"

HEADER = ("recipe", "name", "value", "upper", "spread", "unit", "how", "valid_from", "source", "note")

SPHERES = "C. van Roekel, thesis, Utrecht University, section 4.3, after the manufacturer's manual"
RESIN = "SIR-Spheres microspheres, instructions for use"
GLASS = "TheraSphere, package insert"
EANM_Y90 = "M. Weber et al., Eur. J. Nucl. Med. Mol. Imaging 49 (2022) 1682, EANM guideline on radioembolisation"
SOP_THYROID = "H. Haenscheid et al., Eur. J. Nucl. Med. Mol. Imaging 40 (2013) 1126, EANM SOP"
BENIGN = "M. P. M. Stokkel et al., Eur. J. Nucl. Med. Mol. Imaging 37 (2010) 2218, EANM guideline"
BENUA = "R. S. Benua et al., Am. J. Roentgenol. 87 (1962) 171"
BLOOD = "M. Lassmann et al., Eur. J. Nucl. Med. Mol. Imaging 35 (2008) 1405, EANM SOP, abstract"
GAZE = "M. N. Gaze et al., Cancer Biother. Radiopharm. 20 (2005) 195"
BUCKLEY = "S. E. Buckley et al., Cancer Biother. Radiopharm. 22 (2007) 105, abstract"
WHOLE_BODY = "S. E. Buckley et al., J. Nucl. Med. 50 (2009) 1518; J. Gear et al., EJNMMI Phys. 7 (2020) 15, EANM SOP"
LUTATHERA = "Lutathera, US prescribing information"
PLUVICTO = "Pluvicto, US prescribing information"
EMAMI = "B. Emami et al., Int. J. Radiat. Oncol. Biol. Phys. 21 (1991) 109, kidney, 5 % in 5 years"
BODEI = "L. Bodei et al., Eur. J. Nucl. Med. Mol. Imaging 35 (2008) 1847"
EANM_LU = "K. Sjogreen Gleisner et al., Eur. J. Nucl. Med. Mol. Imaging 49 (2022) 1778, EANM recommendations"
HOU = "X. Hou et al., J. Nucl. Med. 62 (2021) 1006, abstract"
XOFIGO = "Xofigo, US prescribing information"
NOSSKE = "M. Lassmann, D. Nosske, Eur. J. Nucl. Med. Mol. Imaging 40 (2013) 207, abstract"
ACTINIUM = "C. Kratochwil et al., J. Nucl. Med. 58 (2017) 1624"
BISMUTH = "C. Kratochwil et al., Eur. J. Nucl. Med. Mol. Imaging 45 (2018) 31, abstract"

Y, G, C, M = "y90-radioembolisation", "i131-benign-thyroid", "i131-thyroid-cancer", "i131-mibg"
D, P, R, A = "lu177-dotatate", "lu177-psma", "ra223", "ac225-psma"

# how: read in the source, secondary (read in a transcription), derived from what was read, recalled (source not opened).
ROWS = [
    (Y, "energy per activity", 49.67, "", "", "J/GBq", "secondary", "2011", SPHERES, "ICRP 107 gives 49.77"),
    (Y, "lung mass", 1.0, "", "", "kg", "recalled", "1996", "S. Ho et al., Eur. J. Nucl. Med. 23 (1996) 947", "with blood"),
    (Y, "lung limit, one treatment", 30, "", "", "Gy", "secondary", "2011", SPHERES, "from external beams"),
    (Y, "lung limit, all treatments", 50, "", "", "Gy", "secondary", "2011", SPHERES, "from external beams"),
    (Y, "body surface offset", 0.2, "", "", "m2", "secondary", "2011", SPHERES, ""),
    (Y, "shunt of the first reduction", 10, "", "", "%", "recalled", "2011", RESIN, ""),
    (Y, "first reduction", 20, "", "", "%", "recalled", "2011", RESIN, "of the activity"),
    (Y, "shunt of the second reduction", 15, "", "", "%", "recalled", "2011", RESIN, ""),
    (Y, "second reduction", 40, "", "", "%", "recalled", "2011", RESIN, "of the activity"),
    (Y, "largest shunt", 20, "", "", "%", "recalled", "2011", RESIN, "above: no treatment by body surface area"),
    (Y, "liver limit, resin", 40, "", "", "Gy", "recalled", "2022", EANM_Y90, "mean of non-tumorous liver, whole liver treated"),
    (Y, "liver limit, glass", 75, "", "", "Gy", "recalled", "2022", EANM_Y90, "mean of non-tumorous liver, whole liver treated"),
    (Y, "perfused volume goal, glass", 80, 150, "", "Gy", "recalled", "2011", GLASS, "single compartment"),
    (G, "mean energy", 2.808, "", "", "Gy g/(MBq d)", "recalled", "2013", SOP_THYROID, "0.203 MeV a decay stay, 20 g"),
    (G, "graves", 150, "", "", "Gy", "recalled", "2010", BENIGN, "to restore a euthyroid state"),
    (G, "graves ablative", 200, 300, "", "Gy", "recalled", "2010", BENIGN, ""),
    (G, "autonomous nodule", 300, 400, "", "Gy", "recalled", "2010", BENIGN, "mass of the nodule"),
    (G, "multinodular", 100, 150, "", "Gy", "recalled", "2010", BENIGN, "whole thyroid"),
    (G, "goitre", 100, 150, "", "Gy", "recalled", "2010", BENIGN, "non-toxic; whole thyroid"),
    (C, "blood limit", 2, "", "", "Gy", "read", "2008", BLOOD, "stands for the limit of the marrow"),
    (C, "retained at 48 h", 4.44, "", "", "GBq", "recalled", "1962", BENUA, "120 mCi"),
    (C, "retained at 48 h, lung metastases", 2.96, "", "", "GBq", "recalled", "1962", BENUA, "80 mCi; diffuse lung metastases"),
    (M, "whole-body S at 1 kg", 1.34e-4, "", "", "Gy/(MBq h)", "recalled", "2009", WHOLE_BODY, "I-131 alone"),
    (M, "whole-body S exponent", -0.921, "", "", "1", "recalled", "2009", WHOLE_BODY, "of the mass in kg"),
    (M, "whole-body goal, course", 4, "", "", "Gy", "read", "2007", BUCKLEY, "two administrations, with stem cells"),
    (M, "whole-body goal, one administration", 2, "", "", "Gy", "derived", "2007", BUCKLEY, "half of the course"),
    (M, "first activity by mass", 444, "", "", "MBq/kg", "recalled", "2005", GAZE, "12 mCi/kg"),
    (D, "activity of a cycle", 7.4, "", "", "GBq", "secondary", "2018", LUTATHERA, ""),
    (D, "cycles", 4, "", "", "1", "secondary", "2018", LUTATHERA, "every 8 weeks"),
    (D, "Kidneys", 0.654, "", 0.295, "Gy/GBq", "recalled", "2018", LUTATHERA, "mean and SD of 20 patients"),
    (D, "Spleen", 0.846, "", 0.804, "Gy/GBq", "recalled", "2018", LUTATHERA, "mean and SD of 20 patients"),
    (D, "Liver", 0.299, "", 0.226, "Gy/GBq", "recalled", "2018", LUTATHERA, "mean and SD of 20 patients"),
    (D, "Red marrow", 0.035, "", 0.029, "Gy/GBq", "recalled", "2018", LUTATHERA, "mean and SD of 20 patients"),
    (D, "limit of Kidneys", 23, "", "", "Gy", "recalled", "1991", EMAMI, "external beam, 2 Gy a day"),
    (D, "limit of Red marrow", 2, "", "", "Gy", "secondary", "2008", BLOOD, "from I-131 and the blood"),
    (D, "BED of Kidneys", 40, "", "", "Gy", "recalled", "2008", BODEI, "without risk factors"),
    (D, "BED of Kidneys, risk factors", 28, "", "", "Gy", "recalled", "2008", BODEI, "hypertension, diabetes"),
    (D, "early scan", 4, 24, "", "h", "recalled", "2022", EANM_LU, ""),
    (D, "middle scan", 24, 72, "", "h", "recalled", "2022", EANM_LU, ""),
    (D, "late scan", 96, 168, "", "h", "recalled", "2022", EANM_LU, ""),
    (D, "scan where there is only one", 72, "", "", "h", "read", "2021", HOU, "kidneys; with a half-life from elsewhere"),
    (P, "activity of a cycle", 7.4, "", "", "GBq", "recalled", "2022", PLUVICTO, ""),
    (P, "cycles", 6, "", "", "1", "recalled", "2022", PLUVICTO, "every 6 weeks"),
    (P, "Lacrimal glands", 2.1, "", 0.47, "Gy/GBq", "recalled", "2022", PLUVICTO, "mean and SD of 29 patients"),
    (P, "Salivary glands", 0.63, "", 0.36, "Gy/GBq", "recalled", "2022", PLUVICTO, "mean and SD of 29 patients"),
    (P, "Kidneys", 0.43, "", 0.16, "Gy/GBq", "recalled", "2022", PLUVICTO, "mean and SD of 29 patients"),
    (P, "Red marrow", 0.035, "", 0.02, "Gy/GBq", "recalled", "2022", PLUVICTO, "mean and SD of 29 patients"),
    (P, "limit of Kidneys", 23, "", "", "Gy", "recalled", "1991", EMAMI, "external beam, 2 Gy a day"),
    (P, "limit of Red marrow", 2, "", "", "Gy", "secondary", "2008", BLOOD, "from I-131 and the blood"),
    (P, "BED of Kidneys", 40, "", "", "Gy", "recalled", "2008", BODEI, "without risk factors"),
    (P, "BED of Kidneys, risk factors", 28, "", "", "Gy", "recalled", "2008", BODEI, "hypertension, diabetes"),
    (P, "early scan", 4, 24, "", "h", "recalled", "2022", EANM_LU, ""),
    (P, "middle scan", 24, 72, "", "h", "recalled", "2022", EANM_LU, ""),
    (P, "late scan", 96, 168, "", "h", "recalled", "2022", EANM_LU, ""),
    (P, "scan where there is only one", 48, "", "", "h", "read", "2021", HOU, "kidneys; not for marrow and tumours"),
    (R, "activity by mass", 55, "", "", "kBq/kg", "secondary", "2016", XOFIGO, "standard of 2016"),
    (R, "injections", 6, "", "", "1", "secondary", "2013", XOFIGO, "every 4 weeks"),
    (R, "concentration", 1100, "", "", "kBq/ml", "secondary", "2016", XOFIGO, "at the reference date"),
    (R, "Bone endosteum, alpha", 16 / 21, "", "", "Gy/MBq", "derived", "2013", NOSSKE, "16 Gy for 21 MBq, ICRP model"),
    (R, "Red marrow, alpha", 1.5 / 21, "", "", "Gy/MBq", "derived", "2013", NOSSKE, "1.5 Gy for 21 MBq, ICRP model"),
    (R, "Osteogenic cells, label", 1.152, "", "", "Gy/MBq", "recalled", "2013", XOFIGO, "OLINDA"),
    (R, "Red marrow, label", 0.1388, "", "", "Gy/MBq", "recalled", "2013", XOFIGO, "OLINDA"),
    (A, "activity by mass", 100, "", "", "kBq/kg", "recalled", "2017", ACTINIUM, ""),
    (A, "RBE of the coefficients", 5, "", "", "1", "read", "2018", BISMUTH, "of alpha particles; same group, same method"),
    (A, "Salivary glands", 2.3, "", "", "Gy/MBq", "recalled", "2017", ACTINIUM, "weighted by RBE 5"),
    (A, "Kidneys", 0.7, "", "", "Gy/MBq", "recalled", "2017", ACTINIUM, "weighted by RBE 5"),
    (A, "Red marrow", 0.05, "", "", "Gy/MBq", "recalled", "2017", ACTINIUM, "weighted by RBE 5"),
]  # fmt: skip

CERTIFICATE = {
    "title": "Thresholds, limits and coefficients of therapy recipes",
    "source": "each row names its own",
    "edition": "2026",
    "licence": "published facts, taken with citation",
    "note": "how: read in the source; secondary, read in a transcription of it; derived from what was read; recalled, the source "
    "was not opened. What is recalled prints as unverified. spread is the standard deviation among patients.",
}


def content() -> str:
    """The table as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows([f"{value:.6g}" if isinstance(value, float) else value for value in row] for row in ROWS)
    return text.getvalue()


if __name__ == "__main__":
    write_table(FOLDER, "recipes", content(), CERTIFICATE, made_by=Path(__file__).name)
