"""The only place for the demo edition: invented people of Palu, their registers with known damage, and the truth.

The people are drawn (`people`, `businesses`, `participation`, `population`), then written down as clerks do
(`written_*`, `registers`), then laid out in files (`files`). What a careful reader must find is worked out from what
was written (`expected`, `truth`). No cleaning, linking or measuring module is used: it would share their beliefs.
"""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from analysis import N_, ContractError, Fault, ParameterError
from analysis.contracts.registers import JAMSOSTEK, RENTAN, UMKM
from analysis.sources.delivery import edition_name
from analysis.sources.places import Root
from analysis.synthetic import files, population, registers, truth, words

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


def demo(root: Path, edition: str = "demo", seed: int = 2026, umkm_n: int = OWNERS_N,
         participants_n: int = PARTICIPANT_ROWS_N, dirt: str = "mid",
         reference_date: date = REFERENCE_DATE) -> Demo:  # fmt: skip
    """Write an invented edition below `root`: data/raw/<edition> and data/truth/<edition>.

    `umkm_n` counts owners, `participants_n` rows of the participant register. The same arguments give the same bytes.
    Raises ParameterError for an argument out of range, ContractError where a folder of that name is no synthetic
    edition: nothing real is ever overwritten.
    """
    _check(seed, umkm_n, participants_n, dirt)
    folders = root / "data" / "raw" / edition_name(edition), root / "data" / "truth" / edition
    _refuse_real(folders[0])
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
        "umkm_n": umkm_n, "participants_n": participants_n, "rates": rates,
        "rows": {name: len(one.cells) for name, one in written.items()},
    }  # fmt: skip
    asides = [_aside(folder) for folder in folders]
    try:
        places = files.write(asides[0], of, written, edition)
        owners = truth.write(asides[1], of, written, places, manifest)
        for aside, folder in zip(asides, folders, strict=True):
            _put(aside, folder)
    finally:
        for aside in asides:
            shutil.rmtree(aside, ignore_errors=True)
    return Demo(*folders, {name: len(one.cells) for name, one in written.items()}, owners)


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


def _refuse_real(delivery: Path) -> None:
    """Raises ContractError unless the folder is new, empty or itself synthetic."""
    if not delivery.exists() or (delivery.is_dir() and not any(delivery.iterdir())):
        return
    form = delivery / "delivery.toml"
    try:
        is_synthetic = tomllib.loads(form.read_text(encoding="utf-8")).get("is_synthetic") is True
    except (OSError, ValueError):
        is_synthetic = False
    if not is_synthetic:
        fault = Fault(N_("the folder holds something else than a synthetic edition and is left as it is"))
        raise ContractError(f"data/raw/{delivery.name}", [fault], N_("Choose another name with --edition."))


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


__all__ = ["Demo", "demo"]
