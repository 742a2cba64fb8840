"""The only place that tells what a row below the header is: data, or a row that holds no record.

The rules are conservative: whatever carries an identity number, or a name beside other cells, is data, and so is
everything that no rule recognises. Rows set aside are counted with their reason, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from analysis.sources.headers import Headers, key
from analysis.sources.layout import Layout

DATA, MISALIGNED, OTHER_HEADER = "data", "misaligned", "other header"
TITLE, BLANK, HEADER, SUBTOTAL, FOOTER = "title", "blank", "header", "subtotal", "footer"
REASONS = (TITLE, BLANK, HEADER, SUBTOTAL, FOOTER)
Filled = Sequence[tuple[int, str]]
"""The cells of a row that are not blank, with their positions."""

LEAST_OTHER = 3
"""Headers in one row that make it a header, wherever they stand."""
IDENTITY = re.compile(r"[\s'`’‘\"]*(?:\d[\s.'-]*){10,}")
DAY = re.compile(r"\s*(?:\d{1,2}[-/. ]\w{1,9}[-/. ](?:\d{4}|\d{2})(?!\d)|\d{4}-\d\d-\d\d)")
LETTER = re.compile(r"[^\W\d_]")
WORDLESS = re.compile(r"[\W_]*")
LARGE = re.compile(r"(?:\d[\s.,'-]*){9,}")
NUMBERED = re.compile(r"\(?(\d{1,3})\)?\.?(?:\s*=.*)?")
AMOUNT = re.compile(
    r"(?:rp\.?)?[\s\d.,%()-]*\d[\s\d.,%()-]*(?:orang|usaha|unit|jiwa|pelaku( usaha)?|umkm|pekerja|peserta|tk)?|"
    r"[-=:]|(?:laki-laki|perempuan|lk|pr|l|p)\s*[:=]\s*\d+(?:\s*orang)?", re.I)  # fmt: skip
SUM = re.compile(r"(?:grand\s*|sub\s*-?\s*)?total\b|sub\s*jumlah\b|jumlah\b|jml\b|rata\s*-?\s*rata\b|rekap\b", re.I)
SECTION = re.compile(
    r"(?:kelurahan|kel|kecamatan|kec|rt|rw|lingkungan|wilayah|data|daftar|bulan|periode|tahun|lampiran)\b", re.I
)
MONTHS = r"(?:jan|feb|mar|apr|mei|jun|jul|agu|ags|agt|sep|okt|nov|des)[a-z]*"
PLACE = r"[^\W\d]+(?: [^\W\d]+)*"
CLOSING = re.compile(
    r"(?:mengetahui|menyetujui|mengesahkan|disahkan|diketahui|disetujui|diperiksa|dibuat|disusun|di\s?cetak|tertanda|"
    r"ttd|yang\s+(?:membuat|mendata|menyatakan)|petugas|pendata|verifikator|operator|penanggung\s*jawab|kepala|kadis|"
    r"kabid|kasi|lurah|camat|sekretaris|ketua|koordinator|pembina|nip|catatan|keterangan|ket|sumber|note|nb|tembusan|"
    r"(?:halaman|hal|page)\.?\s*\d+)\b|a\.\s?n\.|n\s?i\s?p\s*[.:]*\s*\d|\*+\)?\s*\w|"
    rf"{PLACE}[,\s]\s*(?:tanggal\s*)?[\d.…_]*\s*{MONTHS}\s+\d{{2,4}}\s*$|{PLACE}\s*,[\s\d.…_/-]*\d{{4}}\s*$",
    re.I,
)
"""How signatures and notes begin; "Palu, 31 Oktober 2026" and "Palu, ........ 2026" among them."""


class Rows:
    """Tells the rows of one sheet, in their order: it remembers whether the signatures have begun."""

    def __init__(self, layout: Layout, headers: Headers, name: str) -> None:
        """`name`: our column that holds the person's name."""
        self.layout = layout
        self._meanings = headers.meanings
        absent = -1
        self._nik, self._name, self._birth = (layout.at.get(column, absent) for column in ("nik", name, "birth_date"))
        self._long = {layout.at[column] for column in ("nik", "kpj", "phone", "nib") if column in layout.at}
        self._known = set(layout.at.values())
        self._headers = [[key(cell) for cell in row] for row in (layout.upper, layout.lower) if row]
        self._is_closing = False

    def kind(self, cells: Sequence[str]) -> str:
        """DATA, the reason for which the row is no record (one of REASONS), or OTHER_HEADER."""
        if self._is_surely_data(cells):
            self._is_closing = False
            return DATA
        kind = self._told([(at, text) for at, cell in enumerate(cells) if (text := cell.strip())])
        if kind not in (BLANK, FOOTER):
            self._is_closing = False
        return kind

    def _is_surely_data(self, cells: Sequence[str]) -> bool:
        """The quick way for the clean form: a long number as NIK, or a name with a birth date."""
        if 0 <= self._nik < len(cells) and IDENTITY.match(cells[self._nik]):
            return True
        if not (0 <= self._birth < len(cells) and 0 <= self._name < len(cells)):
            return False
        return DAY.match(cells[self._birth]) is not None and LETTER.search(cells[self._name]) is not None

    def _told(self, filled: Filled) -> str:
        if all(WORDLESS.fullmatch(text) for _, text in filled):
            return BLANK
        if self._is_header(filled) or _is_numbering(filled):
            return HEADER
        meant = {name: at for at, text in filled if (name := self._meanings.get(key(text)))}
        if len(meant) >= LEAST_OTHER:
            return HEADER if meant.items() <= self.layout.at.items() else OTHER_HEADER
        if self._is_sum(filled):
            return SUBTOTAL
        if len(filled) == 1 and SECTION.match(filled[0][1]) and not self._is_closing:
            return TITLE
        if self._is_numbered_name(filled):
            return DATA
        if self._is_footer(filled):
            self._is_closing = True
            return FOOTER
        if not any(at in self._known for at, _ in filled):
            return FOOTER if any(LETTER.search(text) for _, text in filled) else BLANK
        return DATA

    def _is_header(self, filled: Filled) -> bool:
        """The header once more: two or more cells, half of the row, say what the header says there."""
        for keys in self._headers:
            same = sum(at < len(keys) and bool(keys[at]) and keys[at] == key(text) for at, text in filled)
            if same == len(filled) or (same >= 2 and 2 * same >= len(filled)):
                return True
        return False

    def _is_sum(self, filled: Filled) -> bool:
        """A label such as "Sub Total Kel. Besusu" before amounts, or amounts alone in our columns."""
        (first, label), others = filled[0], filled[1:]
        if SUM.match(label):
            return all(self._is_amount(at, text) for at, text in others)
        is_named = any(at == self._name for at, _ in filled)
        own = [at for at, _ in filled if at in self._known]
        return not is_named and bool(own) and self._is_amount(first, label) and all(
            self._is_amount(at, text) for at, text in others)  # fmt: skip

    def _is_amount(self, at: int, text: str) -> bool:
        """A number, with or without its unit; never one that could be an identity, a phone or a birth date."""
        if AMOUNT.fullmatch(text) is None:
            return False
        if at == self._birth:
            return DAY.match(text) is None
        return not (at in self._long and LARGE.search(text))

    def _is_numbered_name(self, filled: Filled) -> bool:
        """A running number before a name: a person of whom nothing else was written."""
        named = [text for at, text in filled if at == self._name]
        return bool(named) and filled[0][0] not in self._known and NUMBERED.fullmatch(filled[0][1]) is not None

    def _is_footer(self, filled: Filled) -> bool:
        """Signatures and notes: few cells that open as such lines do, and what stands below them."""
        if len(filled) > 3 or any(IDENTITY.match(text) for at, text in filled if at in self._long):
            return False
        opening = [CLOSING.match(text) is not None or WORDLESS.fullmatch(text) is not None for _, text in filled]
        if all(opening):
            return True
        strange = {at for (at, _), opens in zip(filled, opening, strict=True) if not opens}
        if self._is_closing:
            return not (self._name in strange and any(at == self._birth for at, _ in filled))
        return opening[0] and len(filled) == 2 and filled[0][0] != self._birth


def _is_numbering(filled: Filled) -> bool:
    """The row of column numbers that some forms print below the header: 1 2 3 or (1) (2) (3)."""
    found = [NUMBERED.fullmatch(text) for _, text in filled]
    numbers = [int(match[1]) for match in found if match]
    return len(found) == len(numbers) >= 3 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
