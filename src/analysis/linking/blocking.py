"""The only place for which pairs of rows are looked at at all: pairs that share a block, in blocks of bounded size.

A rule is a list of keys from broad to narrow. A row is put in the block of the first key that few enough rows share; so
the number of pairs grows with the number of rows and not with its square, and a name that half the city bears is looked
up together with a year and a kelurahan only. A row may lie in one block of every rule.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

MOST_ROWS_OF_A_BLOCK, FEWEST_ROWS_OF_A_BLOCK = 40, 16
ROWS_OF_PALU = 120_000
"""Rows of the three registers of Kota Palu together, up to which a block may be of full size."""
LEAST_ALIKE = 'jaro_similarity(l."glued", r."glued") >= 0.65'
"""Between neighbours and people of one birth date only names at least faintly alike are worth a comparison."""

FIRST, FIRST_SORTED = "left(sounds, 1)", "left(sounds_sorted, 1)"
YEAR = "year::varchar"
DAY, NIK_DAY = "coalesce(day, nik_day)", "coalesce(nik_day, day)"
INITIALS = "list_aggregate(list_sort(list_distinct(list_transform(words, lambda w: left(w, 1)))), 'string_agg', '')"


@dataclass(frozen=True)
class Rule:
    """Keys from broad to narrow, SQL over one row of evidence (NULL: no block), and what a pair must fulfil besides."""

    keys: tuple[str, ...]
    also: str = ""


def _and(*parts: str) -> str:
    return " || '|' || ".join(parts)


RULES: Mapping[str, Rule] = {
    "nik_front": Rule((
        "case when length(digits) >= 12 then left(digits, 12) end",
        "case when length(digits) >= 15 then left(digits, 15) end",
    )),
    "nik_end": Rule(("case when length(digits) >= 15 then right(digits, 10) end",)),
    "phone": Rule(("phone",)),
    "name": Rule((
        "sounds_sorted", _and("sounds_sorted", YEAR), _and("sounds_sorted", "kelurahan_code"),
        _and("sounds_sorted", YEAR, "kelurahan_code"),
    )),
    "glued": Rule(("glued", _and("glued", YEAR), _and("glued", "kelurahan_code"))),
    "word_and_place": Rule((_and("rarest", "kelurahan_code"), _and("rarest", "kelurahan_code", YEAR))),
    "word_and_year": Rule((
        _and("rarest", YEAR), _and("rarest", YEAR, "kecamatan_code"), _and("rarest", YEAR, "kelurahan_code"),
    )),
    "day": Rule((DAY, _and(DAY, FIRST), _and(DAY, FIRST, "kecamatan_code")), LEAST_ALIKE),
    "nik_day": Rule((NIK_DAY, _and(NIK_DAY, FIRST), _and(NIK_DAY, FIRST, "kecamatan_code")), LEAST_ALIKE),
    "house": Rule((_and("street", "house_number", "kelurahan_code"),)),
    "house_elsewhere": Rule((_and("street", "house_number", FIRST_SORTED),), LEAST_ALIKE),
    "street": Rule(
        (_and("street", "kelurahan_code", FIRST_SORTED), _and("street", "kelurahan_code", FIRST_SORTED, YEAR)),
        LEAST_ALIKE,
    ),
    "street_and_year": Rule((_and("street", YEAR), _and("street", YEAR, FIRST_SORTED)), LEAST_ALIKE),
    "year": Rule(
        (_and(YEAR, "kelurahan_code", FIRST), _and(YEAR, "kelurahan_code", INITIALS)), LEAST_ALIKE
    ),
}  # fmt: skip
"""What lets a pair be looked at: digits of the NIK, a phone, a name, a birth date, a house, a street, an age."""


def most_rows(rows_n: int) -> int:
    """How many rows a block may hold where there are `rows_n` in all: fewer, the more there are.

    In a larger register more keys fill their blocks, and a narrower key tells as much: so the pairs of a row stay few.
    """
    told = round(MOST_ROWS_OF_A_BLOCK * math.cbrt(ROWS_OF_PALU / max(rows_n, 1)))
    return min(max(told, FEWEST_ROWS_OF_A_BLOCK), MOST_ROWS_OF_A_BLOCK)


def statements(rows: str, most: int = MOST_ROWS_OF_A_BLOCK) -> list[str]:
    """SQL that puts a column b_<rule> beside the table `rows`, the block of each row, NULL where it has none.

    `rows`: evidence with row_id and words, the list of its sounds. One small table a rule, joined at the end: all in
    one query, every rule would sort the whole table.
    """
    made = [f"create table b_{name} as {_block(name, rule.keys, rows, most)}" for name, rule in RULES.items()]
    joins = " ".join(f"join b_{name} using (row_id)" for name in RULES)
    return [*made, f"create table blocked as select * from {rows} {joins}", *(f"drop table b_{name}" for name in RULES)]


def conditions(*, is_every: bool = False) -> list[str]:
    """The conditions under which two rows, l and r, are a pair: one for each rule; `is_every`: whatever their names.

    To count how neighbours' names compare, pairs must not have been chosen by their names.
    """
    also = {name: "" if is_every or not rule.also else f" and {rule.also}" for name, rule in RULES.items()}
    return [f'l."b_{name}" = r."b_{name}"{more}' for name, more in also.items()]


def _block(name: str, keys: tuple[str, ...], rows: str, most: int) -> str:
    """SQL of one rule's blocks: numbers of eight bytes, as joins over texts took twice the memory and time."""
    numbers = ", ".join(f"case when ({key}) is not null then hash('{n}|' || ({key})) end as k{n}"
                        for n, key in enumerate(keys))  # fmt: skip
    cases = " ".join(
        f"when k{n} is not null and count(*) over (partition by k{n}) <= {most} then k{n}" for n in range(len(keys))
    )
    return f"select row_id, case {cases} end as b_{name} from (select row_id, {numbers} from {rows})"
