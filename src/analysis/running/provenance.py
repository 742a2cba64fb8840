"""The only place that says what a table or page was made from: hashes of inputs, code, notebook and lock, Python,
parameters.

Nothing here names a path outside the root, a user, a machine or the time of day: the same inputs give the same
manifest. A page names what it was made from itself; what its area's file was made from, the edition's manifest names.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis import __version__
from analysis.running import imports
from analysis.sources.places import PROJECT, Root

if TYPE_CHECKING:
    import pandas as pd

    from analysis.sources.delivery import Delivery
    from analysis.sources.keys import Keys

LOCK = PROJECT / "requirements.lock"
PUBLIC = ("data/raw/published", "data/raw/reference")
REGIONS, BOUNDARIES = "data/raw/reference/regions.csv", "data/raw/boundaries"
INPUTS: Mapping[str, Sequence[str]] = {
    "00_published_record.ipynb": PUBLIC,
    "01_prepare_registers.ipynb": (REGIONS,),
    "02_link_registers.ipynb": (),
    "03_measure_gap.ipynb": PUBLIC,
    "04_policy_brief.ipynb": (*PUBLIC, BOUNDARIES),
    "05_evaluation_page.ipynb": PUBLIC,
}
"""The public files that each notebook reads."""


def code_hash(modules: Collection[str], language: str | None = None) -> str:
    """SHA-256 over every file of the package that these modules reach, names included."""
    return _hash(imports.files(modules, language))


def lock_hash() -> str:
    """SHA-256 of the lock file; empty where the project was installed without it."""
    return hashlib.sha256(LOCK.read_bytes()).hexdigest() if LOCK.exists() else ""


def platform() -> dict[str, str]:
    """Libraries, by the hash of their lock, and Python itself, for which the lock holds different wheels."""
    return {"lock": lock_hash(), "python": f"{sys.version_info.major}.{sys.version_info.minor}"}


def of_notebook(root: Root, notebook: Path, parameters: Mapping[str, object]) -> dict[str, Any]:
    """What a notebook makes its table or page from, besides what an edition gives it.

    `origin` says of each input whether it came from the root folder or from the project itself.
    """
    modules = imports.of_notebook(notebook)
    language = parameters.get("language")
    code = code_hash({*modules, imports.RENDERER}, str(language)) if language else code_hash(modules)
    origin = root.find(f"notebooks/{notebook.name}").origin
    return {
        "version": __version__,
        "code": code,
        **platform(),
        "notebook": {"name": notebook.name, "sha256": _hash([notebook]), "origin": origin},
        "inputs": inputs(root, INPUTS[notebook.name]),
        "parameters": dict(parameters),
    }


def of_delivery(delivered: Delivery) -> dict[str, Any]:
    """Whose registers: each by hash, issuer and date."""
    listed = [
        {"name": one.name, "sha256": one.sha256, "issuer": one.issuer, "received_date": one.received_date.isoformat()}
        for one in delivered.registers.values()
    ]
    return {"edition": delivered.edition, "reference_date": delivered.reference_date.isoformat(),
            "is_synthetic": delivered.is_synthetic, "issuing_unit": delivered.issuing_unit, "registers": listed,
            "delivery": delivered.hash}  # fmt: skip


def of_registers(root: Root, notebook: Path, parameters: Mapping[str, object], delivered: Delivery, secrets: Keys,
                 declared: pd.DataFrame) -> dict[str, Any]:  # fmt: skip
    """What a delivery is made into a table with: by which keys (their fingerprints), with which declared answers."""
    answers = declared.drop(columns="state").to_csv(index=False)
    return {**of_notebook(root, notebook, parameters), **of_delivery(delivered), "keys": fingerprints(secrets),
            "answers": hashlib.sha256(answers.encode()).hexdigest()}  # fmt: skip


def fingerprints(secrets: Keys) -> dict[str, str]:
    """The marks of both keys, by which nobody can work them out."""
    return {"pseudonym": secrets.pseudonym.fingerprint, "rounding": secrets.rounding.fingerprint}


def model() -> dict[str, Any]:
    """The frozen model that links the registers: its card, and the hash of its file."""
    path = imports.CODE / "linking" / "frozen" / "model.json"
    written = path.read_bytes()
    return {"sha256": hashlib.sha256(written).hexdigest(), "card": json.loads(written)["card"]}


def hashes(paths: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of each file by its name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def inputs(root: Root, named: Iterable[str]) -> list[dict[str, str]]:
    """The public files of these names and folders: name, hash, and whether the root or the project holds them."""
    found = []
    for name in named:
        place = root.find(name)
        listed = sorted(place.path.glob("*.*")) if place.path.is_dir() else [place.path]
        found += [
            {"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "origin": place.origin}
            for path in listed if path.suffix in (".csv", ".geojson") and path.is_file()
        ]  # fmt: skip
    return found


def _hash(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        is_ours = path.is_relative_to(imports.CODE)
        name = path.relative_to(imports.CODE).as_posix() if is_ours else path.name
        for written in (name.encode(), path.read_bytes()):
            digest.update(len(written).to_bytes(8, "big") + written)
    return digest.hexdigest()
