"""How an image of greatest penalised likelihood answers to its counts: derivatives at the fixed point."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import ConvergenceError, InputError
from hevesy.imaging.projectors.operator import Operator
from hevesy.imaging.reconstruct.layout import laid_out
from hevesy.imaging.reconstruct.prior import RelativeDifference
from hevesy.imaging.reconstruct.scatter import WindowScatter

Floats = npt.NDArray[np.float32]

# A voxel below this share of the largest is held at zero by the bound: it answers to nothing.
HELD = 1e-4
# Conjugate gradients stop where the residual is this share of the first, and give up after so many steps.
RESIDUAL, STEPS = 3e-3, 300
# They stop too where the last AFTER steps together added less than this share of b' x = x' (H + R'') x: under a weak prior the
# residual falls slowly in directions that hardly count.
ADDED, AFTER = 1e-4, 12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Optimum:
    """A penalised image at its maximum, and what its derivatives need.

    Attributes
    ----------
    operator : Operator
    image : ndarray                     f, the argmax over f >= 0 of  sum y ln q - q - R(f).
    prior : RelativeDifference          R.
    expected : ndarray                  q = A f + r, of the projections' shape.
    inverse : ndarray                   1 / q, 0 where next to nothing is expected.
    free : ndarray                      1 where the bound f >= 0 does not hold a voxel, else 0.
    scale : ndarray                     Inverse of a diagonal near that of H + R''.
    scatter : WindowScatter or None     Where r came from; None: it is without noise.
    """

    operator: Operator
    image: Floats
    prior: RelativeDifference
    expected: Floats
    inverse: Floats
    free: Floats
    scale: Floats
    scatter: WindowScatter | None = field(default=None)

    def variance(self) -> Floats:
        """Of the counts: those that the image expects."""
        return self.expected

    def gradient(self, weights: npt.NDArray[Any]) -> tuple[Floats, Floats]:
        """Derivatives of sum_j w_j f_j by the counts and by the additive term, each of the projections' shape.

            d/dy = diag(1/q) A K w,   d/dr = -d/dy,   K = [H + R'']^-1,   H = A' diag(1/q) A

        The optimum obeys  A'(y/q - 1) = R'(f); this is its total derivative with y at its expectation q (Fessler, IEEE
        Trans. Image Process. 5 (1996) 493, eq. 17 and 27).
        """
        solved = self._solved(laid_out(np.asarray(weights, np.float32), self.image))
        by_counts = laid_out(self.operator.forward(solved), self.expected) * self.inverse
        return by_counts, -by_counts

    def response_to(self, change: npt.NDArray[Any]) -> Floats:
        """How the image changes to first order where the counts change by ``change``: K A' diag(1/q) change."""
        ratio = laid_out(np.asarray(change, np.float32), self.expected) * self.inverse
        return self._solved(laid_out(self.operator.adjoint(ratio), self.image))

    def _times(self, x: Floats) -> Floats:
        """(H + R'') x among the free voxels."""
        through = laid_out(self.operator.forward(x), self.expected) * self.inverse
        out = laid_out(self.operator.adjoint(through), self.image)
        out += self.prior.hessian_product(self.image, x)
        out *= self.free
        return out

    def _solved(self, b: Floats) -> Floats:
        """(H + R'')^-1 b by conjugate gradients; the diagonal of what bounds the matrix is the preconditioner."""
        residual = b * self.free
        x = np.zeros_like(self.image)
        step = direction = self.scale * residual
        before = first = _dot(residual, step)
        if first == 0:
            return x
        added: list[float] = []
        for _ in range(STEPS):
            moved = self._times(direction)
            curvature = _dot(direction, moved)
            if not curvature > 0:
                break
            length = np.float32(before / curvature)
            added.append(before * before / curvature)
            x += length * direction
            residual -= length * moved
            step = self.scale * residual
            now = _dot(residual, step)
            if now < RESIDUAL**2 * first or (len(added) > AFTER and sum(added[-AFTER:]) < ADDED * sum(added)):
                return x
            direction = step + np.float32(now / before) * direction
            before = now
        raise ConvergenceError(
            f"the uncertainty of the penalised image did not converge in {len(added)} steps of conjugate gradients "
            f"(residual {np.sqrt(before / first):.2g}, {RESIDUAL:g} is allowed). Use a stronger prior, or uncertainty = false."
        )


def optimum_at(
    operator: Operator,
    image: npt.NDArray[Any],
    prior: RelativeDifference,
    *,
    additive: npt.NDArray[Any] | None = None,
    scatter: WindowScatter | None = None,
) -> Optimum:
    """The linear answer of a converged penalised image to its counts.

    Parameters
    ----------
    image : array                       Of :func:`hevesy.imaging.reconstruct.map.map_estimate`; the nearer it is to the maximum,
                                        the better this holds.

    Neglected: voxels that leave or reach zero with the noise; that an image stopped before its maximum is not there.
    """
    if image.shape != operator.in_shape or not float(np.max(image, initial=0.0)) > 0:
        raise InputError(f"the penalised image has shape {image.shape} and must hold activity; allowed is {operator.in_shape}.")
    forward = operator.forward(np.asarray(image, np.float32))
    expected = laid_out(forward, np.empty_like(forward))
    if additive is not None:
        expected = expected + laid_out(np.asarray(additive), expected)
    least = 1e-3 * float(expected.mean(dtype=np.float64))
    inverse = np.divide(1, expected, out=np.zeros_like(expected), where=expected > least)
    back = operator.adjoint(laid_out(forward, expected) * inverse)
    back = laid_out(back, np.empty_like(back))
    f = laid_out(np.asarray(image), back)
    free = (f > HELD * float(f.max())).astype(np.float32)
    # A'(A f / q) / f bounds the rows of H at f, the diagonal stands for those of R''.
    diagonal = np.divide(back, f, out=np.zeros_like(f), where=free > 0) + laid_out(prior.curvature(f), f)
    scale = np.divide(free, diagonal, out=np.zeros_like(f), where=(free > 0) & (diagonal > 0))
    return Optimum(
        operator=operator, image=f, prior=prior, expected=expected, inverse=inverse, free=free * (scale > 0), scale=scale,
        scatter=scatter,
    )  # fmt: skip


def _dot(a: Floats, b: Floats) -> float:
    return float(np.sum(a * b, dtype=np.float64))
