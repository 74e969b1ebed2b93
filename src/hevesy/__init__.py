"""Hevesy: nuclear medicine from a folder of scans to a dose report.

Nothing heavy is loaded here: rooms are imported where they are used.
"""

__version__ = "0.1.0"
