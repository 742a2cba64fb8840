"""The only place for how far a count of owners may lie from the truth: the range of every estimate, and its parts.

Without a clerical review: the model band, all doubts (`measuring.doubts`) at their least and at their most, and what
chance adds. It is no confidence interval and bears no percentage. With a review: the stratified difference estimator
(`measuring.reviewed`), 95 percent. Adding up p(1-p) is neither: the error of a model is one for all owners.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from analysis.contracts.registers import UNREGISTERED
from analysis.contracts.released import CITY, COUNTED, KEY, MODEL, REVIEWED, TOTAL_DIMENSION, Dimension, Layout
from analysis.measuring import gap
from analysis.measuring.doubts import COMPONENTS, NOBODY, PLACE, Bounds

Z = 1.96
"""How many standard deviations chance may add: 95 of 100 times, as for the reviewed estimate."""
OF_PLACE = Bounds(0.0, 1.5)
"""Of an area's share of the owners whose kecamatan is unknown or lies outside Palu: none of them may live there."""
MISPLACED = 0.01
"""Share of an area's owners who may live in another one than their row says; measured .1 to 2 percent."""
CHANCE, REVIEW = "chance", "review"
SHARES = (*COMPONENTS, CHANCE, REVIEW)
"""What a range is made of: the doubts and chance, or the review instead of all but AGE and PLACE. The rounding adds 5
for each count."""
SIDES = ("more", "fewer")
LOSSES = ("gain_least", "gain_most", "loss_least", "loss_most")
PARTITION = ["area_code", "dimension", "category"]


@dataclass(frozen=True)
class Ranges:
    """Of each cell of gap.csv (key): lower and upper, the ends of its range before rounding, in owners. `kind`: what
    they rest on, MODEL or REVIEWED.
    """

    table: pd.DataFrame
    kind: str

    def spreads(self, cells: pd.DataFrame) -> pd.DataFrame:
        """How far each true count may lie from the truth, for `releasing.disclosure.release`: key and spread.

        `cells` as `gap.cells` gives them. Whole owners, outward, from the count to the farther end.
        """
        told = self.table.merge(with_sums(cells), on=list(KEY), validate="one_to_one")
        ends = pd.concat([told["value"] - told["lower"], told["upper"] - told["value"]], axis=1)
        away = ends.max(axis=1).clip(lower=0.0)
        return told[list(KEY)].assign(spread=np.ceil(away - 1e-9).astype("int64"))


def model_band(owners: pd.DataFrame, doubts: pd.DataFrame, cells: pd.DataFrame, regions: pd.DataFrame) -> Ranges:
    """The range of every cell that all doubts together leave open.

    `owners`: contract OWNERS; `doubts`: as `doubts.doubts` gives them; `cells`: as `gap.cells` counts these owners.
    """
    told = doubted(owners, doubts, cells, regions)
    lower = told["value"] + told["gain_least"] - told["loss_most"] - told[CHANCE]
    upper = told["value"] + told["gain_most"] - told["loss_least"] + told[CHANCE]
    return Ranges(told[list(KEY)].assign(lower=lower.clip(lower=0.0), upper=upper), MODEL)


def doubted(owners: pd.DataFrame, doubts: pd.DataFrame, cells: pd.DataFrame, regions: pd.DataFrame) -> pd.DataFrame:
    """Of each cell that may have a range: key, value, LOSSES, and CHANCE, what it adds either way.

    Who is doubtful falls out by accident, and an owner may live in another area than his row says. All in owners, not
    rounded.
    """
    counts = with_sums(cells)
    moved = pd.concat([_moved(owners, doubts, regions), placed(counts)], ignore_index=True)
    sums = moved.groupby(list(KEY))[list(LOSSES)].sum()
    told = counts.merge(sums.reset_index(), how="left", on=list(KEY)).fillna(dict.fromkeys(LOSSES, 0.0))
    chance = told[list(LOSSES)].sum(axis=1) / 2 + MISPLACED * told["value"].where(told["area_code"] != CITY, 0.0)
    return told.assign(**{CHANCE: Z * np.sqrt(chance)})


# the parts of a range -------------------------------------------------------------------------------------------


@cache
def layout() -> Layout:
    """What may stand in released/uncertainty.csv: owners not enrolled, by what is doubtful about their number.

    `more`: how many more there may be, at most; `fewer`: how many fewer.
    """
    levels = ("city", "kecamatan")
    known = {name: Dimension((UNREGISTERED,), SIDES, levels) for name in SHARES}
    return Layout("uncertainty", "moved", known)


def shares(owners: pd.DataFrame, doubts: pd.DataFrame, cells: pd.DataFrame, regions: pd.DataFrame, ranges: Ranges
           ) -> pd.DataFrame:  # fmt: skip
    """How many owners each of SHARES may add to those not enrolled, or take away, at most: columns COUNTED.

    True counts, rounded up to whole owners, for the city and each kecamatan. `ranges`: those that are released; REVIEW
    is how far they reach where they rest on a review, and 0 where not.
    """
    parts = [
        _moved(owners, doubts[doubts["component"] == component], regions).assign(component=component)
        for component in COMPONENTS if component != PLACE
    ]  # fmt: skip
    parts.append(placed(with_sums(cells)).assign(component=PLACE))
    parts.append(_both_ways(doubted(owners, doubts, cells, regions), CHANCE))
    if ranges.kind == REVIEWED:
        parts.append(_reviewed(ranges, cells))
    told = pd.concat(parts, ignore_index=True)
    own = told[(told["dimension"] == TOTAL_DIMENSION) & (told["measure"] == UNREGISTERED)]
    sums = own.groupby(["area_code", "component"])[["gain_most", "loss_most"]].sum()
    return _shared(sums, cells.loc[cells["level"].isin(["city", "kecamatan"]), ["area_code", "level"]])


def _both_ways(told: pd.DataFrame, component: str) -> pd.DataFrame:
    return told[list(KEY)].assign(component=component, gain_most=told[component], loss_most=told[component])


def _reviewed(ranges: Ranges, cells: pd.DataFrame) -> pd.DataFrame:
    """How far the range of a review reaches above and below the count."""
    told = ranges.table.merge(with_sums(cells), on=list(KEY))
    gain, loss = (told["upper"] - told["value"]).clip(lower=0), (told["value"] - told["lower"]).clip(lower=0)
    return told[list(KEY)].assign(component=REVIEW, gain_most=gain, loss_most=loss)


def _shared(sums: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """One row for each area, share and side, 0 where nothing was summed: columns COUNTED."""
    every = areas.drop_duplicates().merge(pd.DataFrame({"component": SHARES}), how="cross")
    full = every.merge(sums.reset_index(), how="left", on=["area_code", "component"]).fillna(0.0)
    named = dict(zip(("gain_most", "loss_most", "component"), (*SIDES, "dimension"), strict=True))
    long = full.rename(columns=named).melt(["area_code", "level", "dimension"], [*SIDES], "measure")
    value = np.ceil(long["value"] - 1e-9).astype("int64")
    return long.assign(category=UNREGISTERED, value=value)[list(COUNTED)]


# how doubts fall on cells ---------------------------------------------------------------------------------------


def with_sums(cells: pd.DataFrame) -> pd.DataFrame:
    """The true count of every cell that may have a range, sums included: key and value."""
    own = cells[cells["measure"] != gap.BUSINESSES]
    of = {**gap.SUMS, gap.EVERYONE: gap.STATUSES}
    sums = [
        own[own["measure"].isin(parts)].groupby(PARTITION)["value"].sum().reset_index().assign(measure=name)
        for name, parts in of.items()
    ]
    told = pd.concat([own, *sums], ignore_index=True)
    return told.loc[told["measure"].isin(gap.RANGED), [*KEY, "value"]].reset_index(drop=True)


@cache
def _effects() -> pd.DataFrame:
    """What a move means for a measure: before, after, measure, is_gain."""
    members = {**{status: (status,) for status in gap.STATUSES}, **gap.SUMS, gap.EVERYONE: gap.STATUSES}
    rows = [
        (before, after, measure, after in members[measure])
        for before in (*gap.STATUSES, NOBODY) for after in (*gap.STATUSES, NOBODY) for measure in gap.RANGED
        if (before in members[measure]) != (after in members[measure])
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["before", "after", "measure", "is_gain"])


def _moved(owners: pd.DataFrame, doubts: pd.DataFrame, regions: pd.DataFrame) -> pd.DataFrame:
    """Gains and losses of each cell that the doubts may bring: key and LOSSES."""
    told = doubts.merge(owners, on="owner_id", validate="many_to_one")
    parts = []
    for one in gap.divisions(told, regions):
        sums = told[["least", "most"]].groupby([one.area, one.category, told["before"], told["after"]]).sum()
        named = sums.rename_axis(["area_code", "category", "before", "after"]).reset_index()
        known = named[named["area_code"].isin(one.areas)]
        parts.append(known.assign(dimension=one.dimension).merge(_effects(), on=["before", "after"]))
    told = pd.concat(parts, ignore_index=True)
    gains, losses = told["is_gain"], ~told["is_gain"]
    ends = [told[end].where(which, 0.0) for which in (gains, losses) for end in ("least", "most")]
    return told[list(KEY)].assign(**dict(zip(LOSSES, ends, strict=True)))


def placed(counts: pd.DataFrame) -> pd.DataFrame:
    """What areas may gain from the owners whose area is unknown: of each cell its share of those of its kind.

    `counts` as `with_sums` gives them; returns key and LOSSES, in owners.
    """
    city = counts[counts["area_code"] == CITY].drop(columns="area_code")
    areas = counts[counts["area_code"] != CITY]
    told = areas.merge(city, on=[name for name in KEY if name != "area_code"], suffixes=("", "_city"))
    level = told["area_code"].str.len()
    placed = told["value"].groupby([level, *(told[name] for name in ("dimension", "category", "measure"))])
    known = placed.transform("sum")
    share = told["value"] / known.where(known > 0, 1)
    lost = (told["value_city"] - known).clip(lower=0) * share
    ends = {"gain_least": lost * OF_PLACE.least, "gain_most": lost * OF_PLACE.most}
    return told[list(KEY)].assign(**ends, loss_least=0.0, loss_most=0.0)
