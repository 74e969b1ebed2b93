"""Sums over cycles: by hand, and what cycles share."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.planning.course import BeamRegion, Course, Cycle, CycleRegion, ErrorPart, ExternalBeam
from hevesy.planning.ledger import LedgerRow, by_label, factor_of, ledger, total
from hevesy.radiobiology import Repair, Tissue

T_EFF, T_REP, AB = 50 * un.h, 2.8 * un.h, 2.6
KIDNEY = Tissue(
    name="kidney", endpoint="nephropathy", alpha_beta=Measured(value=AB, u=0.4), repair=Repair(half_times=(T_REP,)), repair_u=0.2,
    source="a test", how="given",
)  # fmt: skip
G = T_REP / (T_REP + T_EFF)  # of one exponential


def known(value: float, share: float = 0.05) -> Measured:
    return Measured(value=value, u=share * value)


def region(
    name: str = "Kidney_Left", standard: str = "Left kidney", *, dose: float = 6.0, mass: float = 0.15, systematic: float = 0.04,
    random: float = 0.03, kind: str = "organ",
) -> CycleRegion:  # fmt: skip
    return CycleRegion(
        name=name, standard_name=standard, kind=kind, volume=known(150 * un.ml), mass=known(mass),
        dose=known(dose, math.hypot(systematic, random)), uptake=known(2 * un.h),
        effective_half_life=Measured(value=T_EFF, u=0.0), amplitudes=np.array([1e8]), rates=np.array([math.log(2) / T_EFF]),
        errors=(
            ErrorPart(source="calibration", relative=systematic, kind="systematic", shared=True),
            ErrorPart(source="noise", relative=random, kind="random", shared=False),
        ),
    )  # fmt: skip


def course(*cycles: list[CycleRegion], beams: tuple[ExternalBeam, ...] = ()) -> Course:
    from datetime import datetime, timedelta

    made = [
        Cycle(
            label=f"cycle {n + 1}", patient_id="P", nuclide="Lu-177", radiopharmaceutical="", source=str(n),
            administered=datetime(2024, 1, 1) + timedelta(days=60 * n), administered_activity=7.4 * un.GBq,
            regions={each.identity: each for each in regions},
        )
        for n, regions in enumerate(cycles)
    ]  # fmt: skip
    return Course(patient_id="P", nuclides=("Lu-177",), cycles=tuple(made), beams=beams, remarks=())


def row(of: Course, name: str = "Left kidney") -> LedgerRow:
    return next(each for each in ledger(of, {"Kidney": KIDNEY}) if each.name == name)


def test_systematic_adds_up_and_random_does_not() -> None:
    """Four cycles of 6 Gy with 4 % systematic and 3 % random: u^2 = (24 x 0.04)^2 + 4 (6 x 0.03)^2."""
    found = total(row(course(*[[region()] for _ in range(4)])))
    assert found.value == pytest.approx(24.0)
    assert found.u == pytest.approx(math.sqrt(0.96**2 + 4 * 0.18**2))


def test_bed_and_eqd2_of_equal_cycles_by_hand() -> None:
    each = row(course(*[[region(dose=5.0)] for _ in range(4)]))
    bed = 4 * 5 * (1 + G * 5 / AB)
    assert total(each, "BED").value == pytest.approx(bed)
    assert total(each, "EQD2").value == pytest.approx(bed / (1 + 2 / AB))
    assert factor_of(each, "cycle 1", KIDNEY) == pytest.approx(G)
    assert list(by_label(each, "BED")) == ["cycle 1", "cycle 2", "cycle 3", "cycle 4"]


@given(st.floats(0.5, 15), st.floats(0.5, 15), st.sampled_from(["dose", "BED", "EQD2"]))
def test_u_is_that_of_finite_differences(d1: float, d2: float, quantity: str) -> None:
    """Each source moved by its u alone, and the changes added in squares."""
    from dataclasses import replace

    def value(calibration: float = 0.0, noise: tuple[float, float] = (0.0, 0.0), tissue: Tissue = KIDNEY) -> float:
        doses = [d * (1 + calibration) * (1 + n) for d, n in zip((d1, d2), noise, strict=True)]
        each = row(course(*[[region(dose=d)] for d in doses]))
        return total(each, quantity, tissue).value

    h = 1e-5
    slower = replace(KIDNEY, repair=Repair(half_times=(T_REP * (1 + h),)))
    wider = replace(KIDNEY, alpha_beta=Measured(value=AB + h, u=0.4))
    parts = [
        (value(calibration=h) - value()) / h * 0.04,
        (value(noise=(h, 0.0)) - value()) / h * 0.03,
        (value(noise=(0.0, h)) - value()) / h * 0.03,
    ]
    if quantity != "dose":
        parts += [(value(tissue=wider) - value()) / h * 0.4, (value(tissue=slower) - value()) / h * 0.2]
    found = total(row(course([region(dose=d1)], [region(dose=d2)])), quantity, KIDNEY)
    assert found.u == pytest.approx(math.hypot(*parts), rel=1e-3)


def test_both_kidneys_by_mass_and_their_shared_calibration() -> None:
    sides = [region(dose=6.0, mass=0.2), region("Kidney_Right", "Right kidney", dose=3.0, mass=0.1)]
    both = total(row(course(sides), "Kidney, both"))
    assert both.value == pytest.approx((0.2 * 6 + 0.1 * 3) / 0.3)
    assert both.u == pytest.approx(math.hypot(5 * 0.04, 2 / 3 * 6 * 0.03, 1 / 3 * 3 * 0.03))


def test_external_beams_have_the_bed_of_their_voxels() -> None:
    """Mean 10 Gy and mean square 120 Gy2 in 5 fractions: BED = 10 + 120 / 5 / (alpha/beta)."""
    part = BeamRegion(name="Kidney L", standard_name="Left kidney", kind="organ", mean=10.0, mean_square=120.0)
    beam = ExternalBeam(label="beams", fractions=5, regions={part.identity: part}, u=0.03)
    each = row(course([region()], beams=(beam,)))
    assert by_label(each, "BED")["beams"].value == pytest.approx(10 + 120 / 5 / AB)
    assert factor_of(each, "beams", KIDNEY) == 1.0
    assert total(each).u == pytest.approx(math.sqrt((6 * 0.04) ** 2 + (6 * 0.03) ** 2 + 0.3**2))


def test_beams_without_u_leave_the_sum_without() -> None:
    part = BeamRegion(name="Kidney L", standard_name="Left kidney", kind="organ", mean=10.0, mean_square=120.0)
    beam = ExternalBeam(label="beams", fractions=5, regions={part.identity: part})
    found = total(row(course([region()], beams=(beam,))))
    assert found.u is None
    assert "the dose of beams states none" in found.why_no_u


def test_a_region_that_was_not_drawn_in_a_cycle_is_named() -> None:
    each = row(course([region()], [region("Liver", "Liver")]))
    assert each.missing == ("cycle 2",)
    assert each.labels == ("cycle 1",)
    beam = ExternalBeam(label="beams", fractions=5, regions={})
    assert row(course([region()], beams=(beam,))).missing == ("beams",)


def test_without_a_tissue_there_is_a_dose_and_no_bed() -> None:
    each = next(r for r in ledger(course([region("Spot", "", kind="lesion")]), {}) if r.name == "Spot")
    assert total(each).value == 6.0
    with pytest.raises(InputError, match="BED needs a tissue"):
        total(each, "BED")
    with pytest.raises(InputError, match="allowed: dose, BED, EQD2"):
        total(each, "gEUD")


def test_a_tissue_of_a_region_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match="tissue of Pancreas: there is no such region in the course; there are Left kidney"):
        ledger(course([region()]), {"Pancreas": KIDNEY})
