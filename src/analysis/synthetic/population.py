"""The only place that brings the invented people together with their businesses and memberships.

What stands here is true; how it is written down, with what faults, is told by `registers`, and what was true of the
same people a month before by `earlier`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analysis.synthetic import businesses, participation, people, words
from analysis.synthetic.chance import Cells, pick, stream
from analysis.synthetic.words import City

VULNERABLE_PER_OWNER = 15_138 / 38_982
"""Persons on the list of vulnerable workers for each owner. Source: the published record."""
VULNERABLE_OWNERS, VULNERABLE_PARTICIPANTS = 0.12, 0.60
"""Shares of that list who own a business, and who are enrolled at the city's cost without owning one."""
VULNERABLE_TWICE = 0.015
WORKING_AGES = (17, 68)


@dataclass(frozen=True)
class Population:
    """`people` one row a person; the others one row for each row of a register, with `person`, its place in `people`.

    umkm: see `businesses.register`. participants: see `participation.register`. vulnerable: person, group.
    `owner` lists the places of all owners in `people`.
    """

    city: City
    until: date
    people: pd.DataFrame
    owner: Cells
    umkm: pd.DataFrame
    participants: pd.DataFrame
    vulnerable: pd.DataFrame


def invent(seed: int, city: City, umkm_n: int, participants_n: int, until: date) -> Population:
    """`umkm_n` owners, `participants_n` rows of participants, and the people around them."""
    everyone = people.invent(seed, city, round(1.1 * umkm_n + 0.5 * participants_n) + 50)
    owner = businesses.owners(seed, everyone, umkm_n)
    umkm = businesses.register(seed, everyone, city, owner)
    is_enrolled = participation.enrolled(seed, everyone, owner, participants_n)
    age = (np.datetime64(until) - everyone["birth_date"].to_numpy()).astype("timedelta64[D]").astype(int) / 365.25
    may_work = (age >= WORKING_AGES[0]) & (age < WORKING_AGES[1])
    may_work[owner] = False
    others = np.flatnonzero(may_work)
    members = participation.register(seed, owner[is_enrolled], others, participants_n, until)
    vulnerable = _vulnerable(stream(seed, "vulnerable"), owner, members, others)
    return Population(city, until, everyone, owner, umkm, members, vulnerable)


def _vulnerable(rng: np.random.Generator, owner: Cells, members: pd.DataFrame, others: Cells) -> pd.DataFrame:
    """The list of vulnerable workers: some own a business, most are enrolled, some are neither."""
    n = round(len(owner) * VULNERABLE_PER_OWNER)
    is_paid = (members["funding"] == "apbd") & ~members["is_owner"]
    enrolled = np.unique(members.loc[is_paid, "person"].to_numpy())
    pools = [
        (owner, round(n * VULNERABLE_OWNERS)),
        (enrolled, round(n * VULNERABLE_PARTICIPANTS)),
        (np.setdiff1d(others, enrolled), n),
    ]
    drawn = [rng.permutation(pool)[:most] for pool, most in pools]
    person = rng.permutation(np.concatenate(drawn)[:n])
    groups = words.read("groups")
    group = pick(rng, groups["group"].to_list(), groups["weight"].to_list(), len(person))
    table = pd.DataFrame({"person": person, "group": group})
    rows = table.loc[table.index.repeat(1 + (rng.random(len(table)) < VULNERABLE_TWICE))]
    return rows.iloc[rng.permutation(len(rows))].reset_index(drop=True)
