"""Decide: who is eligible, how much activity, over several cycles."""

from hevesy.planning.limits import Limit

__all__ = ["Limit"]
