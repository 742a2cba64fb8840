"""The finished briefs on areas as files: valid, marked, short, worded as agreed, and no number without its rows.

JAMSOSTEK_ALL_AREAS=1 looks at all 55 areas instead of a spread of them.
"""

import csv
import hashlib
import json
import re
import shutil
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import finished_briefs as finished
import pytest
from bs4 import BeautifulSoup, Tag
from finished_briefs import BRIEFS, CITY, EDITION, LANGUAGES, LARGE, PAGES, REGIONS, SMALL
from pypdf import PdfReader
from test_html_is_valid import CSP
from test_languages import INTRODUCED, ORDER, SAME_IN_BOTH, body_texts, read_words
from test_reproducible import said, visible_text, without_dates_and_laws

from analysis.presenting import printing

MOST_WORDS, MOST_STEPS, LARGEST_BYTES, LONGEST_ALT = 900, 5, 250_000, 250
CHARTS = ["gap", "tiles", "sectors", "change"]
MARK = {"id": "Data sintetis", "en": "Synthetic data"}
NOT_ROUNDED = {"number_n", "highest_n", "percent_low", "percent_high", "fifth"}
"""Whole numbers in the data beside a page that are no counts of people or rows: a place on the map, how many areas,
shares.
"""
A4_POINTS = (595, 842)
NUMBER = r"\d(?:[\d.,]*\d)?"
Briefs = dict[tuple[str, str], Path]

EACH_BRIEF = pytest.mark.parametrize(("code", "language"), BRIEFS)
EACH_PAGE = pytest.mark.parametrize("name", PAGES)
EACH_AREA = pytest.mark.parametrize("code", finished.AREAS)


@pytest.fixture
def page(area_reports: Path, code: str, language: str) -> Path:
    return finished.path_of(area_reports, code, language)


@pytest.fixture
def soup(page: Path) -> BeautifulSoup:
    """A brief, to be read only."""
    return finished.soup_of(page)


def text(element: Tag | None) -> str:
    assert element is not None
    return " ".join(element.get_text().split())


def level_of(code: str) -> str:
    return REGIONS[code]["level"]


# Every page ------------------------------------------------------------------------------------------------------


def test_the_spread_holds_an_area_that_is_shown_and_one_that_is_withheld(area_reports: Path) -> None:
    told = {code: text(finished.soup_of(finished.path_of(area_reports, code, "id")).h1) for code in (LARGE, SMALL)}
    assert "disembunyikan" in told[SMALL] and "disembunyikan" not in told[LARGE]


def test_every_page_that_was_asked_for_lies_there_and_no_other(area_reports: Path) -> None:
    folder = area_reports / "reports" / EDITION
    names = {f"{code}-sintetis.html" for code in finished.AREAS} | {"index.html", "evaluasi-sintetis.html"}
    for language in LANGUAGES:
        assert {path.name for path in (folder / language).glob("*.html")} == names


def test_the_html_checker_finds_no_error(area_reports: Path, html_checker: list[str]) -> None:
    reports = area_reports / "reports"
    files = [str(file) for file in sorted(reports.rglob("*.html"))]
    assert len(files) >= len(PAGES)
    done = subprocess.run([*html_checker, "--errors-only", "--format", "json", "--stdout", *files],
                          capture_output=True, text=True, timeout=600, check=False)  # fmt: skip
    told = [f"{Path(urlsplit(one['url']).path).relative_to(reports)}: {one['message']}"
            for one in json.loads(done.stdout)["messages"]]  # fmt: skip
    assert told == []
    assert done.returncode == 0, done.stderr


def test_every_page_has_a_title_of_its_own(area_reports: Path) -> None:
    titles = [text(finished.soup_of(area_reports / "reports" / name).title) for name in PAGES]
    assert all(titles) and len(set(titles)) == len(titles)


@EACH_PAGE
def test_a_page_is_small_well_ordered_and_forbids_everything_but_its_own_styles(area_reports: Path, name: str) -> None:
    file = area_reports / "reports" / name
    soup = finished.soup_of(file)
    assert file.stat().st_size <= LARGEST_BYTES
    assert soup.html["lang"] == (file.parent.name if file.parent.name in LANGUAGES else "id")
    levels = [int(heading.name[1]) for heading in soup.find_all(re.compile(r"^h[1-6]$"))]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels)), levels
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert [own for own, n in Counter(ids).items() if n > 1] == []
    assert all(len(soup.find_all(landmark)) == 1 for landmark in ("header", "main", "footer"))
    assert all(nav.get("aria-label") for nav in soup.find_all("nav"))
    assert all(text(soup.find(id=section["aria-labelledby"])) for section in soup.find_all("section"))
    assert soup.body.find("a")["class"] == ["skip"] and soup.body.find("a")["href"] == f"#{soup.main['id']}"
    policies = soup.find_all("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert [policy["content"] for policy in policies] == [CSP]
    assert soup.find_all(["script", "iframe", "object", "embed", "img", "link", "form", "base"]) == []
    assert [key for tag in soup.find_all() for key in tag.attrs if key.startswith("on")] == []


@EACH_PAGE
def test_every_link_leads_somewhere(area_reports: Path, name: str) -> None:
    file = area_reports / "reports" / name
    for link in (str(tag["href"]) for tag in finished.soup_of(file).find_all("a")):
        parts = urlsplit(link)
        if parts.scheme:
            assert parts.scheme in {"http", "https"} and parts.hostname, link
            continue
        target = (file.parent / parts.path).resolve() if parts.path else file
        assert target.is_file() and target.is_relative_to(area_reports / "reports"), link
        assert not parts.fragment or finished.soup_of(target).find(id=parts.fragment), link


@EACH_PAGE
def test_no_page_names_the_folder_or_the_machine(area_reports: Path, name: str) -> None:
    told = finished.read(area_reports / "reports" / name)
    project = str(Path(__file__).parents[1])
    assert not [one for one in (str(area_reports), project, "file:", "/tmp/", "/home/") if one in told]
    assert not re.search(rf"\b{re.escape(socket.gethostname())}\b", told)
    assert not re.findall(r"\d{4}-\d{2}-\d{2}T\d", told)


# The marks of invented data ----------------------------------------------------------------------------------------


@EACH_BRIEF
def test_a_brief_is_marked_wherever_it_may_be_seen(page: Path, soup: BeautifulSoup, code: str, language: str) -> None:
    mark = MARK[language]
    assert soup.select_one("meta[name=data-status]")["content"] == "synthetic"
    assert text(soup.title).startswith(f"{mark}: ")
    assert text(soup.select_one("header .synthetic")).startswith(mark)
    assert re.search(rf'@top-center {{ content: "{mark}', finished.read(page))
    for figure in soup.find_all("figure"):
        assert mark.upper() in [text(label) for label in figure.select("svg text")]
        assert text(figure.svg.desc).startswith(f"{mark}. ")
    assert page.stem.endswith("-sintetis")
    beside = {link["href"] for link in soup.find_all("a", href=re.compile(r"csv/"))}
    assert beside and all(Path(href).stem.endswith("-sintetis") for href in beside)


@pytest.mark.parametrize("name", finished.INDEXES[:-1])
def test_an_index_of_an_edition_is_marked(area_reports: Path, name: str) -> None:
    file = area_reports / "reports" / name
    soup, mark = finished.soup_of(file), MARK[file.parent.name]
    assert soup.select_one("meta[name=data-status]")["content"] == "synthetic"
    assert text(soup.title).startswith(mark) and text(soup.select_one("header .synthetic")).startswith(mark)
    assert re.search(rf'@top-center {{ content: "{mark}', finished.read(file))


def test_the_index_of_all_editions_says_which_are_invented(area_reports: Path) -> None:
    soup = finished.soup_of(area_reports / "reports/index.html")
    assert {text(tag) for tag in soup.find_all("h2") if "demo" in text(tag)} == {
        "Edisi demo (data sintetis)", "Edisi demo-prev (data sintetis)"}  # fmt: skip


# Parts -------------------------------------------------------------------------------------------------------------


@EACH_BRIEF
def test_parts_stand_in_the_agreed_order_and_are_no_more_than_agreed(soup: BeautifulSoup, language: str) -> None:
    assert [text(tag) for tag in soup.select(".eyebrow, main h2")] == ORDER[language]
    assert 1 <= len(soup.select(".steps li")) <= MOST_STEPS
    for step in soup.select(".steps li"):
        assert step.strong and step.select("span data.figure")
        assert re.search(r"\d{1,2} \w+ 202\d", text(step))
        assert re.search(r"(Biaya|Cost): .+ (Dasar|Basis): ", text(step))
    main = BeautifulSoup(str(soup.main), "html.parser")
    for unread in main.select("svg, details, .away"):
        unread.decompose()
    assert 250 < len([word for word in main.get_text(" ").split() if re.search(r"\w", word)]) <= MOST_WORDS


@EACH_BRIEF
def test_three_numbers_lead_to_their_origins(soup: BeautifulSoup) -> None:
    tiles = soup.select(".keys li")
    links = [tile.a["href"] for tile in tiles]
    assert len(set(links)) == len(tiles) == 3
    for tile, link in zip(tiles, links, strict=True):
        assert tile.select("data.figure") and re.search(r"(Data per|Data as of) 31 (Oktober|October) 2026", text(tile))
        origin = soup.select_one(f".origins {link}")
        assert origin and origin.select("[data-ref]")


@EACH_BRIEF
def test_charts_have_a_description_a_table_and_a_file_of_the_same_rows(page: Path, soup: BeautifulSoup) -> None:
    figures = soup.find_all("figure")
    assert [figure["id"] for figure in figures] == CHARTS
    for figure in figures:
        alt = text(figure.svg.desc)
        assert 20 <= len(alt) <= LONGEST_ALT and "No description" not in alt
        assert figure.svg["role"] == "img" and figure.svg["aria-labelledby"] == figure.svg.desc["id"]
        (link,) = figure.find_all("a")
        with (page.parent / link["href"]).open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        assert len(rows) == len(figure.table.find_all("tr")), link["href"]


@EACH_BRIEF
def test_tables_have_a_caption_headers_and_no_empty_cell(soup: BeautifulSoup) -> None:
    tables = soup.select("main table")
    assert len(tables) >= len(CHARTS)
    for table in tables:
        assert text(table.caption) and all(text(cell) for cell in table.find_all(["th", "td"]))
        assert {header["scope"] for header in table.thead.find_all("th")} == {"col"}
        for row in table.tbody.find_all("tr"):
            assert [header["scope"] for header in row.find_all("th")] == ["row"]
            assert len(row.find_all(["th", "td"])) == len(table.thead.find_all("th"))


# Words -------------------------------------------------------------------------------------------------------------


@EACH_BRIEF
def test_abbreviations_are_introduced_where_they_first_stand_and_only_there(page: Path, language: str) -> None:
    told = " ".join(body_texts(finished.parsed(page)))
    for term, form in INTRODUCED[language].items():
        assert told.count(form) == 1, term
        assert not re.search(rf"\b{term}\b", told.partition(form)[0]), term


@EACH_BRIEF
def test_no_sentence_begins_with_a_digit_and_the_headline_is_one(soup: BeautifulSoup) -> None:
    headline = text(soup.h1)
    assert len(headline.split()) <= 20 and not re.search(r"[.!?](\s|$)", headline)
    told = [text(tag) for tag in soup.select("h1, main p, .steps li, .steps strong, figcaption strong, header p")]
    assert len(told) > 15
    assert [one for one in told if re.search(r"(?:^|[.!?] )\W*\d", one)] == []


@EACH_AREA
def test_languages_share_no_word_but_those_agreed(area_reports: Path, code: str) -> None:
    names = set(re.findall(r"[a-z]{2,}", " ".join(row["name"] for row in REGIONS.values()).lower()))
    both = [read_words(finished.parsed(finished.path_of(area_reports, code, language))) for language in LANGUAGES]
    shared = {word for word in both[0] & both[1] if not re.fullmatch("[a-e]{2}", word)}  # classes of the map
    assert shared - SAME_IN_BOTH - names - {EDITION} == set()


@EACH_AREA
def test_indonesian_words_are_those_of_the_glossary(area_reports: Path, code: str) -> None:
    told = visible_text(finished.parsed(finished.path_of(area_reports, code, "id"))).lower()
    assert not re.search(r"\btemuan(?! data)\b", told)
    assert not re.search(r"\b(nihil|gap|valid|error|register|records?|nan|none|umk|tidak ada (pelaku|orang))\b", told)
    assert not re.search(r"(antara|dari)\s+[\d.,]+\s*[–-]\s*[\d.,]+\s+(hingga|sampai)", told)
    assert not re.search(r"paling (sedikit|banyak) paling", told)


# Numbers -----------------------------------------------------------------------------------------------------------


@EACH_BRIEF
def test_every_figure_is_what_its_rows_make_it(
    area_reports: Path, soup: BeautifulSoup, code: str, language: str
) -> None:
    now, last = finished.released(finished.area_file(area_reports, code))
    figures, wrong = soup.select("data"), []
    titles = soup.select("#tiles figcaption strong, #tiles caption") if level_of(code) != "kelurahan" else []
    of_areas = [title.data for title in titles if title.data]
    for figure in figures:
        refs, value = str(figure["data-ref"]).split(), Fraction(str(figure["value"]))
        if any(figure is one for one in of_areas) and {ref.split(",", 1)[1] for ref in refs} == {"total,all,active"}:
            wrong += [] if value == len(refs) else [(figure["value"], refs)]  # so many kelurahan
            continue
        possible = finished.possible(refs, now, last)
        is_high, is_low = is_end(figure)
        if finished.is_cell(refs[0]) and len(set(refs)) == len(refs):  # of other figures there are more than two
            possible &= {max(possible)} if is_high else {min(possible)} if is_low else possible
        if value not in possible:
            wrong.append((figure["value"], refs))
    assert wrong == [] and len(figures) > finished.figures_least(code)
    assert all(figure["class"] == ["figure"] for figure in figures)


def is_end(figure: Tag) -> tuple[bool, bool]:
    """Whether a figure is the upper end of a range, and whether it is the lower one."""
    before, after = (str(side or "") for side in (figure.previous_sibling, figure.next_sibling))
    return before == "–", after == "–"


@EACH_BRIEF
def test_every_figure_shows_its_value_and_scaled_ends_go_outward(soup: BeautifulSoup, language: str) -> None:
    wrong = []
    for figure in soup.select("data"):
        (number, rounding), value = said(figure, language), Fraction(str(figure["value"]))
        is_high, is_low = is_end(figure)
        outward = value - number if is_low else number - value if is_high else abs(number - value)
        if not 0 <= outward <= rounding:
            wrong.append((figure.get_text(), figure["value"]))
    assert wrong == []


def explained(told: str, language: str, code: str) -> str:
    """A text without what is written in digits and is no figure, by patterns."""
    kecamatan = "|".join(row["name"] for row in REGIONS.values() if row["level"] == "kecamatan")
    around = code if level_of(code) != "kelurahan" else REGIONS[code]["parent_code"]
    kelurahan = sum(row["level"] == "kelurahan" and (code == CITY or row["parent_code"] == around)
                    for row in REGIONS.values())  # fmt: skip
    for pattern in (
        rf"\b72\.71[.\d]*-{EDITION}-{language}\b",  # the issue
        rf"\b(?:{kecamatan}) \d\b",  # a tile of the map of the city
        rf"\b(?:dari|of) {kelurahan} kelurahan",
        r"\b12 (?:bulan|contribution months|months)\b",
        r"\b16 (?:angka|digits|valid digits)\b",  # of a NIK, in the name of a rule
        r"(?:angka terbit|published) 0 (?:berarti|is) ",  # how rounding is to be read
        r"(?:nomor|number) [123]\b",
        r"(?:Sumber|Sources) \(\d\)",
        r"\b(?:baris|row) \d{1,3}\b",  # of a table of the record
    ):
        told = re.sub(pattern, " ", told)
    return without_dates_and_laws(told, language)


@EACH_BRIEF
def test_every_number_in_texts_drawings_and_descriptions_is_a_figure_of_the_page(
    page: Path, code: str, language: str
) -> None:
    soup = finished.parsed(page)
    figures = {figure.get_text() for figure in soup.select("data")}
    title = text(soup.title)
    for figure in soup.find_all("figure"):
        own = {data.get_text() for data in figure.select("data")}
        ticks = [tick.extract().get_text() for tick in figure.select("svg [id*=tick] text")]
        steps = [int(re.sub(r"\D", "", tick)) for tick in ticks]
        assert steps == [n * (steps[1] if len(steps) > 1 else 0) for n in range(len(steps))], "an axis has even steps"
        drawn = " \n ".join(text(tag) for tag in figure.select("svg text, svg desc"))
        if figure["id"] == "tiles":
            drawn = re.sub(r"(?m)^ ?[1-9](?: [A-E]{1,2})? ?$|^ ?[A-E] (?:[<>]\d+|\d+–\d+) ?$", " ", drawn)
        assert set(re.findall(NUMBER, explained(drawn, language, code))) <= own, figure["id"]
        figure.svg.decompose()
    for figure in soup.select("data"):
        figure.replace_with("¤")
    loose = re.findall(NUMBER, explained(f"{title} {visible_text(soup)}", language, code))
    assert set(loose) <= figures
    described = [str(value) for tag in soup.main.find_all() for key, value in tag.attrs.items()
                 if key in ("aria-label", "title", "alt")]  # fmt: skip
    assert set(re.findall(NUMBER, explained(" ".join(described), language, code))) <= figures


@EACH_AREA
def test_both_languages_hold_the_same_figures(area_reports: Path, code: str) -> None:
    held = [Counter((data["value"], data["data-ref"])
                    for data in finished.soup_of(finished.path_of(area_reports, code, language)).select("data"))
            for language in LANGUAGES]  # fmt: skip
    assert held[0] == held[1] and held[0].total() > finished.figures_least(code)


@EACH_AREA
def test_the_rows_of_an_area_are_released_rows(area_reports: Path, code: str) -> None:
    now, last = finished.released(finished.area_file(area_reports, code))
    for edition, rows in ((EDITION, now), (finished.BEFORE, last)):
        folder = area_reports / "data/processed" / edition / "released"
        assert rows.items() <= whole(folder).items() and len(rows) > 10


def whole(folder: Path) -> dict[str, finished.Cell]:
    """All released rows of an edition, as `finished.released` names them."""
    found = {}
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                key = ",".join(row[name] for name in ("area_code", "dimension", "category", "measure"))
                found[f"{path.name}#{key}"] = finished.Cell(
                    *(int(row[name]) if row[name] else None for name in ("value", "lower", "upper"))
                )
    return found


def numbers_of(file: Path) -> Iterator[tuple[dict[str, str], str, int]]:
    with file.open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            yield from ((row, name, int(cell)) for name, cell in row.items() if re.fullmatch(r"-?\d+", cell or ""))


def test_every_count_in_the_data_beside_the_pages_is_a_multiple_of_five(area_reports: Path) -> None:
    files = sorted((area_reports / "reports").rglob("*.csv"))
    counts = [(file.name, name, n) for file in files for _, name, n in numbers_of(file) if name not in NOT_ROUNDED]
    assert [one for one in counts if one[2] % 5] == []
    assert len(counts) > 1_000 and {name for _, name, _ in counts} >= {"value", "lower", "upper", "change_n"}


@EACH_AREA
def test_every_count_in_the_data_beside_a_page_is_that_of_its_cell(area_reports: Path, code: str) -> None:
    now, last = finished.released(finished.area_file(area_reports, code))
    folder, checked = area_reports / "reports" / EDITION / "id/csv", 0
    for file in sorted(folder.glob(f"{code}-*-sintetis.csv")):
        for row, name, n in numbers_of(file):
            cell, end = cell_of(row, name, now, last)
            if cell:
                assert n == {"": cell.value, "low": cell.ends[0], "high": cell.ends[1]}[end], (file.name, name, row)
                checked += 1
    assert checked > 50


def cell_of(row: dict[str, str], name: str, now: finished.Cells, last: finished.Cells
            ) -> tuple[finished.Cell | None, str]:  # fmt: skip
    """The released cell behind a column of the data beside a page, and which of its ends; None where there are more."""
    if "dimension" in row:
        key = ",".join(row[one] for one in ("area_code", "dimension", "category", "measure"))
        return now[f"gap.csv#{key}"], {"value": "", "lower": "low", "upper": "high"}[name]
    measure, end = re.fullmatch(r"(\w+?)_?(low|high)?_n|.*", name).groups(default="")
    refs = str(row.get(f"{measure}_refs") or "").split()
    if measure in ("before", "after"):
        return (last if measure == "before" else now)[row["refs"].split()[0]], end
    return (now[refs[0]] if len(refs) == 1 else None), end


# One released row changed --------------------------------------------------------------------------------------------

CHANGES = [
    (LARGE, "gap", "total,all,lapsed"),
    (LARGE, "gap", "total,all,unregistered"),
    ("72.71.03", "gap", "sector,trade,active"),
    ("72.71.03", "evaluation", "umkm.fixer,kelurahan,with"),
    (CITY, "savings", "paid_from_apbd,all,paid_twice"),
]


@pytest.fixture(scope="module")
def rebuilt(area_reports: Path, tmp_path_factory: pytest.TempPathFactory):
    """Gives the page of an area, made in a copy of the released files in which one row may be changed."""
    root = tmp_path_factory.mktemp("changed")
    folder = finished.area_file(root, CITY).parent
    shutil.copytree(finished.area_file(area_reports, CITY).parent, folder)

    def make(code: str, table: str = "", cell: str = "") -> BeautifulSoup:
        page = finished.path_of(area_reports, code, "id")
        own = folder / f"{code}.csv"
        kept = own.read_bytes(), own.with_suffix(".json").read_bytes()
        if table:
            change_row(own, table, f"{code},{level_of(code).replace('kota', 'city')},{cell},")
        html = finished.made(root, code, "id", finished.manifest_of(page)["parameters"]["as_of"])
        own.write_bytes(kept[0])
        own.with_suffix(".json").write_bytes(kept[1])
        return BeautifulSoup(html, "html.parser")

    return make


def change_row(file: Path, table: str, begins: str) -> None:
    """Five more in every number of the one row of `table` that begins so, and the hash of the file with it."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    (at,) = (n for n, line in enumerate(lines) if line.startswith(f"{table},{begins}"))
    head, numbers = lines[at][: len(f"{table},{begins}")], lines[at].rstrip("\n")[len(f"{table},{begins}") :].split(",")
    assert numbers[0], "the row is withheld"
    lines[at] = head + ",".join(str(int(n) + 5) if n else n for n in numbers) + "\n"
    changed = "".join(lines)
    described = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    described["sha256"] = hashlib.sha256(changed.encode()).hexdigest()
    file.write_text(changed, encoding="utf-8")
    file.with_suffix(".json").write_text(json.dumps(described), encoding="utf-8")


def bodies(soup: BeautifulSoup) -> list[Tag]:
    """Blocks of text, cells and drawings of a page in their order, without what is there for listeners only."""
    for away in soup.select(".away"):
        away.extract()
    return soup.select("title, h1, p, li, td, th, caption, figcaption strong, figcaption span, svg")


@pytest.mark.parametrize("code", [CITY, LARGE])
def test_a_page_made_again_from_its_rows_is_the_page_that_lies_there(area_reports: Path, rebuilt, code: str) -> None:
    found = finished.parsed(finished.path_of(area_reports, code, "id"))
    assert [str(one) for one in bodies(rebuilt(code))] == [str(one) for one in bodies(found)]


@pytest.mark.parametrize(("code", "table", "cell"), CHANGES)
def test_a_changed_row_changes_just_the_texts_that_show_it(rebuilt, code: str, table: str, cell: str) -> None:
    before, after = rebuilt(code), rebuilt(code, table, cell)
    ref = f"{table}.csv#{code},{cell}"
    shown_n = 0
    for one, other in zip(bodies(before), bodies(after), strict=True):
        refs = [str(data["data-ref"]).split() for data in one.select("data")]
        if one.name == "title":
            refs = [str(data["data-ref"]).split() for data in before.h1.select("data")]
        if one.name == "svg":
            refs = [str(data["data-ref"]).split() for data in one.find_parent("figure").select("data")]
        if str(one) != str(other):
            assert any(ref in own for own in refs), f"changed without the row: {text(one)} -> {text(other)}"
        if [ref] in refs:
            assert str(one) != str(other), f"shows the row and stayed: {text(one)}"
            shown_n += 1
    assert shown_n >= 1


# Printed ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def is_printed() -> None:
    if not printing.is_available():
        pytest.skip("WeasyPrint or Pango is not here: no PDF was made")


@EACH_BRIEF
def test_a_pdf_lies_beside_the_page_and_says_the_same(
    is_printed: None, page: Path, soup: BeautifulSoup, language: str
) -> None:
    printed = PdfReader(page.with_suffix(".pdf"))
    first, second = (re.sub(r"\s", "", printed.pages[n].extract_text()) for n in (0, 1))
    for one in printed.pages:
        assert (float(one.mediabox.width), float(one.mediabox.height)) == pytest.approx(A4_POINTS, abs=1)
    assert re.sub(r"\s", "", text(soup.h1)) in first
    assert re.sub(r"\s", "", text(soup.select_one(".limits p"))) in first
    assert re.sub(r"\s", "", text(soup.select_one("#method-title"))) in second
    assert MARK[language].replace(" ", "") in first
    issue = soup.select_one("meta[name=issue]")["content"]
    assert f"{issue}·" in first and f"1/{len(printed.pages)}" in first
    assert set(printed.metadata) == {"/Producer", "/Title"} and printed.metadata.title == text(soup.title)


@pytest.mark.parametrize("code", [LARGE])
def test_a_page_printed_again_gives_the_same_bytes(is_printed: None, area_reports: Path, code: str) -> None:
    page = finished.path_of(area_reports, code, "id")
    assert printing.pdf(finished.read(page)) == page.with_suffix(".pdf").read_bytes()
