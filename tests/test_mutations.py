"""Change one datum, and headline, tiles, sentences, charts, alternative texts, tables and CSV files move together.

Each page below is made once, by the command line, from a copy of the record with a few changes that do not touch each
other. What must then stand in a part of the page, and what nowhere, is listed in tables: page | part | texts.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
import record_edits as edits
from bs4 import BeautifulSoup, PageElement, Tag

Edit = tuple[str, dict[str, str], dict[str, str]]

ENROLLED, NOT_ENROLLED = "umkm_enrolled_jamsostek", "umkm_not_enrolled_jamsostek"
NEWEST = {
    ENROLLED: "umkm-enrolled-jamsostek-kota-palu-antaranews-sulteng-2025-04-24",
    NOT_ENROLLED: "umkm-not-enrolled-jamsostek-kota-palu-antaranews-sulteng-2025-04-24",
}
FRESH = {"reference_date": "2026-10-31", "published_date": "2026-11-10"}
MARK = "belum dikonfirmasi"


def tariff(before: str, after: str) -> Edit:
    return (
        "tariffs.csv",
        {"program": "JKK+JKM", "amount_idr_month": before},
        {"amount_idr_month": after, "min_idr": after},
    )


def figures(where: dict[str, str], to: dict[str, str]) -> Edit:
    return "figures.csv", where, to


OTHER_VALUES: list[Edit] = [
    figures({"value": "20982"}, {"value": "21500"}),
    figures({"indicator": "participants_bpjs_tk", "reference_date": "2025"}, {"value": "40000"}),
    tariff("16800", "20000"),
    tariff("8400", "10000"),
    (
        "bpu_base.csv",
        {"id": "bpu-base-1000000"},
        {"jkk_idr": "13200", "jkk_jkm_idr": "20000", "jkk_jkm_half_idr": "10000"},
    ),
]
PAGES: dict[str, tuple[str, list[Edit]]] = {
    "other values": (edits.AS_OF, OTHER_VALUES),
    "enrolled fresh": (edits.AS_OF, [figures({"id": NEWEST[ENROLLED]}, FRESH)]),
    "both fresh": (edits.AS_OF, [figures({"id": row}, FRESH) for row in NEWEST.values()]),
    "exact, in August": ("2026-08-03", [figures({"indicator": NOT_ENROLLED}, {"is_approximate": "false"})]),
    "unconfirmed": (edits.AS_OF, [figures({"indicator": NOT_ENROLLED}, {"status": "unconfirmed"})]),
    "January 2024": ("2024-01-10", []),
}


def text_of(element: PageElement) -> str:
    return re.sub(r"\s+", " ", element.get_text()).strip()


@dataclass
class Made:
    """A page made from a changed record."""

    root: Path

    @cached_property
    def html(self) -> str:
        return (self.root / "reports/published/id/index.html").read_text(encoding="utf-8")

    @cached_property
    def page(self) -> BeautifulSoup:
        page = BeautifulSoup(self.html, "html.parser")
        for block in page.select("th, td, li, p, strong, text, desc"):
            block.append(" ")  # so that the texts of neighbours stay apart
        return page

    def csv(self, name: str) -> str:
        return (self.root / f"reports/published/id/csv/{name}.csv").read_text(encoding="utf-8")

    def part(self, selector: str) -> str:
        """The text of the one part of the page that `selector` finds; `csv NAME` is the data beside the page."""
        if selector.startswith("csv "):
            return self.csv(selector.removeprefix("csv "))
        (found,) = self.page.select(selector)
        return text_of(found)


def made(root: Path, as_of: str, changes: list[Edit]) -> Made:
    """The Indonesian page from a copy of the record in `root` with `changes`, each of which must change a row."""
    edits.copy_record(root)
    for file, where, to in changes:
        assert edits.change(root, file, where, to) > 0, f"no row of {file} holds {where}"
    done = edits.record(root, "--lang", "id", as_of=as_of)
    assert done.returncode == 0, done.stdout + done.stderr
    return Made(root)


@pytest.fixture(scope="module")
def page_of(tmp_path_factory: pytest.TempPathFactory):
    """Gives the page of a name in PAGES; each is made once."""
    known: dict[str, Made] = {}

    def get(name: str) -> Made:
        if name not in known:
            known[name] = made(tmp_path_factory.mktemp("mutated"), *PAGES[name])
        return known[name]

    return get


TILES = {n: f".keys li:nth-of-type({n})" for n in (1, 2, 3)}
LEAD, COST, ASKED = ".charts > p", ".cost", ".request"
STEPS = {n: f".steps li:nth-of-type({n})" for n in (1, 4, 5)}
MESSAGE = {name: f"#{name} figcaption strong" for name in ("timeline", "coverage", "participants", "costs")}
DRAWN, ALT, TABLE = "#{} svg", "#{} svg desc", "#{} table"

# page | part | what stands there, in this order ("…": anything between)
HERE = [
    # the figure of the enrolled, 20,982 -> 21,500
    ("other values", TILES[1], "21.500"),
    ("other values", TILES[2], "34, 47, sekitar 53–56, atau 93 persen … 64.000, 46.164, sekitar 40.000, atau 23.000"),
    ("other values", LEAD, "21.500 pelaku UMKM … sekitar 18.000"),
    ("other values", MESSAGE["timeline"], "21.500 … 9 kali"),
    ("other values", ALT.format("timeline"), "21.500 pelaku UMKM terdaftar"),
    ("other values", DRAWN.format("timeline"), "2023 2024 2025 2026 21.500 pelaku UMKM terdaftar"),
    ("other values", TABLE.format("timeline"), "21.500 16 Desember 2022 … 21.500 … 24 April 2025"),
    ("other values", "csv timeline", "umkm_enrolled_jamsostek,21500,"),
    ("other values", "#coverage figcaption span", "21.500"),
    ("other values", MESSAGE["coverage"], "34, 47, sekitar 53–56, atau 93 persen"),
    ("other values", ALT.format("coverage"), "21.500 … 34, 47, sekitar 53–56, atau 93 persen"),
    ("other values", DRAWN.format("coverage"), "40.000 … 53–56%"),
    ("other values", TABLE.format("coverage"), "sekitar 40.000 … 53–56%"),
    ("other values", "csv coverage", "implied,business owners,21500,39000,40000, … ,53,56,"),
    ("other values", MESSAGE["participants"], "9.269"),
    ("other values", ALT.format("participants"), "48.783"),
    ("other values", DRAWN.format("participants"), "21.500 pelaku UMKM terdaftar"),
    ("other values", TABLE.format("participants"), "2022 … 39.514 48.783 9.269"),
    ("other values", "csv participants", "39514,48783,9269"),
    ("other values", ".steps", "21.500"),
    ("other values", ".steps", "48.783"),
    ("other values", "main", "36.638 … 39.514 … 48.783 … 9.269"),
    ("other values", "#origin-share", "21.500"),
    # the city's total of 2025, 60,426 -> 40,000
    ("other values", "main", "Angka kota berkurang 2.328 … dari 42.328 pada 2024 menjadi 40.000"),
    ("other values", ALT.format("participants"), "39.514 … 40.000"),
    ("other values", DRAWN.format("participants"), "40.000"),
    ("other values", TABLE.format("participants"), "2025 … 40.000 48.783 8.783"),
    # the tariff, Rp16,800 -> Rp20,000
    ("other values", TILES[3], "Rp4,2–4,5 miliar per tahun"),
    ("other values", COST, "17.500–18.500 … Rp4,2–4,5 miliar"),
    ("other values", COST, "Rp20.000 … Rp13.200 … Rp6.800"),
    ("other values", COST, "Rp10.000"),
    ("other values", COST, "Rp4–4,3 miliar"),
    ("other values", ".steps", "Rp4,2–4,5 miliar per tahun"),
    ("other values", ALT.format("costs"), "Rp175 juta … Rp370 juta"),
    ("other values", TABLE.format("costs"), "Desember 2026 APBD 20.000 Rp350–370 juta"),
    ("other values", TABLE.format("costs"), "Desember 2026 pelaku UMKM sendiri 10.000 Rp175–185 juta"),
    ("other values", "csv costs", "apbn_apbd,2026-12,18000,17500,18500,360000000,350000000,370000000,20000,20000"),
    ("other values", "#origin-cost", "18.000 × Rp20.000 × 12 = Rp4.320.000.000"),
    # the enrolled of last month; those not enrolled still of 2022
    ("enrolled fresh", "h1", "20.982 … per 31 Oktober 2026 … belum diketahui"),
    ("enrolled fresh", "title", "20.982 … per 31 Oktober 2026"),
    ("enrolled fresh", "header", "Data per 31 Oktober 2026"),
    ("enrolled fresh", "footer", "Data per 31 Oktober 2026"),
    ("enrolled fresh", TILES[1], "Data per 31 Oktober 2026"),
    ("enrolled fresh", TILES[2], "2016–2023"),
    ("enrolled fresh", TILES[3], "Data per 15 Desember 2022 … data lama"),
    ("enrolled fresh", ALT.format("timeline"), "20.982 … 31 Oktober 2026"),
    ("enrolled fresh", LEAD, "31 Oktober 2026 … 15 Desember 2022"),
    ("enrolled fresh", "#origin-age", "antaranews sulteng, 10 November 2026"),
    # both of last month
    ("both fresh", "h1", "20.982 … per 31 Oktober 2026; sekitar 18.000 orang belum terdaftar"),
    ("both fresh", "header", "Data per 31 Oktober 2026"),
    ("both fresh", LEAD, "31 Oktober 2026"),
    ("both fresh", TILES[3], "Data per 31 Oktober 2026"),
    # 18,000 not called approximate
    ("exact, in August", TILES[2], "33, 45, 54, atau 91 persen … 64.000, 46.164, 38.982, atau 23.000"),
    ("exact, in August", TILES[3], "Rp3,6 miliar per tahun … 18.000 orang"),
    ("exact, in August", COST, "18.000 orang … Rp3,6 miliar"),
    ("exact, in August", DRAWN.format("coverage"), "38.982 … 54%"),
    ("exact, in August", TABLE.format("coverage"), "38.982 … 54%"),
    ("exact, in August", TABLE.format("costs"), "APBD 16.800 Rp302,4 juta"),
    ("exact, in August", "#origin-cost", "18.000 × Rp16.800 × 12 = Rp3.628.800.000."),
    # made on another day
    ("exact, in August", "header", "Disusun 3 Agustus 2026"),
    ("exact, in August", "h1", "43 bulan"),
    ("exact, in August", ASKED, "paling lambat 30 September 2026"),
    ("exact, in August", STEPS[1], "paling lambat 31 Oktober 2026"),
    ("exact, in August", STEPS[4], "paling lambat 30 November 2026"),
    ("exact, in August", STEPS[5], "paling lambat 30 September 2026"),
    ("exact, in August", COST, "September 2026–Agustus 2027"),
    ("exact, in August", TABLE.format("costs"), "Desember 2026 pelaku UMKM sendiri 8.400 Rp151,2 juta"),
    ("January 2024", ASKED, "paling lambat 29 Februari 2024"),
    # not enrolled: every row unconfirmed
    ("unconfirmed", TILES[1], "Data per 15 Desember 2022 data lama"),
    ("unconfirmed", TILES[2], f"sekitar 53–55 ({MARK}), atau 91 persen … 39.000 ({MARK})"),
    ("unconfirmed", TILES[3], f"Rp3,5–3,8 miliar ({MARK}) … 17.500–18.500 ({MARK})"),
    ("unconfirmed", LEAD, f"sekitar 18.000 ({MARK})"),
    ("unconfirmed", DRAWN.format("timeline"), f"sekitar 18.000 ({MARK})"),
    ("unconfirmed", TABLE.format("timeline"), f"18.000 ({MARK}) 16 Desember 2022"),
    ("unconfirmed", ALT.format("coverage"), f"sekitar 53–55 ({MARK}), atau 91 persen"),
    ("unconfirmed", DRAWN.format("coverage"), f"53–55% ({MARK})"),
    ("unconfirmed", MESSAGE["coverage"], f"sekitar 53–55 ({MARK}), atau 91 persen"),
    ("unconfirmed", ALT.format("costs"), f"Rp147 juta ({MARK}) … Rp310,8 juta ({MARK})"),
    ("unconfirmed", "#origin-cost", f"= Rp3.628.800.000 ({MARK})"),
    ("unconfirmed", "#origin-cost .sources li:nth-of-type(1)", f"({MARK})"),
    # what had been printed by January 2024
    ("January 2024", "header", "Disusun 10 Januari 2024"),
    ("January 2024", "h1", "20.982 … per 15 Desember 2022"),
    ("January 2024", TILES[1], "12 bulan"),
    ("January 2024", MESSAGE["timeline"], "7 kali"),
]  # fmt: skip

# page | part | what must not stand there
NOT_HERE = [
    ("other values", "html", "20.982"),
    ("other values", "html", "48.265"),
    ("other values", "html", "60.426"),
    ("other values", "html", "16.800"),
    ("other values", "html", "8.400"),
    ("other values", "html", "bertambah"),
    ("other values", "html", "Dugaan kami yang belum diuji"),
    ("other values", "csv timeline", "20982"),
    ("other values", "csv coverage", "20982"),
    ("other values", "csv costs", "16800"),
    ("other values", "csv participants", "60426"),
    ("enrolled fresh", TILES[1], "data lama"),
    ("both fresh", ".keys", "data lama"),
    ("both fresh", "header", "15 Desember 2022"),
    ("both fresh", ".keys", "15 Desember 2022"),
    ("both fresh", LEAD, "15 Desember 2022"),
    ("exact, in August", "html", "17.500"),
    ("exact, in August", "html", "18.500"),
    ("exact, in August", "html", "sekitar 18.000"),
    ("exact, in August", "html", "sekitar 39.000"),
    ("exact, in August", TILES[3], "–"),
    ("exact, in August", "#origin-cost", "; 18.000"),
    ("exact, in August", "html", "31 Desember 2026"),
    ("exact, in August", "html", "31 Januari 2027"),
    ("unconfirmed", COST, f"Rp16.800 ({MARK})"),
    ("unconfirmed", TILES[1], MARK),
    ("January 2024", ".charts", "2025"),
    ("January 2024", "csv timeline", "2025"),
    ("January 2024", "html", "60.426"),
    ("January 2024", "html", "24 April 2025"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "part", "text"), HERE)
def test_part_of_the_page_follows_the_record(page_of, name, part, text):
    pieces = [re.escape(piece) for piece in text.split(" … ")]
    assert re.search(".*?".join(pieces), page_of(name).part(part), re.DOTALL)


@pytest.mark.parametrize(("name", "part", "text"), NOT_HERE)
def test_nothing_of_the_old_record_is_left(page_of, name, part, text):
    assert text not in page_of(name).part(part)


def test_old_values_are_carried_by_no_figure(page_of):
    carried = {figure["value"] for figure in page_of("other values").page.select("data.figure")}
    assert {"21500", "48783", "40000", "20000", "10000"} <= carried
    assert carried & {"20982", "48265", "60426", "16800", "8400"} == set()


# A mark behind every figure that comes from an unconfirmed row -------------------------------------------------


def chain(figure: Tag) -> str:
    """What follows a figure in its sentence or cell, up to the next figure that is not the other end of its range."""
    block = figure.find_parent(["p", "li", "td", "th", "caption", "h1", "figcaption", "summary"])
    said = ""
    for element in figure.next_elements:
        if element is not block and block not in element.parents:
            break
        if isinstance(element, Tag):
            if element.name == "data" and said.removeprefix(text_of(figure)).strip() not in ("", "–"):
                break
        else:
            said += str(element)
    return said


def unconfirmed_refs() -> set[str]:
    """Rows that are unconfirmed in the project's record, or made so for the page."""
    rows = [
        row for row in edits.rows("figures.csv") if row["status"] == "unconfirmed" or row["indicator"] == NOT_ENROLLED
    ]
    return {f"figures.csv#{row['id']}" for row in rows}


def test_every_figure_from_an_unconfirmed_row_says_so(page_of):
    doubted = unconfirmed_refs()
    found = [
        figure
        for figure in page_of("unconfirmed").page.select("data.figure")
        if doubted & set(str(figure["data-ref"]).split())
    ]
    assert len(found) > 40
    assert [chain(figure) for figure in found if MARK not in chain(figure)] == []


def test_no_other_figure_is_marked(page_of):
    doubted = unconfirmed_refs()
    wrong = [
        chain(figure)
        for figure in page_of("unconfirmed").page.select("data.figure")
        if not doubted & set(str(figure["data-ref"]).split()) and chain(figure).startswith(f"{text_of(figure)} ({MARK}")
    ]
    assert wrong == []


def test_marks_come_from_the_rows_alone(page_of):
    """Without the change, the same figures carry no mark."""
    plain = text_of(page_of("both fresh").page.select_one("main"))
    assert f"18.500 ({MARK})" not in plain
    assert f"Rp3,5–3,8 miliar ({MARK})" not in plain


def test_deadlines_follow_the_day_on_which_the_brief_is_made(page_of):
    days = {name: re.findall(r"paling lambat (\d+ \w+ \d{4})", page_of(name).part("main")) for name in PAGES}
    assert len(days["both fresh"]) == 6
    assert days["both fresh"] == days["unconfirmed"]
    assert not set(days["both fresh"]) & set(days["exact, in August"])
