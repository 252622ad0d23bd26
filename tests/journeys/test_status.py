"""The public status page under orders in force, planned and taken back, with long texts; and what readers say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from identity.methods.choices import Effect
from identity.methods.models import Suspension
from identity.methods.seeds import SUSPENSION_TEXTS
from identity.methods.services import impose_suspension, undo_suspension
from identity.status.models import StatusFeedback
from tests.factories import an_administrator, lift
from tests.journeys.insured import Insured
from tests.journeys.visitor import Visitor

LONG = (
    "Die gematik hat allen gesetzlichen Krankenkassen mit sofortiger Wirkung untersagt, dieses Verfahren für die "
    "Ausgabe von Identifizierungsmitteln in der Telematikinfrastruktur zu nutzen, weil sich Teile mehrerer "
    "Ausweisdokumente im Bild zu einem einzigen zusammensetzen ließen. Eine Wiederzulassung setzt einen konkreten "
    "Nachweis voraus, dass solche Angriffe nicht mehr möglich sind. Bestehende Zugänge zur ePA sind nicht betroffen. "
)
REFERENCE = "Anordnung_mit_einem_sehr_langen_Aktenzeichen_ohne_jede_Trennung_2026-11-24_Az.4711-0815"


def _order(method: str, **given: Any) -> Suspension:
    texts = {**SUSPENSION_TEXTS, "order_reference": REFERENCE, "public_text_de": LONG * 2}
    draft = Suspension(method_id=method, **{**texts, "last_door_reason": "Probe", **given})
    return impose_suspension(draft, actor=an_administrator())


@pytest.fixture
def orders(world: object) -> Iterator[list[Suspension]]:
    """Online suspended for the PIN, the post office planned to be, the branch taken back; all lifted afterwards."""
    now = timezone.now()
    undone = _order("insurer_branch")
    undo_suspension(undone.pk, actor=an_administrator())
    standing = [
        _order("postident_eid", purpose="pin", effect=Effect.FREEZE),
        _order("postident_branch", effective_from=now + timedelta(days=3), effect=Effect.FINISH,
               finish_until=now + timedelta(days=5)),
    ]  # fmt: skip
    yield standing
    for order in standing:
        lift(order)


@pytest.fixture
def guest(visit: Callable[..., Any]) -> Visitor:
    visitor: Visitor = visit(Visitor)
    return visitor


def test_everybody_reads_the_status_in_three_languages(guest: Visitor, orders: list[Suspension]):
    guest.open("/status/")
    guest.look("status")
    assert "Online-Ausweis: ausgesetzt seit" in guest.text()
    assert "In einer Postfiliale: ausgesetzt ab" in guest.text()
    assert "In unserer Geschäftsstelle: Aussetzung zurückgenommen" in guest.text()
    guest.open("/status/einfach/")
    guest.look("status-plain")
    assert "Sie behalten Ihren Zugang." in guest.text()
    guest.open("/")
    guest.look("start-with-banner")
    assert "Einige Verfahren sind ausgesetzt oder werden es bald" in guest.text()
    guest.open("/status/")
    guest.follow("header button[value=en]")
    guest.look("status-english")
    assert "Online ID card: suspended since" in guest.text()


def test_a_person_meets_the_banner_where_it_matters(insured: Insured, orders: list[Suspension]):
    insured.apply()
    insured.look("choice-with-banner")
    assert "In einer Postfiliale: ausgesetzt ab" in insured.text()
    insured.open("/uebersicht/")
    insured.look("overview-with-banner")
    insured.open(insured.case_path)
    insured.look("case-with-banner")
    assert "In einer Postfiliale: ausgesetzt ab" in insured.text()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_reader_says_what_was_missing_and_an_administrator_reads_it(
    visit: Callable[..., Any], staff: Callable[[str], Visitor], scripts: bool
):
    reader: Visitor = visit(Visitor, scripts=scripts)
    reader.open("/status/")
    reader.send(text="Die Telefonnummer war schwer zu finden.", helpful="no")
    assert reader.page.url.endswith("/status/danke/")
    reader.look("status-thanks")
    administrator = staff("administrator")
    administrator.open("/arbeitsplatz/verfahren/rueckmeldungen/")
    administrator.look("staff-feedback")
    assert "Die Telefonnummer war schwer zu finden." in administrator.text()


def test_half_an_answer_is_asked_for_again(guest: Visitor):
    before = StatusFeedback.objects.count()
    guest.open("/status/einfach/")
    guest.send(text="Zu lang.")
    guest.look("status-plain-refused")
    assert "Wählen Sie Ja oder Nein." in guest.text()
    assert StatusFeedback.objects.count() == before
