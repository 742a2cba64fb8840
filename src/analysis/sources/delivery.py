"""The only place for what a delivery is: the folder data/raw/<edition>, its form, and which files belong to it.

The files themselves are read by `sources.ingest`. Everything that is wrong with folder, form and names is told
together. A file counts as a register where it bears one of the nine names (umkm.csv to pekerja_rentan.parquet). A
name that only resembles one (`umkm (1).xlsx`, `UMKM.XLSX`, `umkm.xls`) is refused: nobody can say whether it was
meant. Hidden files, lock files (`~$umkm.xlsx`) and all others, such as notes, are left alone and never read.
"""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from analysis import N_, ContractError, Fault, ParameterError
from analysis.contracts.registers import DELIVERED, JAMSOSTEK, UMKM
from analysis.sources import delivery_form, periods
from analysis.sources.places import Root

FORM = delivery_form.NAME
FORMATS = ("csv", "xlsx", "parquet")
REQUIRED = (UMKM, JAMSOSTEK)
EDITION = "[0-9]{4}-(0[1-9]|1[0-2])|[a-z][a-z0-9-]{0,30}"
TAKEN = ("published", "reference", "boundaries", "truth")
RESEMBLING = re.compile(r"(?i).*(umkm|jamsostek|pekerja[ _.-]*rentan).*\.(csv|tsv|xlsx?|xlsm|xlsb|ods|parquet)")
ONLY_FOR = {"sheet": ("xlsx",), "delimiter": ("csv",), "encoding": ("csv",)}
CURE = N_("Put right what is named above; docs/reference/deliveries.md shows a complete delivery.")
Files = Mapping[str, list[Path]]
"""Of each register the files under its names: one, or none where it was not delivered."""


@dataclass(frozen=True)
class Register:
    """One file of a delivery. `sheets` empty: every sheet with a header; delimiter, encoding None: to be found out.

    `sha256` is that of the file as it lies there, in lower-case hex; `columns` maps our column to the file's header.
    """

    name: str
    path: Path
    issuer: str
    received_date: date
    legal_basis: str
    sha256: str
    sheets: tuple[str, ...]
    delimiter: str | None
    encoding: str | None
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Delivery:
    """A sound delivery. `issuing_unit` None: none takes responsibility; `registers` in the order of the contracts.

    `hash` is the SHA-256 over the form and every register file: another delivery has another hash.
    """

    edition: str
    folder: Path
    reference_date: date
    is_synthetic: bool
    issuing_unit: str | None
    registers: Mapping[str, Register]
    hash: str

    @property
    def mark(self) -> str:
        """What the names of its pages and lists end in: `-sintetis` where the people are invented."""
        return "-sintetis" if self.is_synthetic else ""

    @property
    def prepared_date(self) -> date:
        """The day on which the newest register was received."""
        return max(one.received_date for one in self.registers.values())


def edition_name(text: str) -> str:
    """`text`, where it may name an edition: YYYY-MM, or a word of a-z, 0-9 and - that is not taken.

    Raises ParameterError: an edition is a name, never a path.
    """
    if re.fullmatch(EDITION, text) and text not in TAKEN:
        return text
    fault = Fault(N_('"{value}" is no name of an edition'), values={"value": delivery_form.shown(text)})
    cure = N_("Write year and month, such as 2026-10, or a word of a-z, 0-9 and -, such as demo.")
    raise ParameterError("EDITION", [fault], cure)


def read(root: Root, edition: str, today: date | None = None) -> Delivery:
    """Read and check the delivery in data/raw/`edition`; no cell of a register is looked at.

    `today` bounds the dates (default: today in Palu). Raises ParameterError for the name of the edition,
    ContractError with all faults of form, files and permissions. Source: docs/reference/deliveries.md.
    """
    folder = root.delivery(edition_name(edition))
    subject = root.told(folder)
    if not _is(stat.S_ISDIR, folder):
        raise ContractError(subject, [Fault(N_("the folder is missing, or is a link or no folder"))], CURE)
    files = _files(folder)
    raw, faults = _form(folder / FORM)
    form: dict[str, Any] = {}
    if raw is not None:
        form, faults = delivery_form.fill(raw, today or periods.today_in_palu())
        faults += _faults_of_edition(raw, edition)
        faults += _faults_of_sections(raw, files)
        faults += _faults_of_modes(folder, files, subject) if raw.get("is_synthetic") is False else []
    faults += _faults_of_names(folder, files)
    if faults:
        raise ContractError(subject, faults, CURE)
    return _delivery(form, folder, files)


def _form(path: Path) -> tuple[dict[str, Any] | None, list[Fault]]:
    if not _is(stat.S_ISREG, path):
        return None, [Fault(N_("is missing, or is a link or no plain file"), values={"file": FORM})]
    return delivery_form.load(path)


def _files(folder: Path) -> Files:
    """Names are compared to the letter, also on a disk that ignores case."""
    named = {f"{name}.{ending}": name for name in DELIVERED for ending in FORMATS}
    found: dict[str, list[Path]] = {name: [] for name in DELIVERED}
    for path in sorted(folder.iterdir()):
        if path.name in named:
            found[named[path.name]].append(path)
    return found


# faults -------------------------------------------------------------------------------------------------------


def _faults_of_names(folder: Path, files: Files) -> Iterator[Fault]:
    """Registers in several formats, what is no plain file, and names that only resemble a register's."""
    known = {path.name for paths in files.values() for path in paths}
    for path in sorted(folder.iterdir()):
        resembled = RESEMBLING.fullmatch(path.name)
        if path.name in known:
            if not _is(stat.S_ISREG, path):
                yield Fault(N_("is a link or no plain file: put the file itself here"), values={"file": path.name})
        elif resembled and not path.name.startswith((".", "~$")):
            name, ending = re.sub("[ _.-]+", "_", resembled[1].lower()), resembled[2].lower()
            expected = f"{name}.{ending if ending in FORMATS else FORMATS[1]}"
            message = N_("looks like a register: name it {expected}, or take it out of the folder")
            yield Fault(message, values={"file": delivery_form.shown(path.name), "expected": expected})
    for paths in files.values():
        if len(paths) > 1:
            listed = ", ".join(path.name for path in paths)
            yield Fault(N_("{files} hold the same register: leave one of them"), values={"files": listed})


def _faults_of_edition(raw: Mapping[str, Any], edition: str) -> Iterator[Fault]:
    if isinstance(raw.get("edition"), str) and raw["edition"] != edition:
        message = N_('"edition" differs from the name of its folder, "{edition}": make them the same')
        yield Fault(message, values={"file": FORM, "edition": edition})


def _faults_of_sections(raw: Mapping[str, Any], files: Files) -> Iterator[Fault]:
    """Where form and files do not fit together; values of a wrong kind are told by the form itself."""
    sections = raw.get("registers")
    sections = sections if isinstance(sections, dict) else {}
    for name, paths in files.items():
        section = sections.get(name)
        if name not in sections and paths:
            values = {"file": FORM, "name": name, "files": paths[0].name}
            yield Fault(N_("[registers.{name}] is missing, and {files} lies here: write the section"), values=values)
        elif not paths and (name in sections or name in REQUIRED):
            values = {"name": name, "allowed": ", ".join(f"{name}.{ending}" for ending in FORMATS)}
            yield Fault(N_("the register {name} has no file here; it would be one of {allowed}"), values=values)
        if isinstance(section, dict):
            yield from _faults_of_columns(name, section)
            if len(paths) == 1 and _is(stat.S_ISREG, paths[0]):
                yield from _faults_of_file(name, section, paths[0])


def _faults_of_columns(name: str, section: Mapping[str, Any]) -> Iterator[Fault]:
    columns = section.get("columns")
    for column in columns if isinstance(columns, dict) else ():
        if column not in DELIVERED[name]:
            yield delivery_form.not_known(["registers", name, "columns", column], DELIVERED[name])


def _faults_of_file(name: str, section: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    for key, formats in ONLY_FOR.items():
        if key in section and path.suffix[1:] not in formats:
            values = {"file": FORM, "key": f"registers.{name}.{key}", "files": path.name}
            yield Fault(N_('"{key}" has no meaning for {files}: leave it out'), values=values)
    expected = section.get("sha256")
    if isinstance(expected, str) and len(expected) == 64 and expected.lower() != _hash(path):
        message = N_("is not the file that delivery.toml names (sha256 differs): fetch it again, or mend sha256")
        yield Fault(message, values={"file": path.name})


def _faults_of_modes(folder: Path, files: Files, subject: str) -> Iterator[Fault]:
    """Nobody else may read a real edition. The cure is a line to be run in the root folder."""
    own = [path for path in (folder / FORM, *(path for paths in files.values() for path in paths))
           if _is(stat.S_ISREG, path)]  # fmt: skip
    for path, most in ((folder, 0o700), *((path, 0o600) for path in own)):
        mode = path.stat().st_mode & 0o777
        if mode & ~most:
            relative = subject if path == folder else f"{subject}/{path.name}"
            values = {"mode": f"{mode:04o}", "command": f"chmod {most:o} {relative}"}
            yield Fault(N_("others could read or change it (mode {mode}); run: {command}"),
                        values={**values, "file": relative if path == folder else path.name})  # fmt: skip


# sound --------------------------------------------------------------------------------------------------------


def _delivery(form: Mapping[str, Any], folder: Path, files: Files) -> Delivery:
    registers = {}
    for name, path in ((name, paths[0]) for name, paths in files.items() if paths):
        given = dict(form["registers"][name])
        registers[name] = Register(name, path, sheets=given.pop("sheet"), **{**given, "sha256": _hash(path)})
    listed = {FORM: _hash(folder / FORM), **{register.path.name: register.sha256 for register in registers.values()}}
    lines = "".join(f"{digest}  {name}\n" for name, digest in listed.items())
    digest = hashlib.sha256(lines.encode()).hexdigest()
    return Delivery(folder=folder, hash=digest, **{**form, "registers": registers})


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is(kind: Callable[[int], bool], path: Path) -> bool:
    """Whether this itself, and not what it may point to, is a folder or file (stat.S_ISDIR, stat.S_ISREG)."""
    try:
        return kind(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
