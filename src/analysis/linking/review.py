"""The only place for the clerical review of the linkage: whom to draw, and what the answers of reviewers say of him.

Owners are divided into strata by what the linkage thinks of them; those of whom it may be wrong are drawn oftener
(Neyman 1934), and the estimate (`measuring.uncertainty`) gives each the weight of his stratum. What a reviewer sees of
an owner is chosen in `lookalikes`. Kappa is Cohen's (1960). How it is used: docs/how-to/review-links.md.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.contracts.registers import JAMSOSTEK, JUDGEMENTS, KEY, RENTAN, STRATA, UMKM

SURE, OPEN, LINKED_AGE = 0.98, 0.02, 0.1
"""Least probability of being a participant: of a link that is sure; of an owner without link who is open; and of one
not eligible by age who counts as linked, as his cause does not tell."""
LINKED_CAUSES = ("paid", "ended", "no_month", "deceased")
PRIOR: Mapping[str, float] = {
    "linked_surely": 0.005, "linked_weakly": 0.3, "open": 0.3, "not_linked": 0.02, "set_aside": 0.5,
}  # fmt: skip
"""Share of owners of whom a reviewer would say otherwise, as expected before anybody looked: hardly any of sure links,
some of those whom the linkage may have missed, nearly a third where it doubts itself, every second where nothing is
known. A wrong guess costs width, never truth: the estimate weighs by stratum."""
LEAST = 15
"""Owners drawn of each stratum that has so many: fewer could not tell a rare error from none."""
YES, NO, UNSURE = "yes", "no", "unsure"
SAME, OTHER, UNKNOWN = JUDGEMENTS


def strata(owners: pd.DataFrame) -> pd.Series:
    """The stratum of each owner (contract OWNERS): one of STRATA, same index, never empty."""
    chance, cause = owners["probability_enrolled"], owners["cause"]
    is_linked = cause.isin(LINKED_CAUSES) | (cause.eq("age") & (chance >= LINKED_AGE))
    holds = [owners["person"] < 0, is_linked & (chance >= SURE), is_linked, chance >= OPEN]
    told = np.select([flag.to_numpy(dtype=bool) for flag in holds],
                     ["set_aside", "linked_surely", "linked_weakly", "open"], "not_linked")  # fmt: skip
    return pd.Series(told, index=owners.index, dtype="str", name="stratum")


def sizes(owners: pd.DataFrame) -> dict[str, int]:
    """How many owners each stratum has, in the order of STRATA."""
    counts = strata(owners).value_counts()
    return {name: int(counts.get(name, 0)) for name in STRATA}


def fingerprint(owners: pd.DataFrame) -> str:
    """16 hex digits that change where any owner or his stratum does: a sample drawn from others is out of date."""
    lines = sorted(owners["owner_id"] + "|" + strata(owners))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


# who is drawn -----------------------------------------------------------------------------------------------------


def allocation(of: Mapping[str, int], n: int) -> dict[str, int]:
    """How many owners to draw of each stratum; `of`: owners in each. Adds up to n, or to all owners where n is more.

    LEAST of each first, then where the next owner narrows the estimate most: by size and PRIOR, highest averages. With
    a larger n no stratum ever gets fewer.
    """
    return _first(_turns(of), n)


def sample(owners: pd.DataFrame, n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw n owners (all, where n is more): owner_id, stratum and question, his place in the workbook from 1.

    Sorted by owner_id. The same owners and generator give the same sample, and a larger n adds to it: of each stratum
    those of the lowest random ranks are drawn. The order of the questions is drawn apart and tells no stratum.
    """
    told = owners[["owner_id"]].assign(stratum=strata(owners)).sort_values("owner_id", ignore_index=True)
    told["rank"], told["place"] = rng.random(len(told)), rng.random(len(told))
    nth = told.groupby("stratum")["rank"].rank(method="first")
    wanted = told["stratum"].map(allocation(sizes(owners), n)).astype("int64")
    drawn = told[nth <= wanted]
    question = drawn["place"].rank(method="first").astype("int64")
    return drawn[["owner_id", "stratum"]].assign(question=question).reset_index(drop=True)


def halving(of: Mapping[str, int], n: int) -> int:
    """The fewest owners whose planned standard error is half that of n; all owners where nothing less does.

    Planned: simple random draws in each stratum, errors as PRIOR expects them, finite population correction.
    """
    turns = _turns(of)
    at_most = _error(of, _first(turns, n)) / 2
    low, high = min(max(n, 0), len(turns)), len(turns)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _error(of, _first(turns, middle)) <= at_most else (middle + 1, high)
    return high


def planned_error(of: Mapping[str, int], n: int) -> float:
    """The standard error, in owners, that n drawn owners are expected to leave; infinite where a stratum has none."""
    return _error(of, allocation(of, n))


def _error(of: Mapping[str, int], drawn_n: Mapping[str, int]) -> float:
    variance = 0.0
    for name, drawn in drawn_n.items():
        all_n = of.get(name, 0)
        if all_n and not drawn:
            return float("inf")
        if all_n:
            variance += all_n**2 * PRIOR[name] * (1 - PRIOR[name]) / drawn * (1 - drawn / all_n)
    return float(np.sqrt(variance))


def _turns(of: Mapping[str, int]) -> npt.NDArray[np.int64]:
    """The stratum of each owner (its place in STRATA) in the order in which they are handed out."""
    parts = []
    for place, name in enumerate(STRATA):  # least first, in turn; then the highest average
        nth = np.arange(of.get(name, 0))
        spread = of.get(name, 0) * np.sqrt(PRIOR[name] * (1 - PRIOR[name]))
        is_least = nth < LEAST
        turn = np.where(is_least, nth - LEAST, -spread / (nth + 0.5))
        parts.append(np.column_stack([np.full(len(nth), place), ~is_least, turn]))
    every = np.concatenate(parts)
    order = np.lexsort((every[:, 0], every[:, 2], every[:, 1]))
    told: npt.NDArray[np.int64] = every[order, 0].astype(np.int64)
    return told


def _first(turns: npt.NDArray[np.int64], n: int) -> dict[str, int]:
    counts = np.bincount(turns[: max(0, n)], minlength=len(STRATA))
    return {name: int(one) for name, one in zip(STRATA, counts, strict=True)}


# what the answers say ---------------------------------------------------------------------------------------------


def verdicts(pairs: pd.DataFrame, answers: pd.DataFrame, owners: pd.DataFrame) -> pd.DataFrame:
    """What each reviewer says of each owner whom he reviewed: of whom he answered for every participant row, or found
    the same person in one. One row per owner_id and reviewer, sorted.

    `pairs`, `answers`, `owners`: contracts REVIEW_PAIRS, REVIEW_ANSWERS, OWNERS; answers to other pairs are left out.
    is_enrolled: whether a participant row is his; NA: cannot be told. units_n: how many owners the UMKM rows belong
    to that are his, himself included. others_n: rows shown as his own owner's that are somebody else's. is_vulnerable:
    like is_enrolled for the list of vulnerable workers; NA also where it was not answered in full or not delivered.
    """
    told = answered(pairs, answers)
    every = pairs.groupby(["owner_id", "register"]).size()
    person = dict(zip(owners["owner_id"], owners["person"], strict=True))
    found = []
    for (owner_id, reviewer), own in told.groupby(["owner_id", "reviewer"], sort=True):
        said = {name: Counter(own.loc[own["register"] == name, "answer"]) for name in (JAMSOSTEK, RENTAN)}
        asked = {name: int(every.get((owner_id, name), 0)) for name in said}
        if said[JAMSOSTEK][SAME] or said[JAMSOSTEK].total() == asked[JAMSOSTEK]:
            rows = own[own["register"] == UMKM]
            persons = rows.loc[rows["answer"].eq(SAME), "person"]
            others = rows["answer"].eq(OTHER) & (rows["person"] == person.get(owner_id))
            found.append((owner_id, reviewer, _verdict(said[JAMSOSTEK], asked[JAMSOSTEK]), persons.to_numpy(),
                          int(others.sum()), _verdict(said[RENTAN], asked[RENTAN])))  # fmt: skip
    columns = ["owner_id", "reviewer", "is_enrolled", "units_n", "others_n", "is_vulnerable"]
    table = pd.DataFrame(found, columns=columns)
    known = set(person.values())
    table["units_n"] = [len({person.get(owner_id), *persons} & known)
                        for owner_id, persons in zip(table["owner_id"], table["units_n"], strict=True)]  # fmt: skip
    kinds = {"owner_id": "str", "reviewer": "str", "is_enrolled": "boolean", "units_n": "int64",
             "others_n": "int64", "is_vulnerable": "boolean"}  # fmt: skip
    return table.astype(kinds)


def confirmed(pairs: pd.DataFrame, answers: pd.DataFrame, persons: pd.DataFrame) -> pd.DataFrame:
    """The participant rows that a reviewer takes for the owner's: owner_id, reviewer, source_sheet, source_row.

    Of a person one row is shown, and all his rows (`persons`: contract PERSONS) are told: a participation that ended
    beside one that goes on is no reason to call him lapsed.
    """
    told = answered(pairs, answers)
    own = told[told["register"].eq(JAMSOSTEK) & told["answer"].eq(SAME)]
    own = own.drop(columns=list(KEY)).merge(persons, on=["register", "person"])
    columns = ["owner_id", "reviewer", *KEY]
    return own[columns].drop_duplicates().sort_values(columns, ignore_index=True)


def answered(pairs: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """Each pair with each reviewer's answer to it; of several the newest."""
    newest = answers.sort_values(["question_id", "reviewer", "answered_date"], kind="stable")
    newest = newest.drop_duplicates(["question_id", "reviewer"], keep="last")
    return pairs.merge(newest, on="question_id", validate="one_to_many")


def _verdict(said: Counter[str], asked_n: int) -> bool | None:
    """Whether a row of the register is his; None where it cannot be told."""
    if said[SAME]:
        return True
    return False if asked_n and said[OTHER] == asked_n else None


def kappa(told: pd.DataFrame) -> pd.DataFrame:
    """How far each two reviewers agree on is_enrolled (yes, no, cannot be told) of the owners whom both reviewed.

    `told`: from `verdicts`. One row for each two who share an owner: reviewers (two names, ` / ` between), owners_n,
    agreement_share (0-1), kappa (Cohen's; NA where both used one class only, the same: chance alone makes them agree).
    """
    classes = told["is_enrolled"].astype("object").map({True: YES, False: NO}).fillna(UNSURE)
    wide = told.assign(said=classes).pivot(index="owner_id", columns="reviewer", values="said")
    found = []
    for one, other in combinations(sorted(wide.columns), 2):
        both = wide[[one, other]].dropna()
        if len(both):
            found.append((f"{one} / {other}", len(both), *_agreement(both[one], both[other])))
    table = pd.DataFrame(found, columns=["reviewers", "owners_n", "agreement_share", "kappa"])
    return table.astype({"reviewers": "str", "owners_n": "int64", "agreement_share": "float64", "kappa": "Float64"})


def _agreement(one: pd.Series, other: pd.Series) -> tuple[float, float | None]:
    """Share of cases in which both say the same, and how far it exceeds what chance would give."""
    share = float((one == other).mean())
    by_chance = sum(float((one == name).mean() * (other == name).mean()) for name in (YES, NO, UNSURE))
    return share, None if np.isclose(by_chance, 1) else (share - by_chance) / (1 - by_chance)
