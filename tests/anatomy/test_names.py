import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.anatomy import standard_name
from hevesy.tables import load_table


@pytest.mark.parametrize(
    ("name", "standard"),
    [
        ("Kidney_Left", "Left kidney"),
        ("kidney_left", "Left kidney"),
        ("LT KIDNEY", "Left kidney"),
        ("kidney l", "Left kidney"),
        ("KidneyRight", "Right kidney"),
        ("Niere links", "Left kidney"),
        ("linke Niere", "Left kidney"),
        ("Niere re.", "Right kidney"),
        ("rein gauche", "Left kidney"),
        ("Rein droit", "Right kidney"),
        ("riñón izquierdo", "Left kidney"),
        ("rene destro", "Right kidney"),
        ("nier rechts", "Right kidney"),
        ("Kidneys", "Kidney"),
        ("Liver", "Liver"),
        ("liver_ROI", "Liver"),
        ("Leber", "Liver"),
        ("foie", "Liver"),
        ("hígado", "Liver"),
        ("fegato", "Liver"),
        ("lever", "Liver"),
        ("Liver minus lesions", "Liver"),
        ("Leber ohne Metastasen", "Liver"),
        ("normal liver", "Liver"),
        ("Milz", "Spleen"),
        ("rate", "Spleen"),
        ("la rate", "Spleen"),
        ("Lunge", "Lung"),
        ("LEFT-LUNG", "Left lung"),
        ("lung_upper_lobe_left", "Left lung lobe"),
        ("spine", "Spine"),
        ("vertebrae", "Spine"),
        ("Wirbelsäule", "Spine"),
        ("vertebrae_L1", "Vertebra"),
        ("vertebrae_T12", "Vertebra"),
        ("rib_left_5", "Left rib"),
        ("red marrow", "Bone marrow"),
        ("salivary glands", "Salivary gland"),
        ("parotid", "Parotid gland"),
        ("Parotis rechts", "Right parotid gland"),
        ("bladder", "Urinary bladder"),
        ("urinary_bladder", "Urinary bladder"),
        ("Harnblase", "Urinary bladder"),
        ("WholeBody", "Whole body"),
        ("whole-body", "Whole body"),
        ("body", "Whole body"),
        ("gluteus_maximus_right", "Right muscle"),
        ("Heart", "Heart"),
        ("Cœur", "Heart"),
        ("thyroid_gland", "Thyroid"),
        ("SpinalCord", "Spinal cord"),
    ],
)
def test_names_of_organs(name, standard):
    found = standard_name(name)
    assert found is not None
    assert found.name == standard
    assert found.kind in ("organ", "other")


@pytest.mark.parametrize(
    "name",
    [
        "lesion1 liver R lobe",
        "Lesion",
        "Lesion_02",
        "GTV_Mass",
        "GTVp",
        "tumour",
        "Tumor 1",
        "liver met 3",
        "liver_mets",
        "Lebermetastase Tumor",
        "Läsion 4",
        "lésion foie",
        "Metastasis spine",
    ],
)
def test_a_lesion_is_a_lesion_wherever_it_lies(name):
    found = standard_name(name)
    assert (found.name, found.kind, found.side) == ("Lesion", "lesion", "")


@pytest.mark.parametrize("name", ["", "Structure 7", "couch", "L", "left", "xyz", "Kidney phantom insert", "1"])
def test_an_unknown_name_is_none(name):
    assert standard_name(name) is None


def test_codes():
    assert standard_name("kidney left").snomed_ct == "64033007"
    assert standard_name("liver").snomed_ct == "10200004"


def test_codes_are_those_of_the_dicom_dictionary():
    from pydicom.sr.codedict import codes

    entries = (getattr(codes.SCT, word) for word in dir(codes.SCT))
    known = {str(code.value) for code in entries if hasattr(code, "value")}
    own = {row["snomed_ct"] for row in load_table("hevesy.anatomy", "regions").rows} - {""}
    assert own <= known | {"69748006", "56329008"}  # thyroid and pituitary stand there under longer names


def test_every_word_of_the_table_is_understood_with_and_without_a_side():
    for row in load_table("hevesy.anatomy", "region_names").rows:
        for name in (row["word"], row["word"].upper(), row["word"].replace(" ", "_"), f"{row['word']} left"):
            assert standard_name(name).organ == row["standard_name"], name


@given(st.text(max_size=30))
def test_any_text_has_an_answer(text):
    found = standard_name(text)
    assert found is None or found.name
