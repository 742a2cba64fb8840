"""The pages in a real Chromium: accessible, legible on a phone, printed on one A4 page first, and self-contained."""

import io
import logging
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

pytestmark = pytest.mark.browser

Opened = Callable[..., Page]
log = logging.getLogger(__name__)  # shown with --log-cli-level=INFO

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
# Of what passes one example of each rule is enough; the size of targets is off by default.
AXE = {"runOnly": [*WCAG, "best-practice"], "rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
PRINT_WIDTH = 703  # A4 without the side margins (186 mm), in CSS pixels
PRINT_HEIGHT = 1039.4  # A4 without the margins above and below (275 mm)
NINE_POINT = 12  # in CSS pixels
LONGEST_FOOTER = 100
A4_POINTS = (595, 842)
LARGEST_BYTES = 250_000

OPEN_DETAILS = "for (const each of document.querySelectorAll('details')) each.open = true"
FOCUSABLE = "a[href], summary, [tabindex='0']"

# Elements that reach over the right or left edge of the window, outside the boxes that scroll by themselves.
TOO_WIDE = """() => [...document.querySelectorAll('body *')].filter(each => {
    const box = each.getBoundingClientRect();
    return box.width > 1 && (box.right > innerWidth + .5 || box.left < -.5)
        && !each.parentElement.closest('.scroll') && !each.matches('.skip');
}).map(each => `${each.tagName}.${each.className}`)"""

# Elements of the sheet whose content is wider than they are, or which stand out of it.
CUT = """() => [...document.querySelectorAll('.sheet *:not(svg *)')].filter(each => {
    const box = each.getBoundingClientRect(), sheet = each.closest('.sheet').getBoundingClientRect();
    const overflows = getComputedStyle(each).display !== 'inline' && each.scrollWidth > each.clientWidth + 1;
    return box.width > 1 && (overflows || box.right > sheet.right + 1 || box.left < sheet.left - 1);
}).map(each => `${each.tagName}.${each.className}: ${each.textContent.slice(0, 40)}`)"""

# Visible texts below a selector with the size in which they are seen: an SVG's own units are scaled to its width.
TEXT_SIZES = """selector => [...document.querySelectorAll(selector)].flatMap(root => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), found = [];
    while (walker.nextNode()) {
        const holder = walker.currentNode.parentElement, text = walker.currentNode.textContent.trim();
        const svg = holder.closest('svg'), box = holder.getBoundingClientRect();
        const scale = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
        const isSeen = text && box.width > 1 && holder.checkVisibility() && !holder.closest('.away');
        if (isSeen) found.push({text, size: parseFloat(getComputedStyle(holder).fontSize) * scale});
    }
    return found;
})"""

# Texts of a drawing that leave its box, where nothing is painted.
CUT_IN_SVG = """() => [...document.querySelectorAll('svg text')].filter(each => {
    const box = each.getBoundingClientRect(), svg = each.ownerSVGElement.getBoundingClientRect();
    return box.left < svg.left - .5 || box.right > svg.right + .5
        || box.top < svg.top - .5 || box.bottom > svg.bottom + .5;
}).map(each => each.textContent)"""

# Links and summaries lower than 24 px. A link inside a sentence, with words of the sentence around it, may be.
LOW_TARGETS = """() => [...document.querySelectorAll('a[href], summary')].filter(each => {
    const around = each.closest('p')?.textContent.trim() ?? '';
    const isInSentence = around !== each.textContent.trim() && /[.:?]$/.test(around);
    const isSeen = each.checkVisibility() && !each.matches('.skip');
    return isSeen && !isInSentence && each.getBoundingClientRect().height < 24;
}).map(each => `${each.textContent.slice(0, 50)}: ${each.getBoundingClientRect().height.toFixed(1)} px`)"""

FOCUSED = """selector => {
    const each = document.activeElement, style = getComputedStyle(each);
    return {place: [...document.querySelectorAll(selector)].indexOf(each), text: each.textContent.trim().slice(0, 40),
            outline: style.outlineStyle, width: parseFloat(style.outlineWidth), top: each.getBoundingClientRect().top,
            left: each.getBoundingClientRect().left, kind: each.className};
}"""


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    """Opens a file in a window of its own; what the page asks for or complains of goes to `heard`."""
    contexts = []

    def open_file(file: Path, width: int = 1280, height: int = 900, heard: list[str] | None = None,
                  **options: object) -> Page:  # fmt: skip
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, **options))
        page = contexts[-1].new_page()
        if heard is not None:
            page.on("request", lambda request: heard.append(f"request: {request.url}"))
            page.on("console", lambda message: heard.append(f"{message.type}: {message.text}"))
            page.on("pageerror", lambda error: heard.append(f"error: {error}"))
        page.goto(file.as_uri())
        return page

    yield open_file
    for context in contexts:
        context.close()


@pytest.fixture
def printed(brief: Path, opened: Opened) -> PdfReader:
    """The brief as Chromium prints it."""
    return PdfReader(io.BytesIO(opened(brief).pdf(prefer_css_page_size=True)))


@pytest.fixture
def sheet(brief: Path, opened: Opened) -> Page:
    """The brief in the look of its print, as wide as the paper's text."""
    page = opened(brief, width=PRINT_WIDTH, height=round(PRINT_HEIGHT))
    page.emulate_media(media="print")
    return page


def squeezed(text: str) -> str:
    """Text without white space and ligatures, which printing sets as it likes."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def contrast_with_white(colour: str) -> float:
    """WCAG's contrast of a computed colour, `rgb(r, g, b)`, with a white page."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


# Accessible to all


@pytest.mark.parametrize(("state", "width"), [("screen", 1280), ("phone", 320), ("print", PRINT_WIDTH), ("open", 320)])
def test_axe_finds_no_violation_of_wcag(any_page: Path, opened: Opened, state: str, width: int) -> None:
    page = opened(any_page, width=width)
    page.emulate_media(media="print" if state == "print" else "screen")
    if state == "open":
        page.evaluate(OPEN_DETAILS)
    found = Axe().run(page, options=AXE).response
    told = {True: [], False: []}
    for rule in found["violations"]:
        is_failure = bool(set(rule["tags"]) & set(WCAG))
        told[is_failure].append(f"{rule['id']}: {[node['target'] for node in rule['nodes']]}")
    log.info("axe, best practice: %s", told[False])
    assert {rule["id"] for rule in found["passes"]} >= {"color-contrast", "html-has-lang"}, "axe looked at nothing"
    assert not told[True], "\n".join(told[True])


def test_tab_reaches_the_skip_link_first_and_enter_follows_it(any_page: Path, opened: Opened) -> None:
    page = opened(any_page)
    page.keyboard.press("Tab")
    focused = page.evaluate(FOCUSED, FOCUSABLE)
    assert focused["kind"] == "skip"
    assert focused["top"] >= 0 and focused["left"] >= 0, "the skip link stays out of sight"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#content"


def test_tab_reaches_everything_and_shows_where_it_is(any_page: Path, opened: Opened) -> None:
    page = opened(any_page)
    page.evaluate(OPEN_DETAILS)
    stops = page.locator(FOCUSABLE).count()
    reached = []
    for _ in range(stops):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED, FOCUSABLE))
    assert [stop["place"] for stop in reached] == list(range(stops))
    assert not [stop for stop in reached if stop["outline"] == "none" or stop["width"] < 1]


def test_enter_opens_and_closes_every_summary(brief: Path, opened: Opened) -> None:
    page = opened(brief)
    summaries = page.locator("summary")
    assert summaries.count() >= 4
    for summary in summaries.all():
        states = []
        for _ in range(2):
            summary.press("Enter")
            states.append(summary.evaluate("each => each.parentElement.open"))
        assert states == [True, False], summary.inner_text()


def test_targets_are_24_pixels_high_on_a_phone(any_page: Path, opened: Opened) -> None:
    page = opened(any_page, width=320)
    page.evaluate(OPEN_DETAILS)
    assert page.evaluate(LOW_TARGETS) == []


# On a phone


@pytest.mark.parametrize("details", ["closed", "open"])
@pytest.mark.parametrize(("width", "letters"), [(320, "100%"), (640, "200%")])
def test_no_page_scrolls_sideways(any_page: Path, opened: Opened, width: int, letters: str, details: str) -> None:
    page = opened(any_page, width=width)
    page.add_style_tag(content=f"html {{ font-size: {letters} }}")
    if details == "open":
        page.evaluate(OPEN_DETAILS)
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_wide_tables_scroll_in_a_box_of_their_own(brief: Path, opened: Opened) -> None:
    page = opened(brief, width=320)
    page.evaluate(OPEN_DETAILS)
    boxes = page.locator("table").evaluate_all("""tables => tables.map(each => {
        const box = each.closest('.scroll');
        return [getComputedStyle(box).overflowX, box.getBoundingClientRect().right <= innerWidth];
    })""")
    assert boxes
    assert all(box == ["auto", True] for box in boxes)


def test_the_first_screen_of_a_phone_holds_what_matters(brief: Path, opened: Opened) -> None:
    page = opened(brief, width=360, height=740)
    prepared = page.locator("header span").filter(has_text=re.compile(r"Disusun \d|Prepared on \d"))
    numbers = page.locator(".keys li").all()
    assert len(numbers) == 3
    asked = page.locator(".request p").first
    for element in [page.locator("h1"), prepared, page.locator(".request h2"), asked, *numbers]:
        box = element.bounding_box()
        assert box and box["width"] > 50, element
        right, bottom = box["x"] + box["width"], box["y"] + box["height"]
        assert box["x"] >= 0 and box["y"] >= 0 and right <= 360 and bottom <= 740, (element.inner_text(), box)


# Self-contained


def test_a_page_asks_for_nothing_but_itself_and_reports_no_fault(any_page: Path, opened: Opened) -> None:
    heard: list[str] = []
    page = opened(any_page, heard=heard)
    page.evaluate(OPEN_DETAILS)
    page.pdf()
    assert heard == [f"request: {any_page.as_uri()}"]


def test_a_page_reads_the_same_without_javascript(any_page: Path, opened: Opened) -> None:
    with_scripts, without = opened(any_page), opened(any_page, java_script_enabled=False)
    text = without.locator("body").inner_text()
    assert without.locator("h1").inner_text() in text
    assert text == with_scripts.locator("body").inner_text()


def test_a_page_is_no_larger_than_250_kb(any_page: Path) -> None:
    assert any_page.stat().st_size <= LARGEST_BYTES


# Printed


def test_the_paper_is_a4_upright(printed: PdfReader) -> None:
    for page in printed.pages:
        size = float(page.mediabox.width), float(page.mediabox.height)
        assert size == pytest.approx(A4_POINTS, abs=1)


def test_page_1_holds_the_message_to_the_limits_and_page_2_begins_with_the_method(
    brief: Path, opened: Opened, printed: PdfReader
) -> None:
    page = opened(brief)
    first, second = (squeezed(printed.pages[number].extract_text()) for number in (0, 1))
    limits = squeezed(page.locator(".limits h2").inner_text() + page.locator(".limits p").inner_text())
    method = squeezed(page.locator("#method-title").inner_text())
    assert squeezed(page.locator("h1").inner_text()) in first
    assert first.endswith(limits)
    footer, _, _ = second.partition(method)  # the margin boxes come first in the text of a page
    assert len(footer) <= LONGEST_FOOTER


def test_every_printed_page_names_the_issue_the_data_date_and_its_number(
    brief: Path, opened: Opened, printed: PdfReader, as_of: str
) -> None:
    data_date = re.search(r"Data (per|as of) \d+ \w+ \d{4}", opened(brief).locator("header").inner_text())
    footer = squeezed(f"rekam-{as_of}-{brief.parent.name} · {data_date[0]}")
    total = len(printed.pages)
    for number, page in enumerate(printed.pages, start=1):
        text = squeezed(page.extract_text())
        assert footer in text
        assert f"{number}/{total}" in text


def test_page_1_has_room_to_spare(sheet: Page, brief: Path) -> None:
    bottom = sheet.locator(".sheet").evaluate("each => each.getBoundingClientRect().bottom + scrollY")
    room = 1 - bottom / PRINT_HEIGHT
    log.info("%s: %.1f %% of page 1 to spare", brief.parent.name, room * 100)
    assert room >= 0.03


def test_no_text_on_page_1_is_smaller_than_9_points(sheet: Page) -> None:
    texts = sheet.evaluate(TEXT_SIZES, "header, .sheet")
    assert len(texts) > 50
    assert not [text for text in texts if text["size"] < NINE_POINT - 0.01]


def test_nothing_on_page_1_is_cut(sheet: Page) -> None:
    assert sheet.evaluate(CUT) == []
    assert sheet.evaluate(CUT_IN_SVG) == []


# Charts


def test_every_chart_is_an_image_with_a_short_description(brief: Path, opened: Opened) -> None:
    charts = opened(brief).locator("svg")
    assert charts.count() == 4
    for chart in charts.all():
        assert chart.get_attribute("role") == "img"
        told = chart.evaluate("each => document.getElementById(each.getAttribute('aria-labelledby')).textContent")
        assert 20 <= len(told) <= 250, told
        assert "No description has been provided" not in told
        assert re.search(r"\d", told), "the finding comes with its number"


def test_no_id_stands_twice_on_a_page(any_page: Path, opened: Opened) -> None:
    ids = opened(any_page).locator("[id]").evaluate_all("all => all.map(each => each.id)")
    assert sorted(ids) == sorted(set(ids))


def test_charts_are_legible_on_a_phone(brief: Path, opened: Opened) -> None:
    page = opened(brief, width=320)
    for chart in page.locator("figure").all():
        assert chart.locator("svg text").count() >= 3, "text is text, not outlines"
    assert not [text for text in page.evaluate(TEXT_SIZES, "svg g") if text["size"] < 10]
    assert page.evaluate(CUT_IN_SVG) == []


def test_text_in_charts_stands_out_from_the_page(brief: Path, opened: Opened) -> None:
    colours = opened(brief).locator("svg text").evaluate_all("all => all.map(each => getComputedStyle(each).fill)")
    assert colours
    assert {colour: contrast_with_white(colour) for colour in colours if contrast_with_white(colour) < 4.5} == {}
