"""Activity by two opposite views."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.quantify.conjugate_view import Body, View, conjugate_view, geometric_background_fraction, self_attenuation
from hevesy.units import MBq, cm

MU, D, C, SECONDS = 0.12 / cm, 22 * cm, 9.0, 40.0


def exact(value: float) -> Measured:
    return Measured(value=value, u=0.0)


def body(**changes: Measured | None) -> Body:
    return Body(**({"mu": exact(MU), "thickness": exact(D)} | changes))  # type: ignore[arg-type]


def slab(activity: float, depth: float, t: float) -> tuple[float, float]:
    """Counts of a slab of thickness t at a depth of its middle, attenuated by a narrow beam, from front and back."""
    z = depth + t * (np.arange(2000) + 0.5) / 2000 - t / 2
    per = activity / MBq * C * SECONDS
    return per * float(np.mean(np.exp(-MU * z))), per * float(np.mean(np.exp(-MU * (D - z))))


@given(st.floats(6, 16), st.floats(0.1, 10))
def test_a_slab_in_water_is_found_at_any_depth(depth: float, thickness: float) -> None:
    front, back = slab(50 * MBq, depth * cm, thickness * cm)
    found = conjugate_view(
        View(gross=exact(front)), View(gross=exact(back)), body=body(organ_thickness=exact(thickness * cm)),
        sensitivity=exact(C), exposure=SECONDS,
    )  # fmt: skip
    assert found.activity is not None
    assert found.activity.value == pytest.approx(50 * MBq, rel=1e-5)
    assert found.verdict == ""


def test_a_transmission_stands_for_thickness() -> None:
    through = body(thickness=None, transmission=exact(math.exp(-MU * D)))
    both = [
        conjugate_view(View(gross=exact(4e4)), View(gross=exact(3e4)), body=b, sensitivity=exact(C), exposure=SECONDS)
        for b in (body(), through)
    ]
    assert both[0].activity is not None
    assert both[1].activity is not None
    assert both[0].activity.value == pytest.approx(both[1].activity.value)


def test_the_budget_is_that_of_a_simulation() -> None:
    """Each input drawn from its uncertainty; the standard deviation of 3000 draws is known to 1.3 %."""
    rng = np.random.default_rng(1)
    n = 3000
    gross, ground = rng.poisson((4e4, 3e4), (n, 2)), rng.poisson((9e3, 8e3), (n, 2))
    mu, d, t = (
        MU * (1 + 0.05 * rng.standard_normal(n)),
        D + cm * rng.standard_normal(n),
        6 * cm + 0.5 * cm * rng.standard_normal(n),
    )
    F, c = 0.7 + 0.1 * rng.standard_normal(n), C * (1 + 0.03 * rng.standard_normal(n))

    def one(G: np.ndarray, B: np.ndarray, mu: Measured, d: Measured, *, t: Measured, F: Measured, c: Measured):
        views = [
            View(gross=Measured(value=g, u=math.sqrt(g)), background=Measured(value=b, u=math.sqrt(b)))
            for g, b in zip(G, B, strict=True)
        ]
        shape = Body(mu=mu, thickness=d, organ_thickness=t, background_fraction=F)
        return conjugate_view(*views, body=shape, sensitivity=c, exposure=SECONDS)

    drawn = [
        one(
            gross[i], ground[i], exact(mu[i]), exact(d[i]), t=exact(t[i]), F=exact(float(np.clip(F[i], 0, 1))), c=exact(c[i])
        ).activity.value
        for i in range(n)
    ]
    found = one(
        np.array([4e4, 3e4]), np.array([9e3, 8e3]), Measured(value=MU, u=0.05 * MU), Measured(value=D, u=cm),
        t=Measured(value=6 * cm, u=0.5 * cm), F=Measured(value=0.7, u=0.1), c=Measured(value=C, u=0.03 * C),
    )  # fmt: skip
    assert np.std(drawn) == pytest.approx(found.activity.u, rel=0.06)
    assert set(found.budget) == {
        "counting", "background fraction", "attenuation coefficient", "body thickness", "organ thickness", "sensitivity",
    }  # fmt: skip


def test_counts_below_background_give_a_verdict_and_a_limit() -> None:
    views = [View(gross=Measured(value=1000, u=32), background=Measured(value=b, u=33)) for b in (900.0, 1100.0)]
    found = conjugate_view(*views, body=body(), sensitivity=exact(C), exposure=SECONDS)
    assert found.activity is None
    assert found.geometric_mean is None
    assert "posterior view" in found.verdict
    assert "Less than" in found.verdict
    assert found.at_most > 0
    weak = [View(gross=Measured(value=1000, u=32), background=Measured(value=950, u=33))] * 2
    assert "two standard uncertainties" in conjugate_view(*weak, body=body(), sensitivity=exact(C), exposure=SECONDS).verdict


def test_factors() -> None:
    assert self_attenuation(MU, 0) == 1
    assert self_attenuation(MU, 10 * cm) == pytest.approx(0.6 / math.sinh(0.6))
    assert geometric_background_fraction(organ_thickness=5 * cm, thickness=20 * cm) == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"thickness": exact(220 * cm)}, "unit: cm"),
        ({"thickness": exact(0.22 * cm)}, "unit: cm"),
        ({"mu": exact(12 / cm)}, "unit: 1/cm"),
        ({"thickness": None}, "only one"),
        ({"transmission": exact(0.1)}, "only one"),
        ({"thickness": None, "transmission": exact(7.0)}, "transmission"),
        ({"organ_thickness": exact(30 * cm)}, "organ thickness"),
        ({"background_fraction": exact(1.2)}, "background fraction"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused(change: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        body(**change)


@pytest.mark.parametrize("wrong", [{"exposure": 0.0}, {"sensitivity": exact(0.0)}])
def test_exposure_and_sensitivity_must_be_plausible(wrong: dict) -> None:
    given = {"body": body(), "sensitivity": exact(C), "exposure": SECONDS} | wrong
    with pytest.raises(InputError, match="plausible"):
        conjugate_view(View(gross=exact(10)), View(gross=exact(10)), **given)
