"""The only place that knows what a written date, month, quarter, year or span means.

The record keeps dates as precisely as their source gives them: `2022`, `2022-12`, `2022-12-15`, `2016-Q3`,
`2020/2022-08`. A period has a first and a last day; what is said about its age starts from the last one.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

ONE = r"[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?|-Q[1-4])?"
SPAN = rf"{ONE}(?:/{ONE})?"

PALU = ZoneInfo("Asia/Makassar")


@dataclass(frozen=True, order=True)
class Period:
    """First and last day, both included, and how it was written."""

    first: date
    last: date
    written: str

    @property
    def is_day(self) -> bool:
        """Whether the source gave a single day."""
        return self.first == self.last

    def until(self, day: date) -> Period:
        """The same period cut off at `day`: nothing can be described after it was published."""
        return Period(min(self.first, day), min(self.last, day), self.written)


def parse(written: str) -> Period:
    """Read one period. Raises ValueError where the text is none of the known forms or no such day exists."""
    if not re.fullmatch(SPAN, written):
        raise ValueError("not a date, month, quarter, year or span")
    first, _, last = written.partition("/")
    period = Period(_ends(first)[0], _ends(last or first)[1], written)
    if period.first > period.last:
        raise ValueError("the span ends before it begins")
    return period


def today_in_palu() -> date:
    """Today's date in Palu: the project's only clock."""
    return datetime.now(PALU).date()


def full_months(start: date, end: date) -> int:
    """Whole months that have passed from `start` to `end` (31 October to 30 November is one); negative before it."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if month_later(start, months) <= end else months - 1


def month_later(day: date, months: int) -> date:
    """The same day of the month `months` later, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _ends(text: str) -> tuple[date, date]:
    year, _, rest = text.partition("-")
    if not rest:
        return date(int(year), 1, 1), date(int(year), 12, 31)
    if rest.startswith("Q"):
        last_month = int(rest[1]) * 3
        return date(int(year), last_month - 2, 1), _month_end(int(year), last_month)
    month, _, day = rest.partition("-")
    if day:
        return (date(int(year), int(month), int(day)),) * 2
    return date(int(year), int(month), 1), _month_end(int(year), int(month))


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])
