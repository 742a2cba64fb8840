"""The only place that decides which published figure stands for an indicator, how old it is and who repeated it.

Every table that leaves this module names in `refs` the rows it was computed from (`<file>.csv#<id>`, separated by
spaces). Superseded rows and rows published after `as_of` are never used. Rows marked unconfirmed are used only where
nothing better exists, and `releasing.disclosure` carries their mark on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pandas as pd

from analysis import N_, Fault, ParameterError
from analysis.ranges import Range
from analysis.sources import periods
from analysis.sources.published import Record

CITY = "Kota Palu"
ENROLLED, NOT_ENROLLED, PAID_FOR = "umkm_enrolled_jamsostek", "umkm_not_enrolled_jamsostek", "vulnerable_workers_apbd"
HEADLINE_FIGURES = (ENROLLED, NOT_ENROLLED, PAID_FOR)
STAFF = "non_asn_enrolled"
NEEDED = (*HEADLINE_FIGURES, STAFF)
"""Figures without which there is no brief."""
BELIEF = {"confirmed": 0, "secondary": 0, "derived": 1, "unconfirmed": 2}
"""How far down a row stands among those that could stand for an indicator."""


def usable(record: Record, as_of: date) -> pd.DataFrame:
    """Figures that may be used on `as_of`: not superseded, not certainly published later.

    A publication date known only to the month or year counts from its first day; one that was not shown does not
    keep a row out. `described_until` is the last day that a row can describe: no figure describes days after its print
    or after `as_of` (targets aside), and one printed more than once for the same period stood fast at its first print.
    """
    figures = record.figures[record.figures["status"] != "superseded"]
    published = figures["published"]
    figures = figures[[period is None or period.first <= as_of for period in published]]
    described = [
        reference.last if target else min(reference.last, printed.last if printed else as_of, as_of)
        for reference, printed, target in zip(
            figures["reference"], figures["published"], figures["is_target"], strict=True
        )
    ]
    figures = figures.assign(described_until=described)
    same = figures.groupby(["indicator", "area", "reference_date", "value"], dropna=False)
    return figures.assign(described_until=same["described_until"].transform("min"))


def claim(figures: pd.DataFrame, indicator: str, area: str = CITY) -> pd.Series | None:
    """The row that stands for an indicator: best status group first, then newest state described, then first printed.

    Confirmed and secondary rows are believed alike; derived and unconfirmed ones only where nothing else exists.
    None where the indicator has no figure. Rows whose source says that no figure exists are no claim.
    """
    rows = figures[(figures["indicator"] == indicator) & (figures["area"] == area) & figures["value"].notna()]
    if rows.empty:
        return None
    ordered = rows.assign(
        _doubt=rows["status"].map(BELIEF),
        _described=[-day.toordinal() for day in rows["described_until"]],
        _printed=[period.last.toordinal() if period else date.max.toordinal() for period in rows["published"]],
    ).sort_values(["_doubt", "_described", "_printed", "id"])
    return ordered.iloc[0]


def require(record: Record, as_of: date) -> None:
    """Refuse a day on which a figure that the brief cannot do without had not been printed.

    Raises ParameterError naming each of `NEEDED`.
    """
    figures = usable(record, as_of)
    faults = [
        Fault(N_("no text had printed {indicator} for {area}"), values={"indicator": name, "area": CITY})
        for name in NEEDED
        if claim(figures, name) is None
    ]
    if faults:
        cure = N_("Choose a later day, or add the figure to data/raw/published/figures.csv.")
        raise ParameterError(f"--as-of {as_of.isoformat()}", faults, cure)


def required(figures: pd.DataFrame, indicator: str) -> pd.Series:
    """The claim of an indicator of `NEEDED`. Raises LookupError where `require` was not asked first."""
    row = claim(figures, indicator)
    if row is None:
        raise LookupError(f"no figure for {indicator}")
    return row


def value_of(row: pd.Series) -> Range:
    """A figure with the range that its rounding leaves. A target was set, not measured: it is taken as it stands."""
    number = int(row["value"])
    return Range.about(number) if row["is_approximate"] and not row["is_target"] else Range.exact(number)


def ages(record: Record, as_of: date, indicators: Iterable[str] = HEADLINE_FIGURES) -> pd.DataFrame:
    """How old each headline figure of the city is: one row per indicator.

    value: the claim in force; described_until: end of the period it describes; months_old: full months from there to
    `as_of`; freshness: fresh, stale, expired by limits.csv; first_printed, last_printed: the first and last known day
    on which a text printed the same value (None: no day is known); unchanged_months: full months from described_until
    to the last, 0 where it came before.
    """
    figures = usable(record, as_of)
    return pd.DataFrame([_age(figures, row, _limits(record, row), as_of) for row in claims(figures, indicators)])


def claims(figures: pd.DataFrame, indicators: Iterable[str]) -> list[pd.Series]:
    """The claims of several indicators, in the order given; an indicator without figure is left out."""
    return [row for row in (claim(figures, name) for name in indicators) if row is not None]


def _age(figures: pd.DataFrame, row: pd.Series, limits: tuple[int, int], as_of: date) -> dict[str, object]:
    same = _texts(figures, row)
    same = same[(same["value"] == row["value"]) & (same["status"] != "unconfirmed")]
    dated = {period.first: ref for period, ref in zip(same["published"], same["ref"], strict=True)
             if period is not None and period.is_day}  # fmt: skip
    last = max(dated, default=None)
    months, (stale_after, expired_after) = periods.full_months(row["described_until"], as_of), limits
    return {
        "indicator": row["indicator"],
        "value": int(row["value"]),
        "is_approximate": row["is_approximate"],
        "described_until": row["described_until"],
        "months_old": months,
        "stale_after_months": stale_after,
        "expired_after_months": expired_after,
        "freshness": freshness(months, stale_after, expired_after),
        "first_printed": min(dated, default=None),
        "last_printed": last,
        "unchanged_months": max(0, periods.full_months(row["described_until"], last)) if last else 0,
        "refs": " ".join(dict.fromkeys([refs(row), *([dated[last]] if last else [])])),
    }


def repetitions(record: Record, as_of: date, indicators: Iterable[str] = HEADLINE_FIGURES) -> pd.DataFrame:
    """How many texts print each headline figure: one row per indicator.

    same_n: texts that print the claim in force, of texts_n that print any figure for the indicator; unconfirmed_n: how
    many of the same_n are unconfirmed.
    """
    figures = usable(record, as_of)
    return pd.DataFrame([_repetition(_texts(figures, row), row) for row in claims(figures, indicators)])


def _repetition(texts: pd.DataFrame, row: pd.Series) -> dict[str, object]:
    same = texts[texts["value"] == row["value"]]
    return {
        "indicator": row["indicator"],
        "value": int(row["value"]),
        "same_n": len(same),
        "texts_n": len(texts),
        "unconfirmed_n": int((same["status"] == "unconfirmed").sum()),
        "refs": refs(texts),
    }


def _texts(figures: pd.DataFrame, row: pd.Series) -> pd.DataFrame:
    texts: pd.DataFrame = figures[(figures["indicator"] == row["indicator"]) & (figures["area"] == row["area"])]
    return texts


def freshness_of(record: Record, row: pd.Series, as_of: date) -> str:
    """`fresh`, `stale` or `expired` of one claim at `as_of`, by the limits of its kind."""
    return freshness(periods.full_months(row["described_until"], as_of), *_limits(record, row))


def _limits(record: Record, row: pd.Series) -> tuple[int, int]:
    """From how many months a claim of this kind is stale, and from how many expired."""
    limit = record.limits.set_index("kind").loc[row["kind"]]
    return int(limit["stale_after_months"]), int(limit["expired_after_months"])


def freshness(months_old: int, stale_after: int, expired_after: int) -> str:
    """`fresh`, `stale` or `expired`: an age of exactly the limit has reached it."""
    if months_old >= expired_after:
        return "expired"
    return "stale" if months_old >= stale_after else "fresh"


def statements(record: Record, as_of: date, indicators: Iterable[str] = HEADLINE_FIGURES) -> pd.DataFrame:
    """Every text that printed a headline figure: one row per text, in order of print.

    printed_first, printed_last: the period in which it was printed (equal where the day is known). Rows without a
    publication date are left out: they cannot stand on a timeline.
    """
    figures = usable(record, as_of)
    rows = figures[figures["indicator"].isin(list(indicators)) & (figures["area"] == CITY)
                   & figures["published"].notna() & figures["value"].notna()]  # fmt: skip
    table = pd.DataFrame({
        "indicator": rows["indicator"],
        "value": rows["value"].astype("int64"),
        "is_approximate": rows["is_approximate"],
        "printed_first": [period.first for period in rows["published"]],
        "printed_last": [min(period.last, as_of) for period in rows["published"]],
        "printed": rows["published_date"],
        "publisher": rows["publisher"],
        "refs": rows["ref"],
    })  # fmt: skip
    return table.sort_values(["indicator", "printed_first", "refs"], ignore_index=True)


def refs(rows: pd.Series | pd.DataFrame) -> str:
    """The names of one row or of several, as the column `refs` holds them."""
    return rows["ref"] if isinstance(rows, pd.Series) else " ".join(rows["ref"])
