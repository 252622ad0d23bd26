"""The two sides of a comparison: the insured person as the register knows them, and as a document shows them."""

from dataclasses import dataclass
from datetime import date

from .births import PartialDate

DOCUMENT_FIELDS = frozenset({"given_names", "family_name", "birth_name", "birth_date", "title"})


@dataclass(frozen=True, slots=True, repr=False)
class RegisterPerson:
    """What the register says. Its repr says nothing, so that no name gets into a log by accident."""

    given_names: str
    family_name: str
    birth_date: PartialDate
    membership_from: date | None
    name_prefix: str = ""
    title: str = ""
    birth_name: str = ""
    membership_to: date | None = None
    died_on: date | None = None


@dataclass(frozen=True, slots=True, repr=False)
class DocumentPerson:
    """What a provider read from a document; None or empty where it says nothing.

    `unchecked` names the fields that the provider did not look at: never proof (ResultValue, POSTIDENT).
    Raises ValueError for a name in `unchecked` that is no field.
    """

    given_names: str | None
    family_name: str | None
    birth_date: str | PartialDate | None
    birth_name: str | None = None
    title: str | None = None
    unchecked: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.unchecked <= DOCUMENT_FIELDS:
            raise ValueError("unchecked names no field of a document")
