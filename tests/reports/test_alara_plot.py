"""Picture and page of a trial."""

import numpy as np

from hevesy.reports.alara_plot import alara_page, alara_picture

POINTS = [
    {"activity_MBq": a, "time_s": 120.0, "value": v, "u": 0.002, "low": 0.9 * v, "high": 1.1 * v, "met_by_95_percent": 1.1 * v}
    for a, v in ((400.0, 0.08), (200.0, 0.11), (100.0, 0.16))
]


def found(kind, limit, **more):
    return {
        "target": kind, "limit": limit, "band": None, "meaning": kind, "least_activity_MBq": 150.0,
        "least_activity_95_MBq": [120.0, None], "shortest_time_s": 40.0, "value_without_noise": 0.6, "curve": POINTS,
    } | more  # fmt: skip


def facts(*, analytic=False):
    targets = [found("cov", 0.15), found("recovery", 0.2), found("detectability", 0.9)]
    return {
        "hevesy": "0", "tracer": "F-18 FDG", "body": {"weight_kg": 70.0}, "time_s": 120.0, "analytic": analytic,
        "lesion": {"diameter_mm": 10.0, "contrast": 4.0, "place": "liver"}, "scanner": "one", "title": "One <b>scanner</b>",
        "targets": targets, "target": "cov", "at_activity_MBq": 490.0, "guideline_activity_MBq": 490.0, "refused": None,
        "guideline": {"card": "eanm", "source": "somebody", "unverified": True}, "effective_dose_mSv": 2.8,
        "effective_dose_saved_mSv": 6.5, "modelled": {"model": "made", "neglected": ["motion"]}, "scanner_source": "made",
        "scanner_unverified": [], "remarks": ["a remark"], "unverified_sources": ["somebody"], "note": "a note",
        "compared": [{"scanner": "two", "title": "Two", "refused": "no activity meets it"}],
    }  # fmt: skip


def plane():
    y, x = np.mgrid[-20:20, -20:20]
    still = ((x / 15) ** 2 + (y / 10) ** 2 < 1).astype(float)
    return {
        "still": still, "noisy": [(400.0, still), (200.0, still)], "pixel_mm": 4.0, "centre_mm": (0.0, 0.0),
        "origin_mm": (-80.0, -80.0), "diameter_mm": 10.0,
    }  # fmt: skip


def test_a_picture_with_planes_is_taller_than_one_without():
    with_planes, without = alara_picture(facts(), [plane(), None]), alara_picture(facts(analytic=True), [None, None])
    assert with_planes.startswith(b"\x89PNG")
    assert without.startswith(b"\x89PNG")
    height = [int.from_bytes(png[20:24], "big") for png in (with_planes, without)]
    assert height[0] > height[1]


def test_the_page_tells_all_and_escapes():
    page = alara_page(facts(), [plane(), None]).decode()
    assert "One &lt;b&gt;scanner" in page
    for text in ("no activity meets it", "a remark", "Unverified: somebody", "Not modelled: motion", "no limit"):
        assert text in page
    assert "<script" not in page
    assert "http" not in page
