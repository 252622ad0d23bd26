"""Who comes in: nobody, insured people and staff without the right stay outside, at every address."""

from __future__ import annotations

import uuid

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from core.accounts.models import Account
from core.actors import ActorKind
from core.audit.models import AuditEvent
from identity.workplace import urls
from identity.workplace.access import INBOX, METHODS, REVIEWS, actor_of
from tests.factories import a_case, a_review, a_suspension, an_account, an_insurant
from tests.identity.callbacks.conftest import an_entry
from tests.identity.campaigns.rows import a_campaign
from tests.identity.workplace.conftest import (
    Login,
    a_clerk,
    a_proposal,
    an_administrator,
    audit_names,
    staff_with,
    text_of,
)

pytestmark = pytest.mark.django_db

ADDRESSES = {
    "overview": (REVIEWS, INBOX, METHODS),
    "reviews": (REVIEWS,),
    "review": (REVIEWS,),
    "cases": (REVIEWS, INBOX),
    "case": (REVIEWS, INBOX),
    "inbox": (INBOX,),
    "entry": (INBOX,),
    "retry": (INBOX,),
    "methods": (METHODS,),
    "feedback": (METHODS,),
    "history": (METHODS,),
    "history_csv": (METHODS,),
    "history_json": (METHODS,),
    "history_print": (METHODS,),
    "suspend": (METHODS,),
    "practice": (METHODS,),
    "room": (METHODS,),
    "order": (METHODS,),
    "order_json": (METHODS,),
    "confirm": (METHODS,),
    "undo": (METHODS,),
    "lift": (METHODS,),
    "approve": (METHODS,),
    "withdraw": (METHODS,),
    "quarantine": (REVIEWS, METHODS),
    "campaigns": (METHODS,),
    "campaign_new": (METHODS,),
    "campaign": (METHODS,),
    "campaign_confirm": (METHODS,),
    "campaign_stop": (METHODS,),
    "campaign_except": (METHODS,),
    "audit": (METHODS,),
}
BY_POST = {"retry", "confirm", "undo", "approve", "withdraw", "campaign_confirm", "campaign_stop", "campaign_except"}
BARE = ("overview", "reviews", "cases", "inbox", "methods", "room", "history", "audit")


def address(name: str) -> str:
    """The address of a page whose object exists."""
    match name:
        case "review":
            return reverse("workplace:review", args=[a_review().pk])
        case "case":
            return reverse("workplace:case", args=[a_case().public_id])
        case "entry" | "retry":
            return reverse(f"workplace:{name}", args=[an_entry("for_person").pk])  # type: ignore[arg-type]
        case "suspend" | "practice":
            return reverse(f"workplace:{name}", args=["postident_eid"])
        case "order" | "order_json" | "confirm" | "undo" | "lift":
            return reverse(f"workplace:{name}", args=[a_suspension().pk])
        case "campaign" | "campaign_confirm" | "campaign_stop" | "campaign_except":
            return reverse(f"workplace:{name}", args=[a_campaign().pk])
        case "approve" | "withdraw":
            return reverse(f"workplace:{name}", args=[a_proposal().pk])
    return reverse(f"workplace:{name}")


def test_every_address_says_whom_it_lets_in():
    found = {pattern.name: getattr(pattern.callback, "permissions", None) for pattern in urls.urlpatterns}

    assert found == ADDRESSES


@pytest.mark.parametrize("name", ADDRESSES)
def test_nobody_is_sent_to_the_log_in(browser: Login, name: str):
    response = browser(None).get(address(name))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_insured_person_stays_outside(browser: Login, name: str, method: str):
    insurant = an_insurant()

    assert getattr(browser(insurant.account), method)(address(name)).status_code == 403


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_staff_without_the_right_stay_outside(browser: Login, name: str, method: str):
    others = {REVIEWS, INBOX, METHODS} - set(ADDRESSES[name])
    somebody = staff_with(*(permission.removeprefix("identity.") for permission in others))

    assert getattr(browser(somebody), method)(address(name)).status_code == 403


@pytest.mark.parametrize("name", ADDRESSES)
def test_the_right_without_working_here_is_not_enough(browser: Login, name: str):
    former = staff_with("decide_reviews", "work_inbox_desk", "steer_methods")
    Account.objects.filter(pk=former.pk).update(is_staff=False)

    assert browser(former).get(address(name)).status_code == 403


def test_who_is_refused_has_seen_nothing_and_leaves_no_look(browser: Login):
    browser(an_account()).get(address("case"))

    assert "identity.case.viewed" not in audit_names()


@pytest.mark.parametrize("name", sorted(set(ADDRESSES) - BY_POST))
def test_the_right_person_sees_the_page_and_no_browser_keeps_it(browser: Login, name: str):
    somebody = staff_with(*(permission.removeprefix("identity.") for permission in ADDRESSES[name]))
    response = browser(somebody).get(address(name))

    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("name", ADDRESSES)
def test_staff_without_a_second_factor_are_sent_to_set_one_up(browser: Login, settings, name: str):
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    somebody = staff_with("decide_reviews", "work_inbox_desk", "steer_methods")
    response = browser(somebody).get(address(name), follow=True)

    assert response.redirect_chain == [(reverse("mfa_index"), 302)]
    assert "Please set up a second factor first" in text_of(response)


def test_recovery_codes_alone_are_no_second_factor(browser: Login, settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    clerk = a_clerk()
    Authenticator.objects.create(user=clerk, type=Authenticator.Type.RECOVERY_CODES, data={})

    assert browser(clerk).get(address("reviews")).status_code == 302


@pytest.mark.parametrize("kind", [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])
def test_staff_with_a_second_factor_come_in(browser: Login, settings, kind: str):
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    clerk = a_clerk()
    Authenticator.objects.create(user=clerk, type=kind, data={})

    assert browser(clerk).get(address("reviews")).status_code == 200


def test_a_missing_setting_means_that_a_second_factor_is_needed(browser: Login, settings):
    del settings.STAFF_NEEDS_SECOND_FACTOR

    assert browser(a_clerk()).get(address("reviews")).status_code == 302


def test_nobody_looks_at_their_own_case(browser: Login):
    clerk = a_clerk()
    own = a_case(insurant=an_insurant(account=clerk))
    response = browser(clerk).get(reverse("workplace:case", args=[own.public_id]))

    assert response.status_code == 403
    assert "This case is about yourself" in text_of(response)
    assert "identity.case.viewed" not in audit_names()


def test_what_is_not_there_is_not_found(browser: Login):
    client = browser(staff_with("decide_reviews", "work_inbox_desk", "steer_methods"))

    assert client.get(reverse("workplace:case", args=[uuid.uuid4()])).status_code == 404
    assert client.get(reverse("workplace:review", args=[uuid.uuid4()])).status_code == 404
    assert client.get(reverse("workplace:entry", args=[4711])).status_code == 404
    assert client.post(reverse("workplace:retry", args=[4711])).status_code == 404
    assert client.get(reverse("workplace:suspend", args=["carrier_pigeon"])).status_code == 404
    for name in ("order", "order_json", "lift"):
        assert client.get(reverse(f"workplace:{name}", args=[4711])).status_code == 404
    for name in ("confirm", "undo", "lift", "approve", "withdraw"):
        assert client.post(reverse(f"workplace:{name}", args=[4711])).status_code == 404
    assert not AuditEvent.objects.exists()


def test_the_navigation_offers_only_what_opens(browser: Login):
    clerk_page = browser(a_clerk()).get(address("overview")).content.decode()
    administrator_page = browser(an_administrator()).get(address("overview")).content.decode()

    for name in BARE:
        shown = f'href="{reverse(f"workplace:{name}")}"'
        assert (shown in clerk_page) == (name in ("overview", "reviews", "cases", "inbox"))
        assert (shown in administrator_page) == (name in ("overview", "cases", "inbox", "methods", "room", "audit"))


@pytest.mark.parametrize("name", sorted(BY_POST))
def test_what_changes_something_is_never_a_link(browser: Login, name: str):
    everything = staff_with("decide_reviews", "work_inbox_desk", "steer_methods")

    assert browser(everything).get(address(name)).status_code == 405


def test_there_is_no_other_door_to_orders_than_these_pages():
    assert not apps.is_installed("django.contrib.admin")


def test_who_may_steer_methods_acts_as_an_administrator():
    clerk, administrator = a_clerk(), an_administrator()

    assert (actor_of(clerk).kind, actor_of(clerk).reference) == (ActorKind.CLERK, str(clerk.public_id))
    assert actor_of(administrator).kind is ActorKind.ADMINISTRATOR


def test_the_right_may_come_from_a_group(browser: Login):
    clerk, group = staff_with(), Group.objects.create(name="Desk")
    group.permissions.set(Permission.objects.filter(codename="decide_reviews"))
    assert browser(clerk).get(address("reviews")).status_code == 403

    clerk.groups.add(group)
    assert browser(clerk).get(address("reviews")).status_code == 200
    assert browser(clerk).get(address("methods")).status_code == 403
