"""The only place that looks into a spreadsheet's file before it is read, and into the first bytes of any file.

A few kilobytes can unfold into gigabytes, and one far cell makes the reader allocate a table up to it. So the members
of the archive are counted and unpacked in pieces, entities are refused, and of each sheet the last row, the last
column, and formulas without a stored result are found by searching its text. The checks cost less than the reading.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO
from xml.etree import ElementTree

from analysis import N_
from analysis.sources.layout import letters
from analysis.sources.sheets import (
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_UNPACKED,
    TOO_LONG,
    TOO_WIDE,
    UNFOLDS,
    Uncalculated,
    refuse,
)

SAVE_AS_XLSX = N_("Open the file in a spreadsheet program and save it as an Excel workbook (.xlsx).")
SEND_AGAIN = N_("Fetch or export the file once more.")
PASSWORD = N_("Open the file in a spreadsheet program, remove the password and save it.")
RECALCULATE = N_("Open the file in a spreadsheet program, let it calculate, and save it.")
RENAME = N_("Give the file the ending that fits what it is, or export it once more.")
FOREIGN = {
    "old": (N_("this is an old Excel file (.xls)"), SAVE_AS_XLSX),
    "locked": (N_("the file is protected by a password"), PASSWORD),
    "html": (N_("this is a web page (HTML or XML), not the table itself"), SAVE_AS_XLSX),
    "zip": (N_("this is a ZIP archive or an Excel file, not what its name says"), RENAME),
    "parquet": (N_("this is a Parquet file, not what its name says"), RENAME),
    "packed": (N_("this is a compressed file (gzip): unpack it"), RENAME),
    "pdf": (N_("this is a PDF"), SAVE_AS_XLSX),
    "text": (N_("this is a text file, not what its name says"), RENAME),
    "empty": (N_("the file is empty"), SEND_AGAIN),
}
MAGIC = ((b"PK", "zip"), (b"PAR1", "parquet"), (b"PARE", "parquet"), (b"\x1f\x8b", "packed"), (b"%PDF", "pdf"))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MOST_MEMBERS = 1_000
MOST_FOLD, FREE = 150, 20_000_000
"""Bytes that one byte of the archive may become, beyond the first 20 MB: registers unfold 5 to 25 fold."""
MOST_AREA = 25_000_000
"""Cells of a sheet's rectangle: the reader allocates all of them, filled or not."""
PIECE = 1 << 20
MOST_IN_ROW = 8 * PIECE
DAMAGED = N_("the archive is damaged or cut off")
ENTITIES = N_("the file declares XML entities, which no spreadsheet program does")
UNUSUAL = N_("the file's XML is written in a way that no spreadsheet program uses")
FAR = N_("a cell stands here, far from the table: delete the empty rows and columns before it, and the cell")
MACROS = N_("the workbook holds macros, and its name says that it does not")
BINARY = N_("this is a binary Excel workbook (.xlsb)")
NO_WORKBOOK = N_("the archive holds no Excel workbook")
CELL = re.compile(rb"<(?:\w+:)?c r=[\"']([A-Z]{1,3})[0-9]+[\"'][^>/]*>")
ROW = re.compile(rb"<(?:\w+:)?row(?: (?:[^>]*? )?r=[\"'](\d{1,9})[\"'])?(?= |/|>)")
VALUE = re.compile(rb"[^>]</(?:\w+:)?(?:v|t)>")
FORMULA = re.compile(
    rb'<(?:\w+:)?c\b(?P<told>[^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*'
    rb"(?P<value><(?:\w+:)?v\s*/>|<(?:\w+:)?v\s*></(?:\w+:)?v>)?\s*</(?:\w+:)?c>")  # fmt: skip
PLACE = re.compile(rb"\br=[\"']([A-Z]{1,3})(\d+)[\"']")
RELATIONS = ("http://schemas.openxmlformats.org/", "http://purl.oclc.org/ooxml/")
"""Namespaces of the usual and of the strict form begin so."""


def check_kind(file: BinaryIO, expected: str) -> None:
    """Refuse a file that is something else than `expected` (text, zip, parquet), by its first bytes."""
    head = file.read(4096)
    kind = _kind(head)
    if kind == "old":
        file.seek(0)
        kind = "locked" if "EncryptedPackage".encode("utf-16-le") in file.read(1 << 26) else "old"
    file.seek(0)
    if kind != expected:
        refuse(*FOREIGN[kind][:1], cure=FOREIGN[kind][1])


def _kind(head: bytes) -> str:
    if not head:
        return "empty"
    if head.startswith(OLE):
        return "old"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "html"
    return next((kind for magic, kind in MAGIC if head.startswith(magic)), "text")


@dataclass
class Extent:
    """What the text of a sheet says of it: last row with a value (from 1), columns, formulas without result."""

    last_row: int = 0
    columns_n: int = 0
    uncalculated_n: int = 0
    first: tuple[int, str] = (0, "")

    @property
    def uncalculated(self) -> Uncalculated | None:
        return Uncalculated(self.uncalculated_n, *self.first) if self.uncalculated_n else None


def inspect(file: BinaryIO) -> Mapping[str, Extent]:
    """The extent of every sheet by its name. Refuses archives that are no workbook, damaged or hostile."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            _check_members(archive, size)
            return {name: _extent(archive, member, name) for name, member in _members(archive).items()}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError):
        refuse(DAMAGED, cure=SEND_AGAIN)
    except (ElementTree.ParseError, KeyError, StopIteration):
        refuse(NO_WORKBOOK, cure=SAVE_AS_XLSX)


def _check_members(archive: zipfile.ZipFile, size: int) -> None:
    members = archive.infolist()
    names = {member.filename for member in members}
    if any(member.flag_bits & 1 for member in members):
        refuse(FOREIGN["locked"][0], cure=PASSWORD)
    if "xl/workbook.bin" in names:
        refuse(BINARY, cure=SAVE_AS_XLSX)
    if "xl/workbook.xml" not in names:
        refuse(NO_WORKBOOK, cure=SAVE_AS_XLSX)
    if any(name.endswith("vbaProject.bin") for name in names):
        refuse(MACROS, cure=SAVE_AS_XLSX)
    unfolded = sum(member.file_size for member in members)
    most = min(MOST_UNPACKED, FREE + MOST_FOLD * size)
    if len(members) > MOST_MEMBERS or len(names) < len(members) or unfolded > most:
        refuse(UNFOLDS, most=most // 1_000_000)
    for member in members:
        if member.filename.endswith((".xml", ".rels")) and not member.filename.startswith("xl/worksheets/sheet"):
            for _ in _pieces(archive, member.filename):
                pass


def _pieces(archive: zipfile.ZipFile, member: str) -> Iterator[bytes]:
    """The unpacked text of a member in pieces, each searched for entities; the last bytes of each open the next."""
    with archive.open(member) as file:
        tail = b""
        while piece := file.read(PIECE):
            seen = tail + piece
            if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
                refuse(ENTITIES)
            if b"\0" in piece:
                refuse(UNUSUAL, cure=SAVE_AS_XLSX)
            tail = piece[-10:]
            yield piece


def _members(archive: zipfile.ZipFile) -> dict[str, str]:
    """The member of each sheet by the sheet's name."""
    targets = {}
    for told in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels")):
        target = told.attrib["Target"]
        targets[told.attrib["Id"]] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    members = {}
    for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        if sheet.tag.endswith("}sheet"):
            relation = next(name for name in sheet.attrib if name[1:].startswith(RELATIONS) and name.endswith("}id"))
            members[sheet.attrib["name"]] = targets[sheet.attrib[relation]]
    return members


def _extent(archive: zipfile.ZipFile, member: str, name: str) -> Extent:
    """What the text of one sheet says of it, read in pieces that end with a row."""
    extent, rest, row = Extent(), b"", 0
    columns: set[bytes] = set()
    for piece in _pieces(archive, member):
        rest += piece
        end = max(rest.rfind(b"/row>"), rest.rfind(b":row>")) + 5
        if end < 5:
            if len(rest) > MOST_IN_ROW:
                refuse(UNUSUAL, cure=SAVE_AS_XLSX)
            continue
        rows, rest = rest[:end], rest[end:]
        columns.update(CELL.findall(rows))
        row = _see_rows(rows, row, extent)
        _see_formulas(rows, extent)
    extent.columns_n = max(map(_position, columns), default=-1) + 1
    _check(extent, name)
    return extent


def _see_rows(rows: bytes, row: int, extent: Extent) -> int:
    """Note the last row that holds a value; the number of the last row. Rows must stand in order."""
    last_value = max((match.end() for match in _last(VALUE, rows)), default=0)
    for match in ROW.finditer(rows):
        number = int(match[1]) if match[1] else row + 1
        if number <= row:
            refuse(UNUSUAL, cure=SAVE_AS_XLSX)
        row = number
        if match.start() < last_value:
            extent.last_row = row
    return row


def _last(pattern: re.Pattern[bytes], text: bytes) -> Iterator[re.Match[bytes]]:
    """The last match, searched from the end in growing steps."""
    step = 4096
    while True:
        found = list(pattern.finditer(text, max(0, len(text) - step)))
        if found or step >= len(text):
            yield from found[-1:]
            return
        step *= 16


def _see_formulas(rows: bytes, extent: Extent) -> None:
    if b"f>" not in rows and b"<f " not in rows and b":f " not in rows:
        return
    for match in FORMULA.finditer(rows):
        is_blank_text = match["value"] is not None and b't="str"' in match["told"]
        if is_blank_text:
            continue
        if not extent.uncalculated_n and (place := PLACE.search(match["told"])):
            extent.first = (int(place[2]), place[1].decode())
        extent.uncalculated_n += 1


def _check(extent: Extent, name: str) -> None:
    if extent.last_row * extent.columns_n > MOST_AREA:
        refuse(FAR, extent.last_row, letters(extent.columns_n - 1), sheet=name)
    if extent.columns_n > MOST_COLUMNS:
        refuse(TOO_WIDE, sheet=name, most=MOST_COLUMNS)
    if extent.last_row > MOST_ROWS:
        refuse(TOO_LONG, sheet=name, most=MOST_ROWS)


def _position(name: bytes) -> int:
    """A column's position from 0 by its letters."""
    at = 0
    for letter in name:
        at = at * 26 + letter - 64
    return at - 1
