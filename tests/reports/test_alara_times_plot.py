"""Picture of scan times for dosimetry."""

import numpy as np

from hevesy.reports.alara_times_plot import times_picture


def test_the_picture_has_a_place_for_each_scan():
    facts = {
        "organ": "kidney", "activity_MBq": 7400.0, "tracer": "Lu-177 DOTATATE", "scanner": "one", "collimator": "MELP",
        "model": "mono", "bound_relative": 0.10, "other_relative": 0.07, "counting_relative": 0.07, "equal_time_s": 120.0,
        "total_least_s": 300.0, "budget": [{"term": "calibration", "u_relative": 0.05, "source": "asked for"}],
        "scans": [
            {"time_h": t, "shortest_time_s": s, "u_relative_then": 0.03, "share_of_integral": 0.5}
            for t, s in ((4.0, 60.0), (96.0, 240.0))
        ],
    }  # fmt: skip
    image = {"title": "4 h", "values": np.eye(20)}
    with_images, without = times_picture(facts, [image, image]), times_picture(facts, [])
    assert with_images.startswith(b"\x89PNG")
    assert int.from_bytes(with_images[20:24], "big") > int.from_bytes(without[20:24], "big")
