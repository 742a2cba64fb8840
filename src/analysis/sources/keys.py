"""The only place for the two secrets: where they lie, whether they are safe, and what is computed with them.

The pseudonym key makes owner ids and hashes of cells, the rounding key the noise of released counts. A key never
enters a parameter, a table, a log or a message; its fingerprint may. Source of the rules: docs/reference/deliveries.md.
"""

from __future__ import annotations

import hmac
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from analysis import N_, Fault, SecretError
from analysis.sources.places import PROJECT, Root

PSEUDONYM, ROUNDING = "JAMSOSTEK_PSEUDONYM_KEY_FILE", "JAMSOSTEK_ROUNDING_KEY_FILE"
FILES = {PSEUDONYM: "pseudonym.key", ROUNDING: "rounding.key"}
SHORTEST, LONGEST = 32, 65_536
CURE = N_("Make both with: jamsostek keys new --out DIR (outside the project); then name them in the environment.")
CURE_NEW = N_("Name another folder, or go on with the keys that lie there.")


@dataclass(frozen=True)
class Key:
    """A secret. Its bytes appear in no text form of it."""

    secret: bytes = field(repr=False)
    is_demo: bool

    def mac(self, text: str) -> str:
        """HMAC-SHA256 of `text` in UTF-8, as 64 hex digits."""
        return hmac.digest(self.secret, text.encode(), "sha256").hex()

    def macs(self, texts: pd.Series, length: int = 16) -> pd.Series:
        """The first `length` hex digits of `mac` for every text, same index; NA where the text is NA."""
        codes, distinct = pd.factorize(texts)
        hashed = pd.array([*(self.mac(text)[:length] for text in distinct), None], dtype="str")
        return pd.Series(hashed.take(codes), index=texts.index, name=texts.name)

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits that tell one key from another and nothing else of it."""
        return self.mac("fingerprint")[:12]


@dataclass(frozen=True)
class Keys:
    """Both secrets, of which neither can be computed from the other."""

    pseudonym: Key
    rounding: Key

    @property
    def is_demo(self) -> bool:
        """Whether they are the public demo keys, which protect nobody."""
        return self.pseudonym.is_demo


DEMO = Keys(  # they protect nobody: they stand here for all to read
    Key(b"demo: pseudonyms of invented people", True),
    Key(b"demo: rounding of invented people", True),
)


def read(is_synthetic: bool, environ: Mapping[str, str] | None = None, root: Root | None = None) -> Keys:
    """The keys that `environ` (default: this process's) names; a synthetic edition without either has the demo keys.

    `root` is where a run works (default: here). Raises SecretError with all faults: one key alone, a file that is
    missing, a link, too short, open to others, somebody else's, inside the project, the data or any work tree of git,
    both keys the same.
    """
    environ = os.environ if environ is None else environ
    named = {variable: environ.get(variable, "") for variable in FILES}
    if is_synthetic and not any(named.values()):
        return DEMO
    secrets: dict[str, bytes] = {}
    faults: list[Fault] = []
    for variable, path in named.items():
        told = list(_faults(Path(path), root or Root.here())) if path else [Fault(N_("is not set"))]
        if not told:
            secrets[variable] = Path(path).read_bytes()
        faults += [Fault(fault.message, values={**fault.values, "file": variable}) for fault in told]
    if len(secrets) == len(FILES) and secrets[PSEUDONYM] == secrets[ROUNDING]:
        faults.append(Fault(N_("both keys are the same; they must be two")))
    if faults:
        raise SecretError(N_("the secrets"), faults, CURE)
    return Keys(Key(secrets[PSEUDONYM], False), Key(secrets[ROUNDING], False))


def new(folder: Path, root: Root | None = None) -> tuple[Path, Path]:
    """Make both keys in `folder`, 0600 each; the pseudonym key's path first. A folder that is made is 0700.

    Never overwrites. Raises SecretError where one of the files is there, where others may write in the folder, or
    where it lies inside the project, the data or any work tree of git.
    """
    paths = [folder / name for name in FILES.values()]
    faults = list(_faults_of_folder(folder, root or Root.here()))
    faults += [Fault(N_("is there already and is never overwritten"), values={"file": path.name})
               for path in paths if os.path.lexists(path)]  # fmt: skip
    if faults:
        raise SecretError(N_("the folder for the keys"), faults, CURE_NEW)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in paths:
        _write(path, os.urandom(SHORTEST))
    return paths[0], paths[1]


def _write(path: Path, secret: bytes) -> None:
    """Write a file that only this user may read and that was not there before."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secret)


def _faults(path: Path, root: Root) -> Iterator[Fault]:
    """What is unsafe about a key's file, before it is opened. A link is refused: where it leads can be changed."""
    values = {"path": str(path)}
    try:
        found = path.lstat()
    except OSError:
        yield Fault(N_("{path} is not there"), values=values)
        return
    if not stat.S_ISREG(found.st_mode):
        yield Fault(N_("{path} is a link or no plain file"), values=values)
        return
    if found.st_mode & 0o077:
        values = {**values, "mode": f"{found.st_mode & 0o777:04o}"}
        yield Fault(N_("others could read or change {path} (mode {mode}); run: chmod 600 {path}"), values=values)
    if found.st_uid != os.geteuid() or not os.access(path, os.R_OK):
        yield Fault(N_("{path} belongs to another user, or cannot be read"), values=values)
    if not SHORTEST <= found.st_size <= LONGEST:
        sizes = {"n": SHORTEST, "found": found.st_size}
        yield Fault(N_("{path} holds {found} bytes; a key has {n} random bytes or more"), values={**values, **sizes})
    if _is_inside(path, root):
        yield Fault(N_("{path} lies inside the project, whose files are copied and published"), values=values)


def _faults_of_folder(folder: Path, root: Root) -> Iterator[Fault]:
    values = {"path": str(folder)}
    if _is_inside(folder, root):
        yield Fault(N_("{path} lies inside the project, whose files are copied and published"), values=values)
    if folder.exists() and not folder.is_dir():
        yield Fault(N_("{path} is no folder"), values=values)
    elif folder.exists() and folder.stat().st_mode & 0o022:
        yield Fault(N_("others may write in {path}; run: chmod 700 {path}"), values=values)


def _is_inside(path: Path, root: Root) -> bool:
    """Whether a path ends up in the project, among the data or pages of `root`, or in any work tree of git."""
    real = path.resolve()
    if any(real.is_relative_to(folder.resolve()) for folder in (PROJECT, root.path / "data", root.reports)):
        return True
    return any((folder / ".git").exists() for folder in (real, *real.parents))
