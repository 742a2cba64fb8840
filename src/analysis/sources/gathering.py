"""The only place where the rows of a file become the columns of a register, and where each row is accounted for.

Nothing about meaning is changed. Two things that a spreadsheet shows by its form are written out: a kelurahan or
kecamatan that stands in a merged cell holds for all its data rows, and where several sheets are about persons and
none has a kecamatan column, the sheet's name is the kecamatan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc

from analysis import N_, ContractError, Fault
from analysis.contracts.registers import DELIVERED, PERSON_NAME
from analysis.sources import layout, rows
from analysis.sources.container import RECALCULATE
from analysis.sources.headers import Headers
from analysis.sources.layout import Layout
from analysis.sources.sheets import CURE, MOST_CHARACTERS, Sheet, refuse

AT_A_TIME = 10_000
FILLED_DOWN = ("kelurahan", "kecamatan")
NO_HEADER = N_("no row with the headers of the register was found in the first {n} rows")
DATA_ABOVE = N_("rows of data (16 digits in a cell) with no header above them: {n}; give the sheet one header, on top")
NO_DATA = N_("there is a header, and no row of data below it")
NO_RESULT = N_("formulas without a stored result: {n}; the first stands here")
NOT_DECLARED = N_("no column has this header, which delivery.toml names for {name}")
TWO_HEADERS = N_("a second header stands here, with its columns in another order: put each table on a sheet of its own")
LONG_CELL = N_("a cell holds more than {most} characters")
NAME_IT = N_(
    "Name the columns, and the sheets that count, in the register's section of delivery.toml, or correct the file."
)
TEXT = pa.large_string()


@dataclass
class Gathered:
    """The rows of a file so far: tables of data, rows without data (sheet, row, reason), and what was noticed."""

    register: str
    data: list[pa.Table] = field(default_factory=list)
    aside: list[pa.Table] = field(default_factory=list)
    unknown: dict[str, None] = field(default_factory=dict)
    layouts: list[Layout] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    cure: str = ""
    rows_n: int = 0

    def refuse(self, fault: Fault, cure: str) -> None:
        """Note a fault; the cure of the first one is told."""
        self.faults.append(fault)
        self.cure = self.cure or cure


def gather(sheets: Iterator[Sheet], register: str, headers: Headers, declared: dict[str, str],
           is_named: bool) -> Gathered:  # fmt: skip
    """Read all sheets. `is_named`: the delivery names them, so each must have a header.

    Raises ContractError with the faults of all sheets.
    """
    gathered = Gathered(register)
    without: list[tuple[Sheet, Layout | None]] = []
    for sheet in sheets:
        head = list(islice(sheet.rows, layout.SEARCHED + 1))
        found = layout.locate(head, headers)
        if found and found.names_person(register):
            _read(sheet, head, rows.Rows(found, headers, PERSON_NAME[register]), gathered)
        else:
            _set_aside(sheet, head, gathered)
            without.append((sheet, found))
    for sheet, found in without:
        if is_named or not gathered.layouts:
            _refuse_headerless(sheet, found, gathered)
    _check_declared(declared, gathered)
    if gathered.layouts and not gathered.data:
        gathered.refuse(Fault(NO_DATA), CURE)
    if gathered.faults:
        raise ContractError("", gathered.faults, gathered.cure)
    _name_kecamatan(gathered)
    return gathered


def _place(sheet: Sheet) -> dict[str, object]:
    return {"sheet": sheet.name} if sheet.name else {}


def _refuse_headerless(sheet: Sheet, found: Layout | None, gathered: Gathered) -> None:
    """Cells are shown only where the row is a header beyond doubt; otherwise they may be a person's."""
    if found is None:
        gathered.refuse(Fault(NO_HEADER, values={"n": layout.SEARCHED, **_place(sheet)}), NAME_IT)
        return
    for fault in layout.faults(found, gathered.register):
        gathered.refuse(_at(sheet, fault), NAME_IT)


def _at(sheet: Sheet, fault: Fault) -> Fault:
    """A fault of a sheet's header with the sheet's name, and its row as the file counts rows."""
    row = fault.row + sheet.first_number - 1 if fault.row else None
    return Fault(fault.message, row or None, fault.column, {**fault.values, **_place(sheet)})


def _check_declared(declared: dict[str, str], gathered: Gathered) -> None:
    for name, header in declared.items():
        if not any(layout.names_header(found, header) for found in gathered.layouts):
            gathered.refuse(Fault(NOT_DECLARED, None, header, {"name": name}), NAME_IT)


def _set_aside(sheet: Sheet, head: list[list[str]], gathered: Gathered) -> None:
    """All rows of a sheet without a header are titles. One that holds identity numbers may not be overlooked."""
    reasons, niks_n = [], 0
    for cells in _all(head, sheet.rows):
        reasons.append(rows.TITLE if any(cell.strip() for cell in cells) else rows.BLANK)
        niks_n += layout.holds_nik(cells)
    numbers = [*range(sheet.first_number, sheet.first_number + len(reasons))]
    gathered.rows_n += _count(sheet, len(reasons))
    gathered.aside.append(_aside(sheet, numbers, reasons))
    if niks_n:
        gathered.refuse(Fault(DATA_ABOVE, values={"n": niks_n, **_place(sheet)}), CURE)


def _all(head: list[list[str]], rest: Iterator[list[str]]) -> Iterator[list[str]]:
    yield from head
    yield from rest


def _count(sheet: Sheet, read_n: int) -> int:
    """Rows of the sheet, told by the file where it tells."""
    return read_n if sheet.rows_n is None else sheet.rows_n


def _read(sheet: Sheet, head: list[list[str]], told: rows.Rows, gathered: Gathered) -> None:
    """Read a sheet with a header: its columns into `data`, its other rows into `aside`."""
    found = told.layout
    gathered.layouts.append(found)
    gathered.unknown |= dict.fromkeys(found.unknown)
    for fault in layout.faults(found, gathered.register):
        gathered.refuse(_at(sheet, fault), NAME_IT)
    if sheet.uncalculated:
        formulas = sheet.uncalculated
        values = {"n": formulas.n, **_place(sheet)}
        gathered.refuse(Fault(NO_RESULT, formulas.row or None, formulas.column or None, values), RECALCULATE)
    above, below = head[: found.first_row], head[found.last_row + 1 :]
    if niks_n := sum(map(layout.holds_nik, above)):
        gathered.refuse(Fault(DATA_ABOVE, values={"n": niks_n, **_place(sheet)}), CURE)
    _read_above(sheet, above, found, gathered)
    number = sheet.first_number + found.last_row + 1
    fill = _Fill(sheet, found)
    records = _all(below, sheet.rows)
    while chunk := list(islice(records, AT_A_TIME)):
        _read_chunk(sheet, chunk, number, told, fill, gathered)
        number += len(chunk)
    read_n = number - max(sheet.first_number, 1)
    gathered.rows_n += _count(sheet, read_n)


def _read_above(sheet: Sheet, above: list[list[str]], found: Layout, gathered: Gathered) -> None:
    """Titles above the header, and the header itself where the file counts it as a row."""
    reasons = [rows.TITLE if any(cell.strip() for cell in cells) else rows.BLANK for cells in above]
    reasons += [rows.HEADER] * (found.last_row - found.first_row + 1)
    numbers = range(sheet.first_number, sheet.first_number + len(reasons))
    counted = [(number, reason) for number, reason in zip(numbers, reasons, strict=True) if number > 0]
    gathered.aside.append(_aside(sheet, [number for number, _ in counted], [reason for _, reason in counted]))


def _read_chunk(sheet: Sheet, chunk: list[list[str]], number: int, told: rows.Rows, fill: _Fill,
                gathered: Gathered) -> None:  # fmt: skip
    """`number`: that of the chunk's first row."""
    width = told.layout.width
    kept, kept_numbers, others, other_numbers = [], [], [], []
    for at, cells in enumerate(chunk, start=number):
        kind = told.kind(cells)
        if kind == rows.OTHER_HEADER:
            refuse(TWO_HEADERS, at, sheet=sheet.name)
        if kind == rows.DATA and sheet.is_ragged and len(cells) > width and any(map(str.strip, cells[width:])):
            kind = rows.MISALIGNED
        if fill.is_needed:
            fill.down(cells, at - sheet.first_number, kind)
        if kind == rows.DATA:
            kept.append(cells if len(cells) >= width else cells + [""] * (width - len(cells)))
            kept_numbers.append(at)
        else:
            others.append(kind)
            other_numbers.append(at)
    if kept:
        gathered.data.append(_table(sheet, kept, kept_numbers, told.layout))
    if others:
        gathered.aside.append(_aside(sheet, other_numbers, others))


class _Fill:
    """Writes the value of a merged place cell into the data rows that it spans."""

    def __init__(self, sheet: Sheet, found: Layout) -> None:
        columns = {found.at[name] for name in FILLED_DOWN if name in found.at}
        self._starts: dict[int, list[tuple[int, int]]] = {}
        self._open: dict[int, tuple[int, str]] = {}
        for top, left, bottom, right in sheet.merged:
            if left == right and left in columns and bottom > top > found.last_row:
                self._starts.setdefault(top, []).append((left, bottom))
        self.is_needed = bool(self._starts)

    def down(self, cells: list[str], row: int, kind: str) -> None:
        """Rows count from 0."""
        for column, (last, value) in self._open.items():
            if row <= last and kind == rows.DATA and not cells[column].strip():
                cells[column] = value
        for column, last in self._starts.get(row, ()):
            self._open[column] = (last, cells[column])


def _table(sheet: Sheet, kept: list[list[str]], numbers: Sequence[int], found: Layout) -> pa.Table:
    columns = {"source_sheet": pa.repeat(pa.scalar(sheet.name, TEXT), len(kept)), "source_row": pa.array(numbers)}
    for name, at in sorted(found.at.items(), key=lambda item: item[1]):
        column = pa.array([cells[at] for cells in kept], TEXT)
        if pc.max(pc.utf8_length(column)).as_py() > MOST_CHARACTERS:
            refuse(LONG_CELL, None, found.headers[at], most=MOST_CHARACTERS, sheet=sheet.name)
        is_blank = pc.equal(pc.utf8_trim_whitespace(column), "")
        columns[name] = pc.if_else(is_blank, pa.scalar(None, TEXT), column)
    return pa.table(columns)


def _aside(sheet: Sheet, numbers: Sequence[int], reasons: Sequence[str]) -> pa.Table:
    names = pa.repeat(pa.scalar(sheet.name, TEXT), len(numbers))
    return pa.table({"source_sheet": names, "source_row": pa.array(numbers, pa.int64()),
                     "reason": pa.array(reasons, TEXT)})  # fmt: skip


def _name_kecamatan(gathered: Gathered) -> None:
    """One sheet per kecamatan: the sheet's name, where several sheets are about persons and none has the column."""
    is_told = any("kecamatan" in found.at for found in gathered.layouts)
    if len(gathered.layouts) > 1 and not is_told:
        gathered.data = [table.append_column("kecamatan", table["source_sheet"]) for table in gathered.data]


def whole(gathered: Gathered) -> tuple[pa.Table, pa.Table]:
    """All data rows with our columns in the contract's order (null where a sheet lacks one), and all other rows."""
    data = pa.concat_tables(gathered.data, promote_options="default")
    own = [name for name in DELIVERED[gathered.register] if name in data.column_names]
    return data.select(["source_sheet", "source_row", *own]), pa.concat_tables(gathered.aside)
