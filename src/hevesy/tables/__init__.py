"""Certified tables: a text table is used only if it is the one its certificate describes."""

from hevesy.tables.certified import Certificate, Table, load_table, sha256_of

__all__ = ["Certificate", "Table", "load_table", "sha256_of"]
