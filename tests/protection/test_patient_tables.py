"""What the tables of advice, conceptus doses and reference levels must hold."""

from hevesy.tables import dated_rows


def test_what_one_body_says_in_the_words_of_another_is_unverified():
    for row in dated_rows("hevesy.protection", "breastfeeding"):
        if "as transcribed by" in row.source:
            assert not row.verified
