"""Practice: an order tried on today's cases, with the page each person would see, and without any effect."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.accounts.models import Account
from core.audit.models import AuditEvent, AuditHead
from identity.cases.models import Attempt, IdentificationCase
from identity.cases.states import AttemptState, CaseState
from identity.providers.ports import Progress
from tests.factories import a_case, a_review, an_attempt, an_insurant
from tests.identity.workplace.conftest import Login, text_of
from tests.identity.workplace.test_preview import EID, POST_OFFICE, in_the_middle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]
ORDER = {
    "authority": "gematik",
    "order_reference": "Az. 2026-7",
    "reason": "A flaw was found.",
    "public_text_de": "Dieses Verfahren ist ausgesetzt.",
    "public_text_en": "A flaw was found in this method.",
    "public_text_plain": "Dieses Verfahren geht gerade nicht.",
    "when": "now",
    "effect": "move",
}


@pytest.fixture
def desk(browser: Login, administrator: Account) -> Client:
    return browser(administrator)


def try_out(desk: Client, method: str = POST_OFFICE, **given: Any) -> Any:
    review_on = (timezone.localdate() + timedelta(days=90)).isoformat()
    return desk.post(reverse("workplace:practice", args=[method]), ORDER | {"review_on": review_on} | given)


def in_days(days: float) -> str:
    return timezone.localtime(timezone.now() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M")


def rows() -> dict[str, int]:
    """How many rows every table of ours has; the head of the audit trail moves with its last event."""
    ours = [model for model in apps.get_models() if model._meta.app_label in ("core", "identity", "epa")]
    return {model._meta.label: model._default_manager.count() for model in ours
            if model is not AuditHead}  # fmt: skip


def states() -> list[Any]:
    cases = IdentificationCase.objects.order_by("pk").values_list("state", "end_reason", "method", "frozen_since")
    return [*cases, *Attempt.objects.order_by("pk").values_list("state", "reason", "decided_at")]


def test_the_form_says_that_nothing_happens_and_is_filled_in_already(desk: Client):
    response = desk.get(reverse("workplace:practice", args=[POST_OFFICE]))

    assert "Nothing happens to anybody" in text_of(response)
    assert response.context["form"]["authority"].value() == "Practice"


def test_what_it_would_do_is_shown(desk: Client):
    in_the_middle()
    shown = text_of(try_out(desk))

    assert "The order would meet 1 person." in shown
    assert "Another way online is open to them" in shown
    assert "Expected in post offices, people a day" in shown


def test_an_incomplete_order_is_asked_for_again(desk: Client):
    response = try_out(desk, effect="finish")

    assert response.status_code == 422
    assert "finish_until" in response.context["form"].errors


@pytest.mark.parametrize("show", ["case", "choice"])
@pytest.mark.parametrize("effect", [{}, {"effect": "freeze"}, {"effect": "finish", "finish_until": "+3"}])
@pytest.mark.parametrize("progress", [Progress.STARTED, Progress.COUPON_REQUESTED, Progress.REVIEW_PENDING])
def test_a_page_can_be_seen_in_every_stage_and_nothing_is_written(
    desk: Client, effect: dict[str, str], progress: Progress, show: str
):
    in_the_middle(progress=progress.value)
    stage = {"started": "not_begun", "coupon_requested": "at_provider"}.get(progress, "waiting")
    given = {name: in_days(3) if value == "+3" else value for name, value in effect.items()}
    before, standing = rows(), states()
    response = try_out(desk, see=stage, show=show, **given)

    assert response.status_code == 200
    assert "Nothing on it can be used" in text_of(response)
    assert states() == standing
    assert rows() == before | {"core.AuditEvent": before["core.AuditEvent"] + 1}
    assert AuditEvent.objects.latest("seq").facts["page"] == "practice"


def test_who_is_moved_reads_why_and_sees_the_way_that_is_left(desk: Client):
    in_the_middle()
    shown = text_of(try_out(desk, see="not_begun"))

    assert "Has to choose another way" in shown
    assert "Online ID card" in shown


def test_the_choice_shows_the_method_as_suspended_with_the_text_of_the_order(desk: Client):
    in_the_middle()
    shown = text_of(try_out(desk, see="not_begun", show="choice"))

    assert "Not possible at the moment" in shown
    assert "A flaw was found in this method." in shown


def test_a_result_that_waits_for_a_clerk_is_withdrawn_for_the_eyes_only(desk: Client):
    review = a_review()
    shown = text_of(try_out(desk, see="unused"))
    review.refresh_from_db()

    assert "Has to choose another way" in shown
    assert (review.state, review.case.state) == ("open", CaseState.IN_REVIEW)


def test_a_late_result_can_be_looked_at_too(desk: Client):
    an_attempt(AttemptState.LATE, case=a_case(CaseState.OFFERED, method_id=POST_OFFICE))

    assert try_out(desk, see="unused").status_code == 200


def test_the_page_names_nobody_and_leads_nowhere(desk: Client):
    attempt = in_the_middle(case={"insurant": an_insurant(given_names="Zoë", family_name="Seltenname")})
    page = try_out(desk, see="not_begun").content.decode()

    assert "Seltenname" not in page
    assert "Zoë" not in page
    assert attempt.case.insurant.kvnr not in page
    assert str(attempt.case.public_id) not in page
    assert str(attempt.pk) not in page
    assert "/vorgang/" not in page
    assert '<fieldset class="vw-practice__page" disabled>' in page


def test_the_next_person_follows_and_the_last_is_followed_by_the_first(desk: Client):
    for _ in range(2):
        in_the_middle()

    assert "(2/2)" in text_of(try_out(desk, see="not_begun", place="1"))
    assert try_out(desk, see="not_begun", place="1").context["next_place"] == 0


@pytest.mark.parametrize("given", [{"see": "elsewhere"}, {"see": "waiting"}, {"see": "not_begun", "place": "7"},
                                   {"see": "not_begun", "place": "x"}])  # fmt: skip
def test_who_is_not_there_is_not_found(desk: Client, given: dict[str, str]):
    in_the_middle()

    assert try_out(desk, **given).status_code == 404


def test_nobody_looks_at_their_own_page(desk: Client, administrator: Account):
    in_the_middle(case={"insurant": an_insurant(account=administrator)})

    assert try_out(desk, see="not_begun").status_code == 403
    assert not AuditEvent.objects.exists()


def test_who_could_begin_nothing_is_listed_in_pages(desk: Client):
    for _ in range(26):
        in_the_middle(EID, case={"end_reason": "", "insurant": an_insurant(birth_date="2015-01-01")})
    response = try_out(desk, EID, page="2")

    assert "26 people. The branch settles it with them" in text_of(response)
    assert len(response.context["preview"].page) == 1
