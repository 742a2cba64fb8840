"""Why an owner counts as he does, told in sentences that name rows and never what stands in them."""

import re
from dataclasses import dataclass, replace

import few_rows
import pandas as pd
import pytest
from few_rows import FROZEN

from analysis.contracts.registers import CAUSES, COVERAGE, JAMSOSTEK, LINK_RULES, UMKM
from analysis.linking import comparisons
from analysis.presenting import explain, wording
from analysis.presenting.explain import Known

OF_A_PERSON = ("owner_name", "name", "nik", "birth_date", "phone", "address", "business_name", "nib", "kpj", "rt_rw")
SHORTEST_VALUE = 4
"""Letters from which on a value is no accident in a sentence."""
ID, EN = wording.in_language("id"), wording.in_language("en")
SENTENCES = [(name, level.name) for name, levels in comparisons.COMPARISONS.items() for level in levels]


@dataclass(frozen=True)
class Edition:
    known: Known
    registers: dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def edition() -> Edition:
    """A small city, linked; its quarantined row is the last of its sheet."""
    of = few_rows.city(7, 300, 450).prepared
    nobody = few_rows.prepared({UMKM: few_rows.raw(UMKM, [{"name": "-", "nik": "-"}], sheet="Lain", first=7)})
    of = replace(of, quarantine=nobody.quarantine)
    found = few_rows.linked(of.tables)
    covered = few_rows.covered(of, found)
    return Edition(Known(covered.owners, covered.status, found.links, found.candidates, FROZEN), dict(of.tables))


def first(edition: Edition, status: str) -> tuple[str, int]:
    owners = edition.known.owners
    own = owners[(owners["status"] == status) & (owners["cause"] != "quarantined")].iloc[0]
    return own["umkm_source_sheet"], int(own["umkm_source_row"])


def told(edition: Edition, place: tuple[str, int], say: wording.Wording = ID) -> list[str]:
    return list(explain.lines(edition.known, *place, say))


# sentences --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "begins", "says"), [
    ("active", "aktif", "ada kepesertaan yang padan, dan bulan iuran terakhirnya masih dalam batas"),
    ("lapsed", "tidak aktif", "ada kepesertaan yang padan, tetapi iurannya sudah berhenti"),
    ("unregistered", "diperkirakan belum terdaftar", "tidak ada catatan daftar peserta yang cukup serupa"),
    ("unresolved", "belum dapat dipastikan",
     "tidak ada catatan daftar peserta yang pasti padan, tetapi setidaknya satu mungkin pelaku usaha ini"),
])  # fmt: skip
def test_the_status_and_its_cause_are_told_in_indonesian(status: str, begins: str, says: str, edition: Edition) -> None:
    sheet, row = first(edition, status)
    lines = told(edition, (sheet, row))
    assert lines[0] == f'Daftar UMKM, lembar "{sheet}", baris {row}: {begins}'
    assert lines[1] == f"Alasannya: {says}."
    assert re.fullmatch(r"Peluang bahwa pelaku usaha ini peserta: \d{1,3},\d persen\.", lines[2])


def test_a_linked_owner_has_the_record_and_what_joined_it(edition: Edition) -> None:
    text = "\n".join(told(edition, first(edition, "active")))
    assert "Daftar peserta, baris" in text
    assert re.search(r"\n  padan menurut (NIK|nama dan tanggal lahir|peluang|15 angka)", text)
    assert len(re.findall(r"\([+−]\d+,\d bit\)", text)) >= 4


def test_an_unresolved_owner_has_candidates_and_nothing_joined(edition: Edition) -> None:
    text = "\n".join(told(edition, first(edition, "unresolved")))
    assert "Daftar peserta, baris" in text and "padan menurut" not in text


def test_an_owner_without_any_candidate_is_told_so(edition: Edition) -> None:
    known = edition.known
    mine = known.candidates.set_index(["left_source_sheet", "left_source_row"]).index
    owners = known.owners[(known.owners["status"] == "unregistered") & (known.owners["rows_n"] == 1)]
    own = next(place for place in zip(owners["umkm_source_sheet"], owners["umkm_source_row"], strict=True)
               if place not in mine)  # fmt: skip
    assert told(edition, own)[-1] == "Tidak ada catatan daftar peserta yang patut diperiksa."


def test_a_quarantined_row_is_explained(edition: Edition) -> None:
    lines = told(edition, ("Lain", 7))
    assert lines[0].endswith(": belum dapat dipastikan")
    assert lines[1] == f"Alasannya: {ID.say(explain.CAUSES['quarantined']).plain}."


def test_the_other_rows_of_an_owner_are_named(edition: Edition) -> None:
    status = edition.known.status
    several = status[status.duplicated("owner_id", keep=False)].groupby("owner_id").head(2)
    one, other = several[several["owner_id"] == several["owner_id"].iloc[0]].to_dict("records")
    line = next(line for line in told(edition, (one["umkm_source_sheet"], one["umkm_source_row"]))
                if line.startswith("Pelaku usaha yang sama juga tercatat di:"))  # fmt: skip
    assert f'lembar "{other["umkm_source_sheet"]}", baris {other["umkm_source_row"]}' in line


def test_at_most_three_candidates_are_told_the_most_probable_first(edition: Edition) -> None:
    known = edition.known
    several = pd.concat([known.candidates] * 5, ignore_index=True)
    lines = list(explain.lines(Known(known.owners, known.status, known.links, several, FROZEN),
                               *first(edition, "active"), ID))  # fmt: skip
    heads = [line for line in lines if line.startswith("Daftar peserta")]
    chances = [float(line.rpartition(": ")[2].removesuffix(" persen").replace(",", ".")) for line in heads]
    assert len(heads) == 3 and chances == sorted(chances, reverse=True)


def test_the_same_is_told_in_english(edition: Edition) -> None:
    lines = told(edition, first(edition, "active"), EN)
    assert lines[0].startswith("UMKM register, sheet ") and lines[0].endswith(": active")
    assert re.search(r"\([+−]\d+\.\d bits\)", "\n".join(lines))


@pytest.mark.parametrize("place", [("", 999_999), ("No such sheet", 2)])
def test_a_row_that_is_not_there_is_refused(place: tuple[str, int], edition: Edition) -> None:
    with pytest.raises(LookupError):
        told(edition, place)


# nothing of what stands in a row ----------------------------------------------------------------------------------


def values(edition: Edition) -> set[str]:
    """Every value of both registers that could give a person away (as written: with a digit), and words of names."""
    found: set[str] = set()
    for name in (UMKM, JAMSOSTEK):
        table = edition.registers[name]
        for column in OF_A_PERSON:
            for own in {column, f"{column}_as_written"} & set(table.columns):
                told = set(table[own].dropna().astype(str).str.strip().str.lower())
                found |= {value for value in told if own == column or re.search(r"\d", value)}
        found |= {word.lower() for text in table["name"].dropna() for word in text.split()}
    return {value for value in found if len(value) >= SHORTEST_VALUE}


def test_no_value_of_a_row_is_told(edition: Edition) -> None:
    known = values(edition)
    for status in ("active", "lapsed", "unregistered", "unresolved", "not_eligible"):
        for say in (ID, EN):
            lines = told(edition, first(edition, status), say)
            text = re.sub(r'(lembar|sheet) "[^"]*"', "", "\n".join(lines)).lower()
            words = set(re.findall(r"\w+", text))
            assert not known & words
            assert not [value for value in known if len(value) >= 8 and value in text]
            assert not re.search(r"\d{6}", text)


def test_no_owner_id_is_told(edition: Edition) -> None:
    text = "\n".join(told(edition, first(edition, "active")))
    assert not re.search("[0-9a-f]{16}", text)


# every word has its sentence --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "level"), SENTENCES)
def test_every_level_has_a_sentence_in_both_languages(name: str, level: str) -> None:
    english, indonesian = (say.say(explain.LEVELS[name][level]).plain for say in (EN, ID))
    assert english == explain.LEVELS[name][level]
    assert indonesian and indonesian != english


@pytest.mark.parametrize("name", comparisons.COMPARISONS)
def test_two_levels_never_have_one_sentence_and_no_sentence_is_without_its_level(name: str) -> None:
    assert set(explain.LEVELS[name]) == {level.name for level in comparisons.COMPARISONS[name]}
    for say in (EN, ID):
        assert len({say.say(text).plain for text in explain.LEVELS[name].values()}) == len(explain.LEVELS[name])


@pytest.mark.parametrize(("texts", "words"), [
    (explain.STATUSES, COVERAGE), (explain.CAUSES, CAUSES), (explain.RULE_TEXTS, LINK_RULES),
])  # fmt: skip
def test_every_status_cause_and_rule_has_a_sentence_in_both_languages(texts: dict[str, str], words) -> None:
    assert set(texts) == set(words)
    assert all(ID.say(text).plain != EN.say(text).plain == text for text in texts.values())


# weights ----------------------------------------------------------------------------------------------------------


def pair(**levels: str) -> dict[str, object]:
    return {**dict.fromkeys(comparisons.COMPARISONS, "unknown"), "name_share": float("nan"), **levels}


def bits(line: str) -> float:
    return float(re.search(r"\((.*) bits\)", line)[1].replace("−", "-"))


def test_what_cannot_be_compared_weighs_nothing() -> None:
    assert [bits(line) for line in explain.compared(pair(), FROZEN, EN)] == [0.0] * 4


def test_a_rare_name_weighs_more_than_a_frequent_one() -> None:
    rare, frequent = (
        bits(list(explain.compared({**pair(name="equal"), "name_share": share}, FROZEN, EN))[1])
        for share in (0.0001, 0.01)
    )
    assert rare - frequent == pytest.approx(6.6, abs=0.11), "a hundred times rarer is 6.6 bits more"


def test_agreement_speaks_for_one_person_and_disagreement_against() -> None:
    alike = explain.compared(pair(identity="nik_and_birth", contact="phone_and_address", place="kelurahan"), FROZEN, EN)
    unlike = explain.compared(pair(identity="two_identities", name="other", contact="other", place="other"), FROZEN, EN)
    assert [bits(line) > 0 for line in alike] == [True, False, True, True]
    assert all(bits(line) < 0 for line in unlike)
