"""The attacker's bounds against every combination of whole numbers, and what is known of a count by its figure."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.contracts.released import COUNTED
from analysis.measuring import gap
from analysis.releasing import audit, rounding
from analysis.releasing.attacker import FAMILIES, Attacker
from analysis.releasing.audit import Seen

CITY, SEXES = "72.71", ("male", "female", "unknown")
STATUSES = (*gap.STATUSES, gap.BUSINESSES)


class Drawn:
    """A key whose noise is drawn for each label."""

    def __init__(self, noise: dict[str, int]) -> None:
        self.noise = noise

    def mac(self, text: str) -> str:
        return format(self.noise.get(text, 0), "x")


def label(category: str, dimension: str = "sex") -> str:
    return f"{CITY}|{dimension}|{category}|active"


LABELS = (*map(label, SEXES), label("all", "total"))


def cells(active: tuple[int, ...]) -> pd.DataFrame:
    """The city by sex and in all: so many active of each, nobody of another status, a business each."""
    rows = []
    for category, n in (*zip(SEXES, active, strict=True), ("all", sum(active))):
        dimension = "total" if category == "all" else "sex"
        rows += [(CITY, "city", dimension, category, measure, n if measure in ("active", "businesses") else 0)
                 for measure in STATUSES]  # fmt: skip
    return pd.DataFrame(rows, columns=[*COUNTED])


def seen(active: tuple[int, ...], noise: dict[str, int], *, is_last: bool = False) -> Seen:
    true = cells(active)
    return Seen("gap", rounding.release(true, Drawn(noise), gap.layout()), true, is_last=is_last, is_out=is_last)


EVERY = np.array([(*each, sum(each)) for each in product(range(14), repeat=3)])
"""Three counts and their sum, whatever they are."""


def allowed(figures: list[int | None], noise: tuple[int, ...]) -> np.ndarray:
    """All of them that have these figures under this noise."""
    fits = np.ones(len(EVERY), dtype=bool)
    for n, (figure, one) in enumerate(zip(figures, noise, strict=True)):
        if figure is not None:
            fits &= 5 * ((EVERY[:, n] + one) // 5) == figure
    return EVERY[fits]


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_the_bounds_hold_every_count_that_whole_numbers_allow(data) -> None:
    """Two editions under one noise that nobody knows: all counts and all noises, tried one by one."""
    noise = {name: data.draw(st.integers(0, 4)) for name in LABELS}
    months = [tuple(data.draw(st.integers(0, 9)) for _ in SEXES) for _ in range(2)]
    now, last = seen(months[0], noise), seen(months[1], noise, is_last=True)
    known = audit.knowledge([now, last])
    assert Attacker(known).dropped_n == 0
    attacker = Attacker(known, [name for name in FAMILIES if name != "businesses"])  # which are not tried here
    figures = [[value(one.table, name) for name in LABELS] for one in (now, last)]
    found: list[set[int]] = [set() for _ in LABELS]
    for each in product(range(5), repeat=4):
        both = [allowed(figure, each) for figure in figures]
        if all(len(one) for one in both):
            for n in range(4):
                found[n] |= set(both[0][:, n].tolist())
    for n, name in enumerate(LABELS):
        own = known[(known["side"] == "now") & (known["label"] == f"{name}|")].index.item()
        low, high = attacker.bounds(own)
        assert low <= min(found[n])
        assert high >= max(found[n])


def value(table: pd.DataFrame, name: str) -> int | None:
    _, dimension, category, measure = name.split("|")
    own = table[(table["dimension"] == dimension) & (table["category"] == category) & (table["measure"] == measure)]
    return None if own["value"].isna().item() else int(own["value"].item())


@pytest.mark.parametrize(("active", "noise", "is_exposed"), [
    ((40, 40, 3), {label("male"): 0, label("female"): 0, label("all", "total"): 2}, False),
    ((44, 44, 3), {label("all", "total"): 4}, False),
])  # fmt: skip
def test_a_count_is_exposed_where_the_rest_leaves_it_no_room(active, noise, is_exposed) -> None:
    """44, 44 and 3 are told as 40, 40 and, withheld, what 95 leaves: 3 to 4 only would be left of few more."""
    known = audit.knowledge([seen(active, noise)])
    found = audit.exposed(known)
    own = found[(found["category"] == "unknown") & (found["measure"] == "active")]
    assert (len(own) == 1) == is_exposed


def test_what_is_known_of_a_figure_is_the_rule_and_nothing_else() -> None:
    known = audit.knowledge([seen((23, 40, 2), {})])
    own = known[known["measure"] == "active"].set_index("category")
    assert own.loc["male", ["low", "high"]].tolist() == [16, 24]
    assert own.loc["unknown", "low"] == 0 and own.loc["unknown", "few_most"] == 15 + 5 * 4
    assert own.loc["male", "label"] == f"{label('male')}|"
    assert np.isnan(own.loc["male", "few_most"])


def test_counts_of_one_to_four_are_small() -> None:
    known = audit.knowledge([seen((0, 4, 5), {})])
    own = known.iloc[audit.small(known)]
    assert sorted(own.loc[own["measure"] == "active", "true"]) == [4]


def test_one_label_is_rounded_alike_in_both_editions() -> None:
    """Who knows that 9 was told as 5 knows that nothing was added: what is told as 5 now is 5 to 9, and not 1 to 9."""
    known = audit.knowledge([seen((9, 0, 0), {}), seen((9, 0, 0), {}, is_last=True)])
    is_own = known["label"] == f"{label('all', 'total')}|"
    known.loc[is_own & known["side"].eq("before"), ["low", "high"]] = 9.0
    own = known[is_own & known["side"].eq("now")].index.item()
    free = [name for name in FAMILIES if name not in ("parts", "businesses")]
    assert Attacker(known, free).bounds(own) == (5, 9)
    assert Attacker(known, [name for name in free if name != "label"]).bounds(own) == (1, 9)


@pytest.mark.parametrize(("added", "dropped_n"), [(0, 0), (100, 1)])
def test_an_edition_that_contradicts_itself_stops_none_after_it(added, dropped_n) -> None:
    """Its true counts are gone, and its total is by 100 what its parts do not add up to: one row cannot be right."""
    now, last = seen((40, 40, 3), {}), seen((40, 40, 30), {}, is_last=True)
    is_total = (last.table["dimension"] == "total") & (last.table["measure"] == "active")
    table = last.table.assign(value=last.table["value"] + added * is_total)
    known = audit.knowledge([now, replace(last, table=table, cells=None)])
    attacker = Attacker(known, [name for name in FAMILIES if name != "businesses"])
    assert attacker.dropped_n == dropped_n
    for cell in audit.small(known):
        low, high = attacker.bounds(cell)
        assert low <= known["true"][cell] <= high
