import time

import pytest

from hevesy.app.timed_dose import Clock


def test_laps_are_added_apart(monkeypatch):
    now = iter([0.0, 1.0, 4.0, 9.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(now))
    monkeypatch.setattr(time, "process_time", lambda: 0.5)
    clock = Clock()
    clock.computed()
    clock.compiling += clock.lap()[0]
    clock.computed()
    assert (clock.wall, clock.compiling, clock.cpu) == pytest.approx((6.0, 3.0, 0.0))
