"""The IK (Institutionskennzeichen), the nine digits that name an insurer or any other party of the health system."""

import re

_SHAPE = re.compile(r"[0-9]{9}")
_HYPHENS = str.maketrans("", "", "-\u2010\u2011\u2012\u2013\u2014\u2212")


def check_digit(stem: str) -> int:
    """Return the check digit of an IK stem.

    Shape   eight digits: two for the kind, two for the region, four for the number: ``"26032682"``
    Returns 0 to 9
    Method  the last six digits, weights 1 and 2 by turns from the right, cross sums of the products, remainder
            mod 10. The kind (first two digits) is not covered.
    Source  § 293 SGB V, Gemeinsames Rundschreiben Institutionskennzeichen
    """
    products = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(stem[2:8])))
    return sum(product // 10 + product % 10 for product in products) % 10


def parse(text: str) -> str:
    """Return the nine digits of an IK as typed by a person: ``"260 326 822"`` gives ``"260326822"``.

    Raises ValueError, with no part of the input in the message, if the shape or the check digit is wrong.
    """
    ik = "".join(text.split()).translate(_HYPHENS)
    if not _SHAPE.fullmatch(ik) or check_digit(ik[:8]) != int(ik[8]):
        raise ValueError("not an IK")
    return ik
