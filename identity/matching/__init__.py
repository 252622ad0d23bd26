"""Is the person on the document the insured person? Pure: no rows, no clock, no logging."""

from .births import PartialDate
from .comparison import compare
from .people import DocumentPerson, RegisterPerson
from .verdict import CODES, Difference, Tolerance, Verdict, VerdictKind

__all__ = [
    "CODES",
    "Difference",
    "DocumentPerson",
    "PartialDate",
    "RegisterPerson",
    "Tolerance",
    "Verdict",
    "VerdictKind",
    "compare",
]
