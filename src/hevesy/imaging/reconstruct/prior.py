"""The relative difference prior: smooth where the image is bright or dark alike, and kind to edges."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.projectors.cores import side_by_side
from hevesy.model.arrays import handed_over

Floats = npt.NDArray[np.float32]

VALUE, GRADIENT, DIAGONAL, PRODUCT = range(4)
NEIGHBOURS = 26


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RelativeDifference:
    """Penalty on differences between neighbours, relative to their sum.

        R(f) = beta sum_{pairs j, k} w_jk c_j c_k (f_j - f_k)^2 / (f_j + f_k + gamma |f_j - f_k| + epsilon)

    over the 26 neighbours, w the smallest voxel side by the distance of the two (Nuyts et al., IEEE Trans. Nucl. Sci. 49
    (2002) 56; each pair counted once).  Convex for f >= 0, gamma >= 0.

    Attributes
    ----------
    beta : float                        Strength [counts per Bq/ml], or without unit where ``local`` has it.
    gamma : float                       How far edges are spared; 2 is usual.
    epsilon : float                     Keeps it smooth at 0 [Bq/ml]; small against the image.
    spacing : (x, y, z)                 Voxel sides [mm].
    local : array, shape (z, y, x), or None     c, the root of the strength at each voxel; None: the same everywhere.
    """

    beta: float
    spacing: tuple[float, float, float]
    gamma: float = 2.0
    epsilon: float = 1e-3
    local: Floats | None = None

    def __post_init__(self) -> None:
        if self.local is not None:
            if not np.all(np.isfinite(self.local)) or np.any(self.local < 0):
                raise InputError("relative difference prior: the local strength must be finite and not negative everywhere.")
            object.__setattr__(self, "local", handed_over(np.array(self.local, np.float32, order="K")))
        if not (self.beta >= 0 and self.gamma >= 0 and self.epsilon > 0 and min(self.spacing) > 0):
            raise InputError(
                f"relative difference prior: beta {self.beta}, gamma {self.gamma}, epsilon {self.epsilon}; allowed are beta "
                "and gamma from 0 and epsilon above 0."
            )

    def value(self, image: npt.NDArray[Any]) -> float:
        """R(f) [1]."""
        total, _ = self._summed(image, VALUE, None)
        return 0.5 * total

    def gradient(self, image: npt.NDArray[Any]) -> Floats:
        """dR/df, shape of the image (z, y, x), in the memory order (x, y, z)."""
        return self._summed(image, GRADIENT, None)[1]

    def curvature(self, image: npt.NDArray[Any]) -> Floats:
        """Diagonal of the Hessian."""
        return self._summed(image, DIAGONAL, None)[1]

    def hessian_product(self, image: npt.NDArray[Any], direction: npt.NDArray[Any]) -> Floats:
        """The Hessian at ``image`` times ``direction``."""
        return self._summed(image, PRODUCT, direction)[1]

    def _weights(self) -> Floats:
        x, y, z = self.spacing
        steps = np.array([-1, 0, 1])
        distance = np.sqrt((steps[:, None, None] * x) ** 2 + (steps[:, None] * y) ** 2 + (steps * z) ** 2)
        weights = np.zeros((3, 3, 3))
        weights[distance > 0] = self.beta * min(self.spacing) / distance[distance > 0]
        return weights.astype(np.float32)

    def _summed(self, image: npt.NDArray[Any], what: int, direction: npt.NDArray[Any] | None) -> tuple[float, Floats]:
        from hevesy.imaging.reconstruct._kernels.differences import relative_differences

        f = np.ascontiguousarray(image.T, np.float32)
        c = np.ones_like(f) if self.local is None else np.array(self.local.T, np.float32, order="C")
        if c.shape != f.shape:
            raise InputError(
                f"relative difference prior: the image has shape {f.shape[::-1]}, the local strength {c.shape[::-1]}."
            )
        p = f if direction is None else np.ascontiguousarray(direction.T, np.float32)
        out = np.zeros_like(f) if what != VALUE else np.zeros((1, 1, 1), np.float32)
        weights, shape = self._weights(), np.array([self.gamma, self.epsilon], np.float32)
        sums = np.zeros(f.shape[0])

        def slab(first: int, past: int) -> None:
            relative_differences(f, c, p, weights, shape, first, past, what, out, sums)

        side_by_side(slab, f.shape[0], work=NEIGHBOURS * f.size)
        return math.fsum(sums), out.T
