"""The door for callbacks."""

import io
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from identity.callbacks import storing
from identity.callbacks.doorkeeper import BURST
from identity.callbacks.intake import BODY_MAX_BYTES, _body, callbacks_total
from identity.callbacks.models import InboxEntry
from identity.callbacks.states import EntryState
from identity.providers.postident.adapter import Postident
from tests.identity.callbacks.conftest import CASE, REFERENCE, Caller, a_body, an_entry, callback_path

pytestmark = pytest.mark.django_db(transaction=True)


def only_entry() -> InboxEntry:
    return InboxEntry.objects.get()


def counted(outcome: str) -> float:
    return float(callbacks_total.labels(outcome)._value.get())


def test_a_callback_is_stored_and_acknowledged(call: Caller, woken: list[str]):
    reply = call()
    entry = only_entry()

    assert (reply.code, reply.body) == (204, b"")
    assert (entry.provider, entry.contract, entry.provider_case_id) == ("postident", "postident_branch", CASE)
    assert (entry.reference, entry.origin, entry.state) == (REFERENCE, "callback", EntryState.RECEIVED)
    assert (entry.hints, entry.worked_hints, entry.tries) == (1, 0, 0)
    assert list(InboxEntry.objects.due()) == [entry]
    assert woken == ["postident_branch"]


def test_a_callback_without_a_reference_is_stored_as_well(call: Caller):
    assert call(body=a_body(reference=None)).code == 204
    assert only_entry().reference == ""


def test_each_contract_has_its_own_entries(call: Caller):
    call()
    call(callback_path("postident_eid"))

    assert sorted(InboxEntry.objects.values_list("contract", flat=True)) == ["postident_branch", "postident_eid"]


def test_saying_it_again_counts_and_adds_no_row(call: Caller):
    for _ in range(3):
        assert call().code == 204

    assert only_entry().hints == 3


def test_the_same_callback_three_times_at_once_is_one_row(call: Caller, at_once: Callable[..., list[Any]]):
    replies = at_once(call, call, call)

    assert [reply.code for reply in replies] == [204, 204, 204]
    assert only_entry().hints == 3


@pytest.mark.parametrize("state", [EntryState.DONE, EntryState.DEAD, EntryState.FOR_PERSON])
def test_news_about_a_finished_entry_begin_it_anew(call: Caller, state: EntryState):
    an_entry(state, tries=12)
    call()
    entry = only_entry()

    assert (entry.state, entry.hints, entry.tries, entry.problem) == (EntryState.RECEIVED, 2, 0, "")
    assert list(InboxEntry.objects.due()) == [entry]


def test_news_about_a_waiting_entry_are_asked_for_at_once_and_its_tries_go_on(call: Caller):
    entry = an_entry(EntryState.WAITING, tries=5)
    InboxEntry.objects.update(next_try_at="2199-01-01T00:00Z")
    call()
    entry.refresh_from_db()

    assert (entry.state, entry.tries, entry.problem) == (EntryState.RECEIVED, 5, "http_503")
    assert list(InboxEntry.objects.due()) == [entry]


def test_news_do_not_take_an_entry_away_from_who_works_on_it(call: Caller):
    an_entry(claimed_until="2199-01-01T00:00Z")
    call()

    assert only_entry().claimed_until is not None
    assert list(InboxEntry.objects.due()) == []


def test_news_that_come_while_an_entry_is_being_closed_are_not_lost(call: Caller):
    entry = an_entry()

    def late() -> int:
        try:
            return call().code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            held = InboxEntry.objects.select_for_update().get()
            coming = pool.submit(late)
            held.state, held.worked_hints = EntryState.DONE, held.hints
            held.save()
        assert coming.result(10) == 204
    entry.refresh_from_db()
    assert (entry.state, entry.hints, entry.worked_hints) == (EntryState.RECEIVED, 2, 1)


WRONG_PATHS = [
    "/callbacks/",
    "/callbacks/postident",
    "/callbacks/postident/",
    "/callbacks/postident/" + "A" * 32,
    "/callbacks/postident/" + "\u00c3" * 32,
    "/callbacks/nobody/" + "A" * 32,
    "/callbacks/../../etc",
]


def test_unknown_providers_and_wrong_tokens_look_the_same(call: Caller):
    right = callback_path()
    replies = [call(path) for path in [*WRONG_PATHS, right + "/", right[:-1], right.replace("postident", "nobody")]]

    assert {(reply.status, str(reply.headers), reply.body) for reply in replies} == {
        (
            "404 Not Found",
            "{'Content-Type': 'text/plain', 'Content-Length': '0', 'Cache-Control': 'no-store'}",
            b"",
        )
    }
    assert not InboxEntry.objects.exists()


def test_a_wrong_token_hides_every_other_mistake(call: Caller):
    for mistake in ({"method": "GET"}, {"body": b"x"}, {"CONTENT_LENGTH": None}):
        assert call(WRONG_PATHS[3], **mistake).code == 404


def test_who_guesses_too_often_is_slowed_down_and_locks_nobody_out(call: Caller):
    codes = [call(WRONG_PATHS[3]).code for _ in range(BURST + 1)]

    assert codes == [404] * BURST + [429]
    assert call(WRONG_PATHS[3], REMOTE_ADDR="192.0.2.8").code == 404
    assert call().code == 204


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_only_post_is_taken(call: Caller, method: str):
    reply = call(method=method)

    assert (reply.code, reply.headers["Allow"], reply.body) == (405, "POST", b"")
    assert not InboxEntry.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"<xml/>",
        b'{"caseId": "M3FB00URX4A3"}',
        b'{"caseId": "M3FB00URX4A3", "referenceId": null, "extra": 1}',
        b'{"caseId": "M3FB00URX4A3", "caseId": "M3FB00URX4A3", "referenceId": null}',
        b'{"caseId": "M3FB00URX4A3", "referenceId": "A\\u0000"}',
        b'{"caseId": "M3FB00URX4A3", "referenceId": null} and more',
        a_body("' OR 1=1 --"),
        a_body(reference="x" * 15),
        a_body(reference="x" * 200_000),
        a_body() + b" " * BODY_MAX_BYTES,
    ],
)
def test_whatever_is_not_the_documented_form_is_refused_alike(call: Caller, body: bytes):
    reply = call(body=body)

    assert (reply.status, reply.body) == ("400 Bad Request", b"")
    assert not InboxEntry.objects.exists()


class Unread(io.BytesIO):
    """A body that nobody may touch."""

    def read(self, *_: Any) -> bytes:
        raise AssertionError("it was read")


@pytest.mark.parametrize("length", [None, "", "65537", "9" * 400])
def test_a_length_that_is_missing_or_too_large_is_refused_unread(call: Caller, length: str | None):
    assert call(body=Unread(), CONTENT_LENGTH=length).code == 400


@pytest.mark.parametrize("length", ["-1", "+55", "0x37", "5_5", "５５", "1e3", " 55", "55\n"])
def test_what_is_no_plain_number_is_no_length(length: str):
    assert _body({"CONTENT_LENGTH": length, "wsgi.input": Unread()}) == b""


def test_no_more_than_the_told_length_is_read(call: Caller):
    source = io.BytesIO(a_body() + b"x" * 100_000)

    assert call(body=source, CONTENT_LENGTH=str(len(a_body()))).code == 204
    assert source.tell() == len(a_body())


class Drops(io.BytesIO):
    """A body that arrives byte by byte."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(1, size or 0))


def test_a_body_that_arrives_in_drops_is_put_together(call: Caller):
    assert call(body=Drops(a_body()), CONTENT_LENGTH=str(len(a_body()))).code == 204


def test_a_body_that_breaks_off_is_refused_even_if_it_could_be_read(call: Caller):
    assert call(body=Drops(a_body()), CONTENT_LENGTH=str(len(a_body()) + 2)).code == 400


def test_a_sender_that_hangs_up_is_refused(call: Caller):
    class HungUp(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise ConnectionResetError

    assert call(body=HungUp(), CONTENT_LENGTH="55").code == 400


def test_everything_else_goes_to_django(call: Caller):
    for path in ("/", "/callbacks", "/callback/postident/x", "/konto/callbacks/"):
        assert call(path, method="GET").body == b"a page"

    assert call.passed_on == ["/", "/callbacks", "/callback/postident/x", "/konto/callbacks/"]


def test_what_cannot_be_stored_is_never_acknowledged(call: Caller, nowhere: None, woken: list[str]):
    before = counted("failed")
    reply = call()

    assert (reply.code, reply.headers["Retry-After"], reply.body) == (503, "5", b"")
    assert woken == []
    assert counted("failed") == before + 1


def test_refusals_need_no_database(call: Caller, nowhere: None):
    assert call(WRONG_PATHS[3]).code == 404
    assert call(method="GET").code == 405
    assert call(body=b"{").code == 400


def other_session(sql: str) -> psycopg.Connection[Any]:
    """Open another connection to the test's database and say something there."""
    own = connection.settings_dict
    session = psycopg.connect(host=own["HOST"], port=own["PORT"] or None, dbname=own["NAME"], user=own["USER"])
    session.execute(sql)
    return session


def test_a_connection_that_went_away_is_replaced(call: Caller):
    assert call().code == 204
    with other_session(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    ):
        pass

    assert call().code == 204
    assert only_entry().hints == 2


def test_a_database_that_does_not_move_ends_in_an_answer(call: Caller, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(storing, "PATIENCE_SECONDS", 0.1)
    begin = time.monotonic()
    with other_session("LOCK TABLE identity_inboxentry"):
        assert call().code == 503
    assert time.monotonic() - begin < 5  # long before the server's own limit

    assert call().code == 204


def test_a_database_that_refuses_the_row_ends_in_an_answer(call: Caller):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE identity_inboxentry ADD CONSTRAINT full_up CHECK (hints < 2)")
    try:
        assert [call().code, call().code] == [204, 503]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE identity_inboxentry DROP CONSTRAINT full_up")


def test_a_bug_of_ours_is_no_answer_to_the_callback(call: Caller, monkeypatch: pytest.MonkeyPatch):
    def broken(self: Postident, body: bytes) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Postident, "read_callback", broken)

    assert call().code == 503


def test_stored_and_refused_callbacks_are_counted(call: Caller):
    stored, refused = counted("stored"), counted("refused")
    call()
    call(body=b"{")
    call(WRONG_PATHS[3])

    assert (counted("stored"), counted("refused")) == (stored + 1, refused + 2)


def test_a_log_line_holds_neither_body_nor_token(call: Caller, caplog: pytest.LogCaptureFixture):
    caplog.set_level("DEBUG")
    call()
    call(body=b'{"caseId": "M3FB00URX4A3", "referenceId": "Erika", "name": "Mustermann"}')
    call(callback_path()[:-1])

    for secret in (CASE, REFERENCE, "Erika", "Mustermann", callback_path()[-20:-1]):
        assert secret not in caplog.text


@given(st.binary(max_size=100))
def test_no_body_whatever_is_answered_with_more_than_a_400(body: bytes):
    assert Caller()(body=body).code == 400
