"""The only place for who participates in Jamsostek, and since when, until when and how: the true participant register.

Months are whole numbers: 12 x year + month - 1.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from analysis.synthetic.chance import Cells, pick, stream

ENROLLED_SHARE = 20_982 / 38_982
"""Owners enrolled, of all owners. Source: the published record (20,982 enrolled, about 18,000 not)."""
TYPED_FROM_UMKM = 0.42
"""Share of the owners enrolled at the city's cost whose data were typed from the UMKM register."""
SECOND_SEGMENT, SECOND_KPJ, SECOND_PROGRAM, TWICE = 0.06, 0.02, 0.17, 0.012
"""Shares of persons with a second segment and a second number in one segment; of memberships with a row for a second
programme; of rows that stand twice."""
LAPSED = 0.2
DECEASED = 0.006
ROWS_A_PERSON = 1.4
"""About how many rows a person has: bounds how many owners can be enrolled in a small file."""
FIRST_MONTH = 12 * 1970
"""Where numpy begins to count months."""
LAPSE_MONTHS = 3
"""A participant is active until this many months after the last contribution. Source: benefits.csv of the record."""


def month_of(day: date) -> int:
    """A day's month as a whole number."""
    return 12 * day.year + day.month - 1


def enrolled(seed: int, people: pd.DataFrame, owner: Cells, rows_n: int) -> Cells:
    """Which owners take part (flags): the published share, in some kelurahan more than in others."""
    rng = stream(seed, "enrolled")
    n = min(round(len(owner) * ENROLLED_SHARE), int(rows_n / ROWS_A_PERSON))
    area = people["area"].to_numpy()[owner]
    of_area = rng.gamma(9.0, 1 / 9.0, int(people["area"].max()) + 1)
    weight = of_area[area] * rng.uniform(0.2, 1.0, len(owner))
    flags = np.zeros(len(owner), dtype=bool)
    flags[np.argsort(-weight, kind="stable")[:n]] = True
    return flags


def register(seed: int, owner: Cells, others: Cells, rows_n: int, until: date) -> pd.DataFrame:
    """The rows of the participant register without any fault; `rows_n` of them, or fewer where the people do not do.

    `owner` and `others` are indices in `people` of the enrolled owners and of those who may fill the rest. Columns:
    person, is_owner, is_typed (from the UMKM register), kpj, segment, program, funding, member_month, member_date
    (datetime64[s]), last_month, status (active, arrears, inactive, deceased).
    """
    rng = stream(seed, "participants")
    person = np.concatenate([owner, rng.permutation(others)])
    is_owner = np.arange(len(person)) < len(owner)
    table = _memberships(rng, person, is_owner)
    table["kpj"] = _numbers(stream(seed, "kpj"), len(table))
    table = _months(stream(seed, "months"), table, month_of(until))
    table = _programs(stream(seed, "programmes"), table).iloc[:rows_n]
    return table.iloc[stream(seed, "participant order").permutation(len(table))].reset_index(drop=True)


def _memberships(rng: np.random.Generator, person: Cells, is_owner: Cells) -> pd.DataFrame:
    """One row a membership: a person in a segment under one number."""
    n = len(person)
    own = pick(rng, ["BPU", "PU", "PMI"], [88, 11.5, 0.5], n)
    other = pick(rng, ["PU", "BPU", "JAKON", "PMI"], [55, 38, 5, 2], n)
    base = pd.DataFrame({"person": person, "is_owner": is_owner, "segment": np.where(is_owner, own, other)})
    second = base[rng.random(n) < SECOND_SEGMENT].copy()
    second["segment"] = np.where(second["segment"] == "PU", "BPU", "PU")
    again = base[rng.random(n) < SECOND_KPJ]
    table = pd.concat([base, second, again]).sort_index(kind="stable").reset_index(drop=True)
    is_bpu, is_paid_by_city = table["segment"] == "BPU", rng.random(len(table)) < 0.66
    table["funding"] = np.select(
        [is_bpu & is_paid_by_city, is_bpu | (table["segment"] == "PMI")], ["apbd", "self"], "employer"
    )
    typed = rng.random(len(table)) < TYPED_FROM_UMKM
    table["is_typed"] = table["is_owner"] & (table["funding"] == "apbd") & typed
    return table


def _numbers(rng: np.random.Generator, n: int) -> Cells:
    """Participant numbers: 11 digits, each once."""
    steps = rng.integers(1, 90_000_000_000 // (n + 1), n)
    return rng.permutation(np.char.mod("%011d", 10_000_000_000 + np.cumsum(steps)).astype(object))


def _months(rng: np.random.Generator, table: pd.DataFrame, reference: int) -> pd.DataFrame:
    """Since when, until when, and the status: paid to date, ahead, or ended, often when the city's budget year did."""
    n = len(table)
    lag = pick(rng, [0, 1, 2, 3, -1, -2, -6, -14, -20], [52, 24, 8, 5, 3, 4, 3, 0.5, 0.3], n).astype(np.int64)
    ended = np.where(
        rng.random(n) < 0.5, pick(rng, [10, 22, 34], [5, 3, 2], n).astype(np.int64), rng.integers(4, 46, n)
    )
    lapsed_of, dead_of = rng.random((2, int(table["person"].to_numpy().max(initial=0)) + 1))
    person = table["person"].to_numpy()
    has_lapsed, is_dead = lapsed_of[person] < LAPSED, dead_of[person] < DECEASED
    lag = np.where(is_dead, rng.integers(1, 40, n), np.where(has_lapsed, ended, lag))
    last = reference - lag
    first = last - rng.integers(1, 50, n) - np.where(lag < 0, -lag, 0) + (lag <= 0)
    day = (first - FIRST_MONTH).astype("datetime64[M]")
    is_late, ended_as = (lag > 1) & (rng.random(n) < 0.7), np.where(rng.random(n) < 0.88, "inactive", "arrears")
    status = np.select([is_dead, lag > LAPSE_MONTHS, is_late], ["deceased", ended_as, "arrears"], "active")
    return table.assign(
        member_month=first,
        member_date=(day.astype("datetime64[D]") + rng.integers(0, 28, n)).astype("datetime64[s]"),
        last_month=last,
        status=status,
    )


def _programs(rng: np.random.Generator, table: pd.DataFrame) -> pd.DataFrame:
    """A row for each programme that is kept by itself, and a few rows twice."""
    n = len(table)
    table["program"] = pick(rng, ["JKK, JKM", "JKK+JKM", "JKK,JKM,JHT"], [60, 25, 15], n)
    more = table[rng.random(n) < SECOND_PROGRAM].assign(program="JHT")
    twice = table[rng.random(n) < TWICE]
    return pd.concat([table, more, twice]).sort_index(kind="stable").reset_index(drop=True)
