"""The only place that chooses which rows a reviewer sees beside an owner, so that nothing tells what the linkage said.

Of each register the same number of persons for every owner, each by one row: his own where he is linked, then those
who could be he, then those most alike by name and birth date of a search that knows no block of the linkage: a link
that it missed can be found, and a linked owner looks like one who is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.cleaning.findings import Hasher
from analysis.contracts.registers import JAMSOSTEK, KEY, RENTAN, REVIEW_PAIRS, UMKM

PERSONS_N: Mapping[str, int] = {JAMSOSTEK: 6, UMKM: 3, RENTAN: 2}
"""Persons shown beside each owner, by register: where it has fewer, all."""
SAME_DAY, SAME_PHONE = 0.5, 0.5
"""What an equal birth date and an equal phone add to the likeness of two names (0 to 1) in the search."""
SEARCHED = ("name", "birth_date", "birth_year", "kelurahan_code", "phone")
"""What of a cleaned row the search looks at; the list of vulnerable workers has no phone."""


@dataclass(frozen=True)
class Known:
    """What is known of an edition: cleaned tables by register, contracts OWNERS, PERSONS and CANDIDATES.

    `aside`: cleaned rows of the UMKM register that stand in quarantine, as far as they can be read: KEY and SEARCHED.
    """

    tables: Mapping[str, pd.DataFrame]
    owners: pd.DataFrame
    persons: pd.DataFrame
    candidates: pd.DataFrame
    aside: pd.DataFrame

    def rows(self, register: str) -> pd.DataFrame:
        """KEY, SEARCHED and person of each kept row of a register; index 0, 1, 2 ..."""
        own = self.persons.loc[self.persons["register"] == register, [*KEY, "person"]]
        table = self.tables[register].reindex(columns=[*KEY, *SEARCHED]).astype({"phone": "str"})
        return table.merge(own, on=list(KEY), validate="one_to_one")


def pairs(sample: pd.DataFrame, known: Known, key: Hasher, edition: str) -> pd.DataFrame:
    """The rows that are laid beside each owner of `sample` (contract REVIEW_SAMPLE), contract REVIEW_PAIRS.

    Ordered by question, register and question_id, which is keyed and so shuffles the rows of an owner. `edition`: a
    text that no other delivery has, so that a question of one is none of another. The rows of an owner do not depend
    on who else was drawn.
    """
    firsts = first_rows(sample, known)
    parts = [_of_register(name, firsts, known) for name in PERSONS_N if name in known.tables]
    told = pd.concat(parts, ignore_index=True)
    own = told[["owner_id"]].merge(firsts[["owner_id", *KEY, "question"]], on="owner_id", how="left")
    text = edition + "|" + own["source_sheet"] + "|" + own["source_row"].astype("str")
    text += "|" + told["register"] + "|" + told["source_sheet"] + "|" + told["source_row"].astype("str")
    told["question_id"] = key.macs(text.rename("question_id"))
    nth = told["register"].map({name: place for place, name in enumerate(PERSONS_N)})
    told = told.assign(question=own["question"], nth=nth).sort_values(["question", "nth", "question_id"])
    return told[[*REVIEW_PAIRS.columns]].reset_index(drop=True)


def first_rows(sample: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Each owner of the sample with his first UMKM row: owner_id, question, person, KEY and SEARCHED, by question."""
    places = {f"umkm_{name}": name for name in KEY}
    own = known.owners[["owner_id", "person", *places]].rename(columns=places)
    told = sample[["owner_id", "question"]].merge(own, on="owner_id", validate="one_to_one")
    kept = known.tables[UMKM]
    rows = pd.concat([kept[[*KEY, *SEARCHED]], known.aside[[*KEY, *SEARCHED]].astype(kept[list(SEARCHED)].dtypes)])
    return told.merge(rows, how="left", on=list(KEY), validate="one_to_one").sort_values("question", ignore_index=True)


def _of_register(register: str, firsts: pd.DataFrame, known: Known) -> pd.DataFrame:
    """The rows of one register that are shown: owner_id, register, KEY, person; of each person the likeliest row."""
    rows = known.rows(register)
    is_own = "is_own"
    told = pd.concat([
        _linked(firsts, rows, register).assign(is_own=True),
        _could_be(firsts, rows, known, register),
        _searched(firsts, rows, PERSONS_N[register] + 1, is_same_register=register == UMKM),
    ], ignore_index=True)  # fmt: skip
    told = told.assign(is_own=told[is_own].eq(True)).groupby(["owner_id", "row"], as_index=False).max()
    told = told.fillna({"probability": 0.0, "likeness": 0.0}).join(rows[[*KEY, "person"]], on="row")
    best = [is_own, "probability", "likeness", "row"]
    told = told.sort_values(["owner_id", *best], ascending=[True, False, False, False, True])
    told = told.drop_duplicates(["owner_id", "person"]).groupby("owner_id").head(PERSONS_N[register])
    return told.assign(register=register)[["owner_id", "register", *KEY, "person"]]


def _linked(firsts: pd.DataFrame, rows: pd.DataFrame, register: str) -> pd.DataFrame:
    """Owner and row where both are of one person; without the owner's first row itself."""
    numbered = rows[[*KEY, "person"]].assign(row=np.arange(len(rows)))
    both = firsts[["owner_id", "person", *KEY]].merge(numbered, on="person", suffixes=("_own", ""))
    if register == UMKM:
        is_first = both["source_row"].eq(both["source_row_own"]) & both["source_sheet"].eq(both["source_sheet_own"])
        both = both[~is_first]
    return both[["owner_id", "row"]]


def _could_be(firsts: pd.DataFrame, rows: pd.DataFrame, known: Known, register: str) -> pd.DataFrame:
    """Owner, row and probability of each candidate of any of his UMKM rows."""
    ours = known.rows(UMKM)[[*KEY, "person"]].merge(firsts[["owner_id", "person"]], on="person")
    ours = ours[["owner_id", *KEY]]
    numbered = rows[list(KEY)].assign(row=np.arange(len(rows)))
    parts = []
    for one, other in (("left", "right"), ("right", "left")):
        own = known.candidates
        own = own[own[f"{one}_register"].eq(UMKM) & own[f"{other}_register"].eq(register)]
        own = own.merge(ours, left_on=[f"{one}_{name}" for name in KEY], right_on=list(KEY)).drop(columns=list(KEY))
        parts.append(own.merge(numbered, left_on=[f"{other}_{name}" for name in KEY], right_on=list(KEY)))
    return pd.concat(parts)[["owner_id", "row", "probability"]]


# the search -------------------------------------------------------------------------------------------------------


def _searched(firsts: pd.DataFrame, rows: pd.DataFrame, persons_n: int, *, is_same_register: bool) -> pd.DataFrame:
    """Owner, row and likeness of the persons most alike of the same birth year, kelurahan or phone, or of all rows
    where these hold too few persons; one row of each person.
    """
    ours, theirs = _Looks.of(firsts), _Looks.of(rows)
    parts = [pd.DataFrame({"owner_id": pd.Series(dtype="str"), "row": np.int64(0), "likeness": 0.0})]
    for n, owner_id in enumerate(firsts["owner_id"]):
        is_other = theirs.person != ours.person[n] if is_same_register else np.ones(len(rows), dtype=bool)
        near = np.flatnonzero(is_other & theirs.are_near(ours, n))
        if len(np.unique(theirs.person[near])) < persons_n:
            near = np.flatnonzero(is_other)
        likeness = theirs.likeness(ours, n, near)
        order = np.argsort(-likeness, kind="stable")
        _, at = np.unique(theirs.person[near[order]], return_index=True)
        best = order[np.sort(at)[:persons_n]]
        parts.append(pd.DataFrame({"owner_id": owner_id, "row": near[best], "likeness": likeness[best]}))
    return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True)
class _Looks:
    """What the search looks at, a column each; '' and 0 where it is not known."""

    person: npt.NDArray[np.int64]
    name: npt.NDArray[np.object_]
    day: npt.NDArray[np.int64]
    year: npt.NDArray[np.int64]
    area: npt.NDArray[np.object_]
    phone: npt.NDArray[np.object_]

    @classmethod
    def of(cls, rows: pd.DataFrame) -> _Looks:
        name, area, phone = (rows[column].fillna("").to_numpy(dtype=object)
                             for column in ("name", "kelurahan_code", "phone"))  # fmt: skip
        day = pd.to_numeric(rows["birth_date"].dt.strftime("%Y%m%d"))
        return cls(_whole(rows["person"]), name, _whole(day), _whole(rows["birth_year"]), area, phone)

    def are_near(self, ours: _Looks, n: int) -> npt.NDArray[np.bool_]:
        """Which rows are of the birth year, kelurahan or phone of our row n, as far as it has them."""
        told: npt.NDArray[np.bool_] = np.zeros(len(self.year), dtype=bool)
        for own, one in ((self.year, ours.year[n]), (self.area, ours.area[n]), (self.phone, ours.phone[n])):
            if one:
                told |= own == one
        return told

    def likeness(self, ours: _Looks, n: int, at: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """How like our row n each of the rows `at` is: 0 to 2."""
        from rapidfuzz import fuzz, process  # loaded only for a review

        told: npt.NDArray[np.float64] = np.zeros(len(at))
        if ours.name[n] and len(at):
            share = process.cdist([ours.name[n]], self.name[at], scorer=fuzz.token_sort_ratio)[0]
            told += np.asarray(share, dtype=np.float64) / 100
        told += SAME_DAY * ((self.day[at] == ours.day[n]) & (self.day[at] > 0))
        told += SAME_PHONE * ((self.phone[at] == ours.phone[n]) & (self.phone[at] != ""))
        return told


def _whole(values: pd.Series) -> npt.NDArray[np.int64]:
    return np.asarray(values.astype("Float64").fillna(0), dtype=np.int64)
