"""The charts of the brief on an area: what they say follows the released rows, and nothing withheld is drawn."""

import csv
import re

import pytest
from bs4 import BeautifulSoup, Tag
from standings import AREAS, NAMES, REAL, REGIONS, SYNTHETIC, changes, released, standings

from analysis.contracts.registers import SECTORS
from analysis.contracts.released import CITY
from analysis.presenting import pictures, wording
from analysis.presenting.parts import Part
from analysis.releasing import disclosure
from analysis.releasing.editions import Edition

KECAMATAN, KELURAHAN, LAST = "72.71.01", "72.71.01.1010", "72.71.08.1008"
LONGEST_ALT = 250
ID, EN = wording.in_language("id"), wording.in_language("en")
BOTH = pytest.mark.parametrize("say", [ID, EN], ids=["id", "en"])
PAGES = pytest.mark.parametrize("code", [CITY, KECAMATAN, KELURAHAN])
TIGHT = 0
"""A spread with which a range holds the rounding alone: 10 above and below."""


def shown(part: Part) -> BeautifulSoup:
    return BeautifulSoup(part.html, "html.parser")


def text(found: Tag | None) -> str:
    assert found is not None
    return " ".join(found.get_text("").split())


def title(part: Part) -> str:
    return text(shown(part).select_one("figcaption strong"))


def alt(part: Part) -> str:
    return text(shown(part).select_one("desc"))


def table(part: Part) -> list[list[str]]:
    return [[text(cell) for cell in row.find_all(["th", "td"])] for row in shown(part).select("tbody tr")]


def drawn(part: Part) -> list[str]:
    return [text(element) for element in shown(part).select("svg text")]


def charts(code: str, say: wording.Wording = ID, edition: Edition = SYNTHETIC, **options: object) -> list[Part]:
    """All four charts of an area."""
    told, area = standings(**options), AREAS[code]  # type: ignore[arg-type]
    moved = changes(released(), released({(code, "all", "active"): 9_000}))
    return [
        pictures.gap(told.levels, area, NAMES, edition, say),
        pictures.tiles(told.rates, area, REGIONS, edition, say),
        pictures.sectors(told.sectors, area, edition, say),
        pictures.change(moved, area, edition, say),
    ]


def gap(code: str, say: wording.Wording = EN, **options: object) -> Part:
    return pictures.gap(standings(**options).levels, AREAS[code], NAMES, REAL, say)  # type: ignore[arg-type]


def numbers(told: str, say: wording.Wording) -> set[str]:
    """The numbers of a text, without those of its day."""
    told = re.sub(r"\d{1,2} \w+ \d{4}", "", told)
    return set(re.findall(r"\d+(?:[.,]\d+)*", told))


# every chart


@BOTH
@PAGES
def test_every_chart_has_title_short_alternative_table_and_file_of_its_own(code: str, say: wording.Wording) -> None:
    parts = charts(code, say)
    for part, name in zip(parts, ("gap", "tiles", "sectors", "change"), strict=True):
        assert part.slot == "chart" and part.facts["name"] == name
        assert 20 < len(alt(part)) <= LONGEST_ALT and re.search(r"\d", alt(part))
        assert list(part.csv) == [f"{code}-{name}-sintetis"]
        rows = list(csv.DictReader(part.csv[f"{code}-{name}-sintetis"].splitlines()))
        assert len(rows) == len(table(part)) > 0
        assert f"csv/{code}-{name}-sintetis.csv" in part.html


@BOTH
@PAGES
def test_numbers_of_an_alternative_text_stand_in_the_table(code: str, say: wording.Wording) -> None:
    for part in charts(code, say):
        rows = table(part)
        of_table = numbers(" ".join(cell for row in rows for cell in row), say)
        counted = {str(len(rows) - 1), str(sum(row[-1] in ("lower", "lebih rendah") for row in rows))}
        assert numbers(alt(part), say) <= of_table | counted, part.facts["name"]


@PAGES
def test_no_id_stands_twice_among_the_charts_of_a_page(code: str) -> None:
    ids = re.findall(r'\bid="([^"]+)"', "".join(part.html for part in charts(code)))
    assert len(ids) == len(set(ids)) > 20
    used = re.findall(r'(?:url\(#|href="#)([^")]+)', "".join(part.html for part in charts(code)))
    assert set(used) <= set(ids)


@PAGES
def test_synthetic_data_are_marked_in_drawing_alternative_and_file_and_real_ones_nowhere(code: str) -> None:
    for part in charts(code):
        assert "DATA SINTETIS" in drawn(part) and alt(part).startswith("Data sintetis.")
    for part in charts(code, edition=REAL):
        assert "sintetis" not in (part.html + str(list(part.csv))).lower()


@BOTH
def test_no_cell_is_empty_and_every_figure_names_its_cells(say: wording.Wording) -> None:
    for part in charts(KECAMATAN, say, hidden=(KELURAHAN,)):
        assert all(cell for row in table(part) for cell in row)
        assert all(str(data["data-ref"]).startswith("gap.csv#") for data in shown(part).select("data"))


def test_both_languages_show_the_same_numbers_each_in_its_form() -> None:
    one, other = (gap(CITY, say) for say in (ID, EN))
    values = [[str(data["value"]) for data in shown(part).select("data")] for part in (one, other)]
    assert values[0] == values[1]
    assert any("." in cell for row in table(one) for cell in row[1:])
    assert any("," in cell for row in table(other) for cell in row[1:])


# gap


def test_the_city_shows_its_kecamatan_and_a_kecamatan_its_kelurahan_highest_first() -> None:
    assert len(table(gap(CITY))) == 8
    listed = [row[0] for row in table(gap(KECAMATAN))]
    own = [code for code, area in AREAS.items() if area.kecamatan == KECAMATAN and area.level == "kelurahan"]
    assert listed == [NAMES[code] for code in reversed(own)]


def test_one_is_called_the_highest_only_where_its_range_overlaps_no_other() -> None:
    far = {(KELURAHAN, "all", "unregistered"): 500}
    assert title(gap(KECAMATAN, changed=far)) == (
        "Kelurahan Lolu Utara has the largest gap in Kecamatan Palu Timur: 485–515 people estimated not enrolled"
    )
    assert "tertinggi di Kecamatan Palu Timur" in title(gap(KECAMATAN, ID, changed=far))
    near = title(gap(KECAMATAN, ID, changed=far, spread=300))
    assert "termasuk yang tertinggi" in near and "urutannya belum dapat dipastikan" in near
    assert "tertinggi" not in near.replace("termasuk yang tertinggi", "")


def test_an_area_that_is_withheld_may_be_the_highest_so_none_is_called_so() -> None:
    far = {(KELURAHAN, "all", "unregistered"): 500}
    part = gap(KECAMATAN, changed=far, hidden=("72.71.01.1004",))
    assert "among the areas with the largest gaps" in title(part)
    assert table(part)[-1] == ["Besusu Barat", "withheld", "withheld", "withheld"]
    assert "withheld" in drawn(part) and "Besusu Barat" in drawn(part)


def test_a_mark_is_drawn_for_each_area_that_is_told_and_for_no_other() -> None:
    whole, less = gap(KECAMATAN), gap(KECAMATAN, hidden=("72.71.01.1004",))
    assert [len(shown(part).select("svg use")) for part in (whole, less)] == [5, 4]


def test_one_datum_changes_title_alternative_table_and_drawing_alike() -> None:
    for n in (700, 905):
        part = gap(KECAMATAN, changed={(KELURAHAN, "all", "unregistered"): n})
        told = f"{n - 15}–{n + 15}"
        assert told in title(part) and told in alt(part) and told in drawn(part)
        assert table(part)[0][1:3] == [str(n), told]
        assert f",{n}," in next(iter(part.csv.values()))


def test_a_kelurahan_sees_itself_emphasised_and_how_it_stands() -> None:
    part = gap(KELURAHAN, changed={(KELURAHAN, "all", "unregistered"): 500})
    assert title(part).startswith("Kelurahan Lolu Utara has the largest gap")
    bold = [text(one) for one in shown(part).select("svg text") if "700" in str(one.get("style"))]
    assert bold == ["Lolu Utara", "485–515"]
    low = gap(KELURAHAN, changed={("72.71.01.1004", "all", "unregistered"): 500})
    assert (
        title(low) == "The gap of Kelurahan Lolu Utara (85–115 people) is smaller than that of Kelurahan Besusu Barat"
    )
    hidden = gap(KELURAHAN, hidden=(KELURAHAN,))
    assert title(hidden) == "The figure for Kelurahan Lolu Utara is withheld so that nobody can be identified"


def test_where_nothing_may_be_told_the_chart_says_so() -> None:
    own = tuple(code for code, area in AREAS.items() if area.kecamatan == KECAMATAN and area.level == "kelurahan")
    part = gap(KECAMATAN, hidden=own)
    assert title(part) == "The figures of all areas are withheld so that nobody can be identified"
    assert not re.search(r"\d", " ".join(drawn(part)))


def test_a_rounded_zero_is_at_most_four_and_its_range_begins_nowhere_below() -> None:
    changed = {(code, "all", "unregistered"): 0 for code in AREAS if code.startswith(KECAMATAN)}
    part = gap(KECAMATAN, ID, changed=changed, spread=TIGHT)
    assert table(part)[0][1:3] == ["paling banyak empat", "0–10"]
    assert "(paling banyak 10 orang)" in title(part)
    assert not re.search(r"tidak ada|nihil|semua(?! data| pelaku)", part.html.lower())


# sectors


def sectors(code: str, say: wording.Wording = EN, **options: object) -> Part:
    return pictures.sectors(standings(**options).sectors, AREAS[code], REAL, say)  # type: ignore[arg-type]


def test_sectors_that_are_withheld_are_named_together_and_have_no_bar() -> None:
    part = sectors(KELURAHAN)
    assert [row[0] for row in table(part)[:3]] == ["trade", "services", "crafts"]
    assert all(row[1:] == ["withheld"] * 3 for row in table(part)[3:])
    below = " ".join(drawn(part)).partition("Withheld: ")[2]
    assert "fishing" in below and "crafts" not in below
    assert "largest in" not in title(part) and "their order is not certain" in title(part)


@BOTH
def test_where_every_sector_is_withheld_their_names_stand_alone(say: wording.Wording) -> None:
    part = sectors(KELURAHAN, say, hidden=(KELURAHAN,))
    assert re.search("of all sectors|semua sektor", title(part)) and len(table(part)) == len(SECTORS)
    assert not re.search(r"\d", " ".join(drawn(part)))


def test_a_sector_leads_only_where_all_are_told_and_none_overlaps() -> None:
    some = {(CITY, sector, status): 30 for sector in SECTORS for status in ("active", "unregistered")}
    some[CITY, "trade", "unregistered"] = 5_000
    assert title(sectors(CITY, changed=some)).startswith("The gap in Kota Palu is largest in trade: 4,985–5,015 people")
    assert "order is not certain" in title(sectors(CITY, changed=some, spread=9_000))


# change


def test_a_change_is_told_where_the_ranges_lie_apart_and_its_verb_follows_its_sign() -> None:
    usual, more = released(), released({(CITY, "all", "lapsed"): 9_000})
    up = pictures.change(changes(usual, more), AREAS[CITY], REAL, EN)
    assert title(up).startswith("The number lapsed rose by 7,160: ")
    down = pictures.change(changes(more, usual), AREAS[CITY], REAL, EN)
    assert title(down).startswith("The number lapsed fell by 7,160: ")
    assert [row[3] for row in table(down)] == ["cannot be told apart", "7,160 fewer", "cannot be told apart"]
    id_ = pictures.change(changes(usual, more), AREAS[CITY], REAL, ID)
    assert title(id_).startswith("Jumlah tidak aktif bertambah 7.160 orang")
    assert title(pictures.change(changes(more, usual), AREAS[CITY], REAL, ID)).startswith(
        "Jumlah tidak aktif berkurang"
    )


def test_a_change_within_the_ranges_is_not_told() -> None:
    near = released({(CITY, "all", "lapsed"): 1_850})
    part = pictures.change(changes(released(), near), AREAS[CITY], REAL, ID)
    assert title(part) == "Perubahan sejak edisi sebelumnya belum dapat dibedakan dari ketidakpastian hitungan"
    assert drawn(part).count("belum dapat dibedakan") == 3
    assert not re.search(r"bertambah|berkurang|naik|turun", part.html)


def test_without_an_edition_before_there_is_no_chart_and_no_file() -> None:
    usual = released()
    elsewhere = changes(usual, usual)
    part = pictures.change(elsewhere, AREAS["72.71.01"], REAL, ID)
    assert part.html
    nothing = pictures.change(disclosure.derive(lambda table: table.iloc[:0], elsewhere), AREAS["72.71.01"], REAL, ID)
    assert (nothing.slot, nothing.html, dict(nothing.csv)) == ("chart", "", {})
