"""Demo data: insurers, insured people and the log-ins that script/server prints. Twice changes nothing."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils import timezone

from core.accounts.models import Account
from core.encryption import lookup_candidates
from identity.members.demo import KNOWN_PERSON, SOME_JOURNEYS, journey_people, known_people, load_demo
from identity.members.models import Insurant

PASSWORD = "vorweis-demo-2026"  # noqa: S105  (printed at every start, for data that are not real)
STAFF = {
    "clerk": ("sachbearbeitung@vorweis.example", "clerks"),
    "second_clerk": ("sachbearbeitung2@vorweis.example", "clerks"),
    "administrator": ("verwaltung@vorweis.example", "administrators"),
    "second_administrator": ("verwaltung2@vorweis.example", "administrators"),
}
INSURANT = "erika@vorweis.example"
GROUPS = {
    "clerks": ["decide_reviews", "work_inbox_desk"],
    "administrators": ["steer_methods", "work_inbox_desk", "retry_accesses"],
}


def load_demo_data(count: int = 200) -> dict[str, str]:
    """Create what is missing and return what to print: log-ins and the known person's numbers."""
    if not _people_are_there(count):
        load_demo(count)
    groups = {name: make_group(name) for name in GROUPS}
    shown = {"password": PASSWORD, "insurant": INSURANT}
    make_account(INSURANT)
    for role, (email, group) in STAFF.items():
        make_account(email, group=groups[group])
        shown[role] = email
    person = KNOWN_PERSON
    return {**shown, "kvnr": person.kvnr, "born": person.birth_date, "digits": person.card_last6}


def _people_are_there(count: int) -> bool:
    """Asked first, because an import leaves an event in the audit trail also when it changes nothing."""
    named = [*known_people(timezone.localdate()), *journey_people(SOME_JOURNEYS)]
    hashes = [each for person in named for each in lookup_candidates("kvnr", person.kvnr)]
    known = Insurant.objects.filter(kvnr_hash__in=hashes).count()
    return known == len(named) and Insurant.objects.count() >= len(named) + count


def make_group(name: str) -> Group:
    """Return a group of staff with its rights."""
    group, _ = Group.objects.get_or_create(name=name)
    group.permissions.set(Permission.objects.filter(codename__in=GROUPS[name]))
    return group


@transaction.atomic
def make_account(email: str, *, group: Group | None = None) -> Account:
    """Return an account with the demo password and a verified address."""
    account = Account.objects.filter(email=email).first()
    if account is None:
        account = Account.objects.create_user(email, PASSWORD)
    if account.is_staff != (group is not None):
        account.is_staff = group is not None
        account.save(update_fields=["is_staff"])
    if group:
        account.groups.add(group)
    EmailAddress.objects.get_or_create(user=account, email=email, defaults={"primary": True, "verified": True})
    return account
