"""Rigid transforms between scans, and images carried from one grid to another by them."""

from hevesy.registration.resample import resample
from hevesy.registration.rigid import Alignment, compare, register

__all__ = ["Alignment", "compare", "register", "resample"]
