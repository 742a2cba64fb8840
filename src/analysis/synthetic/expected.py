"""The only place that says which findings each written row must give, from what stands there and what is true.

Nothing of the project's own cleaning is used. A row's findings follow from the cells as a careful reader would read
them: so a digit wrong in a NIK that moves its birth date is expected as a disagreement, and one that breaks its form
as malformed. Where rows are compared (same person twice, one NIK for several people, one phone for many) the truth
about who is who decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from analysis.contracts.registers import JAMSOSTEK, PERSON_NAME, RENTAN, UMKM
from analysis.synthetic.chance import Cells
from analysis.synthetic.participation import LAPSE_MONTHS, month_of
from analysis.synthetic.registers import Register

NIK_RULES = {
    "nik_missing": "nik_missing", "nik_short": "nik_malformed", "nik_long": "nik_malformed",
    "nik_rounded": "nik_damaged", "nik_scientific": "nik_damaged", "nik_placeholder": "nik_placeholder",
    "nik_kk": "nik_kk",
}  # fmt: skip
"""What each damage of a NIK is called as a finding; of the others the digits decide."""
PLACE_RULES = {
    "place_missing": "kelurahan_unknown", "place_unknown": "kelurahan_unknown", "place_outside": "outside_palu",
    "place_contradicting": "kelurahan_contradicts",
}  # fmt: skip
PROVINCES = (*range(11, 20), 21, *range(31, 37), *range(51, 54), *range(61, 66), *range(71, 77), 81, 82, *range(91, 98))
LONGEST = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
YOUNGEST, AGE_LIMIT, AHEAD_MONTHS, MOST_PERSONS_OF_A_PHONE = 17, 65, 12, 5


def findings(register: Register, until: date) -> pd.DataFrame:
    """The expected findings: row (place in the register), column, rule_id; sorted, each once."""
    means = register.means
    nik = _nik(means)
    flags: dict[str, Cells] = {f"{rule}|nik": nik["state"] == rule for rule in set(NIK_RULES.values())}
    flags |= _birth(means, nik, until) | _shared(register)
    sex, name = (means[part].to_numpy(dtype=object) for part in ("sex", "name"))
    flags["sex_disagrees|sex"] = nik["is_valid"] & (sex != "") & (sex != nik["sex"])
    flags[f"name_missing|{PERSON_NAME[register.name]}"] = name == ""
    flags[f"recorded_dead|{PERSON_NAME[register.name]}"] = name == "deceased"
    for rule in set(PLACE_RULES.values()):
        flags[f"{rule}|kelurahan"] = (means["place_damage"].map(PLACE_RULES) == rule).to_numpy()
    if register.name == RENTAN:
        flags = {key: flag for key, flag in flags.items() if key.split("|")[1] not in ("sex", "phone")}
    if register.name == JAMSOSTEK:
        flags |= _membership(register, until)
    told = [
        pd.DataFrame({"row": np.flatnonzero(np.asarray(flag, dtype=bool)), "column": key.split("|")[1],
                      "rule_id": key.split("|")[0]})
        for key, flag in flags.items()
    ]  # fmt: skip
    return pd.concat(told).drop_duplicates(["row", "rule_id"]).sort_values(["row", "rule_id"], ignore_index=True)


def _nik(means: pd.DataFrame) -> dict[str, Cells]:
    """Of each NIK: state (valid, or the rule that it breaks), is_valid, day, month, year (two digits), sex.

    is_dated: its day can be read, as only its last digits may be lost.
    """
    text = np.where(means["nik"] == "", "9" * 16, means["nik"]).astype("U16")
    digits = np.ascontiguousarray(text).view("U1").reshape(len(text), 16).astype(np.int64)
    two = {at: digits[:, at] * 10 + digits[:, at + 1] for at in (0, 6, 8, 10)}
    day, month, year = np.where(two[6] > 40, two[6] - 40, two[6]), two[8], two[10]
    longest = LONGEST[np.where(month <= 12, month, 0)]
    is_day = (day >= 1) & (day <= longest) & ~((day == 29) & (month == 2) & (year % 4 != 0))
    is_cut = is_day & (digits[:, 12:].sum(axis=1) == 0)
    state = np.select([~is_day | ~np.isin(two[0], PROVINCES), is_cut], ["nik_malformed", "nik_damaged"], "valid")
    known = means["nik_damage"].map(NIK_RULES)
    state = np.where(known.notna(), known, state)
    sex = np.where(two[6] > 40, "female", "male")
    is_dated = (state == "valid") | is_cut | (means["nik_damage"].to_numpy(dtype=object) == "nik_rounded")
    parts = {"day": day, "month": month, "year": year, "sex": sex}
    return {"state": state, "is_valid": state == "valid", "is_dated": is_dated, **parts}


def _birth(means: pd.DataFrame, nik: Mapping[str, Cells], until: date) -> dict[str, Cells]:
    """What is wrong with the birth date, alone and beside the NIK, and whether the age is out of bounds."""
    damage, born = means["birth_damage"].to_numpy(dtype=object), pd.Series(means["born"])
    day, month, year = (
        getattr(born.dt, part).fillna(0).astype(np.int64).to_numpy() for part in ("day", "month", "year")
    )
    is_known, valid = born.notna().to_numpy(), nik["is_valid"]
    is_year = valid & (year % 100 == nik["year"])
    is_same = is_year & (day == nik["day"]) & (month == nik["month"])
    is_swapped = is_known & is_year & (day == nik["month"]) & (month == nik["day"]) & ~is_same
    is_first = is_known & (day == 1) & (month == 1)
    is_filled = is_first & np.isin(year, [1900, 1970]) & ~is_same
    is_placeholder = is_filled | (is_first & nik["is_dated"] & ~((nik["day"] == 1) & (nik["month"] == 1)))
    limit = until.month * 100 + until.day
    century = np.where(
        (2000 + nik["year"]) * 10_000 + nik["month"] * 100 + nik["day"] <= until.year * 10_000 + limit, 2000, 1900
    )
    of_nik = (century + nik["year"]) * 10_000 + nik["month"] * 100 + nik["day"]
    written = year * 10_000 + np.where(is_swapped, day * 100 + month, month * 100 + day)
    only = damage == "birth_year_only"
    has_day = (is_known & ~is_filled) | valid
    told = np.where(is_known & ~is_filled, written, np.where(valid, of_nik, 0))
    young, old = (until.year - YOUNGEST) * 10_000 + limit, (until.year - AGE_LIMIT) * 10_000 + limit
    alone = only & ~has_day
    by_year = means["birth_year"].to_numpy()
    return {
        "birth_date_missing|birth_date": damage == "birth_missing",
        "birth_date_unreadable|birth_date": np.isin(damage, ["birth_unreadable", "birth_year_only"]),
        "birth_date_swapped|birth_date": is_swapped & ~is_placeholder,
        "birth_date_placeholder|birth_date": is_placeholder,
        "birth_date_disagrees|birth_date": is_known & valid & ~is_same & ~is_swapped & ~is_placeholder,
        "under_age|birth_date": (has_day & (told > young)) | (alone & (by_year > until.year - YOUNGEST)),
        "over_age|birth_date": (has_day & (told <= old)) | (alone & (by_year < until.year - AGE_LIMIT)),
    }


def _persons_of(key: pd.Series, person: pd.Series) -> Cells:
    """How many different people stand beside each row's key; 0 where the key is ''."""
    pairs = pd.DataFrame({"key": key.to_numpy(), "person": person.to_numpy()}).drop_duplicates()
    counts: Cells = key.map(pairs[pairs["key"] != ""].groupby("key").size()).fillna(0).to_numpy(dtype=np.int64)
    return counts


def _shared(register: Register) -> dict[str, Cells]:
    """What shows only when rows are compared."""
    means, person = register.means, register.means["person"]
    sound = means["nik"].where(pd.Series(_nik(means)["is_valid"]), "")
    flags: dict[str, Cells] = {
        "nik_shared|nik": _persons_of(sound, person) > 1,
        "phone_shared|phone": _persons_of(means["phone"], person) > MOST_PERSONS_OF_A_PHONE,
    }
    thing = {UMKM: ["business_id"], JAMSOSTEK: ["kpj", "segment", "program"]}.get(register.name, [])
    flags["same_person_twice|nik"] = means.duplicated(["person", *thing], keep=False).to_numpy()
    if register.name == UMKM:
        several = means.groupby("person")["business_id"].transform("nunique") > 1
        flags["several_businesses|business_name"] = several.to_numpy()
    if register.name == JAMSOSTEK:
        twice = means.groupby(["person", "segment"])["kpj"].transform("nunique") > 1
        flags["enrolled_twice|kpj"] = twice.to_numpy()
    return flags


def _membership(register: Register, until: date) -> dict[str, Cells]:
    """Months and status against each other and against the reference month."""
    means, reference = register.means, month_of(until)
    last, member = means["last_month"].to_numpy(), means["member_month"].to_numpy()
    blank = register.cells["last_contribution_month"].to_numpy(dtype=object) == ""
    return {
        "active_but_old|status": (means["status"] == "active") & (last >= 0) & (last < reference - LAPSE_MONTHS),
        "member_after_contribution|member_date": (member > last) & (last >= 0) & (member >= 0),
        "contribution_ahead|last_contribution_month": last > reference + AHEAD_MONTHS,
        "contribution_unreadable|last_contribution_month": (last < 0) & ~blank,
        "recorded_dead|status": means["status"] == "deceased",
    }


def damage(register: Register, until: date) -> pd.DataFrame:
    """One line for each damaged cell and each expected finding: row, column, damage, rule_id ('' = only to be cleaned).

    A finding whose own cell is as it should be (it follows from another one, or is a fact) has damage 'consequence'.
    """
    done = register.damage.melt(ignore_index=False, var_name="column", value_name="damage").rename_axis("row")
    done = done[done["damage"] != ""].reset_index()
    both = done.merge(findings(register, until), how="outer", on=["row", "column"])
    both = both.assign(damage=both["damage"].fillna("consequence"), rule_id=both["rule_id"].fillna(""))
    return both.sort_values(["row", "column", "rule_id"], ignore_index=True)
