"""The registration for access to the electronic patient record. Only `epa.services` write a state."""

from __future__ import annotations

import uuid
from datetime import datetime

import pgtrigger
from django.db import models
from django.db.models import Exists, OuterRef, Q

from epa.states import LIVE, MOVES, UNDER_WAY, USABLE, AccessState, Channel, EndReason, RecordState
from identity.cases.models import Result, Review, only_moves
from identity.cases.states import OPEN_CASE, CaseState

# C4 and E2 in the database: the case is this person's and for this purpose; open means identified, nothing pending.
CASE_FITS = """
IF NOT EXISTS (
    SELECT 1 FROM identity_identificationcase c
    WHERE c.id = NEW.case_id AND c.insurant_id = NEW.insurant_id AND c.purpose = 'epa'
) THEN
    RAISE EXCEPTION 'the case of an access is another one''s'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'epa_access_case_fits';
END IF;
RETURN NEW;
"""
IDENTIFIED = """
IF NOT EXISTS (
    SELECT 1 FROM identity_identificationcase c JOIN identity_result r ON r.case_id = c.id
    WHERE c.id = NEW.case_id AND c.state = 'identified'
        AND r.granted_at IS NOT NULL AND r.voided_by_id IS NULL AND r.level_reached >= c.level_demanded
) OR EXISTS (
    SELECT 1 FROM identity_review v WHERE v.case_id = NEW.case_id AND v.state IN ('open', 'proposed')
) THEN
    RAISE EXCEPTION 'an access opens only with an identified person and nothing pending'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'epa_access_open_is_identified';
END IF;
RETURN NEW;
"""


def _in_use() -> Exists:
    """A result identifies the person of the case behind an access, and no order has withdrawn it from use."""
    return Exists(Result.objects.filter(case=OuterRef("case"), granted_at__isnull=False, voided_by=None))


def _void() -> Q:
    """An order has withdrawn what identified the person, and nothing has taken its place."""
    withdrawn = Result.objects.filter(case=OuterRef("case"), voided_by__isnull=False)
    return Q(Exists(withdrawn)) & ~Q(_in_use())


def _taken_back() -> Exists:
    """A clerk has confirmed that the provider took the success back."""
    confirmed = Review.objects.filter(
        kind=Review.Kind.WITHDRAWN, decision__in=[Review.Decision.REPEAT, Review.Decision.REFUSE]
    )
    in_use = {"attempt__result__granted_at__isnull": False, "attempt__result__voided_by": None}
    return Exists(confirmed.filter(case=OuterRef("case"), **in_use))


class AccessQuerySet(models.QuerySet["EpaAccess"]):
    def live(self) -> AccessQuerySet:
        return self.filter(state__in=LIVE)

    def due(self, at: datetime) -> AccessQuerySet:
        """To be opened, past their time, and claimed by nobody (or by somebody who died); longest overdue first."""
        free = Q(claimed_until=None) | Q(claimed_until__lte=at)
        return self.filter(free, state=AccessState.OPENING, next_try_at__lte=at).order_by("next_try_at")

    def of_ended_cases(self) -> AccessQuerySet:
        """Requested, and the case behind has ended without identification."""
        ended = (CaseState.CANCELLED, CaseState.REFUSED, CaseState.EXPIRED, CaseState.OFFERED)
        return self.filter(state=AccessState.REQUESTED, case__state__in=ended)

    def of_withdrawn_cases(self) -> AccessQuerySet:
        """Not open yet, and an order has withdrawn the identification; a wish waits for the next one (M4)."""
        begun = Q(state__in=[AccessState.OPENING, AccessState.STUCK])
        left_behind = Q(state=AccessState.REQUESTED, case__state=CaseState.IDENTIFIED)
        return self.filter(_void(), begun | left_behind)

    def of_identified_cases(self) -> AccessQuerySet:
        """Not being opened yet although the person is identified.

        Also ended ones: a late result was taken up, or what an order had withdrawn has been repeated or given back.
        """
        others = EpaAccess.objects.filter(insurant=OuterRef("insurant")).exclude(pk=OuterRef("pk"))
        in_the_way = Exists(
            others.filter(Q(state__in=UNDER_WAY) | Q(state=AccessState.OPEN, channel=OuterRef("channel")))
        )
        late = Q(end_reason=EndReason.CASE_ENDED) | Q(end_reason=EndReason.IDENTIFICATION_WITHDRAWN) & ~Q(_taken_back())
        again = Q(late, ~in_the_way, state=AccessState.CANCELLED)
        return self.filter(_in_use(), Q(state=AccessState.REQUESTED) | again, case__state=CaseState.IDENTIFIED)


class EpaAccess(models.Model):
    """One person's wish to use the ePA in one way, and how far it is.

    The record itself belongs to the record system (E1). A case may stand behind several accesses of its person: a
    further channel is the same purpose, not a second use of the result (C4).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, db_comment="sensitive=false")
    insurant = models.ForeignKey(
        "identity.Insurant", models.PROTECT, related_name="epa_accesses", db_comment="sensitive=false"
    )
    case = models.ForeignKey(
        "identity.IdentificationCase", models.PROTECT, related_name="epa_accesses",
        db_comment="sensitive=false; of the same person, purpose epa",
    )  # fmt: skip
    channel = models.CharField(max_length=20, choices=Channel, db_comment="sensitive=false")
    state = models.CharField(
        max_length=20, choices=AccessState, default=AccessState.REQUESTED, db_comment="sensitive=false"
    )
    record_state = models.CharField(
        max_length=20, choices=RecordState, default=RecordState.UNKNOWN, db_comment="sensitive=false; last heard (E3)"
    )
    problem = models.CharField(
        max_length=50, blank=True, db_comment="sensitive=false; code of why it waits or is stuck"
    )
    end_reason = models.CharField(max_length=30, blank=True, choices=EndReason, db_comment="sensitive=false")
    next_try_at = models.DateTimeField(null=True, blank=True, db_comment="sensitive=false; set while opening")
    claimed_until = models.DateTimeField(
        null=True, blank=True, db_comment="sensitive=false; somebody is asking; a crash frees it then"
    )
    tries = models.PositiveSmallIntegerField(default=0, db_comment="sensitive=false; outages in a row")
    requested_at = models.DateTimeField(auto_now_add=True, db_comment="sensitive=false; never moved")
    email_set_at = models.DateTimeField(
        null=True, blank=True, db_comment="sensitive=false; the record system has got the person's first address (E4)"
    )
    status_seen_at = models.DateTimeField(
        null=True, blank=True, db_comment="sensitive=false; when record_state was heard"
    )
    opened_at = models.DateTimeField(null=True, blank=True, db_comment="sensitive=false")
    restricted_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="sensitive=false; the person has to be identified again, a deadline is over (M4)",
    )
    ended_at = models.DateTimeField(null=True, blank=True, db_comment="sensitive=false; cancelled")

    objects = AccessQuerySet.as_manager()

    class Meta:
        permissions = [("retry_accesses", "May let stuck ePA accesses try again")]
        constraints = [
            models.UniqueConstraint(
                fields=["insurant", "channel"], condition=Q(state__in=LIVE), name="epa_access_one_per_channel"
            ),
            models.UniqueConstraint(
                fields=["insurant"], condition=Q(state__in=UNDER_WAY), name="epa_access_one_under_way"
            ),
            models.CheckConstraint(condition=Q(state__in=AccessState.values), name="epa_access_state_known"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="epa_access_channel_known"),
            models.CheckConstraint(
                condition=Q(record_state__in=RecordState.values), name="epa_access_record_state_known"
            ),
            models.CheckConstraint(
                condition=Q(record_state=RecordState.UNKNOWN, status_seen_at__isnull=True)
                | ~Q(record_state=RecordState.UNKNOWN) & Q(status_seen_at__isnull=False),
                name="epa_access_record_state_iff_seen",
            ),
            models.CheckConstraint(
                condition=Q(state=AccessState.OPEN, opened_at__isnull=False)
                | ~Q(state=AccessState.OPEN) & Q(opened_at__isnull=True),
                name="epa_access_opened_iff_open",
            ),
            models.CheckConstraint(
                condition=~Q(state=AccessState.OPEN) | Q(email_set_at__isnull=False, record_state__in=USABLE),
                name="epa_access_open_has_email_and_record",
            ),
            models.CheckConstraint(
                condition=Q(state=AccessState.OPENING, next_try_at__isnull=False)
                | ~Q(state=AccessState.OPENING) & Q(next_try_at__isnull=True, claimed_until__isnull=True),
                name="epa_access_due_iff_opening",
            ),
            models.CheckConstraint(
                condition=Q(restricted_at=None) | Q(state=AccessState.OPEN), name="epa_access_restricted_is_open"
            ),
            models.CheckConstraint(
                condition=~Q(state=AccessState.STUCK) | ~Q(problem=""), name="epa_access_stuck_says_why"
            ),
            models.CheckConstraint(
                condition=Q(state=AccessState.CANCELLED, end_reason__in=EndReason.values, ended_at__isnull=False)
                | ~Q(state=AccessState.CANCELLED) & Q(end_reason="", ended_at__isnull=True),
                name="epa_access_cancelled_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state=AccessState.OPENING), name="epa_access_due"),
            models.Index(fields=["case"], condition=Q(state=AccessState.REQUESTED), name="epa_access_requested"),
            models.Index(
                fields=["case"],
                condition=Q(state=AccessState.CANCELLED, end_reason=EndReason.CASE_ENDED),
                name="epa_access_case_ended",
            ),
            models.Index(
                fields=["case"],
                condition=Q(state=AccessState.CANCELLED, end_reason=EndReason.IDENTIFICATION_WITHDRAWN),
                name="epa_access_withdrawn",
            ),
            models.Index(fields=["requested_at"], condition=Q(state=AccessState.STUCK), name="epa_access_stuck"),
            models.Index(fields=["insurant"], condition=Q(restricted_at__isnull=False), name="epa_access_restricted"),
        ]
        triggers = [
            only_moves(MOVES),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="fixed", fields=["public_id", "insurant", "case", "requested_at"]),
            pgtrigger.Trigger(name="case_fits", when=pgtrigger.Before, operation=pgtrigger.Insert, func=CASE_FITS),
            pgtrigger.Trigger(
                name="open_is_identified",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__state="open") & ~pgtrigger.Q(old__state="open"),
                func=IDENTIFIED,
            ),
            pgtrigger.Protect(
                name="never_born_open", operation=pgtrigger.Insert, condition=pgtrigger.Q(new__state="open")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.state}"

    @property
    def waits_for_repeat(self) -> bool:
        """An order has withdrawn the identification: the person goes on in the same case. The case must be loaded."""
        return self.end_reason == EndReason.IDENTIFICATION_WITHDRAWN and self.case.state in OPEN_CASE

    @property
    def short_id(self) -> str:
        """Enough of the public id to tell rows apart on a screen."""
        return str(self.public_id)[:8]
