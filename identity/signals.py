"""News of identity, sent on commit. Receivers only queue work; a sweep of theirs finds what they missed."""

from django.dispatch import Signal

case_identified = Signal()
"""People have been identified, each for a purpose. Argument: `case_ids`, the public ids of the cases (UUIDs)."""

identification_withdrawn = Signal()
"""An order has withdrawn identifications from use until they are repeated. Argument: `case_ids` (UUIDs)."""

restrictions_changed = Signal()
"""A re-verification campaign has restricted people, or let them go. Argument: `insurant_ids`, their primary keys."""

case_closed = Signal()
"""Cases have ended without identification. Argument: `case_ids`, their public ids (UUIDs)."""
