"""Scatter of a job that is computed from its image: what it needs, and how a report says it."""

from typing import TYPE_CHECKING

from hevesy.app.reconstruct_job import Job
from hevesy.errors import InputError

if TYPE_CHECKING:
    from hevesy.imaging.reconstruct.modelled_scatter import ScatterModel

MODELLED = (
    "scatter and penetration are computed from the image and the CT: activity beyond the field of view, couch and crystal do not "
    "scatter in it; the uncertainty of voxels has no part for it."
)


def scatter_model(job: Job) -> "ScatterModel | None":
    """The model where the protocol asks for it.

    Raises
    ------
    InputError
        No CT, or a camera or collimator that is not known, or a pinhole.
    """
    if not job.models_scatter:
        return None
    from hevesy.imaging.reconstruct.modelled_scatter import ScatterModel

    if job.anatomy is None:
        raise InputError(
            f'{job.raw.name}: scatter = "model" needs a CT, because the body scatters. Name its folder by --ct, or choose '
            '"windows".'
        )
    camera, collimator = job.detector.camera, job.detector.collimator
    if camera is None or collimator is None:
        raise InputError(
            f'{job.raw.name}: scatter = "model" needs camera and collimator. Name them by --scanner and --collimator, or choose '
            '"windows".'
        )
    return ScatterModel(camera=camera, collimator=collimator, histories=job.protocol.reconstruction.scatter_histories)


def scatter_in_words(job: Job) -> str:
    """For the description of a reconstruction."""
    if job.models_scatter:
        return "scatter and penetration by a model"
    return f"scatter by windows {', '.join(job.scatter_windows)}" if job.scatter_windows else "no scatter correction"
