import pytest

from hevesy.app.columns import read_columns
from hevesy.errors import DataError


def read(tmp_path, text, **columns):
    path = tmp_path / "table.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return read_columns(path, **({"needed": ("time_h",), "known": ("counts", "region"), "texts": ("region",)} | columns))


@pytest.mark.parametrize(
    "text",
    [
        "# note\ntime_h,counts,region\n1.5,20,A\n3,,B\n",
        "Time_h;counts;region\n1,5;20;A\n3;;B\n",
        "time_h\tcounts\tregion\n1.5\t20\tA\n3\t\tB\n",
    ],
)
def test_commas_semicolons_and_tabs(tmp_path, text):
    found = read(tmp_path, text)
    assert found.numbers == {"time_h": (1.5, 3.0), "counts": (20.0, None)}
    assert found.words == {"region": ("A", "B")}
    with pytest.raises(DataError, match="line . *, column counts: it is empty|column counts: it is empty"):
        found.filled("counts")


def test_the_coding_of_spreadsheets(tmp_path):
    assert read(tmp_path, "time_h,region\n1,Läsion\n".encode("cp1252")).words == {"region": ("Läsion",)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time_h\n", "a line for each row are needed; got 1 lines"),
        ("time_min\n1\n", "column time_min is unknown. Known are time_h, counts, region and note"),
        ("time_h,time_h\n1,2\n", "column time_h is there twice"),
        ("counts\n1\n", "no column time_h; found counts"),
        ("time_h,counts\n1,2,3\n", "3 values for 2 columns"),
        ("time_h\nx\n", "line 2, column time_h: 'x' is not a number"),
        (b"time_h\n\x00\n", "this is no text"),
    ],
)
def test_tables_that_are_refused(tmp_path, text, said):
    with pytest.raises(DataError, match=said):
        read(tmp_path, text)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match="there is no such file"):
        read_columns(tmp_path / "none.csv", needed=("a",), known=())
