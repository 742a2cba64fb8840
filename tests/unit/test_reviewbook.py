"""The workbook of a review: nothing in it tells what the linkage said, nothing can run, and what comes back counts."""

import re
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import hostile
import pandas as pd
import pytest
import python_calamine
import xlsxwriter

from analysis import ContractError
from analysis.contracts.registers import DELIVERED, KEY, REVIEW_ANSWERS, REVIEW_PAIRS
from analysis.presenting import reviewbook, wording, workbooks
from analysis.sources import judgements, keys, returned
from analysis.sources.delivery import Delivery, Register

KEY_OF = keys.DEMO.pseudonym
TODAY = date(2026, 11, 22)
HOSTILE = ("=1+1", "+62811", "-1", "@SUM(A1)", "\t=1+1", "=cmd|'/c calc'!A0", "http://example.org", "{=1+1}",
           "<f>1+1</f>", "]]>&amp;", "7271011508900001", "7.27101E+15", "1e5", "TRUE", "internal:'x'!A1")  # fmt: skip
TOLD = re.compile(r"(?i)prob|peluang|rule|aturan|status|skor|score|bulan|month|iuran|contribution|padan|link|stratum")
"""Words that would tell what the linkage thinks, or how the owner pays."""
SECRET_CELLS = ("MENUNGGAK", "2026-07", "APBD", "JKK+JKM", "2019-01-02")
"""What the participant register holds of status, month, funding, program and membership."""


def delivery_of(is_synthetic: bool = True) -> Delivery:
    registers = {name: Register(name, Path(name), "Dinas", date(2026, 11, 4), "PKS", "", (), None, None, {})
                 for name in DELIVERED}  # fmt: skip
    return Delivery("2026-10", Path("raw"), date(2026, 10, 31), is_synthetic, None, registers, "h")


def table_of(register: str, *rows: Mapping[str, str]) -> pd.DataFrame:
    """A cleaned table as far as the workbook looks at it; row 2 of the file is the first."""
    cells = {f"{name}_as_written": pd.Series([row.get(name) for row in rows], dtype="str")
             for name in DELIVERED[register]}  # fmt: skip
    return pd.DataFrame({"source_sheet": pd.Series([""] * len(rows), dtype="str"),
                         "source_row": range(2, 2 + len(rows)), **cells})  # fmt: skip


TABLES = {
    "umkm": table_of("umkm", {"owner_name": "Siti", "nik": "7271", "business_name": "Kios A", "sector": "dagang"},
                     {"owner_name": "Budi", "birth_date": "1 Mei 1980", "phone": "0811"}),
    "jamsostek": table_of("jamsostek", *[
        {"name": f"Peserta {n}", "kpj": f"1234567890{n}", "segment": "BPU", "status": "MENUNGGAK", "funding": "APBD",
         "last_contribution_month": "2026-07", "program": "JKK+JKM", "member_date": "2019-01-02"} for n in range(3)]),
    "pekerja_rentan": table_of("pekerja_rentan", {"name": "Rentan", "group": "nelayan"}),
}  # fmt: skip
ASIDE = table_of("umkm", {"owner_name": "-", "address": "Jl. Sunyi"}).assign(source_row=9)
FIRSTS = pd.DataFrame({"owner_id": ["a" * 16, "b" * 16, "c" * 16], "question": [1, 2, 3], "source_sheet": "",
                       "source_row": [2, 9, 10]}).astype({"source_sheet": "str"})  # fmt: skip


def pairs_of() -> pd.DataFrame:
    asked = [("jamsostek", 2), ("jamsostek", 4), ("umkm", 3), ("pekerja_rentan", 2)]
    rows = [(owner, *one, 7) for owner in FIRSTS["owner_id"] for one in asked]
    table = pd.DataFrame(rows, columns=["owner_id", "register", "source_row", "person"]).assign(source_sheet="")
    return table.assign(question_id=[f"{n:016x}" for n in range(len(rows))])[[*REVIEW_PAIRS.columns]]


PAIRS = pairs_of()
IDS = PAIRS["question_id"].to_list()


def written(folder: Path, language: str = "id", tables: Mapping[str, pd.DataFrame] = TABLES,
            is_synthetic: bool = True) -> Path:  # fmt: skip
    lines = reviewbook.laid_out(PAIRS, FIRSTS, tables, ASIDE, KEY_OF)
    files = reviewbook.files(lines, delivery_of(is_synthetic), wording.in_language(language))
    (path,) = workbooks.replace(folder, reviewbook.OWN_NAMES, files)
    return path


def sheets(path: Path) -> dict[str, list[list[str]]]:
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def lines_of(path: Path) -> pd.DataFrame:
    heading, *rows = [*sheets(path).values()][1]
    return pd.DataFrame(rows, columns=heading)


def filled(path: Path, out: Path, answers: Mapping[str, str], name: str = "Ibu Rahma", day: str = "09/11/2026",
           changes: Mapping[tuple[int, str], str] | None = None) -> Path:  # fmt: skip
    """The workbook as a spreadsheet program saves it, with answers by question; `changes`: by line and heading."""
    told = sheets(path)
    (notes, lines) = told.values()
    for row in notes:
        for label, text in ((judgements.REVIEWER, name), (judgements.DAY, day)):
            if row[0] in label.values():
                row[1] = text
    columns = {ours: lines[0].index(next(one for one in forms.values() if one in lines[0]))
               for ours, forms in judgements.HEADINGS.items()}  # fmt: skip
    for row in lines[1:]:
        row[columns["answer"]] = answers.get(row[columns["question_id"]], "")
    for (line, ours), cell in (changes or {}).items():
        lines[line][columns[ours]] = cell
    with xlsxwriter.Workbook(str(out), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        for title, rows in told.items():
            sheet = book.add_worksheet(title)
            for n, row in enumerate(rows):
                for at, cell in enumerate(row):
                    if cell:
                        sheet.write_string(n, at, str(cell))
    return out


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read our own files here, where starting a process for each would take most of the test's time."""
    monkeypatch.setattr(returned, "sheets", lambda path: [*sheets(path).items()])


def read(*files: Path) -> pd.DataFrame:
    return judgements.read(files, IDS, KEY_OF, TODAY)


def refusal(*files: Path) -> list[tuple[object, int | None, str | None, str]]:
    with pytest.raises(ContractError) as caught:
        read(*files)
    assert caught.value.exit_code == 11
    for cell in ("Siti", "Peserta", "Ibu Rahma", "Kios", hostile.CANARY["nik"], hostile.CANARY["name"]):
        assert cell not in str(caught.value)
    return [(fault.values.get("file"), fault.row, fault.column, fault.message.format(**fault.values))
            for fault in caught.value.faults]  # fmt: skip


# what stands in it ------------------------------------------------------------------------------------------------


def test_two_records_stand_side_by_side_as_they_were_written(tmp_path: Path) -> None:
    told = lines_of(written(tmp_path, "en"))
    assert len(told) == len(PAIRS) and told["Question ID"].to_list() == IDS
    first = told.iloc[0]
    assert (first["Name: UMKM owner"], first["Name: other record"]) == ("Siti", "Peserta 0")
    assert (first["NIK: UMKM owner"], first["Business name: UMKM owner"]) == ("7271", "Kios A")
    assert (first["Participant number (KPJ): other record"], first["Segment: other record"]) == ("12345678900", "BPU")
    assert told.loc[2, ["Name: other record", "Birth date: other record", "Phone: other record"]].to_list() == [
        "Budi", "1 Mei 1980", "0811"]  # fmt: skip
    assert told["Owner no."].to_list() == ["1"] * 4 + ["2"] * 4 + ["3"] * 4
    assert told["List"].to_list()[:4] == ["participant register"] * 2 + ["UMKM register", "list of vulnerable workers"]


def test_an_owner_set_aside_is_shown_as_far_as_his_row_was_delivered(tmp_path: Path) -> None:
    told = lines_of(written(tmp_path, "en")).groupby("Owner no.")
    assert told.get_group("2")["Address: UMKM owner"].to_list() == ["Jl. Sunyi"] * 4
    assert (told.get_group("3").filter(like=": UMKM owner") == "").all(axis=None), "his cells stand askew"


@pytest.mark.parametrize("language", ["id", "en"])
def test_nothing_tells_what_the_linkage_said_or_how_he_pays(language: str, tmp_path: Path) -> None:
    path = written(tmp_path, language)
    told = lines_of(path)
    assert [heading for heading in told.columns if TOLD.search(heading)] == []
    cells = {cell for row in told.to_numpy().tolist() for cell in row}
    assert {*SECRET_CELLS, "nelayan", "dagang", *FIRSTS["owner_id"]} & cells == set()
    members = zipfile.ZipFile(path)
    every = "".join(members.read(name).decode() for name in members.namelist())
    assert [cell for cell in (*SECRET_CELLS, *FIRSTS["owner_id"]) if cell in every] == []


def test_only_what_is_shown_is_asked_of_a_table() -> None:
    shown = {name for fields in reviewbook.SHOWN.values() for name in fields}
    never = {"status", "last_contribution_month", "program", "member_date", "funding", "scale", "revenue_idr", "sector"}
    assert not shown & never


def test_every_cell_is_text_and_nothing_can_run(tmp_path: Path) -> None:
    rows = [dict.fromkeys(("owner_name", "address", "phone", "business_name", "nik"), cell) for cell in HOSTILE]
    tables = {**TABLES, "umkm": table_of("umkm", *rows)}
    told = {}
    for n, cell in enumerate(HOSTILE):
        firsts = FIRSTS.head(1).assign(source_row=2 + n)
        lines = reviewbook.laid_out(PAIRS.head(4), firsts, tables, ASIDE.assign(source_row=99), KEY_OF)
        (content,) = reviewbook.files(lines, delivery_of(), wording.in_language("en")).values()
        path = tmp_path / "x.xlsx"
        path.write_bytes(content)
        members = zipfile.ZipFile(path)
        sheet = members.read("xl/worksheets/sheet2.xml").decode()
        assert "<f>" not in sheet.replace("&lt;f&gt;", "") and "hyperlink" not in sheet
        assert {*re.findall(r'<c [^>]*t="(\w+)"', sheet)} == {"s"} and "<v>" in sheet
        told[cell] = lines_of(path).loc[0, "Address: UMKM owner"]
    assert told == {cell: cell for cell in HOSTILE}


def test_only_answers_name_and_day_can_be_changed_and_only_three_answers_be_chosen(tmp_path: Path) -> None:
    members = zipfile.ZipFile(written(tmp_path))
    styles = members.read("xl/styles.xml").decode()
    forms = re.findall(r"<xf [^>]*?(?:/>|>.*?</xf>)", styles.partition("<cellXfs")[2].partition("</cellXfs>")[0])
    is_open = ['locked="0"' in form for form in forms]
    opened = {}
    for n in (1, 2):
        sheet = members.read(f"xl/worksheets/sheet{n}.xml").decode()
        assert "<sheetProtection" in sheet and 'sheet="1"' in sheet
        cells = re.findall(r'<c r="([A-Z]+)([0-9]+)" s="([0-9]+)"', sheet)
        opened[n] = {(column, int(row)) for column, row, form in cells if is_open[int(form)]}
    assert opened[1] == {("B", 1), ("B", 2)}
    assert opened[2] == {("C", row) for row in range(2, len(PAIRS) + 2)}
    lines = members.read("xl/worksheets/sheet2.xml").decode()
    assert '<dataValidation type="list"' in lines and f'sqref="C2:C{len(PAIRS) + 1}"' in lines
    assert "sama,lain,tidak dapat dipastikan" in lines


def test_a_rule_stands_above_the_first_line_of_each_owner(tmp_path: Path) -> None:
    members = zipfile.ZipFile(written(tmp_path))
    sheet, styles = (members.read(f"xl/{name}.xml").decode() for name in ("worksheets/sheet2", "styles"))
    borders = re.findall(r"<border>.*?</border>|<border/>", styles)
    ruled = [n for n, border in enumerate(borders) if '<top style="medium">' in border]
    forms = re.findall(r'<xf [^>]*borderId="([0-9]+)"', styles.partition("<cellXfs")[2])
    told = {
        int(row) for row, form in re.findall(r'<c r="A([0-9]+)" s="([0-9]+)"', sheet) if int(forms[int(form)]) in ruled
    }
    assert told == {2, 6, 10}


@pytest.mark.parametrize(("language", "says"), [
    ("id", ["Nama penelaah", "Tanggal telaah", "UU Nomor 27 Tahun 2022|Undang-Undang", "Hapus", "undian", "sama"]),
    ("en", ["Name of the reviewer", "Day of the review", "Law No. 27 of 2022", "31 January 2027", "by lot", "same"]),
])  # fmt: skip
def test_the_notes_say_for_what_on_which_basis_until_when_and_how(
    language: str, says: list[str], tmp_path: Path
) -> None:
    notes, _ = sheets(written(tmp_path, language)).values()
    text = "\n".join(" | ".join(row) for row in notes)
    assert [one for one in says if not re.search(one, text)] == []
    assert "3" in [row[1] for row in notes] and "12" in [row[1] for row in notes]


def test_invented_records_are_marked_in_name_and_notes_and_real_ones_are_not(tmp_path: Path) -> None:
    invented, real = written(tmp_path / "a"), written(tmp_path / "b", is_synthetic=False)
    assert (invented.name, real.name) == ("telaah-sintetis.xlsx", "telaah.xlsx")
    mark = wording.in_language("id").say(workbooks.SYNTHETIC).plain
    first = [[row[1] for row in next(iter(sheets(path).values()))] for path in (invented, real)]
    assert (mark in first[0], mark in first[1]) == (True, False)


def test_the_same_lines_give_the_same_bytes_for_this_user_alone(tmp_path: Path) -> None:
    one, other = written(tmp_path / "a"), written(tmp_path / "b")
    assert one.read_bytes() == other.read_bytes()
    assert (one.stat().st_mode & 0o777, one.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [path.name for path in one.parent.iterdir()] == ["telaah-sintetis.xlsx"]


# what comes back --------------------------------------------------------------------------------------------------

SAID = {IDS[0]: "sama", IDS[1]: "Lain", IDS[3]: "tidak dapat  dipastikan", IDS[5]: "same"}
MEANT = {IDS[0]: "same", IDS[1]: "other", IDS[3]: "unknown", IDS[5]: "same"}


@pytest.mark.parametrize("language", ["id", "en"])
def test_answers_are_read_by_the_child_process_in_either_language(language: str, tmp_path: Path) -> None:
    told = read(filled(written(tmp_path, language), tmp_path / "a.xlsx", SAID, day="9 November 2026"))
    assert list(told.columns) == list(REVIEW_ANSWERS.columns)
    assert dict(zip(told["question_id"], told["answer"], strict=True)) == MEANT
    assert {*told["reviewer"]} == {"Ibu Rahma"} and {*told["answered_date"]} == {pd.Timestamp("2026-11-09")}


@pytest.mark.usefixtures("quick")
def test_the_untouched_workbook_gives_no_answer(tmp_path: Path) -> None:
    told = read(written(tmp_path))
    assert told.empty and told["answered_date"].dtype == "datetime64[s]"


@pytest.mark.usefixtures("quick")
def test_of_one_reviewer_the_newest_answer_counts_and_two_reviewers_have_their_own(tmp_path: Path) -> None:
    path = written(tmp_path)
    files = [
        filled(path, tmp_path / "new.xlsx", {IDS[0]: "lain"}, day="10/11/2026", name="IBU  RAHMA"),
        filled(path, tmp_path / "old.xlsx", SAID),
        filled(path, tmp_path / "other.xlsx", {IDS[0]: "sama"}, name="Pak Ali"),
    ]
    told = read(*files).set_index(["question_id", "reviewer"])["answer"]
    assert told.loc[IDS[0]].to_dict() == {"IBU RAHMA": "other", "Pak Ali": "same"}
    assert len(told) == 5
    assert read(*files[::-1])["answer"].value_counts().to_dict() == {"same": 2, "other": 2, "unknown": 1}


@pytest.mark.usefixtures("quick")
def test_answers_read_twice_are_the_same_and_a_later_file_of_the_same_day_replaces_them(tmp_path: Path) -> None:
    path = written(tmp_path)
    one = read(filled(path, tmp_path / "a.xlsx", SAID))
    assert judgements.joined(one, one).equals(one)
    more = read(filled(path, tmp_path / "b.xlsx", {IDS[0]: "lain", IDS[7]: "lain"}, name="ibu rahma"))
    both = judgements.joined(one, more)
    assert {*both["reviewer"]} == {"Ibu Rahma"} and len(both) == 5
    assert both.set_index("question_id")["answer"][IDS[0]] == "other"
    before = read(filled(path, tmp_path / "c.xlsx", {IDS[0]: "sama"}, day="08/11/2026"))
    assert judgements.joined(both, before).equals(both)


@pytest.mark.usefixtures("quick")
def test_two_answers_of_one_reviewer_on_one_day_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    one = filled(path, tmp_path / "a.xlsx", SAID)
    told = refusal(one, filled(path, tmp_path / "b.xlsx", {IDS[0]: "lain"}, name="ibu rahma"))
    assert [fault[:3] for fault in told] == [("b.xlsx", 2, "Jawaban")]
    assert "stands in a.xlsx, row 2" in told[0][-1]


@pytest.mark.usefixtures("quick")
def test_every_fault_of_a_line_is_told_by_row_and_heading(tmp_path: Path) -> None:
    changes = {(1, "answer"): "mungkin", (2, "question_id"): "", (3, "question_id"): "f" * 16,
               (4, "code"): judgements.code(IDS[0], KEY_OF), (6, "answer"): "Siti"}  # fmt: skip
    answers = dict.fromkeys(IDS[:6], "lain")
    told = refusal(filled(written(tmp_path), tmp_path / "a.xlsx", answers, changes=changes))
    assert [fault[1:3] for fault in told] == [
        (2, "Jawaban"), (3, "ID pertanyaan"), (4, "ID pertanyaan"), (5, "Kode pertanyaan"), (7, "Jawaban")]  # fmt: skip
    says = ["none of: sama, lain", "missing or was changed", "no such question", "cell was moved", "none of: sama"]
    assert [one for one, fault in zip(says, told, strict=True) if one not in fault[-1]] == []


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("name", "day", "says"), [
    ("", "09/11/2026", 'beside "Nama penelaah" nothing'), ("  ", "09/11/2026", 'beside "Nama penelaah" nothing'),
    ("Ibu Rahma", "", 'beside "Tanggal telaah" nothing'), ("Ibu Rahma", "kemarin", "no date"),
    ("Ibu Rahma", "31/02/2026", "no date"), ("Ibu Rahma", "23/11/2026", "after today (2026-11-22)"),
    ("x" * 101, "09/11/2026", "at most 100 visible signs"), ("Siti\u202eitis", "09/11/2026", "at most 100 visible"),
])  # fmt: skip
def test_name_and_day_are_asked_for_where_anything_was_answered(name: str, day: str, says: str, tmp_path: Path) -> None:
    path = written(tmp_path)
    told = refusal(filled(path, tmp_path / "a.xlsx", SAID, name=name, day=day))
    assert len(told) == 1 and says in told[0][-1] and told[0][0] == "a.xlsx"
    assert read(filled(path, tmp_path / "b.xlsx", {}, name=name, day=day)).empty


@pytest.mark.usefixtures("quick")
def test_a_review_of_another_edition_or_key_is_told_once_and_not_line_by_line(tmp_path: Path) -> None:
    path = filled(written(tmp_path), tmp_path / "a.xlsx", SAID)
    with pytest.raises(ContractError) as caught:
        judgements.read([path], ["e" * 16], KEY_OF, TODAY)
    assert [fault.values for fault in caught.value.faults] == [{"file": "a.xlsx"}]
    with pytest.raises(ContractError, match="does not belong to this question"):
        judgements.read([path], IDS, keys.DEMO.rounding, TODAY)


BOOKS = [name for name, one in hostile.FILES.items() if one.name == hostile.BOOK]


def test_hostile_files_are_all_refused_by_name_and_a_sound_one_with_them(tmp_path: Path) -> None:
    files = []
    for n, name in enumerate(BOOKS):
        folder = tmp_path / str(n)
        folder.mkdir()
        files.append(hostile.FILES[name].write(folder).rename(folder / f"{n}.xlsx"))
    sound = filled(written(tmp_path / "own"), tmp_path / "sound.xlsx", {IDS[0]: "entah"})
    told = {fault[0] for fault in refusal(*files, sound)}
    assert told == {*(f"{n}.xlsx" for n in range(len(BOOKS))), "sound.xlsx"} and len(BOOKS) > 20


def test_formulas_that_a_reviewer_wrote_are_never_run_or_told(tmp_path: Path) -> None:
    told = refusal(filled(written(tmp_path), tmp_path / "a.xlsx", {IDS[0]: "=HYPERLINK(1)"}, name="=1+1"))
    assert [fault[2] for fault in told] == ["Jawaban"]
    assert "HYPERLINK" not in told[0][-1]


def test_a_question_has_one_code_and_no_other_has_it() -> None:
    codes = [judgements.code(one, KEY_OF) for one in IDS]
    assert len({*codes}) == len(IDS) and all(re.fullmatch("[0-9a-f]{16}", one) for one in codes)
    assert not {*codes} & {*IDS}
    assert {*PAIRS.columns} == {*REVIEW_PAIRS.columns} and {*KEY} < {*PAIRS.columns}
