"""The same record gives the same bytes, and every number in a page traces to a row of data/raw."""

import io
import re
import socket
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
import record_edits as edits
from bs4 import BeautifulSoup, Tag
from pypdf import PdfReader

from analysis.presenting import printing

LANGUAGES = ("id", "en")
THOUSANDS, DECIMAL = {"id": ".", "en": ","}, {"id": ",", "en": "."}
NUMBER = {"id": r"\d{1,3}(\.\d{3})*(,\d{1,2})?", "en": r"\d{1,3}(,\d{3})*(\.\d{1,2})?"}
SCALES = {"juta": 10**6, "miliar": 10**9, "triliun": 10**12, "million": 10**6, "billion": 10**9, "trillion": 10**12}
SPELLED = {
    "id": ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas"],
    "en": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
}
MONTHS = {
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "en": "January February March April May June July August September October November December",
}
YEAR = r"(?:199\d|20[0-4]\d)"
MOST_WORDS, MOST_WORDS_IN_HEADLINE = 900, 20


# The same bytes ------------------------------------------------------------------------------------------------

ELSEWHERE = {
    "USER": "penyusun-lain",
    "LOGNAME": "penyusun-lain",
    "TZ": "America/St_Johns",
    "LC_ALL": "C",
    "PYTHONHASHSEED": "7",
    "PYTHONUTF8": "0",
}


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports folder of another run: other folder, home, user, time zone, locale, hash seed, order of languages."""
    root = tmp_path_factory.mktemp("tempat-lain") / "map dengan spasi" / "dan-dalam"
    home = root / "rumah-penyusun"
    home.mkdir(parents=True)
    done = edits.record(root, "--lang", "en", "--lang", "id", HOME=str(home), **ELSEWHERE)
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "reports"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_runs_give_the_same_files(pages, again):
    names = {f"published/{language}/index.html" for language in LANGUAGES} | {"index.html"}
    names |= {
        f"published/{language}/csv/{name}.csv"
        for language in LANGUAGES
        for name in ("coverage", "costs", "participants", "timeline")
    }
    names |= {f"published/{language}/index.pdf" for language in LANGUAGES if printing.is_available()}
    assert contents(pages).keys() == contents(again).keys() == names


def test_two_runs_give_the_same_bytes(pages, again):
    first, second = contents(pages), contents(again)
    assert [name for name in first if first[name] != second[name]] == []


def test_data_beside_the_pages_are_the_same_in_both_languages(pages):
    folder = pages / "published"
    assert contents(folder / "id" / "csv") == contents(folder / "en" / "csv")


def text_of(name: str, content: bytes) -> str:
    """What a file tells; of a PDF its text and what it says of itself."""
    if not name.endswith(".pdf"):
        return content.decode("utf-8")
    read = PdfReader(io.BytesIO(content))
    return "\n".join([*map(str, (read.metadata or {}).values()), *(page.extract_text() for page in read.pages)])


def told_by_the_machine(reports: Path) -> list[str]:
    """Texts that would tell where, by whom or at what time of the day a page was made."""
    folders = [str(folder) for folder in (reports, edits.RAW.parents[1], Path.home()) if len(folder.parts) > 2]
    return [*folders, reports.parent.name, "penyusun", "/home/", "/tmp/", "/Users/", "/var/", "file:", ".ipynb_"]


@pytest.mark.parametrize("made", ["pages", "again"])
def test_no_file_names_a_place_a_person_or_a_machine(made, request):
    reports = request.getfixturevalue(made)
    for name, content in contents(reports).items():
        text = text_of(name, content)
        assert [told for told in told_by_the_machine(reports) if told in text] == [], name
        assert not re.search(rf"\b{re.escape(socket.gethostname())}\b", text), name


@pytest.mark.parametrize("made", ["pages", "again"])
def test_no_file_holds_a_time_of_day(made, request):
    for name, content in contents(request.getfixturevalue(made)).items():
        text = re.sub(r"<style>.*?</style>", "", text_of(name, content), flags=re.DOTALL)
        assert re.findall(r"(?<![\w.])(?:[01]?\d|2[0-3]):[0-5]\d(?!\d)", text) == [], name
        assert re.findall(r"\d{4}-\d{2}-\d{2}T\d|GMT|UTC|\+0\d:?00", text) == [], name


# Every figure traces to its rows -------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def page(pages: Path, language: str) -> BeautifulSoup:
    return parsed(pages, language)


def parsed(reports: Path, language: str) -> BeautifulSoup:
    text = (reports / "published" / language / "index.html").read_text(encoding="utf-8")
    return BeautifulSoup(text, "html.parser")


def figures_of(page: BeautifulSoup) -> list[Tag]:
    return page.select("data")


def known_rows() -> dict[str, dict[str, str]]:
    paths = [*edits.RAW.glob("published/*.csv"), *edits.RAW.glob("reference/*.csv")]
    return {f"{path.name}#{row['id']}": row for path in paths for row in edits.rows(path.name)}


KNOWN = known_rows()


def said(figure: Tag, language: str) -> tuple[Fraction, Fraction]:
    """The number that a figure shows, and by how much rounding may have moved it (0 where it is not scaled)."""
    text = figure.get_text()
    if text in SPELLED[language]:
        return Fraction(SPELLED[language].index(text)), Fraction(0)
    sign, digits = (-1, text[1:]) if text[0] in "-−" else (1, text)
    assert re.fullmatch(NUMBER[language], digits), f"{text} is no number in this language's form"
    number = Fraction(digits.replace(THOUSANDS[language], "").replace(DECIMAL[language], ".")) * sign
    scale = scale_of(figure)
    return number * scale, Fraction(scale, 10) if scale > 1 else Fraction(0)


def scale_of(figure: Tag) -> int:
    """1, or what the word behind a rupiah figure, or behind the other end of its range, multiplies by."""
    before, after = str(figure.previous_sibling or ""), figure.next_sibling
    if before == "–":
        before = str(figure.previous_sibling.previous_sibling.previous_sibling)
    if after == "–":
        after = after.next_sibling.next_sibling
    word = re.match(r" (\w+)", str(after or ""))
    return SCALES.get(word[1], 1) if word and before.endswith("Rp") else 1


def test_page_is_full_of_figures(page):
    assert len(figures_of(page)) > 150
    assert all(figure["class"] == ["figure"] for figure in figures_of(page))


def test_every_figure_names_rows_that_exist(page):
    refs = [(figure["value"], str(figure["data-ref"]).split()) for figure in figures_of(page)]
    assert [value for value, named in refs if not named] == []
    assert [ref for _, named in refs for ref in named if ref not in KNOWN] == []
    assert [ref for _, named in refs for ref in named if KNOWN[ref].get("status") == "superseded"] == []


def test_every_figure_shows_its_value(page, language):
    wrong = []
    for figure in figures_of(page):
        number, rounding = said(figure, language)
        if abs(number - Fraction(str(figure["value"]))) > rounding:
            wrong.append((figure.get_text(), figure["value"]))
    assert wrong == []


def test_scaled_rupiah_are_read(page):
    scales = Counter(scale_of(figure) for figure in figures_of(page))
    assert scales[10**6] > 20
    assert scales[10**9] > 5


def test_every_figure_from_one_row_is_the_value_of_that_row(page):
    single = [figure for figure in figures_of(page) if re.fullmatch(r"figures\.csv#\S+", str(figure["data-ref"]))]
    assert len(single) > 30
    differing = [
        (figure["data-ref"], figure["value"])
        for figure in single
        if Fraction(KNOWN[str(figure["data-ref"])]["value"]) != Fraction(str(figure["value"]))
    ]
    assert differing == []


def key_figures() -> list[tuple[str, str, str]]:
    """Part of the page, value, and the row that prints it: what a reader would look up first."""
    enrolled, rest = (f"figures.csv#umkm-{state}-jamsostek-kota-palu-tribunnews-tribunpalu-2022-12-16"
                      for state in ("enrolled", "not-enrolled"))  # fmt: skip
    return [
        (".keys", "20982", enrolled),
        (".charts > p", "20982", enrolled),
        (".charts > p", "18000", rest),
        (".keys", "64000", "figures.csv#umkm-census-target-kota-palu-madika-id-2022-04"),
        (".keys", "46164", "figures.csv#business-count-se2016-kota-palu-metrosulawesi-com-bps-sulteng-2017-07-21"),
        (".keys", "23000", "figures.csv#umkm-target-kota-palu-sultengraya-com-2023-03-29"),
        ("#participants table", "60426", "figures.csv#participants-bpjs-tk-kota-palu-kabarselebes-id-2025-06-26-4"),
    ]


@pytest.mark.parametrize(("part", "value", "ref"), key_figures())
def test_key_figure_is_that_of_its_row(page, part, value, ref):
    found = [figure for figure in page.select(f"{part} data.figure") if figure["value"] == value]
    assert found
    assert all(ref in str(figure["data-ref"]).split() for figure in found)
    assert KNOWN[ref]["value"] == value


def printed(ref: str) -> int:
    return int(KNOWN[f"figures.csv#{ref}"]["value"])


def computed_figures() -> list[tuple[str, set[int]]]:
    """Part of the page, and the figures in it as anyone can work them out from the rows: 18,000 is 17,500 to 18,500."""
    enrolled = printed("umkm-enrolled-jamsostek-kota-palu-tribunnews-tribunpalu-2022-12-16")
    paid_for = printed("vulnerable-workers-apbd-kota-palu-voi-id-antara-2022-08-12")
    staff = printed("non-asn-enrolled-kota-palu-parlemennews-com-2022-07")
    total = printed("participants-bpjs-tk-kota-palu-kabarselebes-id-2025-06-26")
    rate = int(KNOWN["tariffs.csv#bpu-jkk-jkm-any-any"]["amount_idr_month"])
    half = int(KNOWN["tariffs.csv#bpu-jkk-jkm-self-other-2026-04"]["amount_idr_month"])
    least, most = 17_500, 18_500
    summed = staff + paid_for + enrolled
    return [
        (".keys", {100 * enrolled // (enrolled + most), -(-100 * enrolled // (enrolled + least))}),
        (".keys", {round(100 * enrolled / count) for count in (64_000, 46_164, 23_000)}),
        (".keys", {least * rate * 12, most * rate * 12}),
        (".cost", {least * (half + rate * 11), most * (half + rate * 11), rate, half}),
        ("#origin-cost", {least * rate * 12, 18_000 * rate * 12, most * rate * 12}),
        ("main", {summed, summed - total, enrolled + paid_for}),
    ]


@pytest.mark.parametrize(("part", "expected"), computed_figures())
def test_computed_key_figure_can_be_worked_out_from_the_rows(page, part, expected):
    assert expected <= {int(float(str(figure["value"]))) for figure in page.select(f"{part} data.figure")}


def test_rows_of_the_data_beside_the_pages_exist(pages):
    for path in pages.glob("published/*/csv/*.csv"):
        header, *records = edits.read(path)
        refs = [ref for record in records for ref in record[header.index("refs")].split()]
        assert refs, path.name
        assert set(refs) <= KNOWN.keys(), path.name


LARGEST_WITHOUT_ROWS = 24
"""Months of a year or limit, years compared, numbers of steps: such small counts may stand by themselves."""


def test_no_number_stands_without_its_rows(page, language):
    for hidden in page.select("data, svg, .away, .sources"):
        hidden.replace_with(" ")
    loose = re.findall(r"\d(?:[\d.,]*\d)?", without_dates_and_laws(visible_text(page), language))
    assert [number for number in loose if not number.isdecimal() or int(number) > LARGEST_WITHOUT_ROWS] == []


def test_both_languages_carry_the_same_figures(pages):
    carried = [
        Counter((figure["value"], figure["data-ref"]) for figure in figures_of(parsed(pages, language)))
        for language in LANGUAGES
    ]
    assert carried[0] == carried[1]


# How numbers are written ---------------------------------------------------------------------------------------


def visible_text(page: BeautifulSoup) -> str:
    for hidden in page.select("head, style, template"):
        hidden.decompose()
    for block in page.select("th, td, li, p, strong, span, text, desc, summary, h1, h2, h3, caption"):
        block.append(" ")
    return page.get_text()


def without_dates_and_laws(text: str, language: str) -> str:
    """The text without what is written in digits and is no number: addresses, issue ids, laws, dates and years."""
    months = MONTHS[language].replace(" ", "|")
    short = "|".join(month[:3] for month in MONTHS[language].split()) + "|Agu|Sept"
    left_out = [
        r"https?://\S+",
        r"\b[\w-]+(?:\.[a-z]+)+\b",  # names of web sites and files
        r"\brekam-\d{4}-\d{2}-\d{2}-(?:id|en)\b",
        rf"\b\d{{1,3}}/{YEAR}\b",
        rf"\bNomor \d{{1,3}} Tahun {YEAR}\b",
        rf"\b\d{{1,2}} (?:{months}) {YEAR}\b",
        rf"\b(?:{months}|{short}) {YEAR}\b",
        rf"\b{YEAR}[-–]{YEAR}\b",
        rf"(?<![.,\d]){YEAR}(?![.,]?\d)",
        r"\b100(?=%| persen| percent)",  # the most that a share can be
    ]
    for pattern in left_out:
        text = re.sub(pattern, " ", text)
    return text


def test_every_number_is_written_in_the_form_of_the_language(page, language):
    text = without_dates_and_laws(visible_text(page), language)
    tokens = re.findall(r"\d(?:[\d.,]*\d)?", text)
    assert len(tokens) > 200
    assert [token for token in tokens if not re.fullmatch(NUMBER[language], token)] == []


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ("Rp16.800 dan 20.982", []),
        ("16800 orang", ["16800"]),
        ("20,982 orang", ["20,982"]),
        ("3,528 miliar", ["3,528"]),
        ("12.5 persen", ["12.5"]),
        ("PP 50/2025, Nomor 8 Tahun 2024, 15 Desember 2022, 2023–2025, Agu 2027", []),
        ("harianpalu24.com, rekam-2026-11-22-id", []),
    ],
)
def test_form_of_numbers_is_judged_as_meant(written, wrong):
    tokens = re.findall(r"\d(?:[\d.,]*\d)?", without_dates_and_laws(written, "id"))
    assert [token for token in tokens if not re.fullmatch(NUMBER["id"], token)] == wrong


# How much and how it is said -----------------------------------------------------------------------------------


def words(text: str) -> list[str]:
    return [token for token in text.split() if re.search(r"\w", token)]


def test_main_page_has_at_most_900_words(page):
    main = page.select_one("main")
    assert main is not None
    for hidden in main.select("svg, details, .away"):
        hidden.decompose()
    assert 300 < len(words(main.get_text(" "))) <= MOST_WORDS


def test_headline_is_one_short_sentence_with_a_number(page):
    headline = page.select_one("h1").get_text()
    assert len(words(headline)) <= MOST_WORDS_IN_HEADLINE
    assert page.select("h1 data.figure")
    assert not re.search(r"[.!?](\s|$)", headline)


def test_no_sentence_begins_with_a_digit(page):
    paragraphs = page.select("h1, main p, .limits p, .steps li, .steps strong, figcaption strong, header p, footer p")
    texts = [re.sub(r"\s+", " ", paragraph.get_text()).strip() for paragraph in paragraphs]
    assert len(texts) > 15
    assert [text for text in texts if re.search(r"(?:^|[.!?] )\W*\d", text)] == []
