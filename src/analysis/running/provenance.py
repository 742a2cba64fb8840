"""The only place that says what a page was made from: hashes of inputs, code, notebook and lock, Python, parameters.

Nothing here names a path, a user, a machine or the time of day: the same inputs give the same manifest.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis import __version__
from analysis.sources.places import PROJECT, Root

if TYPE_CHECKING:
    import pandas as pd

    from analysis.sources.delivery import Delivery
    from analysis.sources.keys import Keys

CODE = PROJECT / "src" / "analysis"
LOCK = PROJECT / "requirements.lock"
INPUTS = ("data/raw/published", "data/raw/reference")
CODE_ENDINGS = {".py", ".j2", ".css", ".json", ".po", ".csv"}


def code_hash() -> str:
    """SHA-256 over every file of the package that can change a page, names included."""
    return _hash(path for path in sorted(CODE.rglob("*")) if path.suffix in CODE_ENDINGS and path.is_file())


def lock_hash() -> str:
    """SHA-256 of the lock file; empty where the project was installed without it."""
    return hashlib.sha256(LOCK.read_bytes()).hexdigest() if LOCK.exists() else ""


def software() -> dict[str, str]:
    """What turns inputs into pages: code, lock, and Python itself, for which the lock holds different wheels."""
    return {"code": code_hash(), "lock": lock_hash(), "python": f"{sys.version_info.major}.{sys.version_info.minor}"}


def manifest(root: Root, notebook: str, parameters: Mapping[str, object]) -> dict[str, Any]:
    """What a page of the published record was made from, ready to be written into it.

    `origin` says of each input whether it came from the root folder or from the project itself.
    """
    place = root.find(f"notebooks/{notebook}")
    return {
        "version": __version__,
        **software(),
        "notebook": {"name": notebook, "sha256": _hash([place.path]), "origin": place.origin},
        "inputs": [one for folder in INPUTS for one in _inputs(root, folder)],
        "parameters": dict(parameters),
    }


def of_edition(root: Root, notebook: str, parameters: Mapping[str, object], delivered: Delivery) -> dict[str, Any]:
    """The same for what was made from a delivery: its registers by hash, issuer and date besides."""
    registers = [
        {"name": one.name, "sha256": one.sha256, "issuer": one.issuer, "received_date": one.received_date.isoformat()}
        for one in delivered.registers.values()
    ]
    own = {"edition": delivered.edition, "reference_date": delivered.reference_date.isoformat(),
           "is_synthetic": delivered.is_synthetic, "issuing_unit": delivered.issuing_unit, "registers": registers,
           "delivery": delivered.hash}  # fmt: skip
    return {**manifest(root, notebook, parameters), **own}


def of_registers(root: Root, notebook: str, parameters: Mapping[str, object], delivered: Delivery, secrets: Keys,
                 declared: pd.DataFrame) -> dict[str, Any]:  # fmt: skip
    """The same for what a delivery is made into: by which keys (their fingerprints), with which declared answers."""
    answers = declared.drop(columns="state").to_csv(index=False)
    own = {"keys": {"pseudonym": secrets.pseudonym.fingerprint, "rounding": secrets.rounding.fingerprint},
           "answers": hashlib.sha256(answers.encode()).hexdigest()}  # fmt: skip
    return {**of_edition(root, notebook, parameters, delivered), **own}


def hashes(paths: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of each file by its name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def _inputs(root: Root, folder: str) -> list[dict[str, str]]:
    place = root.find(folder)
    return [
        {"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "origin": place.origin}
        for path in sorted(place.path.glob("*.csv")) if path.is_file()
    ]  # fmt: skip


def _hash(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        name = path.relative_to(CODE).as_posix() if path.is_relative_to(CODE) else path.name
        for written in (name.encode(), path.read_bytes()):
            digest.update(len(written).to_bytes(8, "big") + written)
    return digest.hexdigest()
