"""The only place where chance enters the invented registers: named sub-streams, weighted draws, clerks and their care.

A sub-stream belongs to a name, not to a place in the program: a change in one part leaves the draws of all others as
they were. A clerk who is careless with one cell of a row is careless with the others: that is what makes real
registers hard, and why rates alone would not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Cells = npt.NDArray[Any]
"""One value per row: texts (dtype object, '' = blank), numbers or days."""


def stream(seed: int, name: str) -> np.random.Generator:
    """The sub-stream of `name`: the same for the same seed, whatever else was drawn before."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=tuple(name.encode())))


def pick(rng: np.random.Generator, values: Sequence[Any] | Cells, weights: Sequence[float] | Cells | None,
         n: int) -> Cells:  # fmt: skip
    """`n` of `values`, each as often as its weight says (no weights: equally often)."""
    table = np.empty(len(values), dtype=object)
    table[:] = values
    parts = np.ones(len(table)) if weights is None else np.asarray(weights, dtype=float)
    bounds = np.cumsum(parts) / parts.sum()
    drawn: Cells = table[np.minimum(np.searchsorted(bounds, rng.random(n), side="right"), len(table) - 1)]
    return drawn


MOST_LIKELY = 0.9
"""No cell is damaged more often than this."""


@dataclass(frozen=True)
class Clerks:
    """Those who wrote one register: how often each damage happens, and how careless each row is (1 = as usual).

    `seed` and `register` name the sub-streams; `rates` maps a damage (lists/rates.csv) to its rate. `haste` is how many
    times as often a row is damaged than its care alone would have it: the other rows stay as they are.
    """

    seed: int
    register: str
    rates: Mapping[str, float]
    care: Cells
    haste: float | Cells = 1.0

    def rng(self, field: str) -> np.random.Generator:
        """The sub-stream of one column."""
        return stream(self.seed, f"write {self.register} {field}")

    def damage(self, field: str, kinds: Sequence[str]) -> Cells:
        """For each row one of `kinds`, or '' where the cell is written as it should be.

        Each kind happens as often as its rate says; a careless row suffers more often, but at most nine times in ten.
        """
        drawn = stream(self.seed, f"damage {self.register} {field}").random(len(self.care))
        rates = np.array([self.rates[kind] for kind in kinds])
        scale = _levelled(self.care, MOST_LIKELY / max(rates.sum(), 1e-9)) * self.haste
        hit = np.full(len(self.care), "", dtype=object)
        bound = np.zeros(len(self.care))
        for kind, rate in zip(kinds, rates, strict=True):
            above = bound + rate * scale
            hit[(drawn >= bound) & (drawn < above)] = kind
            bound = above
        return hit


def _levelled(care: Cells, most: float) -> Cells:
    """`care` cut off at `most` and raised so that its mean is 1 again (where `most` allows it)."""
    low, high = 0.0, 1e6
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if np.minimum(care * middle, most).mean() < 1 else (low, middle)
    levelled: Cells = np.minimum(care * low, most)
    return levelled


def carelessness(seed: int, register: str, offices: Cells, is_careful: Cells) -> Cells:
    """How careless each row was written: by office (kelurahan), and one row in five by someone in a hurry.

    `offices` are whole numbers from 0; rows of `is_careful` were typed under control: half the damage.
    """
    rng = stream(seed, f"care {register}")
    of_office = rng.gamma(6.0, 1 / 6, size=int(offices.max(initial=0)) + 1)
    of_row = np.where(rng.random(len(offices)) < 0.2, 3.4, 0.4)
    care: Cells = of_office[offices] * of_row * np.where(is_careful, 0.5, 1.0)
    return care
