"""The search for leaks: the forms of a value by a table that anyone can review, each kind of file by planting in it."""

import base64
import bz2
import csv
import gzip
import hashlib
import io
import json
import lzma
import os
import re
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import hostile
import matplotlib as mpl
import numpy as np
import pyarrow as pa
import pypdf
import pytest
import xlsxwriter
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from pyarrow import parquet

from analysis import DisclosureError
from analysis.releasing import canaries, leaks
from analysis.releasing.leaks import Scan

STEADY = settings(deadline=None, max_examples=150)  # a busy machine is no failure
SPEC = Path(__file__).parents[1] / "spec" / "leaks.csv"
CASES = list(csv.DictReader(SPEC.read_text(encoding="utf-8").splitlines()))
NIK, NAME, KPJ, PHONE = hostile.CANARY["nik"], hostile.CANARY["name"], "13019876543", "081245678901"
PLANTED = {"nik": NIK, "kpj": KPJ, "name": NAME, "phone": PHONE}
MUTATED = {"nik": "7271014508790433", "kpj": "13019876553", "name": "KENARI BURUNGWATO", "phone": "081245678911"}
KNOWN = canaries.of_tables(
    {"nik": [NIK], "kpj": [KPJ], "name": [NAME, "Ma'ruf Sangkar"], "phone": [PHONE, "(0451) 421234"]}
)


def scanned(folder: Path, content: bytes, name: str = "file") -> Scan:
    (folder / name).write_bytes(content)
    return leaks.scan(folder, KNOWN)


def kinds(found: Scan) -> set[str]:
    return {hit.kind for hit in found.hits}


# the forms of a value ---------------------------------------------------------------------------------------------


def written(cell: str) -> str:
    """What a cell of the table stands for: invisible characters are named in it, hashes made here."""
    made = re.fullmatch(r"(HASH|HASH64|CUT) (\w+) (\w+)", cell)
    if made:
        hashed = hashlib.new(made[2], made[3].encode(), usedforsecurity=False)
        forms = {"HASH": hashed.hexdigest(), "CUT": hashed.hexdigest()[:16],
                 "HASH64": base64.b64encode(hashed.digest()).decode()}  # fmt: skip
        return forms[made[1]]
    return re.sub("⟨([0-9a-f]{4})⟩", lambda code: chr(int(code[1], 16)), cell).replace("⏎", "\n")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['written']}: {case['why']}")
def test_a_value_is_found_in_the_forms_that_are_specified(case: dict[str, str], tmp_path: Path) -> None:
    found = scanned(tmp_path, f"awal {written(case['written'])} akhir".encode())
    assert (kinds(found), found.unsearched) == ({case["found"]} - {""}, ())


SIGNS = st.sampled_from(["", " ", ".", "-", "/", ", ", " - ", "\u00a0", "\u2009", "\n"])


@STEADY
@given(st.lists(SIGNS, min_size=15, max_size=15), st.integers(0, 15), st.integers(1, 9))
def test_a_nik_is_found_however_it_is_parted_and_another_is_not(signs: list[str], at: int, by: int) -> None:
    parted = "".join(digit + sign for digit, sign in zip(NIK, [*signs, ""], strict=True))
    assert {kind for kind, _ in KNOWN.found(f"a {parted} b")} == {"nik"}
    other = NIK[:at] + str((int(NIK[at]) + by) % 10) + NIK[at + 1 :]
    changed = "".join(digit + sign for digit, sign in zip(other, [*signs, ""], strict=True))
    assert KNOWN.found(f"a {changed} b") == set()


@STEADY
@given(st.lists(st.booleans(), min_size=17, max_size=17), st.text(" \t\n.,;:-_/()'\"", min_size=1, max_size=4))
def test_a_name_is_found_in_any_letters(is_capital: list[bool], between: str) -> None:
    assume(between.strip("'") or len(between) > 1)
    letters = [one.upper() if up else one.lower() for one, up in zip(NAME, is_capital, strict=True)]
    assert ("name", NAME.lower()) in KNOWN.found("x " + "".join(letters).replace(" ", between) + ", y")


@STEADY
@given(st.text(max_size=200))
def test_any_text_can_be_searched_as_file_and_holds_nobody(text: str) -> None:
    from analysis.releasing import extracts
    from analysis.releasing.unpacking import Budget

    pieces = list(extracts.pieces(text.encode("utf-8", "replace"), Budget.of(1000)))
    assert not any(KNOWN.found(piece.text) for piece in pieces)


# kinds of files ---------------------------------------------------------------------------------------------------


def saved(write: Callable[[io.BytesIO], object]) -> bytes:
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def table(column: pa.Array, metadata: Mapping[str, str] | None = None, name: str = "a") -> bytes:
    made = pa.table({name: column}).replace_schema_metadata(metadata)
    return saved(lambda file: parquet.write_table(made, file, compression="zstd"))


def book(value: str | int, place: str = "cell") -> bytes:
    """A workbook with the value in a cell, in a comment on one, in a text of two fonts, or in its properties."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as made:
        sheet = made.add_worksheet()
        match place:
            case "cell":
                sheet.write("B2", value)
            case "fonts":
                bold = made.add_format({"bold": True})
                sheet.write_rich_string("B2", "x ", bold, str(value)[:5], str(value)[5:])
            case "comment":
                sheet.write_comment("B2", str(value))
            case "properties":
                made.set_properties({"subject": value})
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*chunks: bytes, behind: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + pixels + chunk(b"IEND", b"") + behind


def drawn(value: str, kind: str) -> bytes:
    with mpl.rc_context({"svg.fonttype": "path"}):
        figure = Figure()
        figure.text(0.1, 0.1, value)
        return saved(lambda file: figure.savefig(file, format=kind, metadata={"Title": value} if kind == "png" else {}))


def notebook(value: str) -> bytes:
    picture = base64.encodebytes(png(chunk(b"tEXt", b"Title\0" + value.encode()))).decode()
    output = {"output_type": "display_data", "data": {"image/png": picture}, "metadata": {}}
    return json.dumps(
        {"cells": [{"cell_type": "code", "source": ["x\n"], "outputs": [output]}], "nbformat": 4}
    ).encode()


def pdf_about(value: str) -> bytes:
    made = pypdf.PdfWriter()
    made.add_blank_page(9, 9)
    made.add_metadata({"/Subject": value})
    made.compress_identical_objects()
    return saved(made.write)


def pdf_beside(value: str) -> bytes:
    made = pypdf.PdfWriter()
    made.add_blank_page(9, 9)
    made.add_attachment("data.gz", gzip.compress(value.encode()))
    return saved(made.write)


def pdf(value: str) -> bytes:
    weasyprint = pytest.importorskip("weasyprint")
    return bytes(weasyprint.HTML(string=f"<p>awal {value} akhir</p>").write_pdf())


def database(value: str) -> bytes:
    made = sqlite3.connect(":memory:")
    made.execute('CREATE TABLE "a ""b" (n, c)')
    made.execute('INSERT INTO "a ""b" VALUES (?, ?)', (int(value) if value.isdecimal() else value, b"x"))
    made.commit()
    return made.serialize()


def zipped(value: str) -> bytes:
    return hostile.archive({"a.zip": hostile.archive({"b.csv": value.encode()})})


def packed_svg(value: str) -> bytes:
    drawing = base64.b64encode(f"<svg><text>{value}</text></svg>".encode())
    return b'<img src="data:image/svg+xml;base64,' + drawing + b'">'


FILES: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "HTML": ("text", lambda v: f"<html><body><p>{v}</p></body></html>".encode()),
    "HTML, parted by tags": ("text", lambda v: f"<p>{v[:4]}<b>{v[4:6]}</b>{v[6:]}</p>".encode()),
    "HTML, an attribute": ("text", lambda v: f'<a title="{v}">x</a>'.encode()),
    "HTML, every character an entity": ("text", lambda v: "".join(f"&#{ord(one)};" for one in v).encode()),
    "HTML, a script": ("text", lambda v: f"<script>x={json.dumps(v)}</script>".encode()),
    "HTML, a drawing in base64": ("text > base64", packed_svg),
    "SVG, drawn as paths": ("text", lambda v: drawn(v, "svg")),
    "SVG, text in pieces": ("text", lambda v: f"<tspan>{v[:5]}</tspan><tspan x='9'>{v[5:]}</tspan>".encode()),
    "notebook, source": ("text", lambda v: json.dumps({"cells": [{"source": ["x\n", v]}]}).encode()),
    "notebook, a picture": ("text > base64 > png > tEXt", notebook),
    "JSON, escaped": ("text", lambda v: ('"' + "".join(f"\\u{ord(one):04x}" for one in v) + '"').encode()),
    "CSV": ("text", lambda v: f"a;b\n1;{v}\n".encode()),
    "CSV in UTF-16": ("text", lambda v: f"a;b\n1;{v}\n".encode("utf-16")),
    "CSV in UTF-16 without its mark": ("text", lambda v: f"a;b\n1;{v}\n".encode("utf-16-be")),
    "CSV in cp1252": ("text", lambda v: f"é;b\n1;{v}\n".encode("cp1252")),
    "a log": ("text", lambda v: f"2026-11-22 ERROR failed over {v!r}\n".encode()),
    "Parquet": ("parquet", lambda v: table(pa.array(["x", v]))),
    "Parquet, a dictionary": ("parquet", lambda v: table(pa.array(["x", v, v]).dictionary_encode())),
    "Parquet, a list": ("parquet", lambda v: table(pa.array([["x"], [v]]))),
    "Parquet, a record": ("parquet", lambda v: table(pa.array([{"b": v}]))),
    "Parquet, bytes": ("parquet > text", lambda v: table(pa.array([v.encode()]))),
    "Parquet, beside the table": ("parquet", lambda v: table(pa.array([1]), {"about": v})),
    "Parquet, the name of a column": ("parquet", lambda v: table(pa.array([1]), name=v)),
    "XLSX": ("zip > text", lambda v: book(v)),
    "XLSX, a comment": ("zip > text", lambda v: book(v, "comment")),
    "XLSX, two fonts in a cell": ("zip > text", lambda v: book(v, "fonts")),
    "XLSX, its properties": ("zip > text", lambda v: book(v, "properties")),
    "ZIP in ZIP": ("zip > zip > text", zipped),
    "ZIP, the name of a member": ("zip > name", lambda v: hostile.archive({f"{v}.txt": b"x"})),
    "gzip": ("gzip > text", lambda v: gzip.compress(v.encode())),
    "gzip, a second stream": ("gzip > text", lambda v: gzip.compress(b"x ") + gzip.compress(v.encode())),
    "bzip2": ("bzip2 > text", lambda v: bz2.compress(v.encode())),
    "xz": ("xz > text", lambda v: lzma.compress(v.encode())),
    "PNG": ("png > tEXt", lambda v: drawn(v, "png")),
    "PNG, zTXt": ("png > zTXt", lambda v: png(chunk(b"zTXt", b"a\0\0" + zlib.compress(v.encode())))),
    "PNG, iTXt": ("png > iTXt", lambda v: png(chunk(b"iTXt", b"a\0\0\0\0\0" + v.encode()))),
    "PNG, iTXt packed": ("png > iTXt", lambda v: png(chunk(b"iTXt", b"a\0\1\0\0\0" + zlib.compress(v.encode())))),
    "PNG, eXIf": ("png > eXIf", lambda v: png(chunk(b"eXIf", b"MM\0*" + v.encode() + b"\0"))),
    "PNG, behind its end": ("png > text", lambda v: png(behind=v.encode())),
    "JPEG": ("jpeg", lambda v: b"\xff\xd8\xff\xfe\x00\x20" + v.encode() + b"\xff\xd9"),
    "PDF": ("pdf", pdf),
    "PDF, its properties": ("pdf", pdf_about),
    "PDF, an attachment": ("pdf > gzip > text", pdf_beside),
    "SQLite": ("sqlite", database),
    "unknown bytes": ("binary", lambda v: b"\0\1\2\xff" + v.encode() + b"\0\xfe\1"),
    "unknown bytes in UTF-16": ("binary", lambda v: b"\0\1\2\xff\3" + v.encode("utf-16-le") + b"\xff\1\2" * 99),
}  # fmt: skip


@pytest.mark.parametrize("kind", PLANTED)
@pytest.mark.parametrize("file", FILES)
def test_a_planted_value_is_found_and_one_that_differs_in_a_sign_is_not(file: str, kind: str, tmp_path: Path) -> None:
    how, make = FILES[file]
    found = scanned(tmp_path, make(PLANTED[kind]))
    assert {(hit.kind, hit.path, hit.n) for hit in found.hits} == {(kind, "file", 1)}
    assert found.hits[0].how == how
    clean = scanned(tmp_path, make(MUTATED[kind]))
    assert clean.is_clean, clean


@pytest.mark.parametrize(
    "column",
    [pa.array([int(NIK)], pa.int64()), pa.array([float(NIK)]), pa.array([int(NIK)], pa.decimal128(20, 0))],
    ids=["whole", "float", "decimal"],
)
def test_numbers_of_a_table_are_searched(column: pa.Array, tmp_path: Path) -> None:
    assert kinds(scanned(tmp_path, table(column))) == {"nik"}


def test_a_number_in_a_workbook_is_searched(tmp_path: Path) -> None:
    assert kinds(scanned(tmp_path, book(int(NIK)))) == {"nik"}


# what cannot be searched ------------------------------------------------------------------------------------------


def deep() -> bytes:
    content = b"x"
    for _ in range(9):
        content = hostile.archive({"a": content})
    return content


def many() -> bytes:
    return hostile.archive({str(n): b"" for n in range(20_001)})


def encrypted() -> bytes:
    made = pypdf.PdfWriter()
    made.add_blank_page(9, 9)
    made.encrypt("x", algorithm="RC4-128")
    return saved(made.write)


UNSEARCHABLE: dict[str, tuple[str, bytes | Callable[[], bytes]]] = {
    "a bomb in ZIP": ("unfolds", lambda: hostile.archive({"a": bytes(150_000_000)})),
    "a bomb in gzip": ("unfolds", lambda: gzip.compress(bytes(150_000_000))),
    "a bomb in a PNG": ("unfolds", lambda: png(chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(150_000_000))))),
    "archives in archives": ("unfolds", deep),
    "thousands of members": ("unfolds", many),
    "a ZIP cut off": ("damaged", lambda: hostile.book()[:-900]),
    "lost bytes of a ZIP": ("damaged", hostile.scratched),
    "a ZIP with a password": ("password", hostile.locked_member),
    "a Parquet file cut off": ("damaged", lambda: table(pa.array([1]))[:-30]),
    "a PNG cut off": ("damaged", png()[:-9]),
    "a gzip file cut off": ("damaged", gzip.compress(b"abc")[:-9]),
    "a SQLite file cut off": ("damaged", b"SQLite format 3\0" + b"\1" * 900),
    "a PDF cut off": ("damaged", b"%PDF-1.7\n1 0 obj"),
    "a PDF with a password": ("password", encrypted),
    "an old workbook": ("cannot be opened", hostile.OLE + bytes(900)),
    "another packer": ("cannot be opened", b"7z\xbc\xaf\x27\x1c" + bytes(90)),
    "another packer in base64": ("cannot be opened", base64.b64encode(b"7z\xbc\xaf\x27\x1c" + bytes(90))),
    "a tape archive": ("cannot be opened", bytes(257) + b"ustar" + bytes(90)),
    "a duckdb file": ("cannot be opened", bytes(8) + b"DUCK" + bytes(90)),
    "an encrypted Parquet file": ("cannot be opened", b"PARE" + bytes(90) + b"PARE"),
}


@pytest.mark.parametrize("what", UNSEARCHABLE)
def test_what_cannot_be_searched_is_told_and_refused(what: str, tmp_path: Path) -> None:
    says, make = UNSEARCHABLE[what]
    (tmp_path / "sound.txt").write_text(NIK, encoding="utf-8")
    found = scanned(tmp_path, make if isinstance(make, bytes) else make())
    assert [(one.path, says in one.reason) for one in found.unsearched] == [("file", True)]
    assert [(hit.kind, hit.path) for hit in found.hits] == [("nik", "sound.txt")]
    with pytest.raises(DisclosureError) as caught:
        leaks.require_none(found, "reports")
    assert len(caught.value.faults) == 2


def test_links_and_pipes_are_told_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.txt").write_text(NIK, encoding="utf-8")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "file").symlink_to(outside / "a.txt")
    (folder / "folder").symlink_to(outside)
    (folder / "nowhere").symlink_to(tmp_path / "gone")
    os.mkfifo(folder / "pipe")
    found = leaks.scan(folder, KNOWN)
    assert [one.path for one in found.unsearched] == ["file", "folder", "nowhere", "pipe"]
    assert [one.reason.rpartition(" ")[2] for one in found.unsearched] == ["link", "link", "link", "file"]
    assert (found.files_n, found.hits) == (4, ())


def test_what_may_not_be_read_or_listed_is_told(tmp_path, monkeypatch) -> None:
    """Root may read everything, so the system's refusal is played."""
    (tmp_path / "closed").mkdir()
    (tmp_path / "file").write_bytes(b"x")
    list_folder = os.scandir

    def refuse(path: Path) -> object:
        if path.name != tmp_path.name:
            raise PermissionError(13, "", str(path))
        return list_folder(path)

    monkeypatch.setattr(os, "scandir", refuse)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    found = leaks.scan(tmp_path, KNOWN)
    assert [(one.path, "may not read" in one.reason) for one in found.unsearched] == [("closed", True), ("file", True)]


def test_whatever_breaks_while_a_file_is_read_is_told_without_its_text(tmp_path, monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError(NIK)

    monkeypatch.setattr(parquet, "read_schema", broken)
    found = scanned(tmp_path, table(pa.array([1])))
    assert len(found.unsearched) == 1 and NIK not in repr(found)


# what is told -----------------------------------------------------------------------------------------------------


def test_nothing_that_is_told_holds_a_value(tmp_path: Path) -> None:
    folder = tmp_path / NAME.replace(" ", "_")
    folder.mkdir()
    (folder / f"{NIK}.zip").write_bytes(hostile.archive({f"{PHONE}.txt": KPJ.encode()}))
    found = leaks.scan(tmp_path, KNOWN)
    assert {(hit.kind, hit.path, hit.how) for hit in found.hits} == {
        ("nik", "(…)/(…)", "name"), ("name", "(…)/(…)", "name"),
        ("phone", "(…)/(…)", "zip > name"), ("kpj", "(…)/(…)", "zip > text"),
    }  # fmt: skip
    with pytest.raises(DisclosureError) as caught:
        leaks.require_none(found, "reports")
    for told in (repr(found), str(caught.value), repr(caught.value), repr(KNOWN)):
        assert not any(value.lower() in told.lower() for value in [*PLANTED.values(), "KENARI", NIK[:8]])


def test_a_name_over_a_folder_and_its_file_is_hidden_whole(tmp_path: Path) -> None:
    (tmp_path / "Kenari").mkdir()
    (tmp_path / "Kenari" / "Burungwati.txt").write_bytes(b"x")
    assert [(hit.kind, hit.path) for hit in leaks.scan(tmp_path, KNOWN).hits] == [("name", "(…)")]


def test_a_text_may_begin_as_some_files_do(tmp_path: Path) -> None:
    assert [hit.kind for hit in scanned(tmp_path, f"PARE dan jagung; {NIK}".encode()).hits] == ["nik"]


def test_different_values_are_counted_and_each_once(tmp_path: Path) -> None:
    content = f"{NAME}, Ma'ruf Sangkar, {NAME.title()} {base64.b64encode(NAME.encode()).decode()}"
    assert [(hit.kind, hit.how, hit.n) for hit in scanned(tmp_path, content.encode()).hits] == [("name", "text", 2)]


def test_only_the_files_asked_for_are_searched(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_text(NIK, encoding="utf-8")
    found = leaks.scan(tmp_path, KNOWN, [tmp_path / "b"])
    assert (found.files_n, [hit.path for hit in found.hits]) == (1, ["b"])


# the canaries -----------------------------------------------------------------------------------------------------


def test_values_that_would_be_met_by_chance_are_left_out_and_counted() -> None:
    given = {
        "nik": [NIK, NIK, "'" + NIK, None, float("nan"), "", "727101", "1111111111111111"],
        "kpj": [KPJ, KPJ + ".0", "1301987654"],
        "name": [NAME, "BUDI", "KENARIBURUNG", "A. B. C.", "Siti A."],
        "phone": [PHONE, "080000000000", "0812", f"{PHONE} / 082245678901"],
    }
    known = canaries.of_tables(given)
    assert known.left_out == {"nik": 3, "kpj": 1, "name": 4, "phone": 2}
    assert len(known) == 1 + 1 + 1 + 2


def test_names_of_the_public_are_no_canaries() -> None:
    known = KNOWN.without(["Kelurahan Kenari Burungwati"])
    assert known.found(f"{NAME} {NIK}") == {("nik", NIK)}
    assert known.left_out["name"] == 1


def test_pages_without_persons_pass(pages: Path) -> None:
    numbers = np.random.default_rng(5).integers(10**9, 10**10, (3, 3_000)).tolist()
    known = canaries.of_tables({"nik": [f"727101{number}" for number in numbers[0]], "name": [NAME],
                             "kpj": [f"1{number}" for number in numbers[1]],
                             "phone": [f"08{number}" for number in numbers[2]]})  # fmt: skip
    found = leaks.scan(pages, known)
    assert found.is_clean and found.files_n > 5, found


WITHOUT_A_PERSON = {
    *("an empty file", "a header and nothing else", "an empty workbook", "an XML spreadsheet of 2003"),
    *("a Word document", "a binary workbook", "one endless line without any break"),
}


@pytest.mark.parametrize("what", [what for what, one in hostile.FILES.items() if one.put is None])
def test_no_hostile_file_with_a_person_passes(what: str, tmp_path: Path) -> None:
    """A file of the hostile deliveries is a hit, or is told as not searched."""
    if what not in WITHOUT_A_PERSON:
        hostile.FILES[what].write(tmp_path)
        assert not leaks.scan(tmp_path, KNOWN).is_clean


def test_a_zip_is_known_behind_other_bytes(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a", NIK + " " * 500)
    content = b"#!/bin/sh\n" + (tmp_path / "a.zip").read_bytes()
    (tmp_path / "a.zip").unlink()
    assert [hit.how for hit in scanned(tmp_path, content).hits] == ["zip > text"]
