"""The only place for the true names of the invented people: by origin and sex, few names very often, many rarely."""

from __future__ import annotations

import numpy as np

from analysis.synthetic import words
from analysis.synthetic.chance import Cells, pick

STEMS = (
    "AR",
    "ASR",
    "FAHR",
    "HER",
    "IRW",
    "MIR",
    "NAS",
    "RUS",
    "SAHR",
    "SUD",
    "YUL",
    "HAR",
    "DARM",
    "KAM",
    "SUM",
    "RAM",
)
ENDINGS = {
    "male": ("IANTO", "UDDIN", "AWAN", "IANSYAH", "IMAN", "ADI", "IYONO", "ANDI"),
    "female": ("ANI", "IATI", "AWATI", "INA", "IANA", "IYANTI", "ILA", "ASIH"),
}
"""Rare names are made of a stem and an ending: the long tail of a real register."""
SHARE_OF_OWN = {"muslim": 0.0, "kaili": 0.35, "bugis": 0.30, "javanese": 0.75}
"""How many of a group's first names come from its own list; the others from the names shared by all Muslims."""
BIRTH_ORDER = ("PUTU", "MADE", "NYOMAN", "KETUT", "WAYAN", "KADEK", "KOMANG", "GEDE")


def given(rng: np.random.Generator, origin: str, sex: str, n: int) -> Cells:
    """`n` first names of one list."""
    table = words.read("given_names")
    own = table[(table["origin"] == origin) & (table["sex"] == sex)]
    return pick(rng, own["name"].to_list(), own["weight"].to_list(), n)


def family(rng: np.random.Generator, origin: str, n: int) -> Cells:
    """`n` family names of one list."""
    table = words.read("family_names")
    own = table[table["origin"] == origin]
    return pick(rng, own["name"].to_list(), own["weight"].to_list(), n)


def full(rng: np.random.Generator, origin: str, sex: str, n: int) -> Cells:
    """`n` full names in capitals of one origin and sex."""
    if origin == "balinese":
        first = np.full(n, "I " if sex == "male" else "NI ", dtype=object)
        return first + pick(rng, BIRTH_ORDER, None, n) + " " + given(rng, origin, sex, n)
    if origin == "chinese":
        western, clan, second = given(rng, origin, sex, n), family(rng, origin, n), given(rng, origin, sex, n)
        return np.where(rng.random(n) < 0.5, western + " " + clan, clan + " " + western + " " + second)
    if origin == "christian":
        second = np.where(rng.random(n) < 0.3, " " + given(rng, origin, sex, n), "")
        return given(rng, origin, sex, n) + second + " " + family(rng, origin, n)
    return _muslim(rng, origin, sex, n)


def _muslim(rng: np.random.Generator, origin: str, sex: str, n: int) -> Cells:
    """A forename that marks the group, a first name, often a second one, among Kaili sometimes a family name."""
    is_own = rng.random(n) < SHARE_OF_OWN[origin]
    first = np.where(is_own, given(rng, origin if origin in SHARE_OF_OWN else "muslim", sex, n), "")
    first = np.where(is_own, first, _common(rng, sex, n))
    second = np.where(rng.random(n) < 0.68, " " + _common(rng, sex, n), "")
    last = np.where(rng.random(n) < 0.22, " " + family(rng, "kaili", n), "") if origin == "kaili" else ""
    name: Cells = _mark(rng, origin, sex, n) + first + second + last
    return name


def _common(rng: np.random.Generator, sex: str, n: int) -> Cells:
    """First names shared by all Muslims, one in five from the long tail."""
    rare = pick(rng, STEMS, None, n) + pick(rng, ENDINGS[sex], None, n)
    return np.where(rng.random(n) < 0.2, rare, given(rng, "muslim", sex, n))


def _mark(rng: np.random.Generator, origin: str, sex: str, n: int) -> Cells:
    """MUHAMMAD, ABDUL, SITI, NUR, ANDI, DAENG, LA, I: with the blank behind, or nothing."""
    marks = {"MUHAMMAD ": 22.0, "ABDUL ": 7.0, "AHMAD ": 3.0} if sex == "male" else {"SITI ": 14.0, "NUR ": 6.0}
    if origin == "bugis":
        marks |= {"ANDI ": 10.0, "DAENG ": 3.0, "LA " if sex == "male" else "I ": 6.0}
    return pick(rng, [*marks, ""], [*marks.values(), 100.0 - sum(marks.values())], n)
