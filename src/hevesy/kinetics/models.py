"""Models of A(t), each a sum of exponentials."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """A model of activity over time.

        A(t) = sum_j a_j exp(-r_j t),   a = P_a p,   r = P_r p

    Attributes
    ----------
    name : str                          "mono", "uptake", "bi", "bi-uptake" or "tri".
    formula : str                       For people.
    parameters : tuple of str           Names in the order of p: amplitudes start with A, rates with l.
    phases : int                        Clearance phases, each with an amplitude.
    uptake : bool                       Whether the last rate is that of an uptake, which starts the curve at zero.
    to_amplitudes, to_rates : ndarray, shape (m, k)     P_a and P_r.
    """

    name: str
    formula: str
    parameters: tuple[str, ...]
    phases: int
    uptake: bool
    to_amplitudes: Vector
    to_rates: Vector

    @property
    def size(self) -> int:
        """Number of parameters k."""
        return len(self.parameters)

    @property
    def rates(self) -> tuple[str, ...]:
        """Names of the rates, from the slowest to the fastest."""
        return tuple(name for name in self.parameters if name[0] == "l")


def _matrix(*rows: tuple[int, ...]) -> Vector:
    matrix = np.array(rows, dtype=float)
    matrix.flags.writeable = False
    return matrix


MONO = Model(
    name="mono",
    formula="A exp(-l1 t)",
    parameters=("A", "l1"),
    phases=1,
    uptake=False,
    to_amplitudes=_matrix((1, 0)),
    to_rates=_matrix((0, 1)),
)
UPTAKE = Model(
    name="uptake",
    formula="A (exp(-l1 t) - exp(-l2 t))",
    parameters=("A", "l1", "l2"),
    phases=1,
    uptake=True,
    to_amplitudes=_matrix((1, 0, 0), (-1, 0, 0)),
    to_rates=_matrix((0, 1, 0), (0, 0, 1)),
)
BI = Model(
    name="bi",
    formula="A1 exp(-l1 t) + A2 exp(-l2 t)",
    parameters=("A1", "l1", "A2", "l2"),
    phases=2,
    uptake=False,
    to_amplitudes=_matrix((1, 0, 0, 0), (0, 0, 1, 0)),
    to_rates=_matrix((0, 1, 0, 0), (0, 0, 0, 1)),
)
BI_UPTAKE = Model(
    name="bi-uptake",
    formula="A1 exp(-l1 t) + A2 exp(-l2 t) - (A1 + A2) exp(-l3 t)",
    parameters=("A1", "l1", "A2", "l2", "l3"),
    phases=2,
    uptake=True,
    to_amplitudes=_matrix((1, 0, 0, 0, 0), (0, 0, 1, 0, 0), (-1, 0, -1, 0, 0)),
    to_rates=_matrix((0, 1, 0, 0, 0), (0, 0, 0, 1, 0), (0, 0, 0, 0, 1)),
)
TRI = Model(
    name="tri",
    formula="A1 exp(-l1 t) + A2 exp(-l2 t) + A3 exp(-l3 t)",
    parameters=("A1", "l1", "A2", "l2", "A3", "l3"),
    phases=3,
    uptake=False,
    to_amplitudes=_matrix((1, 0, 0, 0, 0, 0), (0, 0, 1, 0, 0, 0), (0, 0, 0, 0, 1, 0)),
    to_rates=_matrix((0, 1, 0, 0, 0, 0), (0, 0, 0, 1, 0, 0), (0, 0, 0, 0, 0, 1)),
)

# From the simplest to the richest.
MODELS = {model.name: model for model in (MONO, UPTAKE, BI, BI_UPTAKE, TRI)}
# What a model becomes when one of its clearance phases has no activity.
WITHOUT_A_PHASE = {BI.name: MONO, BI_UPTAKE.name: UPTAKE, TRI.name: BI}


def model_named(name: str) -> Model:
    """The model ``name``; an unknown one is an :class:`InputError`."""
    if name not in MODELS:
        raise InputError(f"model {name!r} is unknown. Choose auto, {', '.join(MODELS)}.")
    return MODELS[name]


def values(model: Model, p: Vector, t: Vector) -> Vector:
    """A(t) at parameters ``p``."""
    return np.asarray(np.exp(-np.outer(t, model.to_rates @ p)) @ (model.to_amplitudes @ p), dtype=float)


def jacobian(model: Model, p: Vector, t: Vector) -> Vector:
    """Derivatives of A(t) by the parameters, shape (n, k)."""
    a, r = model.to_amplitudes @ p, model.to_rates @ p
    terms = np.exp(-np.outer(t, r))
    return np.asarray(terms @ model.to_amplitudes - (t[:, None] * terms * a) @ model.to_rates, dtype=float)


def integral_gradient(model: Model, p: Vector) -> Vector:
    """Derivatives of the integral from 0 to infinity by the parameters, shape (k,)."""
    a, r = model.to_amplitudes @ p, model.to_rates @ p
    return np.asarray((1 / r) @ model.to_amplitudes - (a / r**2) @ model.to_rates, dtype=float)
