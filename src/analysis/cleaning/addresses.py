"""The only place for street addresses and the neighbourhood numbers (RT/RW) written within them.

An address is made comparable, not looked up: capitals, usual words in one spelling (cleaning/lists/address_words.csv),
no punctuation. Kelurahan, kecamatan and RT/RW have columns of their own and are left out of it.
"""

from __future__ import annotations

import re
from functools import cache

import pandas as pd

from analysis.cleaning import characters, columns, words

WORD = re.compile("[A-Z]+|[0-9]+")
RT_RW = re.compile(
    r"\bR ?T R ?W (?P<a_rt>[0-9]{1,3}) (?P<a_rw>[0-9]{1,3})\b"
    r"|\bR ?T (?P<b_rt>[0-9]{1,3})(?: (?:R ?W )?(?P<b_rw>[0-9]{1,3}))?\b"
    r"|\bR ?W (?P<c_rw>[0-9]{1,3})(?: R ?T (?P<c_rt>[0-9]{1,3}))?\b"
)
"""In words apart: RT RW 001 002, RT 1 RW 2, RT 1 2, RW 2 RT 1, RT 3, RW 4."""
AREA = re.compile(r"(?<=[A-Z0-9]) (?:KEL|KELURAHAN|KEC|KECAMATAN|KOTA PALU|SULAWESI TENGAH|SULTENG)\b.*")
"""From here on an address names the area; one that begins so is left alone."""

SPREAD_STREET = re.compile("^J L ")
"""J.L. whose letters stand apart once the dots are gone."""
STREET = re.compile(r"^JL\b|\bNO$|\b[0-9].*")
SHORTEST_STREET = 3


def address(written: pd.Series) -> pd.Series:
    """Street addresses in capitals, words and numbers apart by single blanks, same index; NA where none was written.

    Jl., Jln, Jalan -> JL; No. -> NO; Gang -> GG; Lorong -> LR; RT, RW, kelurahan and kecamatan left out.
    """
    return columns.each(written, _address)


def street(address: pd.Series) -> pd.Series:
    """The street of clean addresses, without JL and without house number: text, same index, NA where none is left."""
    return columns.each(address, _street)


def house_number(address: pd.Series) -> pd.Series:
    """The first number of clean addresses, text, same index; NA where there is none."""
    return address.str.extract(r"\b0*([1-9][0-9]*)\b", expand=False)


def rt_rw_within(written: pd.Series) -> pd.Series:
    """RT and RW named in an address, as 001/002; NA where one of the two is missing or 0."""
    return columns.each(written, _rt_rw)


def _address(written: str) -> str | None:
    spelling = _spelling()
    text = SPREAD_STREET.sub("JL ", " ".join([spelling.get(word, word) for word in _words(written)]))
    while (shorter := _without_areas(text)) != text:
        text = shorter
    return None if characters.is_blank(text) else text


def _without_areas(text: str) -> str:
    if " K" in text or " S" in text:
        text = AREA.sub("", text)
    if "T" in text or "W" in text:
        text = " ".join(RT_RW.sub(" ", text).split())
    return text


def _rt_rw(written: str) -> str | None:
    """The first pair of numbers."""
    found = RT_RW.search(" ".join(_words(written)))
    if found is None:
        return None
    told = found.groupdict()
    rt, rw = (next((told[f"{way}_{part}"] for way in "abc" if told[f"{way}_{part}"]), "0") for part in ("rt", "rw"))
    return f"{int(rt):03}/{int(rw):03}" if int(rt) and int(rw) else None


def _street(address: str) -> str | None:
    name = STREET.sub("", address.partition(" NO ")[0]).strip()
    return name if len(name) >= SHORTEST_STREET else None


def _words(written: str) -> list[str]:
    return WORD.findall(words.capitals(written))


@cache
def _spelling() -> dict[str, str]:
    return {row["written"]: row["canonical"] for row in words.rows("address_words")}
