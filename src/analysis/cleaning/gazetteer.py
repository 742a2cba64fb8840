"""The only place that reads one cell as a place: kelurahan and kecamatan of Palu, their variants, places outside.

No kelurahan bears the name of a kecamatan, so a cell may be read without knowing its column: what stands in the wrong
column, or both names in one cell, is understood all the same.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby

import pandas as pd

from analysis.cleaning import characters, words

OUTSIDE = ""
"""Stands for a code where a place lies outside Palu."""
PALU = "7271"
CODE = re.compile(r"\W*([1-9][0-9][ .]?[0-9]{2}[ .]?[0-9]{2}(?:[ .]?[0-9]{4})?)(?:\.0)?\W*")
BETWEEN = re.compile(r"[/,;|()\n]| - |:")
WORD = re.compile("[A-Z]+")
CITY = frozenset({"PALU", "SULAWESITENGAH", "SULTENG", "SULTENGAH", "INDONESIA"})
"""Words, glued, that say no more than the city."""
LABELS = frozenset({"kelurahan", "kecamatan", "area"})
"""Meanings of words that only say of which kind the place is."""
SHORTEST_BEGINNING = 4
SHORTEST_CUT = 5
"""Letters that a cut name must keep to be told from others (TANAMODI)."""
LEAST_SIMILAR = 0.6
"""Below this a likeness is no evidence even for a kecamatan that fits; the limits that decide stand in `places`."""


@dataclass(frozen=True)
class Reading:
    """What one cell says.

    `kelurahan`: its code, or several where the text fits them all (Besusu); `kecamatan`: code or None; `is_outside`:
    it names a place outside Palu; `near`: codes (OUTSIDE included) of similar names with their similarity, 0-1, best
    first, for the part that could not be read; `is_unread`: such a part is there.
    """

    kelurahan: tuple[str, ...] = ()
    kecamatan: str | None = None
    is_outside: bool = False
    near: tuple[tuple[str, float, int], ...] = ()
    is_unread: bool = False


@dataclass(frozen=True)
class Gazetteer:
    """Palu's places by their names: `codes` by glued name (all `glued` in order), `spelt`: words and code.

    `parents`: the kecamatan of each kelurahan.
    `former`: pairs of a kelurahan and a kecamatan that it was in before the split of 2011-2012.
    """

    codes: Mapping[str, str]
    glued: tuple[str, ...]
    spelt: tuple[tuple[tuple[str, ...], str], ...]
    parents: Mapping[str, str]
    former: frozenset[tuple[str, str]]

    def fits(self, kelurahan: str, kecamatan: str | None) -> bool:
        """Whether the kelurahan lies in the kecamatan, or did before the split."""
        return kelurahan in self.parents and (
            self.parents[kelurahan] == kecamatan or (kelurahan, kecamatan) in self.former
        )


def gazetteer(regions: pd.DataFrame) -> Gazetteer:
    """The gazetteer of the rows of regions.csv: text columns id, level, parent_code, name and the two of variants."""
    codes: dict[str, str] = {"".join(_words(row["name"])): OUTSIDE for row in words.rows("places_outside")}
    spelt: list[tuple[tuple[str, ...], str]] = []
    parents: dict[str, str] = {}
    for row in regions.fillna("").to_dict("records"):
        code = str(row["id"])
        if row["level"] == "kelurahan":
            parents[code] = str(row["parent_code"])
        if row["level"] in ("kelurahan", "kecamatan"):
            for name in _names(row):
                codes["".join(_words(name))] = code
                spelt.append((_words(name), code))
    former = frozenset((row["kelurahan_code"], row["former_kecamatan_code"]) for row in words.rows("former_districts"))
    return Gazetteer(codes, tuple(sorted(codes)), tuple(spelt), parents, former)


def _names(row: Mapping[object, object]) -> Iterator[str]:
    yield str(row["name"])
    for column in ("name_variants_seen", "name_variants_guessed"):
        yield from (variant for variant in str(row[column]).split("|") if variant and "(" not in variant)


def read(written: str, places: Gazetteer) -> Reading:
    """What one cell says; an empty Reading where it says nothing, or nothing but the city."""
    if characters.is_blank(written):
        return Reading()
    code = CODE.fullmatch(written)
    if code:
        return _of_code(re.sub(r"\D", "", code[1]), places)
    readings = [_of_words(part, places) for part in _parts(words.capitals(written)) if "".join(part) not in CITY]
    return _joined(readings)


def _of_code(digits: str, places: Gazetteer) -> Reading:
    """A code of Kemendagri with or without dots; a code of another city or province is outside."""
    dotted = ".".join(part for part in (digits[:2], digits[2:4], digits[4:6], digits[6:]) if part)
    if dotted in places.parents:
        return Reading(kelurahan=(dotted,))
    if dotted in places.parents.values():
        return Reading(kecamatan=dotted)
    return Reading(is_outside=not digits.startswith(PALU), is_unread=digits.startswith(PALU))


def _parts(text: str) -> Iterator[tuple[str, ...]]:
    """The words of each place named in a cell: signs and the words Kel., Kec., Kota stand between."""
    meanings = _meanings()
    for part in BETWEEN.split(text):
        for is_label, group in groupby(_words(part), lambda word: meanings.get(word) in LABELS):
            if not is_label:
                yield tuple(group)


def _of_words(found: tuple[str, ...], places: Gazetteer) -> Reading:
    """One place, or two without any sign between them (Lere Palu Barat)."""
    whole = _exact(found, places)
    if whole is not None:
        return whole
    for cut in range(len(found) - 1, 0, -1):
        first, second = _exact(found[:cut], places), _exact(found[cut:], places)
        if first is not None and second is not None:
            return _joined([first, second])
    return _by_likeness(found, places)


def _exact(found: tuple[str, ...], places: Gazetteer) -> Reading | None:
    glued = "".join(found)
    if glued in CITY:
        return Reading()
    code = places.codes.get(glued)
    return None if code is None else _reading_of({code}, places)


def _reading_of(codes: Iterable[str], places: Gazetteer) -> Reading:
    """The reading of one code, or of several kelurahan between which the text does not decide."""
    found = tuple(sorted(codes))
    if len(found) == 1 and found[0] not in places.parents:
        return Reading(is_outside=True) if found[0] == OUTSIDE else Reading(kecamatan=found[0])
    return Reading(kelurahan=found)


def _by_likeness(found: tuple[str, ...], places: Gazetteer) -> Reading:
    """A name whose words or end are cut (Birobuli Utr, T. Utara, Tanamodi), else what it may be by likeness."""
    codes = _begun(found, places)
    if len(codes) == 1:
        return _reading_of(codes, places)
    several = tuple(sorted(codes)) if codes <= places.parents.keys() else ()
    return Reading(kelurahan=several, near=_near("".join(found), places), is_unread=True)


def _begun(found: tuple[str, ...], places: Gazetteer) -> set[str]:
    """Codes of the names whose words, one by one, begin as written; of one word also its first word (Besusu)."""
    glued = "".join(found)
    if len(glued) < SHORTEST_BEGINNING:
        return set()
    if len(found) > 1:
        return {code for name, code in places.spelt if len(name) == len(found)
                and all(word.startswith(cut) for word, cut in zip(name, found, strict=True))}  # fmt: skip
    return {places.codes[name] for name in _cut(glued, places)} | {
        code for name, code in places.spelt if name[0] == glued
    }


def _cut(glued: str, places: Gazetteer) -> tuple[str, ...]:
    """Glued names, those outside Palu too, of which this is the beginning and long enough to be told from others."""
    if len(glued) < SHORTEST_CUT:
        return ()
    end = chr(ord("Z") + 1)
    return places.glued[bisect_left(places.glued, glued) : bisect_left(places.glued, glued + end)]


def _near(glued: str, places: Gazetteer) -> tuple[tuple[str, float, int], ...]:
    """Code, similarity and letters of the names like `glued`, best first, each code once.

    Similarity: 1 - edits (insert, delete, replace, swap neighbours) / letters of the longer.
    """
    from rapidfuzz import process  # loaded only where a name cannot be read as it stands
    from rapidfuzz.distance import OSA

    found = process.extract(glued, places.glued, scorer=OSA.normalized_similarity, limit=12,
                            score_cutoff=LEAST_SIMILAR)  # fmt: skip
    near: dict[str, tuple[str, float, int]] = {}
    for name, similarity, _ in found:
        near.setdefault(places.codes[name], (places.codes[name], float(similarity), len(name)))
    return tuple(near.values())


def of_code(code: str, places: Gazetteer) -> Reading:
    """The reading of a cell that says just this place; OUTSIDE is a place outside Palu."""
    return _reading_of({code}, places)


def _joined(readings: list[Reading]) -> Reading:
    """What several parts of a cell say together."""
    kelurahan = dict.fromkeys(code for reading in readings for code in reading.kelurahan)
    return Reading(
        kelurahan=tuple(kelurahan),
        kecamatan=next((reading.kecamatan for reading in readings if reading.kecamatan), None),
        is_outside=any(reading.is_outside for reading in readings),
        near=next((reading.near for reading in readings if reading.near), ()),
        is_unread=any(reading.is_unread for reading in readings),
    )


def _words(text: str) -> tuple[str, ...]:
    """Words in capitals, directions in full; a glued direction is as good as one apart, names are compared glued."""
    meanings = _meanings()
    found = WORD.findall(words.capitals(text))
    return tuple(word if meanings.get(word, word) in LABELS else meanings.get(word, word) for word in found)


@cache
def _meanings() -> dict[str, str]:
    return {row["written"]: row["meaning"] for row in words.rows("place_words")}
