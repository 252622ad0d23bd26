"""Changes as Atom and JSON, and the state of methods for programs that ask cheaply."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from identity.methods.models import Method, MethodAdmission
from identity.methods.records import MethodChange
from identity.methods.services import confirm_suspension, undo_suspension
from tests.factories import an_administrator, lift
from tests.identity.status.conftest import an_order

pytestmark = pytest.mark.django_db
NOW = timezone.now
ATOM = "{http://www.w3.org/2005/Atom}"
METHODS = "/api/v1/methods"
FEEDS = ("/status/changes.json", "/status/changes.atom", "/status/en/changes.atom")


def items(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(FEEDS[0]).json()["items"]
    return found


def test_every_public_change_is_in_the_feed_newest_first(nobody):
    order = an_order()
    confirm_suspension(order.pk, actor=an_administrator())
    lift(order)
    undo_suspension(an_order("postident_eid").pk, actor=an_administrator())

    assert [each["_vorweis"]["kind"] for each in items(nobody)] == ["undone", "imposed", "lifted", "imposed"]
    assert MethodChange.objects.count() > 4


def test_a_change_is_told_in_both_languages(nobody):
    order = an_order(purpose="pin")
    told = items(nobody)[0]
    assert told["title"].startswith("In einer Postfiliale: ")
    assert told["_vorweis"]["title"]["en"].startswith("In a post office: suspended since")
    assert order.public_text_de in told["content_text"]
    assert order.public_text_en in told["_vorweis"]["text"]["en"]
    assert told["_vorweis"]["purpose"] == "pin"


def test_a_change_keeps_its_name_for_ever(nobody):
    an_order()
    first = items(nobody)[0]["id"]
    an_order("postident_eid")
    assert first.startswith("tag:127.0.0.1,")
    assert items(nobody)[1]["id"] == first


def test_what_was_told_is_not_told_otherwise_later(nobody):
    order = an_order(ends_at=NOW() + timedelta(days=9))
    before = items(nobody)[0]
    lift(order)
    assert items(nobody)[1] == before
    assert "Expected until" in before["_vorweis"]["text"]["en"]


@pytest.mark.parametrize(("address", "language"), [(FEEDS[1], "de"), (FEEDS[2], "en")])
def test_the_atom_feed_is_valid(nobody, address, language):
    an_order()
    undo_suspension(an_order("postident_eid").pk, actor=an_administrator())
    answer = nobody.get(address)
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.content)  # noqa: S314  # our own
    assert feed.tag == f"{ATOM}feed"
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == language
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    assert feed.find(f"{ATOM}link[@rel='self']").get("href").endswith(address)  # type: ignore[union-attr]
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 3
    names = {entry.findtext(f"{ATOM}id") for entry in entries}
    assert len(names) == 3
    for node in [feed, *entries]:
        assert node.findtext(f"{ATOM}title")
        moment = datetime.fromisoformat(node.findtext(f"{ATOM}updated") or "")
        assert moment.tzinfo is not None
    assert all(entry.findtext(f"{ATOM}summary") for entry in entries)


def test_an_empty_feed_is_valid_and_does_not_change_by_itself(nobody):
    first, second = nobody.get(FEEDS[1]).content, nobody.get(FEEDS[1]).content
    assert ElementTree.fromstring(first).findtext(f"{ATOM}updated")  # noqa: S314  # our own
    assert first == second


@pytest.fixture
def a_planned_order(time_machine):
    """An order with a beginning in an hour and an end in three, confirmed; the clock stands still."""
    start = NOW()
    time_machine.move_to(start, tick=False)
    order = an_order("postident_eid", effective_from=start + timedelta(hours=1), ends_at=start + timedelta(hours=3))
    confirm_suspension(order.pk, actor=an_administrator())
    return order


def told(client: Client) -> list[tuple[str, str]]:
    return [(each["_vorweis"]["kind"], each["date_modified"]) for each in items(client)]


def test_beginning_and_end_of_a_planned_order_are_told_when_they_come(nobody, a_planned_order, time_machine):
    order = a_planned_order
    assert [kind for kind, _at in told(nobody)] == ["imposed"]
    time_machine.move_to(order.effective_from, tick=False)
    assert told(nobody)[0] == ("begun", order.effective_from.isoformat())
    begun = items(nobody)[0]
    assert begun["_vorweis"]["title"]["en"].startswith("Online ID card: suspended since")
    assert "Expected until" in begun["_vorweis"]["text"]["en"]
    time_machine.move_to(order.ends_at, tick=False)
    assert told(nobody)[:2] == [("ended", order.ends_at.isoformat()), ("begun", order.effective_from.isoformat())]
    assert items(nobody)[1] == begun
    assert items(nobody)[0]["_vorweis"]["title"]["en"].endswith("suspension over")
    assert "used again by everybody" in items(nobody)[0]["_vorweis"]["text"]["en"]
    assert len({each["id"] for each in items(nobody)}) == 3


@pytest.mark.parametrize("address", FEEDS)
def test_a_feed_is_new_at_the_moments_of_a_planned_order(
    nobody, a_planned_order, time_machine, address, at_most_queries
):
    before = nobody.get(address)
    for moment in (a_planned_order.effective_from, a_planned_order.ends_at):
        time_machine.move_to(moment - timedelta(seconds=1), tick=False)
        with at_most_queries(1):
            assert nobody.get(address, headers={"if-none-match": before["ETag"]}).status_code == 304
        time_machine.move_to(moment, tick=False)
        after = nobody.get(address, headers={"if-none-match": before["ETag"]})
        assert after.status_code == 200
        assert parsedate_to_datetime(after["Last-Modified"]) == moment.replace(microsecond=0)
        before = after


def test_the_atom_feed_was_updated_when_the_planned_order_began(nobody, a_planned_order, time_machine):
    time_machine.move_to(a_planned_order.effective_from + timedelta(minutes=7), tick=False)
    feed = ElementTree.fromstring(nobody.get(FEEDS[2]).content)  # noqa: S314  # our own
    moments = [feed.findtext(f"{ATOM}updated"), feed.findtext(f"{ATOM}entry/{ATOM}updated")]
    wanted = a_planned_order.effective_from.replace(microsecond=0)
    assert [datetime.fromisoformat(each or "").replace(microsecond=0) for each in moments] == [wanted] * 2


def test_what_never_began_is_not_told_as_begun(nobody, time_machine):
    in_an_hour = NOW() + timedelta(hours=1)
    lift(an_order(effective_from=in_an_hour))
    undo_suspension(an_order("postident_eid", effective_from=in_an_hour).pk, actor=an_administrator())
    time_machine.move_to(in_an_hour + timedelta(hours=1))
    assert [kind for kind, _at in told(nobody)] == ["undone", "imposed", "lifted", "imposed"]


def test_what_somebody_did_is_not_told_a_second_time_by_the_clock(nobody, time_machine):
    lift(an_order())
    an_order("postident_eid", ends_at=NOW() + timedelta(hours=1))  # nobody confirms its end
    time_machine.move_to(NOW() + timedelta(hours=2))
    assert [kind for kind, _at in told(nobody)] == ["imposed", "lifted", "imposed"]


def test_the_end_that_a_lifting_names_is_told_when_it_comes(nobody, time_machine):
    in_an_hour = NOW() + timedelta(hours=1)
    lift(an_order(purpose="epa"), at=in_an_hour, percents=[10], step_hours=1)
    time_machine.move_to(in_an_hour + timedelta(seconds=1))
    assert told(nobody)[0] == ("ended", in_an_hour.isoformat())
    assert "for some people first" in items(nobody)[0]["_vorweis"]["text"]["en"]
    assert items(nobody)[0]["_vorweis"]["purpose"] == "epa"


def test_who_confirms_late_ends_the_order_then(nobody, time_machine):
    order = an_order(ends_at=NOW() + timedelta(hours=1))
    first = nobody.get(FEEDS[0])
    time_machine.move_to(NOW() + timedelta(hours=5))
    assert nobody.get(FEEDS[0], headers={"if-none-match": first["ETag"]}).status_code == 304
    ended = confirm_suspension(order.pk, actor=an_administrator()).ends_at
    assert ended is not None
    assert nobody.get(FEEDS[0], headers={"if-none-match": first["ETag"]}).status_code == 200
    assert told(nobody)[0] == ("ended", ended.isoformat())


def test_a_planned_order_that_began_and_was_taken_back_stays_told(nobody, time_machine):
    in_a_minute = NOW() + timedelta(minutes=1)
    order = an_order(effective_from=in_a_minute)
    time_machine.move_to(in_a_minute + timedelta(minutes=2))
    before = items(nobody)[0]
    undo_suspension(order.pk, actor=an_administrator())
    assert [kind for kind, _at in told(nobody)] == ["undone", "begun", "imposed"]
    assert items(nobody)[1] == before


def test_markup_in_an_order_stays_text(nobody):
    an_order(public_text_de="<script>x</script> & mehr")
    feed = ElementTree.fromstring(nobody.get(FEEDS[1]).content)  # noqa: S314  # our own
    summary = feed.findtext(f"{ATOM}entry/{ATOM}summary") or ""
    assert "&lt;script&gt;x&lt;/script&gt; &amp; mehr" in summary


@pytest.mark.parametrize("address", FEEDS)
def test_a_feed_that_has_not_changed_costs_one_query(nobody, address, at_most_queries):
    an_order()
    first = nobody.get(address)
    with at_most_queries(1):
        again = nobody.get(address, headers={"if-none-match": first["ETag"]})
    by_date = nobody.get(address, headers={"if-modified-since": first["Last-Modified"]})
    assert (again.status_code, again.content) == (304, b"")
    assert by_date.status_code == 304

    an_order("postident_eid")
    assert nobody.get(address, headers={"if-none-match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("address", [*FEEDS, METHODS, "/status/ansage.txt", "/status/en/ansage.txt"])
def test_public_answers_name_nobody(nobody, address):
    first, second = an_administrator(), an_administrator()
    order = an_order()
    confirm_suspension(order.pk, actor=first)
    lift(order)
    names = {name for row in MethodChange.objects.all() for name in (row.actor, row.facts.get("proposed_by"))} - {None}
    text = nobody.get(address).text
    assert len(names) >= 3
    assert not [name for name in [*names, first.reference, second.reference, "Report 7"] if name in text]


def asked(client: Client, tag: str = "") -> Any:
    return client.get(METHODS, headers={"if-none-match": tag} if tag else {})


def test_whoever_asks_again_gets_an_empty_answer_for_one_query(nobody, at_most_queries):
    first = asked(nobody)
    assert first["Cache-Control"] == "no-cache"
    with at_most_queries(1):
        again = asked(nobody, first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert again["Cache-Control"] == "no-cache"


def test_every_change_of_the_records_changes_the_tag(nobody):
    tags = [asked(nobody)["ETag"]]

    def new() -> bool:
        answer = asked(nobody, tags[-1])
        tags.append(answer["ETag"])
        return bool(answer.status_code == 200)

    order = an_order()
    assert new()
    lift(order)
    assert new()
    undo_suspension(an_order().pk, actor=an_administrator())
    assert new()
    Method.objects.filter(pk="notary").update(name_en="Notary public")
    assert new()
    MethodAdmission.objects.filter(method="notary", purpose="pin").update(valid_to=timezone.localdate())
    assert new()
    assert not new()
    assert len(set(tags)) == 6


def test_a_planned_order_changes_the_tag_when_it_begins_and_when_it_ends(nobody, time_machine):
    start, end = NOW() + timedelta(hours=1), NOW() + timedelta(hours=3)
    order = an_order(effective_from=start, ends_at=end)
    confirm_suspension(order.pk, actor=an_administrator())
    before = asked(nobody)
    assert asked(nobody, before["ETag"]).status_code == 304

    time_machine.move_to(start + timedelta(seconds=1))
    during = asked(nobody, before["ETag"])
    assert during.status_code == 200
    assert asked(nobody, during["ETag"]).status_code == 304

    time_machine.move_to(end + timedelta(seconds=1))
    after = asked(nobody, during["ETag"])
    assert after.status_code == 200
    states = [
        next(each["state"] for each in answer.json()["methods"] if each["code"] == "postident_branch")
        for answer in (before, during, after)
    ]
    assert states == ["available", "suspended", "available"]


def test_the_tag_changes_at_the_very_moment_of_a_planned_order(nobody, a_planned_order, time_machine):
    answer = asked(nobody)
    for moment, state in ((a_planned_order.effective_from, "suspended"), (a_planned_order.ends_at, "available")):
        time_machine.move_to(moment - timedelta(microseconds=1), tick=False)
        assert asked(nobody, answer["ETag"]).status_code == 304
        time_machine.move_to(moment, tick=False)
        answer = asked(nobody, answer["ETag"])
        assert answer.status_code == 200
        assert next(each["state"] for each in answer.json()["methods"] if each["code"] == "postident_eid") == state


def test_each_step_of_a_readmission_changes_the_tag(nobody, time_machine):
    lift(an_order("postident_eid"), percents=[10, 50], step_hours=24)
    percents, tag, lifted_at = [], "", NOW()
    for hours in (1, 25, 49):
        time_machine.move_to(lifted_at + timedelta(hours=hours))
        answer = asked(nobody, tag)
        tag = answer["ETag"]
        method = next(each for each in answer.json()["methods"] if each["code"] == "postident_eid")
        percents.append((method["state"], method["suspensions"][-1]["readmitted_percent"]))
    assert percents == [("readmitting", 10), ("readmitting", 50), ("available", 100)]


def test_a_day_of_admission_changes_the_tag(nobody, time_machine):
    MethodAdmission.objects.create(
        method_id="pharmacy", purpose="epa", valid_from=timezone.localdate() + timedelta(days=1)
    )
    before = asked(nobody)
    time_machine.move_to(NOW() + timedelta(days=1))
    assert asked(nobody, before["ETag"]).status_code == 200


def test_another_set_up_changes_the_tag(nobody, settings):
    from identity.providers.registry import provider_named

    before = asked(nobody)
    settings.PROVIDER_ADAPTERS = {}
    provider_named.cache_clear()
    try:
        assert asked(nobody, before["ETag"]).status_code == 200
    finally:
        provider_named.cache_clear()


def test_an_answer_that_could_not_be_read_says_so_and_carries_no_tag(nobody, unreadable):
    answer = asked(nobody)
    body = answer.json()
    assert {each["state"] for each in body["methods"]} == {"unreadable"}
    assert {each["state"] for each in body["purposes"].values()} == {"unknown"}
    assert not any(each["open"] for method in body["methods"] for each in method["purposes"].values())
    assert "ETag" not in answer


def test_when_nothing_can_be_read_programs_get_a_problem(nobody, dead_database):
    answer = asked(nobody)
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (
        503, "application/problem+json", "not_known",
    )  # fmt: skip


def test_purposes_say_whether_they_are_open_online(nobody):
    an_order("postident_eid", purpose="pin")
    purposes = asked(nobody).json()["purposes"]
    assert (purposes["epa"]["state"], purposes["epa"]["online"]) == ("online", ["postident_eid"])
    assert (purposes["pin"]["state"], purposes["pin"]["online"]) == ("in_person", [])


def test_an_order_that_was_taken_back_is_marked(nobody):
    undo_suspension(an_order("postident_eid").pk, actor=an_administrator())
    method = next(each for each in asked(nobody).json()["methods"] if each["code"] == "postident_eid")
    assert method["state"] == "available"
    assert method["suspensions"][0]["taken_back_at"]


def test_the_schema_tells_of_tag_and_304():
    schema = SchemaGenerator().get_schema(request=None, public=True)
    get = schema["paths"]["/api/v1/methods"]["get"]
    assert {"200", "304", "503"} <= set(get["responses"])
    assert "If-None-Match" in {each["name"] for each in get["parameters"]}
    assert "ETag" in get["responses"]["200"]["headers"]


def test_the_answer_is_as_the_schema_says(nobody):
    lift(an_order("postident_eid"), percents=[10], step_hours=1)
    schemas = SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"]

    def compare(value: Any, schema: dict[str, Any], place: str) -> None:
        schema = schema["allOf"][0] if "allOf" in schema else schema
        schema = schemas[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
        if schema.get("type") == "array":
            for each in value:
                compare(each, schema["items"], place)
        elif "properties" in schema:
            assert set(value) == set(schema["properties"]), place
            for name, inner in schema["properties"].items():
                compare(value[name], inner, f"{place}.{name}")

    compare(asked(nobody).json(), {"$ref": "#/components/schemas/MethodsOutput"}, "methods")
