"""Lines of response: any set of pairs of points, with or without time of flight, as an operator."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.pet.field import Field, checked
from hevesy.imaging.pet.rebinned import MM_PER_PS, PARTS, summed
from hevesy.imaging.pet.resolution import FWHM, ResolutionModel
from hevesy.imaging.projectors.cores import SMALL, side_by_side
from hevesy.model.arrays import handed_over

Floats = npt.NDArray[np.float32]

# Of a line, in voxels: what is done with it takes as long as that many passed in a sum.
SAMPLES = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineSet:
    """Lines between pairs of points.

    Attributes
    ----------
    ends : array, shape (n, 6)      x, y, z of one end, then of the other, from the middle of the scanner [mm].
    offset : array, shape (n,)      Where time of flight puts the annihilation: from the middle of the line towards its
                                    second end [mm]; of length 0 without time of flight.
    tof_fwhm : float                Time-of-flight resolution [ps]; 0 without.
    """

    ends: Floats
    offset: Floats
    tof_fwhm: float

    def __post_init__(self) -> None:
        ends = np.array(self.ends, dtype=np.float32, ndmin=2)
        offset = np.array(self.offset, dtype=np.float32)
        if ends.ndim != 2 or ends.shape[1] != 6:
            raise InputError(f"lines have shape {ends.shape}; (n, 6) is expected: x, y, z of both ends.")
        if (self.tof_fwhm > 0) != (offset.size > 0 or len(ends) == 0) or (offset.size and offset.shape != (len(ends),)):
            raise InputError(
                f"{len(ends)} lines with {offset.size} time-of-flight offsets at {self.tof_fwhm} ps; give an offset for "
                "each line and a resolution above 0, or neither."
            )
        object.__setattr__(self, "ends", handed_over(ends))
        object.__setattr__(self, "offset", handed_over(offset))

    def __len__(self) -> int:
        return len(self.ends)

    def some(self, chosen: npt.NDArray[np.intp]) -> "LineSet":
        """The lines with these indices."""
        offset = self.offset[chosen] if self.offset.size else self.offset
        return LineSet(ends=self.ends[chosen], offset=offset, tof_fwhm=self.tof_fwhm)


def integrals(field: Field, image: Floats, lines: LineSet) -> Floats:
    """Line integrals of an image [x, y, z]; with time of flight weighted by its Gaussian density.

        p_i = int f(l) dl                      without,
        p_i = int f(l) N(l - l_i; sigma) dl    with time of flight,

    by linear interpolation at each plane of the main axis (Joseph, IEEE Trans Med Imaging 1982;1:192), cut at 3 sigma.

    Returns
    -------
    array, shape (n,)       [mm x unit of the image], with time of flight [unit of the image].
    """
    from hevesy.imaging.pet._kernels import lines as loops

    voxels, sides, offsets, sigma = image.ravel(), _sides(field), _offsets(lines), lines.tof_fwhm * MM_PER_PS / FWHM
    out = np.empty(len(lines), np.float32)

    def stretch(first: int, past: int) -> None:
        loops.forward(voxels, field.shape, lines.ends, sides, offsets, sigma, first, past, out)

    side_by_side(stretch, len(lines), work=SAMPLES * len(lines))
    return out


def spread_back(field: Field, values: npt.NDArray[Any], lines: LineSet) -> Floats:
    """The transpose of :func:`integrals`, shape (x, y, z)."""
    from hevesy.imaging.pet._kernels import lines as loops

    sides, offsets, sigma = _sides(field), _offsets(lines), lines.tof_fwhm * MM_PER_PS / FWHM
    numbers, work = np.ascontiguousarray(values, np.float32), SAMPLES * len(lines)
    # Images of their own for some of the lines each; few lines are not worth the sum of many images.
    n = min(PARTS, 1 + int(work / SMALL), 1 + int(work / int(np.prod(field.shape))))
    cuts = [len(lines) * part // n for part in range(n + 1)]
    parts = np.empty((n, *field.shape), np.float32)

    def some(first: int, past: int) -> None:
        for part in range(first, past):
            loops.adjoint(
                numbers, field.shape, lines.ends, sides, offsets, sigma, cuts[part], cuts[part + 1], parts[part].ravel()
            )  # fmt: skip

    side_by_side(some, n, work=work)
    return parts[0] if n == 1 else summed(parts)


def neighbours_first(lines: LineSet, cube: float = 48.0) -> npt.NDArray[np.intp]:
    """An order of the lines in which those that follow each other read the same part of the image.

    By the cube [mm] of the most likely point and, within it, by direction, to and fro; by direction first without time of
    flight. In the order of the clock each event finds its voxels out of the cache, which takes three times as long.
    """
    one, two = lines.ends[:, :3], lines.ends[:, 3:]
    along = two - one
    if lines.offset.size:
        length = np.linalg.norm(along, axis=1)
        point = (one + two) / 2 + along * (lines.offset / length)[:, None]
        places = np.floor(point / cube).astype(np.int64) + 64
        key = ((places[:, 0] * 128 + places[:, 1]) * 128 + places[:, 2]) * 4096 + _direction(along)
    else:
        angle = np.floor((np.arctan2(along[:, 1], along[:, 0]) % np.pi) * 40).astype(np.int32)
        middle = np.floor((one + two) / 64).astype(np.int32) + 64
        key = ((angle * 128 + middle[:, 2]) * 128 + middle[:, 0]) * 128 + middle[:, 1]
    return np.argsort(key, kind="stable")


def _direction(along: Floats, steps: int = 8) -> npt.NDArray[np.int64]:
    """Number of the main axis and of the two slopes against it, in steps; the second goes to and fro."""
    axis = np.abs(along).argmax(axis=1)[:, None]
    main = np.take_along_axis(along, axis, 1)
    one, two = (
        np.minimum((np.take_along_axis(along, (axis + k) % 3, 1) / main + 1) * (steps / 2), steps - 1).astype(np.int64)[:, 0]
        for k in (1, 2)
    )
    two = np.where(one % 2 == 1, steps - 1 - two, two)
    return np.asarray((axis[:, 0] * steps + one) * steps + two, dtype=np.int64)


class LineModel:
    """Expected counts on lines of response: out_shape is (lines,), images are (z, y, x).

        y_i = w_i int (R f)(l) k_i(l) dl

    with w_i attenuation, normalisation, sensitivity and time in one factor, R the resolution as a Gaussian of the image.
    Subsets of the lines are its views.
    """

    def __init__(
        self,
        field: Field,
        lines: LineSet,
        *,
        factor: npt.NDArray[Any] | None = None,
        resolution: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        """``factor`` w, one a line, 1 by default; ``resolution`` transaxial and axial FWHM [mm]."""
        self.field, self.lines = field, lines
        self.factor = np.ones(len(lines), np.float32) if factor is None else np.ascontiguousarray(factor, np.float32)
        if self.factor.shape != (len(lines),):
            raise InputError(f"{self.factor.shape} factors for {len(lines)} lines; one a line is needed.")
        self.resolution = ResolutionModel(field=field, transaxial=resolution[0], axial=resolution[1])
        self.in_shape: tuple[int, ...] = field.shape[::-1]
        self.out_shape: tuple[int, ...] = (len(lines),)

    def forward(self, image: npt.NDArray[Any], views: npt.NDArray[np.intp] | None = None) -> Floats:
        """Expected counts of the lines ``views``."""
        lines, factor = self._chosen(views)
        blurred = self.resolution.blur(checked(self.field, np.transpose(image), "the image"))
        return integrals(self.field, blurred, lines) * factor

    def adjoint(self, projections: npt.NDArray[Any], views: npt.NDArray[np.intp] | None = None) -> Floats:
        """The transpose of :meth:`forward`, shape (z, y, x)."""
        lines, factor = self._chosen(views)
        if projections.shape != factor.shape:
            raise InputError(f"{projections.shape} values for {factor.size} lines; one a line is needed.")
        return self.resolution.blur(spread_back(self.field, projections * factor, lines)).T

    def _chosen(self, views: npt.NDArray[np.intp] | None) -> tuple[LineSet, Floats]:
        return (self.lines, self.factor) if views is None else (self.lines.some(views), self.factor[views])


def transmission(field: Field, mu: npt.NDArray[Any], lines: LineSet) -> Floats:
    """Share of the photon pairs that leave the body along each line, exp(-int mu dl) [1]; ``mu`` (z, y, x) [1/mm]."""
    plain = LineSet(ends=lines.ends, offset=np.empty(0, np.float32), tof_fwhm=0.0)
    return np.asarray(np.exp(-integrals(field, checked(field, np.transpose(mu), "the attenuation map"), plain)))


def _sides(field: Field) -> Floats:
    return np.array([field.side, field.thickness], np.float32)


def _offsets(lines: LineSet) -> Floats:
    return lines.offset if lines.offset.size else np.zeros(1, np.float32)
