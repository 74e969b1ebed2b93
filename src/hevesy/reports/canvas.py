"""The drawing surface: figures measured in mm, one style, saved without time stamps."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MM_PER_INCH = 25.4
WIDTH = 180.0  # mm: the text width of an A4 page; screens enlarge it
DPI = 190
SVG, PNG = "svg", "png"
INK = "#1d2730"
QUIET = "#6b7680"
ALARM = "#a3201b"

STYLE: dict[str, Any] = {
    "svg.hashsalt": "hevesy",  # the same result gives the same file
    "svg.fonttype": "path",  # letters as outlines: no font is needed to read the page
    "font.family": "DejaVu Sans",
    "font.size": 7.0,
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "text.parse_math": False,  # a region may be called "$x$"
}


@contextmanager
def drawing() -> Iterator[None]:
    """The house style, whatever the user's own matplotlib settings are; theirs come back afterwards."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


class Canvas:
    """A figure of ``WIDTH`` by ``height`` mm; axes are placed in mm from its upper left corner."""

    def __init__(self, height: float) -> None:
        from matplotlib.figure import Figure

        self.height = height
        self.figure: Any = Figure(figsize=(WIDTH / MM_PER_INCH, height / MM_PER_INCH))

    def axes(self, left: float, top: float, width: float, height: float) -> Any:
        """Axes with the given place and size [mm]."""
        box = (left / WIDTH, 1 - (top + height) / self.height, width / WIDTH, height / self.height)
        return self.figure.add_axes(box)

    def text(self, left: float, top: float, text: str, **style: Any) -> None:
        """A text with its upper left corner there [mm]."""
        style = {"va": "top", "ha": "left", **style}
        self.figure.text(left / WIDTH, 1 - top / self.height, text, **style)

    def saved(self, kind: str) -> bytes:
        """The figure as a file of that kind, "svg" or "png"."""
        out = io.BytesIO()
        if kind == SVG:
            self.figure.savefig(out, format="svg", metadata={"Date": None}, transparent=False)
        else:
            self.figure.savefig(out, format="png", dpi=DPI, metadata={"Software": None})
        return out.getvalue()


def drawable(text: str, longest: int = 30) -> str:
    """``text`` in letters that the drawing font has, cut where it would run out of its place."""
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font

    known = FT2Font(findfont("DejaVu Sans")).get_charmap()
    shown = "".join(c if ord(c) in known else "\N{WHITE SQUARE}" for c in text)
    return shown if len(shown) <= longest else shown[: longest - 1].rstrip() + "…"
