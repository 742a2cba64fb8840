"""The only place for in which order owners are enrolled: by area, by sector and by person.

A score is the weighted mean of the criteria (`measuring.criteria`), in points of 1,000, and a range: what is unknown
or withheld counts as its least and its most, never as nought. Where ranges overlap, the order cannot be told, and
ranks say so. `scores` and `ranked` take released tables only; what `of_owners` gives is about persons and protected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Any

import pandas as pd

from analysis import N_
from analysis.contracts import registers
from analysis.contracts.registers import SECTORS
from analysis.contracts.released import TOTAL_DIMENSION
from analysis.measuring import budgets, criteria
from analysis.measuring.criteria import ALL, ANYTHING, CRITERIA, HAZARD, HOLDS, PARTS, SUBSIDY, UNKNOWN, VULNERABLE
from analysis.measuring.shares import MOST_MOVED, true_sum
from analysis.ranges import Range

AREAS, GROUPS, GROUPS_IN_AREAS = "areas", "groups", "groups_in_areas"
UNDECIDED = N_("the order cannot be told yet")
"""What is said of ranks that are not certain."""
MOST_WITHHELD = 15
"""The highest published total that is withheld for being few (`releasing.rounding`)."""
NOBODY = Range.exact(0)
Counts = Mapping[tuple[str, str, str], Mapping[str, tuple[int | None, str]]]
"""Value and reference of each measure, by area, dimension and category."""


# from released counts -----------------------------------------------------------------------------------------------


def scores(counts: pd.DataFrame, gap: pd.DataFrame, hazard: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    """The score of each kecamatan, of each sector in the city, and of each sector in each kecamatan: one row for each.

    `counts`, `gap`: the released tables of enrolment.csv and gap.csv. ranking: AREAS, GROUPS or GROUPS_IN_AREAS.
    owners_n: owners to enrol, <part>_n: of them with the criterion; NA withheld. points_low, points_high: the score, 0
    to 1,000, rounded outward; <criterion>_points_low and _high: its parts. cell_refs: cells; hazard_refs, weight_refs:
    rows of the record; refs: all of them.
    """
    known, risks, weight_refs = _by_partition(counts), criteria.classes(hazard), " ".join(weights["refs"])
    cells, risk_refs = budgets.cells_of(gap), dict(zip(hazard["sector"], hazard["refs"], strict=True))
    rows = [
        {**place, **_score(known, cells, place["area_code"], place["category"], risks, weights),
         "hazard_refs": risk_refs.get(place["category"], " ".join(hazard["refs"])), "weight_refs": weight_refs}
        for place in _places(counts)
    ]  # fmt: skip
    numbers = ["owners_n", *(f"{part}_n" for part in HOLDS.values()), *_ends("points")]
    numbers += [end for name in CRITERIA for end in _ends(f"{name}_points")]
    columns = ["ranking", "area_code", "level", "category", *numbers, "cell_refs", "hazard_refs", "weight_refs"]
    return budgets.with_refs(pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(numbers, "Int64")))


def _ends(name: str) -> tuple[str, str]:
    return f"{name}_low", f"{name}_high"


def _places(counts: pd.DataFrame) -> Iterator[dict[str, Any]]:
    own = counts.loc[counts["dimension"] == VULNERABLE, ["area_code", "level", "category"]].drop_duplicates()
    for area, level, category in own.sort_values(["area_code", "category"]).itertuples(index=False, name=None):
        is_city, is_all = level == "city", category == ALL
        if not (is_city and is_all):
            ranking = AREAS if is_all else GROUPS if is_city else GROUPS_IN_AREAS
            yield {"ranking": ranking, "area_code": area, "level": level, "category": category}


def _by_partition(counts: pd.DataFrame) -> Counts:
    found: dict[tuple[str, str, str], dict[str, tuple[int | None, str]]] = {}
    columns = ["area_code", "dimension", "category", "measure", "value", "refs"]
    for area, dimension, category, measure, value, ref in counts[columns].itertuples(index=False, name=None):
        told = (None if pd.isna(value) else int(value), ref)
        found.setdefault((area, dimension, category), {})[measure] = told
    return found


def _score(known: Counts, cells: budgets.Cells, area: str, category: str, risks: Mapping[str, Range],
           weights: pd.DataFrame) -> dict[str, Any]:  # fmt: skip
    """The numbers of one row, and the cells that they come from."""
    never, never_ref = _never(cells, area, category)
    sectors = SECTORS if category == ALL else (category,)
    of_sectors = [known.get((area, VULNERABLE, sector), {}) for sector in sectors]
    parts = {
        VULNERABLE: _share(known[area, VULNERABLE, category], VULNERABLE),
        HAZARD: mean([_amount(own, VULNERABLE) for own in of_sectors], [risks[name] for name in sectors]),
        SUBSIDY: _share(known[area, SUBSIDY, category], SUBSIDY, never),
    }
    points = criteria.weighted(parts, weights)
    told = {end: n for name in CRITERIA for end, n in _outward(f"{name}_points", points[name]).items()}
    own = known[area, VULNERABLE, category]
    held = {f"{part}_n": known[area, name, category][part][0] for name, part in HOLDS.items()}
    used = [known[area, name, category] for name in PARTS] + of_sectors
    refs = " ".join(dict.fromkeys([*(ref for one in used for _, ref in one.values()), *never_ref]))
    score = _outward("points", criteria.total(points))
    return {"owners_n": own["owners"][0], **held, **score, **told, "cell_refs": refs}


def _outward(name: str, points: Range) -> dict[str, int]:
    return {f"{name}_low": floor(points.low), f"{name}_high": ceil(points.high)}


def _never(cells: budgets.Cells, area: str, category: str) -> tuple[Range | None, list[str]]:
    """The owners never enrolled, by gap.csv, with the range told there; None where withheld. And the cell."""
    dimension = TOTAL_DIMENSION if category == ALL else "sector"
    found, ref = cells.get((area, dimension, category, registers.UNREGISTERED), (budgets.WITHHELD, ""))
    if found.low is None or found.high is None:
        return None, [ref] if ref else []
    return Range(Fraction(found.low), Fraction(found.high)), [ref]


def _share(own: Mapping[str, tuple[int | None, str]], name: str, others: Range | None = NOBODY) -> Range:
    """The share that holds the criterion among the parts and `others`, with what rounding and the unknown leave open.

    Of withheld parts any of the few may hold it; where `others` are not known either, anything is possible.
    """
    values = {part: own[part][0] for part in PARTS[name]}
    is_withheld = any(value is None for value in values.values())
    if others is None or (is_withheld and others == NOBODY):
        return ANYTHING
    if is_withheld:
        few = _amount(own, name)
        return Range(Fraction(0), few.share_with(others).high)
    held, unknown = values[HOLDS[name]] or 0, values[UNKNOWN] or 0
    rest = [value or 0 for part, value in values.items() if part not in (HOLDS[name], UNKNOWN)]
    least = true_sum([held]).share_with(true_sum([unknown, *rest]) + others).low
    return Range(least, true_sum([held, unknown]).share_with(true_sum(rest) + others).high)


def _amount(own: Mapping[str, tuple[int | None, str]], name: str) -> Range:
    """How many owners the parts can be together; of withheld ones there are few."""
    values = [own[part][0] for part in PARTS[name] if part in own]
    if not values or any(value is None for value in values):
        return Range(Fraction(0), Fraction(MOST_WITHHELD + MOST_MOVED * len(PARTS[name])))
    return true_sum(value or 0 for value in values)


def ranked(scores: pd.DataFrame) -> pd.DataFrame:
    """The rows of each ranking in order, with the first and last rank that each can have.

    rank_first, rank_last: from 1; is_certain: the two are the same. Rows whose ranges overlap share their ranks: their
    order cannot be told, and they stand in the order of code and category.
    """
    parts = []
    for _, own in scores.groupby("ranking", sort=True):
        low, high = own["points_low"].to_numpy(dtype=int), own["points_high"].to_numpy(dtype=int)
        first = 1 + (low[None, :] > high[:, None]).sum(axis=1)
        last = len(own) - (high[None, :] < low[:, None]).sum(axis=1)
        told = own.assign(rank_first=first, rank_last=last, is_certain=first == last)
        parts.append(told.sort_values(["rank_first", "rank_last", "area_code", "category"]))
    return pd.concat(parts, ignore_index=True) if parts else scores.assign(rank_first=0, rank_last=0, is_certain=False)


# persons ------------------------------------------------------------------------------------------------------------


def of_owners(owners: pd.DataFrame, payers: pd.Series, hazard: pd.DataFrame, weights: pd.DataFrame, *, has_list: bool
              ) -> pd.DataFrame:  # fmt: skip
    """Of each owner to enrol the own criteria and score, the highest first: protected, one row per owner.

    Columns of OWNERS, the parts `vulnerable` and `lapsed_after_subsidy`, class_low and class_high (NA: unknown), and
    points_low, points_high. The order is that of the middle of the range; then by area and owner_id.
    """
    told, risks = criteria.facts(owners, payers, has_list=has_list), criteria.classes(hazard)
    keys = list(zip(told[VULNERABLE], told["sector"], told[SUBSIDY], strict=True))
    score = {key: criteria.total(criteria.weighted(_parts(*key, risks), weights)) for key in {*keys}}
    known = hazard.set_index("sector")[["class_low", "class_high"]].reindex(told["sector"]).reset_index(drop=True)
    middles = sorted({_twice_middle(one) for one in score.values()}, reverse=True)
    made = told.join(known).assign(points_low=[floor(score[key].low) for key in keys],
                                   points_high=[ceil(score[key].high) for key in keys],
                                   order=[middles.index(_twice_middle(score[key])) for key in keys])  # fmt: skip
    return made.sort_values(["order", "kelurahan_code", "owner_id"], ignore_index=True).drop(columns="order")


def _twice_middle(points: Range) -> Fraction:
    return points.low + points.high


def _parts(listed: str, sector: str, payer: str, risks: Mapping[str, Range]) -> dict[str, Range]:
    held = {True: Range.exact(1), False: Range.exact(0)}
    return {
        VULNERABLE: ANYTHING if listed == UNKNOWN else held[listed == criteria.LISTED],
        HAZARD: risks[sector],
        SUBSIDY: ANYTHING if payer == UNKNOWN else held[payer == criteria.FROM_APBD],
    }


# means of ranges ----------------------------------------------------------------------------------------------------


def mean(amounts: Sequence[Range], values: Sequence[Range]) -> Range:
    """The mean of `values` weighted by `amounts`, least and most: the lower values get their most people, or least.

    Where nobody need be there at all, anything between the lowest and the highest value is possible.
    """
    low = _least(amounts, [value.low for value in values])
    return Range(low, -_least(amounts, [-value.high for value in values]))


def _least(amounts: Sequence[Range], values: Sequence[Fraction]) -> Fraction:
    """The least weighted mean: it gives most weight to the values below it, and least to those above."""
    found = []
    order = sorted(range(len(values)), key=lambda n: values[n])
    for cut in range(len(order) + 1):
        given = [amounts[n].high if rank < cut else amounts[n].low for rank, n in enumerate(order)]
        if sum(given):
            found.append(sum((w * values[n] for w, n in zip(given, order, strict=True)), Fraction(0)) / sum(given))
    return min(found, default=min(values))
