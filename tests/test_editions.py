"""An edition from delivery to page, as the command line runs it; and that no person is found where none may be."""

import csv
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest
import record_edits as edits
import xlsxwriter
from python_calamine import CalamineWorkbook

PROJECT = Path(__file__).parents[1]
PREPARE, LINK = "01_prepare_registers.ipynb", "02_link_registers.ipynb"
FROZEN = PROJECT / "src" / "analysis" / "linking" / "frozen" / "model.json"
OWNERS, PARTICIPANTS = "600", "900"
SHORTEST = 9
"""Letters or digits of a cell that is long enough to be one person's alone."""


class Place:
    """A root with its own HOME and TMPDIR, so that every byte a command writes can be searched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root, self.home, self.tmp = folder / "root", folder / "home", folder / "tmp"
        for each in (self.root, self.home, self.tmp):
            each.mkdir(parents=True)

    def jamsostek(self, *arguments: str | Path, code: int = 0, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the root; its exit code must be `code`. A run makes the city's brief alone."""
        if arguments[0] == "run" and "--area" not in arguments:
            arguments = (*arguments, "--area", "72.71")
        own = {"HOME": str(self.home), "TMPDIR": str(self.tmp), "PATH": os.environ["PATH"], **environ}
        command = [sys.executable, "-m", "analysis", *map(str, arguments)]
        done = subprocess.run(command, cwd=self.root, env=own, capture_output=True, text=True, timeout=300)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    @property
    def protected(self) -> Path:
        return self.root / "data/processed/demo/protected"

    @property
    def page(self) -> Path:
        return self.root / "reports/demo/id/evaluasi-sintetis.html"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory) -> Path:
    """A root in which a small demo edition was made and nothing was run; it knows of two kecamatan."""
    place = Place(tmp_path_factory.mktemp("fresh") / "place")
    place.jamsostek("demo", "--umkm", OWNERS, "--participants", PARTICIPANTS)
    edits.know_two_kecamatan(place.root)
    return place.root


@pytest.fixture
def place(fresh, tmp_path) -> Place:
    """A copy of it of one's own."""
    own = Place(tmp_path / "place")
    shutil.copytree(fresh, own.root, dirs_exist_ok=True)
    return own


@pytest.fixture(scope="module")
def done(fresh, tmp_path_factory) -> Place:
    """The demo edition after a run; to be read only. `told` is what the run printed."""
    own = Place(tmp_path_factory.mktemp("done") / "place")
    shutil.copytree(fresh, own.root, dirs_exist_ok=True)
    own.told = own.jamsostek("run", "demo")
    return own


def hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


# what comes out ---------------------------------------------------------------------------------------------------


def test_a_run_makes_tables_lists_counts_and_pages(done):
    made = ("umkm", "participants", "vulnerable", "quarantine", "findings", "corrections")
    linked = ("links", "status", "owners", "persons", "candidates", "linkage_findings")
    tables = {f"{name}.parquet" for name in (*made, *linked, "flows", "cells", "evaluation_cells")}
    assert {path.name for path in done.protected.glob("*.parquet")} == tables
    for kind in ("kelurahan", "pendaftaran"):
        assert len(list((done.protected / "worklists").glob(f"{kind}-72.71.*-sintetis.xlsx"))) > 10
    released = done.root / "data/processed/demo/released"
    of_gap = ("gap", "uncertainty", "overlap", "participation", "savings", "enrolment")
    tables = {f"{name}.{ending}" for name in ("evaluation", *of_gap) for ending in ("csv", "parquet", "json")}
    assert tables | {"run.json", "areas"} == {path.name for path in released.iterdir()}
    assert done.page.is_file() and (done.root / "reports/demo/en/evaluasi-sintetis.html").is_file()
    assert not list(done.root.rglob(".new-*")) and not (done.protected / "tmp").exists()


def test_what_is_protected_is_for_one_user_alone(done):
    for path in (done.protected, *done.protected.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert not mode & 0o077, f"{path.name} {mode:o}"


def test_every_data_row_is_kept_or_in_quarantine(done):
    truth = done.root / "data/truth/demo"
    quarantine = pd.read_parquet(done.protected / "quarantine.parquet")
    for register, table, rows in (("umkm", "umkm", "umkm_rows"), ("jamsostek", "participants", "participant_rows"),
                                  ("pekerja_rentan", "vulnerable", "vulnerable_rows")):  # fmt: skip
        true = pd.read_csv(truth / f"{rows}.csv", dtype={"source_sheet": str}, keep_default_na=False)
        kept = pd.read_parquet(done.protected / f"{table}.parquet")
        aside = quarantine[quarantine["register"] == register]
        key = ["source_sheet", "source_row"]
        found = pd.concat([kept[key], aside[key]])
        assert sorted(map(tuple, found.to_numpy())) == sorted(map(tuple, true[key].to_numpy()))


def test_every_umkm_row_has_one_status_and_every_link_names_two_rows(done):
    truth = pd.read_csv(done.root / "data/truth/demo/umkm_rows.csv", keep_default_na=False, dtype={"source_sheet": str})
    status = pd.read_parquet(done.protected / "status.parquet")
    key = ["umkm_source_sheet", "umkm_source_row"]
    assert sorted(map(tuple, status[key].to_numpy())) == sorted(map(tuple, truth.iloc[:, :2].to_numpy()))
    assert (status.groupby("owner_id")["status"].nunique() == 1).all() and status["probability_enrolled"].notna().all()
    links = pd.read_parquet(done.protected / "links.parquet")
    participants = pd.read_parquet(done.protected / "participants.parquet")
    rows = set(map(tuple, participants[["source_sheet", "source_row"]].to_numpy()))
    assert set(map(tuple, links[["participant_source_sheet", "participant_source_row"]].to_numpy())) <= rows


def test_released_owners_are_the_sum_of_their_statuses(done):
    table = pd.read_csv(done.root / "data/processed/demo/released/gap.csv", dtype={"area_code": str})
    assert list(table.columns) == [
        *("area_code", "level", "dimension", "category", "measure", "value", "lower", "upper"),
    ]  # fmt: skip
    assert set(table["level"]) == {"city", "kecamatan", "kelurahan"}
    wide = table.pivot(index=["area_code", "dimension", "category"], columns="measure", values="value").dropna()
    parts = wide[["active", "lapsed", "unregistered", "not_eligible", "unresolved"]]
    assert (parts.sum(axis=1) == wide["owners"]).all()
    assert (wide["unregistered"] + wide["lapsed"] == wide["not_protected"]).all()


def test_explain_tells_why_an_owner_counts_as_he_does_and_no_cell(done):
    status = pd.read_parquet(done.protected / "status.parquet")
    row = status[status["status"] == "active"].iloc[0]
    where = ("--row", str(row["umkm_source_row"]), "--sheet", row["umkm_source_sheet"])
    told = done.jamsostek("explain", "demo", *where).stdout
    assert "aktif" in told and "bit)" in told and "Alasannya" in told
    umkm = pd.read_parquet(done.protected / "umkm.parquet")
    own = umkm[(umkm["source_sheet"] == row["umkm_source_sheet"]) & (umkm["source_row"] == row["umkm_source_row"])]
    cells = own[["name", "nik", "phone", "owner_name_as_written", "nik_as_written"]].iloc[0].dropna()
    assert not [cell for cell in cells if cell in told]
    assert "baris" in done.jamsostek("explain", "demo", "--row", "999999", code=10).stderr


def test_explain_and_fit_ask_for_a_run_first(place):
    assert "belum dibuat" in place.jamsostek("explain", "demo", "--row", "9", code=11).stderr
    place.jamsostek("fit", "demo", code=11)
    assert not place.protected.exists()


def test_fit_writes_a_model_of_the_edition_and_leaves_the_frozen_one(done):
    before = FROZEN.read_bytes()
    told = done.jamsostek("fit", "demo", "--lang", "en").stdout
    assert "the frozen model was not touched" in told and "rate across" in told
    card = json.loads((done.protected / "model.json").read_text())["card"]
    assert card["trained_on"] == "demo" and card["is_synthetic"] is True and len(card["delivery"]) == 64
    assert FROZEN.read_bytes() == before


def test_released_counts_are_multiples_of_five_and_add_up(done):
    table = pd.read_csv(done.root / "data/processed/demo/released/evaluation.csv", dtype={"area_code": str})
    shown = table.dropna(subset=["value"])
    assert len(shown) > 100 and (shown["value"] % 5 == 0).all()
    for _, own in shown.groupby(["area_code", "dimension", "category"]):
        total = own["measure"] == "rows"
        assert own.loc[total, "value"].sum() == own.loc[~total, "value"].sum()


def test_run_json_tells_how_it_went_and_nothing_else_has_a_clock(done):
    told = json.loads((done.root / "data/processed/demo/released/run.json").read_text())
    assert told["exit_code"] == 0 and told["failed"] == [] and told["edition"] == "demo"
    assert "reports/demo/id/evaluasi-sintetis.html" in told["made"]


def test_a_second_run_does_nothing(done):
    before = hashes(done.root / "reports")
    told = done.jamsostek("run", "demo")
    assert "dibuat" not in told.stdout and told.stdout.count(": tidak berubah") == 6
    assert hashes(done.root / "reports") == before


def test_the_same_delivery_gives_the_same_bytes_in_another_place(done, place):
    place.jamsostek("run", "demo")
    for part in ("reports", "data/processed/demo/released"):
        one, other = hashes(done.root / part), hashes(place.root / part)
        one.pop("run.json", None), other.pop("run.json", None)
        assert one == other
    lists = "worklists"
    assert hashes(done.protected / lists) == hashes(place.protected / lists)


def test_the_page_says_that_the_people_are_invented(done):
    for page in done.root.glob("reports/demo/*/evaluasi-sintetis.html"):
        html = page.read_text()
        assert '<meta name="data-status" content="synthetic">' in html
        assert re.search("DATA SINTETIS|SYNTHETIC DATA", html)


def test_another_rounding_key_begins_a_new_series_or_is_refused(place, tmp_path):
    place.jamsostek("run", "demo")
    shutil.copytree(place.root / "data/processed/demo", place.root / "data/processed/demo-prev")
    shutil.copytree(place.root / "reports/demo", place.root / "reports/demo-prev")
    before = (place.root / "data/processed/demo/released/evaluation.csv").read_text()
    place.jamsostek("keys", "new", "--out", tmp_path / "keys")
    named = {"JAMSOSTEK_PSEUDONYM_KEY_FILE": str(tmp_path / "keys/pseudonym.key"),
             "JAMSOSTEK_ROUNDING_KEY_FILE": str(tmp_path / "keys/rounding.key")}  # fmt: skip
    refused = place.jamsostek("run", "demo", code=15, **named).stderr
    assert "--new-series" in refused and '"demo-prev"' in refused
    assert (place.root / "data/processed/demo/released/evaluation.csv").read_text() == before
    place.jamsostek("run", "demo", "--new-series", **named)
    assert (place.root / "data/processed/demo/released/evaluation.csv").read_text() != before
    index = (place.root / "reports/index.html").read_text()
    assert 'href="demo/id/' in index and "demo-prev/" not in index
    assert "tidak berubah" in place.jamsostek("run", "demo", **named).stdout


def test_the_html_checker_finds_nothing_and_no_page_asks_for_anything(done, html_checker):
    pages = sorted((done.root / "reports").rglob("*.html"))
    assert len(pages) == 7  # of two languages evaluation, brief and index; and the index of all
    checked = subprocess.run([*html_checker, *pages], capture_output=True, text=True, timeout=120)
    assert checked.returncode == 0, checked.stderr
    for page in pages:
        html = page.read_text(encoding="utf-8")
        assert "default-src 'none'" in html and "<script" not in html
        assert str(done.root) not in html and len(html.encode()) < 250_000


# check, purge, keys -----------------------------------------------------------------------------------------------


def test_check_tells_counts_and_writes_nothing(place):
    before = hashes(place.folder)
    told = place.jamsostek("check", "demo", "--lang", "en").stdout
    assert "nik_missing" in told and "Nothing was written." in told
    assert hashes(place.folder) == before


def test_purge_deletes_what_holds_persons_and_says_which_files(place):
    place.jamsostek("run", "demo")
    told = place.jamsostek("purge", "demo").stdout
    assert "data/raw/demo/umkm.xlsx: dihapus" in told and "protected/findings.parquet: dihapus" in told
    assert not (place.root / "data/raw/demo").exists() and not place.protected.exists()
    assert place.page.is_file()


def test_a_real_edition_needs_keys_and_modes(place):
    form = place.root / "data/raw/demo/delivery.toml"
    form.write_text(form.read_text().replace("is_synthetic = true", "is_synthetic = false"))
    assert "JAMSOSTEK_PSEUDONYM_KEY_FILE" in place.jamsostek("run", "demo", code=15).stderr
    (place.root / "data/raw/demo").chmod(0o755)
    assert "chmod" in place.jamsostek("run", "demo", code=11).stderr
    assert not (place.root / "data/processed").exists()


@pytest.mark.parametrize("name", ["", "worklists"])
def test_a_protected_folder_that_is_a_link_is_refused(name, place, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    link = place.protected / name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(tmp_path / "elsewhere")
    place.jamsostek("run", "demo", code=11)
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_page_is_not_prepared_before_the_day_it_describes(place):
    assert "2026-10-31" in place.jamsostek("run", "demo", "--as-of", "2026-10-30", code=10).stderr


def test_a_register_that_is_delivered_no_longer_leaves_nothing(place):
    place.jamsostek("run", "demo", "--lang", "id")
    form = place.root / "data/raw/demo/delivery.toml"
    form.write_text(form.read_text().partition("[registers.pekerja_rentan]")[0])
    (place.root / "data/raw/demo/pekerja_rentan.csv").unlink()
    place.jamsostek("run", "demo", "--lang", "id")
    assert not (place.protected / "vulnerable.parquet").exists()


@pytest.mark.parametrize("name", ["../demo", "/tmp", "published", "Demo", "truth", "2026-13", ""])
def test_an_edition_is_a_name_and_never_a_path(name, place):
    for command in ("check", "run", "purge"):
        place.jamsostek(command, name, code=10)


def filled(worklists: Path, folder: Path, finding_id: str, answer: str, new_value: str) -> Path:
    """The work-list that asks about a finding, saved again with that one row answered."""
    for path in sorted(worklists.glob("*.xlsx")):
        book = CalamineWorkbook.from_path(path)
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
        rows = sheets[book.sheet_names[-1]]
        mine = [row for row in rows if finding_id in row]
        if not mine:
            continue
        (headings,) = [row for row in rows if "Jawaban" in row]
        given = {"Jawaban": answer, "Isi baru": new_value, "Petugas": "Lurah", "Tanggal": "10/11/2026"}
        for heading, text in given.items():
            mine[0][headings.index(heading)] = text
        with xlsxwriter.Workbook(folder / path.name, {"strings_to_numbers": False}) as again:
            for name, cells in sheets.items():
                sheet = again.add_worksheet(name)
                for at, row in enumerate(cells):
                    sheet.write_row(at, 0, row)
        return folder / path.name
    raise LookupError("no work-list asks about it")


# answers ----------------------------------------------------------------------------------------------------------


def test_an_answer_from_a_worklist_is_applied_in_the_next_run(place, tmp_path):
    place.jamsostek("run", "demo")
    findings = pd.read_parquet(place.protected / "findings.parquet")
    one = findings[(findings["rule_id"] == "nik_missing") & (findings["register"] == "umkm")].iloc[0]
    returned = filled(place.protected / "worklists", tmp_path, one["finding_id"], "diperbaiki", "7271011201800001")
    assert "1 jawaban" in place.jamsostek("answers", "demo", returned).stdout
    place.jamsostek("run", "demo")
    after = pd.read_parquet(place.protected / "umkm.parquet")
    row = after[(after["source_sheet"] == one["source_sheet"]) & (after["source_row"] == one["source_row"])].iloc[0]
    assert row["nik"] == "7271011201800001"
    corrections = pd.read_parquet(place.protected / "corrections.parquet")
    assert corrections["state"].tolist() == ["applied"]
    assert one["finding_id"] not in set(pd.read_parquet(place.protected / "findings.parquet")["finding_id"])


# nothing about a person -------------------------------------------------------------------------------------------


def canaries(root: Path) -> list[bytes]:
    """Names, NIKs, participant numbers and phones of the registers that are long enough to be theirs alone."""
    with (root / "data/raw/demo/jamsostek.csv").open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))[2:]
    cells = [row[column] for row in rows for column in (2, 3, 4, 10) if len(row) > 10]
    sheets = CalamineWorkbook.from_path(root / "data/raw/demo/umkm.xlsx")
    for name in sheets.sheet_names:
        cells += [str(cell) for row in sheets.get_sheet_by_name(name).to_python() for cell in row]
    long_enough = {cell.strip() for cell in cells if len(cell.strip()) >= SHORTEST}
    numbers = {cell for cell in long_enough if re.fullmatch("[0-9]{10,16}", cell)}
    persons = {cell for cell in long_enough if re.fullmatch("[A-Z][A-Z']+( [A-Z][A-Z']+){1,3}", cell)}
    regions = (PROJECT / "data/raw/reference/regions.csv").read_text(encoding="utf-8").upper()
    places = {name for line in regions.splitlines() for name in line.split(",")}
    return [cell.encode() for cell in sorted(numbers) + sorted(persons - places)]


def searched(place: Place, told: str) -> list[str]:
    """Where a canary was found, outside the folders that may hold one: files, and what was printed."""
    allowed = [place.root / "data/raw", place.root / "data/truth", *place.root.glob("data/processed/*/protected")]
    files = [path for path in place.folder.rglob("*") if path.is_file()]
    files = [path for path in files if not any(path.is_relative_to(each) for each in allowed)]
    known: dict[bytes, list[bytes]] = {}
    for canary in canaries(place.root):
        known.setdefault(canary[:SHORTEST], []).append(canary)
    found = [str(path.relative_to(place.folder)) for path in files if holds(path.read_bytes(), known)]
    return found + (["told"] if holds(told.encode(), known) else [])


def holds(content: bytes, known: dict[bytes, list[bytes]]) -> bool:
    """Whether any canary, known by its first bytes, stands in the content: one pass, however many there are."""
    starts = (at for at in range(len(content) - SHORTEST + 1) if content[at : at + SHORTEST] in known)
    return any(content.startswith(tuple(known[content[at : at + SHORTEST]]), at) for at in starts)


def test_the_search_finds_what_is_there(done):
    assert len(canaries(done.root)) > 500
    (done.folder / "leak.txt").write_bytes(b"x " + canaries(done.root)[3] + b" y")
    assert searched(done, canaries(done.root)[5].decode()) == ["leak.txt", "told"]
    (done.folder / "leak.txt").unlink()


def test_no_person_is_found_outside_after_success(done):
    assert searched(done, done.told.stdout + done.told.stderr) == []


def test_an_error_nobody_foresaw_is_told_without_its_text(place, monkeypatch, capsys):
    from analysis.__main__ import main
    from analysis.running import checkup

    def fail(*_: object) -> None:
        raise ValueError("BUDI SANTOSO 7271011201800001")

    monkeypatch.setattr(checkup, "lines", fail)
    with pytest.raises(SystemExit) as ended:
        main(["check", "demo", "--root", str(place.root)])
    told = capsys.readouterr()
    assert ended.value.code == 1 and "ValueError" in told.err
    assert "BUDI" not in told.out + told.err and "7271" not in told.out + told.err


CELLS = [cell.id for cell in nbformat.read(PROJECT / "notebooks" / PREPARE, 4).cells if cell.cell_type == "code"]
RAISE = """
_person = " ".join(map(str, raw["umkm"].table.dropna().iloc[0]))
print(_person)
import sys; print(_person, file=sys.stderr)
raise ValueError(_person)
"""


@pytest.mark.parametrize("stage", [cell for cell in CELLS if cell not in ("parameters", "setup")])
def test_no_person_is_found_outside_after_a_failure_in_any_stage(stage, place):
    notebook = nbformat.read(PROJECT / "notebooks" / PREPARE, 4)
    (cell,) = [cell for cell in notebook.cells if cell.id == stage]
    cell.source += RAISE
    (place.root / "notebooks").mkdir()
    nbformat.write(notebook, place.root / "notebooks" / PREPARE)
    shutil.copy(PROJECT / "notebooks/05_evaluation_page.ipynb", place.root / "notebooks")
    told = place.jamsostek("run", "demo", code=14)
    assert "ValueError" in told.stderr
    assert searched(place, told.stdout + told.stderr) == []
    assert not place.page.exists()


@pytest.mark.parametrize("stage", ["link", "persons", "keep"])
def test_a_failure_while_linking_tells_no_person_and_leaves_the_page(stage, place):
    notebook = nbformat.read(PROJECT / "notebooks" / LINK, 4)
    (cell,) = [cell for cell in notebook.cells if cell.id == stage]
    cell.source += RAISE.replace('raw["umkm"].table.dropna().iloc[0]', 'tables["umkm"].iloc[0].dropna()')
    (place.root / "notebooks").mkdir()
    nbformat.write(notebook, place.root / "notebooks" / LINK)
    told = place.jamsostek("run", "demo", code=14)
    assert "ValueError" in told.stderr
    assert searched(place, told.stdout + told.stderr) == []
    assert place.page.is_file()
    run = json.loads((place.root / "data/processed/demo/released/run.json").read_text())
    assert run["exit_code"] == 14 and [one["code"] for one in run["failed"]] == [14]
