"""The command line `jamsostek`: reads options, calls one function, turns errors into messages and exit codes."""

from __future__ import annotations

import itertools
import os
import re
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import typer

from analysis import N_, AnalysisError, Fault, ParameterError, __version__
from analysis.presenting import wording
from analysis.presenting.wording import Wording
from analysis.running import failures, interruption, private, progress
from analysis.running.outcome import Outcome
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


Language = Annotated[
    list[str] | None, typer.Option("--lang", help="Bahasa: id atau en; boleh diulang; bawaan: keduanya.")
]
Folder = Annotated[
    Path | None, typer.Option("--root", help="Folder yang memuat data/ dan reports/; bawaan: folder ini.")
]
Edition = Annotated[str, typer.Argument(metavar="EDITION", help="Nama edisi, misalnya 2026-10.", show_default=False)]
Engine = Annotated[
    Literal["forked", "plain"],
    typer.Option("--notebook-engine", help="Cara menjalankan notebook halaman; hasilnya sama persis."),
]
Areas = Annotated[
    list[str] | None, typer.Option("--area", help="Kode wilayah; boleh diulang; bawaan: semua.", show_default=False)
]
Jobs = Annotated[
    int | None, typer.Option("--jobs", min=1, help="Banyaknya halaman yang dibuat serentak.", show_default=False)
]
secrets_app = typer.Typer(no_args_is_help=True, help="Kunci rahasia untuk samaran dan pembulatan.")
app.add_typer(secrets_app, name="keys")

# Each command imports what it needs itself: `check` must not wait for the second that pytask takes to load.


@app.command()
def record(
    as_of: Annotated[
        str | None, typer.Option(help="Tanggal disusun (TTTT-BB-HH); bawaan: hari ini di Palu.", show_default=False)
    ] = None,
    notebook_engine: Engine = "forked",
    jobs: Jobs = None,
    lang: Language = None,
    root: Folder = None,
) -> None:
    """Buat ringkasan kebijakan dari angka-angka yang pernah terbit (reports/published)."""
    from analysis.running import pipeline
    from analysis.running.pages import Desk

    say = _words(lang)
    place, languages = _root(root), _languages(lang)
    day = periods.today_in_palu() if as_of is None else _date(as_of)
    with progress.shown(place, say, place.reports / "index.html") as watch:
        ended = pipeline.make_record(pipeline.Order(Desk(place, day, notebook_engine), languages, _jobs(jobs), watch))
    _end(ended, say)


@app.command()
def demo(
    edition: Annotated[str, typer.Option(help="Nama edisi sintetis.")] = "demo",
    seed: Annotated[int, typer.Option(min=0, help="Benih acak: benih yang sama, bita yang sama.")] = 2026,
    umkm: Annotated[int, typer.Option(min=1, help="Banyaknya pelaku UMKM.")] = 38_982,
    participants: Annotated[int, typer.Option(min=1, help="Banyaknya baris daftar peserta.")] = 60_426,
    dirt: Annotated[str, typer.Option(help="Banyaknya kerusakan data: low, mid, atau high.")] = "mid",
    lang: Language = None,
    root: Folder = None,
) -> None:
    """Buat dua edisi sintetis, sebulan terpaut: daftar rekaan dengan kebenaran yang diketahui (data/raw/demo)."""
    from analysis import synthetic

    say, place = _words(lang), _root(root)
    made = synthetic.editions(place.path, edition, seed, umkm, participants, dirt)
    for path in (folder for one in made for folder in (one.delivery, one.truth)):
        typer.echo(say.say("{path}: written (synthetic)", path=path).plain)


@app.command()
def check(edition: Edition, lang: Language = None, root: Folder = None) -> None:
    """Periksa satu pengiriman daftar tanpa menulis apa pun: baris, temuan data, dan siapa yang dapat memperbaiki."""
    from analysis.running import checkup

    for line in checkup.lines(_root(root), edition, _words(lang)):
        typer.echo(line)


@app.command()
def run(
    edition: Edition,
    as_of: Annotated[
        str | None,
        typer.Option(help="Tanggal disusun (TTTT-BB-HH); bawaan: tanggal terima terbaru.", show_default=False),
    ] = None,
    if_new: Annotated[
        bool, typer.Option("--if-new", help="Hanya bila ada yang baru sejak edisi ini terakhir selesai.")
    ] = False,
    new_series: Annotated[
        bool, typer.Option("--new-series", help="Mulai seri baru dengan kunci pembulatan lain; edisi lama ditarik.")
    ] = False,
    area: Areas = None,
    notebook_engine: Engine = "forked",
    jobs: Jobs = None,
    lang: Language = None,
    root: Folder = None,
) -> None:
    """Siapkan, padankan, dan ukur satu edisi, lalu buat ringkasan untuk setiap wilayah (reports/EDITION)."""
    from analysis.running import schedule
    from analysis.sources import delivery, keys

    say = _words(lang)
    place, languages = _root(root), _languages(lang)
    delivered = delivery.read(place, edition)
    secrets = keys.read(delivered.is_synthetic, os.environ, place)
    day = delivered.prepared_date if as_of is None else _date(as_of)
    made_from = schedule.of(place, delivered, secrets, day, [*languages, *(area or ())])
    if if_new and not schedule.is_new(place, edition, made_from):
        typer.echo(say.say("Nothing is new since the last run of this edition.").plain)
        return
    from analysis.running import pipeline
    from analysis.running.pages import Desk

    with progress.shown(place, say, place.reports / edition / languages[0] / "index.html") as watch:
        order = pipeline.Order(Desk(place, day, notebook_engine), languages, _jobs(jobs), watch, area or ())
        ended = pipeline.make_edition(order, delivered, secrets, is_new_series=new_series)
    if ended.exit_code in schedule.ENDED_WELL:
        schedule.remember(place, edition, made_from)
    _end(ended, say)


@app.command()
def answers(
    edition: Edition,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Daftar kerja yang kembali.")],
    lang: Language = None,
    root: Folder = None,
) -> None:
    """Baca jawaban dari daftar kerja yang kembali; dipakai pada `run` berikutnya bila nilai lamanya masih sama."""
    from analysis.running import answering

    say = _words(lang)
    for line in answering.lines(_root(root), edition, files, os.environ, say):
        typer.echo(line)


@app.command()
def fit(edition: Edition, lang: Language = None, root: Folder = None) -> None:
    """Sesuaikan model pemadanan dengan satu edisi dan sebutkan apa yang bergeser; model beku tidak pernah diganti."""
    from analysis.running import fitting

    say = _words(lang)
    for line in fitting.lines(_root(root), edition, periods.today_in_palu(), os.environ, say):
        typer.echo(line)


@app.command()
def explain(
    edition: Edition,
    row: Annotated[int, typer.Option(min=1, help="Baris daftar UMKM, seperti yang ditunjukkan lembar kerja.")],
    sheet: Annotated[
        str | None, typer.Option(help="Nama lembar, bila ada beberapa lembar.", show_default=False)
    ] = None,
    lang: Language = None,
    root: Folder = None,
) -> None:
    """Jelaskan mengapa seorang pelaku UMKM dihitung demikian, dengan bobot buktinya (hanya di terminal)."""
    from analysis.running import explaining

    for line in explaining.lines(_root(root), edition, row, sheet, os.environ, _words(lang)):
        typer.echo(line)


@app.command()
def review(
    edition: Edition,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE...]", help="Buku telaah yang kembali, dengan --read.")
    ] = None,
    owners: Annotated[
        int | None, typer.Option("--owners", help="Banyaknya pelaku UMKM yang diundi; 400 lazim.", show_default=False)
    ] = None,
    is_read: Annotated[bool, typer.Option("--read", help="Baca jawaban dari FILE... yang kembali.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Benih undian: benih yang sama, contoh yang sama.")] = 1,
    lang: Language = None,
    root: Folder = None,
) -> None:
    """Undi pelaku UMKM untuk ditelaah orang, atau baca jawaban penelaah; hasil pemadanan tidak diperlihatkan."""
    from analysis.running import reviewing

    say, place, given = _words(lang), _root(root), files or []
    reviewing.check(owners, given, is_read=is_read)
    told = (
        reviewing.take_in(place, edition, given, os.environ, say)
        if owners is None
        else reviewing.hand_out(place, edition, owners, seed, os.environ, say)
    )
    for line in told:
        typer.echo(line)


@app.command()
def leaks(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder yang diperiksa, dengan semua isinya.")],
    canaries: Annotated[
        Path, typer.Option("--canaries", metavar="FILE", help="Daftar nilai yang dicari: CSV kind,value.")
    ],
    lang: Language = None,
) -> None:
    """Periksa apakah NIK, KPJ, nama, atau nomor telepon dari FILE ada dalam berkas mana pun di FOLDER."""
    from analysis.running import scanning

    for line in scanning.lines(folder, canaries, _words(lang)):
        typer.echo(line)


@secrets_app.command("new")
def new_keys(
    out: Annotated[Path, typer.Option("--out", help="Folder di luar repositori; dibuat bila belum ada.")],
    lang: Language = None,
) -> None:
    """Buat kedua kunci rahasia; kunci yang sudah ada tidak pernah ditimpa."""
    from analysis.sources import keys

    say = _words(lang)
    for name, path in zip(keys.FILES, keys.new(out), strict=True):
        typer.echo(say.say("{path}: written; set {variable} to it", path=path, variable=name).plain)


@app.command()
def verify(
    target: Annotated[Path, typer.Argument(metavar="FILE_OR_FOLDER", help="Halaman, atau folder dengan halaman.")],
    notebook_engine: Engine = "forked",
    jobs: Jobs = None,
    lang: Language = None,
    root: Folder = None,
) -> None:
    """Buat ulang halaman dan sebutkan apakah bitanya sama, atau masukan pertama yang berbeda."""
    from analysis.running import verify as verifying

    say = _words(lang)
    for line in verifying.lines(_root(root), target, notebook_engine, _jobs(jobs), say):
        typer.echo(line)


@app.command()
def purge(edition: Edition, lang: Language = None, root: Folder = None) -> None:
    """Hapus daftar, tabel terlindung, dan daftar kerja satu edisi; tabel dan halaman terbit tetap ada."""
    from analysis.running import purging

    say = _words(lang)
    gone = purging.purge(_root(root), edition)
    for path in gone:
        typer.echo(say.say("{path}: deleted", path=path).plain)
    if not gone:
        typer.echo(say.say("There was nothing to delete.").plain)


def _jobs(given: int | None) -> int:
    """How many pages are made at once: as many as there are processors for this process."""
    return given or len(os.sched_getaffinity(0))


def _end(ended: Outcome, say: Wording) -> None:
    """Tell each error once; the first one gives the exit code."""
    for message in dict.fromkeys(failures.told(error, say) for error in ended.errors):
        typer.echo(message, err=True)
    if ended.errors:
        raise typer.Exit(ended.exit_code)


def _languages(given: Sequence[str] | None) -> list[str]:
    return list(dict.fromkeys(given or wording.LANGUAGES))


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
        with interruption.heeded(), private.without_core():
            app(args=arguments, prog_name="jamsostek")
    except interruption.Stopped as stopped:
        sys.exit(stopped.exit_code)
    except (AnalysisError, OSError) as error:
        typer.echo(failures.told(error, wording.in_language(_language_of(arguments))), err=True)
        sys.exit(failures.exit_code(error))
    except Exception as error:  # noqa: BLE001  (a traceback would print cells)
        typer.echo(failures.unforeseen(error, wording.in_language(_language_of(arguments))), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
