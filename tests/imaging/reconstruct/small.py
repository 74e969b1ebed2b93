"""A dense operator small enough for closed forms and general optimisers."""

import numpy as np


class Dense:
    """A x with A (views, bins, voxels); images (z, y, x)."""

    def __init__(self, views=8, bins=12, shape=(3, 4, 5), *, seed=0):
        rng = np.random.default_rng(seed)
        self.in_shape, self.out_shape = shape, (views, bins)
        self.A = rng.random((views, bins, int(np.prod(shape)))).astype(np.float32) ** 6

    def forward(self, image, views=None):
        A = self.A if views is None else self.A[views]
        return (A @ np.asarray(image, np.float32).ravel()).astype(np.float32)

    def adjoint(self, projections, views=None):
        A = self.A if views is None else self.A[views]
        return np.tensordot(projections, A, 2).astype(np.float32).reshape(self.in_shape)


class Diagonal:
    """One bin a voxel: the likelihood has its maximum at (y - r) / a."""

    def __init__(self, a):
        self.a = np.asarray(a, np.float32).reshape(1, -1)
        self.in_shape = self.out_shape = self.a.shape

    def forward(self, image, views=None):
        return (self.a * image).astype(np.float32)

    def adjoint(self, projections, views=None):
        return (self.a * projections).astype(np.float32)
