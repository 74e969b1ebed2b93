"""Rigid registration of one scan to another by mutual information."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import ConvergenceError
from hevesy.model import Image, Quantity
from hevesy.registration.resample import Matrix, resample, to_itk

BINS = 40
LEVER = 100.0  # mm, from the centre to the organs: what a rotation weighs against a translation
SAMPLING_SEED = 1  # the same scans give the same transform
# Registration sees nothing finer than this [mm]: averaging down to it makes it fast and robust to noise.
WORKING_SPACING = 6.0
# CT numbers below and above say nothing about where the patient lies: air, metal, contrast in dense bone.
CT_WINDOW = (-300.0, 300.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alignment:
    """A rigid transform and how well it does.

    Attributes
    ----------
    matrix : ndarray, shape (4, 4)      LPS mm of the reference scan to LPS mm of the other.
    translation : (x, y, z)             Displacement of the image's centre [mm].
    rotation : (x, y, z)                Euler angles [rad].
    similarity, similarity_before       Normalised mutual information after and before, 0 unrelated, 1 identical.
    """

    matrix: Matrix
    translation: tuple[float, float, float]
    rotation: tuple[float, float, float]
    similarity: float
    similarity_before: float


def register(reference: Image, other: Image) -> Alignment:
    """Rigid transform that lays ``other`` on ``reference``, both CT or both emission.

    Mattes mutual information on two levels of detail with fixed sampling, by Powell's line searches for CT and gradient
    descent for emission; the start is the better of
    the frames of reference as they are and of aligned centres of mass. The answer is the start if nothing better is found.

    Raises
    ------
    ConvergenceError
        The images are too small or too empty to be compared.

    Neglected: deformation (breathing, bladder filling, arm position).
    Reference: Mattes et al., IEEE Trans Med Imaging 2003;22:120-128, as in SimpleITK.
    """
    import SimpleITK as sitk

    fixed_image, moving_image = _working(reference), _working(other)
    fixed, moving = to_itk(fixed_image), to_itk(moving_image)
    identity = np.eye(4)
    before = compare(fixed_image, moving_image, identity)
    start, best = identity, before
    centred = np.eye(4)
    centred[:3, 3] = _centre_of_mass(moving_image) - _centre_of_mass(fixed_image)
    if (found := compare(fixed_image, moving_image, centred)) > best:
        start, best = centred, found
    transform = sitk.Euler3DTransform()
    transform.SetCenter(_centre(fixed_image).tolist())
    transform.SetTranslation(start[:3, 3].tolist())
    method = _method(sitk, reference.quantity)
    method.SetInitialTransform(transform, inPlace=True)
    try:
        method.Execute(fixed, moving)
    except RuntimeError as error:
        raise ConvergenceError(
            f"registration failed on images of {fixed_image.grid.shape} and {moving_image.grid.shape} voxels of about "
            f"{WORKING_SPACING:g} mm: {str(error).splitlines()[-1].strip()}. "
            "Use --registration none if the scans lie on each other."
        ) from error
    matrix = _matrix(transform)
    after = compare(fixed_image, moving_image, matrix)
    if after < best:
        matrix, after = start, best
        angles = (0.0, 0.0, 0.0)
    else:
        angles = (transform.GetAngleX(), transform.GetAngleY(), transform.GetAngleZ())
    centre = np.append(_centre(fixed_image), 1.0)
    moved = (matrix @ centre - centre)[:3]
    return Alignment(
        matrix=matrix,
        translation=(float(moved[0]), float(moved[1]), float(moved[2])),
        rotation=angles,
        similarity=after,
        similarity_before=before,
    )


def compare(reference: Image, other: Image, matrix: Matrix) -> float:
    """Normalised mutual information 2 I(a, b) / (H(a) + H(b)) of ``other`` laid on ``reference``, 0 to 1.

    ``matrix`` maps LPS mm of the reference to LPS mm of the other. Reference: Strehl and Ghosh, J Mach Learn Res
    2002;3:583-617 (the normalisation by the mean entropy).
    """
    laid = resample(other, reference.grid, transform=matrix)
    # Bins of the images as they are: what lies beyond the other's edge must not stretch them, or shifts would count as worse.
    spans = [(float(image.values.min()), float(image.values.max())) for image in (reference, other)]
    joint, _, _ = np.histogram2d(reference.values.ravel(), np.clip(laid.values, *spans[1]).ravel(), bins=BINS, range=spans)
    p = joint / joint.sum()
    a, b = p.sum(axis=1), p.sum(axis=0)
    mutual = _entropy(a) + _entropy(b) - _entropy(p.ravel())
    total = _entropy(a) + _entropy(b)
    return float(2 * mutual / total) if total > 0 else 0.0


def _entropy(p: npt.NDArray[np.float64]) -> float:
    used = p[p > 0]
    return float(-np.sum(used * np.log(used)))


def _method(sitk: Any, quantity: Quantity) -> Any:
    method = sitk.ImageRegistrationMethod()
    method.SetNumberOfThreads(1)  # sums in one order: the same answer on any machine
    method.SetMetricAsMattesMutualInformation(numberOfHistogramBins=BINS)
    method.SetMetricSamplingStrategy(method.REGULAR)
    # Regular sampling is jittered, by the clock if no seed is given.
    method.SetMetricSamplingPercentagePerLevel([0.5, 0.1], SAMPLING_SEED)
    method.SetInterpolator(sitk.sitkLinear)
    if quantity is Quantity.HOUNSFIELD:
        # A torso is nearly a cylinder: the metric of CT is flat in rotation about its axis, where gradient descent stops
        # degrees short. Line searches along each direction do not. A radian moves the organs LEVER times as far as a mm.
        method.SetOptimizerAsPowell(
            numberOfIterations=8, maximumLineIterations=20, stepLength=2.0, stepTolerance=0.05, valueTolerance=1e-6
        )
        method.SetOptimizerScales([LEVER, LEVER, LEVER, 1.0, 1.0, 1.0])
    else:
        # Uptake stands out from every side, but its noise makes each line rough, and a line search gets lost on it.
        method.SetOptimizerAsRegularStepGradientDescent(
            learningRate=4.0, minStep=0.01, numberOfIterations=120, relaxationFactor=0.6, gradientMagnitudeTolerance=1e-6
        )
        method.SetOptimizerScales([LEVER**2, LEVER**2, LEVER**2, 1.0, 1.0, 1.0])
    method.SetShrinkFactorsPerLevel([2, 1])
    method.SetSmoothingSigmasPerLevel([8.0, 4.0])
    method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOn()
    return method


def _working(image: Image) -> Image:
    """The image at working resolution, its values brought into a range that says where the patient lies."""
    n = np.maximum(1, np.round(WORKING_SPACING / np.array(image.grid.spacing)).astype(int))  # x, y, z
    z, y, x = (s // k for s, k in zip(image.grid.shape, n[::-1], strict=True))
    values = image.values[: z * n[2], : y * n[1], : x * n[0]]
    if n.max() > 1:
        values = values.reshape(z, n[2], y, n[1], x, n[0]).mean(axis=(1, 3, 5), dtype=np.float32)
    affine = image.grid.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ ((n - 1) / 2)
    affine[:3, :3] = affine[:3, :3] * n
    if image.quantity is Quantity.HOUNSFIELD:
        values = np.clip(values, *CT_WINDOW)
    else:
        # Uptake spans orders of magnitude; its square root lets body and organs weigh alike.
        values = np.sqrt(np.clip(values, 0, None))
    grid = type(image.grid)(shape=values.shape, affine=affine)
    return Image(values=np.ascontiguousarray(values, dtype=np.float32), grid=grid, quantity=image.quantity)


def _centre(image: Image) -> npt.NDArray[np.float64]:
    index = np.append((np.array(image.grid.shape[::-1]) - 1) / 2, 1.0)
    centre: npt.NDArray[np.float64] = (image.grid.affine @ index)[:3]
    return centre


def _centre_of_mass(image: Image) -> npt.NDArray[np.float64]:
    weights = image.values - image.values.min()
    total = float(weights.sum(dtype=np.float64))
    if total <= 0:
        return _centre(image)
    index = [
        float(
            np.sum(weights.sum(axis=tuple(a for a in range(3) if a != axis), dtype=np.float64) * np.arange(weights.shape[axis]))
            / total
        )
        for axis in (2, 1, 0)
    ]
    centre: npt.NDArray[np.float64] = (image.grid.affine @ np.append(index, 1.0))[:3]
    return centre


def _matrix(transform: Any) -> Matrix:
    """Euler transform about a centre as one matrix."""
    rotation = np.array(transform.GetMatrix()).reshape(3, 3)
    centre = np.array(transform.GetCenter())
    matrix = np.eye(4)
    matrix[:3, :3] = rotation
    matrix[:3, 3] = centre + np.array(transform.GetTranslation()) - rotation @ centre
    return matrix
