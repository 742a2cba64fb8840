"""docs/reference/data-dictionary.md says what the contracts say. This command writes it anew:

.venv/bin/python tests/test_reference_is_current.py
"""

import re
from pathlib import Path

import pandera.pandas as pa

from analysis.cleaning import rules
from analysis.contracts import public, registers
from analysis.contracts.public import Contract
from analysis.linking import model
from analysis.measuring import linked
from analysis.sources.published import FILES

DICTIONARY = Path(__file__).parents[1] / "docs" / "reference" / "data-dictionary.md"
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


if __name__ == "__main__":
    DICTIONARY.write_text(dictionary(), encoding="utf-8", newline="\n")
