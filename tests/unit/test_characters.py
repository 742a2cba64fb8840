"""Characters that look like others, and what counts as nothing written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cleaning import characters

STEADY = settings(deadline=None, max_examples=60)  # a busy machine is no failure


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("  Jl.\u00a0Sis  Aljufri ", "Jl. Sis Aljufri"),
        ("\ufeff7271\u200b01", "727101"),
        ("０１２", "012"),
        ("a\tb\nc", "a b c"),
        ("", ""),
    ],
)
def test_text_is_made_plain(written: str, plain: str) -> None:
    assert characters.plain(written) == plain


@pytest.mark.parametrize(
    "written", ["", "-", "--", "_", "0", "NIHIL", "Tidak ada", "tdk. ada", "xxx", "#N/A", "null", "…"]
)
def test_nothing_is_told_from_something(written: str) -> None:
    assert characters.is_blank(characters.plain(written))


@pytest.mark.parametrize("written", ["1", "10", "Nihilia", "Ada", "Xaverius", "a", "??", "lupa"])
def test_something_is_told_from_nothing(written: str) -> None:
    assert not characters.is_blank(written)


@pytest.mark.parametrize(
    ("written", "digits"),
    [("O8l2", "0812"), ("12 Okt 1980", "12 Okt 1980"), ("Lorong 1", "Lorong 1"), ("l2-O1", "12-01")],
)
def test_letters_among_digits_are_digits(written: str, digits: str) -> None:
    assert characters.digits_for_letters(written) == digits


@STEADY
@given(st.text())
def test_plain_text_stays_plain(text: str) -> None:
    once = characters.plain(text)
    assert characters.plain(once) == once
