"""Two invented editions of the same people: what happened between them is known, and nothing else differs.

tests/spec/owner_changes.csv: last contribution months, one for each membership, parted by |; `dead`: recorded dead.
"""

import hashlib
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from analysis import ContractError, ParameterError, synthetic
from analysis.__main__ import main
from analysis.contracts.registers import DELIVERED, JAMSOSTEK, RENTAN, UMKM
from analysis.sources.places import PROJECT, Root
from analysis.synthetic import carried, chance, changes, earlier, files, population, registers, truth, words
from analysis.synthetic.participation import LAPSE_MONTHS, month_of
from analysis.synthetic.written_numbers import NIK_DAMAGE

SIZE = {"seed": 4, "umkm_n": 900, "participants_n": 1400}
THEN, NOW = date(2026, 9, 30), date(2026, 10, 31)
FOLDERS = ("raw/demo-prev", "truth/demo-prev", "raw/demo", "truth/demo")
MAKE = (
    "import sys; from pathlib import Path; from analysis import synthetic; "
    "synthetic.editions(Path(sys.argv[1]), umkm_n=60, participants_n=90)"
)
CASES = pd.read_csv(PROJECT / "tests" / "spec" / "owner_changes.csv", dtype=str, keep_default_na=False)


def hashes(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*")) if path.is_file()
    }  # fmt: skip


def read(root: Path, edition: str, name: str) -> pd.DataFrame:
    return pd.read_csv(root / "data" / "truth" / edition / name, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pair")
    synthetic.editions(folder, **SIZE)
    return folder


# folders, bytes, refusals -----------------------------------------------------------------------------------------


def test_the_later_edition_is_the_one_that_is_made_alone(root: Path, tmp_path: Path) -> None:
    synthetic.demo(tmp_path, **SIZE)
    alone, both = hashes(tmp_path), hashes(root)
    assert alone.items() <= both.items()
    later = {name for name in both if "demo-prev" not in name}
    assert later - alone.keys() == {"data/truth/demo/changes.csv"}
    assert {name.replace("demo-prev", "demo") for name in both.keys() - later} == alone.keys()


def test_the_same_arguments_give_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Makassar", "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-c", MAKE, str(tmp_path / "other")], check=True, env=environment, cwd=tmp_path)
    for _ in range(2):
        synthetic.editions(tmp_path / "here", umkm_n=60, participants_n=90)
        assert hashes(tmp_path / "other") == hashes(tmp_path / "here")
    assert len(hashes(tmp_path / "here")) == 23


def test_the_form_of_the_month_before_tells_of_the_month_before(root: Path) -> None:
    folder = root / "data" / "raw" / "demo-prev"
    form = tomllib.loads((folder / "delivery.toml").read_text(encoding="utf-8"))
    assert (form["edition"], form["is_synthetic"], form["reference_date"]) == ("demo-prev", True, THEN)
    for name, section in form["registers"].items():
        assert section["received_date"] == date(2026, 10, 4)
        assert section["sha256"] == hashlib.sha256((folder / files.NAMES[name]).read_bytes()).hexdigest()
    assert "PER 30-09-2026" in (folder / "jamsostek.csv").read_text(encoding="cp1252")
    manifest, later = (
        json.loads((root / "data" / "truth" / edition / "manifest.json").read_text(encoding="utf-8"))
        for edition in ("demo-prev", "demo")
    )
    told = {"edition", "reference_date", "rows", "owners"}
    assert (manifest["edition"], manifest["reference_date"]) == ("demo-prev", "2026-09-30")
    assert manifest["rows"] == {name: len(read(root, "demo-prev", truth.ROWS[name])) for name in DELIVERED}
    assert manifest["owners"] == read(root, "demo-prev", "owners.csv")["status"].value_counts().to_dict()
    assert {key: manifest[key] for key in manifest.keys() - told} == {key: later[key] for key in later.keys() - told}


def test_the_command_names_all_four_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--umkm", "30", "--participants", "40", "--root", str(tmp_path), "--lang", "en"])
    assert ended.value.code == 0
    told = capsys.readouterr().out.splitlines()
    assert told == [f"{tmp_path / 'data' / folder}: written (synthetic)" for folder in FOLDERS]
    assert {path.parent.relative_to(tmp_path / "data").as_posix() for path in tmp_path.rglob("*.*")} >= set(FOLDERS)


@pytest.mark.parametrize("real", ["demo-prev", "demo"])
def test_where_one_folder_is_not_synthetic_neither_edition_is_written(tmp_path: Path, real: str) -> None:
    folder = tmp_path / "data" / "raw" / real
    folder.mkdir(parents=True)
    (folder / "umkm.csv").write_text("NIK", encoding="utf-8")
    before = hashes(tmp_path)
    with pytest.raises(ContractError, match=f"data/raw/{real}"):
        synthetic.editions(tmp_path, umkm_n=40, participants_n=60)
    assert hashes(tmp_path) == before
    assert [path.name for path in folder.parent.parent.iterdir()] == ["raw"]


@pytest.mark.parametrize(("edition", "name"), [
    ("demo", "demo-prev"), ("palu-2", "palu-2-prev"), ("2026-10", "2026-09"), ("2026-01", "2025-12"),
])  # fmt: skip
def test_the_edition_before_is_named_after_the_later_one(edition: str, name: str) -> None:
    assert synthetic.before(edition) == name


@pytest.mark.parametrize("edition", ["0000-01", "a" * 28, "../demo", "truth", "2026-13"])
def test_where_there_is_no_name_for_one_of_them_neither_is_written(tmp_path: Path, edition: str) -> None:
    with pytest.raises(ParameterError):
        synthetic.editions(tmp_path, edition=edition, umkm_n=40, participants_n=60)
    assert not any(tmp_path.iterdir())


# what changed, as the truth tells it ------------------------------------------------------------------------------


def test_the_number_of_each_status_is_the_one_before_with_what_came_and_without_what_went(root: Path) -> None:
    told = read(root, "demo", "changes.csv")
    before, after = (read(root, edition, "owners.csv")["status"].value_counts() for edition in ("demo-prev", "demo"))
    moved = told[told["kind"] != "stayed"]
    for status in (truth.ACTIVE, truth.LAPSED, truth.UNREGISTERED, truth.NOT_ELIGIBLE):
        came, went = ((moved[column] == status).sum() for column in ("status_after", "status_before"))
        assert after[status] == before[status] + came - went
        assert before[status] > 0


def test_every_owner_of_either_edition_has_one_change_with_the_statuses_that_the_editions_give(root: Path) -> None:
    told = read(root, "demo", "changes.csv").set_index("person_id")
    assert told.index.is_monotonic_increasing and told.index.is_unique
    owners = [read(root, edition, "owners.csv").set_index("person_id")["status"] for edition in ("demo-prev", "demo")]
    assert set(told.index) == set(owners[0].index) | set(owners[1].index)
    for column, own in zip(("status_before", "status_after"), owners, strict=True):
        assert own.reindex(told.index).fillna("absent").tolist() == told[column].tolist()
    assert set(told["kind"]) <= set(changes.KINDS)
    assert ((told["status_before"] == told["status_after"]) == (told["kind"] == "stayed")).all()
    n = SIZE["umkm_n"]
    kinds = told["kind"].value_counts()
    assert (kinds["listed"], kinds["unlisted"]) == (round(n * earlier.LISTED), round(n * earlier.UNLISTED))
    assert min(kinds.get(kind, 0) for kind in ("enrolled", "returned", "stayed")) > 0


def test_a_person_has_one_number_and_one_identity_in_both_editions(root: Path) -> None:
    before, after = (read(root, edition, "persons.csv").set_index("person_id") for edition in ("demo-prev", "demo"))
    both = before.index.intersection(after.index)
    pd.testing.assert_frame_equal(before.loc[both], after.loc[both])
    told = read(root, "demo", "changes.csv").set_index("person_id")["kind"]
    assert set(told[told == "listed"].index) <= set(after.index)
    assert set(told[told == "unlisted"].index) <= set(before.index)
    gone = set(before.index) - set(after.index)
    assert gone <= set(told[told == "unlisted"].index)


def an_owner(case: pd.Series, which: str, until: date) -> population.Population:
    """One person, owner where listed, with his memberships by the spec."""
    months = [text.split() for text in case[f"member_{which}"].split("|") if text]
    people = pd.DataFrame({"person_id": ["P1"], "birth_date": [pd.Timestamp(case["birth_date"])]})
    members = pd.DataFrame({
        "person": np.zeros(len(months), dtype=np.int64),
        "last_month": np.array([month_of(date.fromisoformat(f"{month[0]}-01")) for month in months], dtype=np.int64),
        "status": np.array(["deceased" if "dead" in month else "active" for month in months], dtype=object),
    })  # fmt: skip
    owner = np.zeros(int(case["listed"] in ("both", which)), dtype=np.int64)
    city = words.City(pd.DataFrame(), {})
    return population.Population(city, until, people, owner, pd.DataFrame(), members, pd.DataFrame())


@pytest.mark.parametrize("case", [row for _, row in CASES.iterrows()], ids=CASES["case"])
def test_a_change_is_called_as_specified(case: pd.Series) -> None:
    told = changes.changes(an_owner(case, "before", THEN), an_owner(case, "after", NOW))
    expected = [case["expected_before"], case["expected_after"], case["kind"]]
    assert told[["status_before", "status_after", "kind"]].to_numpy().tolist() == [expected]


def test_the_spec_has_every_kind() -> None:
    assert set(CASES["kind"]) == set(changes.KINDS)


# what was true a month before -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """The true population of the later month, and the earlier one with all rows of it."""

    now: population.Population
    then: earlier.Earlier

    @property
    def members(self) -> pd.DataFrame:
        """Rows of the participant register: the values of now, those of then (_then), and whether they stood then."""
        then = self.then.of.participants[["last_month", "status"]].add_suffix("_then")
        return self.now.participants.join(then).assign(stood=self.then.stood[JAMSOSTEK])


@pytest.fixture(scope="module", params=[1, 2, 3])
def pair(request: pytest.FixtureRequest) -> Pair:
    now = population.invent(request.param, words.city(Root(PROJECT)), 3000, 4700, NOW)
    return Pair(now, earlier.before(request.param, now))


def test_people_and_memberships_are_the_same_row_for_row(pair: Pair) -> None:
    then, now = pair.then.of, pair.now
    assert (then.until, now.until) == (THEN, NOW)
    assert then.people is now.people and then.vulnerable is now.vulnerable
    kept = [name for name in now.participants if name not in ("last_month", "status")]
    pd.testing.assert_frame_equal(then.participants[kept], now.participants[kept])
    same = ~pair.then.is_other
    pd.testing.assert_frame_equal(then.umkm[same], now.umkm[same])


def test_nobody_had_paid_more_a_month_before_and_nobody_before_he_was_a_member(pair: Pair) -> None:
    rows = pair.members
    assert (rows["last_month_then"] <= rows["last_month"]).all()
    stood = rows[rows["stood"]]
    assert (stood["last_month_then"] >= stood["member_month"]).all()
    assert (stood["last_month_then"] <= month_of(THEN)).mean() > 0.85
    stopped = rows["last_month"] < month_of(NOW) - LAPSE_MONTHS
    assert (rows["last_month_then"] == rows["last_month"])[stopped].all()
    assert (rows.groupby("kpj")["last_month_then"].nunique() == 1).all()
    moved = rows["last_month_then"] != rows["last_month"]
    assert 0.5 < moved.mean() < 0.8


def test_who_pays_paid_a_month_or_two_less_and_who_is_far_ahead_or_dead_the_same(pair: Pair) -> None:
    rows = pair.members[pair.members["stood"]]
    step = rows["last_month"] - rows["last_month_then"]
    has_paid_now, returned = rows["last_month"] == month_of(NOW), step > 2
    assert set(step[has_paid_now & ~returned & (rows["member_month"] < month_of(THEN) - 2)]) == {1, 2}
    assert set(step[~has_paid_now]) == {0, 1}
    assert (step[rows["last_month"] > month_of(NOW) + earlier.AHEAD_MONTHS] == 0).all()
    assert (step[rows["status"] == "deceased"] == 0).all()
    assert (rows.loc[returned, "last_month_then"] < month_of(THEN) - LAPSE_MONTHS).all()
    single = rows.groupby("person")["kpj"].nunique()
    assert (single.loc[rows.loc[returned, "person"]] == 1).all()


def test_about_one_membership_in_a_hundred_had_not_begun(pair: Pair) -> None:
    rows = pair.members
    assert 0.005 < (~rows["stood"]).mean() < 0.017
    assert (rows.loc[~rows["stood"], "member_date"] > pd.Timestamp(THEN)).all()
    assert (rows.loc[rows["stood"], "member_date"] <= pd.Timestamp(THEN)).all()
    assert (rows.loc[~rows["stood"], "last_month"] >= month_of(NOW)).all()


def test_the_status_agrees_with_the_months_then_as_it_does_now(pair: Pair) -> None:
    rows = pair.members
    for status, last, until in (("status", "last_month", NOW), ("status_then", "last_month_then", THEN)):
        alive = rows[rows["status_then" if until is THEN else "status"] != "deceased"]
        has_lapsed = alive[last] < month_of(until) - LAPSE_MONTHS
        assert set(alive.loc[has_lapsed, status]) <= {"inactive", "arrears"}
        assert set(alive.loc[~has_lapsed, status]) <= {"active", "arrears"}
        assert set(alive.loc[alive[last] >= month_of(until) - 1, status]) == {"active"}
    dead, was_dead = rows["status"] == "deceased", rows["status_then"] == "deceased"
    assert not (was_dead & ~dead).any()
    latest = rows.groupby("person")["last_month"].transform("max")
    assert ((dead & ~was_dead) == (dead & (latest > month_of(NOW) - LAPSE_MONTHS - 1))).all()


def test_one_in_a_hundred_of_the_lapsed_paid_again(pair: Pair) -> None:
    rows = pair.members
    person = rows.groupby("person").agg(
        now=("last_month", "max"), then=("last_month_then", "max"), owner=("is_owner", "first"),
        stood=("stood", "all"), dead=("status", lambda status: (status == "deceased").any()),
    )  # fmt: skip
    had_lapsed = (person["then"] < month_of(THEN) - LAPSE_MONTHS) & ~person["dead"]
    returned = had_lapsed & (person["now"] >= month_of(NOW) - LAPSE_MONTHS) & person["stood"]
    assert 0.006 < returned.sum() / had_lapsed.sum() < 0.014
    assert (person.loc[returned, "now"] == month_of(NOW)).all()
    assert returned[person["owner"]].any() and returned[~person["owner"]].any()


def test_who_lapsed_had_one_month_to_go(pair: Pair) -> None:
    rows = pair.members
    latest = rows.groupby("person")[["last_month", "last_month_then"]].max()
    was_active = latest["last_month_then"] >= month_of(THEN) - LAPSE_MONTHS
    lapsed = latest[was_active & (latest["last_month"] < month_of(NOW) - LAPSE_MONTHS)]
    assert len(lapsed) > 0
    assert (lapsed == month_of(NOW) - LAPSE_MONTHS - 1).all(axis=None)


def test_owners_come_last_met_and_go_from_the_kelurahan_where_they_live(pair: Pair) -> None:
    now, then = pair.now, pair.then
    new, gone = np.setdiff1d(now.owner, then.of.owner), np.setdiff1d(then.of.owner, now.owner)
    assert (len(new), len(gone)) == (30, 9)
    assert not now.umkm["person"].isin(gone).any()
    rows = then.of.umkm[then.is_other]
    assert sorted(rows["person"]) == gone.tolist()
    assert (rows["area"].to_numpy() == now.people["area"].to_numpy()[rows["person"]]).all()
    assert not set(rows["business_id"]) & set(now.umkm["business_id"]) and rows["business_id"].is_unique
    stood = then.of.umkm[then.stood[UMKM]]
    assert np.array_equal(np.unique(stood["person"]), then.of.owner)
    typed = now.participants.loc[now.participants["is_typed"], "person"]
    assert not np.isin(new, typed).any()
    met = now.umkm.groupby("person")["census_date"].min()
    others = met[~met.index.isin(new) & ~met.index.isin(typed)]
    assert met.loc[new].min() >= others.max()


def test_every_kind_of_change_happens_among_enough_people() -> None:
    seen: set[str] = set()
    for seed in range(4):
        now = population.invent(seed, words.city(Root(PROJECT)), 10_000, 15_500, NOW)
        then = earlier.before(seed, now)
        stood = then.of.participants[then.stood[JAMSOSTEK]]
        before = population.Population(now.city, THEN, now.people, then.of.owner, then.of.umkm, stood, now.vulnerable)
        seen |= set(changes.changes(before, now)["kind"])
    assert seen == set(changes.KINDS)


# what was written a month before ----------------------------------------------------------------------------------


def cells(root: Path, edition: str, register: str) -> pd.DataFrame:
    """The records of one file, known by person, thing and how often it stood before (index), as texts."""
    folder = root / "data" / "raw" / edition
    told = read(root, edition, truth.ROWS[register]).astype({"source_row": "int64"})
    if register == UMKM:
        book = CalamineWorkbook.from_path(str(folder / files.NAMES[register]))
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
        table = pd.DataFrame([sheets[row.source_sheet][row.source_row - 1] for row in told.itertuples()])
        table.columns = pd.Index(next(iter(sheets.values()))[3])
    else:
        form: Callable[..., pd.DataFrame] = pd.read_csv
        encoding, separator, above = {JAMSOSTEK: ("cp1252", ";", 1), RENTAN: ("utf-8-sig", ",", 2)}[register]
        table = form(folder / files.NAMES[register], encoding=encoding, sep=separator, skiprows=above, dtype=str,
                     keep_default_na=False, skip_blank_lines=False)  # fmt: skip
        table = table.iloc[told["source_row"] - above - 2].reset_index(drop=True)
    thing = {UMKM: told.get("business_id"), JAMSOSTEK: table.get("KPJ"), RENTAN: table.get("KELOMPOK")}[register]
    key = told["person_id"] + " " + thing + " " + (table["PROGRAM"] if register == JAMSOSTEK else "")
    table = table.drop(columns=["NO", "KET"]).astype(str)
    return table.set_index(key + " " + key.groupby(key).cumcount().astype(str))


@pytest.mark.parametrize("register", DELIVERED)
def test_a_row_of_both_editions_reads_the_same_but_for_a_few_cells(root: Path, register: str) -> None:
    before, after = (cells(root, edition, register) for edition in ("demo-prev", "demo"))
    both = before.index.intersection(after.index)
    assert before.index.is_unique and len(both) > 0.97 * len(after)
    same = (before.loc[both] == after.loc[both]).mean()
    moving = ["BULAN_IURAN_TERAKHIR", "STATUS_KEPESERTAAN"]
    assert (same.drop(moving, errors="ignore") > 0.985).all()
    if register != RENTAN:
        assert same.drop(moving, errors="ignore").min() < 1
    if register == JAMSOSTEK:
        assert 0.2 < same["BULAN_IURAN_TERAKHIR"] < 0.5
        assert 0.95 < same["STATUS_KEPESERTAAN"] < 1


def test_in_the_files_stand_the_owners_and_members_of_that_month_only(root: Path) -> None:
    kinds = read(root, "demo", "changes.csv").set_index("person_id")["kind"]
    before, after = (set(read(root, edition, "umkm_rows.csv")["person_id"]) for edition in ("demo-prev", "demo"))
    assert after - before == set(kinds[kinds == "listed"].index)
    assert before - after == set(kinds[kinds == "unlisted"].index)
    then, now = (cells(root, edition, JAMSOSTEK) for edition in ("demo-prev", "demo"))
    assert set(then.index) < set(now.index)
    new = now.loc[list(set(now.index) - set(then.index)), "TGL_KEPESERTAAN"]
    assert new.str.contains("2026-10-|-10-2026|/10/2026").mean() > 0.9


@pytest.fixture(scope="module", params=words.LEVELS)
def written(request: pytest.FixtureRequest) -> tuple[earlier.Earlier, dict[str, registers.Register], carried.Carried]:
    """What was true, and both months as written, at one level of dirt."""
    rates, seed = words.rates(request.param), 6
    now = population.invent(seed, words.city(Root(PROJECT)), 6000, 9300, NOW)
    umkm = registers.umkm(seed, now, rates[UMKM])
    later = {
        UMKM: umkm, JAMSOSTEK: registers.jamsostek(seed, now, rates[JAMSOSTEK], umkm),
        RENTAN: registers.pekerja_rentan(seed, now, rates[RENTAN]),
    }  # fmt: skip
    then = earlier.before(seed, now)
    return then, later, carried.carried(seed, then, now, later, rates)


def in_both(written, register: str, part: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One table of a register then and now, for the rows of both months."""
    then, later, made = written
    stood = then.stood[register]
    is_same = stood & ~then.is_other if register == UMKM else stood
    return getattr(made.written[register], part)[is_same[stood]], getattr(later[register], part)[is_same]


@pytest.mark.parametrize("register", DELIVERED)
def test_about_one_row_in_two_hundred_is_put_right_and_none_gets_worse(written, register: str) -> None:
    then, now = (table.reset_index(drop=True) for table in in_both(written, register, "damage"))
    sure = [name for name in now if name not in ("last_contribution_month", "status")]
    worse = (then[sure] == "") & (now[sure] != "")
    better = (then[sure] != "") & (now[sure] == "")
    other = (then[sure] != now[sure]) & ~better
    assert not worse.any(axis=None) and not other.any(axis=None)
    assert 0.001 < better.any(axis="columns").mean() < 0.011


@pytest.mark.parametrize("register", DELIVERED)
def test_a_cell_differs_only_where_it_was_put_right_or_the_truth_moved(written, register: str) -> None:
    (then, now), (was, is_) = (
        [table.reset_index(drop=True) for table in in_both(written, register, part)] for part in ("cells", "damage")
    )
    moving = {"last_contribution_month", "status"}
    area = (was["kelurahan"] != is_["kelurahan"]) | (was["kecamatan"] != is_["kecamatan"])
    for column in set(now) - moving:
        differs = then[column] != now[column]
        may = area if column in ("kelurahan", "kecamatan") else (was[column] != is_[column]) if column in was else False
        assert not (differs & ~(may | np.zeros(len(now), dtype=bool))).any(), column


@pytest.mark.parametrize("register", DELIVERED)
def test_what_is_made_of_a_row_goes_with_its_cells(written, register: str) -> None:
    _, later, made = written
    one = made.written[register]
    assert len(one.cells) == len(one.damage) == len(one.means)
    assert (one.means.dtypes == later[register].means.dtypes).all()
    assert (one.cells["nik"].ne("") | one.means["nik"].eq("")).all()
    assert ((one.damage["nik"] == "") | (one.damage["nik"] == one.means["nik_damage"])).all()
    assert (one.damage["birth_date"] == one.means["birth_damage"]).all()
    whole = one.damage["nik"] == ""
    own = made.of.people["nik"].to_numpy()[one.means["person"]]
    assert (one.cells["nik"] == own)[whole].mean() > 0.9
    people = {UMKM: made.of.umkm, JAMSOSTEK: made.of.participants, RENTAN: made.of.vulnerable}[register]["person"]
    assert people.tolist() == one.means["person"].tolist()


def test_the_contribution_month_is_that_of_the_month_before(written) -> None:
    _, _, made = written
    one, true = made.written[JAMSOSTEK], made.of.participants
    sound = one.damage["last_contribution_month"] == ""
    assert sound.mean() > 0.95
    assert (one.means.loc[sound, "last_month"] == true.loc[sound, "last_month"]).all()
    fresh = one.damage["status"] == ""
    assert (one.means.loc[fresh, "status"] == true.loc[fresh, "status"]).all()


def test_haste_spoils_the_hasty_rows_and_leaves_the_others_as_they_were() -> None:
    n = 20_000
    care = chance.carelessness(1, UMKM, np.arange(n) % 46, np.zeros(n, dtype=bool))
    is_hasty = np.arange(n) % 10 == 0
    calm, hasty = (
        chance.Clerks(1, UMKM, words.rates("mid")[UMKM], care, haste).damage("nik", NIK_DAMAGE)
        for haste in (1.0, np.where(is_hasty, carried.HASTE, 1.0))
    )
    assert (calm[~is_hasty] == hasty[~is_hasty]).all()
    assert not ((calm != "") & (hasty == "")).any()
    assert (hasty[is_hasty] != "").mean() > 1.3 * (calm[is_hasty] != "").mean()
