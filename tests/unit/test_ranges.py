"""Ranges: exact arithmetic, ends rounded outward, nothing falsely precise."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.ranges import Range

COUNTS = st.integers(min_value=1, max_value=10**7)


def between(low: int, high: int) -> Range:
    return Range(Fraction(low), Fraction(high))


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [(18_000, 17_500, 18_500), (18_400, 18_350, 18_450), (12_000, 11_500, 12_500), (18_410, 18_405, 18_415)],
)
def test_about_leaves_half_of_the_last_rounded_digit(written: int, low: int, high: int) -> None:
    assert Range.about(written) == between(low, high)


def test_about_an_unrounded_number_is_that_number() -> None:
    assert Range.about(15_138).is_exact


def test_about_none_reaches_up_and_never_below_nothing() -> None:
    assert Range.about(0) == between(0, 500)


def test_about_less_than_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        Range.about(-1_000)


@given(st.integers(0, 10**7))
def test_about_a_count_holds_it_and_is_a_count(value: int) -> None:
    assert 0 <= Range.about(value).low <= value <= Range.about(value).high


def test_coverage_of_the_published_figures_is_53_to_55_percent() -> None:
    share = Range.exact(20_982).share_with(Range.about(18_000))
    assert (share * 100).outward() == between(53, 55)


def test_ends_are_rounded_from_raw_values_and_never_twice() -> None:
    share = Range.exact(20_982).share_with(between(17_000, 19_000))
    assert (share * 100).outward() == between(52, 56)  # 52.479 is 52; the printed 52.5 would have become 53


def test_an_exact_value_is_rounded_half_up() -> None:
    assert Range.exact(Fraction(5, 2)).outward() == Range.exact(3)
    assert (Range.exact(20_982).over(Range.exact(64_000)) * 100).outward() == Range.exact(33)


@given(COUNTS, COUNTS, COUNTS, st.integers(0, 10**5), st.integers(0, 10**5))
def test_quotient_holds_every_quotient_of_its_members(part: int, low: int, width: int, inside: int, out: int) -> None:
    whole = between(low, low + width)
    chosen = low + inside % (width + 1)
    share = Range.exact(part).over(whole)
    assert share.low <= Fraction(part, chosen) <= share.high
    rounded = share.outward(Fraction(1, 1 + out % 100))
    assert rounded.low <= share.low or share.is_exact
    assert rounded.high >= share.high or share.is_exact


@given(COUNTS, COUNTS, st.integers(0, 10**6), st.integers(0, 10**6))
def test_share_with_the_rest_stays_within_0_and_1(part: int, rest: int, wide: int, wider: int) -> None:
    share = between(part, part + wide).share_with(between(rest, rest + wider))
    assert 0 < share.low <= share.high < 1


@given(COUNTS, st.integers(1, 36), st.integers(1, 213_800))
def test_money_is_exact_both_ways(people: int, months: int, tariff: int) -> None:
    cost = Range.exact(people) * (months * tariff)
    assert cost.low == people * months * tariff
    assert cost.over(Range.exact(months * tariff)) == Range.exact(people)


def test_crossed_ends_negative_factors_and_empty_denominators_are_refused() -> None:
    with pytest.raises(ValueError, match="low end"):
        between(2, 1)
    with pytest.raises(ValueError, match="factor"):
        between(1, 2) * -1
    with pytest.raises(ZeroDivisionError):
        between(1, 2).over(between(0, 1))
