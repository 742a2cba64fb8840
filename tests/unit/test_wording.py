"""Words: how numbers, money, dates and sentences are written, by a table that anyone can review."""

import csv
import re
from fractions import Fraction
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from analysis import Fault, ParameterError
from analysis.presenting import wording
from analysis.presenting.wording import Figure, Words
from analysis.ranges import Range

SPEC = Path(__file__).parents[1] / "spec" / "numbers.csv"
CASES = list(csv.DictReader(SPEC.read_text(encoding="utf-8").splitlines()))
SOURCE = Path(wording.__file__).parents[1]


def figure(low: str, high: str) -> Figure:
    return Figure(Range(Fraction(low), Fraction(high)), "figures.csv#some-row")


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}: {case['why']}")
def test_a_number_is_written_as_specified(case: dict[str, str], language: str) -> None:
    written = getattr(wording.in_language(language), case["kind"])(figure(case["low"], case["high"]))
    assert written.plain == case[language]
    assert re.sub(r"<[^>]+>", "", written.html) == case[language]


def test_every_end_of_a_figure_carries_its_value_and_its_rows() -> None:
    html = wording.in_language("id").rupiah(figure("3528000000", "3729600000")).html
    values = re.findall(r'<data class="figure" value="(\d+)" data-ref="figures.csv#some-row">', html)
    assert values == ["3528000000", "3729600000"]


@pytest.mark.parametrize(("language", "mark"), [("id", "(belum dikonfirmasi)"), ("en", "(unconfirmed)")])
def test_an_unconfirmed_figure_is_never_written_without_its_mark(language: str, mark: str) -> None:
    say = wording.in_language(language)
    doubted = Figure(Range.exact(500), "figures.csv#a", is_unconfirmed=True)
    for write in (say.count, say.percent, say.percent_sign, say.rupiah, say.rupiah_exact, say.measured, say.spelled):
        assert write(doubted).plain.endswith(mark)
        assert write(doubted).html.endswith(mark)


def test_text_from_outside_is_escaped_in_html() -> None:
    said = wording.in_language("en").say("row {row}", row="<script>")
    assert "<script>" not in said.html
    assert isinstance(said, Words)


@pytest.mark.parametrize(
    ("written", "indonesian", "english"),
    [
        ("2024", "2024", "2024"),
        ("2025-04", "April 2025", "April 2025"),
        ("2022-08-12", "12 Agustus 2022", "12 August 2022"),
        ("2020/2022-08", "2020–Agustus 2022", "2020–August 2022"),
        ("2016-Q3", "triwulan 3 2016", "quarter 3 of 2016"),
    ],
)
def test_a_period_is_as_precise_as_its_source(written: str, indonesian: str, english: str) -> None:
    assert wording.in_language("id").period(written).plain == indonesian
    assert wording.in_language("en").period(written).plain == english


@pytest.mark.parametrize(("count", "english"), [(0, "0 months"), (1, "1 month"), (2, "2 months"), (5, "5 months")])
def test_english_nouns_follow_the_number_and_indonesian_ones_do_not(count: int, english: str) -> None:
    assert wording.in_language("en").say_n("{n} month", "{n} months", count, n=count).plain == english
    assert wording.in_language("id").say_n("{n} month", "{n} months", count, n=count).plain == f"{count} bulan"


def test_alternatives_are_listed_and_never_joined_to_a_range() -> None:
    say = wording.in_language("id")
    words = [say.count(figure(n, n)) for n in ("33", "45", "91")]
    assert say.either(words).plain == "33, 45, atau 91"
    assert say.either(words[:2]).plain == "33 atau 45"
    assert say.either(words[:1]).plain == "33"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ParameterError) as refused:
        wording.in_language("fr")
    assert "id, en" in wording.in_language("en").error(refused.value)


def test_an_error_says_what_where_and_what_to_do_in_both_languages() -> None:
    error = ParameterError("figures.csv", [Fault("the column is missing", 3, "unit")], "Give year, month and day.")
    assert wording.in_language("id").error(error).splitlines() == [
        "figures.csv tidak dapat dipakai: 1 kesalahan",
        '  baris 3, kolom "unit": kolom ini tidak ada',
        "Tulis tahun, bulan, dan hari.",
    ]


def catalogue() -> Catalog:
    with (wording.LOCALE / "id" / "LC_MESSAGES" / "analysis.po").open("rb") as source:
        return read_po(source, locale="id")


def written_patterns() -> set[str]:
    """Every pattern that the sources and templates mark for translation."""
    keywords = {"say": None, "say_n": (1, 2), "Fault": None, "N_": None}
    found = extract_from_dir(
        SOURCE, [("**.py", "python"), ("**.j2", "jinja2")], keywords=keywords, options_map={}, comment_tags=()
    )
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def test_every_pattern_has_an_indonesian_form_and_none_is_left_over() -> None:
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in catalogue() if message.id}
    assert known == written_patterns()


def test_a_translation_is_whole_and_fills_the_same_braces() -> None:
    for message in catalogue():
        patterns = [message.id] if isinstance(message.id, str) else list(message.id)
        texts = [message.string] if isinstance(message.string, str) else [text for text in message.string if text]
        braces = [sorted(re.findall(r"{\w+}", text)) for text in [*patterns, *texts] if text]
        assert all(one == braces[0] for one in braces), message.id
        assert not message.fuzzy, message.id
        assert all(texts) or not message.id, message.id


STOPPED = {
    r"\b(gap|coverage|update|dashboard|outlier|matching|cleaning|dummy|stakeholder|progress)\b": "English word",
    r"\bUMK\b": "UMK is the city's minimum wage",
    r"\b(non aktif|tidak-aktif|belum daftar|BPJS TK|BPJAMSOSTEK)\b": "status words come from the glossary",
    r"\bdi\s+(daftar|bayar|hitung|padan|sembunyi|bulat|terbit|susun|minta|duga|mutakhir)\w*": "prefix stands joined",
    r"\bdi(palu|kota|kecamatan|kelurahan|sini|sana|mana)\b": "preposition stands apart",
    r"\b(para|semua|banyak|beberapa)\s+(\w+)-\2\b": "no reduplication after a quantity",
    r"Rp\s|Rp\.|\bjt\b|milyar": "money has no space, dot or short scale",
    r"±|kurang lebih|kira-kira|hampir": "uncertainty is a range",
    r"(antara|dari)\s+[\d.,]+\s*[–-]": "no dash after antara or dari",
    r"\b(baik|buruk|melonjak|anjlok|ironisnya|memprihatinkan)\b": "no verdicts",
    r"\bjiwa\b": "jiwa is for population only",
}


@pytest.mark.parametrize("pattern", STOPPED, ids=STOPPED.values())
def test_indonesian_sentences_avoid_known_mistakes(pattern: str) -> None:
    texts = [
        text
        for message in catalogue()
        for text in (message.string if isinstance(message.string, tuple) else [message.string])
    ]
    assert [text for text in texts if text and re.search(pattern, text)] == []
