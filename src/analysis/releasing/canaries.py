"""The only place for what counts as a leak: values of persons, and the forms in which a text may show one of them.

A canary is a NIK, a participant number (KPJ), a telephone number or a name. They are looked up in sets: the numbers
and words of a text are taken out of it and compared with all canaries at once, however many there are.

A number must stand alone: a longer run of digits that holds it is another number. Signs and blanks may part a NIK
anywhere, as 14 digits do not meet by chance. Shorter numbers are met among sums and coordinates, so their parts must
be grouped as people group them (`_is_grouped`), or begin as telephone numbers do (0, 62, +62).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis import N_
from analysis.cleaning import phones

KINDS = ("nik", "kpj", "name", "phone")
FEWEST_DIGITS, MOST_DIGITS = {"nik": 14, "kpj": 11}, 20
FEWEST_WORDS, FEWEST_LETTERS = 2, 8
FEWEST_VARIED = 3
"""Different digits: 1111111111111111 or 1010101010 stand for no person."""
UNGROUPED = 14
"""Digits of a number whose parts may be parted in any way."""
SHORTEST = 8
"""Digits of the shortest telephone number without its 0."""
REASONS = {
    "nik": N_("a NIK needs 14 to 20 digits, not all the same: shorter ones are met by chance"),
    "kpj": N_("a KPJ needs 11 to 20 digits, not all the same: shorter ones are met by chance"),
    "name": N_("a name needs two words and 8 letters: single and short names are met by chance"),
    "phone": N_("this is no telephone number: 08..., 628..., or a landline with its area code"),
}
"""Why a value of each kind cannot be looked for."""
STARTS = 7
HASHES = (hashlib.md5, hashlib.sha1, hashlib.sha256)
HASHED_BYTES = 8
"""A hash is known by its first bytes, so that one cut to 16 signs is found too."""

COMBINING = re.compile("[\u0300-\u036f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
APOSTROPHE = re.compile(r"(?<=[^\W\d_])['`´‘’ʼ](?=[^\W\d_])")
WORD = re.compile(r"[^\W\d_]+")
RUN = re.compile(r"[0-9]{9,}")
SIGNS = r" \t\r\n.,\-\u2010-\u2015\u2212_/:'·•*()+"
CHAIN = re.compile(rf"[0-9][0-9{SIGNS}]{{8,}}[0-9]")
PART = re.compile(r"([^0-9]*)([0-9]+)")
FURTHEST = 3
"""Signs between two parts of a number."""
NOTATION = re.compile(r"(?<![0-9.,])([0-9])[.,]([0-9]{6,})[eE]\+?([0-9]{1,2})(?![0-9])")
COUNTRY = re.compile(r"(?:00)?62(?=0?[2-9])0?|0(?=[2-9])")
PHONE_SIGNS = frozenset(" .-/()+")
HEX = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{16,128}(?![0-9A-Za-z])")
MOST_REMEMBERED = 1_000_000
Found = tuple[str, str]
"""A kind, and what tells one value of it from another; never shown."""


@dataclass(frozen=True, repr=False)
class Canaries:
    """Values of persons, ready to be looked for; its text shows none of them.

    `left_out`: by kind, how many given values cannot be looked for since they would be met by chance (single names,
    stand-ins, numbers cut short) or are public (`without`).
    """

    numbers: Mapping[str, str]
    phones: frozenset[str]
    names: frozenset[str]
    left_out: Mapping[str, int]
    lengths: Mapping[str, Sequence[int]] = field(init=False)
    starts: frozenset[str] = field(init=False)
    hashes: Mapping[str, np.ndarray] = field(init=False)
    _clean: set[str] = field(init=False, default_factory=set, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lengths", _lengths(self.names))
        object.__setattr__(self, "starts", frozenset(_starts(self.numbers, self.phones)))
        object.__setattr__(self, "hashes", _hashes(self.numbers, self.phones))

    def __repr__(self) -> str:
        return f"Canaries({len(self)})"

    def __len__(self) -> int:
        return len(self.numbers) + len(self.phones) + len(self.names)

    def found(self, text: str) -> set[Found]:
        """The canaries that stand in a text, each once."""
        told = plain(text)
        return {*self._numbers(told), *self._names(told), *self._hashed(told)}

    def without(self, texts: Iterable[str]) -> Canaries:
        """The same without the names that stand in these texts: public ones, as of places and officials."""
        public = {name for text in texts for _, name in self._names(plain(text))}
        left_out = {**self.left_out, "name": self.left_out.get("name", 0) + len(public)}
        return Canaries(self.numbers, self.phones, self.names - public, left_out)

    def _names(self, text: str) -> Iterator[Found]:
        words = WORD.findall(APOSTROPHE.sub("", text.casefold()))
        for at in [at for at, word in enumerate(words) if word in self.lengths]:
            for n in self.lengths[words[at]]:
                name = " ".join(words[at : at + n])
                if name in self.names:
                    yield "name", name

    def _numbers(self, text: str) -> Iterator[Found]:
        for run in set(RUN.findall(text)):
            yield from self._number(run, is_phone=True)
        for first, rest, exponent in set(NOTATION.findall(text)):
            yield from self._number((first + rest.rstrip("0")).ljust(int(exponent) + 1, "0"), is_phone=True)
        for chain in set(CHAIN.findall(text)):
            if not chain.isdecimal() and chain not in self._clean:
                found = set(self._parted(chain))
                yield from found
                if not found and len(self._clean) < MOST_REMEMBERED:
                    self._clean.add(chain)

    def _parted(self, chain: str) -> Iterator[Found]:
        """Numbers whose parts stand in a row, from the beginning of one part to the end of another."""
        parts = PART.findall(chain)
        joined, at = "".join(digits for _, digits in parts), 0
        for start, (_, digits) in enumerate(parts):
            is_start = joined[at : at + STARTS] in self.starts
            at += len(digits)
            if not is_start:
                continue
            for end in range(start + 1, len(parts)):
                digits += parts[end][1]
                if len(parts[end][0]) > FURTHEST or len(digits) > MOST_DIGITS:
                    break
                if len(digits) >= UNGROUPED and digits in self.numbers:
                    yield self.numbers[digits], digits
                elif SHORTEST < len(digits) <= UNGROUPED + 2:
                    yield from self._grouped(digits, parts[start : end + 1])

    def _grouped(self, digits: str, parts: Sequence[tuple[str, str]]) -> Iterator[Found]:
        if _is_grouped(parts):
            yield from self._number(digits, is_phone=True)
        elif digits.startswith(("0", "62")) and all(PHONE_SIGNS.issuperset(sign) for sign, _ in parts[1:]):
            yield from self._number(digits, is_phone=True, is_other=False)

    def _number(self, digits: str, *, is_phone: bool, is_other: bool = True) -> Iterator[Found]:
        if is_other and digits in self.numbers:
            yield self.numbers[digits], digits
        if is_phone and (national := _national(digits)) in self.phones:
            yield "phone", national

    def _hashed(self, text: str) -> Iterator[Found]:
        runs = sorted({run[: 2 * HASHED_BYTES].lower() for run in HEX.findall(text)})
        written = np.array([int(run, 16) for run in runs], dtype=np.uint64)
        for kind, known in self.hashes.items():
            if len(known) and len(written):
                at = np.minimum(np.searchsorted(known, written), len(known) - 1)
                yield from ((kind, runs[n]) for n in np.flatnonzero(known[at] == written))


def of_tables(values: Mapping[str, Iterable[str | None]]) -> Canaries:
    """Canaries of registers: by kind (nik, kpj, name, phone) the values as they are written, empty ones left out.

    Values that cannot be looked for are counted in `left_out`. A kind that is unknown is a KeyError.
    """
    numbers: dict[str, str] = {}
    left_out = dict.fromkeys(KINDS, 0)
    known: dict[str, set[str]] = {"phone": set(), "name": set()}
    for kind, given in values.items():
        for read in _read(kind, sorted({str(value) for value in given if value is not None and value == value})):
            left_out[kind] += not read
            if kind in known:
                known[kind].update(read)
            else:
                numbers.update(dict.fromkeys(read, kind))
    return Canaries(numbers, frozenset(known["phone"]), frozenset(known["name"]), left_out)


def is_lookable(kind: str, values: Sequence[str]) -> list[bool]:
    """Of each value of a kind, whether it can be looked for."""
    return [bool(read) for read in _read(kind, values)]


def plain(text: str) -> str:
    """The text in ordinary characters: no accents, no invisible signs, full-width digits as digits."""
    return text if text.isascii() else COMBINING.sub("", unicodedata.normalize("NFKD", text))


def _read(kind: str, values: Sequence[str]) -> list[tuple[str, ...]]:
    """What is looked for in place of each value: nothing where it would be met by chance, two for two telephones."""
    if kind == "phone":
        read = phones.clean(pd.Series(values, dtype="str"))
        both = zip(read["phone"], read["phone_2"], strict=True)
        return [tuple(each.removeprefix("62") for each in pair if isinstance(each, str)) for pair in both]
    if kind == "name":
        return [(name,) if _is_telling(name) else () for name in map(_name, values)]
    fewest = FEWEST_DIGITS[kind]
    digits = [re.sub("[^0-9]", "", re.sub(r"[.,]0{1,2}$", "", plain(value.strip()))) for value in values]
    return [(one,) if fewest <= len(one) <= MOST_DIGITS and len({*one}) >= FEWEST_VARIED else () for one in digits]


def _name(written: str) -> str:
    return " ".join(WORD.findall(APOSTROPHE.sub("", plain(written).casefold())))


def _is_telling(name: str) -> bool:
    return name.count(" ") + 1 >= FEWEST_WORDS and len(name.replace(" ", "")) >= FEWEST_LETTERS


def _lengths(names: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """How many words the names have that begin with a word."""
    lengths: dict[str, set[int]] = {}
    for name in names:
        first, *others = name.split(" ")
        lengths.setdefault(first, set()).add(1 + len(others))
    return {first: tuple(sorted(several)) for first, several in lengths.items()}


def _starts(numbers: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    """How a parted number may begin: most numbers of a page begin no canary, and are left alone."""
    yield from (digits[:STARTS] for digits in numbers)
    yield from ((lead + national)[:STARTS] for national in known for lead in ("", "0", "62", "620", "0062"))


def _hashes(numbers: Mapping[str, str], known: Iterable[str]) -> dict[str, np.ndarray]:
    """By kind the plain hashes of its numbers, their first bytes as numbers, sorted: who has one can try all NIK."""
    written: dict[str, list[str]] = {kind: [] for kind in KINDS if kind != "name"}
    for digits, kind in numbers.items():
        written[kind].append(digits)
    written["phone"] = [lead + national for national in known for lead in ("0", "62", "+62")]
    return {kind: np.sort(np.fromiter(_first_bytes(texts), dtype=np.uint64)) for kind, texts in written.items()}


def _first_bytes(texts: Iterable[str]) -> Iterator[int]:
    for text in texts:
        for hashed in HASHES:
            yield int.from_bytes(hashed(text.encode(), usedforsecurity=False).digest()[:HASHED_BYTES], "big")


def _national(digits: str) -> str:
    """The digits as telephone numbers are looked up; a landline without 0 or 62 in front is none."""
    national = COUNTRY.sub("", digits, count=1) if COUNTRY.match(digits) else digits
    return national if national != digits or digits.startswith("8") else ""


def _is_grouped(parts: Sequence[tuple[str, str]]) -> bool:
    """Whether a number of up to 13 digits is parted as people part one: the same sign between all.

    Blank or hyphen: groups of 3 or more, the last one 2 or more; point: the same, and 3 groups at least, as two are a
    decimal; comma: groups of 3.
    """
    (sign, *others), sizes = [sign for sign, _ in parts[1:]], [len(digits) for _, digits in parts[1:]]
    if any(other != sign for other in others):
        return False
    if sign == ",":
        return {*sizes} == {3}
    if sign == "." and len(parts) == 2:
        return False
    return sign in (" ", "-", ".") and min(sizes[:-1], default=3) >= 3 and sizes[-1] >= 2
