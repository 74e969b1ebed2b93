"""Write the limits that images of phantoms are held against, each with where its numbers come from."""

import csv
import io
from pathlib import Path

from certify import write_table

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "quantify" / "data"
CLOSING = ("source", "page", "edition", "valid_from", "valid_until", "how")
BANDS = ("standard", "metric", "diameter_mm", "low", "high", *CLOSING)
LIMITS = ("standard", "name", "low", "high", *CLOSING)

DIAMETERS = (37, 28, 22, 17, 13, 10)
EARL_PAGE = "EANM Research Ltd (EARL), FDG-PET/CT accreditation specifications, earl.eanm.org, January 2017"
EARL_2 = "EANM Research Ltd (EARL), 18F standards 2, after A. Kaalep et al., Eur J Nucl Med Mol Imaging 2018;45:1344-1361"
ABOUT = "EANM Research Ltd (EARL), About, earl.eanm.org"
KOOPMAN = "D. Koopman et al., EJNMMI Phys 2016: minimum scan time for a coefficient of variation of 15 %"
IAEA = "IAEA Human Health Series No. 6, Quality assurance for SPECT systems, Vienna 2009"
COLUMNS = (
    ("earl-1", "mean", ((0.76, 0.89), (0.72, 0.85), (0.63, 0.78), (0.57, 0.73), (0.44, 0.60), (0.27, 0.43)),
     (EARL_PAGE, "table 1, VOI-A50", "1", "2017-01-01", "", "read")),
    ("earl-1", "max", ((0.95, 1.16), (0.91, 1.13), (0.83, 1.09), (0.73, 1.01), (0.59, 0.85), (0.34, 0.57)),
     (EARL_PAGE, "table 2, MAX", "1", "2017-01-01", "", "read")),
    ("earl-2", "mean", ((0.85, 1.00), (0.82, 0.97), (0.80, 0.99), (0.76, 0.97), (0.63, 0.86), (0.39, 0.61)),
     (EARL_2, "", "2", "2019-01-01", "", "secondary")),
    ("earl-2", "max", ((1.05, 1.29), (1.01, 1.26), (1.01, 1.32), (1.00, 1.38), (0.85, 1.22), (0.52, 0.88)),
     (EARL_2, "", "2", "2019-01-01", "", "secondary")),
    ("earl-2", "peak", ((0.99, 1.07), (0.95, 1.07), (0.90, 1.09), (0.75, 0.99), (0.45, 0.69), (0.27, 0.41)),
     (EARL_2, "", "2", "2019-01-01", "", "secondary")),
)  # fmt: skip
OTHERS = (
    # A calibration within 10 % and a background that is quiet enough hold for both editions.
    *(
        row
        for standard in ("earl-1", "earl-2")
        for row in (
            (standard, "background by stated", 0.90, 1.10, ABOUT, "calibration within 10 %", "", "", "", "read"),
            (standard, "background COV, %", "", 15, KOOPMAN, "", "", "2016-01-01", "", "read"),
        )
    ),
    # Of the mean over a rotation; the standard itself sets no limit.
    ("centre-of-rotation", "offset across the axis, mm", -2, 2, IAEA, "", "", "2009-01-01", "", "recalled"),
)


def _text(columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def main() -> None:
    bands: list[tuple[object, ...]] = [
        (standard, metric, diameter, f"{low:.2f}", f"{high:.2f}", *closing)
        for standard, metric, pairs, closing in COLUMNS
        for diameter, (low, high) in zip(DIAMETERS, pairs, strict=True)
    ]
    shared = {
        "licence": "published facts, taken with citation",
        "note": "how: read, secondary, derived or recalled; what is recalled or secondary prints as unverified.",
    }
    write_table(
        FOLDER,
        "recovery_bands",
        _text(BANDS, bands),
        {"title": "Bands of recovery coefficients for six spheres", "source": f"{EARL_PAGE}; {EARL_2}", "edition": "2019"}
        | shared,
        made_by="make_quality_limits.py",
    )
    write_table(
        FOLDER,
        "quality_limits",
        _text(LIMITS, list(OTHERS)),
        {"title": "Limits of quality control by standard", "source": f"{ABOUT}; {KOOPMAN}; {IAEA}", "edition": "2026"} | shared,
        made_by="make_quality_limits.py",
    )


if __name__ == "__main__":
    main()
