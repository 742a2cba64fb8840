"""The only place for what delivery.toml may hold: its keys, their kinds and values, and how a fault in it is told.

A fault names the key and what is expected. What stands there is not repeated: neither TOML's own messages nor
pydantic's are shown, since both may quote the file.
"""

from __future__ import annotations

import codecs
import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from analysis import N_, Fault
from analysis.contracts.registers import DELIVERED

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError, ValidationInfo

NAME = "delivery.toml"
DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")
EXAMPLES = {
    "edition": 'edition = "2026-10"',
    "reference_date": "reference_date = 2026-10-31",
    "is_synthetic": "is_synthetic = false",
    "registers": "[registers.umkm]",
    **{name: f"[registers.{name}]" for name in DELIVERED},
    "issuer": 'issuer = "Dinas Koperasi dan UMKM"',
    "received_date": "received_date = 2026-11-04",
    "legal_basis": 'legal_basis = "PKS 1/2026"',
    "columns": 'nik = "NO KTP"',
}
"""How a key is written that must be there, or whose kind can be mistaken."""
LONGEST_FORM, LONGEST_TEXT = 65_536, 200


def load(path: Path) -> tuple[dict[str, Any] | None, list[Fault]]:
    """The form as TOML has it; None with the reason where it cannot be read."""
    if path.stat().st_size > LONGEST_FORM:
        return None, [Fault(N_("more than {n} bytes: this is no form"), values={"file": NAME, "n": LONGEST_FORM})]
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig")), []
    except UnicodeDecodeError:
        return None, [Fault(N_("the file is not UTF-8 text"), values={"file": NAME})]
    except (ValueError, RecursionError) as error:
        at = re.search(r"\(at line ([0-9]+),", str(error))
        line = int(at[1]) if at else None
        message = N_("not TOML: a text needs quotation marks, a key stands once, a day must exist")
        return None, [Fault(message, line, None, {"file": NAME})]


def fill(raw: Mapping[str, Any], today: date) -> tuple[dict[str, Any], list[Fault]]:
    """The form's values, checked and converted, keys left out being None or empty; or all faults of the form.

    A section of `registers` that is missing is no fault here: whether it must be there depends on the files.
    """
    from pydantic import ValidationError

    try:
        return _model().model_validate(raw, context=today).model_dump(), []
    except ValidationError as error:
        return {}, list(_faults(error))


def not_known(path: list[str], names: tuple[str, ...]) -> Fault:
    """The fault for an unknown key at `path`, with the closest of the `names` that may stand there."""
    near = difflib.get_close_matches(path[-1].casefold(), names, n=1, cutoff=0)[0]
    values = {"file": NAME, "key": ".".join(map(shown, path)), "near": near}
    return Fault(N_('nobody knows "{key}"; did you mean "{near}"?'), values=values)


def shown(name: str) -> str:
    """A name as it may be printed: a key or a file name can hold anything, a terminal's commands among it."""
    plain = "".join(sign if sign.isprintable() else "?" for sign in name)
    return plain if len(plain) <= 60 else f"{plain[:60]}..."


@cache
def _model() -> type[BaseModel]:
    """The form. Built when first needed: pydantic costs 0.2 s of CPU, which other commands need not spend."""
    from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

    class Strict(BaseModel):
        model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    class Section(Strict):
        issuer: Annotated[str, BeforeValidator(_line)]
        received_date: Annotated[date, BeforeValidator(_day)]
        legal_basis: Annotated[str, BeforeValidator(_line)]
        sha256: Annotated[str, BeforeValidator(_sha256)] | None = None
        sheet: Annotated[tuple[str, ...], BeforeValidator(_sheets)] = ()
        delimiter: Annotated[str, BeforeValidator(_delimiter)] | None = None
        encoding: Annotated[str, BeforeValidator(_encoding)] | None = None
        columns: dict[str, Annotated[str, BeforeValidator(_header)]] = Field(default_factory=dict)

    class Sections(Strict):
        umkm: Section | None = None
        jamsostek: Section | None = None
        pekerja_rentan: Section | None = None

    class Form(Strict):
        edition: str
        reference_date: Annotated[date, BeforeValidator(_day)]
        is_synthetic: bool
        issuing_unit: Annotated[str, BeforeValidator(_line)] | None = None
        registers: Sections = Field(default_factory=Sections)

    return Form


def _faults(error: ValidationError) -> Iterator[Fault]:
    for found in error.errors(include_url=False, include_input=False):
        path = [str(part) for part in found["loc"]]
        values = {"file": NAME, "key": ".".join(map(shown, path))}
        own = found.get("ctx", {}).get("error")
        if found["type"] == "extra_forbidden":
            yield not_known(path, _known(len(path)))
        elif isinstance(own, _ValueRefusedError):
            yield Fault(own.message, values={**own.values, **values})
        elif found["type"] == "missing":
            message = N_('"{key}" is missing; write it like this: {example}')
            yield Fault(message, values={**values, "example": EXAMPLES[path[-1]]})
        else:
            message = N_('"{key}" is of another kind; write it like this: {example}')
            yield Fault(message, values={**values, "example": EXAMPLES[path[-1]]})


def _known(depth: int) -> tuple[str, ...]:
    """The keys of the form itself, of `registers`, or of one of its sections."""
    fields = _model().model_fields
    if depth == 1:
        return tuple(fields)
    if depth == 2:
        return tuple(DELIVERED)
    return ("issuer", "received_date", "legal_basis", "sha256", "sheet", "delimiter", "encoding", "columns")


# values -------------------------------------------------------------------------------------------------------


class _ValueRefusedError(ValueError):
    """Why a value is refused: a pattern in which `{key}` stands for its key."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message)
        self.message, self.values = message, values


def _line(text: object) -> str:
    if isinstance(text, str) and text.strip() and text.isprintable() and len(text) <= LONGEST_TEXT:
        return text.strip()
    raise _ValueRefusedError(N_('"{key}" must be a text in quotation marks: one line of 1 to {n} visible signs'),
                             n=LONGEST_TEXT)  # fmt: skip


def _header(text: object) -> str:
    if isinstance(text, str) and text.strip():
        return text
    raise _ValueRefusedError(N_('"{key}" must be the header of a column, in quotation marks'))


def _day(value: object, info: ValidationInfo[date]) -> date:
    """A date, or a text that holds one in the form of ISO 8601; no time of day, and nothing to come."""
    if isinstance(value, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise _ValueRefusedError(N_('"{key}" is no day of the calendar')) from None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _ValueRefusedError(N_('"{key}" must be a date without a time, such as 2026-10-31'))
    if value > info.context:
        days = {"day": value.isoformat(), "today": info.context.isoformat()}
        raise _ValueRefusedError(N_('"{key}" ({day}) lies after today ({today})'), **days)
    return value


def _sheets(value: object) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not (isinstance(names, list) and names and all(isinstance(name, str) and name.strip() for name in names)):
        raise _ValueRefusedError(N_('"{key}" must be a sheet\'s name or a list of names; without it all are read'))
    if len({*names}) < len(names):
        raise _ValueRefusedError(N_('"{key}" names a sheet twice: its rows would be read twice'))
    return tuple(names)


def _sha256(text: object) -> str:
    if isinstance(text, str) and re.fullmatch("[0-9A-Fa-f]{64}", text):
        return text.lower()
    raise _ValueRefusedError(N_('"{key}" must be the 64 signs 0-9 and a-f that sha256sum prints'))


def _delimiter(text: object) -> str:
    if isinstance(text, str) and text in DELIMITERS:
        return text
    raise _ValueRefusedError(N_('"{key}" must be one of: {allowed}'), allowed=r'"," ";" "\t" "|"')


def _encoding(text: object) -> str:
    """The name under which Python knows it."""
    try:
        name = codecs.lookup(text).name if isinstance(text, str) else ""
    except (LookupError, ValueError):
        name = ""
    if name not in ENCODINGS:
        raise _ValueRefusedError(N_('"{key}" must be one of: {allowed}'), allowed=", ".join(ENCODINGS))
    return name
