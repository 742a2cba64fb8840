"""The only place for what a cleaned row tells of who its person is: the columns that the linkage compares.

One row of evidence for each cleaned row of any register. A value that cannot be evidence is left out: a NIK or phone
that stands on more than a dozen rows, a 1 January that the NIK does not confirm (what clerks type for "day unknown").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from analysis.cleaning import addresses, dates, identifiers, names
from analysis.cleaning.persons import MOST_ROWS_OF_A_KEY
from analysis.contracts.registers import DELIVERED, KEY

DAY = "%Y%m%d"
ANY_SERIAL = "0001"
SHORTEST_WORD = 3
"""Letters of a word's sound from which on it can be the rarest of a name: initials cannot."""
TEXTS = (
    *("name", "sounds", "sounds_sorted", "glued", "rarest", "digits", "nik_day", "day", "sex", "phone", "phone_2"),
    *("street", "house_number", "kelurahan_code", "kecamatan_code"),
)
NUMBERS = ("year", "day_n")
COLUMNS = (*TEXTS, *NUMBERS)


def gather(tables: Mapping[str, pd.DataFrame], reference_date: date) -> pd.DataFrame:
    """The evidence of all cleaned registers, one row each, index 0, 1, 2 ... in the order of registers and rows.

    Columns: register, source_sheet, source_row and COLUMNS. name: clean; sounds: of its words in order, sounds_sorted
    the same sorted, glued without blanks; rarest: the word that the fewest rows have; digits: what is left of the NIK;
    day and nik_day: birth date as written and as the NIK carries it (YYYYMMDD); day_n: the one or the other, counted in
    days; year: of birth; sex: as written, else by the NIK. Empty: not known, or no evidence.
    """
    parts = [_of(name, tables[name], reference_date) for name in DELIVERED if name in tables]
    rows = pd.concat(parts, ignore_index=True)
    rows["rarest"] = _rarest(rows["sounds"])
    crowded = _is_crowded(rows["digits"])
    rows[["digits", "nik_day"]] = rows[["digits", "nik_day"]].mask(crowded)
    for name in ("phone", "phone_2"):
        rows[name] = rows[name].mask(_is_crowded(rows[name]))
    known = pd.to_datetime(rows["day"].fillna(rows["nik_day"]), format=DAY)
    rows["day_n"] = ((known - pd.Timestamp(0)) // pd.Timedelta(days=1)).astype("Int64")
    return rows.astype(dict.fromkeys(TEXTS, "str"))[["register", *KEY, *COLUMNS]]


def _of(register: str, table: pd.DataFrame, reference_date: date) -> pd.DataFrame:
    """The evidence of one register, before it is seen how often a value stands in all of them."""
    whole = table["nik"].fillna(table["nik_prefix"].str.extract("^([0-9]{12})", expand=False) + ANY_SERIAL)
    carried = identifiers.birth_date(whole, reference_date)
    written = dates.believed(table["birth_date"], carried)
    nothing = pd.Series(pd.NA, index=table.index, dtype="str")
    address = table.get("address", nothing)
    sex = table.get("sex", pd.Series("unknown", index=table.index))
    return pd.DataFrame({
        "register": register,
        **{name: table[name] for name in KEY},
        "name": table["name"],
        "sounds": names.sounds(table["name"]),
        "sounds_sorted": names.key(table["name"]),
        "glued": names.glued(table["name"]),
        "digits": identifiers.digits(table),
        "nik_day": carried.dt.strftime(DAY),
        "day": written.dt.strftime(DAY),
        "year": table["birth_year"].astype("Int64").fillna(carried.dt.year.astype("Int64")),
        "sex": sex.where(sex != "unknown", identifiers.sex(whole)).replace("unknown", None),
        "phone": table.get("phone", nothing),
        "phone_2": table.get("phone_2", nothing),
        "street": addresses.street(address),
        "house_number": addresses.house_number(address),
        "kelurahan_code": table["kelurahan_code"],
        "kecamatan_code": table["kecamatan_code"],
    })  # fmt: skip


def _is_crowded(values: pd.Series) -> pd.Series:
    """Whether a value stands on more rows than one person's NIK or one household's phone can."""
    codes, distinct = pd.factorize(values)
    times = np.bincount(codes[codes >= 0], minlength=max(1, len(distinct)))[codes]
    return pd.Series((codes >= 0) & (times > MOST_ROWS_OF_A_KEY), index=values.index)


def _rarest(sounds: pd.Series) -> pd.Series:
    """Of each name the word that stands in the fewest rows; ties go to the first in the alphabet."""
    codes, distinct = pd.factorize(sounds)
    split = [[word for word in text.split() if len(word) >= SHORTEST_WORD] for text in distinct]
    times: Counter[str] = Counter()
    for found, n in zip(split, np.bincount(codes[codes >= 0], minlength=len(distinct)).tolist(), strict=True):
        times.update(dict.fromkeys(found, n))
    rarest = [min(found, key=lambda word: (times[word], word), default=None) for found in split]
    return pd.Series(pd.array([*rarest, None], dtype="str").take(codes), index=sounds.index)
