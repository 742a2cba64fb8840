"""The only place that tells in sentences why an owner has his status, and what speaks for or against a candidate.

For the terminal and for protected notebooks: it names rows by sheet and number and never tells what stands in them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from analysis import N_
from analysis.contracts.registers import JAMSOSTEK, KEY, UMKM
from analysis.linking import comparisons, scoring
from analysis.linking.model import Model
from analysis.presenting.wording import Wording

STATUSES = {
    "active": N_("active"), "lapsed": N_("lapsed"), "unregistered": N_("estimated not enrolled"),
    "unresolved": N_("undetermined"), "not_eligible": N_("out of scope"),
}  # fmt: skip
CAUSES = {
    "paid": N_("a participation is linked, and its last contribution month is recent enough"),
    "ended": N_("a participation is linked, and its contributions ended"),
    "no_month": N_("a participation is linked, but no contribution month can be read"),
    "deceased": N_("a participation is linked that says: deceased"),
    "age": N_(
        "by the birth date the owner is younger or older than the age rule allows, and no participation is active"
    ),
    "doubtful": N_(
        "no record of the participant register could be joined with certainty, but at least one may be the owner"
    ),
    "not_found": N_("no record of the participant register is similar enough"),
    "quarantined": N_("the record has neither a name nor a usable NIK"),
}
LEVELS: Mapping[str, Mapping[str, str]] = {
    comparisons.IDENTITY: {
        "nik_and_birth": N_("NIK and birth date equal"),
        "nik": N_("NIK equal; a birth date is missing"),
        "nik_birth_near": N_("NIK equal, birth date nearly equal"),
        "nik_conflict": N_("NIK equal, but birth date or sex different: perhaps the NIK of a relative"),
        "nik15": N_("NIK equal as far as a spreadsheet kept its digits"),
        "nik15_conflict": N_("NIK equal as far as a spreadsheet kept its digits, birth date or sex different"),
        "nik_miscounted": N_("NIK equal but for a digit too few or too many"),
        "nik_near_same_day": N_("NIK different in one digit, birth date equal"),
        "nik_near": N_("NIK different in one digit"),
        "same_day_other_sex": N_("birth date equal, sex different"),
        "other_serial": N_("NIK equal but for its serial: a slip, or two people born on one day"),
        "same_day_nik_missing": N_("birth date equal; a NIK is missing or damaged"),
        "same_day_other_nik": N_("birth date equal, NIK different"),
        "two_identities": N_("NIK and birth date or sex different, and each NIK agrees with its own birth date"),
        "near_day_other_sex": N_("birth date nearly equal, sex different"),
        "near_day_nik_missing": N_("birth date nearly equal; a NIK is missing or damaged"),
        "near_day_other_nik": N_("birth date nearly equal, NIK different"),
        "same_year": N_("year of birth equal; a day is missing"),
        "near_year": N_("year of birth nearly equal; a NIK is missing or damaged"),
        "other_day_other_sex": N_("birth date and sex different"),
        "other_day_by_nik": N_("birth date different; one is known from the NIK alone"),
        "other_day": N_("birth date different"),
        "unknown": N_("NIK and birth date cannot be compared"),
    },
    comparisons.NAME: {
        "equal": N_("name equal"),
        "sounds": N_("name equal by its sound"),
        "glued": N_("name equal but for blanks or the order of words"),
        "typing_error": N_("name equal but for a typing error"),
        "part_with_rarest": N_("name shortened, its rarest word equal"),
        "part_of_several": N_("name shortened, several words equal"),
        "part_misspelt": N_("name shortened, several words similar"),
        "part": N_("one name is part of the other"),
        "rarest": N_("the rarest word of the name equal, others different"),
        "similar": N_("name similar"),
        "faintly_similar": N_("name faintly similar"),
        "other": N_("name different"),
        "unknown": N_("names cannot be compared"),
    },
    comparisons.CONTACT: {
        "phone_and_address": N_("phone and address equal"),
        "phone": N_("phone equal"),
        "phone_near": N_("phone different in one digit"),
        "house": N_("street and house number equal"),
        "street": N_("street equal; a house number is missing"),
        "street_other_house": N_("street equal, house number different"),
        "other": N_("phone and address different"),
        "unknown": N_("phone and address cannot be compared"),
    },
    comparisons.PLACE: {
        "kelurahan": N_("kelurahan equal"),
        "kecamatan": N_("kelurahan different, kecamatan equal"),
        "other": N_("kelurahan and kecamatan different"),
        "unknown": N_("kelurahan cannot be compared"),
    },
}
RULE_TEXTS = {
    "nik": N_("by the NIK"), "nik15": N_("by the 15 digits of the NIK that a spreadsheet kept"),
    "name_birth": N_("by name and birth date"), "probabilistic": N_("by probability"),
    "reviewed": N_("by clerical review"),
}  # fmt: skip
MOST_CANDIDATES = 3


@dataclass(frozen=True)
class Known:
    """What the explanation is drawn from: contracts OWNERS, STATUS, LINKS and CANDIDATES, and the model."""

    owners: pd.DataFrame
    status: pd.DataFrame
    links: pd.DataFrame
    candidates: pd.DataFrame
    model: Model


def lines(known: Known, sheet: str, row: int, say: Wording) -> Iterator[str]:
    """Why the owner of one UMKM row counts as he does, line by line. Raises LookupError where there is no such row."""
    told = known.status
    own = told[(told["umkm_source_sheet"] == sheet) & (told["umkm_source_row"] == row)]
    if own.empty:
        raise LookupError("no such row")
    owner = known.owners.set_index("owner_id").loc[own["owner_id"].iloc[0]]
    rows = told[told["owner_id"] == own["owner_id"].iloc[0]]
    yield say.say("UMKM register, {place}: {status}", place=_place(sheet, row, say),
                  status=say.say(STATUSES[owner["status"]])).plain  # fmt: skip
    yield say.say("Why: {cause}.", cause=say.say(CAUSES[owner["cause"]])).plain
    yield say.say("Probability that the owner is a participant: {percent}.",
                  percent=_percent(float(owner["probability_enrolled"]), say)).plain  # fmt: skip
    places = list(zip(rows["umkm_source_sheet"], rows["umkm_source_row"], strict=True))
    others = [_place(str(one), int(other), say) for one, other in places if (one, other) != (sheet, row)]
    if others:
        yield say.say("The same owner also stands in: {places}.", places="; ".join(others)).plain
    yield from _candidates(known, rows, say)


def _candidates(known: Known, rows: pd.DataFrame, say: Wording) -> Iterator[str]:
    """The most probable records of the participant register, each with what speaks for and against it."""
    told = known.candidates
    told = told[(told["left_register"] == UMKM) & (told["right_register"] == JAMSOSTEK)]
    mine = rows[["umkm_source_sheet", "umkm_source_row"]].set_axis([f"left_{name}" for name in KEY], axis=1)
    best = told.merge(mine, on=list(mine.columns)).sort_values("probability", ascending=False, kind="stable")
    joined = known.links.set_index(["umkm_source_sheet", "umkm_source_row", "participant_source_sheet",
                                    "participant_source_row"])["rule"]  # fmt: skip
    if best.empty:
        yield ""
        yield say.say("No record of the participant register came into question.").plain
    for pair in best.head(MOST_CANDIDATES).to_dict("records"):
        yield ""
        place = _place(pair["right_source_sheet"], pair["right_source_row"], say)
        ours = _place(pair["left_source_sheet"], pair["left_source_row"], say)
        yield say.say("Participant register, {place}, beside {ours}: {percent}", place=place, ours=ours,
                      percent=_percent(pair["probability"], say)).plain  # fmt: skip
        rule = joined.get((pair["left_source_sheet"], pair["left_source_row"], pair["right_source_sheet"],
                           pair["right_source_row"]))  # fmt: skip
        if rule is not None:
            yield "  " + say.say("linked {rule}", rule=say.say(RULE_TEXTS[str(rule)])).plain
        yield from (f"  {line}" for line in compared(pair, known.model, say))


def compared(pair: Mapping[Hashable, object], model: Model, say: Wording) -> Iterator[str]:
    """How two records compare: a sentence a comparison, with its weight in bits (above 0 speaks for one person)."""
    for name in comparisons.COMPARISONS:
        level = str(pair[name])
        bits = _bits(model, name, level, pair["name_share"])
        yield say.say("{sentence} ({bits} bits)", sentence=say.say(LEVELS[name][level]), bits=_signed(bits, say)).plain


def _bits(model: Model, comparison: str, level: str, share: object) -> float:
    """The weight of a level; of a name that two strangers share by chance, by the share of rows that have it."""
    if level == comparisons.UNKNOWN:
        return 0.0
    at = comparisons.names(comparison).index(level)
    told = float(scoring.weights(model, comparison)[at])
    if comparison == comparisons.NAME and isinstance(share, float) and share == share and share > 0:
        told += float(scoring.as_bits(model.shares["strangers"][comparison][at] / share))
    return told


def _signed(bits: float, say: Wording) -> str:
    return f"{bits:+.1f}".replace("-", "−").replace(".", "," if say.language == "id" else ".")


def _percent(probability: float, say: Wording) -> str:
    told = f"{100 * probability:.1f}".replace(".", "," if say.language == "id" else ".")
    return say.say("{number} percent", number=told).plain


def _place(sheet: str, row: int, say: Wording) -> str:
    where = [say.say('sheet "{sheet}"', sheet=sheet).plain] if sheet else []
    return ", ".join([*where, say.say("row {row}", row=str(row)).plain])
