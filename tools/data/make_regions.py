"""Rebuild the two tables of region names: standard regions, and the words that people use for them.

The synonyms are plain dictionary words in six languages and the class names of TotalSegmentator.  Left and right are not
in the words: `hevesy.anatomy` takes them off first.
"""

from pathlib import Path

from certify import write_table

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "anatomy" / "data"

# (standard name, paired, SNOMED CT code or nothing where none was checked, synonyms)
ORGANS = [
    ("Adrenal gland", True, "23451007", "adrenal gland|adrenal|adrenals|suprarenal gland|nebenniere|nebennieren|"
     "surrenale|surrenales|bijnier|bijnieren|glandula suprarrenal|surrene"),
    ("Aorta", False, "15825003", "aorta|aorte"),
    ("Blood", False, "", "blood|blood pool|bloodpool|blut|sang|bloed|sangre|sangue"),
    ("Bone", False, "272673000", "bone|bones|skeleton|knochen|skelett|os|squelette|bot|botten|hueso|huesos|osso|ossa"),
    ("Bone marrow", False, "14016003", "bone marrow|marrow|red marrow|red bone marrow|active marrow|rbm|knochenmark|"
     "rotes knochenmark|moelle osseuse|moelle rouge|beenmerg|medula osea|midollo osseo|midollo"),
    ("Brain", False, "12738006", "brain|gehirn|hirn|cerveau|encephale|hersenen|cerebro|cervello|encefalo"),
    ("Breast", True, "76752008", "breast|breasts|brust|sein|mama|mammella|borst"),
    ("Colon", False, "71854001", "colon|large intestine|large bowel|dickdarm|kolon|gros intestin|dikke darm|"
     "intestino grueso|intestino crasso"),
    ("Duodenum", False, "38848004", "duodenum|zwolffingerdarm|duodeno|twaalfvingerige darm"),
    ("Esophagus", False, "32849002", "esophagus|oesophagus|speiserohre|osophagus|oesophage|slokdarm|esofago"),
    ("Eye", True, "81745001", "eye|eyes|auge|augen|oeil|yeux|oog|ogen|ojo|ojos|occhio|occhi"),
    ("Femur", True, "71341001", "femur|oberschenkelknochen|femore"),
    ("Gallbladder", False, "28231008", "gallbladder|gall bladder|gallenblase|vesicule biliaire|galblaas|"
     "vesicula biliar|cistifellea|colecisti"),
    ("Heart", False, "80891009", "heart|herz|coeur|hart|corazon|cuore|myocardium|myokard|heart myocardium"),
    ("Kidney", True, "64033007", "kidney|kidneys|niere|nieren|rein|reins|nier|rinon|rinones|rene|reni|renal"),
    ("Kidney cortex", True, "", "kidney cortex|renal cortex|nierenrinde|cortex renal|nierschors|corteccia renale"),
    ("Lacrimal gland", True, "13561001", "lacrimal gland|lacrimal glands|lacrimal|tranendruse|tranendrusen|"
     "glande lacrymale|glandes lacrymales|traanklier|glandula lagrimal|ghiandola lacrimale"),
    ("Liver", False, "10200004", "liver|leber|foie|lever|higado|fegato|hepar"),
    ("Lung", True, "39607008", "lung|lungs|lunge|lungen|poumon|poumons|long|longen|pulmon|pulmones|polmone|polmoni"),
    ("Lung lobe", True, "", "lung upper lobe|lung middle lobe|lung lower lobe|upper lobe|middle lobe|lower lobe|"
     "oberlappen|mittellappen|unterlappen"),
    ("Muscle", True, "71616004", "muscle|muscles|muskel|muskeln|muskulatur|spier|musculo|muscolo|skeletal muscle|"
     "autochthon|iliopsoas|psoas|gluteus maximus|gluteus medius|gluteus minimus"),
    ("Ovary", True, "15497006", "ovary|ovaries|ovar|ovarien|eierstock|eierstocke|ovaire|ovaires|eierstok|ovario|"
     "ovarios|ovaio|ovaie"),
    ("Pancreas", False, "15776009", "pancreas|pankreas|bauchspeicheldruse|alvleesklier"),
    ("Parotid gland", True, "45289007", "parotid|parotids|parotid gland|parotid glands|parotis|ohrspeicheldruse|"
     "glande parotide|parotide|oorspeekselklier|glandula parotida|parotida"),
    ("Pelvis", True, "816092008", "pelvis|becken|bassin|bekken|bacino|hip|hips|hip bone|hufte"),
    ("Pituitary gland", False, "56329008", "pituitary|pituitary gland|hypophysis|hypophyse|ipofisi|hipofisis"),
    ("Prostate", False, "41216001", "prostate|prostata|prostaat|prostate gland"),
    ("Rectum", False, "34402009", "rectum|rektum|enddarm|endeldarm|recto|retto"),
    ("Remainder of body", False, "", "remainder|remainder of body|rest of body|rest|body remainder|restkorper|"
     "reste du corps|background|rob"),
    ("Rib", True, "113197003", "rib|ribs|rippe|rippen|cote|cotes|ribben|costilla|costillas|costola|costole"),
    ("Salivary gland", True, "385294005", "salivary gland|salivary glands|salivaries|salivary|speicheldruse|"
     "speicheldrusen|glande salivaire|glandes salivaires|speekselklier|speekselklieren|glandula salival|"
     "glandulas salivales|ghiandola salivare|ghiandole salivari"),
    ("Skin", False, "39937001", "skin|haut|peau|huid|piel|pelle"),
    ("Skull", False, "89546000", "skull|schadel|crane|schedel|craneo|cranio"),
    ("Small intestine", False, "30315005", "small intestine|small bowel|dunndarm|intestin grele|grele|dunne darm|"
     "intestino delgado|intestino tenue"),
    ("Spinal cord", False, "2748008", "spinal cord|ruckenmark|moelle epiniere|ruggenmerg|medula espinal|"
     "midollo spinale|myelon"),
    ("Spine", False, "421060004", "spine|vertebral column|vertebrae|wirbelsaule|wirbel|colonne vertebrale|rachis|"
     "vertebres|wervelkolom|wervels|columna vertebral|columna|vertebras|colonna vertebrale|colonna|vertebre|"
     "lumbar spine|thoracic spine|cervical spine|lws|bws|hws"),
    ("Spleen", False, "78961009", "spleen|milz|rate|milt|bazo|milza"),
    ("Sternum", False, "56873002", "sternum|brustbein|borstbeen|esternon|sterno"),
    ("Stomach", False, "69695003", "stomach|magen|estomac|maag|estomago|stomaco"),
    ("Submandibular gland", True, "54019009", "submandibular|submandibulars|submandibular gland|submandibular glands|"
     "submandibularis|unterkieferspeicheldruse|glande sous maxillaire|glande submandibulaire|"
     "onderkaakspeekselklier|glandula submandibular|ghiandola sottomandibolare"),
    ("Testis", True, "40689003", "testis|testes|testicle|testicles|hoden|testicule|testicules|teelbal|testiculo|"
     "testiculos|testicolo|testicoli"),
    ("Thymus", False, "9875009", "thymus|timo|zwezerik"),
    ("Thyroid", True, "69748006", "thyroid|thyroid gland|thyreoid|schilddruse|thyroide|schildklier|tiroides|tiroide"),
    ("Trachea", False, "44567001", "trachea|luftrohre|trachee|luchtpijp|traquea"),
    ("Urinary bladder", False, "89837001", "bladder|urinary bladder|bladder content|bladder contents|harnblase|"
     "blase|vessie|blaas|urineblaas|vejiga|vejiga urinaria|vescica|urine"),
    ("Uterus", False, "35039007", "uterus|gebarmutter|womb|baarmoeder|utero"),
    ("Vertebra", False, "51282000", "vertebra|sacrum|kreuzbein"),
    ("Whole body", False, "", "whole body|wholebody|body|wb|total body|ganzkorper|korper|corps entier|corps|"
     "lichaam|hele lichaam|cuerpo entero|cuerpo|corpo intero|corpo|body outline|patient outline|external|"
     "body trunc|body extremities"),
]  # fmt: skip

LESION_WORDS = (
    "lesion|lesions|lasion|lasionen|laesion|laesionen|laesie|laesies|lesione|lesioni|lesiones|herd|herde|tumor|tumors|"
    "tumour|tumours|tumoren|tumeur|tumeurs|tumore|tumori|tumores|gtv|gtvp|gtvn|ctv|ptv|itv|met|mets|metastasis|"
    "metastases|metastase|metastasen|metastasi|metastasis|uitzaaiing|uitzaaiingen|neoplasm|carcinoma|hcc|nodule|"
    "nodulus|hotspot"
)

# TotalSegmentator's vertebrae C1 to C7, T1 to T12, L1 to L5, S1; written with and without the word.
VERTEBRAE = [f"{part}{i}" for part, last in (("c", 7), ("t", 12), ("l", 5), ("s", 1)) for i in range(1, last + 1)]

CERTIFICATES = {
    "regions": {
        "title": "Standard names of body regions",
        "source": "SNOMED CT codes as listed in DICOM PS3.16 and in pydicom's code dictionary; empty where none was checked",
        "edition": "2026",
        "licence": "names and codes as facts; SNOMED CT is used in DICOM under the agreement between SNOMED "
        "International and DICOM",
    },
    "region_names": {
        "title": "Words for body regions in English, German, French, Dutch, Spanish and Italian",
        "source": "dictionary words, and the class names of TotalSegmentator (Wasserthal et al., Radiol. Artif. "
        "Intell. 5 (2023) e230024)",
        "edition": "2026",
        "licence": "Apache-2.0",
        "note": "Lower case, without accents; left and right are not part of a word. A word of kind lesion marks every "
        "name in which it stands.",
    },
}


def content(name: str) -> str:
    return _regions() if name == "regions" else _names()


def _regions() -> str:
    kinds = {"Whole body": "other", "Remainder of body": "other", "Blood": "other"}
    rows = [f"{n},{kinds.get(n, 'organ')},{'yes' if paired else 'no'},{code}" for n, paired, code, _ in ORGANS]
    return "\n".join(["standard_name,kind,paired,snomed_ct", *rows, "Lesion,lesion,no,52988006"]) + "\n"


def _names() -> str:
    rows = [(word, standard) for standard, _, _, words in ORGANS for word in words.split("|")]
    rows += [(word, "Lesion") for word in dict.fromkeys(LESION_WORDS.split("|"))]
    rows += [(text, "Vertebra") for v in VERTEBRAE for text in (f"vertebrae {v}", f"vertebra {v}")]
    rows += [(f"rib {i}", "Rib") for i in range(1, 13)]
    words = [word for word, _ in rows]
    twice = {word for word in words if words.count(word) > 1}
    if twice:
        raise ValueError(f"words with two meanings: {sorted(twice)}")
    return "\n".join(["word,standard_name", *(f"{word},{standard}" for word, standard in rows)]) + "\n"


if __name__ == "__main__":
    for table, certificate in CERTIFICATES.items():
        write_table(FOLDER, table, content(table), certificate, made_by=Path(__file__).name)
