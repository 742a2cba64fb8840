"""The only place that turns people into contributions: people x dated tariff x months, by payer and sector.

Amounts are whole rupiah and exact. They are a minimum by construction: the lowest income bracket (PP 44/2015,
Lampiran II), one person per UMKM, the workers of UMKM not counted. PP 50/2025 halves JKK and JKM for self-payers in
stated months and not for contributions paid from APBN or APBD; whether owners who employ others get the discount is
open, so a self-payer's cost is shown as one possibility and never as settled.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any

import pandas as pd

from analysis import N_, ContractError, Fault, ParameterError
from analysis.measuring import record as published
from analysis.sources import periods
from analysis.sources.periods import Period
from analysis.sources.published import Record

APBD, SELF = "apbn_apbd", "self"
TRANSPORT, OTHER = "transport", "other"
PROGRAMMES = "JKK+JKM"
MONTHS_A_YEAR = 12
PEOPLE = ("people_n", "people_low_n", "people_high_n")
COST = ("cost_idr", "cost_low_idr", "cost_high_idr")


def _joined(refs: pd.Series) -> str:
    return " ".join(dict.fromkeys(" ".join(refs).split()))


REFS = {"refs": ("refs", _joined), "tariff_refs": ("tariff_refs", _joined)}
"""How the names of rows are brought together when rows are summed: each once, in order."""


def months_after(as_of: date, count: int = MONTHS_A_YEAR) -> list[str]:
    """The `count` contribution months after the month of `as_of`, as YYYY-MM."""
    return [f"{periods.month_later(as_of.replace(day=1), n):%Y-%m}" for n in range(1, count + 1)]


def tariffs(record: Record, months: list[str]) -> pd.DataFrame:
    """The lowest monthly tariff by month, payer and sector: one row for each.

    Of the rows valid in a month the most specific one counts (payer before sector), then the one that began last.
    tariff_idr: rupiah per person and month; is_assumed: the month lies past the last dated tariff of this payer and
    sector, so the general one stands in on the assumption that no new rule comes. Raises ContractError where no tariff
    is valid in a month.
    """
    listed = _lowest(record).to_dict("records")
    return pd.DataFrame([
        {"month": month, "payer": payer, "sector": sector, **_tariff(listed, periods.parse(month), payer, sector)}
        for month in months for payer in (APBD, SELF) for sector in (TRANSPORT, OTHER)
    ])  # fmt: skip


def _lowest(record: Record) -> pd.DataFrame:
    """The rows of tariffs.csv for JKK and JKM of self-employed participants, with first and last day of validity."""
    rows = record.tariffs
    rows = rows[(rows["segment"] == "BPU") & (rows["program"] == PROGRAMMES) & (rows["status"] != "superseded")]
    return rows.assign(
        first=[periods.parse(written).first if written else date.min for written in rows["valid_from"]],
        last=[periods.parse(written).last if written else date.max for written in rows["valid_to"]],
    )


def _tariff(listed: Sequence[Mapping[Hashable, Any]], month: Period, payer: str, sector: str) -> dict[str, object]:
    fitting = [row for row in listed if row["payer"] in (payer, "any") and row["sector"] in (sector, "any")]
    valid = [row for row in fitting if row["first"] <= month.first and row["last"] >= month.last]
    if not valid:
        fault = Fault(N_("no JKK+JKM tariff is valid in {month}"), values={"month": month.written})
        raise ContractError("tariffs.csv", [fault], N_("Add the tariff of that month with its legal source."))
    best = max(valid, key=lambda row: (row["payer"] == payer, row["sector"] == sector, row["first"], row["id"]))
    ends = [row["last"] for row in fitting if row["payer"] == payer and row["last"] < date.max]
    is_past = best["payer"] == "any" and bool(ends) and month.first > max(ends)
    return {"tariff_idr": int(best["amount_idr_month"]), "is_assumed": is_past, "refs": best["ref"]}


def schedule(record: Record, as_of: date, payer_apbd_share: float = 1.0, transport_share: float = 0.0) -> pd.DataFrame:
    """What closing the published gap costs in the 12 contribution months after `as_of`, by month, payer and sector.

    people_n, people_low_n, people_high_n: persons not enrolled as printed and with its rounding; tariff_idr: rupiah per
    person and month, by the rows in tariff_refs; cost_idr, cost_low_idr, cost_high_idr: rupiah. Of the people (shares
    are between 0 and 1),
    `payer_apbd_share` are paid for from the APBD, the rest pay themselves; `transport_share` of each work in transport.
    People are whole: the first group is rounded half up, the second is the rest, so that groups always add up. Groups
    with a share of 0 are left out. Raises ParameterError for a share outside 0-1.
    """
    _check_shares(payer_apbd_share=payer_apbd_share, transport_share=transport_share)
    row = published.required(published.usable(record, as_of), published.NOT_ENROLLED)
    people = published.value_of(row)
    counts = {"people_n": int(row["value"]), "people_low_n": int(people.low), "people_high_n": int(people.high)}
    table = tariffs(record, months_after(as_of))
    shares = {
        APBD: payer_apbd_share,
        SELF: 1 - payer_apbd_share,
        TRANSPORT: transport_share,
        OTHER: 1 - transport_share,
    }
    table = table[(table["payer"].map(shares) > 0) & (table["sector"].map(shares) > 0)].reset_index(drop=True)
    groups = list(zip(table["payer"], table["sector"], strict=True))
    for name, count in counts.items():
        split = _split(count, payer_apbd_share, transport_share)
        table[name] = [split[group] for group in groups]
        table[name.replace("people", "cost").replace("_n", "_idr")] = table[name] * table["tariff_idr"]
    return table.assign(tariff_refs=table["refs"], refs=f"{row['ref']} " + table["refs"])


def _split(people: int, apbd_share: float, transport_share: float) -> dict[tuple[str, str], int]:
    apbd = _half_up(people * Fraction(str(apbd_share)))
    by_payer = {APBD: apbd, SELF: people - apbd}
    transport = {payer: _half_up(count * Fraction(str(transport_share))) for payer, count in by_payer.items()}
    return {(payer, TRANSPORT): transport[payer] for payer in by_payer} | {
        (payer, OTHER): count - transport[payer] for payer, count in by_payer.items()
    }


def _half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def _check_shares(**shares: float) -> None:
    faults = [
        Fault(N_("{name} must lie between 0 and 1, not {value}"), values={"name": name, "value": share})
        for name, share in shares.items()
        if not 0 <= share <= 1
    ]
    if faults:
        raise ParameterError(N_("the parameters"), faults, N_("Give a share such as 0.25 for a quarter."))


def by_payer(record: Record, as_of: date, transport_share: float = 0.0) -> pd.DataFrame:
    """The two pure cases side by side: everybody paid for from the APBD, everybody paying himself."""
    return pd.concat(
        [schedule(record, as_of, 1.0, transport_share), schedule(record, as_of, 0.0, transport_share)],
        ignore_index=True,
    )


def monthly(costs: pd.DataFrame) -> pd.DataFrame:
    """Sums over the sectors, by payer and month: people and cost as in `schedule`, lowest and highest tariff."""
    return costs.groupby(["payer", "month"], sort=True).agg(
        **{name: (name, "sum") for name in (*PEOPLE, *COST)},
        tariff_low_idr=("tariff_idr", "min"), tariff_high_idr=("tariff_idr", "max"),
        is_assumed=("is_assumed", "any"), sectors=("sector", _joined), **REFS,
    ).reset_index()  # fmt: skip


def yearly(costs: pd.DataFrame) -> pd.DataFrame:
    """Sums over the months, by payer: people (the same in every month), cost, months_n, of them assumed_n."""
    return monthly(costs).groupby("payer", sort=True).agg(
        months_n=("month", "count"), sectors=("sectors", _joined), assumed_n=("is_assumed", "sum"),
        first_month=("month", "min"), last_month=("month", "max"),
        **{name: (name, "first") for name in PEOPLE}, **{name: (name, "sum") for name in COST},
        tariff_low_idr=("tariff_low_idr", "min"), tariff_high_idr=("tariff_high_idr", "max"), **REFS,
    ).reset_index()  # fmt: skip


def total(costs: pd.DataFrame) -> pd.DataFrame:
    """Everything together, whoever pays: one row (people and cost as in `schedule`), and how many the APBD pays for.

    payers: `apbn_apbd`, `self` or both; apbd_people_n: the persons paid for from the APBD, as printed.
    """
    by_payers = yearly(costs)
    apbd = by_payers.loc[by_payers["payer"] == APBD, "people_n"].sum()
    sums = {name: [by_payers[name].sum()] for name in (*PEOPLE, *COST)}
    refs = _joined(by_payers["refs"])
    return pd.DataFrame({**sums, "payers": [" ".join(by_payers["payer"])], "apbd_people_n": [apbd], "refs": [refs]})


def products(costs: pd.DataFrame, payer: str = APBD) -> pd.DataFrame:
    """The arithmetic behind a payer's sum: one row per tariff (people, tariff_idr, months_n, cost)."""
    own = costs[costs["payer"] == payer]
    a_month = own.groupby(["tariff_idr", "month"]).agg(
        **{name: (name, "sum") for name in (*PEOPLE, *COST)},
        refs=("refs", _joined),
        tariff_refs=("tariff_refs", _joined),
    )
    return a_month.groupby("tariff_idr", sort=True).agg(
        months_n=("people_n", "count"),
        **{name: (name, "first") for name in PEOPLE}, **{name: (name, "sum") for name in COST},
        **REFS,
    ).reset_index()  # fmt: skip


def comparison(costs: pd.DataFrame) -> pd.DataFrame:
    """In how many months a self-payer owes less than the APBD would: one row (cheaper_n, months_n)."""
    rates = monthly(costs).pivot(index="month", columns="payer", values="tariff_low_idr")
    cheaper = int((rates[SELF] < rates[APBD]).sum())
    return pd.DataFrame({"cheaper_n": [cheaper], "months_n": [len(rates)], "refs": [_joined(costs["tariff_refs"])]})


def discounts(record: Record, as_of: date) -> pd.DataFrame:
    """Dated lower tariffs of self-payers that reach into the 12 months after `as_of`: one row per sector.

    tariff_idr: rupiah a month; last_month: the last contribution month it holds for.
    """
    rows, window = _lowest(record), months_after(as_of)
    first, last = periods.parse(window[0]).first, periods.parse(window[-1]).last
    own = rows[(rows["payer"] == SELF) & (rows["first"] <= last) & (rows["last"] >= first) & (rows["last"] < date.max)]
    return pd.DataFrame({
        "sector": own["sector"],
        "tariff_idr": own["amount_idr_month"],
        "last_month": [f"{day:%Y-%m}" for day in own["last"]],
        "refs": own["ref"],
    })  # fmt: skip


def rates(record: Record) -> pd.DataFrame:
    """The parts of the lowest monthly tariff and its sum in the lowest income bracket: rows JKK, JKM and JKK+JKM."""
    brackets = record.bpu_base[record.bpu_base["status"] != "superseded"].sort_values("income_min_idr")
    lowest = brackets.iloc[0]
    named = {"JKK": "jkk_idr", "JKM": "jkm_idr", PROGRAMMES: "jkk_jkm_idr"}
    return pd.DataFrame(
        [{"rate": name, "amount_idr": int(lowest[column]), "refs": lowest["ref"]} for name, column in named.items()]
    )
