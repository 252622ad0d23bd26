"""The time line as a file: for its own person, in plain words, with nothing that stays inside."""

import csv
import io
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import audit
from core.accounts.models import Account
from core.actors import SYSTEM, Actor, ActorKind
from identity.cases.models import IdentificationCase
from identity.cases.services import declare, open_case
from identity.cases.states import AttemptState, CaseState
from identity.members.models import Insurant
from identity.methods.choices import Purpose
from tests.factories import a_case, an_account, an_attempt

pytestmark = pytest.mark.django_db
HEAD = ["Date and time", "What has happened", "Reason", "By whom"]


@pytest.fixture
def case(insurant: Insurant) -> IdentificationCase:
    """A case that a clerk has looked at, and whose identification failed."""
    case = a_case(CaseState.CHOOSING, insurant=insurant)
    attempt = an_attempt(AttemptState.FAILED, case=case)
    clerk = Actor(ActorKind.CLERK, "00000000-0000-4000-8000-00000000c1e7")
    audit.record("identity.case.viewed", case, actor=clerk, page="case")
    audit.record("identity.attempt.failed", attempt, actor=SYSTEM, method="postident_branch", reason="card_expired")
    audit.record("identity.result.received", attempt, actor=SYSTEM, differences=["family_name_differs"])
    return case


def download(client: Client, case_id: uuid.UUID):
    return client.get(reverse("identity:history", args=[case_id]))


def table(page) -> list[list[str]]:
    return list(csv.reader(io.StringIO(page.content.decode("utf-8-sig")), delimiter=";"))


def test_a_person_keeps_a_table_of_who_looked_and_what_happened(member: Client, case: IdentificationCase):
    head, *rows = table(download(member, case.public_id))

    assert head == HEAD
    assert [row[1:] for row in rows] == [
        ["Our staff looked at your application", "", "Our staff"],
        ["Not successful: In a post office", "Your ID card has expired", "Automatically"],
        ["Result received", "", "Automatically"],
    ]
    assert all(row[0].startswith(str(timezone.localdate().year)) for row in rows)


def test_the_table_speaks_the_language_of_the_page(member: Client, case: IdentificationCase):
    member.post(reverse("identity:language"), {"language": "de"})

    head, *rows = table(download(member, case.public_id))

    assert head == ["Datum und Uhrzeit", "Das ist bisher passiert", "Grund", "Durch wen"]
    assert rows[0][3] == "Ihre Krankenkasse"


def test_what_stays_inside_stays_out_of_the_file(member: Client, case: IdentificationCase, insurant: Insurant):
    text = download(member, case.public_id).content.decode()

    for inside in ("differs", "c1e7", insurant.kvnr, insurant.family_name, str(case.public_id)):
        assert inside not in text


def test_what_is_still_to_come_has_not_happened(member: Client, insurant: Insurant, account: Account):
    actor = Actor(ActorKind.INSURANT, str(account.public_id))
    case = open_case(insurant, Purpose.EPA, actor=actor)
    declare(case.public_id, actor=actor)

    rows = table(download(member, case.public_id))[1:]

    assert [row[1] for row in rows] == ["Application begun", "Application checked and sent"]


def test_the_file_has_a_name_without_a_person_and_is_kept_by_no_cache(member: Client, case: IdentificationCase):
    page = download(member, case.public_id)

    assert page["Content-Type"] == "text/csv; charset=utf-8"
    assert page["Content-Disposition"] == 'attachment; filename="verlauf.csv"'
    assert {"no-store", "private"} <= {part.strip() for part in page["Cache-Control"].split(",")}


def test_the_file_takes_few_queries(member: Client, case: IdentificationCase, at_most_queries):
    with at_most_queries(10):
        download(member, case.public_id)


def test_for_another_person_and_for_staff_there_is_no_such_file(
    stranger: Client, browser, case: IdentificationCase, insurant: Insurant
):
    staff = browser(an_account(is_staff=True, is_superuser=True))

    for client in (stranger, staff):
        page = download(client, case.public_id)
        assert page.status_code == 404
        assert b"Our staff looked" not in page.content


def test_nobody_is_asked_to_log_in(nobody: Client, case: IdentificationCase):
    page = download(nobody, case.public_id)

    assert page.status_code == 302
    assert page["Location"].startswith(reverse("account_login"))


def test_the_page_of_the_case_leads_to_the_file(member: Client, case: IdentificationCase):
    page = member.get(reverse("identity:case", args=[case.public_id]))

    assert reverse("identity:history", args=[case.public_id]) in page.text
