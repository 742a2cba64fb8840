"""The published record: which figure stands, how old it is, what it implies and whether it adds up."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from analysis import ParameterError
from analysis.measuring import benefits, citations, implied, reconciliation, record, targets
from analysis.sources import periods
from analysis.sources.places import PROJECT, Root
from analysis.sources.published import Record, read_record

AS_OF = date(2026, 11, 22)
Edit = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def published() -> Record:
    return read_record(Root(PROJECT), today=AS_OF)


def edited(published: Record, indicator: str, /, **values: object) -> Record:
    """The record with columns of all rows of one indicator set to other values."""
    figures = published.figures.copy()
    rows = figures["indicator"] == indicator
    for column, value in values.items():
        figures[column] = figures[column].where(~rows, other=value)
    return replace(published, figures=figures)


def by(table: pd.DataFrame, column: str) -> dict[str, pd.Series]:
    return {row[column]: row for _, row in table.iterrows()}


def test_both_umkm_figures_are_47_months_old_and_expired(published: Record) -> None:
    ages = by(record.ages(published, AS_OF), "indicator")
    for indicator in (record.ENROLLED, record.NOT_ENROLLED):
        assert ages[indicator]["described_until"] == date(2022, 12, 15)
        assert ages[indicator]["months_old"] == 47
        assert ages[indicator]["freshness"] == "expired"
        assert ages[indicator]["unchanged_months"] == 28
    assert ages[record.PAID_FOR]["described_until"] == date(2022, 8, 12)


@pytest.mark.parametrize(
    ("as_of", "freshness"),
    [
        (date(2023, 12, 14), "fresh"),
        (date(2023, 12, 15), "stale"),
        (date(2024, 12, 14), "stale"),
        (date(2024, 12, 15), "expired"),
    ],
)
def test_a_figure_ages_on_the_day_its_limit_is_full(published: Record, as_of: date, freshness: str) -> None:
    assert by(record.ages(published, as_of), "indicator")[record.ENROLLED]["freshness"] == freshness


def test_texts_are_counted_and_the_unconfirmed_ones_named(published: Record) -> None:
    counted = by(record.repetitions(published, AS_OF), "indicator")
    assert tuple(counted[record.ENROLLED][["same_n", "texts_n", "unconfirmed_n"]]) == (9, 9, 1)
    assert tuple(counted[record.NOT_ENROLLED][["same_n", "texts_n"]]) == (5, 5)


def test_rows_printed_later_are_not_used(published: Record) -> None:
    printed = record.statements(published, date(2023, 6, 30))
    assert printed["printed_first"].max() <= date(2023, 6, 30)
    assert len(printed) < len(record.statements(published, AS_OF))


def test_a_row_without_publication_date_stands_on_no_timeline(published: Record) -> None:
    undated = edited(published, record.NOT_ENROLLED, published=None)
    assert record.NOT_ENROLLED not in set(record.statements(undated, AS_OF)["indicator"])
    assert record.NOT_ENROLLED in set(record.ages(undated, AS_OF)["indicator"])


def test_superseded_rows_are_never_used(published: Record) -> None:
    assert "superseded" not in set(record.usable(published, AS_OF)["status"])
    gone = edited(published, record.NOT_ENROLLED, status="superseded")
    assert record.NOT_ENROLLED not in set(record.ages(gone, AS_OF)["indicator"])


def test_an_unconfirmed_row_stands_only_where_nothing_better_exists(published: Record) -> None:
    figures = record.usable(published, AS_OF)
    best = record.claim(figures, record.ENROLLED)
    assert best is not None
    assert best["status"] == "confirmed"
    doubted = edited(published, record.ENROLLED, status="unconfirmed")
    left = record.claim(record.usable(doubted, AS_OF), record.ENROLLED)
    assert left is not None
    assert left["status"] == "unconfirmed"


def test_no_figure_describes_days_after_its_print(published: Record) -> None:
    totals = by(reconciliation.participants(published, AS_OF), "year")
    assert totals["2025"]["described_until"] == date(2025, 6, 26)


def test_a_fresher_figure_takes_the_place_of_the_older_one(published: Record) -> None:
    figures = published.figures.copy()
    newest = figures.index[
        figures["id"].str.startswith("umkm-enrolled-jamsostek-kota-palu-antaranews-sulteng-2025-04-24")
    ]
    figures.loc[newest, "value"] = 30_000
    figures.loc[newest, "reference"] = pd.Series([periods.parse("2026-10-31")], index=newest, dtype=object)
    figures.loc[newest, "published"] = pd.Series([periods.parse("2026-11-10")], index=newest, dtype=object)
    age = by(record.ages(replace(published, figures=figures), AS_OF), "indicator")[record.ENROLLED]
    assert (age["value"], age["freshness"], age["months_old"]) == (30_000, "fresh", 0)


def test_each_denominator_has_its_own_share(published: Record) -> None:
    shares = by(implied.coverage(published, AS_OF), "denominator")
    assert {name: (row["percent_low"], row["percent_high"]) for name, row in shares.items()} == {
        "umkm_census_target": (33, 33),
        "business_count_se2016": (45, 45),
        "implied": (53, 55),
        "umkm_target": (91, 91),
        "umkm_count": (167, 183),
    }
    assert [name for name, row in shares.items() if row["is_impossible"]] == ["umkm_count"]


def test_a_number_that_is_exact_gives_no_range(published: Record) -> None:
    exact = edited(published, record.NOT_ENROLLED, is_approximate=False)
    share = by(implied.coverage(exact, AS_OF), "denominator")["implied"]
    assert (share["percent_low"], share["percent_high"]) == (54, 54)


def test_other_readings_are_named_as_such(published: Record) -> None:
    readings = by(implied.readings(published, AS_OF), "reading")
    assert (readings["literal"]["low"], readings["literal"]["high"]) == (2_482, 3_482)
    assert (readings["wider"]["low"], readings["wider"]["high"]) == (52, 56)
    assert implied.readings(edited(published, record.NOT_ENROLLED, is_approximate=False), AS_OF).empty


def test_the_groups_are_held_against_each_city_total(published: Record) -> None:
    totals = by(reconciliation.participants(published, AS_OF), "year")
    assert {year: (row["total_n"], row["beyond_n"]) for year, row in totals.items()} == {
        "2022": (39_514, 8_751),
        "2023": (37_872, 10_393),
        "2024": (42_328, 5_937),
        "2025": (60_426, -12_161),
    }
    assert totals["2022"]["parts_n"] == 12_145 + 20_982 + 15_138
    assert totals["2022"]["pair_n"] == 36_120
    assert totals["2025"]["change_n"] == 18_098


def test_umkm_coverage_is_comparable_with_no_published_target(published: Record) -> None:
    others = targets.not_comparable(published, AS_OF)
    assert set(others["measure"]) == {"ucj", "rpjmn_participation"}
    assert not any(targets.comparable("umkm", row) for _, row in others.iterrows())
    assert targets.comparable("workers_bpjs", pd.Series({"denominator": "workers_bpjs"}))
    assert not targets.comparable("unknown", pd.Series({"denominator": "unknown"}))


def test_a_target_without_year_or_issuer_is_not_shown(published: Record) -> None:
    others = targets.not_comparable(published, AS_OF)
    assert (others["target_year"] != "").all()
    assert (others["issuer"] != "").all()


def test_nothing_is_described_after_the_day_of_the_brief(published: Record) -> None:
    early = record.usable(published, date(2026, 1, 15))
    measured = early[~early["is_target"]]
    assert max(measured["described_until"]) <= date(2026, 1, 15)


def test_a_day_before_the_first_print_is_refused_with_every_missing_figure(published: Record) -> None:
    with pytest.raises(ParameterError) as refused:
        record.require(published, date(2022, 1, 1))
    assert len(refused.value.faults) == len(record.NEEDED)


def test_laws_of_later_years_are_not_cited(published: Record) -> None:
    assert "PP 50/2025" not in set(citations.legal_basis(published, date(2024, 6, 30))["instrument"])
    assert "PP 50/2025" in set(citations.legal_basis(published, AS_OF)["instrument"])


def test_every_row_of_every_table_names_existing_rows(published: Record) -> None:
    known = set(published.statuses().index)
    tables = [
        *(measure(published, AS_OF) for measure in (record.ages, record.repetitions, record.statements, benefits.paid)),
        *(
            measure(published, AS_OF)
            for measure in (targets.registry, citations.sources, implied.coverage, implied.readings)
        ),
        *(measure(published, AS_OF) for measure in (reconciliation.participants, reconciliation.parts)),
    ]
    for table in tables:
        assert len(table) > 0
        assert all(refs.split() and set(refs.split()) <= known for refs in table["refs"])


def test_ids_follow_their_rows(published: Record) -> None:
    """<indicator>-<area>-<publisher>-<published_date>, numbered where two would be the same."""
    figures = published.figures
    joined = figures[["indicator", "area", "publisher", "published_date"]].agg("-".join, axis=1)
    slugs = joined.str.lower().str.replace(r"[^a-z0-9]+", "-", regex=True).str.strip("-")
    numbers = slugs.groupby(slugs).cumcount() + 1
    expected = slugs.where(numbers == 1, slugs + "-" + numbers.astype(str))
    assert list(figures["id"]) == list(expected)
