"""The only place for the demo editions: invented people of Palu, their registers with known damage, and the truth.

The people are drawn (`people`, `businesses`, `participation`, `population`), then written down as clerks do
(`written_*`, `registers`), then laid out in files (`files`). From them the month before is told (`earlier`,
`carried`). What a careful reader must find is worked out from what was written (`expected`, `truth`), and what truly
changed from both months (`changes`). No cleaning, linking or measuring module is used: it would share their beliefs.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from analysis import N_, ContractError, Fault, ParameterError
from analysis.contracts.registers import JAMSOSTEK, RENTAN, UMKM
from analysis.sources.delivery import edition_name
from analysis.sources.places import Root
from analysis.synthetic import carried, changes, earlier, files, population, registers, truth, words
from analysis.synthetic.population import Population
from analysis.synthetic.registers import Register

OWNERS_N, PARTICIPANT_ROWS_N = 38_982, 60_426
"""Owners as implied by the published record, participants as published for 2025."""
REFERENCE_DATE = date(2026, 10, 31)
FEWEST, MOST = 20, 5_000_000


@dataclass(frozen=True)
class Demo:
    """What was made: the folders of delivery and truth, rows per register, owners per true status."""

    delivery: Path
    truth: Path
    rows: Mapping[str, int]
    owners: Mapping[str, int]


@dataclass(frozen=True)
class _Written:
    """An edition that is not in files yet: its name, who is in it, the registers as written, manifest, other truths."""

    edition: str
    of: Population
    registers: Mapping[str, Register]
    manifest: Mapping[str, object]
    more: Mapping[str, pd.DataFrame]


def demo(root: Path, edition: str = "demo", seed: int = 2026, umkm_n: int = OWNERS_N,
         participants_n: int = PARTICIPANT_ROWS_N, dirt: str = "mid",
         reference_date: date = REFERENCE_DATE) -> Demo:  # fmt: skip
    """Write an invented edition below `root`: data/raw/<edition> and data/truth/<edition>.

    `umkm_n` counts owners, `participants_n` rows of the participant register. The same arguments give the same bytes.
    Raises ParameterError for an argument out of range, ContractError where a folder of that name is no synthetic
    edition: nothing real is ever overwritten.
    """
    _check(seed, umkm_n, participants_n, dirt)
    _refuse_real(root, [edition_name(edition)])
    return _put_all(root, [_invented(root, edition, seed, umkm_n, participants_n, dirt, reference_date)])[0]


def editions(root: Path, edition: str = "demo", seed: int = 2026, umkm_n: int = OWNERS_N,
             participants_n: int = PARTICIPANT_ROWS_N, dirt: str = "mid",
             reference_date: date = REFERENCE_DATE) -> tuple[Demo, Demo]:  # fmt: skip
    """Write two invented editions of the same people: that of the month before, then `edition`, as `demo` writes it.

    The first is called as `before` says, its reference date is the last day of the month before `reference_date`.
    data/truth/<edition>/ holds changes.csv too: what truly changed for each owner between the two, see `changes`.
    Both editions are written, or none. The same arguments give the same bytes. Raises as `demo` does.
    """
    _check(seed, umkm_n, participants_n, dirt)
    name = before(edition)
    _refuse_real(root, [name, edition])
    now = _invented(root, edition, seed, umkm_n, participants_n, dirt, reference_date)
    then = carried.carried(seed, earlier.before(seed, now.of), now.of, now.registers, words.rates(dirt))
    manifest = {**now.manifest, "edition": name, "reference_date": str(then.of.until), "rows": _rows_n(then.written)}
    told = {"changes.csv": changes.changes(then.of, now.of)}
    first, second = _put_all(root, [_Written(name, then.of, then.written, manifest, {}), replace(now, more=told)])
    return first, second


def before(edition: str) -> str:
    """The name of the edition before: demo-prev for demo, and the month before for a month (2026-09 for 2026-10).

    Raises ParameterError where either is no name of an edition.
    """
    if re.fullmatch("[0-9]{4}-[0-9]{2}", edition_name(edition)):
        year, month = divmod(12 * int(edition[:4]) + int(edition[5:]) - 2, 12)
        return edition_name(f"{year:04d}-{month + 1:02d}")
    return edition_name(f"{edition}-prev")


def _invented(root: Path, edition: str, seed: int, umkm_n: int, participants_n: int, dirt: str,
              reference_date: date) -> _Written:  # fmt: skip
    """The people, and their registers as the clerks write them."""
    rates = words.rates(dirt)
    of = population.invent(seed, words.city(Root(root)), umkm_n, participants_n, reference_date)
    umkm = registers.umkm(seed, of, rates[UMKM])
    written = {
        UMKM: umkm,
        JAMSOSTEK: registers.jamsostek(seed, of, rates[JAMSOSTEK], umkm),
        RENTAN: registers.pekerja_rentan(seed, of, rates[RENTAN]),
    }
    manifest = {
        "mark": files.MARK, "edition": edition, "seed": seed, "dirt": dirt, "reference_date": str(reference_date),
        "umkm_n": umkm_n, "participants_n": participants_n, "rates": rates, "rows": _rows_n(written),
    }  # fmt: skip
    return _Written(edition, of, written, manifest, {})


def _rows_n(written: Mapping[str, Register]) -> dict[str, int]:
    return {name: len(one.cells) for name, one in written.items()}


def _put_all(root: Path, written: Sequence[_Written]) -> list[Demo]:
    """Write all editions aside, then put each in its place."""
    made = []
    asides: list[tuple[Path, Path]] = []
    try:
        for one in written:
            folders = _folders(root, one.edition)
            asides += [(_aside(folder), folder) for folder in folders]
            delivery, told = (aside for aside, _ in asides[-2:])
            places = files.write(delivery, one.of, one.registers, one.edition)
            owners = truth.write(told, one.of, one.registers, places, one.manifest, one.more)
            made.append(Demo(*folders, _rows_n(one.registers), owners))
        for aside, folder in asides:
            _put(aside, folder)
    finally:
        for aside, _ in asides:
            shutil.rmtree(aside, ignore_errors=True)
    return made


def _folders(root: Path, edition: str) -> tuple[Path, Path]:
    """Where delivery and truth of an edition lie."""
    return root / "data" / "raw" / edition, root / "data" / "truth" / edition


def _check(seed: int, umkm_n: int, participants_n: int, dirt: str) -> None:
    """Raises ParameterError with all faults of the arguments."""
    faults = [
        Fault(N_("{name} must be a whole number from {fewest} to {most}"), column=None,
              values={"name": name, "fewest": fewest, "most": most})
        for name, value, fewest, most in (
            ("--seed", seed, 0, 2**63), ("--umkm", umkm_n, FEWEST, MOST),
            ("--participants", participants_n, FEWEST, MOST),
        ) if not fewest <= value <= most
    ]  # fmt: skip
    if dirt not in words.LEVELS:
        faults.append(Fault(N_("--dirt must be one of {levels}"), values={"levels": ", ".join(words.LEVELS)}))
    if faults:
        raise ParameterError("demo", faults, N_("Correct the options named above."))


def _refuse_real(root: Path, editions: Sequence[str]) -> None:
    """Raises ContractError unless the folder of each delivery is new, empty or itself synthetic."""
    deliveries = [_folders(root, edition)[0] for edition in editions]
    held = [f"data/raw/{one.name}" for one in deliveries if not _is_free(one) and not _is_synthetic(one)]
    if held:
        fault = Fault(N_("the folder holds something else than a synthetic edition and is left as it is"))
        raise ContractError(", ".join(held), [fault], N_("Choose another name with --edition."))


def _is_free(delivery: Path) -> bool:
    return not delivery.exists() or (delivery.is_dir() and not any(delivery.iterdir()))


def _is_synthetic(delivery: Path) -> bool:
    try:
        form = tomllib.loads((delivery / "delivery.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return form.get("is_synthetic") is True


def _aside(folder: Path) -> Path:
    """A new hidden folder beside `folder`, for its owner only, in which it is made ready."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))


def _put(aside: Path, folder: Path) -> None:
    """Put a finished folder in its place; the former one goes."""
    for path in aside.iterdir():
        path.chmod(0o600)
    former = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    if folder.exists():
        folder.rename(former / folder.name)
    aside.rename(folder)
    shutil.rmtree(former)


__all__ = ["Demo", "before", "demo", "editions"]
