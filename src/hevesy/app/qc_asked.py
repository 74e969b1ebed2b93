"""What a test of quality control is asked, and what it answers."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hevesy.quantify.quality import Criterion

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the user states besides the image; texts carry their unit, "" or None where not stated.

    Attributes
    ----------
    background, sphere : str            Concentrations as filled: "2 kBq/ml".
    ratio : float or None               Of sphere to background, in place of ``sphere``.
    activity, residual, volume : str    Of a cylinder: "500 MBq ± 2 %", "4 MBq", "6.3 l ± 0.5 %".
    at : str                            Time to which stated activities refer: "2026-03-01T10:15"; "" means the scan's start.
    nuclide : str                       Where the header does not say it, and for tables.
    scan : str                          Label of the scan in a folder of several.
    spheres : path                      CSV diameter_mm, x_mm, y_mm, z_mm (LPS), where they are not to be searched.
    detector, window : int              From 1; 0 means all heads, and the first window.
    heads : int                         That counted the image of a cylinder; 0 means not stated.
    field : str                         Useful field of view, rows by columns: "387 x 533 mm".
    bars : str                          Widths of bars [mm]: "2, 2.5, 3, 3.5", upper left, upper right, lower left, lower right.
    source : str                        "point" or "line".
    model : str                         "paralysable" or "non-paralysable".
    background_rate : float             [1/s].
    reference : str                     Instrument that is believed.
    limits : path                       CSV name, low, high, source: the user's own limits.
    """

    background: str = ""
    sphere: str = ""
    ratio: float | None = None
    activity: str = ""
    residual: str = ""
    volume: str = ""
    at: str = ""
    nuclide: str = ""
    scan: str = ""
    spheres: Path | None = None
    detector: int = 0
    window: int = 1
    heads: int = 0
    field: str = ""
    bars: str = ""
    source: str = "point"
    model: str = "paralysable"
    background_rate: float = 0.0
    reference: str = ""
    limits: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """What a test found.

    Attributes
    ----------
    figures : dict                      By name of the criterion, its unit at the end of the name.
    u : dict                            Standard uncertainty of figures by their name, where it is known.
    judged : tuple of Criterion         Criteria that bring their own limits, as the bands of spheres.
    details : dict                      What else is known, ready for JSON.
    remarks : tuple of str
    pictures : dict                     File name to what draws it.
    """

    figures: dict[str, float]
    details: dict[str, Any]
    remarks: tuple[str, ...]
    pictures: dict[str, Callable[[], bytes]]
    judged: tuple[Criterion, ...] = ()
    u: Mapping[str, float | None] = dataclasses.field(default_factory=dict)
