"""Gates of an acquisition added up: what a scan without gating would have counted."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hevesy.dicom.raw_tomogram import RawTomogram


def ungated(raws: Sequence[RawTomogram]) -> tuple[RawTomogram, ...]:
    """Acquisitions with the counts and the times of their gates added up; those without gates as they are.

        C = sum_g C_g,    T = sum_g T_g

    Counts are Poisson, so is their sum.  Where beats were rejected, T is the time that their share of a view leaves.
    """
    groups: dict[tuple[int, int, tuple[str, ...]], list[RawTomogram]] = {}
    for raw in raws:
        groups.setdefault((raw.passage, raw.projections.bed, raw.instances), []).append(raw)
    return tuple(_summed(gates) if len(gates) > 1 else gates[0] for gates in groups.values())


def _summed(gates: list[RawTomogram]) -> RawTomogram:
    first = gates[0].projections
    said = f"{len(gates)} gates were added up."
    projections = replace(
        first,
        counts=np.sum([each.projections.counts for each in gates], axis=0, dtype=np.float32),
        durations=np.sum([each.projections.durations for each in gates], axis=0),
        gate=1,
        remarks=(*first.remarks, said),
    )
    return replace(gates[0], projections=projections, gates=1)
