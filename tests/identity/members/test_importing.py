"""Writing the register down: once, whole, with its history."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.actors import SYSTEM
from core.audit.models import AuditEvent
from core.encryption import lookup_candidates
from core.encryption.rotation import rotate
from identity.members.models import Address, Card, CardStateChange, Insurant
from identity.members.register import importing, writing
from identity.members.register.importing import BATCH_SIZE, Import, ImportRunning
from identity.members.register.reasons import RowRejected
from tests.factories import a_kvnr, an_insurer
from tests.identity.members.conftest import CARD, OTHER_CARD, Run, a_card, a_record, many_records

pytestmark = pytest.mark.django_db
TABLES = (Insurant, Address, Card, CardStateChange)


def erika() -> Insurant:
    return Insurant.objects.get(kvnr_hash__in=lookup_candidates("kvnr", "A123456780"))


def street_today() -> str:
    address = erika().postal_address()
    assert address is not None
    return address.street


def row_versions() -> dict[str, list[Any]]:
    """Return which transaction wrote each row: an update, even to the same values, would show."""
    versions = {}
    with connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(f"SELECT id, xmin, ctid FROM {model._meta.db_table} ORDER BY id")  # noqa: S608
            versions[model.__name__] = cursor.fetchall()
    return versions


def counts() -> list[int]:
    return [model.objects.count() for model in TABLES]


def changes_of(insurant: Insurant) -> list[dict[str, Any]]:
    events = AuditEvent.objects.filter(name="identity.insurant.register_changed", subject_id=str(insurant.public_id))
    return [event.facts for event in events]


def test_a_new_person_stands_in_the_register_with_address_card_and_history(run_import: Run):
    tally = run_import(a_record(representative_kvnr="P179293933"))

    person = erika()
    assert (tally.new, tally.rows) == (1, 1)
    assert (person.given_names, person.family_name, person.birth_name) == ("Erika", "Mustermann", "Gabler")
    assert (person.birth_date, person.email) == ("1964-08-12", "erika@example.org")
    assert (person.member_from, person.member_to, person.died_on) == (date(2015, 1, 1), None, None)
    assert (person.representative_kvnr, person.insurer.ik) == ("P179293933", "109500969")
    address = person.addresses.get()
    assert (address.street, address.house_number, address.supplement) == ("Heidestraße", "17", "")
    assert (address.postcode, address.city, address.country) == ("51147", "Köln", "DEU")
    assert (address.valid_from, address.register_matched_on) == (date(2015, 1, 1), date(2020, 3, 1))
    card = person.cards.get()
    assert (card.iccsn, card.nfc, card.issued_on, card.state) == (CARD, True, date(2023, 5, 1), "active")
    assert [change.state for change in card.state_changes.all()] == ["active"]


def test_running_it_twice_changes_nothing_not_even_a_row_version(run_import: Run):
    records = many_records(20)
    run_import(*records)
    before = row_versions()

    tally = run_import(*records)

    assert (tally.new, tally.changed, tally.unchanged, tally.rejected) == (0, 0, 20, 0)
    assert row_versions() == before


def test_the_same_person_in_another_notation_is_unchanged(run_import: Run):
    run_import(a_record())
    before = row_versions()

    tally = run_import(a_record(kvnr="a123 456-780", cards=f"{CARD}|yes|2023-05-01|active", title=None))

    assert tally.unchanged == 1
    assert row_versions() == before


def test_a_changed_name_is_written_down_and_told_by_field_not_by_value(run_import: Run):
    run_import(a_record())

    tally = run_import(a_record(family_name="Musterfrau", email=None))

    assert (tally.changed, tally.unchanged) == (1, 0)
    assert (erika().family_name, erika().email) == ("Musterfrau", "")
    assert changes_of(erika()) == [{"changed": ["family_name", "email"]}]
    assert counts() == [1, 1, 1, 1]


def test_an_account_stays_linked_through_a_change(run_import: Run, django_user_model: Any):
    run_import(a_record())
    account = django_user_model.objects.create_user("erika@example.org", "a password for tests 1")
    Insurant.objects.update(account=account)

    run_import(a_record(family_name="Musterfrau"))

    assert erika().account == account


def test_a_new_address_follows_the_old_one(run_import: Run):
    run_import(a_record())
    run_import(a_record(street="Neuer Weg", address_valid_from="2026-01-01"))

    assert erika().addresses.count() == 2
    assert street_today() == "Neuer Weg"
    assert changes_of(erika()) == [{"changed": ["address"]}]


def test_an_address_of_the_future_does_not_count_yet(run_import: Run):
    run_import(a_record())
    run_import(a_record(street="Neuer Weg", address_valid_from="2126-01-01"))

    assert street_today() == "Heidestraße"
    later = erika().addresses.current(date(2126, 1, 1))
    assert later is not None
    assert later.street == "Neuer Weg"


def test_a_correction_undoes_the_address_that_it_corrects(run_import: Run):
    run_import(a_record())
    run_import(a_record(street="Falscher Weg", address_valid_from="2026-01-01"))
    run_import(a_record())

    assert erika().addresses.count() == 3
    assert street_today() == "Heidestraße"


def test_a_fresh_match_with_the_population_register_is_kept(run_import: Run):
    run_import(a_record())
    run_import(a_record(register_matched_on="2026-02-02"))

    address = erika().addresses.current(timezone.localdate())
    assert address is not None
    assert address.register_matched_on == date(2026, 2, 2)
    assert erika().addresses.count() == 2


def test_an_address_that_the_register_no_longer_knows_is_nobodys_address(run_import: Run):
    nowhere = dict.fromkeys(("street", "house_number", "postcode", "city", "address_valid_from", "register_matched_on"))
    run_import(a_record())
    run_import(a_record(**nowhere))
    again = run_import(a_record(**nowhere, title="Dr."))

    assert erika().postal_address() is None
    assert erika().addresses.count() == 2
    assert (again.changed, changes_of(erika())[-1]) == (1, {"changed": ["title"]})


def test_a_new_card_replaces_the_old_one_and_both_keep_their_history(run_import: Run):
    run_import(a_record())
    run_import(a_record(cards=[a_card(state="replaced"), a_card(OTHER_CARD, issued_on="2026-05-01")]))

    states = {card.iccsn: [each.state for each in card.state_changes.order_by("pk")] for card in erika().cards.all()}
    assert states == {CARD: ["active", "replaced"], OTHER_CARD: ["active"]}
    assert changes_of(erika()) == [{"changed": ["card_added", "card_state"]}]


def test_two_cards_may_change_places(run_import: Run):
    run_import(a_record(cards=[a_card(), a_card(OTHER_CARD, state="blocked")]))
    run_import(a_record(cards=[a_card(state="blocked"), a_card(OTHER_CARD)]))

    assert {card.iccsn: card.state for card in erika().cards.all()} == {CARD: "blocked", OTHER_CARD: "active"}


@pytest.mark.parametrize(("cards", "state"), [([a_card(OTHER_CARD)], "replaced"), ([], "blocked")])
def test_an_active_card_that_is_no_longer_named_is_no_longer_active(run_import: Run, cards: list[Any], state: str):
    run_import(a_record())
    run_import(a_record(cards=cards))

    old = Card.objects.get(iccsn_hash__in=lookup_candidates("iccsn", CARD))
    assert old.state == state
    assert [change.state for change in old.state_changes.order_by("pk")] == ["active", state]


def test_a_corrected_card_is_no_change_of_state(run_import: Run):
    run_import(a_record())
    run_import(a_record(cards=[a_card(nfc=False)]))

    assert erika().cards.get().nfc is False
    assert CardStateChange.objects.count() == 1
    assert changes_of(erika()) == [{"changed": ["card_corrected"]}]


def test_who_changes_the_insurer_keeps_number_cards_and_history(run_import: Run):
    run_import(a_record())
    public_id = erika().public_id

    run_import(a_record(ik="108500558"))

    assert (erika().public_id, erika().insurer.ik) == (public_id, "108500558")
    assert changes_of(erika()) == [{"changed": ["insurer"], "from_ik": "109500969", "to_ik": "108500558"}]


def test_a_second_line_with_the_same_number_is_rejected_within_a_batch(run_import: Run):
    run_import(a_record(), a_record(family_name="Andere"))

    assert run_import.rejected == [(2, "kvnr_twice", "kvnr")]
    assert erika().family_name == "Mustermann"


def test_a_second_line_with_the_same_number_is_rejected_across_batches(run_import: Run):
    run_import(a_record(), *many_records(3), a_record(family_name="Andere"), batch_size=2)

    assert run_import.rejected == [(5, "kvnr_twice", "kvnr")]
    assert erika().family_name == "Mustermann"


def test_a_good_line_counts_after_a_refused_one_of_the_same_number(run_import: Run):
    tally = run_import(a_record(birth_date="1964"[:3]), a_record())

    assert (tally.new, run_import.codes) == (1, ["birth_date_malformed"])


def test_a_card_of_another_person_is_rejected_within_a_batch_and_later(run_import: Run):
    run_import(a_record(), a_record(kvnr="P179293933"))
    assert run_import.rejected == [(2, "card_of_another", "cards")]

    run_import(a_record(kvnr="P179293933"))
    assert run_import.codes == ["card_of_another"]
    assert counts() == [1, 1, 1, 1]


def test_an_unknown_insurer_is_rejected(run_import: Run):
    run_import(a_record(ik="260326822"))

    assert run_import.rejected == [(1, "insurer_unknown", "ik")]
    assert counts() == [0, 0, 0, 0]


def test_a_line_that_could_not_be_read_is_passed_on_as_rejected(run_import: Run):
    tally = run_import(RowRejected("not_utf8"), a_record())

    assert (tally.new, tally.rejected, run_import.codes) == (1, 1, ["not_utf8"])


def test_one_row_that_the_database_refuses_takes_no_other_with_it(run_import: Run, monkeypatch: pytest.MonkeyPatch):
    records = many_records(21)
    bad = records[13]["kvnr"]
    original = writing.add_new

    def add_new(rows: Any, batch: Any) -> None:
        original(rows, batch)
        if any(row.kvnr == bad for row in rows):
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO identity_cardstatechange (state, seen_at) VALUES ('active', now())")

    monkeypatch.setattr(importing, "add_new", add_new)
    tally = run_import(*records)

    assert (tally.new, run_import.rejected) == (20, [(14, "refused_by_database", "")])
    assert counts() == [20, 20, 20, 20]
    assert not Insurant.objects.filter(kvnr_hash__in=lookup_candidates("kvnr", bad)).exists()


def test_a_stopped_run_keeps_its_batches_says_so_and_is_taken_up_by_the_next(run_import: Run):
    records = many_records(6)

    def until_it_breaks() -> Iterator[Any]:
        yield from enumerate(records[:5], 1)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="disk"):
        Import(SYSTEM, batch_size=2).run(until_it_breaks())

    assert Insurant.objects.count() == 4
    assert AuditEvent.objects.get(name="identity.register.import_stopped").facts["new"] == 4
    tally = run_import(*records)
    assert (tally.new, tally.unchanged) == (2, 4)


def test_rows_are_written_while_the_file_is_still_being_read(insurers: None):
    seen = []

    def lines() -> Iterator[Any]:
        for number, record in enumerate(many_records(40), 1):
            seen.append(number - 1 - Insurant.objects.count())
            yield number, record

    Import(SYSTEM, batch_size=10).run(lines())

    assert max(seen) < 11


def test_an_import_tells_of_itself_once(run_import: Run):
    tally = run_import(a_record(), a_record())

    event = AuditEvent.objects.get(name="identity.register.imported")
    assert event.subject_id == str(tally.run)
    assert event.facts == {"new": 1, "changed": 0, "unchanged": 0, "rejected": 1}


def test_the_trail_holds_no_personal_data(run_import: Run):
    run_import(a_record())
    run_import(a_record(family_name="Musterfrau", street="Neuer Weg"))

    told = str(list(AuditEvent.objects.values_list("facts", "subject_id")))
    assert not [word for word in ("Muster", "Weg", "A123456780", "1964", CARD) if word in told]


def test_the_number_of_statements_does_not_grow_with_the_rows(run_import: Run):
    with CaptureQueriesContext(connection) as few:
        run_import(*many_records(5))
    with CaptureQueriesContext(connection) as many:
        run_import(*many_records(200, start=1000))

    assert len(many) <= len(few)


def test_after_a_change_of_keys_unchanged_people_stay_unchanged(run_import: Run, settings: Any):
    run_import(a_record())
    old = settings.LOOKUP_KEYS
    settings.LOOKUP_KEYS = ["test2:" + "D" * 43 + "=", *old]
    before = row_versions()

    assert run_import(a_record()).unchanged == 1
    assert row_versions() == before


def test_when_the_old_lookup_key_is_gone_unchanged_people_are_no_change(run_import: Run, settings: Any):
    run_import(a_record())
    settings.LOOKUP_KEYS = ["test2:" + "D" * 43 + "=", *settings.LOOKUP_KEYS]
    for model in TABLES[:3]:
        rotate(model)
    settings.LOOKUP_KEYS = settings.LOOKUP_KEYS[:1]

    first, second = run_import(a_record()), run_import(a_record())

    assert (first.changed, first.unchanged, second.unchanged) == (0, 1, 1)
    assert counts() == [1, 1, 1, 1]
    assert changes_of(erika()) == []


def test_a_batch_holds_some_thousand_rows():
    assert 1000 <= BATCH_SIZE <= 5000


@pytest.mark.django_db(transaction=True)
def test_of_two_imports_at_once_the_second_says_so():
    an_insurer()
    started, go_on = threading.Event(), threading.Event()

    def slow_lines() -> Iterator[Any]:
        started.set()
        go_on.wait(10)
        yield 1, a_record()

    def first() -> None:
        try:
            Import(SYSTEM).run(slow_lines())
        finally:
            connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    started.wait(10)
    try:
        with pytest.raises(ImportRunning):
            Import(SYSTEM).run([(1, a_record())])
    finally:
        go_on.set()
        thread.join(10)

    assert Import(SYSTEM).run([(1, a_record())]).unchanged == 1


@pytest.mark.django_db(transaction=True)
def test_the_lock_is_free_again_after_a_failure(monkeypatch: pytest.MonkeyPatch):
    an_insurer()

    def fail(*_: Any) -> None:
        raise OperationalError

    with monkeypatch.context() as broken:
        broken.setattr(importing, "sort_out", fail)
        with pytest.raises(OperationalError):
            Import(SYSTEM).run([(1, a_record())])

    assert Import(SYSTEM).run([(1, a_record(kvnr=a_kvnr()))]).new == 1
