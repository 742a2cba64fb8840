"""The only place that decides whether the tables of an edition may be released together, and what must be withheld.

Every true count of 1 to 4 is small. It is exposed where all that is published, of this edition and of the last, tells
it exactly or within two (`releasing.attacker`). What gives exposed counts away is withheld, partition by partition,
and the rest is attacked again, three times at most. The rows of the last edition lie outside and cannot be taken back:
its small counts are protected from what this edition adds, as long as its true counts are kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import N_, DisclosureError, Fault
from analysis.contracts.registers import CELL_OUTCOMES
from analysis.contracts.released import COUNTED, KEY, TOTAL_DIMENSION
from analysis.releasing import rounding
from analysis.releasing.attacker import FAMILIES, Attacker
from analysis.releasing.identities import BEFORE, LAYOUTS, NOW, PERIODIC
from analysis.releasing.programs import MANY

MOST_PASSES = 3
LEAST_SMALL, MOST_SMALL = 1, 4
TOLD, FEW, AUDITED = CELL_OUTCOMES
GROUP = ["side", "table", "area_code", "dimension", "category"]
LEVELS = ("kecamatan", "kelurahan", "city")
"""In what order rows that help as much are withheld: one of a kecamatan often frees all kelurahan below it."""


@dataclass(frozen=True, eq=False)
class Seen:
    """One table as it is or will be published, and its true counts.

    `table`: contracts.released.COLUMNS; `cells`: COUNTED, with `outcome` where some were withheld by an audit; None
    where they are kept no longer. `is_last`: of the last edition; `key`: the mark of the key it is rounded with.
    """

    name: str
    table: pd.DataFrame
    cells: pd.DataFrame | None
    is_last: bool = False
    is_out: bool = False
    key: str = ""


@dataclass(frozen=True, eq=False)
class Audit:
    """What an audit did: `withheld` (GROUP without side: the partitions to withhold), how many small counts it looked
    at, how many of them were exposed before anything was withheld, and in how many passes they were protected.
    """

    withheld: pd.DataFrame
    small_n: int
    exposed_n: int
    passes_n: int


def knowledge(seen: Sequence[Seen]) -> pd.DataFrame:
    """All that an outsider knows of each count by its own figure: the table that `Attacker` takes."""
    known = pd.concat([_known(one) for one in seen], ignore_index=True)
    known["group"] = known.groupby(GROUP, sort=False).ngroup()
    few = known["value"].isna() & known["is_part"] & known["outcome"].eq(FEW)
    most = rounding.LEAST_TOTAL - rounding.BASE + rounding.MOST_MOVED * few.groupby(known["group"]).transform("sum")
    known["few_most"] = most.where(few)
    known["high"] = known["high"].mask(few, float(rounding.LEAST_TOTAL - rounding.BASE + rounding.MOST_MOVED))
    return known


def _known(one: Seen) -> pd.DataFrame:
    layout = LAYOUTS[one.name]
    counted = one.table[~one.table["measure"].isin([layout.total, *layout.sums])]
    known = counted[[*KEY, "level", "value"]].assign(side=BEFORE if one.is_last else NOW, table=one.name)
    true = one.cells if one.cells is not None else pd.DataFrame(columns=[*COUNTED])
    if "outcome" not in true.columns:
        true = true.assign(outcome=FEW)
    known = known.merge(true[[*KEY, "value", "outcome"]].rename(columns={"value": "true"}), how="left", on=[*KEY])
    value = known["value"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    label = known[list(KEY)].agg("|".join, axis=1) + f"|{one.key}" if len(known) else ""
    return known.assign(
        true=known["true"].astype("Float64").to_numpy(dtype=float, na_value=np.nan),
        low=np.where(np.isnan(value), 0.0, (value - rounding.MOST_MOVED).clip(min=0)),
        high=np.where(np.isnan(value), float(MANY), value + rounding.MOST_MOVED),
        label="" if one.name in PERIODIC else label, is_open=not one.is_out,
        is_part=~known["measure"].isin(layout.beside),
    )  # fmt: skip


def small(known: pd.DataFrame) -> list[int]:
    """The places of the small counts of which anything is known."""
    return np.flatnonzero(known["true"].between(LEAST_SMALL, MOST_SMALL)).tolist()


def exposed(known: pd.DataFrame, families: Collection[str] = FAMILIES) -> pd.DataFrame:
    """The small counts that are told exactly or within two, with what is told of them: low_n and high_n.

    The attack alone: nothing is withheld. `families`: the rows of `identities` that the attacker knows.
    """
    attacker = Attacker(known, families)
    found = attacker.exposed(small(known))
    ends = [attacker.seen(cell) for cell in found]
    return known.iloc[found].assign(low_n=[low for low, _ in ends], high_n=[high for _, high in ends])


def audit(seen: Sequence[Seen]) -> Audit:
    """Attack, withhold and attack again, until nothing small is exposed.

    Raises DisclosureError where MOST_PASSES do not suffice; it tells how many, and never a value.
    """
    known = knowledge(seen)
    attacker, asked = Attacker(known), small(known)
    found = _not_told_before(known, attacker.exposed(asked))
    first, passes, done = len(found), 0, set[int]()
    while found and passes < MOST_PASSES:
        passes += 1
        chosen = _cover([_choices(known, attacker, cell, done) for cell in found])
        for group in sorted(chosen):
            attacker.withhold(group)
        done |= chosen
        found = [cell for cell in found if _is_left(known, attacker, cell, done, is_end=passes == MOST_PASSES)]
    if found:
        fault = Fault(N_("{n} small counts are told by what is published together"), values={"n": len(found)})
        cure = N_("Nothing was released. Release fewer tables or areas together.")
        raise DisclosureError(N_("the audit"), [fault], cure)
    rows = known[known["group"].isin(done)].drop_duplicates("group")[GROUP[1:]]
    return Audit(rows.reset_index(drop=True), len(asked), first, passes)


def kept(seen: Sequence[Seen], withheld: pd.DataFrame) -> pd.DataFrame:
    """The true counts of tables that are released, and what became of each: columns of registers.CELLS."""
    groups = pd.MultiIndex.from_frame(withheld[GROUP[1:]])
    parts = []
    for one in seen:
        cells = one.cells if one.cells is not None else pd.DataFrame(columns=[*COUNTED])
        told = (
            cells[[*COUNTED]]
            .assign(table=one.name)
            .merge(one.table[[*KEY, "value"]].rename(columns={"value": "published"}), how="left", on=[*KEY])
        )
        outcome = pd.Series(TOLD, index=told.index).mask(told.pop("published").isna(), FEW)
        is_audited = pd.MultiIndex.from_frame(told[GROUP[1:]]).isin(groups)
        parts.append(told.assign(outcome=outcome.mask(is_audited & outcome.eq(TOLD), AUDITED)))
    return pd.concat(parts, ignore_index=True)[["table", *COUNTED, "outcome"]]


def _not_told_before(known: pd.DataFrame, found: list[int]) -> list[int]:
    """The exposed counts without those that were told already by what lies outside, whatever is released now."""
    is_open = known["is_open"].to_numpy()
    was = [cell for cell in found if not is_open[cell]]
    if not was:
        return found
    alone = known[~is_open]
    place = {int(cell): n for n, cell in enumerate(alone.index)}
    told = Attacker(alone)
    before = {cell for cell in was if told.is_exposed(place[cell])}
    return [cell for cell in found if cell not in before]


def _is_left(known: pd.DataFrame, attacker: Attacker, cell: int, done: set[int], *, is_end: bool) -> bool:
    """Whether a count is exposed still; in the last pass partitions are withheld for it one by one until it is not."""
    while attacker.is_exposed(cell):
        choices = _choices(known, attacker, cell, done) if is_end else {}
        if not choices:
            return True
        group = min(choices, key=lambda one: (choices[one], one))
        attacker.withhold(group)
        done.add(group)
    return False


def _choices(known: pd.DataFrame, attacker: Attacker, cell: int, done: Iterable[int]) -> dict[int, tuple[float, ...]]:
    """The partitions whose withholding may protect a count, each with its rank; the dimension `total` goes last."""
    prices = attacker.blamed(cell)
    own = int(known["group"].to_numpy()[cell])
    if known["is_open"].iat[cell]:
        prices.setdefault(own, 0.0)
    told: dict[int, tuple[float, ...]] = {}
    for group in prices.keys() - set(done):
        rows = known[known["group"] == group]
        first = rows.iloc[0]
        size = float(rows["true"].sum())
        told[group] = (float(first["dimension"] == TOTAL_DIMENSION), float(LEVELS.index(first["level"])), size)
    return told


def _cover(blamed: Sequence[Mapping[int, tuple[float, ...]]]) -> set[int]:
    """Few partitions of which every exposed count has one: those first that help most, of equal ones the least."""
    chosen: set[int] = set()
    left = [each for each in blamed if each]
    while left:
        ranks = {group: rank for each in left for group, rank in each.items()}
        helped = {group: sum(group in each for each in left) for group in ranks}
        best = min(ranks, key=lambda group: (ranks[group][0], -helped[group], ranks[group][1:], group))
        chosen.add(best)
        left = [each for each in left if best not in each]
    return chosen
