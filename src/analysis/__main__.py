"""The command line `jamsostek`: reads options, calls one function, turns errors into messages and exit codes."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from analysis import N_, AnalysisError, Fault, ParameterError, __version__
from analysis.presenting import wording
from analysis.presenting.wording import Wording
from analysis.running import failures, interruption, pipeline, progress
from analysis.sources import periods
from analysis.sources.places import Root

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True,
                  help="Evaluasi terbuka cakupan Jamsostek Kota Palu: dari data ke ringkasan kebijakan.")  # fmt: skip


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"jamsostek {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Tampilkan versi.")
    ] = False,
) -> None:
    """Evaluasi terbuka cakupan Jamsostek Kota Palu: dari data ke ringkasan kebijakan."""


@app.command()
def record(
    as_of: Annotated[
        str | None, typer.Option(help="Tanggal disusun (TTTT-BB-HH); bawaan: hari ini di Palu.", show_default=False)
    ] = None,
    lang: Annotated[list[str] | None, typer.Option(help="Bahasa: id atau en; boleh diulang; bawaan: keduanya.")] = None,
    root: Annotated[
        Path | None, typer.Option(help="Folder yang memuat data/ dan reports/; bawaan: folder ini.")
    ] = None,
) -> None:
    """Buat ringkasan kebijakan dari angka-angka yang pernah terbit (reports/published)."""
    say = _words(lang)
    place, languages = _root(root), list(dict.fromkeys(lang or wording.LANGUAGES))
    day = periods.today_in_palu() if as_of is None else _date(as_of)
    try:
        with progress.shown(place, len(languages) + 1, say) as watch:
            errors = pipeline.make_record(place, day, languages, watch)
    except interruption.Stopped as stopped:
        raise typer.Exit(stopped.exit_code) from None
    for message in dict.fromkeys(failures.told(error, say) for error in errors):
        typer.echo(message, err=True)
    if errors:
        raise typer.Exit(failures.exit_code(errors[0]))


def _words(languages: Sequence[str] | None) -> Wording:
    """The words of the first language asked for; an unknown one is told in Indonesian."""
    for language in languages or ():
        wording.in_language(language)
    return wording.in_language(languages[0] if languages else "id")


def _root(given: Path | None) -> Root:
    """The folder to work in; one that is not there yet will be made."""
    path = (given or Path.cwd()).resolve()
    if path.exists() and not path.is_dir():
        fault = Fault(N_('"{value}" is a file, not a folder'), values={"value": path})
        raise ParameterError("--root", [fault], N_("Name a folder; one that is not there yet is made."))
    return Root(path)


def _date(written: str) -> date:
    """A date as 2026-11-22 and in no other form of ISO 8601, of which Python reads several."""
    try:
        if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", written):
            raise ValueError(written)
        return date.fromisoformat(written)
    except ValueError:
        fault = Fault(N_('"{value}" is no date of the form 2026-11-22'), values={"value": written})
        raise ParameterError("--as-of", [fault], N_("Give year, month and day.")) from None


def _language_of(arguments: Sequence[str]) -> str:
    """The language for messages: the first `--lang` that is known, else Indonesian."""
    given = [after for option, after in itertools.pairwise(arguments) if option == "--lang"]
    given += [argument.removeprefix("--lang=") for argument in arguments if argument.startswith("--lang=")]
    return next((language for language in given if language in wording.LANGUAGES), "id")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with the exit code of what happened."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    try:
        with interruption.heeded():
            app(args=arguments, prog_name="jamsostek")
    except interruption.Stopped as stopped:
        sys.exit(stopped.exit_code)
    except (AnalysisError, OSError) as error:
        typer.echo(failures.told(error, wording.in_language(_language_of(arguments))), err=True)
        sys.exit(failures.exit_code(error))


if __name__ == "__main__":
    main()
