"""The index page of an edition: every area by name and on the map, what is missing, and the editions side by side."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, Page
from standings import AREAS, NAMES, REAL, REGIONS, SYNTHETIC

from analysis.presenting import catalogue, index
from analysis.presenting.catalogue import Catalogue, Entry, Issue
from analysis.releasing.editions import Edition

PLACES = {code: (int(row), int(col)) for code, row, col in
          REGIONS[["id", "tile_row", "tile_col"]].itertuples(index=False, name=None) if row}  # fmt: skip
MISSING, KEPT = "72.71.06", "72.71.03.1001"
AS_OF = date(2026, 11, 4)
LARGEST_BYTES = 250_000
BOTH = pytest.mark.parametrize("language", ["id", "en"])


def told(edition: Edition = SYNTHETIC, **changed: object) -> Catalogue:
    """An edition with a page for all areas but one; one was kept from before, and only kecamatan have a PDF."""
    entries = [
        Entry(area.code, area.name, area.level, area.kecamatan) if area.code == MISSING
        else Entry(area.code, area.name, area.level, area.kecamatan, f"{area.code}.html",
                   f"{area.code}.pdf" if area.level == "kecamatan" else None, f"Kesenjangan {area.name}",
                   area.code == KEPT)
        for area in AREAS.values()
    ]  # fmt: skip
    issues = [
        Issue("2026-09", False, date(2026, 9, 30), date(2026, 10, 4), 16_705, 18_415, "../../2026-09/id/index.html"),
        Issue("2026-10", edition.is_synthetic, edition.reference_date, AS_OF, None, None, None),
    ]
    data = [("Kesenjangan", "../csv/gap.csv")]
    return replace(Catalogue(edition, AS_OF, entries, PLACES, "evaluasi.html", data, issues), **changed)


def parsed(language: str = "id", **changed: object) -> BeautifulSoup:
    return BeautifulSoup(catalogue.render(told(**changed), language), "html.parser")  # type: ignore[arg-type]


def text(found: Tag | None) -> str:
    assert found is not None
    return " ".join(found.get_text(" ").split())


@BOTH
def test_every_area_is_found_by_its_name_under_its_kecamatan_and_on_the_map(language: str) -> None:
    soup = parsed(language)
    for area in AREAS.values():
        links = soup.find_all("a", href=f"{area.code}.html")
        assert all(area.name in text(a) for a in links)
        expected = 0 if area.code == MISSING else {"city": 1, "kecamatan": 2, "kelurahan": 3}[area.level]
        assert len(links) == expected, area.name
    groups = soup.select(".groups section")
    assert len(groups) == 8
    for group in groups:
        names = [text(a) for a in group.select("li > a:first-child")]
        assert names == sorted(names) and len(names) >= 5
    assert len(soup.select(".map .tile")) == 46


def test_anchors_lead_to_the_kecamatan_and_every_inner_link_resolves() -> None:
    soup = parsed()
    inner = [str(a["href"])[1:] for a in soup.select("a[href^='#']")]
    assert len(inner) == 8 + 2 and all(soup.find(id=name) for name in inner)
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))


def test_an_area_without_a_page_is_named_and_has_no_link() -> None:
    soup = parsed()
    assert text(soup.select_one(".absentees")) == "Halaman belum tersedia: Kecamatan Tatanga."
    assert "halaman belum tersedia" in text(soup.find(id="kecamatan-06"))
    assert not parsed(entries=[one for one in told().entries if one.href]).select(".absentees")


def test_a_page_kept_from_before_is_marked_where_it_is_named() -> None:
    marked = [text(badge.parent) for badge in parsed().select(".groups .badge")]
    assert [one for one in marked if "edisi sebelumnya" in one] == [f"{NAMES[KEPT]} edisi sebelumnya"]
    assert "previous edition" in text(parsed("en").main)


def test_pdfs_are_linked_where_they_are_and_say_of_what() -> None:
    links = parsed().select("a.pdf")
    assert len(links) == 7
    assert text(links[0]) == "PDF : Kecamatan Mantikulore" and links[0]["href"] == "72.71.08.pdf"


def test_editions_stand_side_by_side_with_both_days_and_the_range_of_the_city() -> None:
    rows = [[text(cell) for cell in row.find_all(["th", "td"])] for row in parsed().select("tbody tr")]
    assert rows == [
        ["Edisi 2026-09", "30 September 2026", "4 Oktober 2026", "16.705–18.415"],
        ["Edisi 2026-10 (data sintetis) halaman ini", "31 Oktober 2026", "4 November 2026", "disembunyikan"],
    ]
    assert "16,705–18,415" in text(parsed("en").table)


def test_registers_and_data_are_linked() -> None:
    assert [a["href"] for a in parsed().select(".files a")] == ["evaluasi.html", "../csv/gap.csv"]
    assert not parsed(evaluation_href=None, data=[]).select(".files a")


def test_a_synthetic_edition_is_marked_in_banner_title_print_and_meta_and_a_real_one_is_not() -> None:
    html = catalogue.render(told(), "id")
    soup = BeautifulSoup(html, "html.parser")
    assert text(soup.title).startswith("Data sintetis: ") and soup.select_one("header .synthetic")
    assert soup.select_one("meta[name=data-status]")["content"] == "synthetic"  # type: ignore[index]
    assert '@top-center { content: "Data sintetis' in html
    real = catalogue.render(told(REAL, issues=[]), "id")
    assert "sintetis" not in real.lower() and "diterbitkan oleh Dinas Kominfo" in real


def test_names_and_headlines_are_text_and_never_markup() -> None:
    entries = [replace(one, headline="<b>Judul</b>") for one in told().entries]
    html = catalogue.render(told(entries=entries), "id")
    assert "<b>Judul" not in html and "&lt;b&gt;Judul" in html


@BOTH
def test_the_page_is_small_and_carries_no_script(language: str) -> None:
    html = catalogue.render(told(), language)
    assert len(html.encode()) <= LARGEST_BYTES and "<script" not in html and "default-src 'none'" in html
    soup = BeautifulSoup(html, "html.parser")
    assert len(soup.find_all("h1")) == 1 and soup.html is not None and soup.html["lang"] == language
    levels = [int(tag.name[1]) for tag in soup.find_all(re.compile(r"^h\d$"))]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_an_edition_without_any_page_still_has_an_index() -> None:
    soup = parsed(entries=[], places={}, issues=[])
    assert soup.h1 and not soup.select(".map, tbody")


def test_the_index_of_all_editions_leads_to_this_one_and_marks_it() -> None:
    pages = {language: (f"reports/demo/{language}/index.html", catalogue.render(told(), language))
             for language in ("id", "en")}  # fmt: skip
    soup = BeautifulSoup(index.render({}, {}, {"demo": pages}), "html.parser")
    assert [text(tag) for tag in soup.find_all("h2")] == ["Edisi demo (data sintetis)"]
    assert [a["href"] for a in soup.select(".pages a")] == ["demo/id/index.html", "demo/en/index.html"]
    assert "Data per 31 Oktober 2026" in text(soup.main) and "Disusun 4 November 2026" in text(soup.main)


# in a browser


@pytest.fixture
def opened(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    file = tmp_path_factory.mktemp("index") / "index.html"
    file.write_text(catalogue.render(told(), "id"), encoding="utf-8")
    context = browser.new_context()
    page = context.new_page()
    page.goto(file.as_uri())
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    yield page
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "media"), [(1280, "screen"), (320, "screen"), (703, "print")])
def test_axe_finds_nothing_targets_are_large_and_nothing_scrolls_sideways(opened: Page, width: int, media: str) -> None:
    opened.set_viewport_size({"width": width, "height": 740})
    opened.emulate_media(media=media)  # type: ignore[arg-type]
    wcag = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
    found = Axe().run(opened, options={"runOnly": wcag, "rules": {"target-size": {"enabled": True}}}).response
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found["violations"]] == []
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    low = opened.locator("main a").evaluate_all(
        "all => all.filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 24).map(e => e.textContent)"
    )
    assert low == []


@pytest.mark.browser
def test_names_on_the_map_are_not_cut(opened: Page) -> None:
    opened.set_viewport_size({"width": 320, "height": 740})
    cut = opened.locator(".map li > *").evaluate_all(
        "all => all.filter(e => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)"
        ".map(e => e.textContent)"
    )
    assert cut == []
