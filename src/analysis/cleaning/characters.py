"""The only place for characters that look like others, and for what counts as nothing written.

Cells are filled by hand, by copying from web pages and by spreadsheets: a blank that does not break, an invisible
character, full-width digits, the letter O for a zero. A rule about one cell starts from `plain`.
"""

from __future__ import annotations

import re
import unicodedata

INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\x00-\x08\x0e-\x1f\x7f]")
BLANKS = re.compile(r"\s+")
OUTER = " \t\r\n\v\f'\"`´‘’“”=\u00a0\u200b\u200e\u202f\u2060\ufeff"
"""What surrounds an identifier and is no part of it: blanks, quotation marks, the = of a formula that is a text."""
NOT_WORD = re.compile(r"[^\w?]+|_+")
NOTHING = frozenset({
    *("", "0", "nihil", "nil", "null", "none", "nan", "na", "n a", "kosong", "blank", "ref", "value"),
    *("tidak ada", "tdk ada", "tak ada", "td ada", "tidak punya", "tdk punya", "belum ada", "blm ada", "belum punya"),
    *("belum", "blm", "belum diisi", "tidak diisi", "tidak terlampir", "tanpa keterangan"),
})  # fmt: skip
"""Words for nothing, small letters, punctuation as blanks; the UMKM census form writes - for it. A question mark or
"lupa" is none of them: something should stand there and was not known."""
SAYS = re.compile("[1-9]")
CROSSES = re.compile(r"x+(?: x+)*")
LIKE_DIGITS = str.maketrans("OoIlLi|", "0011111")
LETTERS = frozenset("OoIlLi|")
WITH_A_DIGIT = re.compile(r"(?<![^\W\d_])[0-9OoIlLi|]*[0-9][0-9OoIlLi|]*(?![^\W\d_])")


def plain(text: str) -> str:
    """The text in ordinary characters, without invisible ones, each run of blanks as one, none outside."""
    if text.isascii():
        if text.isprintable() and "  " not in text:
            return text.strip()
    else:
        text = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return BLANKS.sub(" ", INVISIBLE.sub("", text)).strip()


def is_blank(text: str) -> bool:
    """Whether a plain text says that nothing is known: empty, punctuation, 0, xxx, NIHIL, tidak ada, #N/A ..."""
    if SAYS.search(text):
        return False
    words = NOT_WORD.sub(" ", text.casefold()).strip()
    return words in NOTHING or CROSSES.fullmatch(words) is not None


def digits_for_letters(text: str) -> str:
    """O as 0 and I, l as 1 wherever they stand among digits and not in a word."""
    if LETTERS.isdisjoint(text):
        return text
    return WITH_A_DIGIT.sub(lambda run: run[0].translate(LIKE_DIGITS), text)
