"""The only place for faults of the record that one column alone cannot show.

Days that are no day of the calendar or lie ahead, rows that contradict each other, files that do not fit together. A
check runs when every file it needs is free of faults in its cells, so that it never reports their consequences; the
files it does not need cannot silence it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from datetime import date
from decimal import Decimal

import pandas as pd

from analysis import N_, Fault
from analysis.contracts import public
from analysis.contracts.public import Contract
from analysis.sources import periods
from analysis.sources.periods import Period

Tables = Mapping[str, pd.DataFrame]
Cells = Mapping[Hashable, str]
OF_SHARE, OF_PATH = ("share_percent", "months_n"), ("target_percent", "until", "lapse_percent")
"""Columns of scenarios.csv that a share of the gap has, and those of a path to a target."""
COSTED = {"any": ("transport", "other"), "transport": ("transport",), "other": ("other",)}
RISK_GROUPS = 5
"""Risk groups of work places for JKK (PP 44/2015, Lampiran I)."""
SAME_TEXT = ("indicator", "area", "url", "reference_date", "published_date")


def calendar(table: pd.DataFrame, contract: Contract, today: date) -> Iterator[Fault]:
    """Dates that no calendar has, and dates of publication after `today`; cells of another form are told elsewhere."""
    for column in filter(table.columns.__contains__, contract.periods):
        for row, written in zip(table.index, table[column], strict=True):
            if not re.fullmatch(public.PERIOD, written):
                continue
            period = _period(written)
            if period is None:
                yield Fault(N_('"{value}" is no day of the calendar'), row, column, {"value": written})
            elif column == "published_date" and period.first > today:
                values = {"published": written, "today": today.isoformat()}
                yield Fault(N_("published {published}, after today ({today})"), row, column, values)


def across(sound: Tables, today: date) -> Iterator[tuple[str, Fault]]:
    """Name of the file and fault, from each check whose files are all among `sound`: those without faults in cells."""
    for needed, check in CHECKS:
        if sound.keys() >= set(needed):
            yield from ((needed[0], fault) for fault in check(sound, today))


def _period(written: str) -> Period | None:
    """The period, None where the cell is empty or no day of the calendar."""
    try:
        return periods.parse(written)
    except ValueError:
        return None


def _rows(table: pd.DataFrame) -> Iterator[tuple[int, Cells]]:
    """Each record with its number in the file."""
    return zip(table.index, table.to_dict("records"), strict=True)


def _indicators_of_figures(sound: Tables, today: date) -> Iterator[Fault]:
    indicators = sound["indicators.csv"].set_index("id")
    for row, cells in _rows(sound["figures.csv"]):
        if cells["indicator"] not in indicators.index:
            yield Fault(N_('indicators.csv does not know "{value}"'), row, "indicator", {"value": cells["indicator"]})
            continue
        indicator = indicators.loc[cells["indicator"]]
        units = str(indicator["units"]).split("|")
        if cells["unit"] not in units:
            values = {"value": cells["unit"], "allowed": ", ".join(units), "indicator": cells["indicator"]}
            yield Fault(N_('{indicator} is counted in {allowed}, not in "{value}"'), row, "unit", values)
        if indicator["is_target"] != "true":
            yield from _ahead(row, cells, today)


def _ahead(row: int, cells: Cells, today: date) -> Iterator[Fault]:
    """What is no target cannot describe a time after it was printed, nor one that has not begun."""
    reference, published = _period(cells["reference_date"]), _period(cells["published_date"])
    values = {"reference": cells["reference_date"], "published": cells["published_date"], "today": today.isoformat()}
    if reference and published and reference.first > published.last:
        yield Fault(N_("describes {reference}, which begins after its publication ({published})"), row,
                    "reference_date", values)  # fmt: skip
    elif reference and reference.first > today:
        yield Fault(N_("describes {reference}, which begins after today ({today})"), row, "reference_date", values)


def _whole_counts(sound: Tables, _: date) -> Iterator[Fault]:
    for row, cells in _rows(sound["figures.csv"]):
        if cells["unit"] in public.COUNTED and "." in cells["value"]:
            values = {"value": cells["value"], "unit": cells["unit"]}
            yield Fault(N_('"{value}" {unit} must be whole: write 20982, without separators'), row, "value", values)


def _texts_entered_twice(sound: Tables, _: date) -> Iterator[Fault]:
    """A second row for the same statement of the same text would look like a second source."""
    seen: dict[tuple[object, ...], int] = {}
    for row, cells in _rows(sound["figures.csv"]):
        value = Decimal(cells["value"]) if cells["value"] else None
        first = seen.setdefault((value, *(cells[column] for column in SAME_TEXT)), row)
        if first != row:
            message = N_("row {first} already holds this figure: indicator, area, address, dates and value are equal")
            yield Fault(message, row, None, {"first": first})


def _tariffs(sound: Tables, _: date) -> Iterator[Fault]:
    general = 0
    for row, cells in _rows(sound["tariffs.csv"]):
        start, end = _period(cells["valid_from"]), _period(cells["valid_to"])
        if start and end and start.first > end.last:
            values = {"start": start.written, "end": end.written}
            yield Fault(N_("valid from {start}, which is after its end ({end})"), row, "valid_from", values)
        if (cells["segment"], cells["program"]) != ("BPU", "JKK+JKM") or cells["status"] == "superseded":
            continue
        if not cells["amount_idr_month"]:
            yield Fault(N_("a BPU tariff for JKK+JKM needs its amount: the cost is computed from it"), row,
                        "amount_idr_month")  # fmt: skip
        general += (cells["payer"], cells["sector"]) == ("any", "any")
    if not general:
        yield Fault(N_("no row holds the general tariff: BPU, JKK+JKM, payer any, sector any, not superseded"))


def _order_of_limits(sound: Tables, _: date) -> Iterator[Fault]:
    for row, cells in _rows(sound["limits.csv"]):
        stale, expired = int(cells["stale_after_months"]), int(cells["expired_after_months"])
        if expired <= stale:
            yield Fault(N_("{expired} months are not more than stale_after_months ({stale})"), row,
                        "expired_after_months", {"expired": expired, "stale": stale})  # fmt: skip


def _kinds_with_limits(sound: Tables, _: date) -> Iterator[Fault]:
    for kind in sorted({*sound["indicators.csv"]["kind"]} - {*sound["limits.csv"]["kind"]}):
        yield Fault(N_('no row for the kind "{value}", which indicators.csv uses'), values={"value": kind})


def _figures_of_targets(sound: Tables, _: date) -> Iterator[Fault]:
    values = dict(zip(sound["figures.csv"]["id"], sound["figures.csv"]["value"], strict=True))
    for row, cells in _rows(sound["targets.csv"]):
        name = cells["figure_id"]
        if name not in values:
            yield Fault(N_('figures.csv has no row "{value}"'), row, "figure_id", {"value": name})
        elif not values[name]:
            yield Fault(N_('the row "{value}" of figures.csv holds no value'), row, "figure_id", {"value": name})


def _scenarios(sound: Tables, _: date) -> Iterator[Fault]:
    """A row is either a share of the gap for some months or a path to a target; nobody is paid for twice."""
    taken: dict[tuple[str, str, str], Decimal] = {}
    for row, cells in _rows(sound["scenarios.csv"]):
        is_share, is_path = (all(cells[name] for name in kind) for kind in (OF_SHARE, OF_PATH))
        has_other = any(cells[name] for name in (OF_PATH if is_share else OF_SHARE))
        if is_share == is_path or has_other:
            values = {"share": ", ".join(OF_SHARE), "path": ", ".join(OF_PATH)}
            yield Fault(N_("a row has either {share}, or {path}, and nothing of the other"), row, None, values)
            continue
        yield from _percents(row, cells)
        period = _period(cells["until"])
        if is_path and not re.fullmatch("[0-9]{4}-[0-9]{2}", cells["until"]) and period:
            yield Fault(N_('"{value}" is no month such as 2029-12'), row, "until", {"value": cells["until"]})
        if is_share and int(cells["months_n"]) < 1:
            yield Fault(N_("at least one month must be paid"), row, "months_n")
        for sector in COSTED[cells["sector"]] if is_share else ():
            key = (cells["scenario"], sector, cells["measure"])
            taken[key] = taken.get(key, Decimal()) + Decimal(cells["share_percent"])
            if taken[key] > 100:
                values = {"scenario": cells["scenario"], "share": f"{taken[key]:f}"}
                yield Fault(N_("the shares of {scenario} add up to {share} percent"), row, "share_percent", values)
                break


def _percents(row: int, cells: Cells) -> Iterator[Fault]:
    for name in ("share_percent", "target_percent", "lapse_percent"):
        if cells[name] and Decimal(cells[name]) > 100:
            yield Fault(N_("{value} percent is more than everybody"), row, name, {"value": cells[name]})


def _hazard(sound: Tables, _: date) -> Iterator[Fault]:
    for row, cells in _rows(sound["hazard.csv"]):
        ends = [cells["class_low"], cells["class_high"]]
        known = [int(end) for end in ends if end]
        if len(known) == 1 or any(not 1 <= end <= RISK_GROUPS for end in known) or known != sorted(known):
            values = {"low": ends[0], "high": ends[1], "most": RISK_GROUPS}
            message = N_('"{low}" to "{high}" is no range of the risk groups 1 to {most}; both empty: unknown')
            yield Fault(message, row, "class_low", values)


def _priorities(sound: Tables, _: date) -> Iterator[Fault]:
    table = sound["priorities.csv"]
    for criterion in sorted({*public.CRITERIA} - {*table["criterion"]}):
        yield Fault(N_('no row for the criterion "{value}"'), values={"value": criterion})
    if not any(int(weight) for weight in table["weight"]):
        yield Fault(N_("at least one weight must be above 0"), None, "weight")


CHECKS: tuple[tuple[tuple[str, ...], Callable[[Tables, date], Iterator[Fault]]], ...] = (
    (("figures.csv",), _whole_counts),
    (("figures.csv",), _texts_entered_twice),
    (("figures.csv", "indicators.csv"), _indicators_of_figures),
    (("tariffs.csv",), _tariffs),
    (("limits.csv",), _order_of_limits),
    (("limits.csv", "indicators.csv"), _kinds_with_limits),
    (("targets.csv", "figures.csv"), _figures_of_targets),
    (("scenarios.csv",), _scenarios),
    (("hazard.csv",), _hazard),
    (("priorities.csv",), _priorities),
)
"""Each check with the files it needs; its faults are those of the first one."""
