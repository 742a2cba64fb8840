"""A scheduled run does nothing where nothing is new."""

import dataclasses
import hashlib
import json
from datetime import date

import pytest

from analysis import synthetic
from analysis.running import schedule
from analysis.sources import delivery, keys
from analysis.sources.places import Root

TOLD = {"edition": "demo", "reference_date": "2026-10-31", "is_synthetic": True, "as_of": "2026-11-04", "pages": {}}
DAY = date(2026, 11, 4)


@pytest.fixture
def root(tmp_path):
    synthetic.editions(tmp_path, "demo", 1, 60, 90, "mid")
    folder = tmp_path / "reports" / "demo"
    folder.mkdir(parents=True)
    (folder / "page.html").write_text("x")
    (folder / "manifest.json").write_text(
        json.dumps({**TOLD, "files": {"page.html": hashlib.sha256(b"x").hexdigest()}})
    )
    return Root(tmp_path)


def made_from(root, **other):
    delivered, secrets = delivery.read(root, "demo"), keys.read(is_synthetic=True, root=root)
    given = {"delivered": delivered, "secrets": secrets, "as_of": DAY, "asked": ["id", "en"], **other}
    return schedule.of(root, **given)


def test_after_a_run_that_ended_well_nothing_is_new(root):
    assert schedule.is_new(root, "demo", made_from(root))
    schedule.remember(root, "demo", made_from(root))
    assert not schedule.is_new(root, "demo", made_from(root))


def changed_delivery(root):
    path = root.delivery("demo") / "delivery.toml"
    path.write_text(path.read_text().replace("Dinas", "Kantor", 1) + "\n")


def changed_notebook(root):
    (root.path / "notebooks").mkdir()
    for name in ("01_prepare_registers", "02_link_registers"):
        (root.path / "notebooks" / f"{name}.ipynb").write_text("{}")


def changed_rates(root):
    folder = root.path / "data/raw/reference"
    folder.mkdir(parents=True)
    (folder / "tariffs.csv").write_text("id\n")


@pytest.mark.parametrize("change", [changed_delivery, changed_notebook, changed_rates])
def test_a_change_in_what_a_run_is_made_from_is_new(root, change):
    schedule.remember(root, "demo", made_from(root))
    change(root)
    assert schedule.is_new(root, "demo", made_from(root))


def test_another_key_day_or_language_is_new(root):
    schedule.remember(root, "demo", made_from(root))
    secrets = keys.read(is_synthetic=True, root=root)
    other = dataclasses.replace(secrets, rounding=secrets.pseudonym)
    for changed in ({"secrets": other}, {"as_of": date(2026, 11, 5)}, {"asked": ["id"]}):
        assert schedule.is_new(root, "demo", made_from(root, **changed))


def test_the_lock_and_the_code_are_part_of_it(root, monkeypatch):
    schedule.remember(root, "demo", made_from(root))
    for name in ("lock_hash", "code_hash"):
        with monkeypatch.context() as patch:
            patch.setattr(schedule.provenance, name, lambda *_: "other")
            assert schedule.is_new(root, "demo", made_from(root))
    assert not schedule.is_new(root, "demo", made_from(root))


def test_a_damaged_memory_makes_everything_new(root):
    schedule.remember(root, "demo", made_from(root))
    (root.processed("demo") / schedule.NAME).write_text("{")
    assert schedule.is_new(root, "demo", made_from(root))


def test_pages_that_are_not_as_they_were_put_there_are_a_reason_to_run(root):
    schedule.remember(root, "demo", made_from(root))
    (root.reports / "demo" / "page.html").write_text("y")
    assert schedule.is_new(root, "demo", made_from(root))
    (root.reports / "demo" / "page.html").unlink()
    assert schedule.is_new(root, "demo", made_from(root))
