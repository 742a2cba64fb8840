"""The only place for what a written day, month or year means, whoever wrote it and with whatever program.

The order is day, month, year, as Indonesia writes; where that cannot be (04/23/1980) it is month first. Both at most
12 is read day first; whether it was swapped, only a NIK can tell (`cleaning.registers`). Nothing is completed: a year
alone stays a year.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.cleaning import characters, columns

COMMON = {
    "[0-9]{2}[-/.][0-9]{2}[-/.][0-9]{4}": (0, 3, 6),
    "[0-9]{4}-[0-9]{2}-[0-9]{2}": (8, 5, 0),
}  # fmt: skip
"""The forms of nearly every cell, and where their day, month and year begin."""
DAY_FIRST = re.compile(r"([0-9]{1,2})([-/. ])([0-9]{1,2})\2([0-9]{4})")
YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?:[T ]00:00:00(?:\.0+)?)?")
TIME = re.compile(r"(?:T| +)[0-9]{1,2}(?::[0-9]{2}(?::[0-9]{2})?|\.[0-9]{2}\.[0-9]{2})(?:[.,][0-9]+)?"
                  r" *(?:[AP]M)? *(?:Z|WIB|WITA|WIT|[+-][0-9]{2}:?[0-9]{2})?$", re.I)  # fmt: skip
SERIAL = re.compile(r"([1-5][0-9]{4})(?:[.,][0-9]+)?")
"""A spreadsheet's day number, 10000 (1927) to 59999 (2064). It counts 29 February 1900, which never was; so from March
1900 on, day 0 is 30 December 1899."""
SERIAL_ZERO = date(1899, 12, 30)
CUT_NUMBER = re.compile(r"([0-9]{4}|[0-9]{6}|[0-9]{8})[.,]0+")
"""What a program writes behind a year, month or day that it took for a number: 1980.0, 202607.0."""
CUT_MONTH = re.compile(r"[0-9]{4}[.,]1")
"""2026.1, once a number: January or October (2026.10) cannot be told."""
TWO_AND_TWO = re.compile(r"([0-9]{2}) ?[-/. '] ?([0-9]{2})")
TURNED_MONTH = re.compile(r"([0-9]{2})-([A-Za-z]{3})")
TOKEN = re.compile(r"[0-9]+|[^\W\d_]+")

NAMES_OF_MONTHS = (
    "januari january jan jnr janwari januri jannuari i",
    "februari february feb febr pebruari peb pebr febuari februwari pebuari ii",
    "maret march mar mrt mart iii",
    "april apr apil iv",
    "mei may mai v",
    "juni june jun juny vi",
    "juli july jul july vii",
    "agustus august agu agt ags agst aug agus agustu viii",
    "september sept sep spt septembr ix",
    "oktober october okt oct oktobr x",
    "november nov nopember nop novembr xi",
    "desember december des dec desembr dsember xii",
)
MONTHS = {name: n for n, names in enumerate(NAMES_OF_MONTHS, start=1) for name in names.split()}
NO_PLACE = frozenset({
    *("tgl", "tanggal", "lahir", "ttl", "tempat", "bulan", "bln", "tahun", "thn", "th", "pukul", "jam"),
    *("senin", "selasa", "rabu", "kamis", "jumat", "jum", "at", "sabtu", "minggu", "ahad"),
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
})  # fmt: skip
"""Words beside a date that name no place."""
STAND_INS = frozenset({(1900, 1, 1), (1900, 1, 0), (1970, 1, 1), (1899, 12, 30), (1899, 12, 31), (1904, 1, 1)})
"""First days of calendars of computers and spreadsheets: what an empty cell becomes."""
STAND_IN_YEARS = frozenset({0, 1, 1111, 9999})
FIRST_YEAR, LAST_YEAR = 1900, 2100
SCHEME_BEGAN = 1977
"""Asuransi Sosial Tenaga Kerja, from which Jamsostek came (PP 33/1977): no contribution is older."""
DAY_1970 = date(1970, 1, 1).toordinal()
NO_DAY = np.iinfo(np.int64).min


class Reading(NamedTuple):
    """What a cell says: the day (days since 1970, NO_DAY without one), its precision, year and month if known."""

    day: int
    precision: str
    year: int | None = None
    month: int | None = None


MISSING = Reading(NO_DAY, "missing")
UNREADABLE = Reading(NO_DAY, "unreadable")
STAND_IN = Reading(NO_DAY, "placeholder")


def days(written: pd.Series, as_of: date) -> pd.DataFrame:
    """The day in each cell: day (datetime64[s]), precision, year and month (Int64); index of `written`.

    precision is day, month, year (known no better), placeholder (1900-01-01 and the like, 00/00/0000), unreadable or
    missing; only with `day` there is a day. 1 January of a year is a day: see `is_heaped`. Days to come are readable.
    `as_of` is the last day that a two-digit year may mean: 80 is 1980, and 27 is 1927 as of 2026.
    """
    told = [np.full(len(written), missing, dtype=object) for missing in MISSING]
    is_left = np.ones(len(written), dtype=bool)
    for form, places in COMMON.items():
        at, common = _common(written, form, places)
        for column, values in zip(told, common, strict=True):
            column[at] = values
        is_left[at] = False
    read = columns.split(written[is_left], partial(_read, as_of=as_of), Reading._fields, MISSING)
    for column, name in zip(told, Reading._fields, strict=True):
        column[is_left] = read[name]
    day, precision, year, month = told
    since_1970 = day.astype(np.int64).view("datetime64[D]").astype("datetime64[s]")
    read = pd.DataFrame({"day": since_1970, "precision": precision, "year": year, "month": month}, written.index)
    return read.astype({"precision": "str", "year": "Int64", "month": "Int64"})


def months(written: pd.Series) -> pd.Series:
    """The month in each cell as YYYY-MM, text, same index; NA where none can be read.

    2026-07, 07/2026, 202607, Juli 2026, Jul-26, 26-Jul (what a spreadsheet makes of Jul-26), or a day. Two digits are
    a year of this century, from 77 on of the last one. Where month and year may be exchanged (10-11) none is read.
    """
    return columns.each(written, _month)


def birth_places(written: pd.Series) -> pd.Series:
    """The place in a cell that holds place and date of birth, as written; NA without one. Same index."""
    return columns.each(written, _place)


def counted(months: pd.Series) -> pd.Series:
    """YYYY-MM as a number of months, same index; NaN where empty."""
    return pd.to_numeric(months.str[:4]) * 12 + pd.to_numeric(months.str[5:])


def is_heaped(day: pd.Series) -> pd.Series:
    """Whether a day is 1 January: more often a stand-in for an unknown day of a known year than the day itself."""
    is_heaped: pd.Series = day.dt.month.eq(1) & day.dt.day.eq(1)
    return is_heaped


def believed(written: pd.Series, carried: pd.Series) -> pd.Series:
    """Birth dates as written, NaT where 1 January stands and the NIK does not carry it too; same index."""
    return written.mask(is_heaped(written) & written.ne(carried))


def _common(written: pd.Series, form: str, places: tuple[int, int, int]) -> tuple[np.ndarray, tuple[object, ...]]:
    """Which cells (positions) are plain days of the given form, and their readings by column.

    `places`: where day, month and year begin. Ends of months and 1 January are left to the rule for one cell.
    """
    at = np.flatnonzero(written.str.fullmatch(form).fillna(False).to_numpy(dtype=bool))
    joined = "".join(written.to_numpy(dtype=object)[at]).encode("ascii")
    digits = np.frombuffer(joined, dtype=np.uint8).reshape(-1, 10).astype(np.int64) - ord("0")
    day, month, half, rest = (
        digits[:, start] * 10 + digits[:, start + 1] for start in (*places[:2], places[2], places[2] + 2)
    )
    year = half * 100 + rest
    is_plain = (
        (day > 0)
        & (day <= np.where(month == 2, 28, 30))
        & (month > 0)
        & (month <= 12)
        & (year > FIRST_YEAR)
        & (year <= LAST_YEAR)
    )
    is_plain &= (day > 1) | (month > 1)
    at, day, month, year = (part[is_plain] for part in (at, day, month, year))
    first = ((year - 1970) * 12 + month - 1).astype("datetime64[M]").astype("datetime64[D]")
    return at, (first.astype(np.int64) + day - 1, "day", year, month)


# one cell ---------------------------------------------------------------------------------------------------------


def _read(text: str, as_of: date) -> Reading:
    if common := DAY_FIRST.fullmatch(text):
        return _in_order(int(common[1]), int(common[3]), int(common[4]))
    if common := YEAR_FIRST.fullmatch(text):
        return _in_order(int(common[4]), int(common[3]), int(common[1]))
    plain = characters.plain(text).strip("'\"`")
    if characters.is_blank(plain):
        return MISSING
    plain = characters.digits_for_letters(_without_time(plain))
    if serial := SERIAL.fullmatch(plain):
        return _of_day(SERIAL_ZERO + timedelta(days=int(serial[1])))
    if cut := CUT_NUMBER.fullmatch(plain):
        plain = cut[1]
    return _of_parts(_parts(plain), as_of)


def _without_time(plain: str) -> str:
    return TIME.sub("", plain) if ":" in plain or plain.count(".") > 1 else plain


def _parts(plain: str) -> list[str | int]:
    """The digits of a date and its month (as a number), in their order; words outside and labels are left out.

    A word between them that is no month stays: then it is no date.
    """
    tokens = TOKEN.findall(plain.casefold())
    named = [MONTHS.get(token, token) for token in tokens if token not in NO_PLACE]
    of_date = [at for at, token in enumerate(named) if isinstance(token, int) or token.isdecimal()]
    return named[of_date[0] : of_date[-1] + 1] if of_date else []


def _of_parts(parts: list[str | int], as_of: date) -> Reading:
    """A reading of digits (text) and a named month (a number)."""
    match parts:
        case [str(first), str(second), str(third)] if (first + second + third).isdecimal():
            return _of_three(first, second, third, as_of)
        case [str(day), int(month), str(year)] | [int(month), str(day), str(year)] if (day + year).isdecimal():
            return _of_three(year, str(month), day, as_of) if len(day) == 4 else _named(day, month, year, as_of)
        case [str(year), int(month)] if len(year) == 4:
            return _dated(int(year), month, 0)
        case [int(month), str(year)] if len(year) in (2, 4):
            return _named("0", month, year, as_of)
        case [str(first), str(second)] if (first + second).isdecimal() and min(len(first), len(second)) < 3:
            short, long = sorted((first, second), key=len)
            return _dated(int(long), int(short), 0) if len(long) == 4 else UNREADABLE
        case [str(digits)] if digits.isdecimal():
            return _of_digits(digits, as_of)
    return UNREADABLE


def _of_three(first: str, second: str, third: str, as_of: date) -> Reading:
    """Three groups of digits: a year of four digits stands first or last, one of two digits last or is above 31."""
    if len(first) == 4 and len(third) <= 2:
        return _in_order(int(third), int(second), int(first))
    if len(first) == len(third) == 2 and int(first) > 31:
        first, third = third, first
    if max(len(first), len(second)) > 2 or len(third) not in (2, 4):
        return UNREADABLE
    day, month = _day_and_month(int(first), int(second))
    return _dated(_full_year(third, month, day, as_of), month, day)


def _named(day: str, month: int, year: str, as_of: date) -> Reading:
    if len(day) > 2 or len(year) not in (2, 4):
        return UNREADABLE
    return _dated(_full_year(year, month, int(day), as_of), month, int(day))


def _of_digits(digits: str, as_of: date) -> Reading:
    """Digits without separators, read only where one reading alone is possible.

    YYYY, DDMMYYYY (also without its leading 0, as a number), YYYYMMDD, DDMMYY, YYMMDD, YYYYMM, MMYYYY.
    """
    if len(digits) == 4:
        return _dated(int(digits), 0, 0)
    pairs = {7: ["0" + digits], 8: [digits, digits[6:] + digits[4:6] + digits[:4]]}.get(len(digits), [])
    read = [_dated(int(text[4:]), int(text[2:4]), int(text[:2])) for text in pairs]
    if len(digits) == 6:
        for day, month, year in ((digits[:2], digits[2:4], digits[4:]), (digits[4:], digits[2:4], digits[:2])):
            read.append(_named(day, int(month), year, as_of) if int(month) else UNREADABLE)
        read += [_dated(int(digits[:4]), int(digits[4:]), 0), _dated(int(digits[2:]), int(digits[:2]), 0)]
    if digits and not digits.strip("0"):
        return STAND_IN
    possible = {reading for reading in read if reading.precision in ("day", "month")}
    return possible.pop() if len(possible) == 1 else UNREADABLE


def _in_order(day: int, month: int, year: int) -> Reading:
    day, month = _day_and_month(day, month)
    return _dated(year, month, day)


def _day_and_month(first: int, second: int) -> tuple[int, int]:
    """Day first, unless only the other order is possible."""
    return (second, first) if second > 12 >= first else (first, second)


def _full_year(year: str, month: int, day: int, as_of: date) -> int:
    if len(year) == 4:
        return int(year)
    this_century = 2000 + int(year)
    return this_century if (this_century, month, day) <= (as_of.year, as_of.month, as_of.day) else this_century - 100


def _dated(year: int, month: int, day: int) -> Reading:
    """The reading of numbers; a month or day of 0 was left open by who wrote it."""
    if year in STAND_IN_YEARS or (year, month, day) in STAND_INS or (year == FIRST_YEAR and not day):
        return STAND_IN
    if not FIRST_YEAR <= year <= LAST_YEAR or month > 12:
        return UNREADABLE
    if not month:
        return Reading(NO_DAY, "year", year) if not day else UNREADABLE
    if not day:
        return Reading(NO_DAY, "month", year, month)
    try:
        return _of_day(date(year, month, day))
    except ValueError:
        return UNREADABLE


def _of_day(day: date) -> Reading:
    return Reading(day.toordinal() - DAY_1970, "day", day.year, day.month)


def _month(text: str) -> str | None:
    plain = characters.plain(text)
    if CUT_MONTH.fullmatch(plain):
        return None
    if short := TWO_AND_TWO.fullmatch(plain):
        months = [part for part in short.groups() if 1 <= int(part) <= 12]
        if len(months) != 1:
            return None
        plain = f"{NAMES_OF_MONTHS[int(months[0]) - 1].split()[0]} {short[2] if months[0] == short[1] else short[1]}"
    elif turned := TURNED_MONTH.fullmatch(plain):
        plain = f"{turned[2]} {turned[1]}"
    read = _read(plain, date(SCHEME_BEGAN + 99, 12, 31))
    return f"{read.year}-{read.month:02}" if read.year and read.month else None


def _place(text: str) -> str | None:
    """The words in front of the digits of a date (else those behind), without its month and labels."""
    plain = characters.digits_for_letters(_without_time(characters.plain(text)))
    front, *rest = re.split(r"[0-9]+", plain)
    if not rest:
        return None
    words = [re.split(r"[\s,/;:]+", part) for part in (front, rest[-1])]
    places = [" ".join(word for word in part if not _is_of_date(word)).strip(" .-'()") for part in words]
    return next(filter(None, places), None)


def _is_of_date(word: str) -> bool:
    bare = word.strip(" .,-'()").casefold()
    return bare in NO_PLACE or bare in MONTHS or not bare
