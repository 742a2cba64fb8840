"""The only place for what may be wrong with the statuses: how many owners may have another one, from which to which.

Each doubt is an expected number of owners with a least and a most. The bounds are wide on purpose and were held against
two generators of invented registers with known truth (docs/decisions/0016): without a clerical review nobody knows
where between them the truth lies, so what they make is called a model band and bears no percentage.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.contracts.registers import (
    ACTIVE,
    JAMSOSTEK,
    KEY,
    LAPSED,
    NOT_ELIGIBLE,
    UMKM,
    UNREGISTERED,
    UNRESOLVED,
)
from analysis.linking import comparisons, linkage

FALSE_LINKS, MISSED_LINKS, UNDETERMINED, DUPLICATES, AGE, PLACE = (
    "false_links", "missed_links", "undetermined", "duplicates", "age", "place",
)  # fmt: skip
COMPONENTS = (FALSE_LINKS, MISSED_LINKS, UNDETERMINED, DUPLICATES, AGE, PLACE)
"""Links to somebody else; links that were not found; owners left undetermined; owners counted twice, or two as one;
birth dates that are wrong or missing; owners whose kecamatan is unknown (of areas only: `measuring.uncertainty` counts
them)."""
NOBODY = ""
"""The status of an owner who is not there: before, for one that was joined to another; after, for one counted twice."""


@dataclass(frozen=True)
class Bounds:
    """How far the truth may lie from what the model says: least and most, as multiples of it."""

    least: float
    most: float


OF_FALSE = Bounds(0.3, 1.15)
"""Of the chance that a link is wrong. Measured: .3 to 1.1; what survived the objections of other rows is surer."""
OF_UNDETERMINED = Bounds(0.8, 1.2)
"""Of the chance that an undetermined owner takes no part. Measured: .8 to 1.2."""
OF_CANDIDATES = Bounds(1.0, 2.0)
"""Of the chance that an owner without a link is one of his candidates."""
OF_UNSEEN = Bounds(1.0, 7.0)
"""Odds ratio between a bad name and a bad identity in one pair; 1 is independence. Measured: 2 to 9, mostly 4 to 6."""
OF_SPLIT, OF_SPLIT_ENROLLED = Bounds(0.0, 1.8), Bounds(0.0, 0.3)
"""Of the chance that an owner is another one. Measured: .1 to 1.7, in small numbers up to 4; of two who are both
enrolled 0 to .3, as who shares his participant rows with another was joined to him."""
OF_MERGED = Bounds(0.0, 1.0)
"""Of the chance that the rows of an owner are two people's."""
OF_WRONG_AGE = Bounds(0.02, 0.16)
"""Of the owners set apart for their age, those whose birth date is wrong. Measured: .05 to .16."""
OF_UNKNOWN_AGE = Bounds(0.5, 2.4)
"""Of the share that is set apart for its age, in those whose age is unknown. Measured: .4 to 2.4."""
AGREEING = {
    comparisons.IDENTITY: (
        "nik_and_birth", "nik", "nik_birth_near", "nik15", "nik_miscounted", "nik_near_same_day", "nik_near",
        "other_serial", "same_day_nik_missing", "same_day_other_nik",
    ),
    comparisons.NAME: linkage.SAME_NAME,
}  # fmt: skip
"""Levels at which NIK and birth date, or the name, tell by themselves that two rows are alike."""
STAYING = (NOT_ELIGIBLE, ACTIVE, LAPSED, UNRESOLVED, UNREGISTERED)
"""Of two owners who are one the status that he has, the first."""
MOST_SPLIT = 0.9
"""An owner is never thought to be wholly somebody else."""


def doubts(owners: pd.DataFrame, persons: pd.DataFrame, candidates: pd.DataFrame) -> pd.DataFrame:
    """What may be wrong with the statuses of an edition's owners (contracts OWNERS, PERSONS and CANDIDATES).

    One row per owner, component and move: owner_id, component, before and after (a status; NOBODY: not there), least
    and most, the expected number of owners who are in truth at `after`. Those who would be enrolled are divided into
    active and lapsed as those are who were linked.
    """
    pairs = _between_persons(candidates, persons)
    parts = [_false(owners), _missed(owners, pairs), _undetermined(owners), _duplicates(owners, pairs),
             _ages(owners)]  # fmt: skip
    told = pd.concat([part for group in parts for part in group], ignore_index=True)
    return told[told["most"] > 0].reset_index(drop=True)


def _move(owners: pd.DataFrame, component: str, after: str, least: pd.Series, most: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({
        "owner_id": owners["owner_id"], "component": component, "before": owners["status"], "after": after,
        "least": least, "most": most,
    })  # fmt: skip


def _within(owners: pd.DataFrame, component: str, after: str, chance: pd.Series, bounds: Bounds) -> pd.DataFrame:
    """Moves as often as `chance` says, within its bounds and never surer than sure."""
    least, most = ((chance * factor).clip(upper=1.0) for factor in (bounds.least, bounds.most))
    return _move(owners, component, after, least, most)


def _enrolled(moves: pd.DataFrame, owners: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Moves to enrolled, divided into active and lapsed."""
    n = owners["cause"].isin(["paid", "ended"]).sum()
    active = float((owners["cause"] == "paid").sum() / n) if n else 1.0
    for status, share in ((ACTIVE, active), (LAPSED, 1 - active)):
        yield moves.assign(after=status, least=moves["least"] * share, most=moves["most"] * share)


def _false(owners: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Linked owners who are not enrolled: the link is to somebody else."""
    linked = owners[owners["cause"].isin(["paid", "ended"])]
    yield _within(linked, FALSE_LINKS, UNREGISTERED, 1 - linked["probability_enrolled"], OF_FALSE)


def _undetermined(owners: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Owners left open: the doubtful by their chance; the set aside and those without a month may be either."""
    open_ones = owners[owners["status"] == UNRESOLVED]
    doubtful = open_ones[open_ones["cause"] == "doubtful"]
    chance = doubtful["probability_enrolled"]
    yield _within(doubtful, UNDETERMINED, UNREGISTERED, 1 - chance, OF_UNDETERMINED)
    yield from _enrolled(_within(doubtful, UNDETERMINED, ACTIVE, chance, OF_UNDETERMINED), owners)
    for cause, statuses in (("quarantined", (UNREGISTERED, ACTIVE, LAPSED)), ("no_month", (ACTIVE, LAPSED))):
        aside = open_ones[open_ones["cause"] == cause]
        nothing = pd.Series(0.0, index=aside.index)
        for status in statuses:
            yield _move(aside, UNDETERMINED, status, nothing, nothing + 1)


def _ages(owners: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Owners set apart for an age that is not theirs, and owners of unknown age who should be."""
    apart, of_known = owners["cause"] == "age", owners["age_band"] != "unknown"
    wrong = owners[apart]
    yield _within(wrong, AGE, UNREGISTERED, pd.Series(1.0, index=wrong.index), OF_WRONG_AGE)
    unknown = owners[~of_known & (owners["cause"] == "not_found")]
    alone = owners["cause"].isin(["not_found", "age"]) & of_known
    share = float((apart & of_known).sum() / max(alone.sum(), 1))
    yield _within(unknown, AGE, NOT_ELIGIBLE, pd.Series(share, index=unknown.index), OF_UNKNOWN_AGE)


# links that were not found --------------------------------------------------------------------------------------


def _missed(owners: pd.DataFrame, pairs: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Owners without a link who are enrolled: by their candidates, and by pairs that nothing brought together."""
    alone = owners[owners["cause"] == "not_found"]
    unseen = unseen_n(pairs) / max(len(alone), 1)
    chance = alone["probability_enrolled"]
    least, most = (
        (chance * of_candidate + unseen * of_unseen).clip(upper=1.0)
        for of_candidate, of_unseen in ((OF_CANDIDATES.least, OF_UNSEEN.least), (OF_CANDIDATES.most, OF_UNSEEN.most))
    )
    yield from _enrolled(_move(alone, MISSED_LINKS, ACTIVE, least, most), owners)


def unseen_n(pairs: pd.DataFrame) -> float:
    """Linked persons of whom neither identity nor name would agree, were the two independent.

    Capture and recapture (Lincoln 1930, Petersen 1896): a pair is caught by its identity, by its name, or by both; of
    those that both miss there are as many as one alone catches, times the other alone, over both. 0 without links.
    """
    own = pairs[(pairs["left_register"] == UMKM) & (pairs["right_register"] == JAMSOSTEK) & pairs["is_one"]]
    best = own.sort_values(["left", "probability"], ascending=[True, False], kind="stable").drop_duplicates("left")
    identity, name = (best[column].isin(levels) for column, levels in AGREEING.items())
    both = int((identity & name).sum())
    return float((identity & ~name).sum() * (~identity & name).sum() / both) if both else 0.0


# owners counted twice -------------------------------------------------------------------------------------------


def _duplicates(owners: pd.DataFrame, pairs: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Owners who are the same person as another one, and owners whose rows are two people's."""
    own = pairs[(pairs["left_register"] == UMKM) & (pairs["right_register"] == UMKM)]
    split = owners["person"].map(_chance_of_another(own[~own["is_one"]], owners)).fillna(0.0).clip(upper=MOST_SPLIT)
    is_enrolled = owners["status"].isin([ACTIVE, LAPSED])
    yield _within(owners[~is_enrolled], DUPLICATES, NOBODY, split[~is_enrolled], OF_SPLIT)
    yield _within(owners[is_enrolled], DUPLICATES, NOBODY, split[is_enrolled], OF_SPLIT_ENROLLED)
    joined = own[own["is_one"]].groupby("left")["probability"].max()
    merged = (1 - owners["person"].map(joined)).fillna(0.0)
    gained = _within(owners, DUPLICATES, NOBODY, merged, OF_MERGED)
    yield gained.assign(before=NOBODY, after=owners["status"])


def _chance_of_another(pairs: pd.DataFrame, owners: pd.DataFrame) -> pd.Series:
    """Of each person (index) the chance to be another owner and to count with him instead.

    Of two owners who are one the enrolled one stays: the other falls out. Of two alike half of each does.
    """
    ends = pd.DataFrame({"a": pairs[["left", "right"]].min(axis=1), "b": pairs[["left", "right"]].max(axis=1)})
    best = pairs["probability"].groupby([ends["a"], ends["b"]]).max().rename("chance").reset_index()
    order = owners["status"].map({status: n for n, status in enumerate(STAYING)}).set_axis(owners["person"])
    a, b = (best[end].map(order) for end in ("a", "b"))
    parts = {"a": 0.5 + 0.5 * np.sign(a - b), "b": 0.5 + 0.5 * np.sign(b - a)}
    each = [(best["chance"] * parts[end]).groupby(best[end]).sum() for end in parts]
    told: pd.Series = pd.concat(each).groupby(level=0).sum()
    return told


def _between_persons(candidates: pd.DataFrame, persons: pd.DataFrame) -> pd.DataFrame:
    """The candidate pairs with the person of each side (`left`, `right`), the UMKM row first, and is_one."""
    numbers = persons.set_index(["register", *KEY])["person"]
    turned = (candidates["left_register"] != UMKM) & (candidates["right_register"] == UMKM)
    sides = {}
    for side in ("left", "right"):
        rows = pd.MultiIndex.from_frame(candidates[[f"{side}_register", *(f"{side}_{name}" for name in KEY)]])
        sides[side] = pd.Series(numbers.reindex(rows).to_numpy(), index=candidates.index)
    left, right = (np.where(turned, sides[b], sides[a]) for a, b in (("left", "right"), ("right", "left")))
    registers = {
        f"{a}_register": np.where(turned, candidates[f"{b}_register"], candidates[f"{a}_register"])
        for a, b in (("left", "right"), ("right", "left"))
    }
    told = candidates[["probability", *AGREEING]].assign(left=left, right=right, **registers)
    return told.assign(is_one=left == right)
