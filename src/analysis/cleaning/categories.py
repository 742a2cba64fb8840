"""The only place where cells of the registers become values of the closed lists (contracts.registers), or numbers.

What the words mean stands in `lists/`, and how they are read in `cleaning.closed_lists`. `unknown` is an answer: where
nothing fits, or two values fit alike, none is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, partial

import pandas as pd

from analysis.cleaning import characters, closed_lists, columns, words

UNKNOWN = "unknown"
MICRO_IDR, SMALL_IDR, MEDIUM_IDR = 2 * 10**9, 15 * 10**9, 50 * 10**9
"""Highest yearly revenue of a micro, small and medium business: PP 7/2021 art. 35 (3)."""
PROGRAMS = ("JKK", "JKM", "JHT", "JP", "JKP")
FULL_NAMES = {
    "kecelakaan kerja": "JKK", "kehilangan pekerjaan": "JKP", "kematian": "JKM", "hari tua": "JHT", "pensiun": "JP",
}  # fmt: skip
BY_NUMBER = re.compile(r"\b([2-5])\s*prog")
"""BPJS Ketenagakerjaan counts them in this order: 2 programs are JKK and JKM, the third is JHT, then JP, JKP."""
KBLI = re.compile(r"(?:kbli)?[\s:]*(?:20[12][0-9]\b[\s:]*)?[a-u]?[\s.-]*([0-9]{2}(?:[. ]?[0-9]){0,3})(?![0-9])", re.I)
LOST_ZERO = re.compile("[1-3][0-9]{3}")
"""Four digits from 1000 to 3999: a class of manufacturing, or an agricultural 01111 whose 0 a spreadsheet took."""
WORKERS = re.compile(
    r"([0-9]{1,4})(?:[.,]0+)?\s*(?:\([a-z ]+\))?\s*(?:orang|org|or|pekerja|tenaga kerja|tk|karyawan)?\.?"
)
NO_WORKERS = frozenset({"nihil", "tidak ada", "tdk ada", "tanpa karyawan", "tidak ada karyawan"})


def sex(written: pd.Series) -> pd.Series:
    """male, female or unknown; same index. Where a column writes W and never L, P may be pria: unknown."""
    letters = set(written.dropna().str.strip().str.casefold().unique()) & {"l", "p", "w"}
    if letters == {"p", "w"}:
        written = written.mask(written.str.strip().str.casefold() == "p")
    return _one_of("sex", written)


def segment(written: pd.Series) -> pd.Series:
    """pu, bpu, jakon, pmi or unknown; same index."""
    return _one_of("segment", written)


def status(written: pd.Series) -> pd.Series:
    """active, arrears, inactive (BPJS: NA = non aktif), deceased or unknown; same index."""
    return _one_of("status", written)


def funding(written: pd.Series) -> pd.Series:
    """Who pays: apbd, self, employer, other (CSR, donors, APBN) or unknown; same index."""
    return _one_of("funding", written)


def scale(text: pd.Series, revenue_idr: pd.Series) -> pd.Series:
    """micro, small, medium or unknown: as written, else by yearly revenue in rupiah (PP 7/2021); same index.

    Above 50 billion rupiah a business is none of them: unknown.
    """
    limits = [0, MICRO_IDR, SMALL_IDR, MEDIUM_IDR]
    by_revenue = pd.cut(revenue_idr.astype("Float64"), limits, labels=["micro", "small", "medium"]).astype("str")
    written = _one_of("scale", text)
    return written.mask(written == UNKNOWN, by_revenue.fillna(UNKNOWN))


def program(written: pd.Series) -> pd.Series:
    """Programmes as JKK+JKM+JHT+JP+JKP, in this order; same index, NA where none is named."""
    return columns.each(written, _programs)


def workers(written: pd.Series) -> pd.Series:
    """Number of workers, Int64, same index; NA where none is written or a range is. NIHIL and 0 are none, - is NA."""
    read = columns.split(written, lambda text: (_workers(text),), ("workers",), (None,))
    workers_n: pd.Series = read["workers"].astype("Int64")
    return workers_n


def kbli(written: pd.Series) -> pd.Series:
    """KBLI digits (2-5) of the first code in each cell, text, same index; NA where its division does not exist."""
    return columns.each(written, _kbli)


def sector(text: pd.Series, kbli: pd.Series) -> pd.Series:
    """Sector by KBLI digits (editions 2020 and 2025), else by the words; unknown otherwise. Same index.

    KBLI 2025 (Peraturan BPS 7/2025) moved letters from J on and dissolved division 45; its other divisions are those
    of 2020. Four digits from 1000 to 3999 may have lost a 0 and do not decide.
    """
    read = columns.together(text, kbli, lambda written, code: (_sector(written, code),), ("sector",))
    told: pd.Series = read["sector"].astype("str")
    return told


# one cell ---------------------------------------------------------------------------------------------------------


def _one_of(name: str, written: pd.Series) -> pd.Series:
    return columns.each(written, partial(closed_lists.meaning, name=name)).fillna(UNKNOWN)


def _programs(text: str) -> str | None:
    plain = characters.plain(text).casefold()
    named = {word.upper() for word in closed_lists.in_words(plain)} & set(PROGRAMS)
    named |= {short for full, short in FULL_NAMES.items() if full in plain}
    if not named and (number := BY_NUMBER.search(plain)):
        named = set(PROGRAMS[: int(number[1])])
    return "+".join(name for name in PROGRAMS if name in named) or None


def _workers(text: str) -> int | None:
    plain = characters.plain(text).strip("'\"").casefold()
    if plain in NO_WORKERS:
        return 0
    number = WORKERS.fullmatch(characters.digits_for_letters(plain))
    return int(number[1]) if number else None


def _kbli(text: str) -> str | None:
    found = KBLI.match(re.sub(r"[.,]0$", "", characters.plain(text).strip("'\"")))
    code = re.sub(r"[. ]", "", found[1]) if found else ""
    return code if code[:2] in _sectors_of_kbli() else None


def _sector(text: str, code: str) -> str:
    digits = _kbli(code) or ""
    if digits and not LOST_ZERO.fullmatch(digits):
        known = _sectors_of_kbli()
        return next(known[digits[:n]] for n in range(len(digits), 1, -1) if digits[:n] in known)
    return closed_lists.meaning(text, "sector") or UNKNOWN


@cache
def _sectors_of_kbli() -> Mapping[str, str]:
    return {row["prefix"]: row["sector"] for row in words.rows("kbli")}
