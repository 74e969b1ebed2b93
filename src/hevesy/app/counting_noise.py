"""The counting noise of regions on a reconstructed scan, from the file that its reconstruction left."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hevesy.app.noise_file import NoiseBed, about, instance_of, noise_files, read_noise
from hevesy.errors import DataError
from hevesy.model import Scan
from hevesy.protocols.case import DosimetryCase, TimePoint
from hevesy.segmentation import RegionMask

# Voxels are joined up to this side where regions are large: correlation within regions reaches further [mm].
SIDE = 10.0
# A region less wide than so many joined voxels is computed on the image's own.
WIDE = 2.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredNoise:
    """The noise of one scan, as :class:`hevesy.protocols.case.CountingNoise` asks for it.

    Attributes
    ----------
    path : Path                         The file; read when it is asked.
    source : str                        For a report.
    """

    path: Path
    source: str

    def relative_covariance(self, regions: Sequence[RegionMask]) -> npt.NDArray[np.float64]:
        """Covariance of the regions' activities by their product, shape (regions, regions) [1].

        The image is made again on voxels of up to 10 mm, counts summed, and differentiated by its counts: relative
        uncertainties of regions of two such voxels and more agree with those of the finer image within 10 %.  Smaller
        regions get theirs from the image's own voxels; correlations are those of the coarse image throughout.  Air around the
        body and slices far from all regions are left out (:mod:`hevesy.app.noise_nearby`).

        Raises
        ------
        DataError
            The file does not belong to the scan's grid.
        """
        beds = read_noise(self.path)
        weights = [_whole(mask) for mask in regions]
        side = beds[0].model.grid.spacing[0]
        times = next(
            (n for n in range(max(1, int(SIDE / side)), 1, -1) if all(_joins(bed, n) for bed in beds)), 1
        )  # fmt: skip
        small = [n for n, mask in enumerate(regions) if times > 1 and _width(mask) < WIDE * times * side]
        found = _relative(self.path, beds, weights, times)
        if small:
            own = np.array([_relative(self.path, beds, [weights[n]], 1)[0, 0] for n in small])
            scale = np.ones(len(regions))
            before = np.diag(found)[small]
            scale[small] = np.sqrt(np.divide(own, before, out=np.ones_like(own), where=before > 0))
            found = found * np.outer(scale, scale)
        return found


def with_noise(case: DosimetryCase, scans: Sequence[Scan], folder: Path) -> DosimetryCase:
    """The case with the noise of each scan whose reconstruction left its file anywhere in the folder.

    Raises
    ------
    DataError
        Two files are of one image, or one is damaged.
    """
    held: dict[str, Path] = {}
    for path in noise_files(folder):
        image, _ = about(path)
        if image in held:
            raise DataError(f"{path.name} and {held[image].name}: both are the noise of one image. Remove one of them.")
        held[image] = path
    if not held:
        return case
    by_series = {scan.series_uid: scan for scan in scans}
    points = tuple(_with_own(point, by_series.get(point.series_uid), held, folder) for point in case.points)
    return replace(case, points=points)


def _with_own(point: TimePoint, scan: Scan | None, held: dict[str, Path], folder: Path) -> TimePoint:
    if scan is None or point.modality != "NM" or not scan.files:
        return point
    path = held.get(instance_of(folder / scan.files[0]))
    if path is None:
        return point
    _, method = about(path)
    source = f"{path.relative_to(folder).as_posix()}, {method}"
    return replace(point, counting=StoredNoise(path=path, source=source))


def _relative(
    path: Path, beds: Sequence[NoiseBed], weights: list[npt.NDArray[np.float32]], times: int
) -> npt.NDArray[np.float64]:
    """Sums over independent bed positions: of activities, and of their covariances."""
    from hevesy.app.noise_nearby import about, within_body
    from hevesy.imaging.reconstruct.noise_model import answer_of, coarsened, in_blocks
    from hevesy.imaging.reconstruct.uncertainty import covariance_of_sums

    sums, covariance = np.zeros(len(weights)), np.zeros((len(weights),) * 2)
    for bed in beds:
        own = [_given_to(bed, w, path) for w in weights]
        if times > 1:
            own = [in_blocks(w, (times,) * 3) for w in own]
        inside = [k for k, w in enumerate(own) if w.any()]
        if not inside:
            continue
        model, held = about(coarsened(bed.model, times), [own[k] for k in inside])
        answer = answer_of(within_body(model, held))
        sums[inside] += [bed.factor * float(np.sum(w * answer.image, dtype=np.float64)) for w in held]
        covariance[np.ix_(inside, inside)] += bed.factor**2 * covariance_of_sums(answer, held)
    product = np.outer(sums, sums)
    return np.divide(covariance, product, out=np.zeros_like(covariance), where=np.outer(sums > 0, sums > 0))


def _given_to(bed: NoiseBed, weights: npt.NDArray[np.float32], path: Path) -> npt.NDArray[np.float32]:
    """Weights on the slices of a bed position; the transpose of putting bed positions together."""
    shape = bed.model.grid.shape
    wanted = shape if bed.part is None else (bed.part.at.size, *shape[1:])
    if weights.shape != wanted:
        raise DataError(
            f"{path.name}: is of an image of {wanted} voxels (z, y, x), the scan has {weights.shape}. "
            "It belongs to another image: remove it, or reconstruct again."
        )
    if bed.part is None:
        return weights
    out = np.zeros(shape, np.float32)
    for slice_, at, share in zip(weights, bed.part.at, bed.part.share, strict=True):
        below = math.floor(at + 1e-9)
        for k, w in ((below, 1 - (at - below)), (below + 1, at - below)):
            if w > 0 and share > 0 and 0 <= k < shape[0]:
                out[k] += np.float32(w * share) * slice_
    return out


def _whole(mask: RegionMask) -> npt.NDArray[np.float32]:
    out = np.zeros(mask.grid.shape, np.float32)
    out[mask.box] = mask.fraction
    return out


def _width(mask: RegionMask) -> float:
    """Diameter of the sphere of the region's volume [mm]."""
    return float((6 * mask.volume / math.pi) ** (1 / 3))


def _joins(bed: NoiseBed, times: int) -> bool:
    from hevesy.imaging.reconstruct.noise_model import joins

    return joins(bed.model, times)
