"""Protect: patients, staff, carers and the public."""
