"""The only place that prints a finished page as PDF, for those who pass paper or PDFs on: WeasyPrint, the extra `pdf`.

The same page and the same fonts give the same bytes.
"""

from __future__ import annotations

import ctypes.util
import importlib.util
import logging
from functools import cache

LIBRARIES = ("gobject-2.0", "pango-1.0", "pangoft2-1.0", "harfbuzz", "fontconfig")
"""What WeasyPrint lays text out with: no Python packages, the system brings them."""


@cache
def is_available() -> bool:
    """Whether WeasyPrint and Pango are here; told without the second that importing them takes."""
    return importlib.util.find_spec("weasyprint") is not None and all(map(_is_here, LIBRARIES))


def prepare() -> None:
    """Import what printing needs, where it is here: done once, in the process from which children are forked."""
    if is_available():
        import weasyprint  # noqa: F401


def pdf(html: str) -> bytes:
    """The page as PDF. Nothing is fetched: a page is self-contained."""
    import weasyprint

    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # it tells of every rule of style meant for screens
    return bytes(weasyprint.HTML(string=html, url_fetcher=_refuse).write_pdf(full_fonts=False))


def _refuse(_: str) -> dict[str, object]:
    raise ValueError("a page fetches nothing")


def _is_here(library: str) -> bool:
    return ctypes.util.find_library(library) is not None
