"""Suspending and admitting methods through the pages: what it would do, what it does, and the history."""

from __future__ import annotations

from datetime import timedelta
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
from identity.cases.states import AttemptState, CaseState
from identity.methods.choices import Purpose
from identity.methods.gate import MethodNotOffered
from identity.methods.models import Suspension
from identity.workplace.views import methods as views
from tests.factories import a_case, a_review, a_suspension, an_attempt, an_insurant, an_insurer, lift
from tests.identity.scripted import ScriptedProvider
from tests.identity.workplace.conftest import Login, audit_names, text_of

pytestmark = pytest.mark.django_db
EID, POST_OFFICE = "postident_eid", "postident_branch"
ORDER = {
    "authority": "gematik",
    "order_reference": "Az. 2026-7",
    "reason": "A flaw was found.",
    "public_text_de": "Dieses Verfahren ist ausgesetzt.",
    "public_text_en": "This method has been suspended.",
    "when": "now",
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
    assert response["Location"] == reverse("workplace:methods")

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


def test_the_effect_counts_open_cases_and_running_attempts_in_the_scope(desk: Client):
    other = an_insurer("260326822", name="Süd", region="south")
    for _ in range(2):
        an_attempt(case=a_case(CaseState.IDENTIFYING, method_id=POST_OFFICE))
    an_attempt(case=a_case(CaseState.IDENTIFYING, method_id=POST_OFFICE, insurant=an_insurant(insurer=other)))
    an_attempt(case=a_case(CaseState.IDENTIFYING, method_id=EID), method_id=EID)
    an_attempt(AttemptState.EXPIRED)
    an_attempt(AttemptState.EXPIRED, valid_until=timezone.now() - timedelta(days=60))
    an_attempt(AttemptState.LATE, case=a_case(CaseState.OFFERED, method_id=POST_OFFICE))
    a_review()
    a_case(CaseState.IDENTIFIED, method_id=POST_OFFICE)

    everywhere = post(desk).context["effect"]
    assert dict(everywhere.cases) == {"Choose a way": 0, "Under way": 5, "Being checked": 1}
    assert [count for _what, count in everywhere.attempts] == [3, 1, 1, 1]
    assert everywhere.total == 6
    south = post(desk, region="south").context["effect"]
    assert south.total == 1
    assert post(desk, purpose="pin").context["effect"].total == 0


def test_the_online_id_and_the_last_online_method_are_warned_of_in_red(desk: Client):
    effect = post(desk, EID).context["effect"]

    assert any("online ID function" in warning for warning in effect.warnings)
    assert sum("no online method left" in warning for warning in effect.warnings) == len(Purpose)
    assert "kern-alert--danger" in post(desk, EID).content.decode()
    assert len(post(desk, EID, purpose="epa").context["effect"].warnings) == 2


def test_a_method_in_person_is_no_last_online_method(desk: Client):
    assert post(desk, POST_OFFICE).context["effect"].warnings == []


def test_another_order_for_a_suspended_method_says_so(desk: Client):
    remarks = post(desk, "video_ident").context["effect"].remarks

    assert any("suspended already" in remark for remark in remarks)
    assert any("Nobody can use this method" in remark for remark in remarks)


def test_a_second_click_imposes_nothing_twice(desk: Client):
    post(desk, step="confirm")
    response = desk.post(reverse("workplace:suspend", args=[POST_OFFICE]), ORDER | {"step": "confirm"}, follow=True)

    assert "This very order is in force already." in text_of(response)
    assert orders().count() == 1


def test_an_order_ends_with_evidence_and_the_method_is_back(desk: Client, provider: ScriptedProvider):
    order = a_suspension(POST_OFFICE)
    response = desk.post(reverse("workplace:end", args=[order.pk]), {"evidence": "Report 2026-11"})
    order.refresh_from_db()

    assert response["Location"] == reverse("workplace:methods")
    assert order.evidence == "Report 2026-11"
    case = a_case()
    attempt = start_attempt(
        case.public_id, POST_OFFICE, return_url="https://x.example", actor=Actor(ActorKind.INSURANT, "i")
    )
    assert attempt.state == AttemptState.STARTED


def test_an_end_can_be_planned(desk: Client):
    order = a_suspension(POST_OFFICE)
    desk.post(reverse("workplace:end", args=[order.pk]), {"evidence": "Report", "at": in_days(3)})
    order.refresh_from_db()

    assert order.ends_at is not None
    assert order.ends_at > timezone.now() + timedelta(days=2)


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"evidence": ""}, "evidence", "Without evidence no suspension ends."),
        ({"evidence": "told by erika@example.org"}, "evidence", "Only a reference in one line"),
        ({"evidence": "two\nlines"}, "evidence", "Only a reference in one line"),
        ({"evidence": "Report", "at": "2020-01-01T10:00"}, "at", "Enter a moment in the future"),
    ],
)
def test_an_end_needs_good_evidence(desk: Client, given: dict[str, str], field: str, words: str):
    order = a_suspension(POST_OFFICE)
    response = desk.post(reverse("workplace:end", args=[order.pk]), given)
    order.refresh_from_db()

    assert response.status_code == 422
    assert words in str(response.context["form"].errors[field])
    assert order.ends_at is None


@pytest.mark.parametrize("verb", ["get", "post"])
def test_what_has_ended_cannot_end_again(desk: Client, administrator: Account, verb: str):
    order = a_suspension(POST_OFFICE)
    lift(order)
    response = getattr(desk, verb)(reverse("workplace:end", args=[order.pk]), {"evidence": "second"}, follow=True)
    order.refresh_from_db()

    assert "This suspension has ended already" in text_of(response)
    assert order.evidence == "first"


def test_a_planned_suspension_can_be_taken_back_before_it_begins(desk: Client):
    order = a_suspension(POST_OFFICE, effective_from=timezone.now() + timedelta(days=5))
    page = reverse("workplace:end", args=[order.pk])
    assert "This suspension has not begun yet" in text_of(desk.get(page))

    desk.post(page, {"evidence": "withdrawn by the authority"})
    order.refresh_from_db()
    assert order.ends_at == order.effective_from


def test_the_table_shows_every_method_and_what_stops_it(desk: Client):
    shown = text_of(desk.get(reverse("workplace:methods")))

    for words in ("Video call (Video-Ident)", "Suspended", "gematik, 9. August 2022", "Online ID card", "everywhere"):
        assert words in shown


def test_the_history_tells_who_when_and_on_what_evidence(desk: Client, administrator: Account):
    post(desk, step="confirm", purpose="epa")
    order = orders().get()
    desk.post(reverse("workplace:end", args=[order.pk]), {"evidence": "Report 12"})
    shown = text_of(desk.get(reverse("workplace:history")))

    for words in (
        administrator.email,
        "Az. 2026-7",
        "A flaw was found.",
        "Report 12",
        "Access to the electronic",
        "system",
    ):
        assert words in shown
