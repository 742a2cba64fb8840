"""The only place for the form of a table of counts that may leave protected/: its columns, areas and closed lists.

Every released table of an edition has the same eight columns; which dimensions, categories and measures it may hold is
its `Layout`, so that nothing but a word of a closed list and a count can stand in it (docs/reference/deliveries.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

KEY = ("area_code", "dimension", "category", "measure")
COUNTED = ("area_code", "level", "dimension", "category", "measure", "value")
"""Columns of the cells before release: `value` is the true count of one part."""
COLUMNS = (*COUNTED, "lower", "upper")
"""Columns after release. Whole numbers; lower and upper empty: no interval was computed; all three: withheld."""
CITY = "72.71"
AREAS = {
    "city": r"72\.71",
    "kecamatan": r"72\.71\.[0-9]{2}",
    "kelurahan": r"72\.71\.[0-9]{2}\.[0-9]{4}",
}
"""Levels, and the form of their area codes (regions.csv)."""
MODEL, REVIEWED = "model", "reviewed"
"""What ranges rest on: the doubts of the model (no confidence interval), or a clerical review (95 percent for totals of
the city, if the reviewers are right)."""
AREA_FOLDER = "areas"
"""Where, below released/, the rows lie that the brief on each area may show."""
TOTAL_DIMENSION = "total"
"""The dimension that breaks nothing down: its rows are never withheld for being few."""


@dataclass(frozen=True)
class Dimension:
    """One way of dividing rows: its categories, the measures that divide each category's rows, its levels."""

    categories: tuple[str, ...]
    parts: tuple[str, ...]
    levels: tuple[str, ...] = ("city", "kecamatan")


@dataclass(frozen=True)
class Layout:
    """What a released table may hold. `name`: that of its file without ending; `total`: the measure of summed parts.

    `sums`: further measures, each the sum of some parts; `beside`: counts of something else, in which no part is
    contained, such as the businesses of the owners counted; `ranged`: the measures that may be told with a range.
    """

    name: str
    total: str
    dimensions: Mapping[str, Dimension]
    sums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    ranged: tuple[str, ...] = ()

    def counted(self, dimension: str) -> tuple[str, ...]:
        """The measures that are counted: parts, and what stands beside them."""
        return (*self.dimensions[dimension].parts, *self.beside)

    def measures(self, dimension: str) -> tuple[str, ...]:
        """All measures of a released partition."""
        return (*self.counted(dimension), self.total, *self.sums)

    def parts_n(self, dimension: str, measure: str) -> int:
        """How many rounded counts are summed in a measure."""
        if measure == self.total:
            return len(self.dimensions[dimension].parts)
        return len(self.sums.get(measure, (measure,)))

    def ref(self, area_code: str, dimension: str, category: str, measure: str) -> str:
        """How a page names the cell that a figure was computed from."""
        return f"{self.name}.csv#{area_code},{dimension},{category},{measure}"


@dataclass(frozen=True, eq=False)
class Counts:
    """True counts that wait for release: `cells` with COUNTED, the layout, and how far each cell may lie from the truth
    (KEY and spread), where a range is told; `period`: the month of counts that begin anew in each. Nothing of it may be
    shown.
    """

    cells: pd.DataFrame
    layout: Layout
    spreads: pd.DataFrame | None = None
    period: str = ""
