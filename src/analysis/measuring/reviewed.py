"""The only place that corrects counts of owners by what reviewers saw: the stratified difference estimator.

Of each owner reviewed, what he is by the review less what he is by the model; its mean in a stratum stands for all
owners of the stratum (Särndal, Swensson and Wretman 1992, chapter 6). It is unbiased whatever the model is worth; a
better model makes the range narrower. The model's statuses stay as they are: nobody's status is changed by a sample.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.contracts.registers import (
    ACTIVE,
    JAMSOSTEK,
    KEY,
    LAPSED,
    NOT_ELIGIBLE,
    UNREGISTERED,
)
from analysis.contracts.released import KEY as CELL
from analysis.contracts.released import REVIEWED
from analysis.linking import review
from analysis.measuring import coverage, gap
from analysis.measuring.doubts import AGE
from analysis.measuring.uncertainty import CHANCE, Ranges, Z, doubted, with_sums

ENROLLED, UNDECIDED = "enrolled", "undecided"
"""What else a review may say: a participant without a readable month; it could not be told who he is."""
FEWEST = 5
"""Reviewed owners without which nothing is said of a stratum."""
PSEUDO = 0.5
"""Squared error added to those of each stratum: that none was seen in fifty owners does not mean that there is none."""
OTHER_AGES = ("under-17", "65+")
MEASURES = (*gap.STATUSES, gap.NOT_PROTECTED, gap.EVERYONE)


def judged(verdicts: pd.DataFrame, confirmed: pd.DataFrame, owners: pd.DataFrame, tables: Mapping[str, pd.DataFrame],
           rules: coverage.Rules) -> pd.DataFrame:  # fmt: skip
    """What each reviewed owner is by each reviewer: owner_id, reviewer, status, units_n, others_n.

    `verdicts` and `confirmed` as linking.review gives them. status: by the same rules as `coverage`, of the participant
    rows that the reviewer took for his; ENROLLED or UNDECIDED where it cannot be told. units_n: how many owners of the
    model are this person; others_n: rows that the model took for his and that are somebody else's. Owners of an earlier
    run who are there no longer are left out.
    """
    own = verdicts.merge(owners[["owner_id", "cause", "age_band"]], on="owner_id")
    flags = _flags(confirmed, tables, rules).reindex(pd.MultiIndex.from_frame(own[["owner_id", "reviewer"]]))
    is_active, is_readable, is_dead = (flags[name].eq(True).to_numpy() for name in coverage.FLAGS)
    other_age = (own["cause"].eq("age") | own["age_band"].isin(OTHER_AGES)).to_numpy()
    is_enrolled = own["is_enrolled"].eq(True).fillna(False).to_numpy(dtype=bool)
    holds = [own["is_enrolled"].isna().to_numpy(), is_dead | (other_age & ~is_active), is_active,
             is_enrolled & is_readable, is_enrolled]  # fmt: skip
    told = np.select(holds, [UNDECIDED, NOT_ELIGIBLE, ACTIVE, LAPSED, ENROLLED], UNREGISTERED)
    return own[["owner_id", "reviewer", "units_n", "others_n"]].assign(status=pd.array(told, dtype="str"))


def _flags(confirmed: pd.DataFrame, tables: Mapping[str, pd.DataFrame], rules: coverage.Rules) -> pd.DataFrame:
    """Of each owner and reviewer what the confirmed participations say: coverage.FLAGS, any of the rows."""
    names = ["owner_id", "reviewer"]
    if JAMSOSTEK not in tables:
        return pd.DataFrame(columns=[*coverage.FLAGS], index=pd.MultiIndex.from_tuples([], names=names), dtype="bool")
    participants = tables[JAMSOSTEK]
    rows = participants[list(KEY)].join(coverage.participations(participants, rules))
    return confirmed.merge(rows, on=list(KEY)).groupby(names)[[*coverage.FLAGS]].any()


def is_complete(owners: pd.DataFrame, told: pd.DataFrame) -> bool:
    """Whether every stratum that has owners has FEWEST reviewed ones, or all of its own."""
    strata = review.strata(owners)
    drawn = strata[owners["owner_id"].isin(told["owner_id"]).to_numpy()].value_counts()
    sizes = strata.value_counts()
    return len(told) > 0 and bool((drawn.reindex(sizes.index, fill_value=0) >= np.minimum(sizes, FEWEST)).all())


def interval(owners: pd.DataFrame, told: pd.DataFrame, doubts: pd.DataFrame, cells: pd.DataFrame,
             regions: pd.DataFrame) -> Ranges:  # fmt: skip
    """The range of every cell by the review: estimate -+ Z standard errors, as `uncertainty.model_band` has it.

    `told`: as `judged` gives it, complete (`is_complete`). An area or group gets the corrections of its owners' strata,
    and what it may deviate from them. What could not be told widens the range both ways, as does half of what two
    reviewers disagree. Of `doubts` that about age stays: nobody is asked whether a birth date is right.
    """
    strata = review.strata(owners)
    counts = _in_strata(owners, strata, regions)
    least, most = (_differences(owners, told, end) for end in ("least", "most"))
    sizes = strata.value_counts()
    parts = []
    for measure in gap.RANGED:
        ends = [errors(frame[measure], frame["stratum"], sizes) for frame in (least, most)]
        apart = _apart(owners, told, measure, sizes)
        parts.append(_told(counts, ends, apart).assign(measure=measure))
    found = pd.concat(parts, ignore_index=True).merge(with_sums(cells), on=list(CELL))
    of_age = doubted(owners, doubts[doubts["component"] == AGE], cells, regions).drop(columns="value")
    return Ranges(_ended(found.merge(of_age, on=list(CELL))), REVIEWED)


def _told(counts: pd.DataFrame, ends: list[pd.DataFrame], apart: pd.Series) -> pd.DataFrame:
    """Of each cell the corrections (least, most), the variance and the disagreement, summed over its strata."""
    n = counts["owners_n"]
    of = counts["stratum"]
    low, high = (n * of.map(frame["mean"]) for frame in ends)
    wide = pd.concat(ends).groupby(level=0).max()
    share = n / of.map(wide["size"])
    variance = n**2 * of.map(wide["of_mean"]) + n * (1 - share) * of.map(wide["of_one"])
    rows = counts.assign(low=low, high=high, variance=variance, apart=n * of.map(apart).fillna(0.0))
    told: pd.DataFrame = rows.groupby(["area_code", "dimension", "category"])[
        ["low", "high", "variance", "apart"]].sum().reset_index()  # fmt: skip
    return told


def _ended(found: pd.DataFrame) -> pd.DataFrame:
    """The cells with the ends of their ranges."""
    away = np.sqrt(Z**2 * found["variance"] + found[CHANCE] ** 2) + found["apart"].abs() / 2
    lower = found["value"] + found["low"] + found["gain_least"] - found["loss_most"] - away
    upper = found["value"] + found["high"] + found["gain_most"] - found["loss_least"] + away
    return found[list(CELL)].assign(lower=lower.clip(lower=0.0), upper=upper.clip(lower=0.0))


# what the review says of a stratum ------------------------------------------------------------------------------


def estimates(owners: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """The city's counts by the review: measure, counted_n (by the model), estimate_n, error_n (standard error)."""
    sizes = review.strata(owners).value_counts()
    frames = [_differences(owners, told, end) for end in ("least", "most")]
    rows = []
    for measure in MEASURES:
        ends = [errors(frame[measure], frame["stratum"], sizes) for frame in frames]
        counted = float(_is_of(owners["status"], measure, "least").sum())
        corrections = [float((frame["mean"] * frame["size"]).sum()) for frame in ends]
        variance = max(float((frame["of_mean"] * frame["size"] ** 2).sum()) for frame in ends)
        rows.append((measure, counted, counted + sum(corrections) / 2, variance**0.5))
    return pd.DataFrame(rows, columns=["measure", "counted_n", "estimate_n", "error_n"])


def _differences(owners: pd.DataFrame, told: pd.DataFrame, end: str) -> pd.DataFrame:
    """One row per reviewed owner: stratum, and of each measure what the review says less what the model says, the mean
    over his reviewers. `end`: whether what could not be told counts in (`most`) or out (`least`).
    """
    strata = strata_of(owners)
    model = owners.set_index("owner_id")["status"].reindex(told["owner_id"])
    found = {"stratum": strata.reindex(told["owner_id"]).to_numpy(), "owner_id": told["owner_id"].to_numpy()}
    for measure in MEASURES:
        seen = _seen(told, measure, end).to_numpy()
        found[measure] = seen - _is_of(model, measure, "least").to_numpy()
    means: pd.DataFrame = pd.DataFrame(found).groupby(["owner_id", "stratum"]).mean().reset_index()
    return means


def _seen(told: pd.DataFrame, measure: str, end: str) -> pd.Series:
    """How many owners of the measure each reviewed one is: a share where several of the model's are one person, more
    than one where somebody else's row stands with his. What that other one is, nobody was asked.
    """
    is_counted = end == "most" or measure == gap.EVERYONE
    others = told["others_n"].clip(upper=1) if is_counted else 0
    return _is_of(told["status"], measure, end) / told["units_n"] + others


def _is_of(status: pd.Series, measure: str, end: str) -> pd.Series:
    """1 where a status belongs to the measure, 0 where not; what could not be told as `end` has it."""
    members = {**gap.SUMS, gap.EVERYONE: (*gap.STATUSES, ENROLLED, UNDECIDED)}.get(measure, (measure,))
    could = (UNDECIDED, *((ENROLLED,) if {ACTIVE, LAPSED} & set(members) else ()))
    return status.isin([*members, *(could if end == "most" else ())]).astype(float)


def strata_of(owners: pd.DataFrame) -> pd.Series:
    """The stratum of each owner by his owner_id."""
    return review.strata(owners).set_axis(owners["owner_id"])


def errors(differences: pd.Series, stratum: pd.Series, sizes: pd.Series) -> pd.DataFrame:
    """Of each stratum (index): size, mean difference, variance of one owner and of the mean."""
    grouped = differences.groupby(stratum)
    n, mean = grouped.size().reindex(sizes.index, fill_value=0), grouped.mean().reindex(sizes.index).fillna(0.0)
    squares = ((differences - stratum.map(mean)) ** 2).groupby(stratum).sum().reindex(sizes.index).fillna(0.0)
    one = (squares + PSEUDO) / n.clip(lower=1)
    left = (1 - n / sizes).clip(lower=0)
    return pd.DataFrame({"size": sizes, "mean": mean, "of_one": one, "of_mean": one / n.clip(lower=1) * left})


def _apart(owners: pd.DataFrame, told: pd.DataFrame, measure: str, sizes: pd.Series) -> pd.Series:
    """Of each stratum how far the first two reviewers' means lie apart, over the owners whom two have reviewed.

    A net: where one says more of one owner and less of another than his fellow, the estimate is the same.
    """
    strata = strata_of(owners)
    rows = told.assign(seen=_seen(told, measure, "most")).sort_values(["owner_id", "reviewer"])
    nth = rows.groupby("owner_id").cumcount()
    one, other = (rows[nth == n].set_index("owner_id")["seen"] for n in (0, 1))
    apart = (one.reindex(other.index) - other).groupby(strata.reindex(other.index)).mean()
    return apart.reindex(sizes.index).fillna(0.0)


def _in_strata(owners: pd.DataFrame, strata: pd.Series, regions: pd.DataFrame) -> pd.DataFrame:
    """How many owners of each area, dimension, category and stratum there are: one row each."""
    parts = []
    for one in gap.divisions(owners, regions):
        named = owners["owner_id"].groupby([one.area, one.category, strata]).size()
        told = named.rename_axis(["area_code", "category", "stratum"]).rename("owners_n").reset_index()
        parts.append(told[told["area_code"].isin(one.areas)].assign(dimension=one.dimension))
    return pd.concat(parts, ignore_index=True)
