"""Workbooks as their readers find them: every sheet, and the list that stands on the second one."""

from pathlib import Path

import pandas as pd
import python_calamine


def sheets(path: Path) -> list[list[list[str]]]:
    """The cells of each sheet, row by row."""
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def listed(path: Path) -> pd.DataFrame:
    """The list on the second sheet, under its headings."""
    heading, *rows = sheets(path)[1]
    return pd.DataFrame(rows, columns=heading)
