"""The only reader of delimited text: finds encoding and delimiter, and refuses what would be read wrongly.

A record's number counts as the csv module counts: title rows and blank records do, a line break within quotation
marks does not. Quotation marks inside a cell are taken as they are (`strict=False`), because registers are full of
them; one that is never closed, and one that swallows other records, is refused with the row in which it began.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import BinaryIO

from analysis import N_
from analysis.sources import layout
from analysis.sources.headers import Headers
from analysis.sources.sheets import MOST_CHARACTERS, MOST_COLUMNS, MOST_ROWS, TOO_LONG, TOO_WIDE, Sheet, refuse

DELIMITERS = (";", ",", "\t", "|")
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
CHUNK = 1 << 20
MOST_IN_LINE = 1 << 20
"""Characters; a record of all our columns has some 300."""
MOST_LINES_IN_CELL = 50
END = "\0"
"""Stands behind the last record; no text that is read holds it. A quotation mark left open swallows it."""
SAVE_AS_CSV = N_("Open the file in a spreadsheet program, correct it there and save it as CSV UTF-8.")
UNCLOSED = N_("a quotation mark opens here and is not closed")
SWALLOWED = N_("a cell holds whole records or more than {most} lines: look for a quotation mark that is not closed")
NUL = N_("line {line} holds NUL characters: the file is damaged, or no text")
ENDLESS = N_("line {line} has more than {most} characters: the file is damaged, or no table")
NOT_TEXT = N_("the file is neither UTF-8, UTF-16 nor cp1252 text")
NOT_THAT = N_("the file is no {encoding} text, as delivery.toml says it is: correct or leave out `encoding`")
NO_CODEC = N_("no encoding has the name that delivery.toml gives")
FILE_LINE = re.compile("\r\n|\r|\n")


def sheets(file: BinaryIO, headers: Headers, encoding: str | None, delimiter: str | None) -> Iterator[Sheet]:
    """The one sheet of a text file. `encoding`, `delimiter`: as the delivery says, None: to be found out."""
    encoding = _encoding(file, encoding)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    delimiter = delimiter or _delimiter(text, headers)
    text.seek(0)
    yield Sheet("", _records(text, delimiter), is_ragged=True)


def _encoding(file: BinaryIO, declared: str | None) -> str:
    """The encoding in which the whole file can be read."""
    head = file.read(4096)
    marked = next((name for mark, name in MARKS if head.startswith(mark)), None)
    if declared is not None:
        try:
            told = codecs.lookup(declared).name
        except LookupError:
            refuse(NO_CODEC)
        told = marked if marked and told in ("utf-8", "utf-16") else told
        if not _is_readable(file, told):
            refuse(NOT_THAT, encoding=declared)
        return told
    tried = (marked,) if marked else _guessed_utf16(head) or ("utf-8", "cp1252")
    found = next((name for name in tried if _is_readable(file, name)), None)
    return found or refuse(NOT_TEXT, cure=SAVE_AS_CSV)


def _guessed_utf16(head: bytes) -> tuple[str, ...]:
    """UTF-16 without a mark: plain letters leave a NUL in every other byte, on one side only."""
    even, odd = (head[start::2].count(0) for start in (0, 1))
    if max(even, odd) * 4 < len(head) or min(even, odd) * 10 > max(even, odd):
        return ()
    return ("utf-16-le",) if odd > even else ("utf-16-be",)


def _is_readable(file: BinaryIO, encoding: str) -> bool:
    """Whether the whole file is text in this encoding. Refuses what no table holds: NULs and endless lines."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    line, length = 1, 0
    try:
        while chunk := file.read(CHUNK):
            text = decoder.decode(chunk)
            if END in text:
                refuse(NUL, line=line + len(FILE_LINE.findall(text[: text.index(END)])))
            last = max(text.rfind("\n"), text.rfind("\r"))
            length = len(text) - 1 - last if last >= 0 else length + len(text)
            if length > MOST_IN_LINE or (last < 0 and len(text) == CHUNK):
                refuse(ENDLESS, line=line + len(FILE_LINE.findall(text)), most=MOST_IN_LINE)
            line += max(text.count("\n"), text.count("\r"))
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _delimiter(text: io.TextIOWrapper, headers: Headers) -> str:
    """The delimiter with which most headers can be read; where none can, the one that stands most often."""
    head = list(islice(text, layout.SEARCHED * 4))

    def told(delimiter: str) -> tuple[int, int]:
        found = layout.locate(list(islice(_parsed(head, delimiter), layout.SEARCHED + 1)), headers)
        return len(found.at) if found else 0, sum(line.count(delimiter) for line in head)

    return max(DELIMITERS, key=told)


def _parsed(lines: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    """Records of the first lines, as far as they can be read."""
    try:
        yield from csv.reader(lines, delimiter=delimiter)
    except csv.Error:
        return


def _records(text: io.TextIOWrapper, delimiter: str) -> Iterator[list[str]]:
    """The records, checked one by one."""
    usual = csv.field_size_limit(MOST_CHARACTERS * 4)  # the module's own, for all who read in this process
    reader = csv.reader(chain(text, [END]), delimiter=delimiter)
    number, line = 0, 0
    record: list[str] = []
    try:
        for record in reader:
            if reader.line_num - line != 1:
                _check_broken(record, delimiter, number + 1)
            line = reader.line_num
            if len(record) > MOST_COLUMNS:
                refuse(TOO_WIDE, number + 1, most=MOST_COLUMNS)
            if record == [END]:
                return
            number += 1
            if number > MOST_ROWS:
                refuse(TOO_LONG, most=MOST_ROWS)
            yield record
    except csv.Error:
        refuse(SWALLOWED, number + 1, cure=SAVE_AS_CSV, most=MOST_LINES_IN_CELL)
    except UnicodeError:
        refuse(NOT_TEXT, number + 1, cure=SAVE_AS_CSV)
    finally:
        csv.field_size_limit(usual)


def _check_broken(record: Sequence[str], delimiter: str, number: int) -> None:
    """A record over several lines: an address may have three, but no line of a cell looks like a record."""
    if record and record[-1].endswith(END):
        refuse(UNCLOSED, number, cure=SAVE_AS_CSV)
    least = max(3, 2 * len(record) // 3)
    for cell in record:
        lines = FILE_LINE.split(cell)
        if len(lines) > MOST_LINES_IN_CELL or any(line.count(delimiter) >= least for line in lines[1:]):
            refuse(SWALLOWED, number, cure=SAVE_AS_CSV, most=MOST_LINES_IN_CELL)
