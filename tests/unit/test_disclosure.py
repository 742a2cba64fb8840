"""The gate: nothing is shown that has not been released, and nothing is released without its rows."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from analysis import DisclosureError
from analysis.measuring import record as published_record
from analysis.presenting import cells, charts, tables, wording
from analysis.releasing import disclosure
from analysis.releasing.disclosure import Released, public
from analysis.sources.places import PROJECT, Root
from analysis.sources.published import Record, read_record

AS_OF = date(2026, 11, 22)


@pytest.fixture(scope="module")
def published() -> Record:
    return read_record(Root(PROJECT), today=AS_OF)


@pytest.fixture(scope="module")
def some_ref(published: Record) -> str:
    return str(published.figures["ref"].iloc[0])


def test_nobody_else_can_make_a_released_table() -> None:
    with pytest.raises(TypeError):
        Released(pd.DataFrame({"refs": ["figures.csv#a"]}), "a rule of my own")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="disclosure only"):
        Released(pd.DataFrame(), "a rule", object())


def test_a_released_table_can_neither_be_replaced_nor_changed(published: Record, some_ref: str) -> None:
    released = public(pd.DataFrame({"value": [1], "refs": [some_ref]}), published)
    with pytest.raises((TypeError, ValueError)):
        replace(released, _table=pd.DataFrame())  # type: ignore[call-arg]
    copy = released.table
    copy.loc[0, "value"] = 999
    assert released.table["value"].item() == 1


def test_a_text_that_a_spreadsheet_would_run_is_written_as_text(published: Record, some_ref: str) -> None:
    released = public(pd.DataFrame({"publisher": ["=HYPERLINK(1)", "antara"], "refs": [some_ref] * 2}), published)
    assert "'=HYPERLINK(1)" in tables.csv(released)
    assert ",=" not in tables.csv(released)


@pytest.mark.parametrize("refs", ["", "   ", "figures.csv#no-such-row", "no-file.csv#a"])
def test_a_row_that_names_no_existing_row_is_refused(published: Record, refs: str) -> None:
    with pytest.raises(DisclosureError) as refused:
        public(pd.DataFrame({"value": [1], "refs": [refs]}), published)
    assert refused.value.exit_code == 13


def test_a_table_without_refs_is_refused(published: Record) -> None:
    with pytest.raises(DisclosureError):
        public(pd.DataFrame({"value": [1]}), published)


def test_a_superseded_row_is_refused(published: Record) -> None:
    dropped = published.figures.loc[published.figures["status"] == "superseded", "ref"].iloc[0]
    with pytest.raises(DisclosureError, match="superseded"):
        public(pd.DataFrame({"value": [1], "refs": [dropped]}), published)


@pytest.mark.parametrize("column", sorted(disclosure.PERSONAL_COLUMNS))
def test_a_column_of_a_register_is_refused(published: Record, some_ref: str, column: str) -> None:
    with pytest.raises(DisclosureError):
        public(pd.DataFrame({column: ["x"], "refs": [some_ref]}), published)


def test_all_faults_are_told_at_once(published: Record) -> None:
    with pytest.raises(DisclosureError) as refused:
        public(pd.DataFrame({"nik": ["x", "y"], "refs": ["figures.csv#a figures.csv#b", ""]}), published)
    assert len(refused.value.faults) == 4


def test_the_mark_follows_from_any_unconfirmed_row(published: Record) -> None:
    statuses = published.statuses()
    doubted = statuses.index[statuses == "unconfirmed"][0]
    sure = statuses.index[statuses == "confirmed"][0]
    released = public(pd.DataFrame({"value": [1, 2, 3], "refs": [sure, doubted, f"{sure} {doubted}"]}), published)
    assert list(released.table["is_unconfirmed"]) == [False, True, True]
    marks = [row.figure("value").is_unconfirmed for row in cells.rows(released)]
    assert marks == [False, True, True]


def test_charts_tables_and_cells_take_released_tables_only(published: Record) -> None:
    raw = published_record.ages(published, AS_OF)
    say = wording.in_language("id")
    with pytest.raises(TypeError, match="Released"):
        cells.rows(raw)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Released"):
        tables.csv(raw)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Released"):
        charts.coverage(raw, say)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Released"):
        charts.timeline(raw, raw, raw, AS_OF, say)  # type: ignore[arg-type]
