"""The only place for how alike two clean names of persons are: their sound, and whether they may be of one person.

Names of Palu's people come in old and new spelling (Djoemadi, Jumadi), in any order, glued, abbreviated, with or
without a leading Muhammad or Siti. The sound evens out oe/u, dj/j, tj/c, sj/sy/sh/s, ch/kh/h, ph/v/f/p, z/s, y/i,
ae/ai, doubled letters, an h and a voiced consonant at the end of a word. Sources: Ejaan Soewandi (1947) and EYD (1972)
for the old spellings; the design's linkage notes for weak and glued words.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from analysis.cleaning import words

RULES: tuple[tuple[str, str], ...] = (
    ("OE", "U"), ("D+J", "J"), ("TJ", "C"), ("^NJ", "NY"), ("SJ|SY|SH|DZ|Z", "S"),
    ("(?<=[AEIOU])CH|CH(?=A[DEIL]|OI|U[MSZ])|KH", "H"), ("CH(?=R)|Q|CK|C(?=[LRT])|(?<=.)C$", "K"), ("CH", "C"),
    ("X", "KS"), ("PH|F|V", "P"), ("([BDGT])H", r"\1"), ("Y", "I"), ("AE", "AI"), ("IE", "I"), ("UW(?=[AEIO])", "U"),
    (r"(.)\1+", r"\1"), ("(?<=.)H$", ""), ("(?<=.)D$", "T"), ("(?<=.)B$", "P"),
)  # fmt: skip
"""Patterns of letters and what they sound like, applied in this order to one word."""
SOUNDS = tuple((re.compile(pattern), letters) for pattern, letters in RULES)
SHORTEST_REST = 4
"""Letters that must follow a weak beginning for a word to be taken as glued: NURHAYATI, not NURDIN."""
SHORTEST_STEM = 3
LONG = 10
"""From so many letters on a word may hold two typing errors."""
LIKE_ENOUGH = 0.88
"""Least similarity of whole names without weak words: share of letters that need no edit."""


def key(name: str) -> str:
    """The sound of the words of a clean name, sorted, without weak words unless all are weak."""
    return " ".join(sorted(strong(name)))


def strong(name: str) -> list[str]:
    """The sounds of the words of a name, in order; a weak word or glued weak beginning is left out if any remains."""
    found = _sounds(name)
    weak = _weak()
    kept = [rest for word in found if (rest := _without_weak_beginning(word)) not in weak]
    return kept or found


def glued(name: str) -> str:
    """The sound of the whole name without blanks: one text for each way in which its first or last word may move."""
    return min(_glued(name))


def are_alike(left: str, right: str) -> bool:
    """Whether two clean names may be of one person.

    Yes where their keys are equal, the same letters are glued otherwise or in another order, every word of the
    shorter has its like in the longer (an initial, a cut word, a small typing error), or few letters differ in all.
    """
    ours, theirs = strong(left), strong(right)
    if _weak().issuperset(ours) or _weak().issuperset(theirs):
        ours, theirs = _sounds(left), _sounds(right)
    if sorted(ours) == sorted(theirs) or _glued(left) & _glued(right):
        return True
    shorter, longer = sorted((ours, theirs), key=len)
    is_part = _is_part(shorter, longer) or (len(shorter) == len(longer) and _is_part(longer, shorter))
    return is_part or _is_near("".join(sorted(ours)), "".join(sorted(theirs))) or _is_near(_bare(left), _bare(right))


@cache
def _weak() -> frozenset[str]:
    return frozenset(_sound(row["name"]) for row in words.rows("weak_names"))


@cache
def _weak_beginning() -> re.Pattern[str]:
    glued = sorted((_sound(row["name"]) for row in words.rows("weak_names") if row["begins_a_glued_word"] == "yes"),
                   key=len, reverse=True)  # fmt: skip
    # The sound of Muhammad ends in T; inside a glued word its D stands. Abdur Rahman glued is ABDURAHMAN.
    return re.compile(f"^(?:{'|'.join(glued)}|MUHAMAD|ABDU(?=[RS]))(?=.{{{SHORTEST_REST}}})(?![BCDGKLMNPRST]{{2}})")


@lru_cache(maxsize=50_000)
def _without_weak_beginning(sound: str) -> str:
    return _weak_beginning().sub("", sound, count=1)


def _sounds(name: str) -> list[str]:
    return [_sound(word) for word in name.split()]


@lru_cache(maxsize=50_000)
def _sound(word: str) -> str:
    for pattern, letters in SOUNDS:
        word = pattern.sub(letters, word)
    return word


def _glued(name: str) -> set[str]:
    """The sound of the whole name without blanks, in its order and with the first or last word moved."""
    found = _sounds(name)
    orders = (found, [*found[1:], *found[:1]], [*found[-1:], *found[:-1]])
    return {re.sub(r"(.)\1+", r"\1", "".join(order)) for order in orders}


def _bare(name: str) -> str:
    """The letters of a name in its order, weak words left out."""
    return "".join(word for word in name.split() if _sound(word) not in _weak())


def _is_part(shorter: list[str], longer: list[str]) -> bool:
    """Whether each word of the shorter finds its own like in the longer, at least one of them as a full word."""
    left_over, has_full = list(longer), False
    for word in sorted(shorter, key=len, reverse=True):
        like = next((other for other in left_over if _is_like(word, other)), None)
        if like is None:
            return False
        left_over.remove(like)
        has_full = has_full or min(len(word), len(like)) > 1
    return has_full


def _is_like(word: str, other: str) -> bool:
    """Equal, an initial, cut off, or with one typing error (two in a long word)."""
    short, long = sorted((word, other), key=len)
    if len(short) == 1 or (len(short) >= SHORTEST_STEM and long.startswith(short)):
        return long.startswith(short)
    return len(long) > SHORTEST_STEM <= len(short) and _edits(short, long) <= (1 if len(long) < LONG else 2)


def _is_near(ours: str, theirs: str) -> bool:
    return 1 - _edits(ours, theirs) / max(len(ours), len(theirs), 1) >= LIKE_ENOUGH


def _edits(ours: str, theirs: str) -> int:
    """Letters to insert, delete, replace or swap with a neighbour."""
    from rapidfuzz.distance import OSA  # loaded only when names differ

    return int(OSA.distance(ours, theirs))
