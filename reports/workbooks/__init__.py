"""Workbooks that come back: templates and exports that can be uploaded again, and files with their errors beside."""

from .errors import error_workbook
from .results import results_workbook
from .unit import unit_workbook
from .year import year_workbook

__all__ = ["error_workbook", "results_workbook", "unit_workbook", "year_workbook"]
