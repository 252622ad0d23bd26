"""Reads that several callers need."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from core.accounts.models import Account
from epa.models import AccessQuerySet, EpaAccess
from epa.rules import Facts
from epa.states import LIVE, UNDER_WAY, AccessState
from identity.cases.models import IdentificationCase, Review
from identity.cases.services.using import identification_holds
from identity.cases.states import OPEN_REVIEW, CaseState
from identity.methods.choices import AssuranceLevel


def facts_about(case: IdentificationCase, *, acting: bool = True) -> Facts:
    """Return what `rules.standing` needs to know. Who acts on it holds the case's lock, and gets the gate's here.

    A review may be about another attempt than the one that identified the person; results that an order has withdrawn
    from use count no more, and neither do reviews that ended with them.
    """
    granted = list(case.results.filter(granted_at__isnull=False).values_list("level_reached", "voided_by"))
    level = next((reached for reached, void in granted if void is None), None)
    reviews = list(
        case.reviews.values_list(
            "state", "kind", "decision", "attempt__result__granted_at", "attempt__result__voided_by"
        )
    )
    return Facts(
        case_state=CaseState(case.state),
        level_demanded=AssuranceLevel(case.level_demanded),
        level_reached=AssuranceLevel(level) if level else None,
        review_open=any(state in OPEN_REVIEW for state, *_ in reviews),
        withdrawn=any(
            kind == Review.Kind.WITHDRAWN and decision not in ("", Review.Decision.APPROVE) and granted_at and not void
            for _state, kind, decision, granted_at, void in reviews
        ),
        void=bool(granted) and level is None,
        holds=level is not None and identification_holds(case, acting=acting),
        is_member=case.insurant.is_member_on(timezone.localdate()),
    )


def accesses_of(account: Account) -> AccessQuerySet:
    """The accesses that an account may see: those of its own insured person."""
    return EpaAccess.objects.filter(insurant__account=account).select_related("case", "insurant__insurer")


@dataclass(frozen=True, slots=True)
class Overview:
    """A person's accesses: the one under way, the open ones, and the last one that ended when there is no other."""

    under_way: EpaAccess | None
    open: tuple[EpaAccess, ...]
    ended: EpaAccess | None

    @property
    def main(self) -> EpaAccess | None:
        """The one to speak of first."""
        return self.under_way or next(iter(self.open), None) or self.ended


def overview_of(account: Account) -> Overview:
    """Return a person's accesses in one query."""
    rows = list(accesses_of(account).order_by("-requested_at")[:20])
    under_way = next((row for row in rows if row.state in UNDER_WAY), None)
    ended = next(iter(rows), None)
    return Overview(
        under_way=under_way,
        open=tuple(row for row in rows if row.state == AccessState.OPEN),
        ended=ended if ended and ended.state not in LIVE else None,
    )
