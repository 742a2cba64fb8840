"""A review from end to end: drawn, filled in by two people who know the truth, read back, and what it may refuse."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import few_rows
import pandas as pd
import pytest
import python_calamine
import record_edits as edits
import xlsxwriter

from analysis import synthetic
from analysis.contracts.registers import (
    CORRECTIONS,
    JAMSOSTEK,
    KEY,
    LINKAGE_FINDINGS,
    OWNERS,
    PERSONS,
    RENTAN,
    REVIEW_ANSWERS,
    REVIEW_PAIRS,
    REVIEW_SAMPLE,
    REVIEWED,
    UMKM,
)
from analysis.linking import review
from analysis.running import reviewing, store
from analysis.running.store import Store
from analysis.sources import delivery, ingest, judgements
from analysis.sources.places import Root

EDITION, OWNERS_N, PARTICIPANTS_N, DRAWN = "demo", 400, 700, 150
BOOK = f"data/processed/{EDITION}/protected/review/telaah-sintetis.xlsx"
TRUTH = {UMKM: "umkm_rows", JAMSOSTEK: "participant_rows", RENTAN: "vulnerable_rows"}
DAY = "09/11/2026"


@dataclass(frozen=True)
class Edition:
    """A folder with an edition as a run leaves it, and whose each row truly is."""

    root: Root
    person: pd.Series

    @property
    def kept(self) -> Store:
        return Store(self.root, EDITION, delivery.read(self.root, EDITION).hash)

    def cli(self, *arguments: str | Path, edition: str = EDITION, **environment: str):
        return edits.run("review", edition, *arguments, "--root", self.root.path, "--lang", "en", cwd=self.root.path,
                         COLUMNS="300", **environment)  # fmt: skip

    @property
    def book(self) -> Path:
        return self.root.path / BOOK


def run(root: Root) -> None:
    """The tables that `jamsostek run` leaves, as far as a review needs them."""
    delivered = delivery.read(root, EDITION)
    of = few_rows.prepared(ingest.read_all(delivered))
    linkage = few_rows.linked(of.tables)
    kept = Store(root, EDITION, delivered.hash)
    kept.keep(of, store.empty(CORRECTIONS))
    kept.keep_linkage(linkage, few_rows.covered(of, linkage), store.empty(LINKAGE_FINDINGS))


def true_persons(root: Root) -> pd.Series:
    folder = root.path / "data" / "truth" / EDITION
    parts = [pd.read_csv(folder / f"{file}.csv", dtype={"source_sheet": "str"}, keep_default_na=False)
             .assign(register=name) for name, file in TRUTH.items()]  # fmt: skip
    return pd.concat(parts).set_index(["register", *KEY])["person_id"]


def same(kept: Store, person: pd.Series) -> pd.Series:
    """Of each question whether its two rows are truly of one person."""
    pairs, owners = kept.read(REVIEW_PAIRS), kept.read(OWNERS).set_index("owner_id")
    ours = [person.get((UMKM, *owners.loc[one, ["umkm_source_sheet", "umkm_source_row"]])) for one in pairs["owner_id"]]
    theirs = [person.get(key) for key in pairs[["register", *KEY]].itertuples(index=False, name=None)]
    return pd.Series([a == b and a is not None for a, b in zip(ours, theirs, strict=True)], index=pairs["question_id"])


def filled(book: Path, out: Path, answers: Mapping[str, str], name: str, day: str = DAY) -> Path:
    """The workbook as a spreadsheet program saves it once it is filled in."""
    opened = python_calamine.CalamineWorkbook.from_path(str(book))
    told = {title: opened.get_sheet_by_name(title).to_python(skip_empty_area=False) for title in opened.sheet_names}
    notes, lines = told.values()
    for row in notes:
        row[1] = {judgements.REVIEWER["en"]: name, judgements.DAY["en"]: day}.get(row[0], row[1])
    at = {ours: lines[0].index(forms["en"]) for ours, forms in judgements.HEADINGS.items()}
    for row in lines[1:]:
        row[at["answer"]] = answers.get(row[at["question_id"]], "")
    with xlsxwriter.Workbook(str(out), {"strings_to_formulas": False, "strings_to_urls": False}) as made:
        for title, rows in told.items():
            sheet = made.add_worksheet(title)
            for n, row in enumerate(rows):
                for column, cell in enumerate(row):
                    sheet.write_string(n, column, str(cell))
    return out


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    """An edition that was run; nobody may change it."""
    root = Root(tmp_path_factory.mktemp("root"))
    synthetic.demo(root.path, EDITION, umkm_n=OWNERS_N, participants_n=PARTICIPANTS_N)
    run(root)
    return Edition(root, true_persons(root))


@pytest.fixture(scope="module")
def drawn(clean: Edition) -> tuple[Edition, str]:
    """The edition with a review drawn, and what was said."""
    done = clean.cli("--owners", str(DRAWN))
    assert (done.returncode, done.stderr) == (0, "")
    return clean, done.stdout


@pytest.fixture
def own(drawn: tuple[Edition, str], tmp_path: Path) -> Edition:
    """A copy of the drawn edition that a test may change."""
    shutil.copytree(drawn[0].root.path, tmp_path / "root")
    return replace(drawn[0], root=Root(tmp_path / "root"))


@pytest.fixture(scope="module")
def truth(drawn: tuple[Edition, str]) -> dict[str, str]:
    """The right answer to every question."""
    told = same(drawn[0].kept, drawn[0].person)
    return {question: "same" if is_same else "other" for question, is_same in told.items()}


# drawn ------------------------------------------------------------------------------------------------------------


def test_the_workbook_is_written_for_this_user_and_the_strata_are_told(drawn: tuple[Edition, str]) -> None:
    edition, said = drawn
    sample = edition.kept.read(REVIEW_SAMPLE)
    assert len(sample) == DRAWN and {*sample["seed"]} == {1}
    assert (edition.book.stat().st_mode & 0o777, edition.book.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    sizes = review.sizes(edition.kept.read(OWNERS))
    assert f"{BOOK}: written" in said
    counts = sample["stratum"].value_counts()
    assert f"surely linked: {counts['linked_surely']} of {sizes['linked_surely']} owners" in said
    assert f"{DRAWN} owners drawn; {review.halving(sizes, DRAWN)} would halve the interval" in said


def test_drawn_again_it_is_the_same_and_a_larger_one_asks_the_same_questions_too(own: Edition) -> None:
    names = [f"{table.name}.parquet" for table in REVIEWED[:2]]
    before = [own.book.read_bytes(), *((own.kept.folder / name).read_bytes() for name in names)]
    own.cli("--owners", str(DRAWN), "--seed", "1")
    assert [own.book.read_bytes(), *((own.kept.folder / name).read_bytes() for name in names)] == before
    asked = {*own.kept.read(REVIEW_PAIRS)["question_id"]}
    assert own.cli("--owners", str(DRAWN + 60)).returncode == 0
    assert asked < {*own.kept.read(REVIEW_PAIRS)["question_id"]}
    assert own.cli("--owners", str(DRAWN), "--seed", "2").returncode == 0
    assert not asked <= {*own.kept.read(REVIEW_PAIRS)["question_id"]}


# read -------------------------------------------------------------------------------------------------------------


def test_two_reviewers_who_know_the_truth_find_it_and_their_agreement_is_told(
    own: Edition, truth: dict[str, str], tmp_path: Path
) -> None:
    before = {path.name: path.read_bytes() for path in own.kept.folder.glob("*.parquet")}
    wrong = [question for question, answer in truth.items() if answer == "same"][:10]
    files = [
        filled(own.book, tmp_path / "ani.xlsx", truth, "Ibu Ani Kenari"),
        filled(own.book, tmp_path / "budi.xlsx", {**truth, **dict.fromkeys(wrong, "cannot tell")}, "Pak Budi"),
    ]
    done = own.cli("--read", *files)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{2 * len(truth):,} answers read; with those read before: {2 * len(truth):,}" in done.stdout
    assert f"{DRAWN} of {DRAWN} owners drawn are reviewed in full, {DRAWN} by two or more reviewers" in done.stdout
    assert "two reviewers: 150 owners, 9" in done.stdout and "alike, kappa 0." in done.stdout
    assert "Kenari" not in done.stdout and "Budi" not in done.stdout
    after = {path.name: path.read_bytes() for path in own.kept.folder.glob("*.parquet")}
    assert {name for name in after if after[name] != before.get(name)} == {f"{REVIEW_ANSWERS.name}.parquet"}
    check_truth(own)
    assert own.cli("--read", *files[::-1]).returncode == 0
    assert (own.kept.folder / f"{REVIEW_ANSWERS.name}.parquet").read_bytes() == after[f"{REVIEW_ANSWERS.name}.parquet"]


def check_truth(edition: Edition) -> None:
    """What the first reviewer's answers say of the owners is what is true of them."""
    kept = edition.kept
    owners, pairs, answers = kept.read(OWNERS), kept.read(REVIEW_PAIRS), kept.read(REVIEW_ANSWERS)
    told = review.verdicts(pairs, answers[answers["reviewer"] == "Ibu Ani Kenari"], owners).set_index("owner_id")
    places = owners.set_index("owner_id").loc[told.index, ["umkm_source_sheet", "umkm_source_row"]]
    person = pd.Series([edition.person.get((UMKM, *key)) for key in places.itertuples(index=False)], index=told.index)
    true = pd.read_csv(edition.root.path / "data" / "truth" / EDITION / "owners.csv").set_index("person_id")
    is_enrolled = true["is_enrolled"].reindex(person).astype("boolean").to_numpy()
    assert len(told) == DRAWN and told["is_enrolled"].notna().all()
    is_wrong = told["is_enrolled"].to_numpy() != is_enrolled
    assert is_wrong.sum() <= 2, "at most a participation that no search can find"
    assert not (told["is_enrolled"].to_numpy(dtype=bool) & is_wrong).any()
    places = owners[["umkm_source_sheet", "umkm_source_row"]].itertuples(index=False)
    units = owners.groupby([edition.person.get((UMKM, *key)) for key in places])["owner_id"].nunique()
    assert (told["units_n"].to_numpy() <= units.reindex(person).to_numpy()).all()
    named = review.confirmed(pairs, answers, edition.kept.read(PERSONS))
    assert {*named["owner_id"]} == {*told.index[told["is_enrolled"]]}


def test_a_review_half_done_counts_what_is_complete_and_goes_on(own: Edition, truth: dict[str, str], tmp_path: Path
                                                                ) -> None:  # fmt: skip
    sample, pairs = own.kept.read(REVIEW_SAMPLE), own.kept.read(REVIEW_PAIRS)
    few = {*sample.loc[sample["question"] <= 20, "owner_id"]}
    some = {one: truth[one] for one in pairs.loc[pairs["owner_id"].isin(few), "question_id"]}
    first = own.cli("--read", filled(own.book, tmp_path / "a.xlsx", some, "Ani"))
    assert f"20 of {DRAWN} owners drawn are reviewed in full, 0 by two" in first.stdout
    assert own.cli("--owners", str(DRAWN + 40)).returncode == 0
    more = own.cli("--read", filled(own.book, tmp_path / "b.xlsx", truth, "ani"))
    assert f"{DRAWN} of {DRAWN + 40} owners drawn are reviewed in full, 0 by two" in more.stdout
    assert {*own.kept.read(REVIEW_ANSWERS)["reviewer"]} == {"Ani"}
    sample, _, answers = reviewing.known(own.kept, own.kept.read(OWNERS))
    assert (len(sample), len(answers)) == (DRAWN + 40, len(truth))


# refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arguments", "says"), [
    ([], "nothing is asked for"), (["--owners", "400", "--read", "a.xlsx"], "either drawn or read"),
    (["--read"], "files are named with --read"), (["--owners", "400", "a.xlsx"], "files are named with --read"),
    (["--owners", "9"], "9 is not from 10 to 5000"), (["--owners", "0"], "0 is not from"),
    (["--owners", "-5"], "-5 is not from"), (["--owners", "5001"], "5001 is not from"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")  # fmt: skip
def test_a_command_that_asks_for_neither_both_or_too_much_is_refused(arguments, says, tmp_path: Path) -> None:
    done = edits.run("review", EDITION, *arguments, "--lang", "en", cwd=tmp_path)
    assert done.returncode == 10 and says in done.stderr
    assert [*tmp_path.iterdir()] == []


def test_an_edition_that_was_not_run_or_has_no_review_is_told_what_to_do(drawn, tmp_path: Path) -> None:
    root = Root(tmp_path)
    shutil.copytree(drawn[0].root.path / "data" / "raw", tmp_path / "data" / "raw")
    bare = Edition(root, drawn[0].person)
    done = bare.cli("--owners", "20")
    assert done.returncode == 11 and "has not been made yet" in done.stderr
    run(root)
    assert reviewing.known(bare.kept, bare.kept.read(OWNERS)) is None
    done = bare.cli("--read", drawn[0].book)
    assert done.returncode == 11 and "no owners have been drawn" in done.stderr


def test_files_of_another_review_hostile_ones_and_none_are_refused(own: Edition, truth: dict[str, str], tmp_path: Path
                                                                   ) -> None:  # fmt: skip
    answered = filled(own.book, tmp_path / "a.xlsx", truth, "Ani")
    own.cli("--owners", "12", "--seed", "7")
    (tmp_path / "b.xlsx").write_bytes(answered.read_bytes()[:900])
    done = own.cli("--read", answered, tmp_path / "b.xlsx", tmp_path / "c.xlsx")
    assert done.returncode == 11 and "Traceback" not in done.stderr
    assert all(f"{name}.xlsx" in done.stderr for name in "bc")
    assert "no such question" in done.stderr or "none of its questions" in done.stderr
    assert not own.kept.has(REVIEW_ANSWERS)


def test_other_owners_than_those_drawn_from_make_the_sample_stale(own: Edition, truth: dict[str, str], tmp_path: Path
                                                                  ) -> None:  # fmt: skip
    kept, answered = own.kept, filled(own.book, tmp_path / "a.xlsx", truth, "Ani")
    assert own.cli("--read", answered).returncode == 0
    owners = kept.read(OWNERS)
    changed = owners.assign(probability_enrolled=owners["probability_enrolled"].mask(owners.index == 0, 0.5))
    kept.write({OWNERS: changed})
    done = own.cli("--read", answered)
    assert done.returncode == 11 and "other" in done.stderr and "--owners" in done.stderr
    assert reviewing.known(kept, owners) is not None and reviewing.known(kept, changed) is None
    assert own.cli("--owners", str(DRAWN)).returncode == 0
    assert reviewing.known(kept, changed) is not None, "what was answered counts again"


def test_another_delivery_is_stale_and_its_old_answers_are_left_behind(own: Edition, truth: dict[str, str],
                                                                       tmp_path: Path) -> None:  # fmt: skip
    answered = filled(own.book, tmp_path / "a.xlsx", truth, "Ani")
    assert own.cli("--read", answered).returncode == 0
    form = own.root.delivery(EDITION) / "delivery.toml"
    form.write_text(form.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert own.cli("--read", answered).returncode == 12
    assert own.cli("--owners", "20").returncode == 12
    run(own.root)
    assert own.cli("--read", answered).returncode == 12, "the sample is that of the old delivery"
    assert own.cli("--owners", "20").returncode == 0
    assert reviewing.known(own.kept, own.kept.read(OWNERS)) is None
    assert own.cli("--read", answered).returncode == 11, "no question of it is asked any longer"
    told = same(own.kept, own.person)
    new = filled(own.book, tmp_path / "b.xlsx", {one: "same" if is_ else "other" for one, is_ in told.items()}, "Ani")
    assert own.cli("--read", new).returncode == 0
    assert len(own.kept.read(REVIEW_ANSWERS)) == len(told)


def test_keys_that_are_unsafe_a_run_that_works_and_a_link_are_refused(own: Edition, tmp_path: Path) -> None:
    key = tmp_path / "short.key"
    key.write_bytes(b"x")
    for arguments in (["--owners", "20"], ["--read", own.book]):
        assert own.cli(*arguments, JAMSOSTEK_PSEUDONYM_KEY_FILE=str(key)).returncode == 15
    shutil.move(own.book.parent, tmp_path / "elsewhere")
    own.book.parent.symlink_to(tmp_path / "elsewhere")
    done = own.cli("--owners", "20")
    assert done.returncode == 11 and "is a link" in done.stderr
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == [own.book.name], "nothing was written there"


def test_no_value_of_a_person_is_ever_said(own: Edition, truth: dict[str, str], tmp_path: Path) -> None:
    tables = own.kept.registers()
    values = {str(cell) for name, table in tables.items() for column in ("nik", "phone", "kpj") if column in table
              for cell in table[column].dropna()}  # fmt: skip
    values |= {*tables[UMKM]["name"].dropna(), *own.kept.read(OWNERS)["owner_id"]}
    bad = filled(own.book, tmp_path / "a.xlsx", dict.fromkeys(truth, next(iter(values))), "Ani", day="x")
    said = [own.cli("--owners", "30"), own.cli("--read", bad), own.cli("--read", own.book)]
    text = "".join(one.stdout + one.stderr for one in said)
    assert [value for value in values if len(value) > 5 and value in text] == []
