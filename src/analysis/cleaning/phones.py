"""The only place for phone numbers: from what is written in a cell to numbers that can be compared, 62 in front.

A mobile number is 8 and 8-11 more digits after the 62, a landline an area code without its 0 (Palu: 451) and the
subscriber. A landline written without its area code is not completed: the person may live elsewhere.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from analysis.cleaning import characters, columns

MOBILE = re.compile(r"8[1-9][0-9]{7,10}")
LANDLINE = re.compile(r"[2-79][0-9]{7,10}")
COMMON = r"(?:\+?62|0)?8[1-9][0-9]{7,10}"
"""Nearly every cell: a mobile number with +62, 62, 0, or nothing where a spreadsheet took the 0."""
DECIMAL = re.compile(r"([0-9]{8,15})[.,]0")
NOTATION = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+")
AREA_CODE = re.compile(r"(?<![0-9])(0[2-79][0-9]{1,2})\s*/\s*([0-9]{5,8})(?![0-9])")
BETWEEN = re.compile(r"[/,;&|\n]+|\b(?:atau|dan|or|and)\b", re.I)
NOT_DIGITS = re.compile(r"[^0-9]")
COUNTRY = re.compile(r"(?:0{0,2}62)(?=0?[2-9])0?|0(?=[2-9])")
STAND_IN = re.compile(r"8[1-9]?[0-9]?(?:0{7,}|1{7,}|2{7,}|3{7,}|4{7,}|5{7,}|6{7,}|7{7,}|8{7,}|9{7,})")
"""A mobile number whose subscriber is one digit only. Beside it: counting up, as in 0812345678910."""
COUNTING = frozenset(row[:n] for row in ("812345678910", "812345678901") for n in range(9, 13))
STATES = ("valid", "missing", "malformed")


def clean(written: pd.Series) -> pd.DataFrame:
    """The numbers in each cell: phone and phone_2 (text, 62 in front, NA without one), phone_state; same index.

    valid: at least one number. missing: nothing, or only a stand-in (080000000000, 081234567890). malformed: something
    is written and no number can be read, for instance after a spreadsheet wrote 8.12E+10.
    """
    text = written.str.strip(characters.OUTER)
    bare = text.str.replace(r"[- ]", "", regex=True)
    common = bare.str.replace(r"^(?:\+?62|0)", "", regex=True)
    is_common = (bare.str.fullmatch(COMMON).fillna(False).astype(bool) & ~_is_stand_in(common)).to_numpy()
    read = columns.split(text[~is_common], _read, ("phone", "phone_2", "phone_state"), (None, None, "missing"))
    told = {"phone": ("62" + common).to_numpy(dtype=object), "phone_2": np.full(len(text), None, dtype=object),
            "phone_state": np.full(len(text), "valid", dtype=object)}  # fmt: skip
    for name, column in told.items():
        column[~is_common] = read[name]
    return pd.DataFrame(told, index=written.index, dtype="str")


def _is_stand_in(national: pd.Series) -> pd.Series:
    is_counting = national.isin(COUNTING)
    return is_counting | national.str.fullmatch(STAND_IN.pattern).fillna(False).astype(bool)


def _read(text: str) -> tuple[str | None, str | None, str]:
    """(first number, second number, state) of one cell."""
    plain = characters.digits_for_letters(characters.plain(text.replace("\n", ";")))
    if characters.is_blank(plain):
        return None, None, "missing"
    if NOTATION.fullmatch(plain):
        return None, None, "malformed"
    found = [_national(part) for part in _parts(DECIMAL.sub(r"\1", AREA_CODE.sub(r"\1\2", plain)))]
    numbers = list(dict.fromkeys("62" + number for number in found if number))
    if not numbers:
        return None, None, "missing" if "" in found or not any(map(str.isdigit, plain)) else "malformed"
    return numbers[0], numbers[1] if len(numbers) > 1 else None, "valid"


def _parts(plain: str) -> list[str]:
    """The pieces of a cell that may each be a number: parted by signs, or by blanks where each piece is a number."""
    parts: list[str] = []
    for piece in BETWEEN.split(plain):
        by_blanks = piece.split(" ")
        is_several = len(by_blanks) > 1 and all(map(_national, by_blanks))
        parts += by_blanks if is_several else [piece]
    return [part for part in parts if NOT_DIGITS.sub("", part)]


def _national(part: str) -> str | None:
    """The number without 0 or 62; '' for a stand-in, None where it is no number."""
    digits = NOT_DIGITS.sub("", part)
    national = COUNTRY.sub("", digits, count=1) if COUNTRY.match(digits) else digits
    if MOBILE.fullmatch(national) or (national != digits and LANDLINE.fullmatch(national)):
        return "" if _is_one_digit(national) else national
    return "" if set(digits) == {"0"} or STAND_IN.fullmatch(national) else None


def _is_one_digit(national: str) -> bool:
    return STAND_IN.fullmatch(national) is not None or national in COUNTING
