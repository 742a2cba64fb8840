"""The command line `jamsostek`: reads options, calls one function, turns errors into messages and exit codes."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from analysis import N_, AnalysisError, Fault, ParameterError, __version__
from analysis.presenting import wording
from analysis.presenting.wording import Wording
from analysis.running import pipeline
from analysis.sources import periods
from analysis.sources.places import Root

INTERRUPTED = 130
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
    as_of: Annotated[str, typer.Option(help="Tanggal disusun (TTTT-BB-HH); bawaan: hari ini di Palu.")] = "",
    lang: Annotated[list[str] | None, typer.Option(help="Bahasa: id atau en; boleh diulang; bawaan: keduanya.")] = None,
    root: Annotated[
        Path | None, typer.Option(help="Folder yang memuat data/ dan reports/; bawaan: folder ini.")
    ] = None,
) -> None:
    """Buat ringkasan kebijakan dari angka-angka yang pernah terbit (reports/published)."""
    say = _words(lang)
    place, languages = Root((root or Path.cwd()).resolve()), list(dict.fromkeys(lang or wording.LANGUAGES))
    day = _date(as_of) if as_of else periods.today_in_palu()
    try:
        outcome = _watched(place, day, languages, say)
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    for page, state in outcome.pages.items():
        kept = state == "failed" and (place.path / page).exists()
        typer.echo(f"{place.path / page}: {say.say(KEPT if kept else STATES[state])}")
    if outcome.errors:
        raise outcome.errors[0]


KEPT = N_("not made; the earlier page was kept")
STATES = {"made": N_("made"), "unchanged": N_("unchanged"), "failed": N_("not made")}


def _watched(place: Root, day: date, languages: Sequence[str], say: Wording) -> pipeline.Outcome:
    """Run the pipeline under a progress bar on a terminal, and with one plain line a page elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        return pipeline.make_record(place, day, languages, lambda _: None)
    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task(say.say("checking what has changed").plain, total=len(languages) + 1)
        return pipeline.make_record(
            place, day, languages, lambda page: progress.update(bar, advance=1, description=page)
        )


def _words(languages: Sequence[str] | None) -> Wording:
    """The words of the first language asked for; an unknown one is told in Indonesian."""
    for language in languages or ():
        wording.in_language(language)
    return wording.in_language(languages[0] if languages else "id")


def _date(written: str) -> date:
    try:
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
        app(args=arguments, prog_name="jamsostek")
    except AnalysisError as error:
        typer.echo(wording.in_language(_language_of(arguments)).error(error), err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
