"""The only place for how two rows are compared: four comparisons, each a list of levels from alike to unlike.

NIK, birth date and sex are one comparison: the NIK contains the other two, so that agreement in all three is one piece
of evidence and not three (the design's linkage notes). So are phone and address, which a household shares. The first
level whose condition holds is the level of a pair. Conditions are SQL as DuckDB reads it, over the columns of
`linking.evidence` with _l and _r; a costly function stands behind a cheap one in a CASE, which DuckDB does not reorder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

IDENTITY, NAME, CONTACT, PLACE = "identity", "name", "contact", "place"
UNKNOWN = "unknown"
"""The level of a pair in which nothing can be compared: it tells nothing."""


@dataclass(frozen=True)
class Level:
    """One level: its name, its condition, and how it is counted among strangers.

    `frequency_of`: the column whose share of rows is the chance that two strangers agree in it. `is_covered`: all
    pairs of this level, but for a few, share a block, so that strangers can be counted among the candidates; else a
    sample tells.
    """

    name: str
    condition: str
    frequency_of: str | None = None
    is_covered: bool = False


def _both(column: str) -> str:
    return f'"{column}_l" is not null and "{column}_r" is not null'


def _equal(column: str) -> str:
    return f'"{column}_l" = "{column}_r"'


def _agrees_or_unknown(column: str) -> str:
    return f'("{column}_l" is null or "{column}_r" is null or {_equal(column)})'


def _only_if(cheap: str, costly: str) -> str:
    """Both conditions, the costly one looked at only where the cheap one holds: of an AND, DuckDB looks at both."""
    return f"(case when {cheap} then {costly} else false end)"


# NIK, birth date and sex -----------------------------------------------------------------------------------------

NIK = f'({_equal("digits")} and length("digits_l") = 16)'
NIK_15 = (
    '(left("digits_l", 15) = left("digits_r", 15) and (length("digits_l") = 15 or length("digits_r") = 15 '
    """or right("digits_l", 1) = '0' or right("digits_r", 1) = '0'))"""
)
"""Equal as far as a spreadsheet leaves a number: 15 digits, and a 0 for the last."""
MISCOUNTED = (
    '(case when length("digits_l") <> length("digits_r") and least(length("digits_l"), length("digits_r")) >= 14 '
    'and (left("digits_l", 6) = left("digits_r", 6) or right("digits_l", 6) = right("digits_r", 6)) '
    'then levenshtein("digits_l", "digits_r") <= 1 else false end)'
)
"""A digit left out or put in leaves what stands before it, and what stands behind."""
NEAR_NIK = (
    '(case when length("digits_l") = length("digits_r") and length("digits_l") >= 15 '
    'and left("digits_l", 12) <> left("digits_r", 12) '
    'then (case when hamming("digits_l", "digits_r") <= 2 '
    'then damerau_levenshtein("digits_l", "digits_r") <= 1 else false end) else false end)'
)
"""One digit another, or two neighbours changed over, which leaves at most two places different."""
OTHER_SERIAL = '(left("digits_l", 12) = left("digits_r", 12) and least(length("digits_l"), length("digits_r")) >= 15)'
"""The same place, day and sex, another serial: a slip of the hand, or two people born on one day."""
OTHER_SEX = 'coalesce("sex_l" <> "sex_r", false)'
BY_SEX = """(substr("digits_l", 7, 1) >= '4') <> (substr("digits_r", 7, 1) >= '4')"""
TWO_IDENTITIES = (
    '(length("digits_l") = 16 and length("digits_r") = 16 and "digits_l" <> "digits_r" '
    f'and "day_l" = "nik_day_l" and "day_r" = "nik_day_r" and ("day_l" <> "day_r" or ({BY_SEX} and {OTHER_SEX})))'
)
"""Each row's NIK agrees with its own birth date, and the two differ in day or sex: two people, each written rightly."""
NIK_MISSING = '("digits_l" is null or "digits_r" is null)'
WRITTEN = f"({_both('day')})"
WRITTEN_EQUAL = f"({_equal('day')})"
SAME_DAY = '("day_l" = "day_r" or "day_l" = "nik_day_r" or "nik_day_l" = "day_r" or "nik_day_l" = "nik_day_r")'
DAY_MISSING = '("day_n_l" is null or "day_n_r" is null)'


def _near(left: str, right: str) -> str:
    """Within ten days, one of day, month and year another, or day and month changed over."""
    a, b = left, right
    parts = (
        f"left({a}, 6) = left({b}, 6)",
        f"right({a}, 4) = right({b}, 4)",
        f"(left({a}, 4) = left({b}, 4) and right({a}, 2) = right({b}, 2))",
        f"(left({a}, 4) = left({b}, 4) and right({a}, 2) = substr({b}, 5, 2) and substr({a}, 5, 2) = right({b}, 2))",
    )
    return f'(abs("day_n_l" - "day_n_r") <= 10 or {" or ".join(parts)})'


NEAR_WRITTEN = _near('"day_l"', '"day_r"')
NEAR_DAY = _near('coalesce("day_l", "nik_day_l")', 'coalesce("day_r", "nik_day_r")')
NO_BIRTH = f'({DAY_MISSING} and ("year_l" is null or "year_r" is null))'

_IDENTITY = (
    Level(UNKNOWN, f"{NIK_MISSING} and {NO_BIRTH}"),
    Level("nik_and_birth", f"{NIK} and not {OTHER_SEX} and {WRITTEN_EQUAL}", is_covered=True),
    Level("nik", f"{NIK} and not {OTHER_SEX} and not {WRITTEN}", is_covered=True),
    Level("nik_birth_near", f"{NIK} and not {OTHER_SEX} and {NEAR_WRITTEN}", is_covered=True),
    Level("nik_conflict", NIK, is_covered=True),
    Level("nik15", f"{NIK_15} and not {OTHER_SEX} and (not {WRITTEN} or {WRITTEN_EQUAL})", is_covered=True),
    Level("nik15_conflict", NIK_15, is_covered=True),
    Level("nik_miscounted", MISCOUNTED, is_covered=True),
    Level("nik_near_same_day", f"{NEAR_NIK} and {SAME_DAY}"),
    Level("nik_near", NEAR_NIK),
    Level("two_identities", TWO_IDENTITIES),
    Level("same_day_other_sex", f"{SAME_DAY} and {OTHER_SEX}"),
    Level("other_serial", OTHER_SERIAL, is_covered=True),
    Level("same_day_nik_missing", f"{SAME_DAY} and {NIK_MISSING}"),
    Level("same_day_other_nik", SAME_DAY),
    Level("near_day_other_sex", f"{NEAR_DAY} and {OTHER_SEX}"),
    Level("near_day_nik_missing", f"{NEAR_DAY} and {NIK_MISSING}"),
    Level("near_day_other_nik", NEAR_DAY),
    Level("same_year", f"{_equal('year')} and {DAY_MISSING} and not {OTHER_SEX}"),
    Level("near_year", f'not {OTHER_SEX} and {NIK_MISSING} and abs("year_l" - "year_r") <= 1'),
    Level("other_day_other_sex", OTHER_SEX),
    Level("other_day_by_nik", f"not {WRITTEN}"),
    Level("other_day", "ELSE"),
)

# name ------------------------------------------------------------------------------------------------------------

SOUNDS = f"({_equal('sounds_sorted')})"
RAREST = f"({_equal('rarest')})"


def _typing_error(column: str) -> str:
    """One letter wrong, left out, added or changed over; two in a long name."""
    one, other = f'"{column}_l"', f'"{column}_r"'
    shortest = f"least(length({one}), length({other}))"
    most = f"(case when {shortest} >= 9 then 2 else 1 end)"
    is_open = f"{shortest} >= 4 and abs(length({one}) - length({other})) <= {most}"
    counted = _only_if(f"jaro_winkler_similarity({one}, {other}) >= 0.85",
                       f"damerau_levenshtein({one}, {other}) <= {most}")  # fmt: skip
    return _only_if(is_open, counted)


def _part(like: str) -> str:
    """Whether every word of the name with fewer words has its like in the other."""

    def within(one: str, other: str) -> str:
        return (
            f'(len("words_{one}") <= len("words_{other}") and len(list_filter("words_{one}", lambda t: '
            f'len(list_filter("words_{other}", lambda s: {like})) > 0)) = len("words_{one}"))'
        )

    return f"({within('l', 'r')} or {within('r', 'l')})"


CUT = "starts_with(s, t) or starts_with(t, s)"
"""An initial or a word that was cut is like the word that it begins."""
MISSPELT = f"{CUT} or (least(length(s), length(t)) >= 4 and jaro_winkler_similarity(s, t) >= 0.87)"
PART = _part(CUT)
SEVERAL = 'least(len("words_l"), len("words_r")) >= 2'

_NAME = (
    Level(UNKNOWN, '"name_l" is null or "name_r" is null'),
    Level("equal", _equal("name"), "name"),
    Level("sounds", SOUNDS, "sounds_sorted"),
    Level("glued", _equal("glued"), "glued"),
    Level("typing_error", f"({_typing_error('sounds_sorted')} or {_typing_error('glued')})"),
    Level("part_with_rarest", _only_if(RAREST, PART), "rarest"),
    Level("part_of_several", _only_if(SEVERAL, PART), "rarest"),
    Level("part_misspelt", _only_if(SEVERAL, _part(MISSPELT))),
    Level("part", PART, "rarest"),
    Level("rarest", RAREST, "rarest"),
    Level("similar", 'jaro_winkler_similarity("glued_l", "glued_r") >= 0.86'),
    Level("faintly_similar", 'jaro_similarity("glued_l", "glued_r") >= 0.72'),
    Level("other", "ELSE"),
)

# phone and address -----------------------------------------------------------------------------------------------

PHONE = '("phone_l" = "phone_r" or "phone_l" = "phone_2_r" or "phone_2_l" = "phone_r")'
NEAR_PHONE = (
    '(case when length("phone_l") = length("phone_r") and left("phone_l", 6) = left("phone_r", 6) '
    'then hamming("phone_l", "phone_r") = 1 else false end)'
)
STREET = f"({_equal('street')} and {_agrees_or_unknown('kelurahan_code')})"
HOUSE = f"({_equal('street')} and {_equal('house_number')} and {_agrees_or_unknown('kecamatan_code')})"
NO_NUMBER = '("house_number_l" is null or "house_number_r" is null)'

_CONTACT = (
    Level(UNKNOWN, f"not ({_both('phone')}) and not ({_both('street')})"),
    Level("phone_and_address", f"{PHONE} and ({HOUSE} or {STREET})", is_covered=True),
    Level("phone", PHONE, is_covered=True),
    Level("phone_near", NEAR_PHONE),
    Level("house", HOUSE, is_covered=True),
    Level("street", f"{STREET} and {NO_NUMBER}"),
    Level("street_other_house", STREET),
    Level("other", "ELSE"),
)

# kelurahan -------------------------------------------------------------------------------------------------------

_PLACE = (
    Level(UNKNOWN, f"not ({_both('kelurahan_code')})"),
    Level("kelurahan", _equal("kelurahan_code")),
    Level("kecamatan", _equal("kecamatan_code")),
    Level("other", "ELSE"),
)

COMPARISONS: Mapping[str, tuple[Level, ...]] = {
    IDENTITY: _IDENTITY, NAME: _NAME, CONTACT: _CONTACT, PLACE: _PLACE,
}  # fmt: skip
"""The levels of each comparison, alike first; the first of each is `unknown`."""


def names(comparison: str) -> tuple[str, ...]:
    """The levels that tell something, alike first."""
    return tuple(level.name for level in COMPARISONS[comparison][1:])
