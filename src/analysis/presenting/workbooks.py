"""The only place for what all lists with persons share: how a workbook is written, marked, kept apart and taken away.

Every cell is text, so that nothing in it can be run as a formula; the same content gives the same bytes, dated by the
data and not by the clock; a list is readable by this user alone, written aside and renamed. What stands in a list is
told by `worklists` and `enrolment`.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import N_
from analysis.presenting.wording import Wording, Words
from analysis.sources import periods
from analysis.sources.delivery import Delivery

KELURAHAN, NOWHERE = "kelurahan", "tidak-diketahui"
MONTHS_KEPT = 3
NARROWEST = 14
TEXT = 49
"""Excel's own format "Text": what is typed into such a cell keeps all its digits and is never calculated."""
SYNTHETIC = N_("Invented records for practice; they describe no real person.")
BASIS = N_("Law No. 27 of 2022 on Personal Data Protection: processed for a public task, no more data than needed.")
EXPIRY = N_("{day}. Until then only those who check the records may open this file; never send it to a chat group.")
Notes = Sequence[tuple[str, str]]
"""What the first sheet says: label and text of each line."""


# the folder ---------------------------------------------------------------------------------------------------------


def replace(folder: Path, own_names: re.Pattern[str], written: Mapping[str, bytes]) -> list[Path]:
    """Write workbooks into `folder` (0700, files 0600) and take away those of an earlier run; their paths, sorted.

    `own_names`: the names of all lists of this kind; other files are left alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    for path in folder.iterdir():
        if own_names.fullmatch(path.name) and path.name not in written:
            path.unlink()
    for name, content in written.items():
        _put(folder / name, content)
    return [folder / name for name in sorted(written)]


def _put(path: Path, content: bytes) -> None:
    """Write aside and rename, for this user alone from the first byte on."""
    aside = path.with_name(f".new-{path.name}")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    aside.replace(path)


# the first sheet ----------------------------------------------------------------------------------------------------


def notes_of(delivered: Delivery, registers: Sequence[str], receiver: str, purpose: str, say: Wording,
             name: Callable[[str], Words]) -> dict[str, list[tuple[str, str]]]:  # fmt: skip
    """The lines that every list has, by `head`, `dates` and `expiry`; `registers` are those it was made from."""
    until = periods.month_later(delivered.reference_date, MONTHS_KEPT)
    came = [
        say.say("{register}: {issuer}, received {day}; basis: {basis}", register=name(one.name), issuer=one.issuer,
                day=one.received_date, basis=one.legal_basis).plain
        for one in (delivered.registers[register] for register in delivered.registers if register in registers)
    ]  # fmt: skip
    synthetic = [(N_("Synthetic data"), say.say(SYNTHETIC).plain)] if delivered.is_synthetic else []
    return {
        "head": [*synthetic, (N_("For"), receiver), (N_("Purpose"), say.say(purpose).plain),
                 (N_("Legal basis"), say.say(BASIS).plain), *((N_("Source"), one) for one in came)],
        "dates": [(N_("Edition"), delivered.edition), (N_("Data as of"), say.day(delivered.reference_date).plain),
                  (N_("Prepared"), say.day(delivered.prepared_date).plain)],
        "expiry": [(N_("Delete after"), say.say(EXPIRY, day=until).plain)],
    }  # fmt: skip


def told(lines: Notes, say: Wording) -> list[tuple[str, str]]:
    """The lines with their labels in the reader's language."""
    return [(say.say(label).plain if label else "", text) for label, text in lines]


def kelurahan_name(code: str, regions: pd.DataFrame, say: Wording) -> str:
    """A kelurahan and its kecamatan, by the names of regions.csv."""
    named = regions.set_index("id")["name"]
    above = code.rpartition(".")[0]
    return say.say("Kelurahan {name}, Kecamatan {kecamatan}", name=named[code], kecamatan=named[above]).plain


# the workbook -------------------------------------------------------------------------------------------------------


def made(title: str, day: date, notes: Notes, write_list: Callable[[Any], None], say: Wording) -> bytes:
    """The file. Nothing of it touches a disk before it is whole; its dates are those of the data, not of the clock."""
    import xlsxwriter

    content = io.BytesIO()
    inert = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    workbook = xlsxwriter.Workbook(content, {"in_memory": True, **inert})
    workbook.set_properties({"title": title, "created": datetime.combine(day, time())})
    _write_notes(workbook, notes, say)
    write_list(workbook)
    workbook.close()
    return content.getvalue()


def _write_notes(workbook: Any, notes: Notes, say: Wording) -> None:
    sheet = workbook.add_worksheet(say.say("Notes").plain)
    label = workbook.add_format({"bold": True, "valign": "top", "num_format": TEXT})
    text = workbook.add_format({"text_wrap": True, "valign": "top", "num_format": TEXT})
    sheet.set_column(0, 0, 24, label)
    sheet.set_column(1, 1, 100, text)
    for row, (name, line) in enumerate(notes):
        sheet.write_string(row, 0, name, label)
        sheet.write_string(row, 1, line, text)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def write_table(workbook: Any, name: str, headings: Mapping[str, str], shown: pd.DataFrame,
                widths: Mapping[str, int], wrapped: Sequence[str], to_fill: Sequence[str] = ()) -> Any:  # fmt: skip
    """A sheet with a row for each row of `shown` and its columns named in `headings`; the sheet, for what comes on top.

    Blank cells, and columns that `shown` does not have, are left to the column's own form: they stay texts.
    """
    sheet = workbook.add_worksheet(name)
    head = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E7E6E6"})
    text = workbook.add_format({"num_format": TEXT, "valign": "top"})
    folded = workbook.add_format({"num_format": TEXT, "valign": "top", "text_wrap": True})
    open_ones = workbook.add_format({"num_format": TEXT, "valign": "top", "bg_color": "#FFF9E5"})
    for at, (column, heading) in enumerate(headings.items()):
        form = open_ones if column in to_fill else folded if column in wrapped else text
        sheet.set_column(at, at, widths.get(column, NARROWEST), form)
        sheet.write_string(0, at, heading, head)
        if column in shown:
            _write_column(sheet, at, shown[column].astype("str"), form)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(shown), len(headings) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    return sheet


def _write_column(sheet: Any, at: int, cells: pd.Series, form: object) -> None:
    """Texts below the header; blank ones are left to the column's own form."""
    for row, (cell, is_blank) in enumerate(zip(cells, cells.isna(), strict=True), start=1):
        if not is_blank and cell:
            sheet.write_string(row, at, cell, form)


def heading(text: str) -> str:
    """A heading begins with a capital."""
    return text[:1].upper() + text[1:]
