import pytest

from hevesy.errors import InputError
from hevesy.model.nuclide_name import SYMBOLS, nuclide_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("177Lu", "Lu-177"),
        ("Lu177", "Lu-177"),
        ("lu-177", "Lu-177"),
        ("LU 177", "Lu-177"),
        ("Lutetium-177", "Lu-177"),
        ("177 Lutetium", "Lu-177"),
        ("^177^Lutetium", "Lu-177"),
        ("[177Lu]Lu", "Lu-177"),
        ("Lutetium (177Lu)", "Lu-177"),
        ("Lu-177m", "Lu-177m"),
        ("99m Technetium", "Tc-99m"),
        ("Tc99m", "Tc-99m"),
        ("TC-99M", "Tc-99m"),
        ("99mTc", "Tc-99m"),
        ("^99m^Technetium", "Tc-99m"),
        ("tc 99 m", "Tc-99m"),
        ("18F", "F-18"),
        ("Fluorine F^18^", "F-18"),
        ("^18^Fluorine", "F-18"),
        ("13N", "N-13"),
        ("N-13", "N-13"),
        ("99Mo", "Mo-99"),
        ("54Mn", "Mn-54"),
        ("52mMn", "Mn-52m"),
        ("113mIn", "In-113m"),
        ("147Nd", "Nd-147"),
        ("Caesium-137", "Cs-137"),
        ("cesium 137", "Cs-137"),
        ("Iodine I^131^", "I-131"),
        ("Ir-192m2", "Ir-192n"),
        ("192m1Ir", "Ir-192m"),
        ("Ir-192n", "Ir-192n"),
        ("Y-90", "Y-90"),
        ("¹⁷⁷Lu", "Lu-177"),
    ],
)
def test_spellings(text, name):
    assert nuclide_name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Lu",
        "177",
        "Lx-177",
        "177Lu-DOTATATE",
        "Lu-177 I-131",
        "Lu-17",
        "Lu--",
        "Iodine Lu-177",
        "Lu-1777",
        "µ-177",
    ],
)
def test_what_is_no_nuclide_is_refused_and_named(text):
    with pytest.raises(InputError, match="Lu-177") as error:
        nuclide_name(text)
    assert repr(text) in str(error.value)


def test_every_symbol_reads_back():
    assert len(SYMBOLS) == 100
    for number, symbol in enumerate(SYMBOLS, start=1):
        mass = 2 * number + 1
        for text in (f"{symbol}-{mass}", f"{mass}{symbol}", f"{symbol.upper()}{mass}", f"^{mass}^{symbol}"):
            assert nuclide_name(text) == f"{symbol}-{mass}"


def test_every_name_of_icrp_107_is_its_own_spelling():
    from hevesy.nuclides import available

    names = available()
    assert len(names) == 1252
    assert [nuclide_name(name) for name in names] == list(names)
