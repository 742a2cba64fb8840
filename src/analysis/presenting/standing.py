"""The only place for which area a brief is on, which area's figures it tells, and how its counts are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from analysis import N_, Fault, ParameterError
from analysis.contracts.released import CITY
from analysis.presenting import counts
from analysis.presenting.cells import Cells, find
from analysis.presenting.evaluation import file_name
from analysis.presenting.wording import Wording, Words
from analysis.releasing.areas import Area
from analysis.releasing.disclosure import Released, edition_of
from analysis.releasing.editions import Edition

KINDS = {"city": "", "kecamatan": "Kecamatan ", "kelurahan": "Kelurahan "}


@dataclass(frozen=True)
class Place:
    """The area of a brief, and `shown`: the one whose figures it tells, where its own are withheld or too few.

    `names`: of every area, as sentences have them (Kecamatan Palu Barat).
    """

    area: Area
    shown: Area
    names: Mapping[str, str]

    @property
    def is_own(self) -> bool:
        """Whether the brief tells the figures of its own area."""
        return self.area == self.shown

    @property
    def name(self) -> str:
        """The area of the brief, as sentences have it."""
        return self.names[self.area.code]

    @property
    def told(self) -> str:
        """The area whose figures are told, as sentences have it."""
        return self.names[self.shown.code]

    @property
    def around(self) -> str:
        """The code of the area around the one whose figures are told; the city's is its own."""
        return self.shown.kecamatan if self.shown.level == "kelurahan" else CITY


def chosen(code: str, known: Mapping[str, Area]) -> Area:
    """The area of this code. Raises ParameterError where regions.csv has none."""
    if code not in known:
        fault = Fault(N_('"{value}" is no area of regions.csv'), values={"value": code})
        raise ParameterError(N_("the area"), [fault], N_("Give a code such as 72.71, 72.71.01 or 72.71.01.1004."))
    return known[code]


def place(area: Area, known: Mapping[str, Area], levels: Released) -> Place:
    """The place of a brief: its own area; where that is withheld or too small its kecamatan, and else the city."""
    names = {code: f"{KINDS[one.level]}{one.name}" for code, one in known.items()}
    for code in dict.fromkeys((area.code, area.kecamatan, CITY)):
        own = find(levels, area_code=code) if code else None
        if own is not None and is_enough(own):
            return Place(area, known[code], names)
    return Place(area, known[CITY], names)


def is_enough(level: Cells) -> bool:
    """Whether the gap of an area is told with a range: not withheld, and not of too few owners."""
    return counts.is_told(level, "unregistered_low_n")


def span(cells: Cells, measure: str, say: Wording, *, of: str | None = None) -> Words:
    """A count as the range in which it lies: 2.645–2.955; from 0 on: at most 25; withheld ones by word.

    `of`: the part of the row whose references it carries, the measure's own where it is not named.
    """
    if not is_told(cells, measure):
        return say.say("withheld")
    figure = cells.figure(f"{measure}_low_n", f"{measure}_high_n", of=f"{measure}_" if of is None else of)
    return counts.from_nothing(figure, say.count, say, say.spelled)


def is_told(cells: Cells, measure: str) -> bool:
    """Whether the range of a count is told."""
    return counts.is_told(cells, f"{measure}_low_n") and counts.is_told(cells, f"{measure}_high_n")


def prepared(as_of: str, edition: Edition) -> date:
    """The day on which the page is prepared: `as_of`, or the day on which the last register was received.

    Raises ParameterError where `as_of` is no date.
    """
    if not as_of:
        return max([source.received_date for source in edition.sources], default=edition.reference_date)
    try:
        return date.fromisoformat(as_of)
    except ValueError:
        fault = Fault(N_('"{value}" is no day'), values={"value": as_of})
        raise ParameterError(N_("the day of the brief"), [fault], N_("Give a day such as 2026-11-22.")) from None


def file(name: str, where: Place, released: Released) -> str:
    """A file beside the page, without ending: its area, what it holds, and the mark of synthetic data."""
    return file_name(f"{where.area.code}-{name}", edition_of(released))
