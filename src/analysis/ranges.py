"""The only place for a value with its range: how ranges add, multiply, divide and round.

All arithmetic is exact (`fractions.Fraction`), because the ends of a range are rounded outward from raw inputs:
20,982 / 39,982 is 52.479 percent and becomes 52, whereas a first rounding to 52.5 would have made it 53.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

COARSEST_ROUNDING = 1_000
"""A published "about" is read as rounded to the nearest thousand at most (docs/assumptions.md, A1)."""


@dataclass(frozen=True, order=True)
class Range:
    """Lowest and highest value that the evidence allows; both ends belong to it, equal ends mean an exact value."""

    low: Fraction
    high: Fraction

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("a range's low end lies above its high end")

    @classmethod
    def exact(cls, value: int | Fraction) -> Range:
        """A value that is known as it stands."""
        return cls(Fraction(value), Fraction(value))

    @classmethod
    def about(cls, value: int) -> Range:
        """A whole number that its source calls approximate: half of its last rounded digit either side.

        18,000 gives 17,500-18,500; 18,400 gives 18,350-18,450; 15,138 carries no rounding and stays exact. The low end
        stops at 0, because it is a count: 0 gives 0-500. Raises ValueError for a number below 0.
        """
        if value < 0:
            raise ValueError("a count is 0 or more")
        step = COARSEST_ROUNDING
        while value % step:
            step //= 10
        half = Fraction(step, 2) if step > 1 else Fraction(0)
        return cls(max(value - half, Fraction(0)), value + half)

    @property
    def is_exact(self) -> bool:
        """Whether both ends are the same value."""
        return self.low == self.high

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.high + other.high)

    def __mul__(self, factor: int | Fraction) -> Range:
        if factor < 0:
            raise ValueError("a range is multiplied by a factor of 0 or more")
        return Range(self.low * factor, self.high * factor)

    def over(self, whole: Range) -> Range:
        """The quotient of two positive ranges that do not depend on each other."""
        if whole.low <= 0:
            raise ZeroDivisionError("the denominator's range reaches 0")
        return Range(self.low / whole.high, self.high / whole.low)

    def share_with(self, rest: Range) -> Range:
        """This part's share of itself plus the rest: the part stands in both terms, so the ends do not cross over."""
        return Range(self.low / (self.low + rest.high), self.high / (self.high + rest.low))

    def outward(self, step: int | Fraction = 1) -> Range:
        """Round to multiples of `step`: a range outward (low end down, high end up), an exact value half up."""
        step = Fraction(step)
        if self.is_exact:
            return Range.exact(floor(self.low / step + Fraction(1, 2)) * step)
        return Range(floor(self.low / step) * step, ceil(self.high / step) * step)
