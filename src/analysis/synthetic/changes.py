"""The only place for what truly changed for the owners between an invented edition and the one before it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.synthetic.chance import Cells
from analysis.synthetic.expected import AGE_LIMIT
from analysis.synthetic.population import Population
from analysis.synthetic.truth import ACTIVE, NOT_ELIGIBLE, are_dead, statuses

ABSENT = "absent"
KINDS = ("listed", "unlisted", "stayed", "died", "aged", "returned", "enrolled", "came_of_age", "lapsed")
"""The first that holds is the kind of a change; see `changes`."""


def changes(before: Population, after: Population) -> pd.DataFrame:
    """One row for each owner listed in at least one of the two: person_id, status_before, status_after, kind.

    A status is `truth.statuses` at that edition's reference date, 'absent' where not listed. Kinds: listed, unlisted
    (came into the register, went out of it); stayed (same status); died; aged (not active, and the birthday of the age
    rule lies between the two days); returned, enrolled (active now, with and without a membership before);
    came_of_age; lapsed (also past the age rule or under age, where one then is not eligible). Sorted by person_id.
    """
    person = np.union1d(before.owner, after.owner)
    was, now = (statuses(of).reindex(person).fillna(ABSENT).to_numpy(dtype=object) for of in (before, after))
    has_died = are_dead(after, person) & ~are_dead(before, person)
    has_aged = _is_old(after, person) & ~_is_old(before, person)
    had_membership = np.isin(person, before.participants["person"])
    holds = [
        was == ABSENT, now == ABSENT, was == now, has_died, (now == NOT_ELIGIBLE) & has_aged,
        (now == ACTIVE) & had_membership, now == ACTIVE, was == NOT_ELIGIBLE,
    ]  # fmt: skip
    return pd.DataFrame({
        "person_id": after.people["person_id"].to_numpy()[person], "status_before": was, "status_after": now,
        "kind": np.select(holds, KINDS[:-1], KINDS[-1]),
    })  # fmt: skip


def _is_old(of: Population, person: Cells) -> Cells:
    """Who is past the age rule at the reference date: the day of the birthday counts."""
    born, until = of.people["birth_date"].iloc[person].dt, of.until
    day = born.year * 10_000 + born.month * 100 + born.day
    is_old: Cells = (day <= (until.year - AGE_LIMIT) * 10_000 + until.month * 100 + until.day).to_numpy()
    return is_old
