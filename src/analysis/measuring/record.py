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
BENEFITS = ("benefit_cases", "benefit_recipients", "benefits_paid_total", "benefits_blocked_by_arrears")
BELIEF = {"confirmed": 0, "secondary": 1, "derived": 2, "unconfirmed": 3}


def usable(record: Record, as_of: date) -> pd.DataFrame:
    """Figures that may be used on `as_of`: not superseded, not certainly published later.

    A publication date known only to the month or year counts from its first day; one that was not shown does not
    keep a row out. `described_until` is the last day that a row can describe: nothing describes days after its print,
    and a figure printed more than once for the same period stood fast at its first print.
    """
    figures = record.figures[record.figures["status"] != "superseded"]
    published = figures["published"]
    figures = figures[[period is None or period.first <= as_of for period in published]]
    described = [
        reference.until(printed.last).last if printed and not target else reference.last
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
        _doubt=rows["status"].map(BELIEF).clip(lower=1),
        _described=[-day.toordinal() for day in rows["described_until"]],
        _printed=[period.last.toordinal() if period else date.max.toordinal() for period in rows["published"]],
    ).sort_values(["_doubt", "_described", "_printed", "id"])
    return ordered.iloc[0]


def require_headline(record: Record, as_of: date) -> None:
    """Refuse a day on which one of the headline figures had not been printed. Raises ParameterError naming each."""
    figures = usable(record, as_of)
    faults = [
        Fault(N_("no text had printed {indicator} for {area}"), values={"indicator": name, "area": CITY})
        for name in HEADLINE_FIGURES
        if claim(figures, name) is None
    ]
    if faults:
        cure = N_("Choose a later day, or add the figure to data/raw/published/figures.csv.")
        raise ParameterError(f"--as-of {as_of.isoformat()}", faults, cure)


def value_of(row: pd.Series) -> Range:
    """A figure with the range that its rounding leaves. A target was set, not measured: it is taken as it stands."""
    number = int(row["value"])
    return Range.about(number) if row["is_approximate"] and not row["is_target"] else Range.exact(number)


def ages(record: Record, as_of: date, indicators: Iterable[str] = HEADLINE_FIGURES) -> pd.DataFrame:
    """How old each headline figure of the city is: one row per indicator.

    value: the claim in force; described_until: end of the period it describes; months_old: full months from there to
    `as_of`; freshness: fresh, stale, expired by limits.csv; last_printed: the last known day on which a text printed
    the same value (NaT: none); unchanged_months: full months from described_until to there, 0 where it came before.
    """
    figures = usable(record, as_of)
    limits = record.limits.set_index("kind")
    return pd.DataFrame([_age(figures, row, limits, as_of) for row in claims(figures, indicators)])


def claims(figures: pd.DataFrame, indicators: Iterable[str]) -> list[pd.Series]:
    """The claims of several indicators, in the order given; an indicator without figure is left out."""
    return [row for row in (claim(figures, name) for name in indicators) if row is not None]


def _age(figures: pd.DataFrame, row: pd.Series, limits: pd.DataFrame, as_of: date) -> dict[str, object]:
    same = _texts(figures, row)
    same = same[(same["value"] == row["value"]) & (same["status"] != "unconfirmed")]
    dated = {period.first: ref for period, ref in zip(same["published"], same["ref"], strict=True)
             if period is not None and period.is_day}  # fmt: skip
    last = max(dated, default=None)
    months, limit = periods.full_months(row["described_until"], as_of), limits.loc[row["kind"]]
    stale_after, expired_after = int(limit["stale_after_months"]), int(limit["expired_after_months"])
    return {
        "indicator": row["indicator"],
        "value": int(row["value"]),
        "is_approximate": row["is_approximate"],
        "described_until": row["described_until"],
        "months_old": months,
        "stale_after_months": stale_after,
        "expired_after_months": expired_after,
        "freshness": freshness(months, stale_after, expired_after),
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


def benefits(record: Record, as_of: date) -> pd.DataFrame:
    """Published benefits for the city: one row per indicator and value (in cases, persons or rupiah), oldest first."""
    figures = usable(record, as_of)
    rows = figures[figures["indicator"].isin(BENEFITS) & (figures["area"] == CITY)]
    chosen = [
        claim(group, indicator)
        for indicator in BENEFITS
        for _, group in rows[rows["indicator"] == indicator].groupby("described_until", sort=True)
    ]
    table = pd.DataFrame([
        {
            "indicator": row["indicator"],
            "period": row["reference_date"],
            "described_until": row["described_until"],
            "value": int(row["value"]),
            "is_approximate": row["is_approximate"],
            "unit": row["unit"],
            "refs": refs(row),
        }
        for row in chosen if row is not None
    ])  # fmt: skip
    return table.drop_duplicates(["indicator", "value"], ignore_index=True) if len(table) else table


def targets(record: Record, as_of: date) -> pd.DataFrame:
    """Published targets with what each is a target of: one row per target. They are listed, never compared.

    A share may be held against a target only where `denominator` is the same (`comparable`): participation of UMKM
    owners has no published target, and Universal Coverage Jamsostek is a share of all workers.
    """
    figures = usable(record, as_of)[["id", "value", "unit", "ref"]].rename(columns={"id": "figure_id", "ref": "refs"})
    table = record.targets.drop(columns=["ref", "row_n", "note"]).merge(figures, on="figure_id", validate="many_to_one")
    return table.sort_values(["area", "measure", "target_year", "id"], ignore_index=True)


def workers_targets(record: Record, as_of: date) -> pd.DataFrame:
    """The targets that are shares of all workers (UCJ and the RPJMN indicator), never of UMKM owners.

    A target without issuer or year is left out: it may not be shown as a target.
    """
    table = targets(record, as_of)
    is_named = (table["issuer"] != "") & (table["target_year"] != "")
    return table[table["measure"].isin(["ucj", "rpjmn_participation"]) & is_named].reset_index(drop=True)


def comparable(denominator: str, target: pd.Series) -> bool:
    """Whether a share of `denominator` may be held against a target: only when both are shares of the same thing."""
    return target["denominator"] == denominator and denominator not in ("none", "unknown")


def sources(record: Record, as_of: date) -> pd.DataFrame:
    """Where each usable figure and tariff was read: one row per text (publisher, published_date, url, row_n)."""
    tariffs = record.tariffs[record.tariffs["status"] != "superseded"]
    columns = ["publisher", "published_date", "url", "row_n", "ref"]
    return pd.concat([usable(record, as_of)[columns], tariffs[columns]]).rename(columns={"ref": "refs"})


def legal_basis(record: Record) -> pd.DataFrame:
    """Legal instruments by number and title: one row each."""
    return record.law[["id", "instrument", "about", "title_id", "ref"]].rename(columns={"ref": "refs"})


def refs(rows: pd.Series | pd.DataFrame) -> str:
    """The names of one row or of several, as the column `refs` holds them."""
    return rows["ref"] if isinstance(rows, pd.Series) else " ".join(rows["ref"])
