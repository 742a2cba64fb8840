"""The only reader of Excel workbooks: every cell as the text that a spreadsheet shows for it.

Whole numbers carry no ".0" (a NIK stored as a number shows all digits that are left of it), other numbers 15
significant digits, dates are ISO, truth values TRUE and FALSE. An error such as #N/A is blank: the reader tells no
more of it. Formats of numbers are unknown: 50% is 0.5. Links to other workbooks are never followed; what was stored
with them counts. Hidden sheets are read like the others, charts are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import BinaryIO

import python_calamine as calamine

from analysis import N_
from analysis.sources import container
from analysis.sources.sheets import Sheet, refuse

NO_SHEET = N_("there is no sheet of this name; the sheets are: {names}")
SHORTER = N_("the sheet holds {n} rows, of which only {read} can be read")
EXACT = 10**16
"""Below it every NIK is a whole number that a float holds exactly."""


def sheets(file: BinaryIO, named: Sequence[str]) -> Iterator[Sheet]:
    """The sheets of a workbook in its order, or those that are `named`, one after the other."""
    extents = container.inspect(file)
    file.seek(0)
    try:
        with calamine.load_workbook(file) as book:
            names = [sheet.name for sheet in book.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
            for name in named:
                if name not in names:
                    refuse(NO_SHEET, sheet=name, names=", ".join(names))
            for name in (name for name in names if name in named or not named):
                yield _sheet(book, name, extents)
    except calamine.PasswordError:
        refuse(container.FOREIGN["locked"][0], cure=container.PASSWORD)
    except calamine.CalamineError:
        refuse(container.DAMAGED, cure=container.SEND_AGAIN)


def _sheet(book: calamine.CalamineWorkbook, name: str, extents: Mapping[str, container.Extent]) -> Sheet:
    extent = extents.get(name, container.Extent())
    read = book.get_sheet_by_name(name)
    rows_n = read.end[0] + 1 if read.end else 0
    if rows_n < extent.last_row:
        refuse(SHORTER, sheet=name, n=extent.last_row, read=rows_n)
    merged = [(*first, *last) for first, last in read.merged_cell_ranges or ()]
    return Sheet(name, _rows(read), merged=merged, uncalculated=extent.uncalculated, rows_n=rows_n)


def _rows(sheet: calamine.CalamineSheet) -> Iterator[list[str]]:
    """The rows from the first of the sheet, which need not hold a value; each from column A."""
    before = [""] * (sheet.start[1] if sheet.start else 0)
    for row in sheet.iter_rows():
        yield before + [cell if cell.__class__ is str else as_text(cell) for cell in row]


def as_text(cell: object) -> str:
    """The text that a spreadsheet shows for a stored value."""
    match cell:
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case int():
            return str(cell)
        case float():
            return _number(cell)
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
        case date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
    return ""


def _number(number: float) -> str:
    if number.is_integer():
        return str(int(number)) if abs(number) < EXACT else f"{Decimal(repr(number)):f}"
    return format(number, ".15g")
