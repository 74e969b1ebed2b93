"""Phantoms and bodies with a known activity."""

from hevesy.imaging.phantoms.bodies import BODIES, Body, body_named, body_with
from hevesy.imaging.phantoms.catalogue import subject, subjects
from hevesy.imaging.phantoms.quality_control import (
    PHANTOMS,
    jaszczak,
    line_source,
    nema_iec,
    point_source,
    uniform_cylinder,
)
from hevesy.imaging.phantoms.subject import (
    Sphere,
    Subject,
    activity_map,
    body_map,
    concentrations,
    grid_around,
    hounsfield_map,
)
from hevesy.imaging.phantoms.tracers import TRACERS, Tracer, tracer_named, tracer_of

__all__ = [
    "BODIES", "PHANTOMS", "TRACERS", "Body", "Sphere", "Subject", "Tracer", "activity_map", "body_map", "body_named",
    "body_with", "concentrations", "grid_around", "hounsfield_map", "jaszczak", "line_source", "nema_iec", "point_source",
    "subject", "subjects", "tracer_named", "tracer_of", "uniform_cylinder",
]  # fmt: skip
