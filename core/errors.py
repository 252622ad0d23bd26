"""One kind of failure from inside, two kinds from outside: try again, or never."""

from typing import TYPE_CHECKING, ClassVar

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as Sentence
else:
    Sentence = str


class DomainError(Exception):
    """A rule of ours says no. Subclasses set `code` (stable, for programs) and `message` (a sentence for the person).

    What is given to the constructor is for the log and the tests; it is never shown and holds nothing personal.
    """

    code: ClassVar[str] = "refused"
    http_status: ClassVar[int] = 409
    message: ClassVar["Sentence | str"] = _("That is not possible at the moment.")

    @property
    def detail(self) -> str:
        """Return the sentence for the person, in the language of the request."""
        return str(self.message)


class OutsideError(Exception):
    """Somebody outside failed us. `code` is short and stable (`http_503`, `unreachable`) and holds nothing personal."""

    def __init__(self, code: str, *, status: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


class TryAgain(OutsideError):
    """It may heal: network, overload, maintenance. `after_seconds` when the other side asked for a pause."""

    def __init__(self, code: str, *, status: int | None = None, after_seconds: int | None = None) -> None:
        super().__init__(code, status=status)
        self.after_seconds = after_seconds


class Never(OutsideError):
    """The same call will fail for ever: refused, malformed, unknown."""


def violates(error: IntegrityError, constraint: str) -> bool:
    """Return whether the named constraint or unique index caused an IntegrityError."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) == constraint
