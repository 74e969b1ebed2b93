"""Phantoms with known answers: spheres in a warm body, blurred."""

import numpy as np
from scipy.ndimage import gaussian_filter

from hevesy.quantify.sphere_finding import DIAMETERS, RING

FWHM_PER_SIGMA = 2.354820045


def iec(*, spacing=(4.0, 4.0, 4.0), hot=10.0, fwhm=6.0, turn=0.3, shift=(1.3, -2.1, 0.7), cold=(), hand=1, shape=(40, 76, 90)):
    """An IEC body phantom with background 1; returns values (z, y, x) and the centres (x, y, z) [mm] by falling diameter."""
    n, m = np.array(shape), 3
    middle = (np.array(shape[::-1]) - 1) / 2 * np.array(spacing) + np.array(shift)
    axes = [(np.arange(k * m) + 0.5) / m * s - s / 2 for k, s in zip(n, spacing[::-1], strict=True)]
    z, y, x = axes[0][:, None, None] - middle[2], axes[1][None, :, None] - middle[1], axes[2][None, None, :] - middle[0]
    body = ((x / 150) ** 2 + (y / 115) ** 2 <= 1) & (np.abs(z) < 0.46 * shape[0] * spacing[2])
    fine = np.where(body, 1.0, 0.0).astype(np.float32)
    fine[np.broadcast_to((x**2 + y**2 <= 25**2), fine.shape)] = 0
    centres = []
    for k, d in enumerate(DIAMETERS):
        phi = turn + hand * np.pi / 3 * k
        c = (RING * np.cos(phi), RING * np.sin(phi), 0.0)
        fine[(x - c[0]) ** 2 + (y - c[1]) ** 2 + (z - c[2]) ** 2 <= (d / 2) ** 2] = 0.0 if d in cold else hot
        centres.append(middle + np.array(c))
    blurred = gaussian_filter(fine, [fwhm / FWHM_PER_SIGMA / s * m for s in spacing[::-1]])
    values = blurred.reshape(n[0], m, n[1], m, n[2], m).mean(axis=(1, 3, 5))
    return values, np.array(centres)


def bars(*, fwhm, widths, mean=40.0, pixel=0.6, n=480, fine=3):
    """Expected counts of a four-quadrant bar pattern, bars along rows and columns in turn."""
    half = n * fine // 2
    image = np.zeros((n * fine, n * fine))
    for i, w in enumerate(widths):
        row, column = divmod(i, 2)
        wave = ((np.arange(half) + 0.5) * pixel / fine // w % 2) * 2 * mean
        part = (slice(row * half, (row + 1) * half), slice(column * half, (column + 1) * half))
        image[part] = wave[None, :] if i in (0, 3) else wave[:, None]
    image = np.pad(image, 30 * fine)
    blurred = gaussian_filter(image, fwhm / FWHM_PER_SIGMA / pixel * fine)
    m = blurred.shape[0] // fine
    return blurred.reshape(m, fine, m, fine).mean(axis=(1, 3))


def rotation(*, offset, radius=80.0, axial=12.0, pixel=4.8, angles=None, counts=5000.0, n=96):
    """Views of a point source whose centroids are known; returns (views, angles)."""
    a = np.arange(0.0, 360.0, 12.0) if angles is None else np.asarray(angles, dtype=float)
    y, x = (np.indices((n, n)) - (n - 1) / 2) * pixel
    across = offset + radius * np.cos(np.deg2rad(a - 20))
    views = [counts * np.exp(-((x - u) ** 2 + (y - axial) ** 2) / (2 * 4.5**2)) for u in across]
    return np.array(views), a


def cylinder(*, value=1.0, spacing=(4.0, 4.0, 4.0), diameter=200.0, fwhm=8.0, shape=(50, 64, 64)):
    """A uniform cylinder of 160 mm."""
    z, y, x = (
        (np.arange(n) - (n - 1) / 2) * s
        for n, s in zip(shape, spacing[::-1], strict=True)
    )  # fmt: skip
    inside = (y[:, None] ** 2 + x[None, :] ** 2 <= (diameter / 2) ** 2)[None] & (np.abs(z) <= 80)[:, None, None]
    return gaussian_filter(np.where(inside, value, 0.0), [fwhm / FWHM_PER_SIGMA / s for s in spacing[::-1]])


def dim_flood(*, share):
    """A flood of 40 by 40 pixels of 12 000 counts, one of them with a share of that."""
    image = np.full((40, 40), 12000.0)
    image[20, 20] *= share
    return image
