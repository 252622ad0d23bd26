"""The KVNR (Krankenversichertennummer): reading, check digit, and a form that may be shown."""

import re

_SHAPE = re.compile(r"([A-Z][0-9]{9})(?:[0-9]{10}|[0-9]{9}[A-Z][0-9]{10})?")
_HYPHENS = str.maketrans("", "", "-\u2010\u2011\u2012\u2013\u2014\u2212")


def check_digit(stem: str) -> int:
    """Return the check digit of a KVNR stem.

    Shape   one letter A to Z, then eight digits: ``"A12345678"``
    Returns 0 to 9
    Method  letter as two digits (A = 01), weights 1 and 2 by turns, cross sums of the
            products, remainder mod 10: the remainder itself, not 10 minus it
    Source  Richtlinie nach § 290 Abs. 2 SGB V (structure and assignment of the KVNR)
    """
    digits = f"{ord(stem[0]) - ord('A') + 1:02d}{stem[1:]}"
    products = (int(digit) * (1 + place % 2) for place, digit in enumerate(digits))
    return sum(product // 10 + product % 10 for product in products) % 10


def parse(text: str) -> str:
    """Return the ten printed characters of a KVNR as typed by a person: ``" a123 456-780 "`` gives ``"A123456780"``.

    The long forms are cut to these ten: 20 characters (with the insurer's IK) and 30 (with the main member's KVNR too).
    Raises ValueError, with no part of the input in the message, if the shape or the check digit is wrong.
    """
    compact = "".join(text.split()).translate(_HYPHENS)
    shape = _SHAPE.fullmatch(compact.upper()) if compact.isascii() else None
    if shape is None or check_digit(shape[1][:9]) != int(shape[1][9]):
        raise ValueError("not a KVNR")
    return shape[1]
