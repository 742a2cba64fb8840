"""The only place for what is known of counts that nobody has seen: which of them add up, exactly, whatever they are.

An attacker reads this in the open code, the law and these pages; so the gate lets its own attacker know it. Each row
says that a sum of counts lies between two numbers, and bears the name of its family. Rows are made of the cells that
there are; where one of them is missing, the row is. What holds here and how it was looked at: decision 20.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from analysis.cleaning import rules
from analysis.contracts import registers
from analysis.contracts.registers import ACTIVE, COVERAGE, JAMSOSTEK, LAPSED, NOT_ELIGIBLE, UNREGISTERED, UNRESOLVED
from analysis.contracts.released import CITY, TOTAL_DIMENSION, Layout
from analysis.measuring import change, criteria, evaluation, gap, missing, movement, participation, savings, uncertainty

NOW, BEFORE = "now", "before"
SIDES = (NOW, BEFORE)
"""The edition that is to be released, and the last one."""
ALL = gap.ALL
LAYOUTS: Mapping[str, Layout] = {
    one.name: one
    for one in (
        evaluation.layout(), gap.layout(), gap.overlap_layout(), uncertainty.layout(), participation.layout(),
        savings.layout(), criteria.layout(), movement.layout(), movement.findings_layout(), missing.layout(),
    )
}  # fmt: skip
"""Every released table of an edition."""
GAP, EVALUATION, CHANGE, ENROLMENT = (
    gap.layout().name, evaluation.layout().name, movement.layout().name, criteria.layout().name,
)  # fmt: skip
OVERLAP, PARTICIPATION, SAVINGS = gap.overlap_layout().name, participation.layout().name, savings.layout().name
PERIODIC = (CHANGE, movement.findings_layout().name)
"""Tables of counts that begin anew each month: their labels name the month, so no rounding is shared with another."""
NESTED = (GAP, EVALUATION, CHANGE, movement.findings_layout().name, ENROLMENT, SAVINGS)
NOT_OF_CITY = (registers.MOVED, registers.CORRECTED)
"""Steps that can be one of a kecamatan and none of the city."""
TOO_YOUNG, TOO_OLD = "under-17", "65+"
"""Bands of age in which only a payer is anything but not eligible, while the age rule begins where they do."""
UNBOUND = float("inf")

Cell = tuple[str, str, str, str, str, str]
"""Side, table, area, dimension, category, measure."""


class Row(NamedTuple):
    """`low` <= sum of the counts at `plus`, less those at `minus` <= `high`. `extra` names a count that is nowhere
    told, such as all rows of a register in an area; it stands among `minus`.
    """

    family: str
    plus: tuple[int, ...]
    minus: tuple[int, ...] = ()
    low: float = 0.0
    high: float = 0.0
    extra: tuple[str, ...] = ()


class _View:
    """The cells of one edition."""

    def __init__(self, at: Mapping[Cell, int], side: str) -> None:
        self._at, self.side = at, side
        areas: dict[str, dict[str, None]] = defaultdict(dict)
        known: dict[str, dict[tuple[str, str, str], None]] = defaultdict(dict)
        for of, table, area, dimension, category, measure in at:
            if of == side:
                areas[table][area] = None
                known[table][dimension, category, measure] = None
        self.areas = {table: sorted(told) for table, told in areas.items()}
        self.known = {table: list(told) for table, told in known.items()}

    def of(self, table: str, area: str, dimension: str, category: str, *measures: str) -> list[int | None]:
        """Where these cells are; None for one that is not there."""
        return [self._at.get((self.side, table, area, dimension, category, one)) for one in measures]

    def divided(self, table: str, area: str, dimension: str, categories: Iterable[str], measure: str
                ) -> list[int | None]:  # fmt: skip
        """Where the cells of one measure are, one for each category."""
        return [self._at.get((self.side, table, area, dimension, one, measure)) for one in categories]


def rows(at: Mapping[Cell, int]) -> Iterator[Row]:
    """Every row that can be made of these cells; `at` says at which number each of them is."""
    views = {side: _View(at, side) for side in SIDES}
    for view in views.values():
        for family in (_parts, _areas, _owners, _ages, _quality, _marks, _twins, _persons, _enrolment, _steps):
            yield from family(view)
        yield from _moves(view)
    yield from _levels(views[BEFORE], views[NOW])


def _row(family: str, plus: Sequence[int | None], minus: Sequence[int | None] = (), low: float = 0.0, high: float = 0.0,
         extra: tuple[str, ...] = ()) -> Iterator[Row]:  # fmt: skip
    """The row, where all of its cells are there."""
    first, second = (tuple(one for one in side if one is not None) for side in (plus, minus))
    if len(first) == len(plus) and len(second) == len(minus) and first:
        yield Row(family, first, second, low, high, extra)


def _at_most(family: str, plus: Sequence[int | None], minus: Sequence[int | None]) -> Iterator[Row]:
    yield from _row(family, plus, minus, low=-UNBOUND)


# how tables are divided -------------------------------------------------------------------------------------------


def _parts(view: _View) -> Iterator[Row]:
    """The categories of a dimension divide the owners of the area, status by status, and their businesses."""
    for area in view.areas.get(GAP, []):
        for measure in (*gap.STATUSES, gap.BUSINESSES):
            whole = view.of(GAP, area, TOTAL_DIMENSION, ALL, measure)
            for dimension, categories in gap.DIVISIONS.items():
                yield from _row("parts", view.divided(GAP, area, dimension, categories, measure), whole)
    for area in view.areas.get(ENROLMENT, []):
        for dimension, parts in criteria.PARTS.items():
            for part in parts:
                whole = view.of(ENROLMENT, area, dimension, ALL, part)
                yield from _row("parts", view.divided(ENROLMENT, area, dimension, registers.SECTORS, part), whole)


def _areas(view: _View) -> Iterator[Row]:
    """The areas inside an area hold no more than it does; who has no known place is in none of them."""
    for table in NESTED:
        areas = view.areas.get(table, [])
        inside = {area: [one for one in areas if _parent(one) == area] for area in areas}
        for dimension, category, measure in view.known.get(table, []):
            if table == CHANGE and measure.startswith(NOT_OF_CITY):
                continue
            for area, own in inside.items():
                smaller = [cell for one in own for cell in view.of(table, one, dimension, category, measure)]
                found = [cell for cell in smaller if cell is not None]
                yield from _at_most("areas", found, view.of(table, area, dimension, category, measure))


def _parent(area: str) -> str:
    return area.rpartition(".")[0] if area != CITY else ""


def _owners(view: _View) -> Iterator[Row]:
    """Every owner has a business."""
    places = dict.fromkeys((dimension, category) for dimension, category, _ in view.known.get(GAP, []))
    for area in view.areas.get(GAP, []):
        for dimension, category in places:
            owners = view.of(GAP, area, dimension, category, *gap.STATUSES)
            yield from _at_most("businesses", owners, view.of(GAP, area, dimension, category, gap.BUSINESSES))


def _ages(view: _View) -> Iterator[Row]:
    """Below and above the age rule one pays or is not eligible."""
    for area in view.areas.get(GAP, []):
        for band in (TOO_YOUNG, TOO_OLD):
            for status in (LAPSED, UNREGISTERED, UNRESOLVED):
                yield from _row("ages", view.of(GAP, area, "age_band", band, status))


# registers --------------------------------------------------------------------------------------------------------


def _quality(view: _View) -> Iterator[Row]:
    """Every quality divides the same rows of a register anew; what was filled is valid or not."""
    whole = ("completeness", "uniqueness", "consistency", "currency", "rule", "fixer")
    for dimension, category in dict.fromkeys((name, each) for name, each, _ in view.known.get(EVALUATION, [])):
        register, _, quality = dimension.rpartition(".")
        for area in view.areas[EVALUATION]:
            own = view.of(EVALUATION, area, dimension, category, *LAYOUTS[EVALUATION].dimensions[dimension].parts)
            if quality in whole:
                yield from _row("rows", own, extra=(view.side, register, area))
            if quality == "validity":
                filled = view.of(EVALUATION, area, f"{register}.completeness", category, "filled")
                yield from _row("rows", own, filled)
            if quality == "rows":
                yield from _row("rows", own[:1], extra=(view.side, register, area))


def _marks(view: _View) -> Iterator[Row]:
    """A row with a finding is one of who can put it right, and he has none without a finding; facts need nobody."""
    asked = [rule for rule in rules.read().values() if rule.severity != rules.FACT]
    for register in registers.DELIVERED:
        for area in view.areas.get(EVALUATION, []):
            for fixer in registers.FIXERS:
                of = view.of(EVALUATION, area, f"{register}.fixer", fixer, "with")
                names = [rule.id for rule in asked if rule.fixers.get(register) == fixer]
                own = view.divided(EVALUATION, area, f"{register}.rule", names, "with")
                for cell in own:
                    yield from _at_most("marks", [cell], of)
                yield from _at_most("marks", of, own) if own else _row("marks", of)


def _twins(view: _View) -> Iterator[Row]:
    """Qualities and rules that ask the same of a row."""
    for register in registers.DELIVERED:
        name = registers.PERSON_NAME[register]
        for area in view.areas.get(EVALUATION, []):

            def cells(quality: str, measure: str, *categories: str, area: str = area, register: str = register
                      ) -> list[int | None]:  # fmt: skip
                return view.divided(EVALUATION, area, f"{register}.{quality}", categories, measure)

            of_nik = ("nik_malformed", "nik_placeholder", "nik_damaged", "nik_kk")
            twins = (
                (cells("completeness", "missing", "nik"), cells("rule", "with", "nik_missing")),
                (cells("validity", "not_valid", "nik"), cells("rule", "with", *of_nik)),
                (cells("completeness", "missing", "birth_date"), cells("rule", "with", "birth_date_missing")),
                ([*cells("completeness", "missing", name), *cells("validity", "not_valid", name)],
                 cells("rule", "with", "name_missing")),
                (cells("consistency", "disagrees", "nik_sex"), cells("rule", "with", "sex_disagrees")),
                (cells("consistency", "disagrees", "place"), cells("rule", "with", "kelurahan_contradicts")),
                (cells("validity", "not_valid", "kecamatan"), cells("rule", "with", "outside_palu")),
                (cells("currency", "unknown", "last_contribution_month"),
                 [*cells("completeness", "missing", "last_contribution_month"),
                  *cells("validity", "not_valid", "last_contribution_month")]),
                (cells("currency", "unknown", "census_date"),
                 [*cells("completeness", "missing", "census_date"), *cells("validity", "not_valid", "census_date")]),
            )  # fmt: skip
            for one, other in twins:
                yield from _row("twins", one, other)


# persons ----------------------------------------------------------------------------------------------------------


def _persons(view: _View) -> Iterator[Row]:
    """Owners, participants and persons paid for, in the city: who is counted in two tables, and who in both."""

    def of(table: str, dimension: str, *measures: str) -> list[int | None]:
        return view.of(table, CITY, dimension, ALL, *measures)

    active, lapsed, outside, unsure = (of(GAP, TOTAL_DIMENSION, one)
                                       for one in (ACTIVE, LAPSED, NOT_ELIGIBLE, UNRESOLVED))  # fmt: skip
    pays, paid_once, other = (of(PARTICIPATION, "persons", one) for one in participation.PARTS["persons"])
    both, owner, paid = (of(OVERLAP, gap.TOGETHER, one) for one in gap.OVERLAPS[gap.TOGETHER])
    on_list, open_, listed, _ = (of(OVERLAP, gap.VULNERABLE, one) for one in gap.OVERLAPS[gap.VULNERABLE])
    yield from _row("persons", [*pays, *paid_once], [*both, *owner])
    kept = view.of(EVALUATION, CITY, f"{JAMSOSTEK}.rows", ALL, "kept")
    yield from _row("persons", [*of(PARTICIPATION, "rows", "again"), *pays, *paid_once, *other], kept)
    inside = (
        (active, pays),
        (pays, [*active, *outside]),
        (lapsed, paid_once),
        (paid_once, [*lapsed, *outside, *unsure]),
        (listed, other),
        (paid, other),
        (on_list, [*both, *owner]),
    )
    for one, others in inside:
        yield from _at_most("persons", one, others)
    saved = view.of(SAVINGS, CITY, savings.PAID, ALL, *savings.GROUPS, savings.NONE)
    yield from _at_most("persons", saved, [*both, *paid])
    to_enrol = view.of(ENROLMENT, CITY, criteria.VULNERABLE, ALL, criteria.LISTED)
    yield from _at_most("persons", to_enrol, [*on_list, *open_])
    found = [cell for name in missing.LISTS for cell in view.of("missing_owners", CITY, name, ALL, missing.FOUND)]
    yield from _row("persons", found[:1], found[1:]) if len(found) > 1 else ()


def _enrolment(view: _View) -> Iterator[Row]:
    """Each criterion divides the owners to enrol, of an area and of a sector there."""
    for area in view.areas.get(ENROLMENT, []):
        for category in (ALL, *registers.SECTORS):
            where = (TOTAL_DIMENSION, ALL) if category == ALL else ("sector", category)
            for dimension, statuses in ((criteria.VULNERABLE, criteria.TO_ENROL), (criteria.SUBSIDY, (LAPSED,))):
                own = view.of(ENROLMENT, area, dimension, category, *criteria.PARTS[dimension])
                yield from _row("enrolment", own, view.of(GAP, area, *where, *statuses))


# steps between editions -------------------------------------------------------------------------------------------


def _steps(view: _View) -> Iterator[Row]:
    """In the city each step from one status to another leaves the one and enters the other."""
    for kind in registers.FLOW_KINDS:
        if kind in (registers.LISTED, registers.UNLISTED, registers.STAYED, *NOT_OF_CITY):
            continue
        into = [cell for status in COVERAGE if kind in movement.ENTERED[status]
                for cell in view.of(CHANGE, CITY, status, ALL, f"{kind}_{change.IN}")]  # fmt: skip
        out = [cell for status in COVERAGE if kind in movement.LEFT[status]
               for cell in view.of(CHANGE, CITY, status, ALL, f"{kind}_{change.OUT}")]  # fmt: skip
        yield from _row("steps", into, out)


def _moves(view: _View) -> Iterator[Row]:
    """Nobody moves in the city, and whoever leaves a kecamatan for another one enters it."""
    ways = [f"{registers.MOVED}_{way}" for way in (change.IN, change.OUT)]
    areas = [area for area in view.areas.get(CHANGE, []) if area != CITY]
    for status in COVERAGE:
        for way in ways:
            yield from _row("steps", view.of(CHANGE, CITY, status, ALL, way))
        into, out = ([cell for area in areas for cell in view.of(CHANGE, area, status, ALL, way)] for way in ways)
        yield from _row("steps", into, out)


def _levels(before: _View, now: _View) -> Iterator[Row]:
    """Owners before, with who came and without who went, are those now; who came is there, who went was there."""
    for view in (before, now):
        for area in view.areas.get(CHANGE, []):
            for status in COVERAGE:
                level = view.of(GAP, area, TOTAL_DIMENSION, ALL, status)
                came = view.of(CHANGE, area, status, ALL, *movement.entering(status))
                went = view.of(CHANGE, area, status, ALL, *movement.leaving(status))
                yield from _at_most("levels", came, level)
                if view is now:
                    was = before.of(GAP, area, TOTAL_DIMENSION, ALL, status)
                    yield from _row("levels", [*was, *came], [*went, *level])
                    yield from _at_most("levels", went, was)
