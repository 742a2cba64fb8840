"""The only place for one linear program over counts: what makes a sum of them least, within bounds and rows.

HiGHS, one thread and a fixed seed, so that the same question has the same answer. Sums are asked for by inner points,
from scratch; single counts by the simplex method, each from the corner where the last one ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import highspy
import numpy as np
import numpy.typing as npt
from highspy._core import _Highs

from analysis import N_, DisclosureError, Fault
from analysis.releasing.identities import Row

MANY = 1_000_000
"""More than any count of the city: the most of one of which nothing is told."""
DUAL, PRIMAL = 1, 4
"""Methods: the dual one finds a first corner; from it the primal one goes on, whatever is asked next."""
PRICED, OFF = 1e-6, 1e-4
NEVER = -1.0
"""The penalty of what may not be violated."""

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


class Program:
    """Rows over the counts at `cells` (their numbers among all counts), with the solver that keeps its state.

    `low`, `high`: the bounds of all counts.
    """

    def __init__(self, rows: Sequence[Row], low: Numbers, high: Numbers) -> None:
        self.rows = rows
        self.cells: Places = np.array(sorted({one for row in rows for one in (*row.plus, *row.minus)}), dtype=np.int64)
        self.at: Mapping[int, int] = {int(cell): n for n, cell in enumerate(self.cells)}
        self._solver = _Highs()  # unlike highspy.Highs it prints nothing
        for name, value in (("output_flag", False), ("threads", 1), ("random_seed", 0), ("run_crossover", "off")):
            self._solver.setOptionValue(name, value)
        self._solver.passModel(self._model(low[self.cells], high[self.cells]))
        self._has_corner = False

    def _model(self, low: Numbers, high: Numbers) -> highspy.HighsLp:
        """The program as HiGHS has it: a column for each count, and one for each count that is nowhere told."""
        names = dict.fromkeys(row.extra for row in self.rows if row.extra)
        extras = {name: len(low) + n for n, name in enumerate(names)}
        columns = [[*(self.at[one] for one in (*row.plus, *row.minus)), *([extras[row.extra]] if row.extra else [])]
                   for row in self.rows]  # fmt: skip
        signs = [1.0 if n < len(row.plus) else -1.0
                 for row, of in zip(self.rows, columns, strict=True) for n in range(len(of))]  # fmt: skip
        model, free = highspy.HighsLp(), np.zeros(len(extras))
        model.num_col_, model.num_row_ = len(low) + len(extras), len(self.rows)
        model.col_cost_ = np.zeros(model.num_col_)
        model.col_lower_, model.col_upper_ = np.concatenate([low, free]), np.concatenate([high, free + MANY])
        model.row_lower_ = np.array([row.low for row in self.rows])
        model.row_upper_ = np.array([row.high for row in self.rows])
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.cumsum([0, *map(len, columns)]).astype(np.int32)
        model.a_matrix_.index_ = np.array([n for of in columns for n in of], dtype=np.int32)
        model.a_matrix_.value_ = np.array(signs)
        return model

    def contradicted(self, doubted: Sequence[int]) -> set[int]:
        """Those of the `doubted` rows that others speak against: where they are violated least, what is violated still.

        Empty where all rows can hold together, and where leaving doubted ones out does not help.
        """
        penalty = np.full(len(self.rows), NEVER)
        penalty[list(doubted)] = 1.0
        self._solver.feasibilityRelaxation(NEVER, NEVER, NEVER, local_rhs_penalty=penalty)
        told = np.array(self._solver.getSolution().row_value)
        self._solver.clearSolver()
        if len(told) < len(self.rows):
            return set()
        return {n for n in doubted if not self.rows[n].low - OFF < told[n] < self.rows[n].high + OFF}

    def summed(self, cells: Places, weights: Numbers) -> Numbers:
        """Counts that make the weighted sum of some least; no corner, and NaN where the method finds none."""
        self._solver.clearSolver()
        self._has_corner = False
        self._solver.setOptionValue("solver", "ipm")
        is_solved = self._solve([self.at[int(cell)] for cell in cells], weights)
        return self._counts() if is_solved else np.full(len(self.cells), np.nan)

    def least(self, cell: int, way: float) -> Numbers:
        """Counts that make one of them least (`way` 1) or most (-1). DisclosureError where no counts are allowed."""
        if not self._has_corner:
            self._solver.clearSolver()
        self._solver.setOptionValue("solver", "simplex")
        self._solver.setOptionValue("simplex_strategy", PRIMAL if self._has_corner else DUAL)
        if not self._solve([self.at[cell]], np.array([way])):
            fault = Fault(N_("there are no counts that the released figures allow"))
            cure = N_("Report this: the audit takes something wrong for known.")
            raise DisclosureError(N_("the audit"), [fault], cure)
        self._has_corner = True
        return self._counts()

    def _solve(self, where: Sequence[int], weights: Numbers) -> bool:
        n = self._solver.getNumCol()
        cost = np.zeros(n)
        cost[list(where)] = weights
        self._solver.changeColsCost(n, np.arange(n, dtype=np.int32), cost)
        self._solver.run()
        return bool(self._solver.getModelStatus() == highspy.HighsModelStatus.kOptimal)

    def _counts(self) -> Numbers:
        return np.array(self._solver.getSolution().col_value)[: len(self.cells)]

    def prices(self) -> tuple[dict[int, float], dict[int, float]]:
        """How far the last answer would move with the bounds of each count, and with each row; zero ones left out."""
        told = self._solver.getSolution()
        of_cells = np.abs(np.array(told.col_dual))[: len(self.cells)]
        of_rows = np.abs(np.array(told.row_dual))
        cells = {int(self.cells[n]): float(of_cells[n]) for n in np.flatnonzero(of_cells > PRICED)}
        return cells, {int(n): float(of_rows[n]) for n in np.flatnonzero(of_rows > PRICED)}

    def forget(self, cells: Sequence[int], rows: Sequence[int]) -> None:
        """Let nothing be told of these counts any more, nor by these rows. What was possible stays possible; but the
        corner where the last answer lay may be none any more.
        """
        self._has_corner = False
        columns = np.array([self.at[cell] for cell in cells], dtype=np.int32)
        self._solver.changeColsBounds(len(columns), columns, np.zeros(len(columns)), np.full(len(columns), float(MANY)))
        for row in rows:
            self._solver.changeRowBounds(row, -highspy.kHighsInf, highspy.kHighsInf)
