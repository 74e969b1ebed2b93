"""Certified tables: a text table is used only if it is the one its certificate describes."""

from hevesy.tables.certified import Certificate, Table, load_table, sha256_of
from hevesy.tables.dated import DatedRow, dated_rows, in_force

__all__ = ["Certificate", "DatedRow", "Table", "dated_rows", "in_force", "load_table", "sha256_of"]
