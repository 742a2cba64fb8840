"""Broken and hostile files, each with the words that its refusal must hold.

`FILES` maps what a file is to a `Hostile`: `write(folder)` writes it there under `name`, `options` is what its section
of delivery.toml says besides. Wherever the file can hold a person, it is the canary, whom no message may name.
"""

import gzip
import io
import os
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import xlsxwriter
from pyarrow import parquet

CANARY = {"nik": "7271014508790423", "name": "KENARI BURUNGWATI", "address": "Jl. Sangkar Emas 77"}
HEADER = ["NIK", "Nama Pemilik", "Alamat", "Kelurahan"]
PERSON = [*CANARY.values(), "Besusu Barat"]
SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
TEXT, BOOK, COLUMNS = "umkm.csv", "umkm.xlsx", "umkm.parquet"
Rows = Iterable[Iterable[str]]


@dataclass(frozen=True)
class Hostile:
    """One bad file: its name, its content or what makes it, the words of its refusal, and the delivery's options."""

    name: str
    make: bytes | Callable[[], bytes]
    says: str
    options: Mapping[str, object] = field(default_factory=dict)
    put: Callable[[Path], object] | None = None

    def write(self, folder: Path) -> Path:
        path = folder / self.name
        if self.put:
            self.put(path)
        else:
            path.write_bytes(self.make if isinstance(self.make, bytes) else self.make())
        return path


def csv(rows: Rows, delimiter: str = ";") -> bytes:
    return "".join(delimiter.join(row) + "\n" for row in rows).encode()


def book(sheets: Mapping[str, Rows] | None = None) -> bytes:
    """A sound workbook; the canary's by default."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as workbook:
        for name, rows in (sheets or {"Data": [HEADER, PERSON]}).items():
            sheet = workbook.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    sheet.write_string(at, column, cell)
    return file.getvalue()


def changed(member: str, change: Callable[[bytes], bytes], more: Mapping[str, bytes] | None = None) -> bytes:
    """The canary's workbook with one member changed, and others added."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book())) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == member else old.read(name))
        for name, content in (more or {}).items():
            new.writestr(name, content)
    return file.getvalue()


def cell(written: bytes) -> bytes:
    """The canary's workbook with one more cell, as written, in a row of its own at the end."""
    return changed(SHEET, lambda xml: xml.replace(b"</sheetData>", written + b"</sheetData>"))


def archive(members: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return file.getvalue()


def table(columns: Mapping[str, object], rows_n: int = 1) -> bytes:
    file = io.BytesIO()
    person = {name: [value] * rows_n for name, value in zip(HEADER, PERSON, strict=True)}
    parquet.write_table(pa.table({**person, **columns}), file)
    return file.getvalue()


def bomb() -> bytes:
    return changed(SHEET, lambda xml: xml.replace(b"</sheetData>", b" " * 100_000_000 + b"</sheetData>"))


def twice() -> bytes:
    """The same member twice: which one is read depends on the reader."""
    return changed(SHEET, bytes, {"xl/a8.xml": b"<a/>", "xl/a9.xml": b"<b/>"}).replace(b"xl/a8.xml", b"xl/a9.xml")


def shrunk() -> bytes:
    """A member that says it is shorter than it is."""
    made = book()
    with zipfile.ZipFile(io.BytesIO(made)) as opened:
        size = opened.getinfo(SHEET).file_size.to_bytes(4, "little")
    return made.replace(size, (100).to_bytes(4, "little"))


def locked_member() -> bytes:
    """The flag of an encrypted member, in the archive's list."""
    made = bytearray(book())
    at = made.index(b"PK\x01\x02")
    made[at + 8] |= 1
    return bytes(made)


def scratched() -> bytes:
    """Some bytes of the packed sheet are lost."""
    made = bytearray(book())
    at = made.index(SHEET.encode()) + len(SHEET) + 20
    made[at : at + 40] = bytes(40)
    return bytes(made)


def repeated_text() -> bytes:
    """A dictionary of one long text, told 100,000 times: 200 GB."""
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), pa.array(["A" * 2_000_000]))
    return table({"Ket": column, "RT/RW": column}, 100_000)


def link(path: Path) -> None:
    outside = path.with_name("elsewhere.csv")
    outside.write_bytes(csv([HEADER, PERSON]))
    path.symlink_to(outside)


def uncalculated() -> bytes:
    cells = b'<c r="A3"><f>A2</f></c><c r="B3" t="str"><f t="shared" si="0"/></c><c r="D3"><f>D2</f><v></v></c>'
    return cell(b'<row r="3">' + cells + b'<c r="E3" t="str"><f>E2</f><v></v></c></row>')


def relation(xml: bytes) -> bytes:
    return xml.replace(b'r:id="rId1"', b'r:id="rId99"')


def utf16(xml: bytes) -> bytes:
    return xml.decode().replace("UTF-8", "UTF-16").encode("utf-16")


WEB = b"<html><body><table><tr><td>" + "</td><td>".join(PERSON).encode() + b"</td></tr></table></body></html>"
SWALLOWING = csv([HEADER, ["1", '"' + PERSON[1], "a", "b"], *[PERSON] * 9, ["2", 'x"', "a", "b"], *[PERSON] * 3])
FILES = {
    # text
    "an empty file": Hostile(TEXT, b"", "the file is empty"),
    "a header and nothing else": Hostile(TEXT, csv([HEADER]), "no row of data"),
    "no header at all": Hostile(TEXT, csv([PERSON] * 50), "no row with the headers"),
    "data above the header": Hostile(TEXT, csv([PERSON, HEADER, PERSON]), "no header above them: 1;"),
    "no column for the name": Hostile(TEXT, csv([["NIK", "Alamat"], PERSON[::2]]), "no column for owner_name"),
    "neither NIK nor birth date": Hostile(TEXT, csv([HEADER[1:], PERSON[1:]]), "no column for nik/birth_date"),
    "two columns for the NIK": Hostile(TEXT, csv([[*HEADER, "NO. KTP"], [*PERSON, PERSON[0]]]), '"NO. KTP (E)" both'),
    "a second header in another order": Hostile(
        TEXT, csv([HEADER, PERSON, HEADER[::-1], PERSON[::-1]]), "a second header stands here"),
    "two columns Nama": Hostile(TEXT, csv([["NIK", "Nama", "Nama"], PERSON[:3]]), '"Nama (B)" and "Nama (C)"'),
    "a declared header that is not there": Hostile(
        TEXT, csv([HEADER, PERSON]), "no column has this header", {"columns": {"nik": "NO. PENDUDUK"}}),
    "NUL characters": Hostile(TEXT, csv([HEADER, PERSON]) + b"\0" * 9, "line 3 holds NUL"),
    "one endless line": Hostile(TEXT, csv([HEADER, PERSON]) + b"A;" * 2_000_000, "line 3 has more than"),
    "one endless line without any break": Hostile(TEXT, b"A" * 30_000_000, "line 1 has more than"),
    "thousands of columns": Hostile(TEXT, csv([HEADER + ["x"] * 3000, PERSON]), "more than 500 columns"),
    "a quotation mark that is never closed": Hostile(
        TEXT, csv([HEADER, PERSON, ["1", '"' + PERSON[1], "a", "b"], PERSON]), "opens here and is not closed"),
    "a quotation mark that swallows records": Hostile(TEXT, SWALLOWING, "a cell holds whole records"),
    "a quotation mark that swallows everything": Hostile(
        TEXT, csv([HEADER, ["1", '"' + PERSON[1], "a", "b"], *[["2", "A", "B", "C"]] * 60_000]), "cell holds whole"),
    "a cell longer than any spreadsheet's": Hostile(
        TEXT, csv([HEADER, [*PERSON[:2], "A" * 40_000, "b"]]), "more than 32767 characters"),
    "bytes of no encoding": Hostile(TEXT, csv([HEADER, PERSON]) + b"\x81\xff;x\n", "neither UTF-8, UTF-16 nor cp1252"),
    "half a character at the end of UTF-16": Hostile(
        TEXT, csv([HEADER, PERSON]).decode().encode("utf-16") + b"A", "neither UTF-8"),
    "another encoding than declared": Hostile(
        TEXT, csv([HEADER, PERSON]) + b"\xe9;x\n", "no utf-8 text", {"encoding": "utf-8"}),
    "a workbook named CSV": Hostile(TEXT, book, "a ZIP archive or an Excel file"),
    "an old workbook named CSV": Hostile(TEXT, OLE + bytes(5000), "an old Excel file"),
    "a web page named CSV": Hostile(TEXT, WEB, "a web page"),
    "a gzip file named CSV": Hostile(TEXT, lambda: gzip.compress(csv([HEADER, PERSON])), "compressed file"),
    "a PDF named CSV": Hostile(TEXT, b"%PDF-1.7\n" + csv([PERSON]), "a PDF"),
    "a link": Hostile(TEXT, b"", "the file is a link", put=link),
    "a folder named like a file": Hostile(TEXT, b"", "no plain file", put=Path.mkdir),
    "a pipe named like a file": Hostile(TEXT, b"", "no plain file", put=os.mkfifo),
    # workbooks
    "a zip bomb": Hostile(BOOK, bomb, "would unfold to more than"),
    "an archive of thousands of members": Hostile(
        BOOK, lambda: changed(SHEET, bytes, {f"xl/media/{n}": b"" for n in range(1500)}), "would unfold"),
    "a member that stands twice": Hostile(BOOK, twice, "would unfold"),
    "a member longer than it says": Hostile(BOOK, shrunk, "damaged or cut off"),
    "one cell at the far corner": Hostile(
        BOOK, lambda: cell(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "far from the table"),
    "one far cell, written unusually": Hostile(
        BOOK, lambda: cell(b'<row r="3"><c s="0" r="XFD1048576"><v>1</v></c></row>'), "made to do harm"),
    "one cell in a far column": Hostile(BOOK, lambda: cell(b'<row r="3"><c r="ZZ3"><v>1</v></c></row>'), "500 columns"),
    "rows out of order": Hostile(BOOK, lambda: cell(b'<row r="2"><c r="A2"><v>1</v></c></row>'), "no spreadsheet"),
    "thousands of columns in a sheet": Hostile(BOOK, lambda: book({"D": [HEADER + ["x"] * 2000, PERSON]}), "500 col"),
    "an entity bomb in the sheet": Hostile(
        BOOK, lambda: changed(SHEET, lambda xml: xml.replace(b"<worksheet", ENTITIES + b"<worksheet", 1)), "entities"),
    "an entity bomb in the texts": Hostile(
        BOOK, lambda: changed(STRINGS, lambda xml: xml.replace(b"<sst", ENTITIES + b"<sst", 1)), "entities"),
    "a sheet in UTF-16": Hostile(BOOK, lambda: changed(SHEET, utf16), "no spreadsheet program uses"),
    "a web page named XLSX": Hostile(BOOK, WEB, "a web page"),
    "an XML spreadsheet of 2003": Hostile(BOOK, b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "a web page"),
    "an old workbook named XLSX": Hostile(BOOK, OLE + bytes(5000), "an old Excel file"),
    "an encrypted workbook": Hostile(BOOK, OLE + bytes(900) + "EncryptedPackage".encode("utf-16-le"), "a password"),
    "an archive with a password": Hostile(BOOK, locked_member, "a password"),
    "a text named XLSX": Hostile(BOOK, csv([HEADER, PERSON]), "a text file"),
    "a workbook cut off": Hostile(BOOK, lambda: book()[:-900], "damaged or cut off"),
    "a workbook with lost bytes": Hostile(BOOK, scratched, "damaged or cut off"),
    "a workbook without its sheet": Hostile(
        BOOK, lambda: changed("xl/workbook.xml", relation), "holds no Excel workbook"),
    "a Word document": Hostile(BOOK, lambda: archive({"word/document.xml": b"<a/>"}), "holds no Excel workbook"),
    "a binary workbook": Hostile(BOOK, lambda: archive({"xl/workbook.bin": b""}), "binary Excel"),
    "a workbook with macros": Hostile(BOOK, lambda: changed(SHEET, bytes, {"xl/vbaProject.bin": b"x"}), "macros"),
    "formulas that were never calculated": Hostile(BOOK, uncalculated, "without a stored result: 3"),
    "an empty workbook": Hostile(BOOK, lambda: book({"Sheet1": []}), "no row with the headers"),
    "a named sheet that is not there": Hostile(BOOK, book, "no sheet of this name", {"sheet": ["Palu Timur"]}),
    "a named sheet without header": Hostile(
        BOOK, lambda: book({"A": [HEADER, PERSON], "B": [["x"]]}), "no row with the headers", {"sheet": ["B"]}),
    "a second sheet with persons and no header": Hostile(
        BOOK, lambda: book({"A": [HEADER, PERSON], "B": [PERSON]}), "no header above them: 1;"),
    # Parquet
    "a Parquet file cut off": Hostile(COLUMNS, lambda: table({})[:-30], "damaged, cut off"),
    "an encrypted Parquet file": Hostile(COLUMNS, b"PARE" + bytes(100) + b"PARE", "damaged, cut off or encrypted"),
    "a text named Parquet": Hostile(COLUMNS, csv([HEADER, PERSON]), "a text file"),
    "a workbook named Parquet": Hostile(COLUMNS, book, "a ZIP archive"),
    "a nested column": Hostile(COLUMNS, lambda: table({"anak": [PERSON]}), "lists or records"),
    "a text told 100,000 times": Hostile(COLUMNS, repeated_text, "memory"),
    "a thousand Parquet columns": Hostile(
        COLUMNS, lambda: table({f"c{n}": ["x"] for n in range(1000)}), "more than 500 columns"),
    "two Parquet columns for the NIK": Hostile(COLUMNS, lambda: table({"no_ktp": [PERSON[0]]}), "both mean our column"),
}  # fmt: skip
