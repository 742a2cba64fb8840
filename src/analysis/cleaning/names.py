"""The only place for persons' and businesses' names made comparable: titles off, usual abbreviations spelt in one way.

A clean name stays readable: capitals A to Z and single blanks, in the order written. Old spellings (oe, dj, tj) stay as
they are; that they sound alike is for `key` and `are_alike`. Which words are titles, abbreviations, marks of the dead
or no names stands in cleaning/lists, with the reason beside each.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import pandas as pd

from analysis.cleaning import characters, columns, likeness, words

ORDINARY = re.compile("[A-Z., ]+")
PLAIN = re.compile(r"[A-Z]+(?: [A-Z]+)*")
JUNK = re.compile(r"\S*@\S*|\S*WWW\.\S*|\b(?:HP|WA|TLP|TELP|NIK|KTP)[\s.:]*\d+|^\s*NAMA\s*:")
LETTER_LIKE_DIGITS = re.compile(r"(?<=[A-Z])[01](?=[A-Z])")
ON_BEHALF = re.compile(r"^\W*(?:A\s*[./]\s*N\b|ATAS NAMA\b)[\s.:]*")
SECOND_PERSON = re.compile(r"[/&;+]|\b(?:DAN|DKK|ALIAS|QQ|ATAU)\b")
BRACKETS = re.compile(r"[(\[{<][^)\]}>]*[)\]}>]?|\"[^\"]*\"|[)\]}>]")
FATHER = re.compile(r"\s(?:BIN|BINTI|BINTE|BTE|BT|BNT)\b")
WORD = re.compile(r"[A-Z]+\.?")
CUTTING = frozenset({"DAN", "DKK", "ALIAS", "QQ", "ATAU", "ATAS", "BIN", "BINTI", "BINTE", "BTE", "BT", "BNT"})
CROSSES = frozenset("X" * n for n in range(1, 12))
BALINESE_FIRST = frozenset({"I", "NI", "IDA"})
LONGEST_TITLE = 3
"""Words of the longest title (A. Md. Keb)."""


def clean(written: pd.Series) -> pd.Series:
    """Persons' names in capitals, same index, NA where none was written (NIHIL, -, XXX, CONTOH).

    Titles, (alm), bracketed nicknames, digits and e-mail addresses are left out; of two persons or names in a cell
    (ANI / ANA, A alias B, A dkk) the first is kept. What follows bin or binti, the father's name, is cut: the KTP and
    the participant register mostly do not have it, so with it the same person would look like two.
    """
    return columns.each(written, _clean)


def is_deceased(written: pd.Series) -> pd.Series:
    """Whether the name is marked as that of a dead person, (alm) or the like: bool, False where nothing is written."""
    return written.str.contains(f"(?i){_marks().pattern}", na=False).astype(bool)


def key(name: pd.Series) -> pd.Series:
    """The sound of clean names, words sorted, weak words (Muhammad, Abdul, Siti, Nur) left out unless all are weak.

    NURUL HUDA, NURULHUDA and HUDA NURUL have one key; so have DJOEMADI and JUMADI. NA where the name is NA.
    """
    return columns.each(name, likeness.key)


def sounds(name: pd.Series) -> pd.Series:
    """The sounds of the words of clean names in their order, parted by blanks, weak words left out; NA where NA."""
    return columns.each(name, lambda one: " ".join(likeness.strong(one)))


def glued(name: pd.Series) -> pd.Series:
    """The sound of clean names without blanks; the same for NURUL HUDA, NURULHUDA and HUDA NURUL. NA where NA."""
    return columns.each(name, likeness.glued)


def are_alike(left: pd.Series, right: pd.Series) -> pd.Series:
    """Whether two clean names may be of the same person: bool, index of `left`; rows are compared one by one.

    Generous: equal sound, another order, glued words, initials, words left out, small typing errors. True where a
    name is NA, as nothing speaks against it.
    """
    ours, theirs = left.reset_index(drop=True), right.reset_index(drop=True)
    is_open = (ours.ne(theirs) & ours.notna() & theirs.notna()).to_numpy(dtype=bool)
    told = columns.together(ours[is_open], theirs[is_open], _alike, ("is_alike",))["is_alike"]
    alike = pd.Series(True, index=ours.index)
    alike[is_open] = told.astype(bool)
    return alike.set_axis(left.index)


def business(written: pd.Series) -> pd.Series:
    """Names of businesses in capitals, legal forms and kinds (CV, UD, TOKO, WARUNG) spelt in one way; NA: none."""
    return columns.each(written, _business)


def _alike(left: str, right: str) -> tuple[bool]:
    return (likeness.are_alike(left, right),)


# stages: text -> text -----------------------------------------------------------------------------------------


def _in_capitals(text: str) -> str:
    """Capitals without accents, apostrophes and signs of emphasis; 0 and 1 inside a word are O and I."""
    if ORDINARY.fullmatch(text):
        return text
    text = LETTER_LIKE_DIGITS.sub(lambda digit: "OI"[int(digit[0])], JUNK.sub(" ", words.capitals(text)))
    return re.sub(r"[\d_*#-]+", " ", text)


def _one_person(text: str) -> str:
    """Only the first of several persons or names; `a.n.` (on behalf of) is no part of a name."""
    text = ON_BEHALF.sub("", text)
    first = SECOND_PERSON.split(text)[0]
    return first if WORD.search(first) else SECOND_PERSON.sub(" ", text)


def _without_brackets(text: str) -> str:
    """Nicknames and remarks in brackets or quotation marks left out, unless nothing stands outside."""
    outside = BRACKETS.sub(" ", text)
    return outside if WORD.search(outside) else text


def _without_marks(text: str) -> str:
    """Marks of the dead left out."""
    living = _marks().sub(" ", text)
    return living if WORD.search(living) else text


def _without_father(text: str) -> str:
    """Cut before bin or binti."""
    own = FATHER.split(text)[0]
    return own if WORD.search(own) else text


def _without_titles_after(text: str) -> str:
    """Degrees at the end left out, with and without dots and blanks; the first word always stays."""
    found = WORD.findall(text)
    while n := _title_words_at_end(found):
        del found[-n:]
    return " ".join(found)


def _title_words_at_end(found: list[str]) -> int:
    if not found or found[-1].rstrip(".") not in _to_look_at():
        return 0
    for n in range(min(LONGEST_TITLE, len(found) - 1), 0, -1):
        last = found[-n:]
        is_dotted = n > 1 and all(word.endswith(".") for word in last[:-1])
        if "".join(last).replace(".", "") in _titles("after", is_dotted):
            return n
    return 0


def _without_titles_before(text: str) -> str:
    """Titles and forms of address at the beginning left out; the last word always stays."""
    found, before = WORD.findall(text), _titles("before", False)
    while len(found) > 1 and found[0].rstrip(".") in before:
        del found[0]
    return " ".join(found)


def _letters_only(text: str) -> str:
    return " ".join(re.findall("[A-Z]+", text))


def _spelt_in_one_way(text: str) -> str:
    """Usual abbreviations and spellings of Muhammad, Abdul, Siti, Nur and others by the list."""
    spellings, found = _spellings(), text.split()
    return " ".join(_spelling(found, place) if word in spellings else word for place, word in enumerate(found))


def _spelling(found: list[str], place: int) -> str:
    word = found[place]
    for stands, canonical in _spellings()[word]:
        if stands == "anywhere" or STANDS[stands](found, place):
            return canonical
    return word


def _is_first(found: list[str], place: int) -> bool:
    """Before a full word, at the beginning or after Andi."""
    return found[:place] in ([], ["ANDI"]) and len(found) > place + 1 and len(found[place + 1]) > 1


STANDS: dict[str, Callable[[list[str], int], bool]] = {
    "after_i": lambda found, place: place > 0 and found[0] in BALINESE_FIRST,
    "first": _is_first,
    "not_last": lambda found, place: place < len(found) - 1,
}
STAGES: tuple[Callable[[str], str], ...] = (
    *(_in_capitals, _without_brackets, _one_person, _without_marks, _without_father),
    *(_without_titles_after, _without_titles_before, _letters_only, _spelt_in_one_way),
)
"""What is done to a name that is not clean yet, in this order, until nothing changes."""


def _clean(written: str) -> str | None:
    text = written.upper()
    while not _is_clean(text):
        if characters.is_blank(text):
            return None
        before = text
        for stage in STAGES:
            text = stage(text)
        if text == before:
            break
    return text if text and text not in _no_names() else None


def _is_clean(text: str) -> bool:
    return PLAIN.fullmatch(text) is not None and _to_look_at().isdisjoint(text.split())


# lists ----------------------------------------------------------------------------------------------------------


@cache
def _marks() -> re.Pattern[str]:
    """The marks of the dead, in capitals."""
    marks = sorted((row["mark"] for row in words.rows("deceased")), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(marks)})\b|†".replace(" ", " +"))


@cache
def _no_names() -> frozenset[str]:
    """What says that there is no name: words of the list, and those for nothing written, in capitals."""
    nothing = (text.upper() for text in characters.NOTHING)
    return frozenset({*(row["written"] for row in words.rows("no_names")), *nothing, *CROSSES})


@cache
def _titles(stands: str, is_dotted: bool) -> frozenset[str]:
    """Titles that may stand there, without dots; those that need dots only for `is_dotted`."""
    return frozenset(
        row["title"].replace(".", "") for row in words.rows("titles")
        if row["stands"] in (stands, "both") and (is_dotted or row["dots"] == "any")
    )  # fmt: skip


@cache
def _spellings() -> dict[str, list[tuple[str, str]]]:
    """Where a word must stand and what it is there, by word."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in words.rows("name_spellings"):
        found.setdefault(row["written"], []).append((row["stands"], row["canonical"]))
    return found


@cache
def _to_look_at() -> frozenset[str]:
    """Every word that a stage may act upon: a plain text without any of them is clean."""
    marks = (row["mark"].split()[0] for row in words.rows("deceased"))
    written = [row["title"] for row in words.rows("titles")]
    titles = (part for title in written for part in (title.replace(".", ""), *title.split(".")))
    nothing = (word.upper() for text in characters.NOTHING for word in text.split())
    return frozenset({*CUTTING, *marks, *titles, *nothing, *_spellings(), *CROSSES})


# businesses -----------------------------------------------------------------------------------------------------

SPREAD_FORM = re.compile(r"^(?:C V|P T|U D)\b")
"""CV., PT. and UD. whose letters stand apart once the dots are gone."""


def _business(written: str) -> str | None:
    text = written.upper()
    if not (PLAIN.fullmatch(text) and _business_words().keys().isdisjoint(text.split())):
        if characters.is_blank(text):
            return None
        text = _business_form(" ".join(re.findall("[A-Z0-9]+", words.capitals(text))))
    return text if text and text not in _no_names() else None


def _business_form(text: str) -> str:
    """Kinds of business in one spelling; a legal form written with blanks (C V) is one word."""
    found = SPREAD_FORM.sub(lambda form: form[0].replace(" ", ""), text).split()
    spelling = _business_words()
    return " ".join(
        canonical if (stands == "anywhere" or (place == 0 and len(found) > 1)) else word
        for place, word in enumerate(found)
        for stands, canonical in [spelling.get(word, ("anywhere", word))]
    )


@cache
def _business_words() -> dict[str, tuple[str, str]]:
    return {row["written"]: (row["stands"], row["canonical"]) for row in words.rows("business_words")}
