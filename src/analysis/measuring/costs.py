"""The only place that turns people into contributions: people x dated tariff x months, by payer and sector.

Amounts are whole rupiah and exact. They are a minimum by construction: the lowest income bracket (PP 44/2015,
Lampiran II), one person per UMKM, the workers of UMKM not counted. PP 50/2025 halves JKK and JKM for self-payers in
stated months and not for contributions paid from APBN or APBD; whether owners who employ others get the discount is
open, so a self-payer's cost is shown as one possibility and never as settled.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import floor

import pandas as pd

from analysis import N_, Fault, ParameterError
from analysis.measuring import record as published
from analysis.sources import periods
from analysis.sources.published import Record

APBD, SELF = "apbn_apbd", "self"
TRANSPORT, OTHER = "transport", "other"
PROGRAMMES = "JKK+JKM"
MONTHS_A_YEAR = 12
PEOPLE = ("people_n", "people_low_n", "people_high_n")
COST = ("cost_idr", "cost_low_idr", "cost_high_idr")


def months_after(as_of: date, count: int = MONTHS_A_YEAR) -> list[str]:
    """The `count` contribution months after the month of `as_of`, as YYYY-MM."""
    return [f"{periods.month_later(as_of.replace(day=1), n):%Y-%m}" for n in range(1, count + 1)]


def tariffs(record: Record, months: list[str]) -> pd.DataFrame:
    """The lowest monthly tariff by month, payer and sector: one row for each.

    tariff_idr: rupiah per person and month; is_assumed: the month lies past the last dated tariff for this payer and
    sector, so the general one stands in on the assumption that no new rule comes. Raises LookupError where no general
    tariff exists.
    """
    rows = record.tariffs
    rows = rows[(rows["segment"] == "BPU") & (rows["program"] == PROGRAMMES) & (rows["status"] != "superseded")]
    general = rows[(rows["payer"] == "any") & (rows["sector"] == "any")]
    if general.empty:
        raise LookupError("tariffs.csv holds no general BPU tariff for JKK+JKM")
    return pd.DataFrame([
        {"month": month, "payer": payer, "sector": sector, **_tariff(rows, general.iloc[0], month, payer, sector)}
        for month in months for payer in (APBD, SELF) for sector in (TRANSPORT, OTHER)
    ])  # fmt: skip


def _tariff(rows: pd.DataFrame, general: pd.Series, month: str, payer: str, sector: str) -> dict[str, object]:
    own = rows[(rows["payer"] == payer) & rows["sector"].isin(["any", sector]) & (rows["valid_from"] != "")]
    wanted = periods.parse(month)
    spans = [(_first_day(row["valid_from"]), _last_day(row["valid_to"]), row) for _, row in own.iterrows()]
    valid = [row for first, last, row in spans if first <= wanted.first and wanted.last <= last]
    row = valid[0] if valid else general
    is_past = bool(spans) and wanted.first > max(last for _, last, _ in spans)
    return {"tariff_idr": int(row["amount_idr_month"]), "is_assumed": is_past, "refs": row["ref"]}


def _first_day(written: str) -> date:
    return periods.parse(written).first


def _last_day(written: str) -> date:
    return periods.parse(written).last if written else date.max


def schedule(record: Record, as_of: date, payer_apbd_share: float = 1.0, transport_share: float = 0.0) -> pd.DataFrame:
    """What closing the published gap costs in the 12 contribution months after `as_of`, by month, payer and sector.

    people_n, people_low_n, people_high_n: persons not enrolled as printed and with its rounding; tariff_idr: rupiah per
    person and month; cost_idr, cost_low_idr, cost_high_idr: rupiah. Shares are between 0 and 1: of the people,
    `payer_apbd_share` are paid for from the APBD, the rest pay themselves; `transport_share` of each work in transport.
    People are whole: the first group is rounded half up, the second is the rest, so that groups always add up.
    Empty where no figure for the people not enrolled exists. Raises ParameterError for a share outside 0-1.
    """
    _check_shares(payer_apbd_share=payer_apbd_share, transport_share=transport_share)
    row = published.claim(published.usable(record, as_of), published.NOT_ENROLLED)
    if row is None:
        return pd.DataFrame()
    people = published.value_of(row)
    counts = {"people_n": int(row["value"]), "people_low_n": int(people.low), "people_high_n": int(people.high)}
    split = {name: _split(count, payer_apbd_share, transport_share) for name, count in counts.items()}
    table = tariffs(record, months_after(as_of))
    groups = list(zip(table["payer"], table["sector"], strict=True))
    for name, by_group in split.items():
        table[name] = [by_group[group] for group in groups]
        table[name.replace("people", "cost").replace("_n", "_idr")] = table[name] * table["tariff_idr"]
    return table[table["people_high_n"] > 0].assign(refs=f"{row['ref']} " + table["refs"]).reset_index(drop=True)


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
        Fault("{name} must lie between 0 and 1, not {value}", values={"name": name, "value": share})
        for name, share in shares.items() if not 0 <= share <= 1
    ]  # fmt: skip
    if faults:
        raise ParameterError(N_("the parameters"), faults, N_("Give a share such as 0.25 for a quarter."))


def by_payer(record: Record, as_of: date, transport_share: float = 0.0) -> pd.DataFrame:
    """The two pure cases side by side: everybody paid for from the APBD, everybody paying himself."""
    return pd.concat([schedule(record, as_of, 1.0, transport_share), schedule(record, as_of, 0.0, transport_share)],
                     ignore_index=True)  # fmt: skip


def monthly(costs: pd.DataFrame) -> pd.DataFrame:
    """Sums over the sectors, by payer and month: people and cost as in `schedule`, lowest and highest tariff."""
    if costs.empty:
        return costs
    return costs.groupby(["payer", "month"], sort=True).agg(
        **{name: (name, "sum") for name in (*PEOPLE, *COST)},
        tariff_low_idr=("tariff_idr", "min"), tariff_high_idr=("tariff_idr", "max"),
        is_assumed=("is_assumed", "any"), sectors=("sector", _joined), refs=("refs", _joined),
    ).reset_index()  # fmt: skip


def yearly(costs: pd.DataFrame) -> pd.DataFrame:
    """Sums over the months, by payer: people (the same in every month), cost, first and last month, months_n."""
    if costs.empty:
        return costs
    return monthly(costs).groupby("payer", sort=True).agg(
        months_n=("month", "count"), sectors=("sectors", _joined),
        first_month=("month", "min"), last_month=("month", "max"),
        **{name: (name, "first") for name in PEOPLE}, **{name: (name, "sum") for name in COST},
        tariff_low_idr=("tariff_low_idr", "min"), tariff_high_idr=("tariff_high_idr", "max"), refs=("refs", _joined),
    ).reset_index()  # fmt: skip


def _joined(refs: pd.Series) -> str:
    return " ".join(dict.fromkeys(" ".join(refs).split()))


def discounts(record: Record) -> pd.DataFrame:
    """Dated lower tariffs of self-payers: one row per sector (tariff_idr, first_month, last_month)."""
    rows = record.tariffs
    own = rows[(rows["payer"] == SELF) & (rows["program"] == PROGRAMMES)]
    own = own[own["status"] != "superseded"]
    own = own[(own["valid_from"] != "") & (own["valid_to"] != "") & own["amount_idr_month"].notna()]
    return pd.DataFrame({
        "sector": own["sector"],
        "tariff_idr": own["amount_idr_month"],
        "first_month": own["valid_from"].str[:7],
        "last_month": own["valid_to"].str[:7],
        "refs": own["ref"],
    })  # fmt: skip


def rates(record: Record) -> pd.DataFrame:
    """The parts of the lowest monthly tariff, its half, and the ends of the income brackets: one row per rate.

    Rates: JKK, JKM, JKK+JKM (lowest), half (lowest, PP 50/2025) and highest (JKK+JKM of the top bracket); rupiah.
    """
    brackets = record.bpu_base.sort_values("income_min_idr")
    lowest, highest = brackets.iloc[0], brackets.iloc[-1]
    named = {
        "JKK": (lowest, "jkk_idr"),
        "JKM": (lowest, "jkm_idr"),
        PROGRAMMES: (lowest, "jkk_jkm_idr"),
        "half": (lowest, "jkk_jkm_half_idr"),
        "highest": (highest, "jkk_jkm_idr"),
    }
    return pd.DataFrame(
        [{"rate": name, "amount_idr": int(row[column]), "refs": row["ref"]} for name, (row, column) in named.items()]
    )
