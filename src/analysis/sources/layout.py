"""The only place that finds the header of a sheet and says which column stands where.

The header is found by meaning: of the first rows, the row (or two merged rows) in which most of our columns are
named. Titles above it need no rule of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analysis import N_, Fault
from analysis.contracts.registers import PERSON_NAME, REQUIRED
from analysis.sources.headers import Headers, grouped, key, shown

SEARCHED = 40
"""Rows from the top in which a header may begin."""
LEAST = 2
"""Known headers that make a row a header."""
NIK_LIKE = re.compile(r"(?<!\d)\d{16}(?!\d)")
ALIKE = N_('"{first}" and "{second}" both mean our column {name}: name the right one in delivery.toml under [columns]')
MISSING = N_("no column for {names} was found; seen: {seen}")


@dataclass(frozen=True)
class Layout:
    """Where a sheet's columns stand. Rows count from 0, columns from 0.

    `upper` is empty for a header of one row. `at` gives the position of each of our columns; `alike` the other
    positions that mean the same; `unknown` the headers that nobody knows.
    """

    first_row: int
    upper: tuple[str, ...]
    lower: tuple[str, ...]
    at: Mapping[str, int]
    alike: tuple[tuple[str, int], ...]
    unknown: tuple[str, ...]

    @property
    def last_row(self) -> int:
        """The row below which the data begin."""
        return self.first_row + bool(self.upper)

    @property
    def headers(self) -> list[str]:
        """The header of each column as it is shown; '' where there is none."""
        return [shown(f"{group} {header}") for group, header in grouped(self.upper, self.lower)]

    @property
    def width(self) -> int:
        """Columns up to the last one that has a header."""
        return max((at for at, header in enumerate(self.headers, start=1) if header), default=0)

    def names_person(self, register: str) -> bool:
        """Whether the sheet is about persons at all; a summary by kelurahan is not."""
        return PERSON_NAME[register] in self.at or "nik" in self.at


def locate(rows: Sequence[Sequence[str]], headers: Headers) -> Layout | None:
    """The layout of a sheet from its first rows; None where no row names two of our columns.

    Of equal candidates the one with fewer columns of the same meaning counts, then the header of one row, then the
    upper one.
    """
    best = max(_candidates(rows[: SEARCHED + 1], headers), key=_rank, default=None)
    return best if best and len(best.at) >= LEAST else None


def _rank(layout: Layout) -> tuple[int, int, bool, int]:
    return len(layout.at), -len(layout.alike), not layout.upper, -layout.first_row


def _candidates(rows: Sequence[Sequence[str]], headers: Headers) -> Iterator[Layout]:
    for row, cells in enumerate(rows[:SEARCHED]):
        if not _is_filled(cells):
            continue
        found = headers.of_row(cells)
        if any(found):
            yield _layout(row, (), cells, found)
        below = rows[row + 1] if row + 1 < len(rows) else ()
        if _is_filled(below) and not holds_nik(below):
            found = headers.of_rows(cells, below)
            if any(found):
                yield _layout(row, cells, below, found)


def _is_filled(cells: Sequence[str]) -> bool:
    return any(cell.strip() for cell in cells)


def _layout(row: int, upper: Sequence[str], lower: Sequence[str], found: Sequence[str | None]) -> Layout:
    at: dict[str, int] = {}
    alike, unknown = [], []
    texts = [shown(f"{group} {header}") for group, header in grouped(upper, lower)]
    for position, name in enumerate(found):
        if name is None:
            unknown += [texts[position]] if texts[position] else []
        elif name in at:
            alike.append((name, position))
        else:
            at[name] = position
    return Layout(row, tuple(upper), tuple(lower), at, tuple(alike), tuple(unknown))


def faults(layout: Layout, register: str) -> Iterator[Fault]:
    """Columns that mean the same, and required ones that are not there. Rows of faults count from 1."""
    texts, row = layout.headers, layout.last_row + 1
    for name, position in layout.alike:
        first, second = (f"{texts[at]} ({letters(at)})" for at in (layout.at[name], position))
        yield Fault(ALIKE, row, None, {"first": first, "second": second, "name": name})
    for group in REQUIRED[register]:
        if not any(name in layout.at for name in group):
            yield Fault(MISSING, row, None, {"names": "/".join(group), "seen": ", ".join(_seen(layout))})


def _seen(layout: Layout) -> list[str]:
    """The headers to be shown: all where the row is one beyond doubt, else the known ones; a record is never shown."""
    texts = layout.headers
    filled = [text for text in texts if text and not holds_nik([text])]
    is_sure = len(layout.at) > LEAST or 2 * len(layout.at) >= len(filled)
    return filled if is_sure else [texts[at] for at in layout.at.values()]


def names_header(layout: Layout, header: str) -> bool:
    """Whether the sheet has this header, whatever it means."""
    told = (text for pair in grouped(layout.upper, layout.lower) for text in (pair[1], "".join(pair)))
    return key(header) in {key(text) for text in told}


def holds_nik(cells: Sequence[str]) -> bool:
    """Whether a row holds 16 digits in a row, which titles, headers and signatures never do."""
    return NIK_LIKE.search("\n".join(cells)) is not None


def letters(at: int) -> str:
    """A column's letters as a spreadsheet shows them: 0 is A, 26 is AA."""
    told = ""
    while at >= 0:
        at, rest = divmod(at, 26)
        told, at = chr(65 + rest) + told, at - 1
    return told
