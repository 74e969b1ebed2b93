"""A dose result as files that people and programs read: JSON, CSV, HTML and PDF."""

from hevesy.reports.record import result_as_dict
from hevesy.reports.schema import result_schema
from hevesy.reports.writing import write_reports

__all__ = ["result_as_dict", "result_schema", "write_reports"]
