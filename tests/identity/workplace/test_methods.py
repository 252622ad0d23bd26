"""Suspending methods through the pages: what is asked, what it would do, and what it does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.accounts.models import Account
from core.actors import Actor, ActorKind
from core.audit.models import AuditEvent
from identity.cases.services import start_attempt
from identity.cases.states import CaseState
from identity.methods.choices import Purpose
from identity.methods.gate import MethodNotOffered
from identity.methods.models import Suspension
from identity.workplace.views import methods as views
from tests.factories import a_case, an_attempt, an_insurant, an_insurer
from tests.identity.scripted import ScriptedProvider
from tests.identity.workplace.conftest import Login, audit_names, text_of

pytestmark = pytest.mark.django_db
EID, POST_OFFICE = "postident_eid", "postident_branch"
ORDER = {
    "authority": "gematik",
    "order_reference": "Az. 2026-7",
    "reason": "A flaw was found.",
    "public_text_de": "Dieses Verfahren ist ausgesetzt.",
    "public_text_plain": "Dieses Verfahren geht im Moment nicht.",
    "public_text_en": "This method has been suspended.",
    "when": "now",
    "review_on": "2099-01-01",
    "effect": "move",
}


@pytest.fixture
def desk(browser: Login, administrator: Account) -> Client:
    return browser(administrator)


def post(desk: Client, method: str = POST_OFFICE, **given: str) -> Any:
    return desk.post(reverse("workplace:suspend", args=[method]), ORDER | given)


def in_days(days: float) -> str:
    return timezone.localtime(timezone.now() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M")


def orders() -> Any:
    return Suspension.objects.exclude(imposed_by="system")


def test_the_first_post_shows_what_it_would_do_and_suspends_nothing(desk: Client):
    shown = text_of(post(desk))

    assert "What this suspension would do" in shown
    assert "Az. 2026-7" in shown
    assert not orders().exists()


def test_a_suspension_through_the_page_stops_the_next_start(
    desk: Client, administrator: Account, provider: ScriptedProvider
):
    response = post(desk, step="confirm")
    assert response["Location"] == reverse("workplace:order", args=[orders().get().pk])

    with pytest.raises(MethodNotOffered):
        start_attempt(
            a_case().public_id, POST_OFFICE, return_url="https://x.example", actor=Actor(ActorKind.INSURANT, "i")
        )
    order = orders().get()
    assert (order.authority, order.imposed_by) == ("gematik", str(administrator.public_id))
    assert not order.earlier_results_count
    event = AuditEvent.objects.get(name="identity.suspension.imposed")
    assert (event.actor_kind, event.facts["order_reference"]) == (ActorKind.ADMINISTRATOR, "Az. 2026-7")
    assert provider.orders == []


def test_the_confirmation_carries_all_that_was_typed(desk: Client):
    insurer = an_insurer()
    given = {
        "link": "https://www.gematik.de/order/7", "legal_basis": "SGB V § 311", "effect": "finish",
        "finish_until": in_days(5), "review_on": "2098-12-24", "public_text_plain": "Das geht nicht.",
        "when": "planned", "effective_from": in_days(2), "ends_at": in_days(9), "earlier_results_count": "on",
        "provider": "postident", "purpose": "epa", "insurer": str(insurer.pk), "region": "north",
    }  # fmt: skip
    page = post(desk, **given)
    hidden = {field.html_name: field.value() for field in page.context["form"]}
    desk.post(
        reverse("workplace:suspend", args=[POST_OFFICE]),
        {name: str(value) for name, value in hidden.items() if value is not None} | {"step": "confirm"},
    )
    order = orders().get()

    assert (order.provider, order.purpose, order.insurer, order.region) == ("postident", "epa", insurer, "north")
    assert order.earlier_results_count
    assert order.effective_from > timezone.now() + timedelta(days=1)
    assert order.ends_at is not None
    assert order.ends_at > timezone.now() + timedelta(days=8)
    assert (order.link, order.legal_basis) == ("https://www.gematik.de/order/7", "SGB V § 311")
    assert (order.effect, order.review_on, order.public_text_plain) == ("finish", date(2098, 12, 24), "Das geht nicht.")
    assert order.finish_until is not None
    assert order.finish_until > timezone.now() + timedelta(days=4)
    assert "Planned" in text_of(desk.get(reverse("workplace:methods")))


def test_a_change_brings_back_what_was_typed_without_errors(desk: Client):
    response = post(desk, step="change", reason="Another reason, typed with care.", authority="")

    assert "Another reason, typed with care." in response.content.decode()
    assert response.status_code == 200
    assert not orders().exists()


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"authority": ""}, "authority", "This field is required."),
        ({"public_text_de": " "}, "public_text_de", "This field is required."),
        ({"public_text_en": ""}, "public_text_en", "This field is required."),
        ({"when": ""}, "when", "Choose from when it applies."),
        ({"when": "planned"}, "effective_from", "Enter a moment in the future"),
        ({"when": "planned", "effective_from": "2020-01-01T10:00"}, "effective_from", "Enter a moment in the future"),
        ({"when": "planned", "effective_from": "soon"}, "effective_from", "Enter a day and a time."),
        ({"ends_at": "2020-01-01T10:00"}, "ends_at", "The end must be after the start."),
        ({"purpose": "holiday"}, "purpose", "Select a valid choice."),
        ({"provider": "somebody_else"}, "provider", "Select a valid choice."),
        ({"region": "atlantis"}, "region", "Select a valid choice."),
        ({"public_text_plain": ""}, "public_text_plain", "This field is required."),
        ({"review_on": ""}, "review_on", "Enter the day on which somebody looks at the suspension again."),
        ({"review_on": "2020-01-01"}, "review_on", "Enter a day in the future."),
        ({"review_on": "soon"}, "review_on", "Enter a day."),
        ({"link": "on paper"}, "link", "Enter a web address that begins with https://."),
        ({"effect": ""}, "effect", "Choose what happens to people who have begun already."),
        ({"effect": "finish"}, "finish_until", "Enter until when they may finish."),
        ({"effect": "finish", "finish_until": "later"}, "finish_until", "Enter a day and a time."),
        ({"effect": "finish", "finish_until": "2020-01-01T10:00"}, "finish_until", "Enter a moment after the start."),
        ({"effect": "void"}, "void_since", "Enter since when identifications are withdrawn."),
        ({"effect": "void", "void_since": "2099-01-01T10:00"}, "void_since", "Enter a moment before the start."),
        ({"authority": "x" * 101}, "authority", "at most 100 characters"),
        ({"order_reference": "letter to erika@example.org"}, "order_reference", "Only a reference in one line"),
        ({"order_reference": "about X110411675"}, "order_reference", "Only a reference in one line"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(desk: Client, given: dict[str, str], field: str, words: str):
    response = post(desk, **given, step="confirm")

    assert response.status_code == 422
    assert words in str(response.context["form"].errors[field])
    assert f'href="#id_{field}' in response.content.decode()
    assert not orders().exists()
    assert audit_names() == []


def test_an_insurer_of_another_region_would_stop_nobody(desk: Client):
    an_insurer("260326822", name="Süd", region="south")
    response = post(desk, insurer=str(an_insurer().pk), region="south")

    assert "This insurer is in another region." in text_of(response)


def test_what_only_the_service_finds_is_shown_at_the_field_too(desk: Client, monkeypatch: pytest.MonkeyPatch):
    def picky(*args: Any, **kwargs: Any) -> None:
        raise ValidationError({"ends_at": ["Too long ago."], "imposed_by": ["Unknown."]})

    monkeypatch.setattr(views, "impose_suspension", picky)
    response = post(desk, step="confirm")

    assert response.context["form"].errors == {"ends_at": ["Too long ago."], "__all__": ["Unknown."]}


def test_the_preview_counts_whom_the_order_would_meet(desk: Client):
    other = an_insurer("260326822", name="Süd", region="south")
    an_attempt(case=a_case(CaseState.IDENTIFYING, method_id=POST_OFFICE))
    an_attempt(case=a_case(CaseState.IDENTIFYING, method_id=POST_OFFICE, insurant=an_insurant(insurer=other)))
    an_attempt(case=a_case(CaseState.IDENTIFYING, method_id=EID), method_id=EID)

    assert post(desk).context["preview"].people == 2
    assert post(desk, region="south").context["preview"].people == 1
    assert "The order would meet 2 people." in text_of(post(desk))


def test_a_moment_typed_at_another_answer_does_not_count(desk: Client):
    post(desk, step="confirm", effect="freeze", finish_until=in_days(3), void_since="nonsense")
    order = orders().get()

    assert (order.effect, order.finish_until, order.void_since) == ("freeze", None, None)


def test_the_day_to_look_again_is_half_a_year_away_unless_told_otherwise(desk: Client, time_machine: Any):
    time_machine.move_to("2026-08-31T12:00:00+00:00")
    form = desk.get(reverse("workplace:suspend", args=[POST_OFFICE])).context["form"]

    assert form["review_on"].value() == date(2027, 2, 28)


def test_every_effect_is_explained_and_two_of_them_ask_for_a_moment(desk: Client):
    answers = desk.get(reverse("workplace:suspend", args=[POST_OFFICE])).context["form"].effect_answers

    assert all(answer["hint"] for answer in answers)
    asked = {answer["radio"].data["value"]: [field.name for field in answer["fields"]] for answer in answers}
    assert asked == {"move": [], "freeze": [], "finish": ["finish_until"], "void": ["void_since"]}


def test_the_last_door_is_warned_of_in_red_and_asks_why(desk: Client):
    response = post(desk, EID)

    assert response.context["preview"].doors.closes_online_id
    assert response.context["preview"].doors.purposes == tuple(Purpose)
    assert "kern-alert--danger" in response.content.decode()
    assert '<textarea name="last_door_reason"' in response.content.decode()
    assert post(desk, EID, purpose="epa").context["preview"].doors.purposes == (Purpose.EPA,)


def test_the_last_door_does_not_close_without_a_reason(desk: Client):
    response = post(desk, EID, step="confirm", reason="Typed with care.")

    assert response.status_code == 422
    assert "Please give a reason for that." in str(response.context["form"].errors["last_door_reason"])
    assert "kern-alert--danger" in response.content.decode()
    assert "online ID function" in text_of(response)
    assert "Typed with care." in response.content.decode()
    assert not orders().exists()


def test_the_last_door_closes_with_a_reason(desk: Client):
    post(desk, EID, step="confirm", last_door_reason="The order leaves no choice.")

    assert orders().get().last_door_reason == "The order leaves no choice."


def test_a_method_in_person_is_no_last_online_method(desk: Client):
    response = post(desk, POST_OFFICE)

    assert not response.context["preview"].doors
    assert '<textarea name="last_door_reason"' not in response.content.decode()


def test_another_order_for_a_suspended_method_says_so(desk: Client):
    assert "This method is suspended already" in text_of(post(desk, "video_ident"))
    assert "This method is suspended already" not in text_of(post(desk))


def test_a_second_click_imposes_nothing_twice(desk: Client):
    post(desk, step="confirm")
    response = desk.post(reverse("workplace:suspend", args=[POST_OFFICE]), ORDER | {"step": "confirm"}, follow=True)

    assert "This very order is in force already." in text_of(response)
    assert orders().count() == 1


def test_the_table_shows_every_method_and_what_stops_it(desk: Client):
    shown = text_of(desk.get(reverse("workplace:methods")))

    for words in ("Video call (Video-Ident)", "Suspended", "gematik, 9. August 2022", "Online ID card", "everywhere"):
        assert words in shown


def test_an_order_that_nobody_has_confirmed_is_shown_above_the_table(desk: Client):
    post(desk, step="confirm")
    shown = text_of(desk.get(reverse("workplace:methods")))

    assert "1 suspension waits for a second person" in shown
    assert "Not confirmed yet" in shown
