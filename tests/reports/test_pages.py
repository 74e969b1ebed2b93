"""The HTML page and the PDF: complete, escaped, offline."""

import base64
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest

from hevesy.model import Grid, Image
from hevesy.model.result import Level
from hevesy.reports.content import content
from hevesy.reports.document import pdf_document
from hevesy.reports.figures import figures
from hevesy.reports.page import html_page
from hevesy.reports.words import gathered


class Reader(HTMLParser):
    """Tags, addresses and text of a page."""

    def __init__(self):
        super().__init__()
        self.tags, self.addresses, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "srcset", "data", "action")]

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def pictures(result):
    return figures(result)


@pytest.fixture(scope="module")
def page(result, pictures):
    return html_page(content(result, pictures), pictures).decode("utf-8")


@pytest.fixture(scope="module")
def read(page):
    reader = Reader()
    reader.feed(page)
    return reader


def test_hostile_names_are_text(page, read):
    assert "script" not in read.tags
    assert "<script>" not in page
    assert "<script>alert('x')</script>" in "".join(read.text)


def test_nothing_is_fetched(page, read):
    assert read.addresses
    assert all(address.startswith(("#", "data:")) for address in read.addresses)
    assert not re.search(r"url\(|@import|<link|<iframe|<object", page)
    assert "default-src 'none'" in page


def test_every_region_warning_and_assumption_is_there(result, read):
    text = " ".join("".join(read.text).split())
    for region in result.regions:
        assert region.name in text
        assert region.fit.region in text
    for level in Level:
        for entry in gathered(result, level):
            assert " ".join(entry["text"].split()) in text
    for series in result.provenance.inputs:
        assert series["series_uid"] in text
    assert result.provenance.tables["hu_density"] in text
    assert "for research" in text
    assert "Virtual patient" in text


def test_an_ill_posed_region_is_marked_in_its_row(page):
    row = next(r for r in re.findall(r"<tr.*?</tr>", page, re.S) if "=SUM(A1)" in unescape(r))
    assert 'class="alarm' in row
    assert "ill-posed fit" in row


def test_pictures_stand_inside_and_are_described(page, pictures):
    images = re.findall(r'<img src="data:(image/[a-z+]+);base64,([^"]+)" alt="([^"]+)"', page)
    assert len(images) == len(pictures) >= 5
    for media, data, _ in images:
        start = base64.b64decode(data)[:60]
        assert start.startswith(b"\x89PNG" if media == "image/png" else b"<?xml")


def test_pdf_has_its_pages(result, pictures):
    pdf = pdf_document(content(result, pictures), pictures)
    assert pdf.startswith(b"%PDF")
    pages = re.findall(rb"/Type\s*/Page\b(?!s)", pdf)
    assert len(pages) >= 2 or int(re.search(rb"/Count (\d+)", pdf)[1]) >= 2


def test_markup_of_the_pdf_is_text_too(bare_result):
    hostile = '#panic("x") *b* $x$ @ref [a] \\ // `r` #import "/etc/passwd"'
    regions = (replace(bare_result.regions[0], name=hostile, kind="lesion"),)
    odd = replace(
        bare_result, regions=regions, title=hostile,
        pictures=replace(bare_result.pictures, masks={hostile: bare_result.pictures.masks["Niere links"]}),
    )  # fmt: skip
    drawn = figures(odd)
    assert pdf_document(content(odd, drawn), drawn).startswith(b"%PDF")


def test_without_ct_the_page_says_so(bare_result):
    drawn = figures(bare_result)
    text = unescape(html_page(content(bare_result, drawn), drawn).decode())
    assert "There is no CT" in text
    assert "No warnings" in text
    assert "Virtual patient" not in text
    assert "Against the known truth" not in text


def test_same_result_same_pictures(bare_result):
    assert [p.data for p in figures(bare_result)] == [p.data for p in figures(bare_result)]


def test_a_grid_stored_the_other_way_round_gives_the_same_pictures(bare_result, result):
    def mirrored(image):
        affine = np.array(image.grid.affine)
        affine[:3, 3] += affine[:3, 2] * (image.grid.shape[0] - 1)
        affine[:3, 2] *= -1
        return Image(values=image.values[::-1].copy(), grid=Grid(shape=image.grid.shape, affine=affine),
                     quantity=image.quantity)  # fmt: skip

    p = bare_result.pictures
    pictures = replace(
        p, dose=mirrored(p.dose), activity=tuple(mirrored(a) for a in p.activity),
        ct=mirrored(result.pictures.ct),
        masks={name: mask[::-1].copy() for name, mask in p.masks.items()},
    )  # fmt: skip
    upright = replace(bare_result, pictures=replace(p, ct=result.pictures.ct))
    turned = replace(bare_result, pictures=pictures)
    for ours, theirs in zip(figures(turned), figures(upright), strict=True):
        assert ours.data == theirs.data, ours.name


def test_no_region_at_all_still_makes_a_report(bare_result):
    empty = replace(bare_result, regions=(), pictures=replace(bare_result.pictures, masks={}))
    drawn = figures(empty)
    said = content(empty, drawn)
    assert "No region was drawn" in html_page(said, drawn).decode()
    assert pdf_document(said, drawn).startswith(b"%PDF")
