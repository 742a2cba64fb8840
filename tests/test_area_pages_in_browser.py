"""The finished briefs on areas in a real Chromium: accessible, legible on a phone, on one A4 first, self-contained.

Each page is opened once and looked at in all states; JAMSOSTEK_ALL_AREAS=1 looks at all 55 areas.
"""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import finished_briefs as finished
import pytest
from axe_playwright_python.sync_playwright import Axe
from finished_briefs import BRIEFS, INDEXES
from playwright.sync_api import Browser, Page
from pypdf import PdfReader
from test_briefs_in_browser import (
    A4_POINTS,
    AXE,
    CUT,
    CUT_IN_SVG,
    LOW_TARGETS,
    NINE_POINT,
    OPEN_DETAILS,
    PRINT_HEIGHT,
    PRINT_WIDTH,
    TEXT_SIZES,
    TOO_WIDE,
    WCAG,
    squeezed,
)

pytestmark = pytest.mark.browser

CLOSE_DETAILS = "for (const each of document.querySelectorAll('details')) each.open = false"
PHONE, FIRST_SCREEN = 320, (360, 740)
ON_FIRST_SCREEN = ("h1", "header p:last-of-type span:last-child", ".keys li:nth-child(1)", ".keys li:nth-child(2)",
                   ".keys li:nth-child(3)", ".request h2", ".request p:first-of-type")  # fmt: skip
ROOM = 0.03
"""The part of page 1 that stays free, for fonts that are wider elsewhere."""


@dataclass
class Look:
    """What was seen of one page, by state."""

    axe: dict[str, list[str]] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    too_wide: dict[str, object] = field(default_factory=dict)
    below: list[str] = field(default_factory=list)
    low: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    small: list[dict] = field(default_factory=list)
    room: float = 1.0
    pdf: PdfReader | None = None
    texts: dict[str, str] = field(default_factory=dict)


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options=AXE).response
    assert {rule["id"] for rule in found["passes"]} >= {"color-contrast", "html-has-lang"}, "axe looked at nothing"
    return [f"{rule['id']}: {[node['target'] for node in rule['nodes']]}"
            for rule in found["violations"] if set(rule["tags"]) & set(WCAG)]  # fmt: skip


def wide(page: Page) -> object:
    width = page.evaluate("document.documentElement.scrollWidth")
    return [*page.evaluate(TOO_WIDE), *([f"scrolls to {width}"] if width > PHONE else [])]


def below_the_first_screen(page: Page) -> Iterator[str]:
    for place in ON_FIRST_SCREEN:
        box = page.locator(place).bounding_box()
        assert box and box["width"] > 50, place
        if box["x"] < 0 or box["y"] < 0 or box["x"] + box["width"] > FIRST_SCREEN[0]:
            yield f"{place} beside"
        if box["y"] + box["height"] > FIRST_SCREEN[1]:
            yield f"{place} ends at {box['y'] + box['height']:.0f}"


def looked(page: Page, file: Path, *, is_brief: bool) -> Look:
    """Everything that is asked of a page, seen in a window that is opened once."""
    look = Look()
    page.on("request", lambda request: look.heard.append(f"request: {request.url}"))
    page.on("console", lambda message: look.heard.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: look.heard.append(f"error: {error}"))
    page.goto(file.as_uri())
    look.axe["screen"] = violations(page)
    page.set_viewport_size({"width": PHONE, "height": 740})
    look.too_wide["closed"] = wide(page)
    page.evaluate(OPEN_DETAILS)
    look.too_wide["open"], look.axe["phone, all open"] = wide(page), violations(page)
    look.low = page.evaluate(LOW_TARGETS)
    look.cut = [f"phone: {one}" for one in page.evaluate(CUT_IN_SVG)]
    page.evaluate(CLOSE_DETAILS)
    if is_brief:
        page.set_viewport_size(dict(zip(("width", "height"), FIRST_SCREEN, strict=True)))
        look.below = list(below_the_first_screen(page))
        look.texts = {place: page.locator(place).first.inner_text()
                      for place in ("h1", ".limits h2", ".limits p", "#method-title")}  # fmt: skip
    page.set_viewport_size({"width": PRINT_WIDTH, "height": round(PRINT_HEIGHT)})
    page.emulate_media(media="print")
    look.axe["print"] = violations(page)
    if is_brief:
        bottom = page.locator(".sheet").evaluate("each => each.getBoundingClientRect().bottom + scrollY")
        look.room = 1 - bottom / PRINT_HEIGHT
        look.cut += [*page.evaluate(CUT), *page.evaluate(CUT_IN_SVG)]
        texts = page.evaluate(TEXT_SIZES, "header, .sheet")
        assert len(texts) > 50
        look.small = [text for text in texts if text["size"] < NINE_POINT - 0.01]
        look.pdf = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    return look


@pytest.fixture(scope="module")
def look_at(browser: Browser, area_reports: Path) -> Callable[[str], Look]:
    """Gives what was seen of a page, below `reports`; each is looked at once."""
    known: dict[str, Look] = {}

    def get(name: str) -> Look:
        if name not in known:
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            is_brief = name not in INDEXES
            known[name] = looked(context.new_page(), area_reports / "reports" / name, is_brief=is_brief)
            context.close()
        return known[name]

    return get


@pytest.fixture
def look(look_at: Callable[[str], Look], name: str) -> Look:
    return look_at(name)


def name_of(code: str, language: str) -> str:
    return f"{finished.EDITION}/{language}/{code}-sintetis.html"


IN_BOTH = finished.AREAS if finished.AREAS != finished.SPREAD else (finished.CITY, finished.SMALL)
"""Areas whose English page is looked at too: of a spread those that differ most, because a look costs seconds."""
NAMES = [name_of(code, language) for code, language in BRIEFS if language == "id" or code in IN_BOTH]
EACH_BRIEF = pytest.mark.parametrize("name", NAMES)
EACH_PAGE = pytest.mark.parametrize("name", [*NAMES, *INDEXES])


@EACH_PAGE
def test_axe_finds_no_violation_of_wcag_in_any_state(look: Look) -> None:
    assert look.axe == {"screen": [], "phone, all open": [], "print": []}


@EACH_PAGE
def test_a_page_asks_for_nothing_but_itself_and_reports_no_fault(look: Look, name: str) -> None:
    assert len(look.heard) == 1 and look.heard[0].endswith(name)


@EACH_PAGE
def test_no_page_scrolls_sideways_on_a_phone(look: Look) -> None:
    assert look.too_wide == {"closed": [], "open": []}


@EACH_PAGE
def test_targets_are_24_pixels_high_on_a_phone(look: Look) -> None:
    assert look.low == []


@EACH_BRIEF
def test_paper_is_a4_upright_and_every_page_is_numbered(look: Look) -> None:
    total = len(look.pdf.pages)
    for number, page in enumerate(look.pdf.pages, start=1):
        assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx(A4_POINTS, abs=1)
        assert f"{number}/{total}" in squeezed(page.extract_text())


@EACH_BRIEF
def test_the_first_screen_of_a_phone_holds_what_matters(look: Look) -> None:
    assert look.below == []


@EACH_BRIEF
def test_page_1_has_room_to_spare_and_nothing_on_it_is_small_or_cut(look: Look) -> None:
    assert look.room >= ROOM
    assert look.cut == []
    assert look.small == []


@EACH_BRIEF
def test_page_1_holds_the_message_to_the_limits_and_page_2_begins_with_the_method(look: Look) -> None:
    first, second = (squeezed(look.pdf.pages[number].extract_text()) for number in (0, 1))
    assert squeezed(look.texts["h1"]) in first
    assert squeezed(look.texts[".limits h2"] + look.texts[".limits p"]) in first
    assert squeezed(look.texts["#method-title"]) in second


@EACH_BRIEF
def test_every_printed_page_names_the_issue_the_data_date_and_the_mark(look: Look, name: str) -> None:
    language, code = name.split("/")[1], Path(name).name.removesuffix("-sintetis.html")
    day = {"id": "Data per 31 Oktober 2026", "en": "Data as of 31 October 2026"}[language]
    mark = {"id": "Data sintetis", "en": "Synthetic data"}[language]
    for page in look.pdf.pages:
        told = squeezed(page.extract_text())
        assert squeezed(f"{code}-demo-{language} · {day}") in told and squeezed(mark) in told
        assert re.search(r"\d/\d", told)
