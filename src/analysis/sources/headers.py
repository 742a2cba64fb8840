"""The only place for what the header of a delivered column means.

Headers are compared by their letters and digits alone: `No. HP`, `NO_HP` and `no hp` are one. The accepted names stand
in headers.csv (register, column, synonym); our own names are headers too. An entry of `[registers.<name>.columns]`
wins: the column it names has no other synonym in that file.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.contracts.registers import DELIVERED

SYNONYMS = Path(__file__).with_name("headers.csv")
PUNCTUATION = re.compile(r"[\W_]+")
IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
SHOWN = 60
"""Characters of a header that a message shows."""


def key(header: str) -> str:
    """The letters and digits of a header, small, in their plain form (NFKC); '' where it has none."""
    return PUNCTUATION.sub("", unicodedata.normalize("NFKC", header).casefold())


def shown(header: str) -> str:
    """A header as messages and lists show it: on one line, not endless."""
    line = " ".join(header.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


@dataclass(frozen=True)
class Headers:
    """What the headers of one register mean: `meanings` from the key of a header to our column."""

    meanings: Mapping[str, str]

    @classmethod
    def of(cls, register: str, declared: Mapping[str, str]) -> Headers:
        """The synonyms of `register`, and what the delivery declares (our column -> their header)."""
        known = {key(column): column for column in DELIVERED[register]}
        with SYNONYMS.open(encoding="utf-8", newline="") as file:
            known |= {key(row["synonym"]): row["column"] for row in csv.DictReader(file) if row["register"] == register}
        kept = {header: column for header, column in known.items() if column not in declared}
        return cls(kept | {key(header): column for column, header in declared.items()})

    def of_row(self, cells: Sequence[str]) -> list[str | None]:
        """Our column of each cell of a header row; None where nobody knows it."""
        return [self.meaning(cell) for cell in cells]

    def of_rows(self, upper: Sequence[str], lower: Sequence[str]) -> list[str | None]:
        """The same for a header of two rows, whose upper row groups the lower one."""
        return [self.meaning(header, group) for group, header in grouped(upper, lower)]

    def meaning(self, header: str, group: str = "") -> str | None:
        """Our column, or None. Under a group the longest form that is known counts.

        "Data Pemilik Usaha" over "Nama" is looked up as "data pemilik usaha nama", then "pemilik usaha nama",
        "usaha nama" and "nama". What stands in brackets (a unit, a form) is left out where the whole is unknown.
        """
        words = re.findall(r"[^\W_]+", group)
        for own in (header, IN_BRACKETS.sub(" ", header)):
            if not key(own):
                continue
            for first in range(len(words) + 1):
                if found := self.meanings.get(key("".join(words[first:]) + own)):
                    return found
        return None


def grouped(upper: Sequence[str], lower: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Group and header of each column under two header rows.

    A group stands over its first column and reaches right to the next cell of its row. A cell with nothing below it
    is a header over both rows, and no group.
    """
    group = ""
    for at in range(max(len(upper), len(lower))):
        above, below = (cells[at].strip() if at < len(cells) else "" for cells in (upper, lower))
        if above:
            group = above if below else ""
        yield (group, below) if below else ("", above)
