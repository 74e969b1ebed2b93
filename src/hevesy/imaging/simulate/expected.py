"""Expected counts of an acquisition: primary, scattered and through the walls of the collimator, by window and view."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError, ScopeError
from hevesy.imaging.simulate.acquisition import Acquisition
from hevesy.imaging.simulate.counting import counting
from hevesy.imaging.simulate.medium import attenuation_map, fitting
from hevesy.imaging.simulate.optics import Projector, projector
from hevesy.imaging.simulate.penetration import Penetration, penetration
from hevesy.imaging.simulate.scatter import scattered
from hevesy.model import Image, Quantity
from hevesy.transport import Phantom

Floats = npt.NDArray[np.float32]
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What is in the counts.

    Attributes
    ----------
    attenuation, response, scatter, penetration : bool
    scatter_scale : tuple of float          By window: brings modelled scatter to all orders; () is 1.
    """

    attenuation: bool = True
    response: bool = True
    scatter: bool = True
    penetration: bool = True
    scatter_scale: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Expected:
    """Expected counts, each of shape (windows, views, rows, columns)."""

    setup: Acquisition
    primary: Floats
    scatter: Floats
    penetration: Floats

    @property
    def total(self) -> Floats:
        """All of them."""
        return np.asarray(self.primary + self.scatter + self.penetration)


def expected_counts(
    activity: Image, body: Phantom, setup: Acquisition, *, effects: Effects | None = None, progress: Progress | None = None
) -> Expected:
    """Expected counts of a known activity.

        y(w, v) = T_v sum_lines Y C_w(E) A_v(mu) f  +  scatter  +  penetration
        scatter = T_v sum_lines Y C_w(E) (A_v(mu - mu_coherent) - A_v(mu)) f  +  one Compton scatter

    with T_v the decays in the view per Bq at the start, Y the yield of a line, C_w the counts for each photon in window w
    and A_v the projector with attenuation and detector response at the line's energy.  The Compton part is that of
    :func:`hevesy.imaging.simulate.scatter.scattered`.

    Parameters
    ----------
    activity : Image                    Concentration at the start of the acquisition [Bq/ml].
    body : Phantom                      On the same grid.
    effects : Effects, optional         All, unless left out.

    Neglected: what the body clears within the acquisition (physical decay is in), motion, full-energy counts by partial
    deposit of higher lines, and, with penetration, scatter in the collimator; of a pinhole all penetration but that of its edge.
    """
    effects, tell = effects or Effects(), progress or (lambda text, fraction: None)
    if activity.quantity is not Quantity.ACTIVITY_CONCENTRATION:
        raise InputError(f"the activity is in {activity.quantity.value}; it must be in Bq/ml. Divide counts by a calibration.")
    if float(activity.values.min()) < 0:
        raise InputError("the activity has negative voxels; a simulation needs 0 or more. Set them to 0.")
    fitting(body, activity.grid)
    if setup.is_narrow and (effects.scatter or effects.penetration):
        raise ScopeError(
            f"{setup.camera.name}: scatter and penetration reach a narrow column from beside what it sees. Use "
            "expected_of_columns, or leave both out of the effects."
        )
    table = counting(setup)
    shape = (len(setup.windows), setup.orbit.views, setup.orbit.rows, setup.orbit.columns)
    primary, through, forward = (np.zeros(shape, np.float32) for _ in range(3))
    lines = setup.lines()
    for n, (energy, per_decay) in enumerate(lines):
        tell("projecting", 0.6 * n / len(lines))
        counts = per_decay * table.at(energy)
        if not counts.max() > 0:
            continue
        by_window = counts[:, None, None, None].astype(np.float32)
        view = _projector(activity, attenuation_map(body, energy), setup, energy, effects).forward(activity.values)
        primary += by_window * view
        if effects.scatter and effects.attenuation:
            # Coherent scatter hardly turns a photon and takes no energy: it is counted where a straight one would be.
            clear = attenuation_map(body, energy, coherent=False)
            forward += by_window * (_projector(activity, clear, setup, energy, effects).forward(activity.values) - view)
        if effects.penetration and not setup.is_pinhole:
            spread = _spread(view, penetration(setup.collimator, energy), activity, setup)
            through += by_window * spread
    tell("scattering", 0.6)
    scatter = forward + scattered(activity, body, setup, table) if effects.scatter else forward
    if effects.scatter_scale:
        scatter *= np.asarray(effects.scatter_scale, dtype=np.float32)[:, None, None, None]
    primary, scatter, through = (_not_negative(part) * setup.seen for part in (primary, scatter, through))
    return Expected(setup=setup, primary=primary, scatter=scatter, penetration=through)


def _not_negative(counts: Floats) -> Floats:
    """Counts of 0 or more with the same sum in each view: narrow blurs of five points swing below zero beside a point."""
    whole = counts.sum(axis=(2, 3), keepdims=True, dtype=np.float64)
    cut = np.maximum(counts, 0)
    kept = cut.sum(axis=(2, 3), keepdims=True, dtype=np.float64)
    return np.asarray(cut * (np.maximum(whole, 0) / np.where(kept > 0, kept, 1)).astype(np.float32))


def _projector(activity: Image, mu: Floats, setup: Acquisition, energy: float, effects: Effects) -> Projector:
    return projector(
        activity.grid, setup, energy=energy, factors=setup.decays(), mu=mu if effects.attenuation else None,
        response=effects.response, support=np.asarray(activity.values.max(axis=0) > 0), memory=0.0,
    )  # fmt: skip


def _spread(view: Floats, through: Penetration, activity: Image, setup: Acquisition) -> Floats:
    """Each view spread by the kernel of penetration at the distance of the activity's centre of gravity."""
    import scipy.fft

    weight = activity.values.sum(axis=0, dtype=np.float64)
    y, x = (activity.grid.affine[k, k] * np.arange(weight.shape[1 - k]) + activity.grid.affine[k, 3] for k in (1, 0))
    middle = np.array([(weight * x[None, :]).sum(), (weight * y[:, None]).sum()]) / weight.sum() - setup.orbit.centre[:2]
    reach = max(setup.orbit.rows, setup.orbit.columns)
    shape = tuple(scipy.fft.next_fast_len(n + 2 * reach, real=True) for n in view.shape[1:])
    out = np.empty_like(view)
    for v, angle in enumerate(np.deg2rad(setup.orbit.angles)):
        distance = max(1.0, float(setup.orbit.radii[v] - middle @ [np.sin(angle), np.cos(angle)]))
        kernel = through.kernel(distance, setup.orbit.pixel, reach)
        made = scipy.fft.irfft2(scipy.fft.rfft2(view[v], shape) * scipy.fft.rfft2(kernel, shape), shape)
        out[v] = made[reach : reach + view.shape[1], reach : reach + view.shape[2]]
    return np.asarray(np.maximum(out, 0))
