"""The only place for words: how a cell becomes words in plain capitals, and the reader of the lists in cleaning/lists.

Each list (titles, spellings, places outside Palu ...) is a small CSV file that says beside every word why it stands
there, so that it can be reviewed by someone who reads no code.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "lists"
APOSTROPHES = re.compile("['`´‘’ʻʼ′]")


@cache
def rows(name: str) -> tuple[Mapping[str, str], ...]:
    """The rows of the list `name` (file name without ending), in their order; read once."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def capitals(text: str) -> str:
    """The text in capitals and ASCII: accents and apostrophes dropped (Ma'ruf -> MARUF), other signs as blanks."""
    text = APOSTROPHES.sub("", text)
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.upper())
        text = "".join(
            " " if sign > "\x7f" and not unicodedata.combining(sign) else sign
            for sign in decomposed if not unicodedata.combining(sign) and unicodedata.category(sign) != "Cf"
        )  # fmt: skip
    return text.upper()
