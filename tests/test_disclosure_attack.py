"""The gate against its own attacker: small invented cities under many keys, and the methods that the gate is not."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import small_city

from analysis import DisclosureError
from analysis.contracts.released import KEY, Counts
from analysis.measuring import gap
from analysis.presenting import wording
from analysis.releasing import audit, disclosure, rounding
from analysis.releasing.attacker import FAMILIES, Attacker
from analysis.releasing.editions import Edition, Source

CASES = ((1, 900), (2, 3_500))
"""Seed of the city and of the key, and how many owners there are."""
EDITION = Edition("2026-10", date(2026, 10, 31), True, None, (Source("umkm", "Dinas", date(2026, 11, 4)),), "abc")
LAST = replace(EDITION, name="2026-09", reference_date=date(2026, 9, 30))


class Secret:
    def __init__(self, seed: int) -> None:
        self.secret = b"%032d" % seed

    def mac(self, text: str) -> str:
        return hmac.new(self.secret, text.encode(), hashlib.sha256).hexdigest()


@pytest.fixture(scope="module", params=CASES, ids=lambda each: str(each[0]))
def case(request: pytest.FixtureRequest) -> tuple[list[Counts], list[Counts], Secret]:
    """The true counts of two editions, and a key."""
    seed, owners_n = request.param
    return *small_city.counts(small_city.city(seed, owners_n)), Secret(seed)


@pytest.fixture(scope="module")
def found(known) -> pd.DataFrame:
    """What the attacker finds there."""
    return audit.exposed(known)


@pytest.fixture(scope="module")
def known(case) -> pd.DataFrame:
    """What is known of both editions where nothing has been audited."""
    before, now, secret = case
    return audit.knowledge([*small_city.seen(now, secret), *small_city.seen(before, secret, is_last=True)])


def gated(told: list[Counts], secret: Secret, edition: Edition, folder: Path, outside=()) -> pd.DataFrame:
    """Release through the gate; the true counts as it keeps them."""
    kept: list[pd.DataFrame] = []
    disclosure.release_all(told, secret, edition, folder, outside, kept.append)
    return kept[0]


# the gate ---------------------------------------------------------------------------------------------------------


def test_what_passes_the_gate_tells_no_small_count_together_with_the_last_edition(case, found, tmp_path):
    before, now, secret = case
    assert len(found) > 0, "rounding alone is not enough, or this test shows nothing"
    cells = gated(before, secret, LAST, tmp_path / "last")
    last = disclosure.seen(tmp_path / "last", cells, is_last=True)
    own = gated(now, secret, EDITION, tmp_path / "now", last)
    told = [
        audit.Seen(one.layout.name, disclosure.read(tmp_path / "now", one.layout).table,
                   own[own["table"] == one.layout.name], key="abc")
        for one in now
    ]  # fmt: skip
    after = audit.knowledge([*told, *last])
    assert len(audit.small(after)) > 100
    assert len(audit.exposed(after)) == 0
    assert 0 < own["outcome"].eq("audited").mean() < 0.05, "the audit withholds little beside the rule"


def test_an_edition_whose_last_one_was_purged_is_protected_by_itself(case, tmp_path):
    before, now, secret = case
    gated(before, secret, LAST, tmp_path / "last")
    last = disclosure.seen(tmp_path / "last", None, is_last=True)
    own = gated(now, secret, EDITION, tmp_path / "now", last)
    told = [audit.Seen(one.layout.name, disclosure.read(tmp_path / "now", one.layout).table,
                       own[own["table"] == one.layout.name], key="abc") for one in now]  # fmt: skip
    after = audit.knowledge([*told, *last])
    assert after.loc[after["side"] == "before", "true"].isna().all()
    assert len(audit.exposed(after)) == 0


def test_the_same_counts_pass_the_gate_with_the_same_bytes(case, tmp_path):
    before, _, secret = case
    for name in ("one", "two"):
        gated([replace(one, cells=one.cells.sample(frac=1, random_state=len(name))) for one in before]
              if name == "two" else before, secret, EDITION, tmp_path / name)  # fmt: skip
    files = [{path.name: path.read_bytes() for path in sorted((tmp_path / name).iterdir())} for name in ("one", "two")]
    assert files[0] == files[1] and len(files[0]) == 6


def test_nothing_is_written_kept_or_told_where_the_passes_run_out(case, tmp_path, monkeypatch):
    before, _, secret = case
    monkeypatch.setattr(audit, "MOST_PASSES", 0)
    kept: list[pd.DataFrame] = []
    with pytest.raises(DisclosureError, match="small counts are told") as refused:
        disclosure.release_all(before, secret, EDITION, tmp_path / "now", (), kept.append)
    assert refused.value.exit_code == 13
    assert not (tmp_path / "now").exists() and not kept
    assert "72.71" not in str(refused.value)
    assert wording.in_language("id").say(refused.value.faults[0].message, **refused.value.faults[0].values)


def test_a_withheld_partition_is_empty_in_all_its_columns_and_can_be_read(case, tmp_path):
    before, _, secret = case
    cells = gated(before, secret, EDITION, tmp_path)
    for one in before:
        table = disclosure.read(tmp_path, one.layout).table
        is_empty = table.merge(cells[[*KEY, "outcome"]][cells["table"] == one.layout.name], on=[*KEY])
        assert is_empty["value"].isna().eq(is_empty["outcome"].ne("told")).all()


# the attacker -----------------------------------------------------------------------------------------------------


def test_the_true_counts_fulfil_all_that_the_attacker_knows(known):
    one = Attacker(known)
    assert one.dropped_n == 0
    true = known["true"].to_numpy()
    assert ((known["low"] <= true) & (true <= known["high"])).all()
    families = Counter(row.family for program in one._programs for row in program.rows)
    wanted = {"parts", "areas", "businesses", "ages", "enrolment", "steps", "levels", "label", "few"}
    assert wanted <= {name for name, n in families.items() if n > 4}


@pytest.mark.parametrize("family", ["parts", "areas"])
def test_an_attacker_who_knows_less_finds_less(known, found, family):
    less = audit.exposed(known, [name for name in FAMILIES if name != family])
    assert len(less) < len(found)
    assert {*less.index} <= {*found.index}


def test_without_anything_that_adds_up_no_small_count_is_told(known):
    assert len(audit.exposed(known, ())) == 0


@pytest.mark.parametrize("case", CASES[:1], indirect=True, ids=["1"])
def test_the_steps_between_two_editions_narrow_some_counts(known):
    asked = [cell for cell in audit.small(known) if known["table"][cell] == "change"]
    whole, less = (Attacker(known, of) for of in (FAMILIES, [name for name in FAMILIES if name != "levels"]))
    ends = [[one.bounds(cell) for cell in asked] for one in (whole, less)]
    assert all(low >= other_low and high <= other_high
               for (low, high), (other_low, other_high) in zip(*ends, strict=True))  # fmt: skip
    assert ends[0] != ends[1]


def told_as(method: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """What is known of counts that are published by another method."""

    def suppressed(known: pd.DataFrame) -> pd.DataFrame:
        is_small = known["true"].between(1, 4)
        return known.assign(low=known["true"].mask(is_small, 1), high=known["true"].mask(is_small, 4))

    def nearest(known: pd.DataFrame) -> pd.DataFrame:
        value = 5 * np.floor((known["true"] + 2) / 5)
        return known.assign(low=(value - 2).clip(lower=0), high=value + 2)

    def ends(known: pd.DataFrame) -> pd.DataFrame:
        chance = np.random.default_rng(3).random(len(known)) < 0.02 * known["true"]
        return known.assign(low=known["true"], high=known["true"] + chance * 5)

    return {"suppressed": suppressed, "nearest": nearest, "ends": ends}[method]


@pytest.mark.parametrize("method", ["suppressed", "nearest", "ends"])
def test_the_audit_alone_finds_small_counts_that_other_methods_tell(known, found, method):
    """Of some fifty small counts; of all of them, rounding under a key leaves a handful."""
    other, asked = Attacker(told_as(method)(known.assign(label="", few_most=np.nan))), audit.small(known)[::50]
    told = other.exposed(asked)
    assert len(told) / len(asked) > 10 * len(found) / len(audit.small(known)) > 0
    for cell in told:
        low, high = other.seen(cell)
        assert low <= known["true"][cell] <= high


# many months ------------------------------------------------------------------------------------------------------


def test_an_unchanged_count_is_the_same_figure_in_every_month_and_language(case):
    before, now, secret = case
    tables = [rounding.release(one[0].cells, secret, gap.layout()) for one in (before, now)]
    true = before[0].cells.merge(now[0].cells, on=[*KEY], suffixes=("", "_now"))
    same = true[true["value"] == true["value_now"]]
    shown = [table.merge(same[[*KEY]], on=[*KEY]) for table in tables]
    both = shown[0]["value"].notna() & shown[1]["value"].notna()
    assert both.sum() > 100
    assert shown[0].loc[both, "value"].tolist() == shown[1].loc[both, "value"].tolist()


def test_the_figures_of_twelve_months_averaged_give_no_count_back(case):
    """Of counts that stay what they are; twelve keys, as the comparison, would give nearly all of them back."""
    before, _, secret = case
    cells = before[0].cells
    small = cells[cells["value"].between(1, 4)]

    def averaged(keys: list[Secret]) -> float:
        tables = [rounding.release(cells, one, gap.layout()).merge(small[[*KEY]], on=[*KEY]) for one in keys]
        mean = pd.concat([one["value"].astype("Float64") for one in tables], axis=1).mean(axis=1)
        true = tables[0][[*KEY]].merge(small, on=[*KEY])["value"]
        told = mean.notna()
        return float((mean[told].round() == true[told]).mean())

    assert averaged([secret] * 12) == 0.0
    assert averaged([Secret(100 + n) for n in range(12)]) > 0.2
