"""The file of an area holds the released rows that its brief may show, and no others."""

import dataclasses
import json
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import DisclosureError
from analysis.contracts.released import CITY, COLUMNS, COUNTED
from analysis.measuring import gap, savings
from analysis.releasing import areas, disclosure
from analysis.releasing.editions import Edition
from analysis.sources import keys, regions
from analysis.sources.places import Root

KECAMATAN, KELURAHAN, SISTER, STRANGER = "72.71.01", "72.71.01.1004", "72.71.01.1006", "72.71.02.1001"
SECRET = keys.read(is_synthetic=True).rounding
KNOWN = regions.read(Root(Path("/nowhere")))
EDITION = Edition("demo", date(2026, 10, 31), True, None, (), SECRET.fingerprint)


def owners(n: int, seed: int) -> pd.DataFrame:
    """Invented owners: place, status, sector, sex, age, scale, and one business each."""
    chance = np.random.default_rng(seed)
    kelurahan = KNOWN.loc[KNOWN["level"] == "kelurahan", "id"].to_numpy()
    table = pd.DataFrame({"kelurahan_code": chance.choice(kelurahan, n), "businesses_n": 1})
    table["kecamatan_code"] = table["kelurahan_code"].str[:8]
    table["status"] = chance.choice(gap.STATUSES, n)
    for name, categories in gap.DIVISIONS.items():
        table[name] = chance.choice(categories, n)
    return table


def write(folder: Path, table: pd.DataFrame, edition: Edition = EDITION) -> None:
    cells = gap.cells(table, KNOWN)
    spreads = cells.loc[cells["measure"].isin(gap.RANGED), [*COUNTED[:1], *COUNTED[2:5]]].assign(spread=3)
    released = disclosure.release(cells, SECRET, gap.layout(), spreads)
    disclosure.write(released, edition, folder, gap.layout())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A released gap and one before it, with the files of all areas."""
    folder = tmp_path_factory.mktemp("made")
    write(folder / "now", owners(6_000, 1))
    write(folder / "last", owners(6_000, 2), dataclasses.replace(EDITION, name="earlier"))
    areas.write(folder / "now", KNOWN, folder / "last")
    return folder


@pytest.fixture
def released(made, tmp_path):
    """The folder of the released gap; a copy of one's own."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path / "now"


def codes(released: Path, area: str, table: str = "gap") -> dict[str, set[str]]:
    """Areas in the file of an area, by whether all of their rows stand in it or the totals alone."""
    rows = areas.read(released, area)[table].table
    whole = set(rows.loc[rows["dimension"] == "sector", "area_code"])
    return {"whole": whole, "total": set(rows["area_code"]) - whole}


def test_each_area_has_its_own_rows_and_the_totals_beside_it(released):
    sisters = set(KNOWN.loc[KNOWN["parent_code"] == KECAMATAN, "id"])
    assert codes(released, CITY) == {"whole": {CITY}, "total": set(KNOWN["id"]) - {CITY}}
    assert codes(released, KECAMATAN) == {"whole": {KECAMATAN}, "total": {CITY, *sisters}}
    assert codes(released, KELURAHAN) == {
        "whole": {KELURAHAN, KECAMATAN}, "total": {CITY, *sisters} - {KELURAHAN},
    }  # fmt: skip
    assert codes(released, KELURAHAN, areas.LAST) == codes(released, KELURAHAN)


def test_the_rows_are_those_of_the_released_table(released):
    whole = disclosure.read(released, gap.layout()).table
    own = areas.read(released, CITY)["gap"]
    assert own.edition == EDITION and own.rule == disclosure.KEYED_RULE
    merged = own.table.merge(whole, on=list(COLUMNS), how="left", suffixes=("", "_whole"))
    assert (merged["refs"] == merged["refs_whole"]).all()


def test_one_changed_row_changes_only_the_files_that_show_it(released):
    before = {path.name: path.read_bytes() for path in (released / "areas").iterdir()}
    table = owners(6_000, 1)
    more = table[(table["kelurahan_code"] == SISTER) & (table["status"] == "active")].iloc[:1]
    cells = gap.cells(pd.concat([table, *[more] * 40]), KNOWN)
    old = disclosure.read(released, gap.layout())
    new = disclosure.release(cells, SECRET, gap.layout()).table
    is_own = (new["area_code"] == SISTER) & (new["dimension"] == "total")
    changed = old.table.copy()
    changed.loc[is_own.to_numpy(), "value"] = new.loc[is_own, "value"].to_numpy()
    changed.loc[is_own.to_numpy(), ["lower", "upper"]] = pd.NA
    disclosure.write(disclosure.again(changed[list(COLUMNS)], gap.layout(), old.rule, EDITION), EDITION, released,
                     gap.layout())  # fmt: skip
    areas.write(released, KNOWN, released.parent / "last")
    touched = {path.stem for path in (released / "areas").glob("*.csv") if path.read_bytes() != before[path.name]}
    sisters = set(KNOWN.loc[KNOWN["parent_code"] == KECAMATAN, "id"])
    assert touched == {CITY, KECAMATAN, *sisters} and STRANGER not in touched


def test_a_file_that_stays_the_same_is_not_touched(released):
    before = {path: path.stat().st_mtime_ns for path in (released / "areas").iterdir()}
    areas.write(released, KNOWN, released.parent / "last")
    assert before == {path: path.stat().st_mtime_ns for path in (released / "areas").iterdir()}


def test_a_table_without_rows_for_an_area_is_left_out(released):
    cells = pd.DataFrame([(CITY, "city", savings.PAID, "all", name, 100) for name in (*savings.GROUPS, savings.NONE)],
                         columns=list(COUNTED))  # fmt: skip
    disclosure.write(disclosure.release(cells, SECRET, savings.layout()), EDITION, released, savings.layout())
    areas.write(released, KNOWN, None)
    assert set(areas.read(released, CITY)) == {"gap", "savings"}
    assert set(areas.read(released, KELURAHAN)) == {"gap"}  # and no last edition any more


def test_a_file_of_an_area_that_is_no_more_goes(released):
    stray = released / "areas" / "72.71.99.csv"
    stray.write_text("")
    areas.write(released, KNOWN, None)
    assert not stray.exists()


@pytest.mark.parametrize("damage", [
    lambda text, told: (text.replace(",active,", ",lapsed,", 1), told),
    lambda text, told: (text + text.splitlines()[1] + "\n", told),
    lambda text, told: (text, {**told, "sha256": "0" * 64}),
    lambda text, told: (text, {**told, "tables": {"other": told["tables"]["gap"]}}),
    lambda text, told: (text, {}),
    lambda text, told: ("", told),
])  # fmt: skip
def test_a_damaged_file_is_refused(released, damage):
    path = released / "areas" / f"{KELURAHAN}.csv"
    text, told = damage(path.read_text(), json.loads(path.with_suffix(".json").read_text()))
    path.write_text(text)
    path.with_suffix(".json").write_text(json.dumps(told))
    with pytest.raises(DisclosureError, match=KELURAHAN):
        areas.read(released, KELURAHAN)


def test_an_exact_count_with_a_right_hash_is_refused(released):
    path = released / "areas" / f"{CITY}.csv"
    lines = path.read_text().splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if line.startswith("gap,72.71,city,total,all,active,"))
    cells = lines[at].rstrip("\n").split(",")
    lines[at] = ",".join([*cells[:6], str(int(cells[6]) + 1), *cells[7:]]) + "\n"
    path.write_text("".join(lines))
    told = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps({**told, "sha256": disclosure.digest("".join(lines))}))
    with pytest.raises(DisclosureError):
        areas.read(released, CITY)


def test_an_area_that_is_none_is_refused(released):
    with pytest.raises(DisclosureError):
        areas.read(released, "72.71.99")
