"""The only place that takes the texts out of a file, whatever kind of file it is.

A file is known by its first bytes, never by its name. What is packed is unpacked, also one into the other, up to a
depth and an amount that no page or table of ours comes near. A file that cannot be opened to its end is `Unread`:
nobody can say what it holds, so it counts as much as a leak.
"""

from __future__ import annotations

import bz2
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from analysis import N_
from analysis.releasing import readings
from analysis.releasing.unpacking import DAMAGED, LOCKED, Budget, Unread

How = tuple[str, ...]
"""The way to a text from outside in, as base64, png: the same words in every language."""
FOREIGN = N_("not searched: {kind} is a kind of file that cannot be opened here")
UNSEARCHED = {
    b"7z\xbc\xaf\x27\x1c": "7-Zip", b"Rar!\x1a\x07": "RAR", b"\x28\xb5\x2f\xfd": "Zstandard",
    b"\x04\x22\x4d\x18": "LZ4",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "OLE (.xls, .doc)", b"PARE": "Parquet", b"ORC": "ORC", b"Obj\x01": "Avro",
    b"\x89HDF\r\n\x1a\n": "HDF5", b"\xed\xab\xee\xdb": "RPM", b"MSCF": "CAB", b"FEA1": "Feather",
}  # fmt: skip
"""Kinds that pack or lock their content, by their first bytes."""
FURTHER_ON = {b"DUCK": (8, "DuckDB"), b"ustar": (257, "tar")}
WORDS = (b"PARE", b"ORC", b"MSCF", b"FEA1")
"""Marks with which a text may begin too."""
PNG = b"\x89PNG\r\n\x1a\n"
PACKED_PARTS = {b"zTXt": 1, b"iCCP": 1}
"""Chunks of a PNG whose text is packed: bytes between the keyword's end and the text."""
MARKS = ((b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"), (b"\xef\xbb\xbf", "utf-8-sig"),
         (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))  # fmt: skip
WIDE = ((re.compile(rb"(?:[\x20-\x7e\xa0-\xff]\x00){8,}"), "utf-16-le"),
        (re.compile(rb"(?:\x00[\x20-\x7e\xa0-\xff]){8,}"), "utf-16-be"))  # fmt: skip
DIGEST_BYTES = frozenset({16, 20, 32, 64})
SEEMS_TEXT = re.compile(rb"[^\x00-\x08\x0e-\x1a\x1c-\x1f]*")


@dataclass(frozen=True)
class Piece:
    """A text of a file, and the way to it."""

    how: How
    text: str


def pieces(content: bytes, budget: Budget, how: How = ()) -> Iterator[Piece]:
    """The texts of a file with this content, plain ones first. Raises Unread where there may be more."""
    with budget.deeper():
        reader, kind = _reader(content)
        yield from reader(content, budget, (*how, kind))


def _reader(content: bytes) -> tuple[Callable[[bytes, Budget, How], Iterator[Piece]], str]:
    head, is_text = content[:16], _decoded(content) is not None
    if (kind := _foreign(content)) and not (is_text and head.startswith(WORDS)):
        raise Unread(FOREIGN, kind=kind)
    for mark, found in READERS.items():
        if head.startswith(mark):
            return found
    if zipfile.is_zipfile(io.BytesIO(content)):
        return _zip, "zip"
    return (_text, "text") if is_text else (_binary, "binary")


def _foreign(content: bytes) -> str | None:
    """The name of a kind that packs or locks its content and is not opened here."""
    at_once = (kind for mark, kind in UNSEARCHED.items() if content.startswith(mark))
    further_on = (kind for mark, (at, kind) in FURTHER_ON.items() if content[at : at + len(mark)] == mark)
    return next(at_once, None) or next(further_on, None)


# text ---------------------------------------------------------------------------------------------------------------


def _text(content: bytes, budget: Budget, how: How) -> Iterator[Piece]:
    yield from of_text(_decoded(content) or "", budget, how)


def of_text(text: str, budget: Budget, how: How) -> Iterator[Piece]:
    """The readings of a text, and whatever stands in it as base64."""
    yield from (Piece(how, reading) for reading in readings.of(text))
    plain, noise = [], []
    for block in readings.blocks(text):
        if len(block) in DIGEST_BYTES:
            noise.append(block.hex())
        if _is_known(block):
            budget.take(len(block))
            yield from pieces(block, budget, (*how, "base64"))
        elif SEEMS_TEXT.fullmatch(block) and (told := _decoded(block)) is not None:
            plain.append(told)
        else:
            noise.append(block.decode("utf-8", "replace"))
    if plain:
        budget.take(sum(map(len, plain)))
        with budget.deeper():
            yield from of_text("\n\n\n\n".join(plain), budget, (*how, "base64"))
    if noise:
        yield Piece((*how, "base64"), "\n\n\n\n".join(noise))


def _is_known(block: bytes) -> bool:
    return len(block) >= 24 and (block.startswith(tuple(READERS)) or _foreign(block) is not None)


def _decoded(content: bytes) -> str | None:
    """The content as text; None where it is none."""
    marked = next((name for mark, name in MARKS if content.startswith(mark)), None)
    zeros = content.count(b"\0")
    if marked is None and zeros:
        even = content[::2].count(0)
        lopsided = zeros * 4 > len(content) and (even * 20 < zeros or (zeros - even) * 20 < zeros)
        marked = ("utf-16-be" if even * 2 > zeros else "utf-16-le") if lopsided else None
        if marked is None:
            return None
    for encoding in (marked,) if marked else ("utf-8", "cp1252"):
        try:
            return content.decode(encoding) if encoding != "cp1252" or SEEMS_TEXT.fullmatch(content) else None
        except UnicodeDecodeError:
            continue
    return None


def _binary(content: bytes, _: Budget, how: How) -> Iterator[Piece]:
    """What of any bytes can be read as letters and digits: one byte or two to a sign."""
    yield Piece(how, content.decode("utf-8", "replace"))
    yield Piece(how, content.decode("latin-1"))
    for pattern, encoding in WIDE:
        yield Piece(how, "\n\n\n\n".join(run.decode(encoding) for run in pattern.findall(content)))


# packed files -------------------------------------------------------------------------------------------------------


def _zip(content: bytes, budget: Budget, how: How) -> Iterator[Piece]:
    """The members of a ZIP archive, a workbook (.xlsx) or a document (.docx), their names, and comments."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            budget.count(len(members))
            names = [member.filename for member in members]
            yield from of_text("\n".join(names), budget, (*how, "name"))
            comments = b"\n".join(
                [archive.comment, *(one for member in members for one in (member.comment, member.extra))]
            )
            yield from _binary(comments, budget, (*how, "comment"))
            for member in members:
                if member.flag_bits & 1:
                    raise Unread(LOCKED)
                if not member.is_dir():
                    with archive.open(member) as file:
                        unpacked = file.read(budget.left + 1)
                    budget.take(len(unpacked))
                    yield from pieces(unpacked, budget, how)
            before = min((member.header_offset for member in members), default=0)
            yield from _binary(content[:before], budget, how)
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        if isinstance(error, RecursionError):
            raise
        raise Unread(DAMAGED) from None


def _packed(content: bytes, budget: Budget, how: How) -> Iterator[Piece]:
    """What one stream after the other unpacks to (gzip, bzip2, xz)."""
    makers: Mapping[bytes, Callable[[], object]] = {
        b"\x1f\x8b\x08": lambda: zlib.decompressobj(31), b"BZh": bz2.BZ2Decompressor,
        b"\xfd7zXZ": lzma.LZMADecompressor,
    }  # fmt: skip
    unpacked = budget.unpacked(content, next(make for mark, make in makers.items() if content.startswith(mark)))
    yield from pieces(unpacked, budget, how)
    yield from _binary(content[:1024], budget, how)  # the name and comment of a gzip file


def _png(content: bytes, budget: Budget, how: How) -> Iterator[Piece]:
    """All chunks of a PNG but its pixels, unpacked where they are packed, and what stands behind its end."""
    at = len(PNG)
    while at < len(content):
        if at + 12 > len(content):
            raise Unread(DAMAGED)
        size, kind = struct.unpack(">I4s", content[at : at + 8])
        data, at = content[at + 8 : at + 8 + size], at + 12 + size
        if at > len(content):
            raise Unread(DAMAGED)
        if kind != b"IDAT":
            yield from _chunk(kind, data, budget, (*how, kind.decode("latin-1") if kind.isalpha() else "chunk"))
        if kind == b"IEND":
            break
    else:
        raise Unread(DAMAGED)
    if at < len(content):
        yield from pieces(content[at:], budget, how)


def _chunk(kind: bytes, data: bytes, budget: Budget, how: How) -> Iterator[Piece]:
    keyword, _, rest = data.partition(b"\0")
    packed = rest[PACKED_PARTS[kind] :] if kind in PACKED_PARTS else b""
    if kind == b"iTXt":
        is_packed, rest = rest[:1] == b"\x01", rest[2:]
        text = rest.partition(b"\0")[2].partition(b"\0")[2]
        packed = text if is_packed else b""
    if packed:
        unpacked = budget.unpacked(packed, lambda: zlib.decompressobj(15))
        yield from of_text(unpacked.decode("utf-8", "replace"), budget, how)
        data = keyword
    if (text_of_chunk := _decoded(data.replace(b"\0", b"\n"))) is not None:
        yield from of_text(text_of_chunk, budget, how)
    yield from _binary(data, budget, how)


def _parquet(content: bytes, budget: Budget, how: How) -> Iterator[Piece]:
    from analysis.releasing import documents

    for text in documents.of_parquet(content, budget):
        yield from (pieces(text, budget, how) if isinstance(text, bytes) else of_text(text, budget, how))


def _pdf(content: bytes, budget: Budget, how: How) -> Iterator[Piece]:
    from analysis.releasing import documents

    yield from _binary(content, budget, how)
    for text in documents.of_pdf(content, budget):
        yield from (pieces(text, budget, how) if isinstance(text, bytes) else of_text(text, budget, how))


def _sqlite(content: bytes, budget: Budget, how: How) -> Iterator[Piece]:
    from analysis.releasing import documents

    yield from _binary(content, budget, how)  # deleted rows lie there still
    for text in documents.of_sqlite(content, budget):
        yield from (pieces(text, budget, how) if isinstance(text, bytes) else of_text(text, budget, how))


READERS: Mapping[bytes, tuple[Callable[[bytes, Budget, How], Iterator[Piece]], str]] = {
    b"PK\x03\x04": (_zip, "zip"), b"PK\x05\x06": (_zip, "zip"), b"\x1f\x8b\x08": (_packed, "gzip"),
    b"BZh": (_packed, "bzip2"), b"\xfd7zXZ": (_packed, "xz"), PNG: (_png, "png"), b"\xff\xd8\xff": (_binary, "jpeg"),
    b"GIF8": (_binary, "gif"), b"PAR1": (_parquet, "parquet"), b"ARROW1": (_parquet, "arrow"), b"%PDF": (_pdf, "pdf"),
    b"SQLite format 3\0": (_sqlite, "sqlite"),
}  # fmt: skip
