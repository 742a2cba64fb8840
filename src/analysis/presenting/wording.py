"""The only place for how a number, a range, money, a date and a sentence are written, in Indonesian and in English.

Sentences are English patterns with named values in braces; `locale/id` holds their Indonesian form (gettext, read
from the .po file itself, so that there is no compiled copy to grow stale). Values reach a sentence as `Words`: plain
text for headings, charts and alternative texts, and the same text as HTML in which every figure names its rows.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from analysis import N_, AnalysisError, Fault, ParameterError
from analysis.ranges import Range
from analysis.sources import periods

LANGUAGES = ("id", "en")
LOCALE = Path(__file__).parent / "locale"
DASH, MINUS = "–", "−"
SCALES = ((10**12, N_("Rp{n} trillion")), (10**9, N_("Rp{n} billion")), (10**6, N_("Rp{n} million")))
SMALL = (
    *(N_("zero"), N_("one"), N_("two"), N_("three"), N_("four"), N_("five")),
    *(N_("six"), N_("seven"), N_("eight"), N_("nine"), N_("ten"), N_("eleven")),
)


@dataclass(frozen=True)
class Words:
    """A text in two forms that say the same: plain, and HTML whose figures carry their rows."""

    plain: str
    html: Markup

    def __str__(self) -> str:
        return self.plain

    def __html__(self) -> Markup:
        return self.html


@dataclass(frozen=True)
class Figure:
    """A number that may be shown: its range, the rows it was computed from, whether any of them is unconfirmed."""

    amount: Range
    refs: str
    is_unconfirmed: bool = False
    is_about: bool = False


class Wording:
    """All words of one language."""

    def __init__(self, language: str) -> None:
        self.language = _known(language)
        self._catalogue = _catalogue(language)

    # sentences ------------------------------------------------------------------------------------------------

    def say(self, pattern: str, /, **values: object) -> Words:
        """A sentence: `pattern` in this language, its braces filled with `values` (Words, texts or whole numbers)."""
        return self._fill(self._catalogue.gettext(pattern), values)

    def say_n(self, one: str, many: str, count: int, /, **values: object) -> Words:
        """A sentence whose form depends on `count` (English: one or many; Indonesian has a single form)."""
        return self._fill(self._catalogue.ngettext(one, many, count), values)

    def _fill(self, pattern: str, values: dict[str, object]) -> Words:
        words = {name: self._word(value) for name, value in values.items()}
        html = str(escape(pattern)).format(**{name: word.html for name, word in words.items()})
        return Words(pattern.format(**{name: word.plain for name, word in words.items()}), Markup(html))

    def _word(self, value: object) -> Words:
        if isinstance(value, Words):
            return value
        if isinstance(value, date):
            return self.day(value)
        text = self.grouped(value) if isinstance(value, int) else str(value)
        return Words(text, escape(text))

    def term(self, word: str) -> Words:
        """A word of the tables that has a fixed form in this language, such as an issuer; others stay as written."""
        text = self._catalogue.gettext(word)
        return Words(text, escape(text))

    def error(self, error: AnalysisError) -> str:
        """An error as a user reads it: what, then each place and fault, then what to do."""
        head = self.say_n("{subject} cannot be used: {n} fault", "{subject} cannot be used: {n} faults",
                          len(error.faults), subject=self.say(error.subject), n=len(error.faults))  # fmt: skip
        lines = [f"  {self._place(fault)}{self.say(fault.message, **_texts(fault))}" for fault in error.faults]
        return "\n".join([head.plain, *lines, self.say(error.cure).plain])

    def _place(self, fault: Fault) -> str:
        places = [str(fault.values["file"])] if "file" in fault.values else []
        if "sheet" in fault.values:
            places.append(self.say('sheet "{sheet}"', sheet=str(fault.values["sheet"])).plain)
        if fault.row is not None:
            places.append(self.say("row {row}", row=str(fault.row)).plain)
        if fault.column is not None:
            places.append(self.say('column "{column}"', column=fault.column).plain)
        return ", ".join(places) + ": " if places else ""

    # numbers --------------------------------------------------------------------------------------------------

    def grouped(self, number: int | Fraction) -> str:
        """A plain number in this language's form: 20.982 or 20,982; at most two decimals."""
        exact = Fraction(number)
        decimal = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return format_decimal(decimal, format="#,##0.##", locale=self.language).replace("-", MINUS)

    def spelled(self, figure: Figure) -> Words:
        """A small count as running text has it: in letters where one word does, in digits above."""
        number = int(figure.amount.low)
        top = 11 if self.language == "id" else 9
        return self._marked(
            self._data(number, self.say(SMALL[number]).plain if number <= top else None, figure), figure
        )

    def count(self, figure: Figure) -> Words:
        """A count or a range of counts, without its unit: 20.982 or 17.500–18.500."""
        return self._marked(self._ends(figure, figure.amount.outward(), self.grouped), figure)

    def measured(self, figure: Figure) -> Words:
        """A number with the decimals of its source, two at most: 32,15."""
        return self._marked(self._ends(figure, figure.amount, self.grouped), figure)

    def percent(self, figure: Figure) -> Words:
        """A share in whole percent, with the word: 33 persen, 53–55 persen. `figure` is in percent."""
        return self._marked(
            self.say("{n} percent", n=self._ends(figure, figure.amount.outward(), self.grouped)), figure
        )

    def percent_sign(self, figure: Figure) -> Words:
        """A share for tables and axes: 33%, 53–55%."""
        share = self._ends(figure, figure.amount.outward(), self.grouped)
        return self._marked(self._fill("{n}%", {"n": share}), figure)

    def rupiah(self, figure: Figure) -> Words:
        """Money with its scale word, one decimal, a range rounded outward: Rp16.800, Rp302,4 juta, Rp3,5–3,8 miliar."""
        unit, pattern = _scale(figure.amount)
        rounded = (figure.amount * Fraction(1, unit)).outward(Fraction(1, 10) if unit > 1 else 1) * unit
        number = self._ends(figure, rounded, lambda end: self.grouped(end / unit), exact=True)
        return self._marked(self.say(pattern, n=number), figure)

    def rupiah_exact(self, figure: Figure) -> Words:
        """Money to the rupiah: Rp3.528.000.000."""
        return self._marked(self._fill("Rp{n}", {"n": self._ends(figure, figure.amount, self.grouped)}), figure)

    def _ends(self, figure: Figure, shown: Range, write: Callable[[Fraction], str], *, exact: bool = False) -> Words:
        """One or two `data` elements: the written ends of `shown`, carrying the shown values or the exact ones."""
        carried = figure.amount if exact else shown
        low = self._data(carried.low, write(shown.low), figure)
        if write(shown.low) == write(shown.high):
            return low
        high = self._data(carried.high, write(shown.high), figure)
        return Words(f"{low.plain}{DASH}{high.plain}", low.html + DASH + high.html)

    def _data(self, value: int | Fraction, written: str | None, figure: Figure) -> Words:
        text = written or self.grouped(value)
        number = int(value) if int(value) == value else float(value)
        html = Markup('<data class="figure" value="{}" data-ref="{}">{}</data>').format(number, figure.refs, text)
        return Words(text, html)

    def _marked(self, words: Words, figure: Figure) -> Words:
        if figure.is_about:
            words = self.say("about {n}", n=words)
        return self.say("{figure} (unconfirmed)", figure=words) if figure.is_unconfirmed else words

    def joined(self, several: Sequence[Words]) -> Words:
        """Parts of a list in a row: a; b; c."""
        return Words("; ".join(word.plain for word in several), Markup("; ").join(word.html for word in several))

    def either(self, several: Sequence[Words]) -> Words:
        """Alternatives in a row: a; a or b; a, b or c."""
        *before, last = several
        if not before:
            return last
        if len(before) == 1:
            return self.say("{one} or {other}", one=before[0], other=last)
        listed = Words(", ".join(word.plain for word in before), Markup(", ").join(word.html for word in before))
        return self.say("{several}, or {last}", several=listed, last=last)

    # dates ----------------------------------------------------------------------------------------------------

    def day(self, day: date) -> Words:
        """A date: 22 November 2026."""
        text = format_date(day, "d MMMM y", locale=self.language)
        return Words(text, escape(text))

    def month(self, written: str) -> Words:
        """A month: `2026-12` becomes Desember 2026."""
        text = format_date(periods.parse(written).first, "MMMM y", locale=self.language)
        return Words(text, escape(text))

    def short_month(self, written: str) -> str:
        """A month on an axis: Des 2026."""
        return format_date(periods.parse(written).first, "MMM y", locale=self.language)

    def period(self, written: str) -> Words:
        """A period as precisely as its source gives it: 2024; April 2025; 24 April 2025; 2020–Agustus 2022."""
        text = DASH.join(self._one_period(part) for part in written.split("/"))
        return Words(text, escape(text))

    def _one_period(self, written: str) -> str:
        match len(written.split("-")):
            case 1:
                return written
            case 2 if "Q" not in written:
                return self.month(written).plain
            case 3:
                return self.day(date.fromisoformat(written)).plain
        year, quarter = written.split("-Q")
        return self.say("quarter {quarter} of {year}", quarter=quarter, year=year).plain


def in_language(language: str) -> Wording:
    """The words of `language`. Raises ParameterError where it is not one of `LANGUAGES`."""
    return Wording(language)


def _known(language: str) -> str:
    if language not in LANGUAGES:
        fault = Fault('"{value}" is not one of: {allowed}', values={"value": language, "allowed": ", ".join(LANGUAGES)})
        raise ParameterError(N_("the language"), [fault], N_("Choose one of the languages named."))
    return language


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """English is the language of the patterns themselves and needs no catalogue."""
    path = LOCALE / language / "LC_MESSAGES" / "analysis.po"
    if not path.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _texts(fault: Fault) -> dict[str, object]:
    return {name: str(value) for name, value in fault.values.items()}


def _scale(amount: Range) -> tuple[int, str]:
    """Unit and pattern for money: rounded first, then chosen, so that 999,960,000 is 1 billion, not 1,000 million."""
    for unit, pattern in SCALES:
        below = Fraction(unit, 1_000) if unit > 10**6 else Fraction(1)
        if (amount * (1 / below)).outward(Fraction(1, 10)).high * below >= unit:
            return unit, pattern
    return 1, "Rp{n}"
