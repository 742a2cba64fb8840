"""The pages as HTML: valid, well ordered, self-contained, and with a manifest that names no place or person."""

import html
import json
import logging
import re
import socket
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup, Tag

log = logging.getLogger(__name__)  # shown with --log-cli-level=INFO
CSP = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
OWN_WORDS = {"root", "project", "id", "en"}  # what the manifest says even where a user or host has such a name


@pytest.fixture
def soup(any_page: Path) -> BeautifulSoup:
    """One page, parsed."""
    return parsed(any_page)


def parsed(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def text_of(element: Tag) -> str:
    return " ".join(element.get_text().split())


def test_the_html_checker_finds_no_error(pages: Path, html_checker: list[str]) -> None:
    files = [str(file) for file in sorted(pages.rglob("*.html"))]
    assert len(files) == 3
    done = subprocess.run([*html_checker, "--format", "json", "--stdout", *files],
                          capture_output=True, text=True, timeout=120, check=False)  # fmt: skip
    messages = json.loads(done.stdout)["messages"]
    told = {True: [], False: []}
    for message in messages:
        place = f"{Path(urlsplit(message['url']).path).relative_to(pages)}:{message.get('lastLine')}"
        told["error" in message["type"]].append(f"{place}: {message['message']}")
    log.info("the HTML checker's warnings: %s", told[False])
    assert not told[True], "\n".join(told[True])
    assert done.returncode == 0, done.stderr


def test_every_page_names_its_language_and_has_a_title_of_its_own(pages: Path) -> None:
    soups = {page: parsed(page) for page in pages.rglob("*.html")}
    for page, soup in soups.items():
        assert soup.html["lang"] == (page.parent.name if page.parent != pages else "id")
    titles = [text_of(soup.title) for soup in soups.values()]
    assert all(titles)
    assert len(set(titles)) == len(titles) == 3


def test_headings_begin_with_the_only_h1_and_skip_no_level(soup: BeautifulSoup) -> None:
    levels = [int(heading.name[1]) for heading in soup.find_all(re.compile(r"^h[1-6]$"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels)), levels


def test_landmarks_are_there_once_and_have_names_where_they_need_one(soup: BeautifulSoup) -> None:
    for name in ("header", "main", "footer"):
        assert len(soup.find_all(name)) == 1, name
    assert soup.main.find("h1")
    assert all(nav.get("aria-label") for nav in soup.find_all("nav"))
    for section in soup.find_all("section"):
        assert text_of(soup.find(id=section["aria-labelledby"])), section["aria-labelledby"]


def test_the_skip_link_comes_first_and_leads_to_the_main_part(soup: BeautifulSoup) -> None:
    first = soup.body.find("a")
    assert first["class"] == ["skip"]
    assert first["href"] == f"#{soup.main['id']}"


def test_the_page_forbids_everything_but_its_own_styles(soup: BeautifulSoup) -> None:
    policies = soup.find_all("meta", attrs={"http-equiv": re.compile("content-security-policy", re.IGNORECASE)})
    assert [policy["content"] for policy in policies] == [CSP]
    assert soup.find_all(["script", "iframe", "object", "embed", "img", "link", "form", "base"]) == []
    handlers = [name for tag in soup.find_all() for name in tag.attrs if name.startswith("on")]
    assert handlers == []


def test_tables_have_a_caption_and_headers_for_rows_and_columns(brief: Path) -> None:
    tables = parsed(brief).find_all("table")
    assert len(tables) >= 4
    for table in tables:
        assert text_of(table.caption)
        assert all(text_of(header) for header in table.find_all("th")), "an empty header"
        assert {header["scope"] for header in table.thead.find_all("th")} == {"col"}
        for row in table.tbody.find_all("tr"):
            assert [header["scope"] for header in row.find_all("th")] == ["row"]
            assert len(row.find_all(["th", "td"])) == len(table.thead.find_all("th"))


def test_every_chart_has_its_data_as_a_table_and_a_file(brief: Path) -> None:
    figures = parsed(brief).find_all("figure")
    assert len(figures) == 4
    for figure in figures:
        assert figure.svg and figure.table
        (link,) = figure.find_all("a")
        rows = (brief.parent / link["href"]).read_text(encoding="utf-8").splitlines()
        assert len(rows) == len(figure.table.find_all("tr")), link["href"]


def test_every_link_leads_somewhere(any_page: Path, soup: BeautifulSoup, pages: Path) -> None:
    links = [link["href"] for link in soup.find_all("a")]
    assert len(links) >= 3
    for link in links:
        parts = urlsplit(link)
        if parts.scheme:
            assert parts.scheme in {"http", "https"} and parts.hostname, link
            continue
        target = (any_page.parent / parts.path).resolve() if parts.path else any_page
        assert target.is_file() and target.is_relative_to(pages), link
        assert not parts.fragment or parsed(target).find(id=parts.fragment), link


def test_key_numbers_lead_to_where_they_come_from(brief: Path) -> None:
    soup = parsed(brief)
    links = [number.find("a")["href"] for number in soup.select(".keys li")]
    origins = [soup.select_one(f".origins {link}") for link in links]
    assert len(set(links)) == 3
    assert all(origin and origin.find("a") for origin in origins)


def test_the_manifest_names_no_place_user_or_host(brief: Path, pages: Path) -> None:
    manifest = json.loads(html.unescape(parsed(brief).find("template", id="manifest").decode_contents()))
    texts = list(strings_in(manifest))
    assert {"inputs", "code", "lock", "parameters", "disclosure_rule"} <= set(manifest)
    assert len(texts) > 20
    told = "\n".join(set(texts) - OWN_WORDS)
    for name in filter(None, (Path.home().name, socket.gethostname())):
        assert not re.search(rf"\b{re.escape(name)}\b", told), name
    assert not [text for text in texts if re.search(r"^[/~\\]|[\s=:]/|^[A-Za-z]:\\|\.\./", text)]


def test_no_page_names_the_folders_it_was_made_in(any_page: Path, pages: Path) -> None:
    written = any_page.read_text(encoding="utf-8")
    project = Path(__file__).parents[1]
    assert not [folder for folder in (pages.parent, project) if str(folder) in written]


def strings_in(value: object) -> Iterator[str]:
    """Every value in parsed JSON, as text."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings_in(inner)
    else:
        yield str(value)
