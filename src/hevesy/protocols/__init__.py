"""Recipes: images in, a result out. One file a recipe."""

from hevesy.protocols.case import Choices, DosimetryCase, TimePoint
from hevesy.protocols.dosimetry import run

__all__ = ["Choices", "DosimetryCase", "TimePoint", "run"]
