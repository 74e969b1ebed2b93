"""Monte Carlo propagation of a region's uncertainty: everything drawn, the curve fitted anew."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import HevesyError, InputError
from hevesy.kinetics import fit
from hevesy.model import BudgetTerm, CurveFit, TimeActivityCurve
from hevesy.rng import stream

Vector = npt.NDArray[np.float64]
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Propagated:
    """Draws of what is uncertain.

    Attributes
    ----------
    tia : ndarray, shape (n,)       Time-integrated activities [Bq s].
    dose : ndarray, shape (n,)      Mean doses relative to the value that is reported [1].
    failed : int                    Draws for which no curve could be fitted; they are not in the arrays.
    """

    tia: Vector
    dose: Vector
    failed: int


def propagate(
    curve: TimeActivityCurve, found: CurveFit, terms: dict[str, BudgetTerm], *, decay_constant: float, draws: int, seed: int
) -> Propagated:
    """Draw the scans about the fitted curve, fit each draw by the same model, and multiply by all other terms.

        A_i = f(t_i) + u_i N(0, 1),   A_tilde = (fit of A) (1 + sum_k tia_k N_k),   D / D_0 = (fit of A) / A_tilde_0 (1 + sum_k
        dose_k N_k)

    Everything that the budget carries to first order is done in full here: the fit with its bounds and the size of the terms. It
    holds the budget to account; a budget that agrees is good for clinical use (GUM, Supplement 1).

    Parameters
    ----------
    curve : TimeActivityCurve       With u.
    found : CurveFit                Its fit, whose model is kept.
    terms : dict of BudgetTerm      All that does not come from the scans: their number from the draw is shared by ``tia`` and
                                    ``dose``.
    draws, seed : int
    """
    if curve.u is None or draws < 2:
        raise InputError(f"{curve.region}: a propagation needs points with u and two draws at least; got {draws} draws.")
    centre = np.exp(-np.outer(curve.t, found.rates)) @ found.amplitudes
    tia, dose, failed = [], [], 0
    of_tia = np.array([term.of_tia for term in terms.values()])
    of_dose = np.array([term.of_dose for term in terms.values()])
    for batch in range(-(-draws // BATCH)):
        rng = stream(seed, batch)
        for _ in range(min(BATCH, draws - batch * BATCH)):
            A = centre + curve.u * rng.standard_normal(curve.t.size)
            z = rng.standard_normal(of_tia.size)
            try:
                drawn = TimeActivityCurve(region=curve.region, t=curve.t, A=A, u=curve.u)
                integral = fit(drawn, decay_constant=decay_constant, model=found.model).time_integrated_activity.value
            except HevesyError:
                failed += 1
                continue
            tia.append(integral * (1 + float(of_tia @ z)))
            dose.append(integral / found.time_integrated_activity.value * (1 + float(of_dose @ z)))
    return Propagated(tia=np.array(tia), dose=np.array(dose), failed=failed)
