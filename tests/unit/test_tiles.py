"""The map of coverage: what its tiles say without any tone, its greys, its true outlines, and where names stand."""

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from standings import AREAS, NAMES, REAL, REGIONS, standings

from analysis import ContractError
from analysis.contracts.released import CITY
from analysis.presenting import canvas, grid, outlines, pictures, statuses, tiles, wording
from analysis.presenting.parts import Part

KECAMATAN, KELURAHAN = "72.71.01", "72.71.01.1004"
OWN = [code for code, area in AREAS.items() if area.kecamatan == KECAMATAN and area.level == "kelurahan"]
EN = wording.in_language("en")
PLACES = {code: (int(row), int(col)) for code, row, col in
          REGIONS[["id", "tile_row", "tile_col"]].itertuples(index=False, name=None) if row}  # fmt: skip
TEXT_CONTRAST, PART_CONTRAST = 4.5, 3.0
Put = Callable[..., Path]


def drawn(code: str, boundaries: Path | None = None, **options: object) -> Part:
    rates = standings(**options).rates  # type: ignore[arg-type]
    return pictures.tiles(rates, AREAS[code], REGIONS, REAL, EN, boundaries)


def shown(part: Part) -> BeautifulSoup:
    return BeautifulSoup(part.html, "html.parser")


def text(found: Tag | None) -> str:
    assert found is not None
    return " ".join(found.get_text("").split())


def table(part: Part) -> dict[str, list[str]]:
    rows = [[text(cell) for cell in row.find_all(["th", "td"])] for row in shown(part).select("tbody tr")]
    return {row[0]: row[1:] for row in rows}


def written(part: Part) -> list[str]:
    return [text(element) for element in shown(part).select("svg text")]


def title(part: Part) -> str:
    return text(shown(part).select_one("figcaption strong"))


# tiles


def test_the_city_has_a_tile_for_each_kelurahan_numbered_within_its_kecamatan_and_names_all_eight() -> None:
    part = drawn(CITY)
    labels = [one for one in written(part) if re.fullmatch(r"\d [A-E]{1,2}", one)]
    assert len(labels) == 46
    assert {NAMES[code] for code, area in AREAS.items() if area.level == "kecamatan"} <= set(written(part))
    assert len(table(part)) == 47 and table(part)["Besusu Barat"][0] == "Palu Timur 1"


def test_a_kecamatan_has_room_for_the_name_and_the_range_of_each_kelurahan() -> None:
    part = drawn(KECAMATAN)
    told = " ".join(written(part))
    for code in OWN:
        assert NAMES[code] in told and table(part)[NAMES[code]][1] in told
    assert "Ujuna" not in part.html


@pytest.mark.parametrize(
    ("active", "spread", "letters"), [(5, 0, "A"), (130, 0, "B"), (300, 0, "C"), (700, 0, "D"), (3_000, 0, "E"),
                                      (200, 0, "BC"), (300, 60, "BD")],
)  # fmt: skip
def test_the_letters_of_a_tile_are_the_fifths_from_which_and_to_which_its_range_reaches(
    active: int, spread: int, letters: str
) -> None:
    counts = {"active": active, "lapsed": 0, "unregistered": 300, "unresolved": 0}
    part = drawn(CITY, changed={(KELURAHAN, "all", name): n for name, n in counts.items()}, spread=spread)
    ends = [int(n) for n in re.findall(r"\d+", table(part)["Besusu Barat"][1])]
    first = next(one for one in written(part) if re.fullmatch(r"1( [A-E]+)?", one))
    assert first == f"1 {letters}", ends
    if letters not in "AE":  # whose outer end is cut
        assert "".join(dict.fromkeys("ABCDE"[n] for n in (ends[0] // 20, (ends[1] - 1) // 20))) == letters


def test_withheld_and_unclear_rates_look_different_and_say_so() -> None:
    few = {(OWN[1], "all", status): n for status, n in (("active", 26), ("lapsed", 0), ("unregistered", 0))}
    part = drawn(CITY, changed=few, hidden=(KELURAHAN,))
    assert table(part)["Besusu Barat"][1:] == ["withheld", "cannot be stated"]
    assert table(part)[NAMES[OWN[1]]][1] == "cannot be stated"
    assert {"withheld", "cannot be stated"} <= set(written(part))
    assert "1" in written(part) and len(shown(part).select("pattern")) == 2
    assert not shown(drawn(CITY)).select("pattern")


def test_a_rate_told_in_words_has_the_letter_of_its_fifth() -> None:
    some = {(KELURAHAN, "all", status): n for status, n in (("active", 25), ("lapsed", 0), ("unregistered", 30))}
    part = drawn(KECAMATAN, changed=some, spread=0)
    assert table(part)["Besusu Barat"][1] in ("about half", "cannot be stated")


def test_how_many_lie_below_the_city_follows_the_data() -> None:
    usual, changed = drawn(CITY), drawn(CITY, changed={(KELURAHAN, "all", "active"): 5})
    n = [int(re.findall(r"In (\d+) of 46", title(part))[0]) for part in (usual, changed)]
    assert n[1] == n[0] + 1
    for part, told in zip((usual, changed), n, strict=True):
        assert [row[2] for row in table(part).values()].count("lower") == told
    assert title(drawn(CITY, spread=400)).startswith("No kelurahan can be told to have lower active coverage")


@pytest.mark.parametrize(
    ("active", "told"), [(5, "lower than in the city"), (2_000, "higher than"), (150, "cannot be told apart")]
)
def test_a_kelurahan_is_framed_and_held_against_the_city(active: int, told: str) -> None:
    part = drawn(KELURAHAN, changed={(KELURAHAN, "all", "active"): active}, spread=60 if active == 150 else 10)
    assert told in title(part) and title(part).startswith("Active coverage in Kelurahan Besusu Barat")
    assert canvas.ORANGE in part.html and canvas.ORANGE not in drawn(KECAMATAN).html
    own = [one for one in shown(part).select("svg text") if text(one) == "Besusu Barat"]
    assert "700" in str(own[0].get("style"))


def test_a_kelurahan_that_is_withheld_stands_on_its_map_by_word() -> None:
    part = drawn(KELURAHAN, hidden=(KELURAHAN,))
    assert title(part) == "Active coverage in Kelurahan Besusu Barat: withheld"
    assert "withheld" in written(part)


# greys


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted(luminance(colour) + 0.05 for colour in (one, other))
    return high / low


def test_letters_stand_out_from_every_tone_and_outlines_from_the_page() -> None:
    assert min(contrast(canvas.INK, tone) for tone in tiles.TONES) >= TEXT_CONTRAST
    assert contrast(canvas.ORANGE, "#ffffff") >= TEXT_CONTRAST
    for edge in (canvas.LINE, *statuses.EDGE.values(), *(colour for colour, *_ in statuses.MOMENTS.values())):
        assert contrast(edge, "#ffffff") >= PART_CONTRAST


def test_tones_differ_in_grey_and_grow_darker_with_the_rate() -> None:
    greys = [luminance(tone) for tone in tiles.TONES]
    assert all(one - other > 0.1 for one, other in pairwise(greys))
    stacked = sorted(luminance(colour) for colour, _ in statuses.TONES.values())
    assert all(other - one > 0.15 for one, other in pairwise(stacked))
    hatches = [hatch for _, hatch in statuses.TONES.values()]
    assert len(set(hatches)) == 2, "neighbours differ by more than their tone"


# names


def test_names_stand_on_free_tiles_only_beside_their_own_and_never_on_each_other() -> None:
    kecamatan = grid.moved({place: NAMES[AREAS[code].kecamatan] for code, place in PLACES.items()})
    used: set[grid.Place] = set()
    for name, (row, col), need, _ in grid.labelled(kecamatan, 35.5):
        cells = {(row, col + n) for n in range(need)}
        assert not cells & kecamatan.keys() and not cells & used
        assert any(kecamatan.get((r + down, c + right)) == name for r, c in cells for down, right in grid.NEAR)
        used |= cells
    assert len({name for name, *_ in grid.labelled(kecamatan, 35.5)}) == 8


def test_a_name_for_which_there_is_no_room_is_left_out() -> None:
    assert list(grid.labelled({(0, 0): "A long name", (0, 1): "Another"}, 20.0)) == []


# true outlines


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Writes a folder with one GeoJSON file: a square for each kelurahan given, or whatever is asked for."""

    def write(codes: list[str] | None = None, content: str | None = None, **geometry: object) -> Path:
        squares = [
            {"type": "Feature", "properties": {"code": code}, "geometry": {
                "type": "Polygon", "coordinates": [[[n, 0], [n + 1, 0], [n + 1, 1], [n, 1], [n, 0]]], **geometry}}
            for n, code in enumerate(OWN if codes is None else codes)
        ]  # fmt: skip
        told = json.dumps({"type": "FeatureCollection", "features": squares}) if content is None else content
        (tmp_path / "kelurahan.geojson").write_text(told, encoding="utf-8")
        return tmp_path

    return write


def test_true_outlines_are_drawn_where_somebody_has_put_them(put: Put) -> None:
    part = drawn(KECAMATAN, put())
    assert [one for one in written(part) if re.match(r"\d", one)] and len(shown(part).select("svg path")) >= len(OWN)
    assert table(part) == table(drawn(KECAMATAN)) and title(part) == title(drawn(KECAMATAN))
    moved = drawn(KECAMATAN, put(type="MultiPolygon", coordinates=[[[[0, 0], [3, 0], [3, 3], [0, 0]]]]))
    assert shown(moved).svg != shown(part).svg


def test_a_folder_without_outlines_gives_tiles(tmp_path: Path) -> None:
    assert drawn(KECAMATAN, tmp_path).html == drawn(KECAMATAN, tmp_path / "nowhere").html == drawn(KECAMATAN).html


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "7",
        "{}",
        '{"features": 7}',
        '{"features": [7]}',
        '{"features": [{"properties": null, "geometry": null}]}',
        '{"features": [{"properties": {"code": 7}, "geometry": {"type": "Polygon", "coordinates": []}}]}',
        '{"features": [{"properties": {"code": "a"}, "geometry": {"type": "Point", "coordinates": [0, 0]}}]}',
        '{"features": [{"properties": {"code": "a"}, "geometry": {"type": "Polygon", "coordinates": []}}]}',
        '{"features": [{"properties": {"code": "a"}, "geometry": {"type": "Polygon", "coordinates": [[[0, 0]]]}}]}',
        '{"features": [{"properties": {"code": "a"}, "geometry": {"type": "Polygon", "coordinates": '
        "[[[0, 0], [500, 0], [1, 1], [0, 0]]]}}]}",
        '{"features": [{"properties": {"code": "a"}, "geometry": {"type": "Polygon", "coordinates": '
        "[[[0, 0], [NaN, 0], [1, 1], [0, 0]]]}}]}",
    ],
)
def test_what_cannot_be_drawn_is_refused_by_file_name(put: Put, content: str) -> None:
    with pytest.raises(ContractError) as caught:
        outlines.read(put(content=content))
    assert caught.value.faults[0].values["file"] == "kelurahan.geojson"


def test_two_outlines_of_one_area_are_refused_and_a_missing_one_is_counted(put: Put) -> None:
    with pytest.raises(ContractError):
        outlines.read(put([KELURAHAN, KELURAHAN]))
    with pytest.raises(ContractError) as caught:
        drawn(KECAMATAN, put(OWN[1:]))
    assert caught.value.faults[0].values == {"n": 1}


def test_numbers_of_the_city_map_are_resolved_for_paper_as_its_table_resolves_them() -> None:
    told = text(BeautifulSoup(pictures.numbers(AREAS[CITY], REGIONS, EN).html, "html.parser"))
    for name, (on_map, *_) in list(table(drawn(CITY)).items())[1:]:
        kecamatan, _, number = on_map.rpartition(" ")
        group = told.partition(f"{kecamatan}: ")[2].partition(";")[0].rstrip(".")
        assert f"{number} {name}" in group.split(", ")
    assert pictures.numbers(AREAS[KECAMATAN], REGIONS, EN).html == ""
