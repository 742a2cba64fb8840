"""The two secrets: read only where they lie safely, never shown, never overwritten."""

import hashlib
import hmac
import os
import pickle
import re
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import SecretError
from analysis.sources import keys
from analysis.sources.keys import PSEUDONYM, ROUNDING, Key, Keys
from analysis.sources.places import PROJECT, Root

ONE, OTHER = bytes(range(100, 132)), bytes(range(50, 90))


@pytest.fixture
def safe(tmp_path: Path) -> Path:
    """A folder with two sound keys beside the root."""
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    for name, secret in (("p", ONE), ("r", OTHER)):
        (folder / name).write_bytes(secret)
        (folder / name).chmod(0o600)
    return folder


def environ_of(folder: Path) -> dict[str, str]:
    return {PSEUDONYM: str(folder / "p"), ROUNDING: str(folder / "r")}


def read(folder: Path, is_synthetic: bool = False, **changed: str) -> Keys:
    return keys.read(is_synthetic, environ_of(folder) | changed, Root(folder.parent / "root"))


def refusal(ask: Callable[[], object]) -> list[tuple[object, str]]:
    with pytest.raises(SecretError) as caught:
        ask()
    assert caught.value.exit_code == 15
    for secret in (ONE, OTHER):
        assert secret.decode("latin-1") not in str(caught.value)
        assert secret.hex() not in str(caught.value)
    return [(fault.values.get("file"), fault.message.format(**fault.values)) for fault in caught.value.faults]


# reading


@pytest.mark.parametrize("is_synthetic", [False, True])
def test_sound_keys_are_read_and_are_no_demo(is_synthetic: bool, safe: Path) -> None:
    found = read(safe, is_synthetic)
    assert not found.is_demo
    assert found.pseudonym.mac("Siti") == hmac.new(ONE, b"Siti", hashlib.sha256).hexdigest()
    assert found.rounding.mac("Siti") == hmac.new(OTHER, b"Siti", hashlib.sha256).hexdigest()


def test_a_synthetic_edition_without_keys_has_demo_keys_that_say_so(tmp_path: Path) -> None:
    for environ in ({}, {PSEUDONYM: "", ROUNDING: ""}):
        found = keys.read(True, environ, Root(tmp_path))
        assert found.is_demo
        assert found.pseudonym.is_demo
        assert found.rounding.is_demo
        assert found.pseudonym.fingerprint != found.rounding.fingerprint


def test_a_real_edition_without_keys_is_refused(tmp_path: Path) -> None:
    told = refusal(lambda: keys.read(False, {}, Root(tmp_path)))
    assert told == [(PSEUDONYM, "is not set"), (ROUNDING, "is not set")]


@pytest.mark.parametrize("is_synthetic", [False, True])
@pytest.mark.parametrize("missing", [PSEUDONYM, ROUNDING])
def test_one_key_alone_is_refused(missing: str, is_synthetic: bool, safe: Path) -> None:
    assert refusal(lambda: read(safe, is_synthetic, **{missing: ""})) == [(missing, "is not set")]


def link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def put_into_git(path: Path) -> None:
    (path.parents[1] / ".git").mkdir()


UNSAFE: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (Path.unlink, "{path} is not there"),
    "a folder": (lambda path: (path.unlink(), path.mkdir()), "{path} is a link or no plain file"),
    "a link": (link, "{path} is a link or no plain file"),
    "a pipe": (lambda path: (path.unlink(), os.mkfifo(path, 0o600)), "{path} is a link or no plain file"),
    "read by the group": (lambda path: path.chmod(0o640), "(mode 0640); run: chmod 600 {path}"),
    "read by all": (lambda path: path.chmod(0o604), "(mode 0604); run: chmod 600 {path}"),
    "written by the group": (lambda path: path.chmod(0o620), "(mode 0620); run: chmod 600 {path}"),
    "too short": (lambda path: path.write_bytes(ONE[:31]), "{path} holds 31 bytes; a key has 32 random bytes"),
    "empty": (lambda path: path.write_bytes(b""), "{path} holds 0 bytes"),
    "a whole disk": (lambda path: os.truncate(path, 2**30), "{path} holds 1073741824 bytes"),
    "in a work tree of git": (put_into_git, "{path} lies inside the project"),
}


@pytest.mark.parametrize("case", UNSAFE)
@pytest.mark.parametrize("is_synthetic", [False, True])
def test_an_unsafe_key_is_refused_with_its_path(case: str, is_synthetic: bool, safe: Path) -> None:
    change, says = UNSAFE[case]
    change(safe / "p")
    told = refusal(lambda: read(safe, is_synthetic))
    assert any(file == PSEUDONYM and says.format(path=safe / "p") in line for file, line in told), told


@pytest.mark.parametrize("where", ["root/reports", "root/data/raw/2026-10"])
def test_a_key_in_the_root_is_refused(where: str, safe: Path) -> None:
    inside = safe.parent / where
    inside.mkdir(parents=True)
    (safe / "r").rename(inside / "r")
    told = refusal(lambda: read(safe, **{ROUNDING: str(inside / "r")}))
    assert told == [(ROUNDING, f"{inside / 'r'} lies inside the project, whose files are copied and published")]


def test_a_key_in_the_project_is_refused_also_on_a_way_round(safe: Path) -> None:
    (safe / "way").symlink_to(PROJECT)
    told = refusal(lambda: read(safe, **{ROUNDING: str(safe / "way" / "LICENSE")}))
    assert any("lies inside the project" in line for _, line in told)


def test_a_key_of_another_user_is_refused(safe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert [line for _, line in refusal(lambda: read(safe))] == [
        f"{safe / name} belongs to another user, or cannot be read" for name in ("p", "r")
    ]


def test_the_same_key_twice_is_refused(safe: Path) -> None:
    (safe / "r").write_bytes(ONE)
    assert refusal(lambda: read(safe)) == [(None, "both keys are the same; they must be two")]
    assert refusal(lambda: read(safe, **{ROUNDING: str(safe / "p")})) == [
        (None, "both keys are the same; they must be two")
    ]


def test_all_faults_of_both_keys_are_told_at_once(safe: Path) -> None:
    (safe / "p").write_bytes(b"short")
    (safe / "p").chmod(0o644)
    (safe / "r").unlink()
    assert [file for file, _ in refusal(lambda: read(safe))] == [PSEUDONYM, PSEUDONYM, ROUNDING]


# showing


def test_no_text_form_of_a_key_holds_its_bytes(safe: Path) -> None:
    found = read(safe)
    for shown in (repr(found), str(found), f"{found.pseudonym}", repr([found.rounding])):
        assert not re.search(r"secret|\\x|def|234", shown)


def test_a_fingerprint_tells_keys_apart_and_is_short(safe: Path) -> None:
    found = read(safe)
    prints = [found.pseudonym.fingerprint, found.rounding.fingerprint, keys.DEMO.pseudonym.fingerprint]
    assert len({*prints}) == 3
    assert all(re.fullmatch("[0-9a-f]{12}", one) for one in prints)
    assert read(safe).pseudonym.fingerprint == prints[0]


def test_a_key_reaches_a_child_process_whole() -> None:
    assert pickle.loads(pickle.dumps(keys.DEMO)) == keys.DEMO


# hashing a column


@given(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=12))
def test_a_column_is_hashed_cell_by_cell(cells: list[str | None]) -> None:
    texts = pd.Series(cells, index=range(5, 5 + len(cells)), dtype="str", name="nik")
    hashed = keys.DEMO.pseudonym.macs(texts, length=10)
    assert (hashed.dtype, hashed.name) == (texts.dtype, "nik")
    assert hashed.index.equals(texts.index)
    expected = [None if pd.isna(cell) else keys.DEMO.pseudonym.mac(cell)[:10] for cell in texts]
    assert hashed.astype(object).where(hashed.notna(), None).to_list() == expected


def test_a_hundred_thousand_cells_are_hashed_fast() -> None:
    texts = pd.Series([f"727101{n:010d}" for n in range(100_000)], dtype="str")
    before = time.process_time()
    assert keys.DEMO.pseudonym.macs(texts).nunique() == 100_000
    assert time.process_time() - before < 2


# making


def test_new_keys_are_random_closed_to_others_and_can_be_read(tmp_path: Path) -> None:
    root = Root(tmp_path / "root")
    folder = tmp_path / "home" / "keys"
    before = os.umask(0o022)
    try:
        made = keys.new(folder, root)
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o777 for path in (folder, *made)] == [0o700, 0o600, 0o600]
    assert [path.stat().st_size for path in made] == [32, 32]
    found = keys.read(False, dict(zip((PSEUDONYM, ROUNDING), map(str, made), strict=True)), root)
    assert found.pseudonym != found.rounding
    assert keys.new(tmp_path / "others", root)[0].read_bytes() != made[0].read_bytes()


@pytest.mark.parametrize("there", [["pseudonym.key"], ["rounding.key"], ["pseudonym.key", "rounding.key"]])
def test_keys_are_never_overwritten(there: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    for name in there:
        (folder / name).symlink_to("nowhere") if name.startswith("r") else (folder / name).write_bytes(b"old")
    told = refusal(lambda: keys.new(folder, Root(tmp_path / "root")))
    assert told == [(name, "is there already and is never overwritten") for name in there]
    assert sorted(path.name for path in folder.iterdir()) == sorted(there)


@pytest.mark.parametrize("case", ["root", "project", "git", "file", "open"])
def test_keys_are_not_made_where_they_would_be_unsafe(case: str, tmp_path: Path) -> None:
    folder = {
        "root": tmp_path / "root" / "data" / "keys",
        "project": PROJECT / "keys",
        "git": tmp_path / "work" / "keys",
    }.get(case, tmp_path / "keys")
    (tmp_path / "work" / ".git").mkdir(parents=True)
    if case == "file":
        folder.write_bytes(b"")
    elif case == "open":
        folder.mkdir()
        folder.chmod(0o777)
    says = {"file": "is no folder", "open": "run: chmod 700"}.get(case, "lies inside the project")
    assert [says in line for _, line in refusal(lambda: keys.new(folder, Root(tmp_path / "root")))] == [True]
    assert not (folder / "pseudonym.key").exists()


def test_two_keys_of_the_same_bytes_are_equal_only_of_the_same_kind() -> None:
    assert Key(ONE, False) != Key(ONE, True)
