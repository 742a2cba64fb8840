"""The only place for how a released count or share is told: rounded, at most four, in words, or withheld."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pandas as pd

from analysis import N_
from analysis.measuring import shares
from analysis.presenting.cells import Cells
from analysis.presenting.wording import Figure, Wording, Words
from analysis.ranges import Range

FIFTHS = (
    *(N_("about a fifth or less"), N_("about a third"), N_("about half")),
    *(N_("about two thirds"), N_("about four fifths or more")),
)
LOW, HIGH = 5, 95
"""Shares beyond these ends are cut: neither 0 nor 100 percent of a group is ever told."""


def is_told(row: Cells, column: str) -> bool:
    """Whether a count was not withheld."""
    return bool(pd.notna(row[column]))


def count(row: Cells, column: str, say: Wording, *, of: str = "", parts: int = 1) -> Words:
    """A released count; a 0 as the most that may stand behind it, 4 for each of its `parts`; withheld ones by word.

    `of` as in Cells.figure.
    """
    if not is_told(row, column):
        return say.say("withheld")
    figure = row.figure(column, of=of)
    if figure.amount.low > 0:
        return say.count(figure)
    most = Figure(Range.exact(shares.MOST_MOVED * parts), figure.refs)
    return say.say("at most {n}", n=say.spelled(most))


def from_nothing(figure: Figure, write: Callable[[Figure], Words], say: Wording,
                 most: Callable[[Figure], Words] | None = None) -> Words:  # fmt: skip
    """A range as `write` has it; one that begins at 0 by its upper end alone, which `most` writes: at most eleven."""
    if figure.amount.low > 0:
        return write(figure)
    end = replace(figure, amount=Range.exact(figure.amount.high))
    return say.say("at most {n}", n=(most or write)(end))


def share(row: Cells, say: Wording, *, is_sentence: bool = False) -> Words:
    """A share in the form that its numbers allow: 84–86%, <5%, about a third, cannot be stated, withheld.

    In a sentence with the word for percent: 84–86 percent, under 5 percent.
    """
    match row["shown"]:
        case shares.RANGE:
            return between(row.figure("percent_low", "percent_high"), say, is_sentence=is_sentence)
        case shares.WORDS:
            words = FIFTHS[row["fifth"]]
            return say.say(words)
        case shares.UNCLEAR:
            return say.say("cannot be stated")
    return say.say("withheld")


def between(percent: Figure, say: Wording, *, is_sentence: bool = False) -> Words:
    """A range of percents, cut at its ends: what reaches below 5 or above 95 is told by its other end."""
    low, high = percent.amount.low, percent.amount.high
    write = say.percent if is_sentence else say.percent_sign
    if low >= LOW and high <= HIGH:
        return write(percent)
    is_low = low < LOW
    if is_low and high > HIGH:
        return say.say("cannot be stated")
    end = max(high, Fraction(LOW)) if is_low else min(low, Fraction(HIGH))
    told = write(Figure(Range.exact(end), percent.refs))
    if is_sentence:
        return say.say("under {share}", share=told) if is_low else say.say("over {share}", share=told)
    return say.say("<{share}", share=told) if is_low else say.say(">{share}", share=told)
