"""docs/reference/data-dictionary.md says what the contracts say. This command writes it anew:

.venv/bin/python tests/test_reference_is_current.py
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pandera.pandas as pa
import pytest

from analysis import measuring
from analysis.cleaning import rules
from analysis.contracts import public, registers
from analysis.contracts.public import Contract
from analysis.contracts.released import Layout
from analysis.linking import model
from analysis.measuring import linked
from analysis.sources.published import FILES

DICTIONARY = Path(__file__).parents[1] / "docs" / "reference" / "data-dictionary.md"
RELEASED = DICTIONARY.with_name("released-tables.md")
COMMAND = ".venv/bin/python tests/test_reference_is_current.py"
HEAD = f"""# Data dictionary

Every file of the public record with every column, as `analysis.contracts.public` checks them; then the tables about
persons, and the rules by which rows are judged. Made from the contracts by `{COMMAND}`; a test compares the two, so
change the contract and not this page.

Files are UTF-8 text with a header, commas between cells, a decimal point and no thousands sign. All columns must be
there, no other may be. What the statuses mean, and how an `id` is formed, stands in
[data/raw/README.md](../../data/raw/README.md).
"""
FORMS = {
    public.ID: "name of `a-z`, `0-9` and single hyphens",
    public.CODE: "code such as `72.71.01.1004`",
    public.WHOLE: "whole number",
    public.NUMBER: "number",
    public.SIGNED: "number, may be negative",
    public.PERIOD: "`YYYY`, `YYYY-MM`, `YYYY-MM-DD`, `YYYY-Qn`, or two of them with `/`",
    public.ADDRESS: "web address",
    public.ANY_TEXT: "text",
    r"[a-z0-9_]+": "name of `a-z`, `0-9` and `_`",
    public.YEAR: "year",
}
PROTECTED = """## data/processed/\\<edition>/protected

Tables about persons, as `analysis.contracts.registers` has them: Parquet with explicit types, sorted by their key. They
never leave the machine of whoever runs the edition. Beside these columns, `<our column>_as_written` holds each
delivered cell.
"""
RULES = """## The rules

Each rule of `src/analysis/cleaning/rules.csv`: what it says, who can put it right by register, and where it comes from.

| rule | severity | what it says | umkm | jamsostek | pekerja_rentan | source |
| --- | --- | --- | --- | --- | --- | --- |
"""
KINDS = {"text": "text", "whole": "whole number", "decimal": "number", "day": "day", "flag": "true or false"}
COLUMNS = ("column", "form", "what it holds", "an empty cell means")


def dictionary() -> str:
    """The whole page."""
    tables = [_table(f"data/raw/{folder}/{one.name}", one) for folder, listed in FILES.items() for one in listed]
    protected = [_protected(table) for table in registers.PROTECTED]
    return "\n".join([HEAD, *tables, PROTECTED, *protected, RULES + "\n".join(map(_rule, rules.read().values())), ""])


def _protected(table: registers.Table) -> str:
    rows = [_line(COLUMNS), _line(["---"] * len(COLUMNS))]
    for name, column in table.columns.items():
        if not name.endswith("_as_written"):
            form = f"one of: {', '.join(column.allowed)}" if column.allowed else KINDS[column.kind]
            rows.append(_line([f"`{name}`", form, _plain(column.about), _plain(column.empty or "not allowed")]))
    head = f"### {table.name}.parquet\n\nOne row: {table.one_row}. Key: {', '.join(table.key)}."
    return "\n".join([head, "", *rows, ""])


def _rule(rule: rules.Rule) -> str:
    fixers = [rule.fixers.get(name, "") for name in registers.DELIVERED]
    return _line([f"`{rule.id}`", rule.severity, _plain(rule.reason["en"]), *fixers, _plain(rule.source)])


def _table(path: str, contract: Contract) -> str:
    rows = [_line(COLUMNS), _line(["---"] * len(COLUMNS))]
    rows += [_line(_cells(name, column)) for name, column in contract.schema.columns.items()]
    return "\n".join([f"## {path}", "", f"One row: {contract.one_row}.", "", *rows, ""])


def _cells(name: str, column: pa.Column) -> list[str]:
    return [f"`{name}`", _form(column), _plain(column.description), _plain(column.metadata["empty"] or "not allowed")]


def _form(column: pa.Column) -> str:
    if allowed := column.metadata.get("allowed"):
        return f"one of: {_plain(allowed)}"
    pattern = column.checks[0].statistics["pattern"]
    inner = getattr(pattern, "pattern", pattern).removeprefix(r"\A(?:").removesuffix(r")\Z")
    form = FORMS[inner.removeprefix("(?:").removesuffix(")?") if column.metadata["empty"] else inner]
    return f"{form}; stands once" if column.unique else form


def _plain(text: str) -> str:
    """Text in which Markdown sees no end of a cell and no tag."""
    return text.replace("|", r"\|").replace("<", r"\<")


def _line(cells: object) -> str:
    return f"| {' | '.join(cells)} |"


def test_the_data_dictionary_says_what_the_contracts_say() -> None:
    written = DICTIONARY.read_text(encoding="utf-8")
    assert written == dictionary(), f"the contracts have changed; write the dictionary anew: {COMMAND}"


def test_every_contract_stands_in_the_data_dictionary() -> None:
    known = {value.name for value in vars(public).values() if isinstance(value, Contract)}
    assert known == {contract.name for listed in FILES.values() for contract in listed}


def test_the_weights_in_the_linkage_reference_are_those_of_the_frozen_model() -> None:
    told = linked.weights(model.frozen())
    bits = [f"{one:+.1f}".replace("-", "−") for one in told["bits"]]
    text = DICTIONARY.with_name("linkage.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `([a-z0-9_]+)` \| [^|]+ \| ([+−][0-9.]+)(?: \*)? \|$", text, re.M)
    assert found == list(zip(told["level"], bits, strict=True))


# the released tables ----------------------------------------------------------------------------------------------


def layouts() -> Iterator[Layout]:
    """The form of every released table: what each function of `measuring` named layout or ..._layout gives.

    One that must be told what to cross is of a table that no run makes.
    """
    for found in pkgutil.iter_modules(measuring.__path__):
        module = importlib.import_module(f"{measuring.__name__}.{found.name}")
        own = [value for name, value in vars(module).items() if re.fullmatch(r"(\w+_)?layout", name)]
        yield from (make() for make in own if make.__module__ == module.__name__ and not _asks(make))


def _asks(make: Callable[..., Layout]) -> bool:
    return bool(inspect.signature(make).parameters)


LAYOUTS = {one.name: one for one in layouts()}
Divided = dict[str, tuple[list[str], list[str]]]
"""Measures and levels of each dimension."""


def sections() -> dict[str, str]:
    """The text below the heading of each table."""
    _, *parts = re.split(r"^### (\w+)\.csv$", RELEASED.read_text(encoding="utf-8"), flags=re.M)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def named(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def divided(section: str) -> Divided:
    """What the first table of a section says."""
    _, _, body = section.partition("| dimension | measures | levels |\n| --- | --- | --- |\n")
    rows = [line.strip("| ").split(" | ") for line in body.partition("\n\n")[0].splitlines()]
    return {name: (named(measures), levels.split(", ")) for names, measures, levels in rows for name in spread(names)}


def spread(names: str) -> Iterator[str]:
    """The dimensions in a cell, `<register>` being each register that there can be."""
    for name in named(names):
        each = registers.DELIVERED if "<register>" in name else ("",)
        yield from (name.replace("<register>", register) for register in each)


def bullets(section: str) -> Mapping[str, list[str]]:
    """The names in the lines that begin with a total, a sum and so on, by how they begin."""
    found = re.findall(r"^- (Total|Sum|Beside the total|With a range): (.+)$", section, flags=re.M)
    return {label: named(text) for label, text in found}


def test_every_released_table_stands_in_its_page_and_no_other() -> None:
    overview = RELEASED.read_text(encoding="utf-8").partition("\n### ")[0]
    assert len(LAYOUTS) == len(list(layouts()))
    assert set(sections()) == set(LAYOUTS) == set(re.findall(r"^\| `(\w+)\.csv` \|", overview, flags=re.M))


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_released_table_is_told_as_its_layout_has_it(name: str) -> None:
    layout, section = LAYOUTS[name], sections()[name]
    assert divided(section) == {key: ([*one.parts], [*one.levels]) for key, one in layout.dimensions.items()}
    told = bullets(section)
    assert told["Total"] == [layout.total]
    assert told.get("Sum", []) == [one for total, parts in layout.sums.items() for one in (total, *parts)]
    assert told.get("Beside the total", []) == list(layout.beside)
    assert told.get("With a range", []) == list(layout.ranged)


if __name__ == "__main__":
    DICTIONARY.write_text(dictionary(), encoding="utf-8", newline="\n")
