import numpy as np

from hevesy.imaging.projectors import adjoint_error


class Matrix:
    """A dense operator; with ``twist`` its adjoint is wrong."""

    in_shape = (5,)
    out_shape = (4, 3)

    def __init__(self, twist: float = 0.0) -> None:
        self.A = np.random.default_rng(0).random((4, 3, 5))
        self.B = self.A * (1 + twist * np.arange(5))

    def forward(self, image, views=None):
        return ((self.A if views is None else self.A[views]) @ image).astype(np.float32)

    def adjoint(self, projections, views=None):
        return np.tensordot(projections, self.B if views is None else self.B[views], 2).astype(np.float32)


def test_a_transpose_has_no_error():
    assert adjoint_error(Matrix(), seed=1) < 1e-6
    assert adjoint_error(Matrix(), seed=1, views=np.array([0, 2])) < 1e-6


def test_a_wrong_transpose_is_seen():
    assert adjoint_error(Matrix(twist=0.01), seed=1) > 1e-3
