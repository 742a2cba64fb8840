"""The only place for which rows of one register are plainly of the same person, before any linkage.

Rows are of one person where they share a NIK (or a participant number) and their names are alike, or share name and
birth date. A NIK on more than a dozen rows is no key (the design's linkage notes). The rule is a plain one: it serves
the findings, and linkage judges anew with probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.cleaning import names

MOST_ROWS_OF_A_KEY = 12


@dataclass(frozen=True)
class Persons:
    """`label`: rows with the same number are of one person. `is_shared`: the NIK stands beside another person too."""

    label: pd.Series
    is_shared: pd.Series


def recognise(rows: pd.DataFrame) -> Persons:
    """The persons of one register: needs nik, name and birth_date, and kpj where there is one. Index: 0, 1, 2 ..."""
    by_nik, is_crowded = _pairs(rows["nik"], rows)
    alike = names.are_alike(by_nik["left_name"], by_nik["right_name"]).to_numpy(dtype=bool)
    same = [by_nik[alike]]
    if "kpj" in rows.columns:
        by_kpj, _ = _pairs(rows["kpj"], rows)
        same.append(by_kpj[names.are_alike(by_kpj["left_name"], by_kpj["right_name"]).to_numpy(dtype=bool)])
    is_shared = is_crowded.to_numpy().copy()
    is_shared[by_nik.loc[~alike, ["left", "right"]].to_numpy().ravel()] = True
    same.append(_chain(rows))
    label = _connected(len(rows), pd.concat([pairs[["left", "right"]] for pairs in same]))
    return Persons(pd.Series(label, index=rows.index), pd.Series(is_shared, index=rows.index))


def _pairs(key: pd.Series, rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """All pairs of rows with one key and both names known, and which rows' key stands too often to be one."""
    codes, distinct = pd.factorize(key)
    times = np.bincount(codes[codes >= 0], minlength=max(1, len(distinct)))[codes] * (codes >= 0)
    several = np.flatnonzero((times > 1) & (times <= MOST_ROWS_OF_A_KEY) & rows["name"].notna().to_numpy())
    own = pd.DataFrame({"key": codes[several], "row": several, "name": rows["name"].array[several]})
    both = own.merge(own, on="key", suffixes=("_left", "_right"))
    both = both[both["row_left"] < both["row_right"]]
    both = both.rename(columns={f"{part}_{side}": new for part, side, new in (
        ("row", "left", "left"), ("row", "right", "right"), ("name", "left", "left_name"),
        ("name", "right", "right_name"))})  # fmt: skip
    return both, pd.Series(times > MOST_ROWS_OF_A_KEY, index=rows.index)


def _chain(rows: pd.DataFrame) -> pd.DataFrame:
    """Each row with the next one of the same name and birth date."""
    known = np.flatnonzero(rows["name"].notna() & rows["birth_date"].notna())
    codes = pd.factorize(rows["name"].array[known])[0].astype(np.int64)
    days = pd.factorize(rows["birth_date"].array[known])[0].astype(np.int64)
    both = codes * (days.max(initial=0) + 1) + days
    order = np.argsort(both, kind="stable")
    is_same = both[order][1:] == both[order][:-1]
    return pd.DataFrame({"left": known[order][:-1][is_same], "right": known[order][1:][is_same]})


def _connected(rows_n: int, pairs: pd.DataFrame) -> np.ndarray:
    """The lowest row number in each connected part."""
    left, right = pairs["left"].to_numpy(dtype=np.int64), pairs["right"].to_numpy(dtype=np.int64)
    label = np.arange(rows_n)
    while True:
        lower = label.copy()
        np.minimum.at(lower, left, label[right])
        np.minimum.at(lower, right, label[left])
        lower = lower[lower]
        if (lower == label).all():
            return label
        label = lower
