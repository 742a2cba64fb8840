"""The only place for what enrolling the gap of one area costs a year, by payer, from released counts.

People are the released range of the owners not enrolled, prices the dated tariffs of `budgets.tariffs`; so the cost is
a range too, and a least: lowest income bracket, one person per owner. By sector an area is often too small to be told,
so who pays himself pays between the cheapest and the dearest sector.
"""

from __future__ import annotations

import pandas as pd

from analysis.contracts.registers import UNREGISTERED
from analysis.measuring import budgets
from analysis.measuring.costs import APBD, SELF

WHOLE = ("people_low_n", "people_high_n", "months_n", "assumed_n", "tariff_low_idr", "tariff_high_idr",
         "price_low_idr", "price_high_idr", "cost_low_idr", "cost_high_idr")  # fmt: skip


def yearly(levels: pd.DataFrame, tariffs: pd.DataFrame, area: str) -> pd.DataFrame:
    """What all owners not enrolled in `area` cost in the months of `tariffs`: one row per payer (APBD, SELF).

    `levels`: as `standing.levels` gives them. people_low_n, people_high_n: owners not enrolled; tariff_low_idr and
    _high: rupiah per person and month; price_low_idr and _high: of all months together; cost_low_idr and _high:
    rupiah, people x price. NA: withheld. months_n, of them assumed_n past the last dated tariff; first_month,
    last_month. cell_refs: cells of the gap; tariff_refs: rows of the record; refs: both.
    """
    own = levels[levels["area_code"] == area].iloc[0]
    low, high = own[f"{UNREGISTERED}_low_n"], own[f"{UNREGISTERED}_high_n"]
    rows = []
    for payer in (APBD, SELF):
        price = _price(tariffs[tariffs["payer"] == payer])
        costs = {"cost_low_idr": low * price["price_low_idr"], "cost_high_idr": high * price["price_high_idr"]}
        rows.append({"area_code": area, "level": own["level"], "payer": payer, "people_low_n": low,
                     "people_high_n": high, **price, **costs, "cell_refs": own[f"{UNREGISTERED}_refs"]})  # fmt: skip
    return budgets.with_refs(pd.DataFrame(rows).astype(dict.fromkeys(WHOLE, "Int64")))


def _price(tariffs: pd.DataFrame) -> dict[str, object]:
    """The tariffs of one payer: of the cheapest and of the dearest sector in each month, and their sums."""
    months = tariffs.groupby("month").agg(low=("tariff_idr", "min"), high=("tariff_idr", "max"),
                                          is_assumed=("is_assumed", "any"))  # fmt: skip
    return {
        "first_month": months.index.min(), "last_month": months.index.max(), "months_n": len(months),
        "assumed_n": int(months["is_assumed"].sum()),
        "tariff_low_idr": int(months["low"].min()), "tariff_high_idr": int(months["high"].max()),
        "price_low_idr": int(months["low"].sum()), "price_high_idr": int(months["high"].sum()),
        "tariff_refs": budgets.joined(tariffs["refs"]),
    }  # fmt: skip
