"""The only place for how a rule about one cell is applied to a whole column.

A register repeats itself: 39,000 rows name 46 kelurahan and some 15,000 birth dates. A rule is therefore asked once
for each distinct text, which keeps it a plain function that anyone can read and test, and still fast.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd


def each(written: pd.Series, clean: Callable[[str], str | None]) -> pd.Series:
    """`clean` of every cell, as text with the index of `written`; empty (NA) where it gives None or the cell is NA."""
    codes, distinct = pd.factorize(written)
    cleaned = pd.array([*map(clean, distinct.tolist()), None], dtype="str")
    return pd.Series(cleaned.take(codes), index=written.index, name=written.name)


def split(written: pd.Series, read: Callable[[str], tuple[object, ...]], names: Sequence[str],
          missing: tuple[object, ...]) -> pd.DataFrame:  # fmt: skip
    """Several columns from one: `read` gives a tuple for each distinct text, in the order of `names`.

    `missing` stands for an empty cell (NA). Columns are of dtype object where they hold more than texts; the caller
    converts them.
    """
    codes, distinct = pd.factorize(written)
    told = [*map(read, distinct.tolist()), missing]
    parts = [np.array(part, dtype=object) for part in zip(*told, strict=True)]
    columns = {name: part.take(codes) for name, part in zip(names, parts, strict=True)}
    return pd.DataFrame(columns, index=written.index)


def together(left: pd.Series, right: pd.Series, read: Callable[[str, str], tuple[object, ...]],
             names: Sequence[str]) -> pd.DataFrame:  # fmt: skip
    """The same for a rule about two cells of a row, asked once for each distinct pair; an empty cell counts as ''."""
    (lefts, texts), (rights, others) = (_factorised(column.fillna("")) for column in (left, right))
    codes, pairs = pd.factorize(lefts * max(1, len(others)) + rights)
    told = [read(texts[pair // len(others)], others[pair % len(others)]) for pair in pairs.tolist()]
    parts = zip(*told, strict=True) if told else [()] * len(names)
    columns = {name: np.array(part, dtype=object).take(codes) for name, part in zip(names, parts, strict=True)}
    return pd.DataFrame(columns, index=left.index)


def _factorised(column: pd.Series) -> tuple[npt.NDArray[np.int64], list[str]]:
    codes, distinct = pd.factorize(column)
    return codes.astype(np.int64), distinct.tolist()
