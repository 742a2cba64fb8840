"""A broken record is refused as a whole, and the message names file, row, column and what to do.

The inputs are listed in spec/bad_record.csv, one change to the project's own record in each line.
"""

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import record_edits as edits

from analysis import ContractError
from analysis.presenting import wording
from analysis.sources.places import Root
from analysis.sources.published import read_record

TODAY = date(2026, 11, 22)
CURE = {"id": "Perbaiki baris yang disebut di atas", "en": "Correct the rows named above"}
SPEC = Path(__file__).parent / "spec" / "bad_record.csv"
CASES = list(csv.DictReader(SPEC.read_text(encoding="utf-8").splitlines()))
Case = dict[str, str]


def header_of(path: Path) -> list[str]:
    return edits.read(path)[0]


def row_of(path: Path, row_id: str) -> int:
    """The number of a row as a spreadsheet shows it, the header being row 1."""
    return next(n for n, record in enumerate(edits.read(path), start=1) if record[0] == row_id)


def write_cell(path: Path, case: Case) -> None:
    records = edits.read(path)
    records[row_of(path, case["row_id"]) - 1][header_of(path).index(case["column"])] = case["write"]
    edits.write(path, records)


def drop_row(path: Path, case: Case) -> None:
    edits.write(path, [record for record in edits.read(path) if record[0] != case["row_id"]])


def drop_column(path: Path, case: Case) -> None:
    at = header_of(path).index(case["column"])
    edits.write(path, [record[:at] + record[at + 1 :] for record in edits.read(path)])


def add_column(path: Path, case: Case) -> None:
    header, *records = edits.read(path)
    edits.write(path, [[*header, case["column"]], *([*record, "x"] for record in records)])


def repeat_column(path: Path, case: Case) -> None:
    at = header_of(path).index(case["column"])
    edits.write(path, [[*record, record[at]] for record in edits.read(path)])


def rename_column(path: Path, case: Case) -> None:
    header, *records = edits.read(path)
    edits.write(path, [[case["write"] if name == case["column"] else name for name in header], *records])


def change_record(path: Path, case: Case, edit: Callable[[list[str]], list[str]]) -> None:
    edits.write(path, [edit(record) if record[0] == case["row_id"] else record for record in edits.read(path)])


def open_quotation_mark(path: Path, case: Case) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(line + '"' if line.startswith(case["row_id"]) else line for line in lines), "utf-8")


def change_bytes(edit: Callable[[bytes], bytes]) -> Callable[[Path, Case], None]:
    return lambda path, case: path.write_bytes(edit(path.read_bytes())) and None


CHANGES: dict[str, Callable[[Path, Case], object]] = {
    "write cell": write_cell,
    "drop row": drop_row,
    "drop column": drop_column,
    "add column": add_column,
    "repeat column": repeat_column,
    "rename column": rename_column,
    "open a quotation mark": open_quotation_mark,
    "cut last cell": lambda path, case: change_record(path, case, lambda record: record[:-1]),
    "add a cell": lambda path, case: change_record(path, case, lambda record: [*record, "x"]),
    "semicolons": lambda path, case: edits.write(path, edits.read(path), delimiter=";"),
    "header only": lambda path, case: edits.write(path, edits.read(path)[:1]),
    "as Latin-1": change_bytes(lambda raw: raw.replace(b"Kota Palu", "Kota Palù".encode("latin-1"), 1)),
    "byte order mark and CRLF": change_bytes(lambda raw: b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n")),
    "add blank lines": change_bytes(lambda raw: raw + b"\n\n"),
    "add a NUL byte": change_bytes(lambda raw: raw + b"\0"),
    "empty": change_bytes(lambda raw: b""),
    "delete": lambda path, case: path.unlink(),
}
REFUSED = [case for case in CASES if not case["why"].startswith("accepted")]
ACCEPTED = [case for case in CASES if case["why"].startswith("accepted")]


def broken(tmp_path: Path, case: Case) -> tuple[Root, int | None]:
    """The record with the change of `case`, and the number of the row that was changed."""
    path = edits.path_of(edits.copy_record(tmp_path), case["file"])
    row = row_of(path, case["row_id"]) if case["fault_row"] == "same" else None
    before = path.read_bytes()
    CHANGES[case["change"]](path, case)
    assert not path.exists() or path.read_bytes() != before, "the change changes nothing"
    return Root(tmp_path), row


def refusal(root: Root) -> ContractError:
    with pytest.raises(ContractError) as caught:
        read_record(root, today=TODAY)
    assert caught.value.exit_code == 11
    return caught.value


def named(case: Case) -> str:
    return case["case"]


@pytest.mark.parametrize("case", REFUSED, ids=named)
def test_broken_record_is_refused_by_file_row_and_column(case, tmp_path):
    root, row = broken(tmp_path, case)
    faults = refusal(root).faults
    found = [(fault.values.get("file"), fault.row, fault.column) for fault in faults]
    if case["fault_column"] == "any":
        assert case["file"] in {file for file, _, _ in found}
    else:
        columns = case["fault_column"].split() or [None]
        assert sorted(found, key=str) == [(case["file"], row, column) for column in sorted(columns, key=str)]


@pytest.mark.parametrize("language", wording.LANGUAGES)
@pytest.mark.parametrize("case", REFUSED, ids=named)
def test_message_says_what_is_wrong_where_and_what_to_do(case, language, tmp_path):
    root, row = broken(tmp_path, case)
    told = wording.in_language(language).error(refusal(root))
    expected = [*case[f"says_{language}"].split("|"), case["file"], CURE[language]]
    expected += [f"{'baris' if language == 'id' else 'row'} {row}"] if row else []
    assert [part for part in expected if part not in told] == [], told
    assert str(tmp_path) not in told


@pytest.mark.parametrize("case", ACCEPTED, ids=named)
def test_unusual_but_sound_record_is_read(case, tmp_path):
    root, _ = broken(tmp_path, case)
    assert len(read_record(root, today=TODAY).figures) == len(edits.rows("figures.csv"))


def test_spec_covers_what_can_go_wrong():
    assert len(REFUSED) >= 25
    assert len({case["case"] for case in CASES}) == len(CASES)
    assert {case["change"] for case in CASES} == CHANGES.keys()
    assert {case["file"] for case in CASES} >= {"figures.csv", "tariffs.csv", "targets.csv", "limits.csv", "law.csv"}


ENROLLED = "umkm-enrolled-jamsostek-kota-palu-tribunnews-tribunpalu-2022-12-16"
FAULTS_OF_CELLS = [
    ("figures.csv", ENROLLED, "value", "20,982"),
    ("figures.csv", ENROLLED, "status", "certain"),
    ("tariffs.csv", "bpu-jkk-jkm-any-any", "legal_source", ""),
]
FAULTS_ACROSS = [
    ("figures.csv", ENROLLED, "unit", "persons"),
    ("figures.csv", ENROLLED, "published_date", "2027-01-01"),
    ("targets.csv", "umkm-stock-kota-palu", "figure_id", "nobody"),
]


@pytest.mark.parametrize(
    "written",
    [FAULTS_OF_CELLS, FAULTS_ACROSS, FAULTS_OF_CELLS[2:] + FAULTS_ACROSS[:1]],
    ids=["cells", "across files", "both kinds"],
)
def test_all_faults_of_all_files_are_told_at_once(written, tmp_path):
    edits.copy_record(tmp_path)
    for file, row_id, column, cell in written:
        assert edits.change(tmp_path, file, {"id": row_id}, {column: cell}) == 1
    found = [(fault.values["file"], fault.column) for fault in refusal(Root(tmp_path)).faults]
    assert sorted(found) == sorted((file, column) for file, _, column, _ in written)


def test_project_record_itself_is_sound():
    assert len(read_record(today=TODAY, root=Root(edits.RAW.parents[1])).figures) == len(edits.rows("figures.csv"))


BY_NAME = {case["case"]: case for case in CASES}


@pytest.mark.parametrize(("options", "language"), [((), "id"), (("--lang", "en"), "en")])
@pytest.mark.parametrize("name", ["missing column", "wrong unit", "publication after today"])
def test_command_line_refuses_and_writes_nothing(name, options, language, tmp_path):
    case = BY_NAME[name]
    later = {
        "write": "2999-01-01",
        "says_id": "terbit 2999-01-01, setelah hari ini",
        "says_en": "2999-01-01, after today",
    }
    case = case | later if name == "publication after today" else case  # the command line reads the real clock
    broken(tmp_path, case)
    done = edits.record(tmp_path, *options)
    assert done.returncode == 11, done.stderr
    assert case[f"says_{language}"] in done.stderr
    assert CURE[language] in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    left = [path for path in tmp_path.glob("reports/**/*") if path.is_file() or path.name.startswith(".")]
    assert left == []
