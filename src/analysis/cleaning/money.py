"""The only place for what a written amount of money means, in rupiah.

Groups of three digits are thousands, whether parted by dots (Indonesian) or commas. Only a year's amount is read:
"5.000.000/bulan" is none, for a year has good and bad months and nobody said that twelve are alike. Of a range
("< 300 juta", "5 - 10 jt") neither end is taken.
"""

from __future__ import annotations

import re

import pandas as pd

from analysis.cleaning import characters, columns

COMMON = r"(?:Rp[. ]*)?(?:[0-9]{1,3}(?:\.[0-9]{3}){1,4}|[0-9]{1,15})(?:,-|,00)?"
"""Nearly every cell: digits, or groups of three parted by dots, with or without Rp."""
PLAIN = re.compile(r"[0-9]{1,15}(?:\.0+)?")
UNITS = {
    **dict.fromkeys(("rb", "ribu", "k"), 10**3),
    **dict.fromkeys(("jt", "juta", "jta", "jutaan"), 10**6),
    **dict.fromkeys(("m", "miliar", "milyar", "milliar", "mlyr", "mlr"), 10**9),
    **dict.fromkeys(("t", "triliun", "trilyun"), 10**12),
}
DECORATION = re.compile(
    r"\b(?:rp|idr)(?![a-z])\.?|\brupiah\b|(?:\bper |\bse|/ ?)(?:tahun|thn|th)\b|\bpertahun\b"
    r"|\b(?:sekitar|kira ?kira|kurang lebih)\b|±|\+/-|,-+|(?<=[0-9])\.-+",
    re.I,
)
AMOUNT = re.compile(r"([0-9][0-9.,]*)\s*([a-z]*)\.?", re.I)
GROUPED = re.compile(r"[0-9]{1,3}(?:(?:\.[0-9]{3})+(?:,[0-9]{1,2})?|(?:,[0-9]{3})+(?:\.[0-9]{1,2})?)")
DECIMAL = re.compile(r"[0-9]+(?:[.,][0-9]{1,2})?")
NOTATION = re.compile(r"([0-9])(?:[.,]([0-9]+))?e\+?([0-9]{1,2})", re.I)
MOST = 10**14


def revenue(written: pd.Series) -> pd.Series:
    """Yearly revenue in rupiah, Int64, same index; NA where none, 0, or nothing certain is written."""
    is_common = written.str.fullmatch(COMMON).fillna(False).astype(bool)
    digits = written[is_common].str.replace(r"^Rp[. ]*|(?:,-|,00)$|\.", "", regex=True)
    read = columns.split(written[~is_common], lambda text: (_rupiah(text),), ("revenue",), (None,))
    told = pd.concat([pd.to_numeric(digits).astype("Int64"), read["revenue"].astype("Int64")]).reindex(written.index)
    revenue_idr: pd.Series = told.where(told.between(1, MOST))
    return revenue_idr


def _rupiah(text: str) -> int | None:
    plain = characters.plain(text).strip("'\"")
    amount = int(plain.split(".")[0]) if PLAIN.fullmatch(plain) else _of_words(plain)
    return amount if amount is not None and 0 < amount <= MOST else None


def _of_words(plain: str) -> int | None:
    """Rupiah of an amount written with Rp, groups or a unit."""
    bare = characters.digits_for_letters(DECORATION.sub(" ", plain)).strip()
    if notation := NOTATION.fullmatch(bare):
        return _of_notation(*notation.groups(default=""))
    amount = AMOUNT.fullmatch(bare)
    if not amount or (amount[2] and amount[2].casefold() not in UNITS):
        return None
    digits, unit = amount[1].rstrip(".,"), UNITS.get(amount[2].casefold(), 1)
    if unit == 1:
        return _of_groups(digits)
    if not DECIMAL.fullmatch(digits):
        return None  # 1.500 juta: 1.5 or 1500 million cannot be told
    whole, _, part = digits.replace(",", ".").partition(".")
    return int(whole + part) * unit // int(10 ** len(part))


def _of_groups(digits: str) -> int | None:
    """184.000.000, 184,000,000 or 184.000.000,00; cents are cut off."""
    if digits.isdecimal():
        return int(digits)
    if not GROUPED.fullmatch(digits):
        return None
    cents = re.search(r"[.,][0-9]{1,2}$", digits)
    return int(re.sub(r"[.,]", "", digits[: cents.start()] if cents else digits))


def _of_notation(first: str, rest: str, exponent: str) -> int | None:
    """1.84E+08 as a spreadsheet shows 184,000,000: an amount needs no more digits than it shows."""
    zeros = int(exponent) - len(rest)
    return int(first + rest) * 10**zeros if 0 <= zeros <= 14 else None
