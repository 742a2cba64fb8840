"""Which rows are looked up together: blocks of bounded size, narrower where a key is shared by many."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from analysis.linking import blocking, evidence
from analysis.linking.blocking import MOST_ROWS_OF_A_BLOCK, RULES

BLOCKS = [f"b_{name}" for name in RULES]
PERSON = {
    "name": "BUDI SANTOSO", "sounds": "budi santoso", "sounds_sorted": "budi santoso", "glued": "budisantoso",
    "rarest": "santoso", "digits": "7271011201800001", "nik_day": "19800112", "day": "19800112", "sex": "male",
    "phone": "6281234500001", "phone_2": None, "street": "JL ANOA", "house_number": "12",
    "kelurahan_code": "72.71.02.1009", "kecamatan_code": "72.71.02", "year": 1980, "day_n": 3663,
}  # fmt: skip


def table(people: list[dict[str, object]]) -> pd.DataFrame:
    """Rows of evidence, typed also where a column is empty."""
    rows = pd.DataFrame(people, columns=list(evidence.COLUMNS))
    return rows.astype({**dict.fromkeys(evidence.TEXTS, "str"), **dict.fromkeys(evidence.NUMBERS, "Int64")})


def blocks(rows: pd.DataFrame) -> pd.DataFrame:
    """The block of each row by each rule, as text; rows of one text are looked up together."""
    with duckdb.connect() as connection:
        connection.register("given", rows.assign(row_id=range(len(rows))))
        connection.execute("create table evidence as select *, string_split(sounds, ' ') as words from given")
        for statement in blocking.statements("evidence"):
            connection.execute(statement)
        columns = ", ".join(f"{name}::varchar as {name}" for name in BLOCKS)
        told: pd.DataFrame = connection.sql(f"select {columns} from blocked order by row_id").df()
    return told.astype(dict.fromkeys(BLOCKS, "str"))


def together(block: pd.Series) -> list[list[int]]:
    """Which rows share a block."""
    return sorted(sorted(rows) for rows in block.groupby(block).groups.values() if len(rows) > 1)


def pairs_n(told: pd.DataFrame) -> int:
    """How many pairs all blocks together make."""
    sizes = [told[name].value_counts() for name in BLOCKS]
    return int(sum((n * (n - 1) // 2).sum() for n in sizes))


def namesakes(n: int, **same: object) -> pd.DataFrame:
    """Rows of one name and of nothing else in common but `same`."""
    alone = {"rarest": None, "glued": None, "digits": None, "nik_day": None, "day": None, "phone": None, "street": None}
    return table([{**PERSON, **alone, "year": 1900 + n, "kelurahan_code": f"k{n}", **same} for n in range(n)])


# size -------------------------------------------------------------------------------------------------------------


def test_a_name_on_two_hundred_rows_does_not_make_all_pairs_of_them() -> None:
    rows = (
        namesakes(200).assign(year=np.arange(200) % 20 + 1960, kelurahan_code="72.71.02.1009").astype({"year": "Int64"})
    )
    told = blocks(rows)
    assert told["b_name"].value_counts().max() <= MOST_ROWS_OF_A_BLOCK
    assert 0 < pairs_n(told) < 200 * MOST_ROWS_OF_A_BLOCK < 200 * 199 // 2


def test_a_name_that_no_year_or_kelurahan_parts_is_looked_up_by_other_rules_only() -> None:
    rows = table([{**PERSON, "digits": f"72{n:06}{n:08}", "phone": f"62812345{n:05}"} for n in range(200)])
    told = blocks(rows)
    assert together(told["b_name"]) == []
    assert told["b_phone"].notna().all() and pairs_n(told) == 0


def test_a_narrower_key_is_used_from_the_first_row_too_many() -> None:
    assert together(blocks(namesakes(MOST_ROWS_OF_A_BLOCK))["b_name"]) == [list(range(MOST_ROWS_OF_A_BLOCK))]
    assert together(blocks(namesakes(MOST_ROWS_OF_A_BLOCK + 1))["b_name"]) == []


def test_of_several_narrower_keys_the_first_that_few_enough_share_is_used() -> None:
    """A frequent name is looked up with the year; where that is one for all, with the kelurahan."""
    rows = namesakes(50).astype({"kelurahan_code": "str"})
    halves, fifths = np.arange(50) % 2, np.arange(50) % 5
    by_year = rows.assign(year=pd.array(1980 + halves, "Int64"), kelurahan_code=[f"k{n}" for n in fifths])
    by_place = by_year.assign(year=pd.array([1980] * 50, "Int64"))
    assert together(blocks(by_year)["b_name"]) == [[*range(0, 50, 2)], [*range(1, 50, 2)]]
    assert together(blocks(by_place)["b_name"]) == [[*range(n, 50, 5)] for n in range(5)]


def test_a_row_without_the_narrower_key_falls_to_the_next() -> None:
    rows = namesakes(50, year=1980).assign(kelurahan_code=[f"k{n // 2}" for n in range(50)])
    rows["year"] = pd.array([1980, 1980, pd.NA, pd.NA, *[1990] * 30, *[2000] * 16], "Int64")
    assert together(blocks(rows)["b_name"]) == [[0, 1], [2, 3], [*range(4, 34)], [*range(34, 50)]]


@pytest.mark.parametrize("rule", RULES)
def test_no_block_of_any_rule_is_larger_than_allowed(rule: str) -> None:
    told = blocks(table([PERSON] * (MOST_ROWS_OF_A_BLOCK + 1)))
    assert told[f"b_{rule}"].isna().all()
    told = blocks(table([PERSON] * MOST_ROWS_OF_A_BLOCK))
    assert told[f"b_{rule}"].nunique() == 1 and told[f"b_{rule}"].notna().all()


def city(n: int) -> pd.DataFrame:
    """People of a city whose names and ages are drawn from the same lists, however many they are."""
    draw = np.random.default_rng(7)
    names = draw.zipf(1.5, size=n) % 500
    years, places = draw.integers(1950, 2008, n), draw.integers(0, 46, n)
    days = draw.integers(0, 28, n) + 1
    return table([
        {**PERSON, "sounds_sorted": f"n{name}", "sounds": f"n{name}", "glued": f"n{name}", "rarest": f"n{name}",
         "digits": None, "nik_day": None, "day": f"{year}01{day:02}", "phone": None, "street": f"s{place % 20}",
         "house_number": str(day), "kelurahan_code": f"k{place}", "kecamatan_code": f"c{place // 6}", "year": year}
        for name, year, place, day in zip(names, years, places, days, strict=True)
    ])  # fmt: skip


def test_pairs_grow_about_as_the_rows_do_and_not_as_their_square() -> None:
    """Sixteen times the people of a small town: 256 times the pairs if every pair were looked at."""
    few, many = pairs_n(blocks(city(2_000))), pairs_n(blocks(city(32_000)))
    assert many < 4 * 16 * few


# what is not known ------------------------------------------------------------------------------------------------


def test_rows_of_which_nothing_is_known_share_no_block() -> None:
    told = blocks(table([dict.fromkeys(PERSON), dict.fromkeys(PERSON)]))
    assert told[BLOCKS].isna().all(axis=None)


@pytest.mark.parametrize("column", evidence.COLUMNS)
def test_what_is_missing_in_one_column_leaves_the_other_rules_their_blocks(column: str) -> None:
    told = blocks(table([PERSON, {**PERSON, column: None}]))
    ours, theirs = told[BLOCKS].iloc[0], told[BLOCKS].iloc[1]
    is_shared = theirs.notna()
    assert is_shared.any()
    assert (ours[is_shared] == theirs[is_shared]).all()


@pytest.mark.parametrize(("rule", "needed"), [
    ("nik_front", "digits"), ("nik_end", "digits"), ("phone", "phone"), ("name", "sounds_sorted"), ("glued", "glued"),
    ("word_and_place", "rarest"), ("word_and_place", "kelurahan_code"), ("word_and_year", "year"), ("house", "street"),
    ("house", "house_number"), ("house", "kelurahan_code"), ("house_elsewhere", "house_number"), ("street", "street"),
    ("street", "sounds_sorted"), ("street_and_year", "year"), ("year", "year"), ("year", "kelurahan_code"),
])  # fmt: skip
def test_a_rule_gives_no_block_where_what_it_needs_is_missing(rule: str, needed: str) -> None:
    assert blocks(table([{**PERSON, needed: None}]))[f"b_{rule}"].isna().all()


@pytest.mark.parametrize("rule", ["day", "nik_day"])
def test_a_birth_date_is_looked_up_whether_written_or_carried(rule: str) -> None:
    told = blocks(
        table([{**PERSON, "day": None}, {**PERSON, "nik_day": None}, {**PERSON, "day": None, "nik_day": None}])
    )
    assert together(told[f"b_{rule}"]) == [[0, 1]] and told[f"b_{rule}"].isna()[2]


def test_a_short_rest_of_a_nik_is_no_key() -> None:
    told = blocks(table([{**PERSON, "digits": "72710112018"}, {**PERSON, "digits": "727101120180"}]))
    assert told["b_nik_front"].isna().tolist() == [True, False] and told["b_nik_end"].isna().all()


# conditions -------------------------------------------------------------------------------------------------------


def test_there_is_a_condition_for_each_rule_and_names_are_asked_for_where_age_or_place_is_all() -> None:
    asked = [rule.also for rule in RULES.values()]
    assert [blocking.LEAST_ALIKE in one for one in blocking.conditions()] == [bool(also) for also in asked]
    assert not any(blocking.LEAST_ALIKE in one for one in blocking.conditions(is_every=True))
