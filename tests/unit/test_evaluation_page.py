"""The evaluation page, made by its own notebook's cells from invented released counts: what data owners read."""

import csv
import re
from collections.abc import Callable, Iterator
from datetime import date
from itertools import product
from pathlib import Path

import pandas as pd
import pytest
import ran_cells
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser

from analysis.contracts.registers import DELIVERED
from analysis.contracts.released import COUNTED
from analysis.measuring import evaluation
from analysis.presenting import index
from analysis.presenting.brief import Page
from analysis.releasing import disclosure
from analysis.releasing.editions import Edition, Source

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "05_evaluation_page.ipynb"
AS_OF, DAY = "2026-11-22", date(2026, 10, 31)
AREAS = {"72.71": "city", **{f"72.71.{n:02d}": "kecamatan" for n in range(1, 9)}}
SIZES = {"umkm": 38_982, "jamsostek": 60_426, "pekerja_rentan": 815}
ORDER = {
    "id": ["Pesan utama", "Tiga angka", "Keputusan yang diminta", "Grafik", "Langkah yang disarankan", "Keterbatasan",
           "Metode", "Dasar hukum", "Asal angka"],
    "en": ["Main message", "Three numbers", "Decision asked", "Charts", "Recommended steps", "Limits", "Method",
           "Legal basis", "Where the numbers come from"],
}  # fmt: skip
LARGEST_BYTES, MOST_WORDS, LONGEST_ALT = 250_000, 900, 250
A4_HEIGHT, A4_WIDTH = 1039.4, 703
BOTH = pytest.mark.parametrize("language", ["id", "en"])
Write = Callable[..., Path]


class Zero:
    """A key without noise, so that the figures of a test can be read off its counts."""

    def mac(self, text: str) -> str:
        return "0"


def invented(scale: float = 1, **changed: int) -> pd.DataFrame:
    """True counts of every cell: the first measure of each partition holds most rows, the second 5 to 24 percent.

    `changed`: what a city's cell holds instead, such as umkm_completeness_nik_missing=0.
    """
    rows = []
    for (name, each), (area, level) in product(evaluation.layout().dimensions.items(), AREAS.items()):
        for at, category in enumerate(each.categories if level in each.levels else ()):
            size = int(SIZES[name.partition(".")[0]] * scale / (1 if level == "city" else 8))
            rest = size * (5 + (at + int(area[-1])) % 20) // 100
            first = (rest, size - rest) if each.parts[0] == "with" else (size - rest, rest)
            values = [*first, *[0] * (len(each.parts) - 2)]
            rows += [(area, level, name, category, measure, changed.get(
                f"{name}_{category}_{measure}".replace(".", "_"), value) if level == "city" else value)
                for measure, value in zip(each.parts, values, strict=True)]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COUNTED))


@pytest.fixture(scope="session")
def write(tmp_path_factory: pytest.TempPathFactory) -> Write:
    """Puts an edition of invented counts into a root folder of its own."""

    def put(cells: pd.DataFrame, *, day: date = DAY, is_synthetic: bool = True, unit: str | None = None) -> Path:
        root = tmp_path_factory.mktemp("root")
        sources = tuple(Source(name, f"Penerbit <{name}>", date(2026, 11, 4)) for name in DELIVERED)
        edition = Edition("demo", day, is_synthetic, unit, sources, "0123456789ab")
        disclosure.write(disclosure.release(cells, Zero()), edition, root / "data/processed/demo/released")
        return root

    return put


def made(root: Path, language: str) -> Page:
    return ran_cells.page(NOTEBOOK, root, f"evaluasi-demo-{language}", edition="demo", language=language, as_of=AS_OF)


@pytest.fixture(scope="session")
def usual(write: Write) -> dict[str, Page]:
    """The page of a synthetic edition of the usual size, in both languages."""
    root = write(invented())
    return {language: made(root, language) for language in ("id", "en")}


def parsed(page: Page) -> BeautifulSoup:
    return BeautifulSoup(page.html, "html.parser")


def text(element: Tag | None) -> str:
    assert element is not None
    return " ".join(element.get_text(" ").split())


def read(soup: BeautifulSoup) -> str:
    """What a reader reads of the page while the tables are folded."""
    for unread in soup.select("style, template, title, details:not(.printed), svg, .away, .skip"):
        unread.extract()
    return text(soup.body)


# what every page has


@BOTH
def test_the_headline_is_one_short_sentence_with_a_number(usual: dict[str, Page], language: str) -> None:
    headline = text(parsed(usual[language]).h1)
    assert len(headline.split()) <= 20
    assert re.search(r"\d", headline) and not headline[0].isdigit()


@BOTH
def test_three_numbers_with_their_denominator_and_day_lead_to_their_origins(
    usual: dict[str, Page], language: str
) -> None:
    soup = parsed(usual[language])
    tiles = soup.select(".keys li")
    assert len(tiles) == 3
    for tile in tiles:
        assert len(tile.select("data.figure")) == 2, "number and denominator"
        assert re.search(r"(Data per|Data as of) 31 (Oktober|October) 2026", text(tile))
        origin = soup.select_one(f".origins {tile.a['href']}")
        assert origin is not None and origin.select_one("[data-ref^='evaluation.csv#']")


@BOTH
def test_every_figure_names_cells_of_the_released_table(usual: dict[str, Page], language: str) -> None:
    rows = csv.DictReader(usual[language].csv["evaluation-sintetis"].splitlines())
    known = {"evaluation.csv#" + ",".join(row[name] for name in ("area_code", "dimension", "category", "measure"))
             for row in rows}  # fmt: skip
    refs = {ref for data in parsed(usual[language]).select("data[data-ref]") for ref in str(data["data-ref"]).split()}
    assert len(refs) > 50
    assert {ref for ref in refs if not ref.startswith("limits.csv#")} <= known


@BOTH
def test_sections_stand_in_the_agreed_order(usual: dict[str, Page], language: str) -> None:
    assert [text(tag) for tag in parsed(usual[language]).select(".eyebrow, main h2")] == ORDER[language]


@BOTH
def test_one_office_is_asked_and_every_step_has_actor_day_cost_and_basis(usual: dict[str, Page], language: str) -> None:
    soup = parsed(usual[language])
    assert re.search(r"31 (Desember|December) 2026", text(soup.select_one(".request p")))
    steps = soup.select(".steps li")
    assert 1 <= len(steps) <= 5
    for step in steps:
        assert step.strong is not None and step.select("span data.figure")
        assert re.search(r"\d{1,2} \w+ 202\d", text(step))
        assert re.search(r"(Biaya|Cost): .+ (Dasar|Basis): ", text(step))


@BOTH
def test_charts_have_a_short_description_a_table_and_a_file_of_the_same_rows(
    usual: dict[str, Page], language: str
) -> None:
    page = usual[language]
    figures = parsed(page).find_all("figure")
    assert [figure["id"] for figure in figures] == ["evaluation-nik", "evaluation-findings"]
    for figure in figures:
        alt = text(figure.svg.desc)
        assert 20 <= len(alt) <= LONGEST_ALT and re.search(r"\d", alt)
        rows = page.csv[Path(figure.find_all("a")[-1]["href"]).stem].splitlines()
        assert len(rows) == len(figure.table.find_all("tr"))


@BOTH
def test_tables_by_register_and_kecamatan_are_whole(usual: dict[str, Page], language: str) -> None:
    tables = parsed(usual[language]).select("main table")
    assert len(tables) == 2 + 2 + 2 * len(DELIVERED)
    for table in tables:
        assert text(table.caption) and all(text(header) for header in table.find_all("th"))
        widths = {len(row.find_all(["th", "td"])) for row in table.find_all("tr")}
        assert len(widths) == 1
        assert all(text(cell) for cell in table.find_all("td"))


@BOTH
def test_the_page_is_short_and_small(usual: dict[str, Page], language: str) -> None:
    assert len(read(parsed(usual[language])).split()) <= MOST_WORDS
    assert len(usual[language].html.encode()) <= LARGEST_BYTES


def test_the_words_of_the_indonesian_page(usual: dict[str, Page]) -> None:
    told = read(parsed(usual["id"])).lower()
    assert not re.search(r"\btemuan(?! data)\b", told)
    assert not re.search(r"nihil|\b(gap|valid|error|register|records?)\b", told)
    assert "disembunyikan" in told and "paling banyak empat" in told


def test_both_languages_tell_the_same_numbers(usual: dict[str, Page]) -> None:
    told = [sorted(float(str(data["value"])) for data in parsed(page).select("main data")) for page in usual.values()]
    assert told[0] == told[1]


def test_a_name_of_an_issuer_is_text_and_never_markup(usual: dict[str, Page]) -> None:
    assert "<umkm>" not in usual["id"].html and "&lt;umkm&gt;" in usual["id"].html


# synthetic and real


def test_a_synthetic_page_is_marked_wherever_it_may_be_seen(usual: dict[str, Page]) -> None:
    page, soup = usual["id"], parsed(usual["id"])
    assert soup.select_one("meta[name=data-status]")["content"] == "synthetic"  # type: ignore[index]
    assert text(soup.title).startswith("Data sintetis")
    assert "sintetis" in text(soup.select_one("header .synthetic")).lower()
    assert re.search(r"@top-center { content: \"Data sintetis", page.html)
    for figure in soup.find_all("figure"):
        assert "DATA SINTETIS" in text(figure.svg.g) and text(figure.svg.desc).startswith("Data sintetis.")
    assert all(name.endswith("-sintetis") for name in page.csv)
    assert "evaluasi-sintetis.html" in str(soup.nav)


def test_a_real_page_carries_no_such_mark_and_names_its_issuer(write: Write) -> None:
    page = made(write(invented(), is_synthetic=False, unit="Dinas Kominfo"), "id")
    assert "sintetis" not in page.html.lower()
    assert parsed(page).select_one("meta[name=data-status]")["content"] == "released"  # type: ignore[index]
    assert "diterbitkan oleh Dinas Kominfo" in text(parsed(page).header)
    assert set(page.csv) == {"evaluation", "evaluation-nik", "evaluation-findings"}


# the words follow the data


def headline(write: Write, language: str = "en", **changed: int) -> str:
    return text(parsed(made(write(invented(**changed)), language)).h1)


def test_the_register_with_more_records_without_nik_comes_first(write: Write) -> None:
    few = {"jamsostek_completeness_nik_missing": 0, "jamsostek_validity_nik_not_valid": 40}
    assert re.match(r"In Kota Palu, [\d,]+ participant records and [\d,]+ UMKM records", headline(write))
    assert headline(write, **few).endswith("UMKM records and 40 participant records hold no usable NIK")


def test_a_published_zero_is_at_most_eight_where_two_parts_are_added(write: Write) -> None:
    none = {f"{name}_{part}": 0 for name in ("umkm", "jamsostek")
            for part in ("completeness_nik_missing", "validity_nik_not_valid")}  # fmt: skip
    assert headline(write, **none).count("at most eight") == 2


def test_old_registers_give_the_headline_their_age_and_the_tiles_a_badge(write: Write) -> None:
    stale = parsed(made(write(invented(), day=date(2026, 8, 1)), "en"))
    assert "NIK" in text(stale.h1) and len(stale.select(".keys .badge")) == 3
    expired = parsed(made(write(invented(), day=date(2025, 10, 31)), "en"))
    assert "12 months ago" in text(expired.h1) and "NIK" not in text(expired.h1)


@BOTH
def test_an_edition_too_small_to_be_shown_has_a_page_that_shows_no_count(write: Write, language: str) -> None:
    page = made(write(invented(scale=1 / 8000)), language)
    soup = parsed(page)
    assert len(soup.select(".keys li")) == 3
    assert not [data for data in soup.select("main data") if str(data["data-ref"]).startswith("evaluation")]
    assert {"id": "disembunyikan", "en": "withheld"}[language] in text(soup.h1)


@BOTH
def test_a_middling_edition_tells_shares_in_words_or_not_at_all(write: Write, language: str) -> None:
    soup = parsed(made(write(invented(scale=1 / 100)), language))
    assert {"id": "sekitar", "en": "about"}[language] in text(soup.select_one("#evaluation-nik table"))


def test_the_index_lists_editions_after_the_record_and_marks_synthetic_ones(usual: dict[str, Page]) -> None:
    pages = {name: (f"reports/demo/{name}/evaluasi-sintetis.html", page.html) for name, page in usual.items()}
    soup = BeautifulSoup(index.render({}, {"demo": pages, "2026-09": {}}), "html.parser")
    assert [text(tag) for tag in soup.find_all("h2")] == ["Edisi demo (data sintetis)"]
    assert [a["href"] for a in soup.select(".pages a")] == [path.removeprefix("reports/") for path, _ in pages.values()]


# in a browser


@pytest.fixture(scope="module")
def opened(browser: Browser, usual: dict[str, Page], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable]:
    folder = tmp_path_factory.mktemp("pages")
    contexts = []

    def open_page(language: str, width: int, media: str = "screen") -> object:
        file = folder / f"{language}.html"
        file.write_text(usual[language].html, encoding="utf-8")
        contexts.append(browser.new_context(viewport={"width": width, "height": 740}))
        page = contexts[-1].new_page()
        page.goto(file.as_uri())
        page.emulate_media(media=media)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.browser
@BOTH
def test_page_1_is_one_a4_with_room_to_spare_and_nothing_cut(opened: Callable, language: str) -> None:
    page = opened(language, A4_WIDTH, "print")
    bottom = page.locator(".sheet").evaluate("each => each.getBoundingClientRect().bottom + scrollY")
    assert 1 - bottom / A4_HEIGHT >= 0.03
    cut = page.locator("svg text").evaluate_all("""all => all.filter(each => {
        const box = each.getBoundingClientRect(), svg = each.ownerSVGElement.getBoundingClientRect();
        return box.left < svg.left - .5 || box.right > svg.right + .5
            || box.top < svg.top - .5 || box.bottom > svg.bottom + .5; }).map(each => each.textContent)""")
    assert cut == []


@pytest.mark.browser
@BOTH
def test_a_phone_shows_message_numbers_and_request_first_and_never_scrolls_sideways(
    opened: Callable, language: str
) -> None:
    page = opened(language, 360)
    for place in ("h1", ".keys li:last-child", ".request h2", ".request p:first-of-type"):
        box = page.locator(place).bounding_box()
        assert box["y"] + box["height"] <= 740, place
    narrow = opened(language, 320)
    narrow.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.browser
@BOTH
@pytest.mark.parametrize(("width", "media"), [(1280, "screen"), (320, "screen"), (A4_WIDTH, "print")])
def test_axe_finds_nothing(opened: Callable, language: str, width: int, media: str) -> None:
    page = opened(language, width, media)
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    wcag = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
    found = Axe().run(page, options={"runOnly": wcag, "rules": {"target-size": {"enabled": True}}}).response
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found["violations"]] == []
