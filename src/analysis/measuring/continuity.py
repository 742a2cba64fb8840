"""The only place that says which owner of one edition is which owner of the next.

An owner's pseudonym changes when his NIK is put right, and two owners of one NIK may change their numbers: so nobody is
found again by the pseudonym alone. Each way of finding somebody asks for a value that names exactly one owner in either
edition, and all but the last ask for the name too; what one way has found no later one may take.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analysis.cleaning import dates, names
from analysis.cleaning.findings import Limits
from analysis.contracts.registers import KEY, UMKM

BEFORE, AFTER = "owner_id_before", "owner_id_after"
VALUES = (("sure_id",), ("nik",), ("birth_date",), ("phone",), KEY)
"""What names an owner together with his name, the surest first. A birth date of 1 January is none."""
NAMES = ("name", "sound")
"""The name as cleaned; then as it sounds."""
UNTOLD = ("base", "name", "status", "kecamatan_code", "kelurahan_code", "sector")
"""In what two owners must be the same to be paired where nothing tells them apart."""
FLAGS = ("is_identity_corrected", "is_elsewhere")


@dataclass(frozen=True)
class Month:
    """One edition: its day, the cleaned registers by name, OWNERS, PERSONS, and the limits of age and lapse."""

    reference_date: date
    tables: Mapping[str, pd.DataFrame]
    owners: pd.DataFrame
    persons: pd.DataFrame
    limits: Limits

    @property
    def month(self) -> int:
        """The reference month, counted in months."""
        return self.reference_date.year * 12 + self.reference_date.month

    def rows(self, register: str) -> pd.DataFrame | None:
        """The cleaned rows of this register that are of owners, with their owner_id; None: not delivered."""
        if register not in self.tables:
            return None
        own = self.persons.loc[self.persons["register"] == register, [*KEY, "person"]]
        of = own.merge(self.owners[["person", "owner_id"]], on="person")
        return self.tables[register].merge(of, on=list(KEY)).sort_values(list(KEY), ignore_index=True)


@dataclass(frozen=True)
class _Side:
    """What is known of the owners of one edition. `owners`: index owner_id, columns UNTOLD; `rows`: what names them."""

    owners: pd.DataFrame
    rows: pd.DataFrame


def pairs(before: Month, after: Month) -> pd.DataFrame:
    """Every owner of either edition once: owner_id_before, owner_id_after (NA where he is not there), and two flags.

    is_identity_corrected: found again although NIK (without one, name or birth date) or the whole name is another.
    is_elsewhere: not found again, yet something that names him with his name stands in the other edition too: his rows
    were put together with those of another owner, or parted from them, or nobody can tell who of several he is.
    Owners whom nothing tells apart, quarantined rows among them, are paired where this makes no difference: equal in
    status, place and sector.
    """
    ours, theirs = _side(before), _side(after)
    left, right = set(ours.owners.index), set(theirs.owners.index)
    found = []
    for way in _ways(ours, theirs):
        if not (left and right):
            break
        new = way[way[BEFORE].isin(left) & way[AFTER].isin(right)]
        new = new[~new[BEFORE].duplicated(keep=False) & ~new[AFTER].duplicated(keep=False)]
        left, right = left - set(new[BEFORE]), right - set(new[AFTER])
        found.append(new)
    again = pd.concat([*found, _untold(ours, theirs, left, right)], ignore_index=True)
    again = again.assign(is_identity_corrected=_is_corrected(again, ours, theirs), is_elsewhere=False)
    gone = _alone(ours, theirs, left - set(again[BEFORE]), BEFORE)
    come = _alone(theirs, ours, right - set(again[AFTER]), AFTER)
    told = pd.concat([again, gone, come], ignore_index=True)[[BEFORE, AFTER, *FLAGS]]
    return told.astype({BEFORE: "str", AFTER: "str", **dict.fromkeys(FLAGS, "bool")})


def _alone(own: _Side, other: _Side, left: set[str], name: str) -> pd.DataFrame:
    """The owners of one edition who were not found in the other."""
    alone = pd.DataFrame({name: pd.array(sorted(left), dtype="str")})
    return alone.assign(is_identity_corrected=False, is_elsewhere=alone[name].isin(_elsewhere(own, other, left)))


# what names an owner ----------------------------------------------------------------------------------------------


def _side(month: Month) -> _Side:
    rows, owners = month.rows(UMKM), month.owners.sort_values(["umkm_source_sheet", "umkm_source_row"])
    owners = owners.set_index("owner_id").assign(base="", name="")
    if rows is None or rows.empty:
        columns = ["owner_id", *NAMES, *(name for value in VALUES for name in value), "base"]
        return _Side(owners[list(UNTOLD)], pd.DataFrame(columns=columns, dtype="str").astype({"source_row": "int64"}))
    base = _base(rows)
    owners["base"] = base.reindex(owners.index).fillna("")
    owners["name"] = rows.groupby("owner_id")["name"].first().reindex(owners.index).fillna("")
    shared = base.index[base.duplicated(keep=False)]
    rows = rows.assign(
        sound=names.sounds(rows["name"]), base=rows["owner_id"].map(base),
        sure_id=rows["owner_id"].mask(rows["owner_id"].isin(shared)),
        birth_date=_text(rows["birth_date"].mask(dates.is_heaped(rows["birth_date"]))),
    )  # fmt: skip
    return _Side(owners[list(UNTOLD)], rows)


def _base(rows: pd.DataFrame) -> pd.Series:
    """What the pseudonym of each owner (index) is made from: the NIK that most rows have, else name and birth date."""
    times = rows.dropna(subset=["nik"]).groupby(["owner_id", "nik"], sort=False).size().rename("n").reset_index()
    most = times.sort_values("n", ascending=False, kind="stable").drop_duplicates("owner_id").set_index("owner_id")
    named = (rows["name"] + "|" + _text(rows["birth_date"]).fillna("")).groupby(rows["owner_id"]).first()
    base: pd.Series = most["nik"].reindex(named.index).fillna(named).fillna("").astype("str")
    return base


def _text(day: pd.Series) -> pd.Series:
    text: pd.Series = day.dt.strftime("%Y-%m-%d").astype("str")
    return text


def _ways(ours: _Side, theirs: _Side) -> Iterator[pd.DataFrame]:
    """Pairs that each way finds, the surest first; the last is a NIK whose name is another.

    There nothing else may speak against one person: the names are alike, or no two birth dates differ.
    """
    for name in NAMES:
        for value in VALUES:
            yield _found(ours, theirs, (*value, name))[[BEFORE, AFTER]].drop_duplicates()
    by_nik = _found(ours, theirs, ("nik",))
    days = by_nik["birth_date_before"], by_nik["birth_date_after"]
    differ = days[0].notna() & days[1].notna() & days[0].ne(days[1])
    is_one = names.are_alike(by_nik["name_before"], by_nik["name_after"]) | ~differ
    yield by_nik.loc[is_one, [BEFORE, AFTER]].drop_duplicates()


def _found(ours: _Side, theirs: _Side, columns: tuple[str, ...]) -> pd.DataFrame:
    """Owners whom the same value names alone in either edition."""
    sides = [_sole(side.rows, columns) for side in (ours, theirs)]
    return sides[0].merge(sides[1], on=list(columns), suffixes=("_before", "_after"))


def _sole(rows: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """The values that stand with one owner only, each once, with the first row that has it."""
    known = rows.dropna(subset=list(columns)).drop_duplicates(["owner_id", *columns])
    return known[~known.duplicated(list(columns), keep=False)]


# those whom nothing tells apart -----------------------------------------------------------------------------------


def _untold(ours: _Side, theirs: _Side, left: set[str], right: set[str]) -> pd.DataFrame:
    """Pairs of equal owners, the first with the first, for as many as both editions have."""
    sides = []
    for side, owners, name in ((ours, left, BEFORE), (theirs, right, AFTER)):
        own = side.owners[side.owners.index.isin(owners)].fillna("")
        nth = own.groupby(list(UNTOLD)).cumcount()
        sides.append(own.assign(nth=nth).rename_axis(name).reset_index())
    return sides[0].merge(sides[1], on=[*UNTOLD, "nth"])[[BEFORE, AFTER]]


def _elsewhere(own: _Side, other: _Side, left: set[str]) -> set[str]:
    """Of the owners not found again those of whom something stands in the other edition, with their name."""
    rows, told = own.rows[own.rows["owner_id"].isin(left)], set()
    for name in NAMES if len(rows) else ():
        for value in (*VALUES, ("base",)):
            columns = [*value, name]
            known = rows.dropna(subset=columns).merge(other.rows[columns].dropna().drop_duplicates(), on=columns)
            told |= set(known["owner_id"])
    return told


def _is_corrected(again: pd.DataFrame, ours: _Side, theirs: _Side) -> np.ndarray:
    """Whether that from which the pseudonym is made is another now, or the name does not sound alike."""
    mine, yours = ours.owners.loc[again[BEFORE]], theirs.owners.loc[again[AFTER]]
    other_base = mine["base"].to_numpy() != yours["base"].to_numpy()
    before, after = (side["name"].replace("", None).reset_index(drop=True) for side in (mine, yours))
    is_corrected: np.ndarray = other_base | ~names.are_alike(before, after).to_numpy()
    return is_corrected
