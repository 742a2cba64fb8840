"""The only place that attacks released counts: how far each true count is told by all of them together.

The attacker has every released figure, knows how it was rounded and which counts add up (`releasing.identities`), and
asks of a count its least and its most: two linear programs. Two answers that differ enough clear any number of counts
at once, so some sums are asked for first, and single counts only where those leave a doubt. What is withheld later can
only widen an answer, so a count that was cleared stays cleared.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analysis.contracts.released import KEY
from analysis.releasing import identities, rounding
from analysis.releasing.identities import BEFORE, NOW, UNBOUND, Cell, Row
from analysis.releasing.programs import MANY, Numbers, Places, Program

LEAST_WIDTH = 3
"""From n to n + 2 or closer is an exposure; the ends are rounded inward to whole numbers first."""
MOST_SUMS, LEAST_SUMMED, CLEARED, SEED = 12, 40, 0.25, 20
"""Sums are asked for at most so often, while so many counts are open, and while they clear that share of them."""
EXACT = 1e-5
LABEL, FEW = "label", "few"
"""Families of his own: one label is rounded alike in both editions; a row withheld for being few is few."""
FAMILIES = (
    *("parts", "areas", "businesses", "ages", "rows", "marks", "twins", "persons", "enrolment", "steps", "levels"),
    *(LABEL, FEW),
)
WHERE = ["side", "table", *KEY]
LINE = [name for name in WHERE if name != "category"]
"""Counts that differ in their category alone: in most tables they add up to another count."""


class Attacker:
    """Linear programs over all counts of two editions, one for each set of counts that no row ties to another.

    `known`: one row per counted cell with WHERE, `value` (released; NA where withheld), `low` and `high` (what is told
    of the count by its own figure), `true` (NA where not known any more), `label` (shared by cells of two editions that
    are rounded alike; empty: by none), `group` (a number for each partition), `few_most` (the most that the parts of a
    group withheld for being few can be together; NA otherwise) and `is_open` (whether it can be withheld yet).
    `families`: the rows that he knows of.
    """

    def __init__(self, known: pd.DataFrame, families: Collection[str] = FAMILIES) -> None:
        self.known = known.reset_index(drop=True)
        self._line = self.known.groupby(LINE, sort=False).ngroup().to_numpy()
        self._true = self.known["true"].to_numpy(dtype=float, na_value=np.nan)
        cells: list[Cell] = list(self.known[WHERE].itertuples(index=False, name=None))
        made = [row for row in identities.rows({cell: n for n, cell in enumerate(cells)}) if row.family in families]
        made += [row for row in (*_few(self.known), *_labels(self.known)) if row.family in families]
        rows = [row for row in made if self._may_hold(row)]
        low, high = (self.known[end].to_numpy(dtype=float) for end in ("low", "high"))
        self._programs = [one for own in _apart(rows, len(cells)) if (one := self._program(own, low, high)).rows]
        self.dropped_n = len(made) - sum(len(one.rows) for one in self._programs)
        """Rows that the true counts do not fulfil, or that contradict others: he is never let believe what is wrong."""
        self._of = {cell: program for program in self._programs for cell in program.at}
        self._low, self._high = np.full(len(cells), np.inf), np.full(len(cells), -np.inf)
        self._saw(slice(None), self._true)
        alone = ~np.isin(np.arange(len(cells)), [*self._of])
        for ends in (low, high):
            self._saw(alone, ends[alone])

    def _may_hold(self, row: Row) -> bool:
        """Whether the true counts, as far as they are known, do not speak against a row."""
        told = self._true[list(row.plus)].sum() - self._true[list(row.minus)].sum()
        return bool(row.extra or np.isnan(told) or row.low <= told <= row.high)

    def _program(self, rows: list[Row], low: Numbers, high: Numbers) -> Program:
        """Rows about counts whose truth is gone cannot be held against it; they are believed as far as they may hold
        together. An edition that was released under other definitions must not stop all those after it.
        """
        whole = Program(rows, low, high)
        doubted = [n for n, row in enumerate(rows) if np.isnan(self._true[[*row.plus, *row.minus]]).any()]
        wrong = whole.contradicted(doubted) if doubted else set()
        return Program([row for n, row in enumerate(rows) if n not in wrong], low, high) if wrong else whole

    # asking -------------------------------------------------------------------------------------------------------

    def exposed(self, asked: Sequence[int]) -> list[int]:
        """Of these cells those whose count is told exactly or within two."""
        for program in self._programs:
            self._sum_up(program, [cell for cell in asked if cell in program.at])
        return [cell for cell in asked if self.is_exposed(cell)]

    def _sum_up(self, program: Program, asked: Sequence[int]) -> None:
        """Let sums clear what they can, with weights drawn by lot, as long as it helps."""
        chance, before = np.random.default_rng(SEED), UNBOUND
        for _ in range(MOST_SUMS):
            left = self._unclear(asked)
            if len(left) < LEAST_SUMMED or len(left) > (1 - CLEARED) * before:
                return
            before = len(left)
            weights = self._signs(left, chance) * chance.uniform(0.5, 1.5, len(left))
            for way in (1.0, -1.0):
                self._saw(program.cells, program.summed(left, way * weights))

    def _signs(self, cells: Places, chance: np.random.Generator) -> Numbers:
        """1 and -1 by turns along each line, in an order drawn by lot: what adds up then stays as it is, and half of
        the counts can be at their most while the others are at their least.
        """
        drawn = chance.permutation(len(cells))
        line = pd.Series(self._line[cells[drawn]])
        turn = line.groupby(line).cumcount().to_numpy() + chance.integers(0, 2, self._line.max() + 1)[line.to_numpy()]
        signs: Numbers = np.empty(len(cells))
        signs[drawn] = 1.0 - 2.0 * (turn % 2)
        return signs

    def is_exposed(self, cell: int) -> bool:
        """Whether the least and the most of a count lie closer together than LEAST_WIDTH."""
        for way in (1.0, -1.0):
            if len(self._unclear([cell])) == 0:
                return False
            self._ask(cell, way)
        return len(self._unclear([cell])) > 0

    def bounds(self, cell: int) -> tuple[int, int]:
        """The least and the most that the count can be, rounded inward to whole numbers."""
        low, high = (self._ask(cell, way) for way in (1.0, -1.0))
        return int(np.ceil(low - EXACT)), int(np.floor(high + EXACT))

    def seen(self, cell: int) -> tuple[int, int]:
        """The least and the most of a count in all answers so far: of an exposed one, its bounds."""
        return int(np.ceil(self._low[cell] - EXACT)), int(np.floor(self._high[cell] + EXACT))

    def _unclear(self, asked: Sequence[int]) -> Places:
        cells = np.array(asked, dtype=np.int64)
        width = np.floor(self._high[cells] + EXACT) - np.ceil(self._low[cells] - EXACT)
        return cells[width < LEAST_WIDTH]

    def _ask(self, cell: int, way: float) -> float:
        """The least (way 1) or the most (-1) of a count; what makes it so is a witness for all others."""
        if cell not in self._of:
            return float(self.known["low" if way > 0 else "high"].to_numpy(dtype=float)[cell])
        program = self._of[cell]
        counts = program.least(cell, way)
        self._saw(program.cells, counts)
        return float(counts[program.at[cell]])

    def _saw(self, where: Places | npt.NDArray[np.bool_] | slice, counts: Numbers) -> None:
        self._low[where] = np.fmin(self._low[where], counts)
        self._high[where] = np.fmax(self._high[where], counts)

    # withholding --------------------------------------------------------------------------------------------------

    def withhold(self, group: int) -> None:
        """Let all cells of a partition be withheld from now on."""
        cells = np.flatnonzero(self.known["group"].to_numpy() == group)
        self.known.loc[cells, ["low", "high"]] = (0.0, float(MANY))
        self.known.loc[cells, "value"] = pd.NA
        self._saw(cells, np.where([cell in self._of for cell in cells], np.nan, float(MANY)))
        for program in self._programs:
            if own := [int(cell) for cell in cells if int(cell) in program.at]:
                shared = [n for n, row in enumerate(program.rows) if row.family == LABEL and row.plus[0] in own]
                program.forget(own, shared)

    def blamed(self, cell: int) -> dict[int, float]:
        """Which partitions' figures of the edition to be released tell a count, and how much each of them does.

        By the prices of the two programs: how far an end would move if a figure were told less closely.
        """
        told: dict[int, float] = {}
        group = self.known["group"].to_numpy()
        is_own = (self.known["is_open"] & self.known["value"].notna()).to_numpy()
        for way in (1.0, -1.0) if cell in self._of else ():
            self._ask(cell, way)
            program = self._of[cell]
            cells, rows = program.prices()
            cells |= {program.rows[n].plus[0]: price for n, price in rows.items() if program.rows[n].family == LABEL}
            for at in (one for one in cells if is_own[one]):
                told[int(group[at])] = told.get(int(group[at]), 0.0) + cells[at]
        return told


def _apart(rows: Sequence[Row], cells_n: int) -> Iterator[list[Row]]:
    """The rows, parted into sets that share no count with each other."""
    extras = {name: cells_n + n for n, name in enumerate(dict.fromkeys(row.extra for row in rows if row.extra))}
    tied = [(row.plus[0], other) for row in rows
            for other in (*row.plus, *row.minus, *([extras[row.extra]] if row.extra else []))]  # fmt: skip
    n = cells_n + len(extras)
    ends = np.array(tied, dtype=np.int64).reshape(-1, 2)
    links = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n, n))
    _, part = connected_components(links, directed=False)
    parted: dict[int, list[Row]] = {}
    for row in rows:
        parted.setdefault(int(part[row.plus[0]]), []).append(row)
    yield from parted.values()


def _few(known: pd.DataFrame) -> Iterator[Row]:
    """The parts of a partition that was withheld for being few are few together."""
    few = known[known["few_most"].notna()]
    for _, own in few.groupby("group", sort=False):
        yield Row(FEW, tuple(map(int, own.index)), low=-UNBOUND, high=float(own["few_most"].iloc[0]))


def _labels(known: pd.DataFrame) -> Iterator[Row]:
    """Two counts that are rounded alike differ by no more than four from what their figures differ by."""
    own = known[known["label"].ne("") & known["value"].notna()].reset_index(names="at")
    sides = [own.loc[own["side"] == side, ["at", "label", "value"]] for side in (NOW, BEFORE)]
    both = sides[0].merge(sides[1], on="label", suffixes=("", "_before"))
    for now, was, apart in zip(both["at"], both["at_before"], both["value"] - both["value_before"], strict=True):
        least, most = float(apart) - rounding.MOST_MOVED, float(apart) + rounding.MOST_MOVED
        yield Row(LABEL, (int(now),), (int(was),), least, most)
