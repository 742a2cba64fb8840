"""The only place for the ways in which one text can be read: as it stands, decoded, and without its tags.

A browser shows `&#66;UDI`, a notebook `\\u0042UDI`, a link `%42UDI`, a drawing `BU<tspan>DI</tspan>`: all of them BUDI.
Each reading holds the whole text, so that a name is found whichever way it was written.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import urllib.parse
from collections.abc import Iterator

MOST_DECODED = 3
"""Times that a text may have been encoded one over another."""
ESCAPE = re.compile(r"\\(?:u\{?([0-9A-Fa-f]{4})\}?|x([0-9A-Fa-f]{2})|([nrtbfv\"'/\\]))")
PERCENT = re.compile(r"(?<![^\s\"'<>])[^\s\"'<>]*%[0-9A-Fa-f]{2}[^\s\"'<>]*")
TAG = re.compile(r"(?:(?:<!--|-->|<!\[CDATA\[|\]\]>|<[A-Za-z/!?][^<>]*>)\s*)+")
INLINE = re.compile(
    r"<!--(?:(?!-->).){0,2000}-->|</?(?:\w+:)?(?:tspan|textPath|span|a|b|i|u|s|em|strong|small|mark|sub|sup|font|wbr|code"
    r"|data|bdi|bdo|abbr|t|r|rPr|sz|color|rFont|family|scheme|charset)(?:\s[^<>]*)?/?>", re.I | re.S)  # fmt: skip
"""Tags that do not end a word; the last row are those of texts in workbooks and documents."""
APART = "  "
"""Stands for tags between two words: two blanks never stand within a short number."""
BLOCK = re.compile(r"[A-Za-z0-9+/]{60,}(?:\r?\n[ \t]*[A-Za-z0-9+/]{4,})*={0,2}|[A-Za-z0-9+/]{12,}={0,2}")
BLOCK_OF_ADDRESS = re.compile(r"[A-Za-z0-9_-]{12,}={0,2}")
HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){20,}")


def of(text: str) -> Iterator[str]:
    """The readings of a text, the plainest first."""
    decoded = _decoded(text)
    yield decoded
    if "\\" in text:
        yield text  # a backslash may be what it looks like, as in a path
    yield from _without_tags(decoded)
    if "%" in decoded and (addresses := PERCENT.findall(decoded)):
        addresses_decoded = urllib.parse.unquote("\n".join(addresses))
        yield addresses_decoded
        yield from _without_tags(addresses_decoded)


def _without_tags(text: str) -> Iterator[str]:
    """The text with a gap for each tag, and with nothing for tags within a word."""
    if "<" not in text:
        return
    yield TAG.sub(APART, text)
    joined = INLINE.sub("", text)
    if joined != text:
        yield TAG.sub(APART, joined)


def blocks(text: str) -> Iterator[bytes]:
    """What the runs of base64 and of hexadecimal digits in a text stand for; words that look like such runs too."""
    text = _decoded(text)
    for run in dict.fromkeys(BLOCK.findall(text)):
        yield from _of_base64("".join(run.split()))
    for run in dict.fromkeys(BLOCK_OF_ADDRESS.findall(text)):
        if "-" in run or "_" in run:
            yield from _of_base64(run.translate({ord("-"): "+", ord("_"): "/"}))
    for run in dict.fromkeys(HEX.findall(text)):
        yield bytes.fromhex(run)


def _of_base64(run: str) -> Iterator[bytes]:
    bare = run.rstrip("=")
    whole = bare if len(bare) % 4 != 1 else bare[:-1]
    try:
        yield base64.b64decode(whole + "=" * (-len(whole) % 4))
    except (binascii.Error, ValueError):
        return


def _decoded(text: str) -> str:
    """Without entities and escapes, also where one was written over another."""
    for _ in range(MOST_DECODED):
        before = text
        text = html.unescape(text) if "&" in text else text
        text = ESCAPE.sub(_character, text) if "\\" in text else text
        if text == before:
            break
    return text


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code:
        character = chr(int(code, 16))
        return "\ufffd" if "\ud800" <= character <= "\udfff" else character
    return match[3] if match[3] in "\"'/\\" else "\n"
