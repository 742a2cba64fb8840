"""The brief on an area, made by its own notebook's cells: what a Sekretaris Daerah, a camat and a lurah read."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path

import few_areas
import pandas as pd
import pytest
import ran_cells
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup, Tag
from few_areas import KNOWN, TINY
from playwright.sync_api import Browser
from test_languages import INTRODUCED, ORDER, SAME_IN_BOTH, body_texts, read_words

from analysis import ParameterError
from analysis.contracts.released import CITY
from analysis.measuring import gap, quality, standing
from analysis.presenting import area_argument, wording
from analysis.presenting import standing as page_of
from analysis.presenting.brief import Page
from analysis.releasing import areas, disclosure
from analysis.sources.places import PROJECT, Root
from analysis.sources.published import Record, read_record

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "04_policy_brief.ipynb"
SPEC = Path(__file__).parents[1] / "spec" / "area_headlines.csv"
CASES = list(csv.DictReader(SPEC.read_text(encoding="utf-8").splitlines()))
KECAMATAN, KELURAHAN, BAIYA, TAWAELI = "72.71.01", "72.71.08.1001", "72.71.07.1003", "72.71.07"
SPREAD = (CITY, KECAMATAN, KELURAHAN, TINY)
LANGUAGES = ("id", "en")
MOST_WORDS, LARGEST_BYTES, LONGEST_ALT, MOST_STEPS = 900, 250_000, 250, 5
A4_HEIGHT, A4_WIDTH = 1039.4, 703
ROOM = 0.03
OF_RECORD = ("figures.csv#", "tariffs.csv#", "limits.csv#", "bpu_base.csv#", "law.csv#")
EACH = pytest.mark.parametrize(("code", "language"), [(code, language) for code in SPREAD for language in LANGUAGES])
Pages = Mapping[tuple[str, str], Page]


def made(root: Path, area: str, language: str, as_of: str = "") -> Page:
    given = {"edition": "demo", "area": area, "language": language, "as_of": as_of}
    return ran_cells.page(NOTEBOOK, root, f"demo-{area}-{language}", **given)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthetic edition with one before it, in which a tenth fewer owners stood in each count."""
    now = few_areas.owners()
    before = {code: {name: n * 9 // 10 for name, n in own.items()} for code, own in now.items()}
    return few_areas.write(tmp_path_factory.mktemp("root"), now, before)


@pytest.fixture(scope="module")
def pages(root: Path) -> Pages:
    """The city, a kecamatan, a kelurahan, and one too small to be shown, in both languages."""
    return {(code, language): made(root, code, language) for code in SPREAD for language in LANGUAGES}


def parsed(page: Page) -> BeautifulSoup:
    return BeautifulSoup(page.html, "html.parser")


def text(element: Tag | None) -> str:
    """A text without mark-up; ends of a range stay together, and blocks apart."""
    assert element is not None
    inline = BeautifulSoup(str(element), "html.parser")
    for data in inline.find_all("data"):
        data.unwrap()
    inline.smooth()
    return " ".join(inline.get_text(" ").split())


def read(soup: BeautifulSoup) -> str:
    """What a reader reads of the page while tables, method and sources are folded."""
    for unread in soup.select("style, template, title, details, svg, .away, .skip"):
        unread.extract()
    return text(soup.body)


# headlines, by a table that anyone can review


@pytest.fixture(scope="module")
def record() -> Record:
    return read_record(Root(PROJECT), today=date(2027, 12, 31))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_the_headline_follows_the_released_counts(case: dict[str, str], language: str, record: Record) -> None:
    codes = {"kelurahan": BAIYA, "kecamatan": TAWAELI, "city": CITY}
    sizes = {CITY: (20_000, 4_000), TAWAELI: (3_000, 600), BAIYA: (int(case["unregistered"]), int(case["lapsed"]))}
    owners = {code: {**dict.fromkeys(gap.STATUSES, 0), "unregistered": n, "lapsed": lapsed}
              for code, (n, lapsed) in sizes.items()}  # fmt: skip
    table = few_areas.withheld(*(codes[name] for name in case["withheld"].split()))(few_areas.released(owners).table)
    kept = table.drop(columns=["refs", "is_unconfirmed"])
    own = disclosure.again(kept, gap.layout(), disclosure.KEYED_RULE, few_areas.edition(is_synthetic=False))
    levels = disclosure.derive(standing.levels, own)
    where = page_of.place(KNOWN[codes[case["owners"]]], KNOWN, levels)
    day = date(2026 + (9 + int(case["months_old"])) // 12, (9 + int(case["months_old"])) % 12 + 1, 30)
    as_of = day if case["months_old"] != "0" else few_areas.DAY
    age = disclosure.public(quality.age(record.limits, few_areas.DAY.replace(day=30), as_of), record)
    told = area_argument.message(where, levels, age, wording.in_language(language))
    headline = text(BeautifulSoup(told.html, "html.parser").h1)
    assert headline == case[language]
    assert len(headline.split()) <= 20 and not headline[0].isdigit()


# what every page has


@EACH
def test_three_numbers_with_denominator_and_day_lead_to_their_origins(pages: Pages, code: str, language: str) -> None:
    soup = parsed(pages[code, language])
    tiles = soup.select(".keys li")
    assert len(tiles) == 3
    for tile in tiles:
        assert len(tile.select("data.figure")) >= 2, "number and denominator"
        assert re.search(r"(Data per|Data as of) 31 (Oktober|October) 2026", text(tile))
        origin = soup.select_one(f".origins {tile.a['href']}")
        assert origin is not None and origin.select_one("[data-ref^='gap.csv#']")
    assert soup.select_one("#origin-cost [data-ref*='tariffs.csv#']")


@EACH
def test_sections_stand_in_the_agreed_order_below_one_headline(pages: Pages, code: str, language: str) -> None:
    soup = parsed(pages[code, language])
    assert [text(tag) for tag in soup.select(".eyebrow, main h2")] == ORDER[language]
    headline = text(soup.h1)
    assert len(soup.find_all("h1")) == 1 and len(headline.split()) <= 20
    assert re.search(r"\d", headline) and not headline[0].isdigit()


@EACH
def test_one_office_is_asked_for_one_act_by_one_day_with_the_instrument(pages: Pages, code: str, language: str) -> None:
    asked, basis = parsed(pages[code, language]).select(".request p")
    office = {"city": "Sekretaris Daerah", "kecamatan": "Camat", "kelurahan": "Lurah"}[KNOWN[code].level]
    assert office in text(asked) and len(re.findall(r"31 (?:Desember|December) 2026", text(asked))) == 1
    assert "Perda Kota Palu Nomor 8 Tahun 2024 tentang Penyelenggaraan Program" in text(basis)


@EACH
def test_every_step_has_actor_day_cost_and_basis(pages: Pages, code: str, language: str) -> None:
    steps = parsed(pages[code, language]).select(".steps li")
    assert 1 <= len(steps) <= MOST_STEPS
    for step in steps:
        assert step.strong is not None and step.select("span data.figure")
        assert re.search(r"\d{1,2} \w+ 202\d", text(step))
        assert re.search(r"(Biaya|Cost): .+ (Dasar|Basis): ", text(step))


@EACH
def test_every_figure_names_rows_that_the_page_may_show(pages: Pages, root: Path, code: str, language: str) -> None:
    released = areas.read(root / "data/processed/demo/released", code)
    known = {ref for one in released.values() for ref in one.table["refs"]}
    refs = {ref for data in parsed(pages[code, language]).select("data[data-ref]")
            for ref in str(data["data-ref"]).split()}  # fmt: skip
    assert len(refs) > 20
    assert {ref for ref in refs if not ref.startswith(OF_RECORD)} <= known


@EACH
def test_a_figure_of_one_cell_is_its_value_or_an_end_of_its_range(
    pages: Pages, root: Path, code: str, language: str
) -> None:
    released = areas.read(root / "data/processed/demo/released", code)
    allowed: dict[str, set[int]] = {}
    for one in released.values():
        for ref, *numbers in one.table[["refs", "value", "lower", "upper"]].itertuples(index=False, name=None):
            told = [int(n) for n in numbers if not pd.isna(n)]
            allowed.setdefault(ref, {4}).update([*told, *(n + d for n in told[:1] for d in (4, -4)), 0])
    soup = parsed(pages[code, language])
    checked = 0
    for data in soup.select(".message data, .keys data, .steps data, .limits data, p data"):
        ref = str(data["data-ref"])
        if ref in allowed:
            assert int(float(str(data["value"]))) in allowed[ref], (ref, data)
            checked += 1
    assert checked > 10


@EACH
def test_an_abbreviation_is_introduced_where_it_first_stands_and_only_there(
    pages: Pages, code: str, language: str
) -> None:
    told = " ".join(body_texts(parsed(pages[code, language])))
    for term, form in INTRODUCED[language].items():
        assert told.count(form) == 1, term
        assert not re.search(rf"\b{term}\b", told.partition(form)[0]), term


@EACH
def test_the_page_is_short_and_small(pages: Pages, code: str, language: str) -> None:
    page = pages[code, language]
    assert len(read(parsed(page)).split()) <= MOST_WORDS
    assert len(page.html.encode()) <= LARGEST_BYTES


@EACH
def test_charts_have_a_short_description_with_a_number_and_a_file(pages: Pages, code: str, language: str) -> None:
    page = pages[code, language]
    figures = parsed(page).find_all("figure")
    assert [figure["id"] for figure in figures] == ["gap", "tiles", "sectors", "change"]
    for figure in figures:
        assert 20 <= len(text(figure.svg.desc)) <= LONGEST_ALT
        file = Path(figure.find_all("a")[-1]["href"]).stem
        assert file == f"{code}-{figure['id']}-sintetis" and file in page.csv


@EACH
def test_tables_are_whole(pages: Pages, code: str, language: str) -> None:
    for table in parsed(pages[code, language]).select("main table"):
        assert text(table.caption) and all(text(header) for header in table.find_all("th"))
        assert len({len(row.find_all(["th", "td"])) for row in table.find_all("tr")}) == 1
        assert all(text(cell) for cell in table.find_all("td"))


@pytest.mark.parametrize("code", SPREAD)
def test_both_languages_tell_the_same_numbers(pages: Pages, code: str) -> None:
    told = [sorted(float(str(data["value"])) for data in parsed(pages[code, language]).select("main data"))
            for language in LANGUAGES]  # fmt: skip
    assert told[0] == told[1]


@pytest.mark.parametrize("code", SPREAD)
def test_the_indonesian_page_shares_no_word_with_the_english_one_but_those_agreed(pages: Pages, code: str) -> None:
    names = set(re.findall(r"[a-z]{2,}", " ".join(one.name for one in KNOWN.values()).lower()))
    shared = read_words(parsed(pages[code, "id"])) & read_words(parsed(pages[code, "en"]))
    letters_of_the_map = {word for word in shared if re.fullmatch("[a-e]{2}", word)}
    assert shared - SAME_IN_BOTH - names - letters_of_the_map - {"demo"} == set()


@pytest.mark.parametrize("code", SPREAD)
def test_the_words_of_the_indonesian_page(pages: Pages, code: str) -> None:
    told = read(parsed(pages[code, "id"])).lower()
    assert not re.search(r"\btemuan(?! data)\b", told)
    assert not re.search(r"\b(nihil|gap|valid|error|register|records?|nan|none|tidak ada (pelaku|orang))\b", told)
    assert not re.search(r"(antara|dari)\s+[\d.,]+\s*[–-]\s*[\d.,]+\s+(hingga|sampai)", told)


# synthetic and real


@EACH
def test_a_synthetic_page_is_marked_wherever_it_may_be_seen(pages: Pages, code: str, language: str) -> None:
    page, soup = pages[code, language], parsed(pages[code, language])
    mark = {"id": "Data sintetis", "en": "Synthetic data"}[language]
    assert soup.select_one("meta[name=data-status]")["content"] == "synthetic"  # type: ignore[index]
    assert text(soup.title).startswith(mark) and text(soup.select_one("header .synthetic")).startswith(mark)
    assert re.search(rf'@top-center {{ content: "{mark}', page.html)
    for figure in soup.find_all("figure"):
        assert mark.upper() in text(figure.svg) and text(figure.svg.desc).startswith(f"{mark}.")
    assert all(name.endswith("-sintetis") and name.startswith(f"{code}-") for name in page.csv)
    assert f"{code}-sintetis.html" in str(soup.nav)


def test_a_real_page_carries_no_such_mark_and_names_its_issuer(tmp_path: Path) -> None:
    of = few_areas.edition(is_synthetic=False, unit="Dinas Kominfo")
    page = made(few_areas.write(tmp_path, few_areas.owners(), of=of), KECAMATAN, "id")
    assert "sintetis" not in page.html.lower()
    assert parsed(page).select_one("meta[name=data-status]")["content"] == "released"  # type: ignore[index]
    assert "diterbitkan oleh Dinas Kominfo" in text(parsed(page).header)
    assert f"{KECAMATAN}-owners" in page.csv and f'{KECAMATAN}.html"' in page.html
    assert "Edisi pertama; belum ada pembanding." in text(parsed(page).body)


def test_an_issuer_who_is_not_named_is_nobody_official(pages: Pages) -> None:
    assert "bukan terbitan resmi Pemerintah Kota Palu" in text(parsed(pages[CITY, "id"]).header)


# the words follow the data


def body(root: Path, code: str, language: str = "id") -> str:
    return text(parsed(made(root, code, language)).body)


@pytest.mark.parametrize(("factor", "verb", "other"), [(6, "bertambah", "berkurang"), (15, "berkurang", "bertambah")])
def test_the_verb_follows_the_sign_of_a_change(tmp_path: Path, factor: int, verb: str, other: str) -> None:
    now = few_areas.owners()
    last = {code: {name: n * factor // 10 for name, n in own.items()} for code, own in now.items()}
    told = body(few_areas.write(tmp_path, now, last), KECAMATAN)
    assert re.search(
        rf"31 Juli 2026 .*, jumlah yang aktif {verb} [\d.]+–[\d.]+ orang, dari [\d.]+–[\d.]+ menjadi", told
    )
    assert not re.search(rf"jumlah yang \w+( \w+)* {other}", told)


def test_a_change_within_the_ranges_is_not_told_apart(tmp_path: Path) -> None:
    now = few_areas.owners()
    told = body(few_areas.write(tmp_path, now, now), KECAMATAN)
    assert "Perubahan sejak 31 Juli 2026 belum dapat dibedakan dari ketidakpastian hitungan." in told
    assert not re.search(r"jumlah yang \w+ (bertambah|berkurang)", told)


@pytest.mark.parametrize(("share", "is_highest"), [(0.02, True), (1.2, False)])
def test_ranges_that_overlap_take_the_highest_away(tmp_path: Path, share: float, is_highest: bool) -> None:
    owners = few_areas.owners()
    owners[TAWAELI] = {**owners[TAWAELI], "unregistered": 5 * owners[CITY]["unregistered"]}
    soup = parsed(made(few_areas.write(tmp_path, owners, share=share), CITY, "id"))
    assert ("mulai dari Kecamatan Tawaeli" in text(soup.select_one(".steps"))) is is_highest
    title = text(soup.select_one("#gap figcaption strong"))
    assert bool(re.search(r"(?<!yang )tertinggi", title)) is is_highest


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_area_too_small_to_be_shown_says_so_and_stands_on_its_kecamatan(pages: Pages, language: str) -> None:
    soup = parsed(pages[TINY, language])
    assert {"id": "disembunyikan", "en": "withheld"}[language] in text(soup.h1) and "Kecamatan Tawaeli" in text(soup.h1)
    for tile in soup.select(".keys li"):
        assert "Kecamatan Tawaeli" in text(tile)
    for step in soup.select(".steps li"):
        assert "Kecamatan Tawaeli" in text(step)
    own = [data for data in soup.select(".message data, .keys data, .steps data, .cost data")
           if f"#{TINY}," in str(data["data-ref"])]  # fmt: skip
    assert own == []


@pytest.mark.parametrize("hidden", [(KECAMATAN,), (CITY,), (CITY, KECAMATAN), tuple(KNOWN)], ids=len)
@pytest.mark.parametrize("code", [CITY, KECAMATAN, "72.71.01.1004"])
def test_a_page_is_whole_whatever_the_gate_withholds(tmp_path: Path, hidden: tuple[str, ...], code: str) -> None:
    root = few_areas.write(tmp_path, few_areas.owners(), few_areas.owners(1), withhold=few_areas.withheld(*hidden))
    page = made(root, code, "id")
    soup = parsed(page)
    assert len(soup.select(".keys li")) == 3 and soup.select(".steps li")
    for data in soup.select("main data"):
        assert not any(f"#{one}," in str(data["data-ref"]) and str(data["data-ref"]).startswith("gap.csv")
                       for one in hidden if " " not in str(data["data-ref"]))  # fmt: skip
    if code in hidden:
        assert "disembunyikan" in text(soup.h1)
    assert not re.search(r"\b(nan|NA|None)\b", text(soup.body))


def test_registers_past_their_limits_get_a_badge_and_leave_the_headline(root: Path) -> None:
    stale = parsed(made(root, KECAMATAN, "en", "2027-03-01"))
    assert len(stale.select(".keys .badge")) == 3 and "not enrolled" in text(stale.h1)
    expired = parsed(made(root, KECAMATAN, "en", "2027-12-01"))
    assert "13 months ago" in text(expired.h1) and "not enrolled" not in text(expired.h1)


def test_the_day_of_the_brief_is_that_of_the_last_register_unless_it_is_given(root: Path, pages: Pages) -> None:
    assert "Disusun 4 November 2026" in text(parsed(pages[CITY, "id"]).header)
    assert "Disusun 30 November 2026" in text(parsed(made(root, CITY, "id", "2026-11-30")).header)


@pytest.mark.parametrize(("area", "as_of"), [("72.71.99", ""), ("Palu", ""), (CITY, "22/11/2026")])
def test_an_unknown_area_or_day_is_refused(root: Path, area: str, as_of: str) -> None:
    with pytest.raises(ParameterError):
        made(root, area, "id", as_of)


def test_a_name_of_an_issuer_is_text_and_never_markup(pages: Pages) -> None:
    assert "<umkm>" not in pages[CITY, "id"].html and "&lt;umkm&gt;" in pages[CITY, "id"].html


# in a browser


@pytest.fixture(scope="module")
def opened(browser: Browser, pages: Pages, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., object]]:
    folder = tmp_path_factory.mktemp("pages")
    contexts = []

    def open_page(code: str, language: str, width: int, media: str = "screen") -> object:
        file = folder / f"{code}-{language}.html"
        file.write_text(pages[code, language].html, encoding="utf-8")
        contexts.append(browser.new_context(viewport={"width": width, "height": 740}))
        page = contexts[-1].new_page()
        page.goto(file.as_uri())
        page.emulate_media(media=media)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.browser
@EACH
def test_page_1_is_one_a4_with_room_to_spare(opened: Callable, code: str, language: str) -> None:
    page = opened(code, language, A4_WIDTH, "print")
    bottom = page.locator(".sheet").evaluate("each => each.getBoundingClientRect().bottom + scrollY")
    assert 1 - bottom / A4_HEIGHT >= ROOM


@pytest.mark.browser
@EACH
def test_a_phone_shows_message_numbers_and_request_first_and_never_scrolls_sideways(
    opened: Callable, code: str, language: str
) -> None:
    page = opened(code, language, 360)
    for place in ("h1", ".keys li:last-child", ".request h2", ".request p:first-of-type"):
        box = page.locator(place).bounding_box()
        assert box["y"] + box["height"] <= 740, place
    narrow = opened(code, language, 320)
    narrow.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.browser
@EACH
@pytest.mark.parametrize(("width", "media"), [(1280, "screen"), (320, "screen"), (A4_WIDTH, "print")])
def test_axe_finds_nothing(opened: Callable, code: str, language: str, width: int, media: str) -> None:
    page = opened(code, language, width, media)
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    wcag = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
    found = Axe().run(page, options={"runOnly": wcag, "rules": {"target-size": {"enabled": True}}}).response
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found["violations"]] == []
