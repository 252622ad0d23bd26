"""Who is reminded of what, how often, and when it stops."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from core.accounts.models import Account
from core.actors import Actor, ActorKind
from core.models import OutgoingMessage
from core.outbox.render import render
from identity import tasks
from identity.methods.models import Suspension
from identity.methods.reminders import administrators
from identity.methods.seeds import SUSPENSION_TEXTS
from identity.methods.services import confirm_suspension, impose_suspension, undo_suspension
from tests.factories import an_account, lift

pytestmark = pytest.mark.django_db
UNCONFIRMED, REVIEW = "identity/order_unconfirmed", "identity/order_review_due"
remind = tasks.remind_administrators


@pytest.fixture(autouse=True)
def _seeds_are_not_due() -> None:
    assert Suspension.objects.filter(confirmed_by="").count() == 2  # came with the installation


def who_steers(**given: Any) -> Account:
    account = an_account(is_staff=True, **given)
    account.user_permissions.add(Permission.objects.get(codename="steer_methods"))
    return account


def as_actor(account: Account) -> Actor:
    return Actor(ActorKind.ADMINISTRATOR, str(account.public_id))


def imposed(by: Account, **given: Any) -> Suspension:
    draft = Suspension(method_id="postident_branch", **SUSPENSION_TEXTS | given)
    return impose_suspension(draft, actor=as_actor(by))


def told(template: str = UNCONFIRMED) -> Counter[str]:
    return Counter(message.recipient for message in OutgoingMessage.objects.filter(template=template))


def test_all_who_may_confirm_are_reminded_at_once_and_then_every_four_hours(time_machine):
    author, second, third = who_steers(), who_steers(), who_steers()
    begun = timezone.now()
    time_machine.move_to(begun)
    imposed(author)
    for _ in range(3):
        remind()
    assert told() == {second.email: 1, third.email: 1}
    time_machine.move_to(begun + timedelta(hours=3, minutes=59))
    remind()
    assert told() == {second.email: 1, third.email: 1}
    time_machine.move_to(begun + timedelta(hours=4, minutes=1))
    remind()
    remind()
    assert told() == {second.email: 2, third.email: 2}


def test_after_an_outage_one_mail_goes_out_and_not_all_that_were_missed(time_machine):
    author, second = who_steers(), who_steers()
    begun = timezone.now()
    imposed(author)
    time_machine.move_to(begun + timedelta(days=2))
    remind()
    assert told() == {second.email: 1}


@pytest.mark.parametrize("end", ["confirmed", "undone", "lifted"])
def test_it_stops_when_the_order_needs_no_second_person_any_more(time_machine, end):
    author, second = who_steers(), who_steers()
    begun = timezone.now()
    order = imposed(author)
    remind()
    ending = {
        "confirmed": lambda: confirm_suspension(order.pk, actor=as_actor(second)),
        "undone": lambda: undo_suspension(order.pk, actor=as_actor(second)),
        "lifted": lambda: lift(order),
    }
    ending[end]()
    time_machine.move_to(begun + timedelta(days=1))
    remind()
    assert told() == {second.email: 1}


def test_who_has_imposed_it_is_reminded_only_if_there_is_nobody_else():
    author = who_steers()
    imposed(author)
    remind()
    assert told() == {author.email: 1}


def test_a_second_account_of_the_author_is_no_second_person():
    author, second = who_steers(), who_steers()
    who_steers(same_person_as=author)
    imposed(author)
    remind()
    assert told() == {second.email: 1}


def test_administrators_are_active_staff_with_the_right_by_themselves_or_by_a_group():
    by_right, by_group, everything = who_steers(), an_account(is_staff=True), an_account(is_staff=True)
    group = Group.objects.create(name="steering")
    group.permissions.add(Permission.objects.get(codename="steer_methods"))
    by_group.groups.add(group)
    by_right.groups.add(group)
    everything.is_superuser = True
    everything.save()
    who_steers(is_active=False)
    an_account(is_staff=True)
    nobody = an_account()
    nobody.user_permissions.add(Permission.objects.get(codename="steer_methods"))
    assert administrators() == [by_right, by_group, everything]


def test_what_came_with_the_installation_nags_nobody():
    who_steers()
    remind()
    assert told() == {}


def test_a_review_date_is_told_once_to_everybody(time_machine):
    author, second = who_steers(), who_steers()
    order = imposed(author, review_on=timezone.localdate() + timedelta(days=7))
    confirm_suspension(order.pk, actor=as_actor(second))
    remind()
    assert told(REVIEW) == {}
    for days in (7, 8, 30):
        time_machine.move_to(timezone.now() + timedelta(days=days))
        remind()
    assert told(REVIEW) == {author.email: 1, second.email: 1}


def test_a_lifted_order_needs_no_review(time_machine):
    author = who_steers()
    lift(imposed(author, review_on=timezone.localdate() + timedelta(days=7)))
    time_machine.move_to(timezone.now() + timedelta(days=8))
    remind()
    assert told(REVIEW) == {}


@pytest.mark.parametrize("template", [UNCONFIRMED, REVIEW])
@pytest.mark.parametrize(("language", "word"), [("de", "Aussetz"), ("en", "uspen")])
def test_the_mail_says_what_it_is_about_and_leads_to_the_page(template, language, word):
    author = who_steers()
    who_steers(language=language)
    imposed(author, review_on=timezone.localdate())
    remind()
    message = OutgoingMessage.objects.filter(template=template, language=language).latest("pk")
    subject, text, html = render(template, message.context, language)
    for body in (text, html):
        assert "gematik, 9. August 2022" in body
        assert "/arbeitsplatz/verfahren/" in body
        assert word in body
    assert "post" in subject.lower()
