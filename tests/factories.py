"""Rows for tests: valid by default, a test names only what matters."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.utils import timezone

from core.accounts.models import Account
from core.actors import Actor, ActorKind
from identity.cases.models import Attempt, IdentificationCase, Review, new_reference
from identity.cases.states import OPEN_CASE, AttemptState, CaseState
from identity.members.kvnr import check_digit
from identity.members.models import Address, Card, Insurant, Insurer
from identity.methods.choices import AssuranceLevel, Purpose
from identity.methods.models import Method, Suspension
from identity.methods.records import Lifting
from identity.methods.seeds import SUSPENSION_TEXTS
from identity.methods.services import approve_lifting, propose_lifting
from identity.providers.ports import DocumentFacts, Progress, ProviderCase, ProviderIdentification

_numbers = itertools.count(1)
PASSWORD = "a password for tests 1"


def a_kvnr(number: int | None = None) -> str:
    stem = f"M{next(_numbers) if number is None else number:08d}"
    return f"{stem}{check_digit(stem)}"


def an_account(email: str = "", **given: Any) -> Account:
    """An account with a verified address."""
    email = email or f"person{next(_numbers)}@example.org"
    account = Account.objects.create_user(email, PASSWORD, **given)
    EmailAddress.objects.create(user=account, email=email, primary=True, verified=True)
    return account


def an_insurer(ik: str = "109500969", **given: Any) -> Insurer:
    usual = {
        "name": "Muster-Krankenkasse Nord",
        "region": "north",
        "phone": "030 23125 100",
        "street": "Musterweg 1",
        "postcode": "20095",
        "city": "Hamburg",
        "portal_url": "https://nord.muster.example",
    }
    return Insurer.objects.get_or_create(ik=ik, defaults=usual | given)[0]


def an_insurant(**given: Any) -> Insurant:
    """Erika Mustermann, insured since 2015, with an account, an address and a card unless told otherwise."""
    usual: dict[str, Any] = {
        "kvnr": a_kvnr(),
        "given_names": "Erika",
        "family_name": "Mustermann",
        "birth_date": "1964-08-12",
        "email": "",
        "member_from": date(2015, 1, 1),
    }
    if "account" not in given:
        usual["account"] = an_account()
    if "insurer" not in given:
        usual["insurer"] = an_insurer()
    card_last6 = given.pop("card_last6", "123456")
    insurant = Insurant.objects.create(**usual | given)
    Address.objects.create(
        insurant=insurant,
        street="Heidestraße",
        house_number="17",
        postcode="51147",
        city="Köln",
        valid_from=date(2015, 1, 1),
    )
    Card.objects.create(
        insurant=insurant,
        iccsn=f"80276{next(_numbers):09d}{card_last6}",
        nfc=True,
        issued_on=date(2023, 5, 1),
        state="active",
    )
    return insurant


def a_case(state: CaseState = CaseState.CHOOSING, **given: Any) -> IdentificationCase:
    now = timezone.now()
    usual: dict[str, Any] = {
        "purpose": Purpose.EPA,
        "level_demanded": AssuranceLevel.HIGH,
        "declared_at": now,
        "expires_at": now + timedelta(days=60),
        "closed_at": None if state in OPEN_CASE else now,
        "offered_until": now + timedelta(days=14) if state == CaseState.OFFERED else None,
    }
    if "insurant" not in given:
        usual["insurant"] = an_insurant()
    usual["insurer"] = (given.get("insurant") or usual["insurant"]).insurer
    return IdentificationCase.objects.create(state=state, **usual | given)


def an_attempt(state: AttemptState = AttemptState.STARTED, **given: Any) -> Attempt:
    now = timezone.now()
    usual: dict[str, Any] = {
        "method_id": "postident_branch",
        "provider": "postident",
        "reference": new_reference(),
        "provider_case_id": f"T{next(_numbers):011d}",
        "continue_url": "https://provider.example/start",
        "started_at": now,
        "valid_until": now + timedelta(days=14),
        "decided_at": None if state in (AttemptState.INTENDED, AttemptState.UNREACHED, AttemptState.STARTED) else now,
    }
    if state in (AttemptState.INTENDED, AttemptState.UNREACHED):
        usual |= {"started_at": None, "valid_until": None, "provider_case_id": ""}
    if "case" not in given:
        usual["case"] = a_case(CaseState.IDENTIFYING, method_id=given.get("method_id", "postident_branch"))
    return Attempt.objects.create(state=state, **usual | given)


def a_review(**given: Any) -> Review:
    """An open review of a case that waits for it, with its result."""
    from identity.cases.models import Result

    case = given.pop("case", None) or a_case(CaseState.IN_REVIEW, method_id="postident_branch")
    attempt = given.pop("attempt", None) or an_attempt(AttemptState.SUCCEEDED, case=case)
    Result.objects.create(
        attempt=attempt,
        case=case,
        method_used=attempt.method_id,
        document_type="id_card",
        document_country="DEU",
        identified_at=timezone.now(),
        received_at=timezone.now(),
        person={"given_names": "Erika", "family_name": "Musterfrau", "birth_date": "1964-08-12", "unchecked": []},
        verdict="review",
        differences=["family_name_differs"],
    )
    usual: dict[str, Any] = {"kind": Review.Kind.DIFFERENCE, "differences": ["family_name_differs"]}
    return Review.objects.create(case=case, attempt=attempt, **usual | given)


def a_suspension(method: str = "postident_branch", **given: Any) -> Suspension:
    """An order by an administrator called test. One with an end is confirmed, or it would not end by itself."""
    usual: dict[str, Any] = {**SUSPENSION_TEXTS, "imposed_by": "test", "effective_from": timezone.now()}
    if given.get("ends_at"):
        usual |= {"confirmed_by": "another", "confirmed_at": timezone.now(), "over_at": given["ends_at"]}
    return Suspension.objects.create(method=Method.objects.get(pk=method), **usual | given)


def an_administrator() -> Actor:
    """Somebody who may steer methods."""
    return Actor(ActorKind.ADMINISTRATOR, str(an_account(is_staff=True).public_id))


def lift(suspension: Suspension, **given: Any) -> Suspension:
    """Lift an order as two administrators would."""
    draft = Lifting(suspension=suspension, evidence="Report 7", **given)
    return approve_lifting(propose_lifting(draft, actor=an_administrator()).pk, actor=an_administrator())


def a_document(**given: Any) -> DocumentFacts:
    """What a provider reads from Erika's ID card."""
    usual: dict[str, Any] = {
        "document_type": "id_card",
        "country": "DEU",
        "expires_on": date(2031, 1, 1),
        "given_names": "Erika",
        "family_name": "Mustermann",
        "birth_name": "",
        "birth_date": "1964-08-12",
        "birth_place": "Berlin",
        "nationality": "DEU",
        "address": None,
    }
    return DocumentFacts(**usual | given)


def an_identification(progress: Progress = Progress.SUCCESS, **given: Any) -> ProviderIdentification:
    usual: dict[str, Any] = {
        "method": "postident_branch",
        "identified_at": timezone.now(),
        "modified_at": timezone.now(),
        "document": a_document() if progress is Progress.SUCCESS else None,
    }
    return ProviderIdentification(progress=progress, **usual | given)


def an_answer(attempt: Attempt, *identifications: ProviderIdentification, **given: Any) -> ProviderCase:
    """What the provider says about an attempt."""
    usual: dict[str, Any] = {
        "provider_case_id": attempt.provider_case_id,
        "reference": attempt.reference,
        "valid_until": attempt.valid_until,
        "identifications": identifications,
    }
    return ProviderCase(**usual | given)


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
