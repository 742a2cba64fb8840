"""The only place for how words in a cell are taken for one value of a closed list.

The words and what they mean stand in `lists/words_of_*.csv`, to be reviewed by a data owner: phrase, value, rank, why.
Whole words only; of two phrases that overlap the longer one holds ("tidak aktif" is not "aktif"); of several values
the one with the lowest rank; where two values remain, none is taken. What no phrase knows has no value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from analysis.cleaning import characters, words

WORD = re.compile(r"[a-z]+|[0-9]+")
Phrase = tuple[str, ...]


@cache
def read(name: str) -> Mapping[Phrase, tuple[int, str]]:
    """Rank and value of each phrase of the list `name`."""
    listed = words.rows(f"words_of_{name}")
    return {tuple(in_words(row["phrase"])): (int(row["rank"]), row["value"]) for row in listed}


def in_words(text: str) -> list[str]:
    """The words and numbers of a text, in small letters."""
    return WORD.findall(characters.plain(text).casefold())


def meaning(text: str, name: str) -> str | None:
    """The one value that the words of `text` have in the list `name`; None without one, or where two fit alike.

    A value of the list means itself, so that cleaning twice changes nothing.
    """
    if text in _values(name):
        return text
    found = _phrases(in_words(text), read(name))
    best = {value for rank, value in found if rank == min(rank for rank, _ in found)}
    return best.pop() if len(best) == 1 else None


@cache
def _values(name: str) -> frozenset[str]:
    return frozenset(value for _, value in read(name).values())


def _phrases(told: list[str], known: Mapping[Phrase, tuple[int, str]]) -> list[tuple[int, str]]:
    """Rank and value of the phrases that stand in `told`, from the left, the longest at each word."""
    longest, found, at = max(map(len, known)), [], 0
    while at < len(told):
        lengths = range(min(longest, len(told) - at), 0, -1)
        n = next((n for n in lengths if tuple(told[at : at + n]) in known), 0)
        if n:
            found.append(known[tuple(told[at : at + n])])
        at += n or 1
    return found
