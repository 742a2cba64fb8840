"""The only place for what a spreadsheet leaves of a 16-digit number: which digits are certain, never an invented one.

Three things happen to a number that is no text:

- A spreadsheet keeps 15 digits and writes a 0 for the 16th. It cuts, it does not round: the 15 are certain. A serial
  of 0001-0009, the most common ones, ends as 0000.
- Shown in scientific notation (7.27101E+15) it is rounded to the digits shown. Which digits are certain follows from
  the range of numbers that are shown so: 7.27104E+15 may stand for 727103 5... to 727104 4..., and 72710 is certain.
- Above 2^53 = 9,007,199,254,740,992 a computer's decimal number holds even numbers only, so the last digit of a NIK
  from Papua (91 and above) is uncertain once it was one. In a text of 16 digits this cannot be seen; behind ".0" or
  in scientific notation it can.
"""

from __future__ import annotations

LENGTH = 16
EXACT_TO = 2**53
KEPT_BY_SPREADSHEETS = 15
OF_THE_SERIAL = 4
OF_YEAR_AND_SERIAL = 6
"""Zeros at the end that a birth in the year 2000 and a lost serial explain; more come from a written-out 7.27E+15."""


def of_notation(mantissa: str) -> tuple[str | None, str | None]:
    """The whole number, or else its certain digits, from the digits in front of E.

    Both are None where nothing is certain. 16 digits are the whole number as long as it is below 2^53.
    """
    significant, unit = len(mantissa), 10 ** max(0, LENGTH - len(mantissa))
    if significant > LENGTH:
        return None, None
    value = int(mantissa) * unit
    if significant == LENGTH:
        return of_decimal(mantissa)
    if significant == KEPT_BY_SPREADSHEETS:
        return None, certain(value - unit // 2, value + unit - 1)
    return None, certain(value - unit // 2, value + unit // 2 - 1)


def of_decimal(digits: str) -> tuple[str | None, str | None]:
    """The whole number, or else its certain digits, of one that was a decimal number (16 digits, then .0)."""
    value = int(digits)
    return (digits, None) if value < EXACT_TO else (None, certain(value - 1, value + 1))


def of_zeros(digits: str, has_birth: bool) -> str | None:
    """The certain digits of a number whose serial is 0000: 15, or fewer where more is zeros.

    `has_birth`: digits 7-12 are a possible birth date; without one the zeros are those of a written-out 7.27E+15.
    """
    zeros = len(digits) - len(digits.rstrip("0"))
    if has_birth and zeros <= OF_YEAR_AND_SERIAL:
        return digits[:KEPT_BY_SPREADSHEETS]
    return of_notation(digits.rstrip("0"))[1] if zeros < LENGTH else None


def certain(low: int, high: int) -> str | None:
    """The leading digits shared by all possible numbers from `low` to `high`; None below two digits.

    No kecamatan has the code 00: of 7.27101E+15, the numbers below 727101 are none, and 727101 is certain.
    """
    first, last = str(low).zfill(LENGTH), str(high)
    if first[4:6] == "00" and f"{first[:4]}01" <= last[:6]:
        first = f"{first[:4]}01".ljust(LENGTH, "0")
    shared = next((at for at, (one, other) in enumerate(zip(first, last, strict=True)) if one != other), LENGTH)
    return first[: min(shared, KEPT_BY_SPREADSHEETS)] if shared > 1 else None
