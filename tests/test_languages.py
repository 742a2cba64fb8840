"""What officials read: Indonesian without stray English, terms introduced once, headline and order as agreed."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

SPEC = Path(__file__).parent / "spec" / "words_in_both.txt"
SAME_IN_BOTH = set(SPEC.read_text(encoding="utf-8").split())
"""Words that are right on both pages: names, law titles, abbreviations, months, and words the languages share."""
READ_ALOUD = ("alt", "title", "aria-label", "summary", "content")
INTRODUCED = {
    "id": {
        "UMKM": "usaha mikro, kecil, dan menengah (UMKM)",
        "APBD": "Anggaran Pendapatan dan Belanja Daerah (APBD)",
        "JKK": "jaminan kecelakaan kerja (JKK)",
        "JKM": "jaminan kematian (JKM)",
        "Jamsostek": "jaminan sosial ketenagakerjaan (Jamsostek)",
    },
    "en": {
        "UMKM": "micro, small and medium businesses (UMKM)",
        "APBD": "city budget (APBD)",
        "JKK": "work accident benefit (JKK)",
        "JKM": "death benefit (JKM)",
        "Jamsostek": "employment social security (Jamsostek)",
    },
}
ORDER = {
    "id": ["Pesan utama", "Tiga angka", "Keputusan yang diminta", "Grafik", "Langkah yang disarankan",
           "Biaya dan pilihan pembiayaan", "Keterbatasan", "Metode", "Dasar hukum", "Asal angka"],
    "en": ["Main message", "Three numbers", "Decision asked", "Charts", "Recommended steps", "Cost and who pays",
           "Limits", "Method", "Legal basis", "Where the numbers come from"],
}  # fmt: skip


def page(pages: Path, language: str) -> BeautifulSoup:
    html = (pages / "published" / language / "index.html").read_text(encoding="utf-8")
    return BeautifulSoup(html, "html.parser")


def read_words(soup: BeautifulSoup) -> set[str]:
    """Every word that a reader sees or hears, but for the names of outlets."""
    for unread in soup.select("style, template, .sources, meta[name], meta[http-equiv]"):
        unread.extract()
    for publisher in soup.select("#timeline td:last-child"):
        publisher.extract()
    spoken = [str(tag.get(name, "")) for tag in soup.find_all(True) for name in READ_ALOUD if tag.name != "meta"]
    return set(re.findall(r"[a-z]{2,}", " ".join([soup.get_text(" "), *spoken]).lower()))


def test_the_indonesian_page_shares_no_word_with_the_english_one_but_those_agreed(pages: Path) -> None:
    shared = read_words(page(pages, "id")) & read_words(page(pages, "en"))
    assert shared - SAME_IN_BOTH == set()


def body_texts(soup: BeautifulSoup) -> list[str]:
    """Running text of the sheet in reading order: headline, tiles and charts are exempt from introducing terms."""
    sheet = soup.select_one(".sheet")
    assert isinstance(sheet, Tag)
    for exempt in sheet.select(".message, .keys, figure"):
        exempt.extract()
    return [" ".join(tag.get_text().split()) for tag in sheet.select("p, li")]


@pytest.mark.parametrize(("language", "term"), [(lang, term) for lang, terms in INTRODUCED.items() for term in terms])
def test_an_abbreviation_is_introduced_where_it_first_stands_and_only_there(
    pages: Path, language: str, term: str
) -> None:
    text = " ".join(body_texts(page(pages, language)))
    form = INTRODUCED[language][term]
    assert text.count(form) == 1
    assert not re.search(rf"\b{term}\b", text.partition(form)[0])


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_headline_is_one_sentence_of_at_most_twenty_words_with_a_number(pages: Path, language: str) -> None:
    headline = page(pages, language).h1
    assert headline is not None
    text = " ".join(headline.get_text().split())
    assert len(text.split()) <= 20
    assert re.search(r"\d", text)
    assert not text[0].isdigit()
    assert text.rstrip(".").count(". ") == 0


@pytest.mark.parametrize("language", ["id", "en"])
def test_sections_stand_in_the_agreed_order(pages: Path, language: str) -> None:
    soup = page(pages, language)
    titles = [" ".join(tag.get_text().split()) for tag in soup.select(".eyebrow, main h2")]
    assert titles == ORDER[language]


@pytest.mark.parametrize("language", ["id", "en"])
def test_three_numbers_one_request_and_at_most_five_steps(pages: Path, language: str) -> None:
    soup = page(pages, language)
    tiles = soup.select(".keys li")
    assert len(tiles) == 3
    for tile in tiles:
        assert tile.select("data.figure")
        assert re.search(r"(Data per|Data as of) \d{1,2} \w+ \d{4}", tile.get_text())
        assert soup.select_one(str(tile.select_one("a")["href"]))  # type: ignore[index]
    assert len(soup.select(".request p")) == 2
    steps = soup.select(".steps li")
    assert 1 <= len(steps) <= 5
    for step in steps:
        assert step.strong is not None
        assert re.search(r"\d{1,2} \w+ \d{4}", step.get_text())
        assert re.search(r"(Biaya|Cost): .+ (Dasar|Basis): ", step.get_text())
        assert step.select("span data.figure")


@pytest.mark.parametrize("language", ["id", "en"])
def test_an_expired_figure_leaves_the_headline_and_carries_a_badge(pages: Path, language: str) -> None:
    soup = page(pages, language)
    assert "20.982" not in soup.h1.get_text()  # type: ignore[union-attr]
    assert "20,982" not in soup.h1.get_text()  # type: ignore[union-attr]
    assert len(soup.select(".keys .badge")) == 3


@pytest.mark.parametrize("language", ["id", "en"])
def test_umkm_coverage_is_never_held_against_a_target(pages: Path, language: str) -> None:
    """UCJ targets stand in a table of their own and in no sentence, tile or chart."""
    soup = page(pages, language)
    for table in soup.select("table"):
        table.extract()
    text = soup.get_text(" ")
    assert not re.search(r"\b(52[.,]15|32[.,]15|34[.,]99|43[.,]92|99[.,]5)\b", text)
