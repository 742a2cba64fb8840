"""The only place for identifiers of persons and businesses: how they are written, what they carry, when not to trust.

NIK: PPKKCC DDMMYY SSSS, i.e. place of first registration, birth date (women: day + 40), serial from 0001; no check
digit (PP 37/2007 art. 37). python-stdnum 2.2 undoes odd spellings. Its own check is not enough here: it knows neither
Kalimantan Utara nor the provinces of Papua since 2022, and takes serial 0000 and day 81; so structure is ours
(`structure_of`) and stdnum is the tests' second opinion.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.cleaning import characters, columns, lost_digits, words

LENGTH = 16
WOMEN = 40
FIRST_KK = date(1997, 1, 1)
"""KK numbers of this form are younger; an earlier "issue date" is none."""
FEWEST_TO_COMPARE, MOST_MISCOUNTED = 12, 2
"""Digits that still hold place and birth date, and how many too few or too many a slip of the hand leaves."""
LONGEST_MONTHS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])

NOTATION = re.compile(r"([0-9]+)(?:[.,]([0-9]*))?[eE]\+?([0-9]{1,2})")
DECIMAL = re.compile(r"^([0-9]+)[.,]0{1,2}$")
LABEL = re.compile(r"(?:(?:nomor|no|nik|e?-?ktp|identitas|n?kk|kartu keluarga|kpj|nib)(?![a-z])[\s.:;#/-]*)+", re.I)
KK_LABEL = re.compile(r"(?!.*(?:nik|ktp)).*(?:kk|kartu keluarga)", re.I)
SEPARATORS = re.compile(r"[\s.,'\"`´/_-]")
REMARK = re.compile(r"\s*\([^0-9()]*\)$")
SHORTEST_PATTERN = 4
ROMAN_NUMBERS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv")
ROMANS = {roman: n for n, roman in enumerate(ROMAN_NUMBERS, start=1)}
NUMBER = r"([0-9]{1,3}|[ivx]+)"
PAIR = re.compile(r"([0-9]{1,3}) ?[/\\|-] ?([0-9]{1,3})")
RT_RW = re.compile(rf"rt[ .:]*{NUMBER}[ ./,&-]*rw[ .:]*{NUMBER}\.?")
RW_RT = re.compile(rf"rw[ .:]*{NUMBER}[ ./,&-]*rt[ .:]*{NUMBER}\.?")


# NIK: from text to state ------------------------------------------------------------------------------------------


def nik(written: pd.Series) -> pd.DataFrame:
    """The NIK of each cell: nik (16 digits), nik_prefix (digits that survived damage), nik_state; index of `written`.

    valid: sound structure, nik is given, else it is empty. missing: nothing written. placeholder: 0000..., 1234...,
    one digit only. damaged: a spreadsheet took digits (`cleaning.lost_digits`). kk: written as a KK number. malformed:
    anything else, also 15 or 17 digits: which one is lost or too many cannot be told.
    A last digit 0 stays valid: one serial in ten ends so. It may also be the 16th digit lost: see `ends_in_zero`.
    """
    text = written.str.strip(characters.OUTER)
    is_whole = _is_digits(text, LENGTH)
    read = columns.split(text[~is_whole], _read, ("number", "prefix", "state"), (None, None, "missing"))
    number = text.to_numpy(dtype=object)
    prefix, state = np.full(len(text), None, dtype=object), np.full(len(text), None, dtype=object)
    number[~is_whole], prefix[~is_whole], state[~is_whole] = read["number"], read["prefix"], read["state"]
    judged = np.flatnonzero(pd.notna(number))
    state[judged] = structure_of(pd.Series(number[judged], dtype=object))
    cut = judged[state[judged] == "damaged"]
    has_birth = _is_birth(_digits(pd.Series(number[cut], dtype=object)))
    prefix[cut] = list(map(lost_digits.of_zeros, number[cut], has_birth))
    number[state != "valid"] = None
    told = {"nik": number, "nik_prefix": prefix, "nik_state": state}
    return pd.DataFrame(told, index=written.index, dtype="str")


def structure_of(numbers: pd.Series) -> pd.Series:
    """valid, malformed, placeholder or damaged for each text of 16 digits; same index.

    Checked: province; day 01-31 or 41-71; month; a date of at least one century; serial not 0000 (design's
    identifiers.md). The city and kecamatan of first registration are not: their codes come and go.
    """
    digits = _digits(numbers)
    is_province, is_birth = np.isin(_two(digits, 0), _provinces()), _is_birth(digits)
    is_cut = is_province & (digits[:, 12:] == 0).all(axis=1) & (is_birth | (digits[:, 9:] == 0).all(axis=1))
    states = np.select([_is_pattern(digits), is_cut, ~(is_province & is_birth)],
                       ["placeholder", "damaged", "malformed"], default="valid")  # fmt: skip
    return pd.Series(states, index=numbers.index, dtype=object)


def _read(text: str) -> tuple[str | None, str | None, str]:
    """(16 digits whose structure is still to be judged, certain digits, state) of a cell that is not 16 digits."""
    plain = REMARK.sub("", characters.plain(text))
    label = LABEL.match(plain)
    bare = plain[label.end() :].strip(characters.OUTER) if label else plain
    if characters.is_blank(bare) or not any(character.isdigit() for character in bare):
        return None, None, "missing"
    for stage in (_notation, _decimal):
        if (lost := stage(bare)) is not None:
            whole, prefix = lost
            return whole, prefix, "damaged"
    number = characters.digits_for_letters(_without_separators(DECIMAL.sub(r"\1", bare)))
    if len(number) == LENGTH and number.isdecimal():
        return (None, None, "kk") if label and KK_LABEL.match(label[0]) else (number, None, "valid")
    return None, None, "placeholder" if _is_short_pattern(number) else "malformed"


def _notation(text: str) -> tuple[str | None, str | None] | None:
    """What is left of 7.27101E+15; None if it is not written so or has another number of digits."""
    parts = NOTATION.fullmatch(text)
    if not parts or len(parts[1]) + int(parts[3]) != LENGTH:
        return None
    return lost_digits.of_notation(parts[1] + (parts[2] or ""))


def _decimal(text: str) -> tuple[str | None, str | None] | None:
    """What is left of 7271011203800001.0; None if it is not written so or has another number of digits."""
    parts = DECIMAL.fullmatch(text)
    return lost_digits.of_decimal(parts[1]) if parts and len(parts[1]) == LENGTH else None


def _without_separators(text: str) -> str:
    """Without blanks, dots, hyphens and quotation marks; python-stdnum knows the rarer characters for them."""
    number = SEPARATORS.sub("", text)
    if not number.isascii():
        from stdnum.id import nik as standard  # 35 ms, for one cell in thousands

        return SEPARATORS.sub("", standard.compact(number))
    return number


def _is_short_pattern(number: str) -> bool:
    """00, 1111, 12345678 and the like, of another length than a NIK."""
    if not number.isdecimal() or set(number) == {"0"}:
        return number.isdecimal()
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(number)}
    return len(number) >= SHORTEST_PATTERN and steps in ({0}, {1}, {9})


def _is_pattern(digits: np.ndarray) -> np.ndarray:
    """One digit only, counting up or down, beginning in 123456, or one digit from the birth date on (11-11-11 1111)."""
    steps = np.diff(digits, axis=1) % 10
    is_even = np.logical_or.reduce([(steps == step).all(axis=1) for step in (0, 1, 9)])
    is_one_digit = (steps[:, 6:] == 0).all(axis=1) & (digits[:, 15] != 0)
    is_pattern: np.ndarray = is_even | is_one_digit | (digits[:, :6] == np.arange(1, 7)).all(axis=1)
    return is_pattern


@cache
def _provinces() -> tuple[int, ...]:
    return tuple(int(row["code"]) for row in words.rows("provinces"))


# NIK: what it carries ---------------------------------------------------------------------------------------------


def birth_date(nik: pd.Series, as_of: date) -> pd.Series:
    """Birth date in digits 7-12 of each NIK (DDMMYY, women day + 40): datetime64[s], same index, NaT without one.

    The year is the latest that gives a day not after `as_of`, so an age is 0-99 and never above 110. Source: PP
    37/2007 art. 37. A NIK never changes, also where the date was recorded wrongly: a difference is no proof.
    """
    return _carried_day(nik, as_of, women=WOMEN)


def carried_year(nik: pd.Series, as_of: date) -> pd.Series:
    """Birth year that each NIK carries, Int64, same index; NA without one."""
    year: pd.Series = birth_date(nik, as_of).dt.year.astype("Int64")
    return year


def sex(nik: pd.Series) -> pd.Series:
    """male, female or unknown (no NIK), as each NIK says: women are born on day 41-71. Same index."""
    is_known = _is_digits(nik, LENGTH)
    told = np.full(len(nik), "unknown", dtype=object)
    told[is_known] = np.where(_digits(nik[is_known])[:, 6] >= WOMEN // 10, "female", "male")
    return pd.Series(told, index=nik.index, dtype="str")


def issue_date_if_kk(nik: pd.Series, as_of: date) -> pd.Series:
    """The day of issue if the number were a KK number (digits 7-12 as DDMMYY): datetime64[s], same index.

    NaT where it cannot be one: a woman's day, or outside 1997 to `as_of`.
    """
    issued = _carried_day(nik, as_of, women=0)
    return issued.where(issued >= pd.Timestamp(FIRST_KK))


def digits(rows: pd.DataFrame) -> pd.Series:
    """What is left to compare of each NIK: 12 to 18 digits as text, same index; NA where too little is left.

    `rows`: the columns nik, nik_prefix, nik_state and nik_as_written of a cleaned register. A sound NIK whole; of a
    damaged one the certain digits; of a malformed one what was written, as a digit too few or too many is soon made.
    """
    known = rows["nik"].fillna(rows["nik_prefix"].where(rows["nik_prefix"].str.len() >= FEWEST_TO_COMPARE))
    malformed = rows["nik_as_written"].where(rows["nik_state"].eq("malformed"))
    return known.fillna(columns.each(malformed, _nearly_sixteen))


def _nearly_sixteen(written: str) -> str | None:
    number = characters.digits_for_letters(_without_separators(characters.plain(written)))
    return number if abs(len(number) - LENGTH) <= MOST_MISCOUNTED and number.isdecimal() else None


def ends_in_zero(nik: pd.Series) -> pd.Series:
    """Whether the last digit is 0: more often the one that a spreadsheet lost than a serial. Compare 15 digits then."""
    return nik.str.endswith("0").fillna(False).astype(bool)


def prefix15(nik: pd.Series) -> pd.Series:
    """The first 15 digits of each NIK, text, same index; NA without one."""
    return nik.str.slice(0, lost_digits.KEPT_BY_SPREADSHEETS)


def _carried_day(nik: pd.Series, as_of: date, women: int) -> pd.Series:
    is_known = _is_digits(nik, LENGTH)
    digits = _digits(nik[is_known])
    day, month, year = (_two(digits, at) for at in (6, 8, 10))
    if women:
        day = np.where(day > women, day - women, day)
    last = as_of.year * 10_000 + as_of.month * 100 + as_of.day
    full = np.where((2000 + year) * 10_000 + month * 100 + day <= last, 2000, 1900) + year
    is_day = _is_date(day, month, year) & ~((full == 1900) & (month == 2) & (day == 29))  # 1900 had no 29 February
    first = ((full - 1970) * 12 + month - 1).astype("datetime64[M]").astype("datetime64[D]")
    told = np.full(len(nik), np.datetime64("NaT"), dtype="datetime64[s]")
    told[is_known] = np.where(is_day, first + (day - 1), np.datetime64("NaT")).astype("datetime64[s]")
    return pd.Series(told, index=nik.index, name=nik.name)


# other numbers ----------------------------------------------------------------------------------------------------


def kpj(written: pd.Series) -> pd.Series:
    """Participant numbers, 11 digits as text, same index; NA where missing or not 11 digits (never padded)."""
    return _fixed(written, 11)


def nib(written: pd.Series) -> pd.Series:
    """Business numbers, 13 digits as text, same index; NA where missing or not 13 digits (never padded)."""
    return _fixed(written, 13)


def rt_rw(written: pd.Series) -> pd.Series:
    """Neighbourhood numbers as 001/002 (RT, RW), text, same index; NA unless both are written."""
    return columns.each(written, _rt_rw)


def _rt_rw(text: str) -> str | None:
    plain = characters.digits_for_letters(characters.plain(text).strip("'\"")).casefold()
    if found := PAIR.fullmatch(plain) or RT_RW.fullmatch(plain):
        rt, rw = found.groups()
    elif found := RW_RT.fullmatch(plain):
        rw, rt = found.groups()
    else:
        return None
    both = [int(part) if part.isdecimal() else ROMANS.get(part, 0) for part in (rt, rw)]
    return f"{both[0]:03}/{both[1]:03}" if all(both) else None


def _fixed(written: pd.Series, length: int) -> pd.Series:
    text = written.str.strip(characters.OUTER)
    is_whole = _is_digits(text, length)
    told = text.where(is_whole).astype(object)
    told[~is_whole] = columns.each(text[~is_whole], lambda cell: _of_length(cell, length)).astype(object)
    told = told.astype("str")
    return told.mask(told == "0" * length)


def _of_length(text: str, length: int) -> str | None:
    """The digits of a cell if they are `length`; a scientific notation has lost some and is none."""
    bare = LABEL.sub("", REMARK.sub("", characters.plain(text)), count=1)
    number = characters.digits_for_letters(_without_separators(DECIMAL.sub(r"\1", bare)))
    return number if len(number) == length and number.isdecimal() else None


# digits -----------------------------------------------------------------------------------------------------------


def _is_digits(text: pd.Series, length: int) -> np.ndarray:
    return text.str.fullmatch(f"[0-9]{{{length}}}").fillna(False).to_numpy(dtype=bool)


def _digits(numbers: pd.Series) -> np.ndarray:
    """One row for each number (16 digits), one column for each digit."""
    joined = "".join(numbers.to_numpy(dtype=object)).encode("ascii")
    return np.frombuffer(joined, dtype=np.uint8).reshape(-1, LENGTH).astype(np.int16) - ord("0")


def _two(digits: np.ndarray, at: int) -> np.ndarray:
    two: np.ndarray = digits[:, at].astype(np.int64) * 10 + digits[:, at + 1]
    return two


def _is_birth(digits: np.ndarray) -> np.ndarray:
    """Whether digits 7-12 are a birth date of the last or of this century."""
    day, month, year = (_two(digits, at) for at in (6, 8, 10))
    return _is_date(np.where(day > WOMEN, day - WOMEN, day), month, year)


def _is_date(day: np.ndarray, month: np.ndarray, year: np.ndarray) -> np.ndarray:
    """Whether the day exists in the year 19YY or 20YY."""
    longest = LONGEST_MONTHS[np.where(month <= 12, month, 0)]
    is_date: np.ndarray = (day >= 1) & (day <= longest) & ~((day == 29) & (month == 2) & (year % 4 != 0))
    return is_date
