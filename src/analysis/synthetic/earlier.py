"""The only place that tells what was true a month before: who was not listed yet, had not paid yet, was still alive.

The people are the same, and the rows too, one for one, so that the same draws fall on the same rows; which of them
stood in a register then is told beside them. The earlier month is told from the later one: whatever is added here, the
later one stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analysis.contracts.registers import JAMSOSTEK, RENTAN, UMKM
from analysis.synthetic import businesses
from analysis.synthetic.chance import Cells, stream
from analysis.synthetic.participation import LAPSE_MONTHS, month_of
from analysis.synthetic.population import WORKING_AGES, Population

LISTED, UNLISTED = 0.01, 0.003
"""Shares of the owners who came into the UMKM register within the month, and who went out of it."""
RETURNED = 0.01
"""Share of those whose membership had lapsed who paid again."""
AWAY_MONTHS = (5, 12)
"""How many months, at least and less than, lie between the last two contributions of those who returned."""
PAYS_MONTHLY = 0.75
"""Share of those who pay who did so in both months; the others paid for two months at once, or for none in this one."""
AHEAD_MONTHS = 2
"""Who has paid further ahead than this paid for all of it at once, before."""
MEMBER_WEIGHT = 3
"""How many times as often a participant as another one stands among the owners who went out of the register."""


@dataclass(frozen=True)
class Earlier:
    """A month before. `of` has the rows of the later month, row for row, with the values of then.

    `stood` maps a register to flags: rows that it had then. `is_other` flags the rows of the UMKM register in which an
    owner stands who is listed no longer; later another one's row takes this place.
    """

    of: Population
    stood: Mapping[str, Cells]
    is_other: Cells


def month_before(day: date) -> date:
    """The last day of the month before."""
    return day.replace(day=1) - timedelta(days=1)


def before(seed: int, of: Population) -> Earlier:
    """The month before `of`, of the same people."""
    until = month_before(of.until)
    new = _newcomers(of)
    is_new = of.umkm["person"].isin(new).to_numpy()
    place, gone = _unlisted(seed, of, np.flatnonzero(is_new))
    is_other = np.zeros(len(of.umkm), dtype=bool)
    is_other[place] = True
    owner = np.sort(np.concatenate([np.setdiff1d(of.owner, new), gone]))
    members = _members(seed, of, month_of(until), new)
    stood = {
        UMKM: ~is_new | is_other, JAMSOSTEK: _had_begun(members, month_of(until)),
        RENTAN: np.ones(len(of.vulnerable), dtype=bool),
    }  # fmt: skip
    umkm = businesses.in_place(stream(seed, "unlisted businesses"), of.umkm, of.people, place, gone)
    return Earlier(replace(of, until=until, owner=owner, umkm=umkm, participants=members), stood, is_other)


def _newcomers(of: Population) -> Cells:
    """Owners who were not listed yet: those whom the census met last, unless their data were typed from the list."""
    met = of.umkm.groupby("person")["census_date"].min().loc[of.owner]
    typed = of.participants.loc[of.participants["is_typed"], "person"]
    met = met[~met.index.isin(typed)].sort_values(ascending=False, kind="stable")
    return met.index.to_numpy()[: max(1, round(len(of.owner) * LISTED))]


def _unlisted(seed: int, of: Population, free: Cells) -> tuple[Cells, Cells]:
    """Some of the `free` rows of the UMKM register, and who stood there: of the same kelurahan, of working age."""
    rng, people, members = stream(seed, "unlisted owners"), of.people, of.participants
    rows = rng.permutation(free)[: max(1, round(len(of.owner) * UNLISTED))]
    age = (np.datetime64(of.until) - people["birth_date"].to_numpy()).astype("timedelta64[D]").astype(int) / 365.25
    may_be = (age >= WORKING_AGES[0] + 1) & (age < WORKING_AGES[1])
    may_be[of.owner] = may_be[members.loc[members["status"] == "deceased", "person"]] = False
    weight = np.where(np.isin(np.arange(len(people)), members["person"]), MEMBER_WEIGHT, 1)
    order = np.argsort(-(rng.random(len(people)) ** (1 / weight)), kind="stable")
    pool = pd.DataFrame({"person": order, "area": people["area"].to_numpy()[order]})[may_be[order]]
    places = pd.DataFrame({"row": rows, "area": of.umkm["area"].to_numpy()[rows]})
    pool["nth"], places["nth"] = pool.groupby("area").cumcount(), places.groupby("area").cumcount()
    both = places.merge(pool, on=["area", "nth"]).sort_values("row")
    return both["row"].to_numpy(), both["person"].to_numpy()


def _had_begun(members: pd.DataFrame, month: int) -> Cells:
    """Memberships that had begun in `month`."""
    stood: Cells = (members["member_month"] <= month).to_numpy()
    return stood


def _members(seed: int, of: Population, month: int, new: Cells) -> pd.DataFrame:
    """The participant register with the last contribution month and the status of `month`, row for row."""
    table = of.participants
    person, now, since = (table[name].to_numpy() for name in ("person", "last_month", "member_month"))
    is_dead, died = _dead(table, month)
    returned = _returned(stream(seed, "returned"), table, month, new)
    draws = stream(seed, "month before").random((2, len(of.people)))[:, person]
    is_paying = (now >= month + 1 - LAPSE_MONTHS) & (now <= month + 1 + AHEAD_MONTHS) & ~died
    paid_then = np.select([draws[0] < PAYS_MONTHLY, now == month + 1], [now - 1, now - 2], now)
    last = np.where(is_paying, np.maximum(paid_then, since), now)
    away = AWAY_MONTHS[0] + (draws[1] * (AWAY_MONTHS[1] - AWAY_MONTHS[0])).astype(np.int64)
    last = np.where(returned, month + 1 - away, last)
    status = table["status"].to_numpy(dtype=object)
    had_lapsed, was_prompt = last < month - LAPSE_MONTHS, last >= month - 1
    ended = np.where(np.isin(status, ["inactive", "arrears"]), status, "inactive")
    paying = np.select([status == "inactive", status == "deceased"], ["arrears", "active"], status)
    then = np.select([is_dead & ~died, had_lapsed, was_prompt], [status, ended, "active"], paying)
    return table.assign(last_month=last, status=then.astype(object))


def _dead(table: pd.DataFrame, month: int) -> tuple[Cells, Cells]:
    """Rows of the dead, and of those among them who lived in `month`: they had contributed until shortly before."""
    is_dead = (table["status"] == "deceased").to_numpy()
    latest = table.groupby("person")["last_month"].transform("max").to_numpy()
    return is_dead, is_dead & (latest >= month + 1 - LAPSE_MONTHS)


def _returned(rng: np.random.Generator, table: pd.DataFrame, month: int, new: Cells) -> Cells:
    """Rows of those who had lapsed in `month` and paid again in the next, as many of the owners as of the others.

    They have one membership, older than the time for which they did not pay.
    """
    person = table["person"].to_numpy()
    one = table.groupby("person").agg(
        first=("kpj", "min"), other=("kpj", "max"), last=("last_month", "max"), since=("member_month", "max"),
        is_owner=("is_owner", "first"), status=("status", "first"),
    )  # fmt: skip
    is_single = (one["first"] == one["other"]) & ~one.index.isin(new)
    fits = is_single & (one["last"] == month + 1) & (one["since"] <= month - AWAY_MONTHS[1])
    has_lapsed = (one["last"] < month - LAPSE_MONTHS) & (one["status"] != "deceased")
    drawn = []
    for is_owner in (True, False):
        who = rng.permutation(one.index.to_numpy()[fits & (one["is_owner"] == is_owner)])
        drawn.append(who[: max(1, round((has_lapsed & (one["is_owner"] == is_owner)).sum() * RETURNED))])
    return np.isin(person, np.concatenate(drawn))
