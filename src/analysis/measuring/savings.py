"""The only place for where the city's contributions go that may not be needed: paid twice, over the age rule, outside.

Counted are persons with a participation that is active and paid from the APBD. Each falls into the first group that
holds: `paid_twice` (two participant numbers active in one segment, one of them at least paid from the APBD), `over_age`
(of the age limit or more on the day the membership began), `outside_palu` (every known place of theirs lies outside),
or `none` of these. A birth date, member date, number, segment or place that is not known never puts anybody into a
group. What `cells` gives are true counts: nothing of it may be shown before `releasing.disclosure.release`.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from analysis import N_
from analysis.cleaning import dates, identifiers
from analysis.contracts import registers
from analysis.contracts.registers import JAMSOSTEK, KEY
from analysis.contracts.released import CITY, COUNTED, Dimension, Layout
from analysis.measuring import budgets, coverage, shares
from analysis.measuring.costs import APBD, COST, PEOPLE
from analysis.measuring.coverage import Rules

ALL, PAID = "all", "paid_from_apbd"
PAID_TWICE, OVER_AGE, OUTSIDE, NONE = "paid_twice", "over_age", "outside_palu", "none"
GROUPS = (PAID_TWICE, OVER_AGE, OUTSIDE)
CAUTION = N_("Check each of these memberships before any contribution is stopped: a register can be wrong, and whoever"
             " loses the membership loses the protection.")  # fmt: skip


@cache
def layout() -> Layout:
    """What may stand in released/savings.csv: persons of the city and the kecamatan."""
    return Layout("savings", "persons", {PAID: Dimension((ALL,), (*GROUPS, NONE))})


# true counts --------------------------------------------------------------------------------------------------------


def cells(participants: pd.DataFrame, persons: pd.DataFrame, regions: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """True counts of persons paid for from the APBD by group: columns of contracts.released.COUNTED.

    `participants`: the cleaned register; `persons`: contract PERSONS; `regions`: `id` and `level` of regions.csv;
    `rules`: reference date and limits, by which `coverage` tells who is active. A person counts once, in the kecamatan
    of the first row paid from the APBD that has one; without any, in the city only.
    """
    rows = _active(participants, persons, rules)
    group = _groups(rows, rules)
    place = rows[rows["funding"] == registers.APBD].groupby("person")["kecamatan_code"].first()
    areas = sorted(regions.loc[regions["level"] == "kecamatan", "id"])
    parts = [("city", CITY, group)] + [("kecamatan", area, group[place.eq(area).fillna(False)]) for area in areas]
    found = [
        {"area_code": area, "level": level, "dimension": PAID, "category": ALL, "measure": name,
         "value": int((own == name).sum())}
        for level, area, own in parts for name in (*GROUPS, NONE)
    ]  # fmt: skip
    return pd.DataFrame(found)[list(COUNTED)]


def _active(participants: pd.DataFrame, persons: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """The active rows of the register in the order of its key, with their person."""
    own = persons.loc[persons["register"] == JAMSOSTEK, [*KEY, "person"]]
    rows = participants.merge(own, on=list(KEY), validate="one_to_one").sort_values(list(KEY), ignore_index=True)
    is_active = coverage.participations(rows, rules)["is_active"].fillna(False).astype(bool)
    return rows[is_active].reset_index(drop=True)


def _groups(rows: pd.DataFrame, rules: Rules) -> pd.Series:
    """The group of each person with an active row paid from the APBD, index `person`, in its order."""
    paid = rows[rows["funding"] == registers.APBD]
    index = pd.Index(sorted(paid["person"].unique()), name="person")
    is_outside = paid["place_state"].eq("outside").groupby(paid["person"]).any()
    is_inside = paid["kecamatan_code"].notna().groupby(paid["person"]).any()
    holds = {
        PAID_TWICE: index.isin(_twice(rows)),
        OVER_AGE: index.isin(paid.loc[_is_over_age(paid, rules), "person"]),
        OUTSIDE: (is_outside & ~is_inside).reindex(index).to_numpy(dtype=bool),
    }
    return pd.Series(np.select([*holds.values()], [*holds], default=NONE), index=index, dtype="str")


def _twice(rows: pd.DataFrame) -> pd.Index:
    """Persons with two active numbers in one segment, one at least paid from the APBD; several programmes are one."""
    known = rows[rows["kpj"].notna() & rows["segment"].ne("unknown")]
    told = known.assign(is_apbd=known["funding"].eq(registers.APBD)).groupby(["person", "segment"])
    each = told.agg(numbers_n=("kpj", "nunique"), is_apbd=("is_apbd", "any"))
    found: pd.Index = each[(each["numbers_n"] > 1) & each["is_apbd"]].index.get_level_values("person").unique()
    return found


def _is_over_age(rows: pd.DataFrame, rules: Rules) -> pd.Series:
    """Whether the age limit was reached on the day of membership; a birth date that may be a stand-in is not known."""
    carried = identifiers.birth_date(rows["nik"], rules.reference_date)
    born = pd.to_datetime(dates.believed(rows["birth_date"], carried))
    joined = pd.to_datetime(rows["member_date"])
    before = (joined.dt.month * 100 + joined.dt.day) < (born.dt.month * 100 + born.dt.day)
    years = joined.dt.year - born.dt.year - before.astype("float64")
    return ((years >= rules.limits.age_limit) & born.notna() & joined.notna()).fillna(False).astype(bool)


# from released counts -----------------------------------------------------------------------------------------------


def yearly(savings: pd.DataFrame, tariffs: pd.DataFrame) -> pd.DataFrame:
    """What each group costs the city in the months of `tariffs`: one row per area and group.

    `savings`: the released table; `tariffs`: as `budgets.tariffs` gives them, a year's. people_n with the least and
    most that the rounding allows; price_idr: one contribution a month at the lowest tariff of the self-employed, whose
    income no register tells; staff paid by wage (PU) cost another amount;
    cost_idr, cost_low_idr, cost_high_idr: rupiah that could be used elsewhere if every case is confirmed (CAUTION). NA:
    withheld. cell_refs: cells; tariff_refs: rows of the record; refs: all of them.
    """
    prices = budgets.prices_of(tariffs)
    months = sorted(tariffs["month"].unique())
    each = [prices[APBD, budgets.ANY, month] for month in months]
    price = sum(one["tariff_idr"] for one in each)
    own = savings[savings["measure"].isin(GROUPS)].reset_index(drop=True)
    value = own["value"].astype("Int64")
    people = (value, (value - shares.MOST_MOVED).clip(lower=0), value + shares.MOST_MOVED)
    told = own[["area_code", "level", "measure"]].assign(
        first_month=months[0], last_month=months[-1], months_n=len(months), price_idr=price,
        assumed_n=sum(one["is_assumed"] for one in each), **dict(zip(PEOPLE, people, strict=True)),
        **{cost: n * price for cost, n in zip(COST, people, strict=True)}, cell_refs=own["refs"],
        tariff_refs=" ".join(dict.fromkeys(" ".join(one["tariff_refs"] for one in each).split())),
    )  # fmt: skip
    told = budgets.with_refs(told)
    order = told["measure"].map({name: n for n, name in enumerate(GROUPS)})
    return told.assign(order=order).sort_values(["area_code", "order"], ignore_index=True).drop(columns="order")
