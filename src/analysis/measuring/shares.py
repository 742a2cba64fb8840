"""The only place for how a share is computed from released counts: with the range that the rounding leaves.

A published part may stand for a true count up to 4 away, a published 0 for 0 to 4 (`releasing.rounding`). From a
rounded total of 100 a share is a range in whole percent, rounded outward; from 30 to 99 it is told in words only;
below that, and where a range would need two words, it cannot be stated. All functions are pure and take released
tables only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

import pandas as pd

from analysis.ranges import Range

MOST_MOVED = 4
LEAST_FOR_RANGE, LEAST_FOR_WORDS = 100, 30
FIFTHS = (0, 20, 40, 60, 80, 100)
RANGE, WORDS, UNCLEAR, WITHHELD = "range", "words", "unclear", "withheld"
Part = tuple[str, str, str]
"""Dimension, category and measure of a part."""


def true_sum(published: Iterable[int]) -> Range:
    """What the true counts behind published ones can add up to."""
    listed = list(published)
    return Range(Fraction(sum(max(0, n - MOST_MOVED) for n in listed)), Fraction(sum(n + MOST_MOVED for n in listed)))


def percent(parts: Sequence[int], others: Sequence[int]) -> Range:
    """The share of some published parts in all of them, in percent, not rounded. All together must be 100 or more."""
    return true_sum(parts).share_with(true_sum(others)) * 100


def fifth(share: Range) -> int | None:
    """Which fifth (0 to 4) a share lies in as a whole; None where it reaches over two."""
    for number, (low, high) in enumerate(pairwise(FIFTHS)):
        if low <= share.low and share.high <= high:
            return number
    return None


def table(cells: pd.DataFrame, parts: Sequence[Part], others: Sequence[Part], **columns: str) -> pd.DataFrame:
    """The share of `parts` in `parts` and `others` together, of each area: one row per area that has them.

    `cells`: released counts. part_n and total_n: sums of rounded counts, NA where any of them is withheld. shown: in
    which form the share may be told (RANGE, WORDS, UNCLEAR, WITHHELD); percent_low and percent_high: whole percent,
    for RANGE only; fifth: for WORDS only. `columns` are put beside, the same in each row.
    """
    dimensions, categories, _ = zip(*parts, *others, strict=True)
    near = cells[cells["dimension"].isin(dimensions) & cells["category"].isin(categories)]
    own = {key: of for key, of in _by_area(near).items() if any(part in of for part in parts)}
    rows = [{"area_code": area, "level": level, **columns, **_row([of[part] for part in parts],
             [of[part] for part in others])} for (area, level), of in own.items()]  # fmt: skip
    whole = ("part_n", "total_n", "percent_low", "percent_high", "fifth")
    made = pd.DataFrame(rows, columns=["area_code", "level", *columns, *whole, "shown", "refs"])
    return made.astype(dict.fromkeys(whole, "Int64"))


def _by_area(cells: pd.DataFrame) -> dict[tuple[str, str], dict[Part, tuple[int | None, str]]]:
    """Value and reference of each cell, by area and part."""
    found: dict[tuple[str, str], dict[Part, tuple[int | None, str]]] = {}
    columns = ["area_code", "level", "dimension", "category", "measure", "value", "refs"]
    for area, level, dimension, category, measure, value, ref in cells[columns].itertuples(index=False, name=None):
        of = found.setdefault((area, level), {})
        of[dimension, category, measure] = (None if pd.isna(value) else int(value), ref)
    return found


def _row(parts: Sequence[tuple[int | None, str]], others: Sequence[tuple[int | None, str]]) -> Mapping[str, object]:
    refs = " ".join(ref for _, ref in (*parts, *others))
    own, rest = [n for n, _ in parts if n is not None], [n for n, _ in others if n is not None]
    if len(own) < len(parts) or len(rest) < len(others):
        return {"shown": WITHHELD, "refs": refs}
    total = sum(own) + sum(rest)
    told: dict[str, object] = {"part_n": sum(own), "total_n": total, "refs": refs}
    if total < LEAST_FOR_WORDS:
        return {**told, "shown": UNCLEAR}
    share = percent(own, rest)
    if total < LEAST_FOR_RANGE:
        number = fifth(share)
        return {**told, "shown": UNCLEAR if number is None else WORDS, "fifth": number}
    shown = share.outward()
    return {**told, "shown": RANGE, "percent_low": int(shown.low), "percent_high": int(shown.high)}
