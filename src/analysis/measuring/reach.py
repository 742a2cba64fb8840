"""The only place for how far a budget goes: money -> people and people -> money, exact to one person and one rupiah.

Prices and people come from `measuring.budgets`, hence from released counts and dated tariffs alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from analysis import N_, Fault, ParameterError
from analysis.measuring.budgets import PLACE, REFS, joined


class Offer(NamedTuple):
    """So many people can be enrolled at this price each, rupiah for all months together."""

    price_idr: int
    people_n: int


class Reach(NamedTuple):
    """How many people a budget reaches, what they cost, what is left, and what one more would cost (None: nobody)."""

    people_n: int
    cost_idr: int
    rest_idr: int
    next_idr: int | None


def people_for(budget_idr: int, offers: Sequence[Offer]) -> Reach:
    """How many people a budget enrols for all months, the cheapest first.

    Cheapest first reaches the most people that the budget can, and is the only order in which people and money are
    exact opposites; whom to enrol first for other reasons is told by `priorities`. Prices differ by payer and sector
    only. What is left is less than one more person costs, unless nobody is left. Raises ParameterError for a budget
    below 0 or a price that is not above 0.
    """
    _refuse_offers(offers)
    if budget_idr < 0:
        raise _refused(Fault(N_("a budget cannot be below 0")))
    rest, people = budget_idr, 0
    for offer in sorted(offers):
        taken = min(offer.people_n, rest // offer.price_idr)
        people, rest = people + taken, rest - taken * offer.price_idr
        if taken < offer.people_n:
            return Reach(people, budget_idr - rest, rest, offer.price_idr)
    return Reach(people, budget_idr - rest, rest, None)


def budget_for(people_n: int, offers: Sequence[Offer]) -> int:
    """What so many people cost in all months, the cheapest first: the opposite of `people_for`, exact to the rupiah.

    Raises ParameterError for fewer than 0 people, more than there are, or a price that is not above 0.
    """
    _refuse_offers(offers)
    most = sum(offer.people_n for offer in offers)
    if not 0 <= people_n <= most:
        raise _refused(Fault(N_("{n} people were asked for; there are {most}"), values={"n": people_n, "most": most}))
    left, cost = people_n, 0
    for offer in sorted(offers):
        taken = min(offer.people_n, left)
        left, cost = left - taken, cost + taken * offer.price_idr
    return cost


def _refuse_offers(offers: Sequence[Offer]) -> None:
    if any(offer.price_idr <= 0 or offer.people_n < 0 for offer in offers):
        raise _refused(Fault(N_("a price must be above 0, and people cannot be fewer than 0")))


def _refused(fault: Fault) -> ParameterError:
    return ParameterError(N_("the budget"), [fault], N_("Give whole rupiah and whole people of 0 or more."))


def offers_of(parts: pd.DataFrame) -> list[Offer] | None:
    """The offers in the rows of one area and scenario of `summed`; None where any of them is withheld."""
    if parts["people_n"].isna().any():
        return None
    return [Offer(int(price), int(n)) for price, n in zip(parts["price_idr"], parts["people_n"], strict=True)]


def table(parts: pd.DataFrame, budgets_idr: Sequence[int]) -> pd.DataFrame:
    """How far each budget goes in each area and scenario of `summed`: one row for each.

    people_n, cost_idr, rest_idr, and next_idr: what one more person would cost (NA: nobody is left); is_withheld: the
    people are withheld, and the rest is NA.
    """
    rows = []
    for (area, level, scenario), own in parts.groupby([*PLACE, "scenario"], sort=False):
        offers = offers_of(own)
        refs = {name: joined(own[name]) for name in REFS}
        for budget in budgets_idr:
            told = {} if offers is None else people_for(budget, offers)._asdict()
            rows.append({"area_code": area, "level": level, "scenario": scenario, "budget_idr": budget, **told,
                         "is_withheld": offers is None, **refs})  # fmt: skip
    columns = [*PLACE, "scenario", "budget_idr", *Reach._fields, "is_withheld", *REFS]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(("budget_idr", *Reach._fields), "Int64"))
