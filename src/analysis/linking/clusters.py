"""The only place where rows become persons: pairs joined from the surest down, unless the rows around them object.

A chain of likenesses must not make one person of a family. So two groups are joined only where the evidence of all
pairs between them, added up, speaks for it (greedy correlation clustering); plain connected components join whatever
one pair joins. Ties are broken by the rows' order, so that the same scores give the same persons.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

MOST_BITS = 12.0
"""No single pair speaks louder than this, in bits, for or against: one wrong NIK must not outvote everything else."""

NO_CANDIDATES = -3.0
"""What two rows say that are no candidates: they share nothing worth a comparison, which speaks against one person.
Measured: at 0 a third more wrong links, from -2 to -4 hardly a difference."""


class Groups:
    """Rows joined into groups, with the lowest probability at which any of a group were joined."""

    def __init__(self, rows_n: int) -> None:
        self.label = list(range(rows_n))
        self.members: dict[int, list[int]] = {}
        self.weakest: dict[int, float] = {}

    def of(self, label: int) -> list[int]:
        """The rows of a group."""
        return self.members.get(label, [label])

    def join(self, one: int, other: int, probability: float) -> None:
        """Make one group of two; it is named after the first of its rows."""
        first, second = min(one, other), max(one, other)
        moved = self.of(second)
        for row in moved:
            self.label[row] = first
        self.members[first] = self.of(first) + moved
        self.members.pop(second, None)
        before = (self.weakest.get(first, 1.0), self.weakest.pop(second, 1.0))
        self.weakest[first] = min(probability, *before)


def bits(probability: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How loudly each probability speaks: log2 of its odds, at most MOST_BITS either way."""
    kept = np.clip(probability, 1e-12, 1 - 1e-12)
    told: npt.NDArray[np.float64] = np.clip(np.log2(kept / (1 - kept)), -MOST_BITS, MOST_BITS)
    return told


def group(
    rows_n: int,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    probability: npt.NDArray[np.float64],
    is_certain: npt.NDArray[np.bool_],
    accept: float,
) -> Groups:
    """The groups of 0 ... rows_n - 1 that pairs (left < right) of at least `accept` make, `is_certain` ones first.

    Pairs below `accept` object. Sorted by certainty, probability and rows, so the order of the pairs does not matter.
    """
    told = dict(zip(zip(left.tolist(), right.tolist(), strict=True), bits(probability).tolist(), strict=True))
    chosen = np.flatnonzero(probability >= accept)
    order = chosen[np.lexsort((right[chosen], left[chosen], -probability[chosen], ~is_certain[chosen]))]
    groups = Groups(rows_n)
    for one, other, surely in zip(
        left[order].tolist(), right[order].tolist(), probability[order].tolist(), strict=True
    ):
        ours, theirs = groups.label[one], groups.label[other]
        if ours != theirs and _speaks_for(groups.of(ours), groups.of(theirs), told):
            groups.join(ours, theirs, surely)
    return groups


def _speaks_for(ours: list[int], theirs: list[int], told: dict[tuple[int, int], float]) -> bool:
    """Whether all pairs between two groups together speak for one person; what is no candidate speaks against it."""
    if len(ours) == len(theirs) == 1:
        return True
    return sum(told.get((a, b) if a < b else (b, a), NO_CANDIDATES) for a in ours for b in theirs) > 0
