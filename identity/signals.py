"""News of identity, sent on commit. Receivers only queue work; a sweep of theirs finds what they missed."""

from django.dispatch import Signal

case_identified = Signal()
"""A person has been identified for a purpose. Argument: `case_id`, the public id of the case (UUID)."""

case_closed = Signal()
"""A case has ended without identification. Argument: `case_id`, the public id of the case (UUID)."""
