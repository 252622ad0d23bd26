"""What goes on while a method is suspended: people at pages and API, the provider's results, callbacks, and silence."""

from __future__ import annotations

import json
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import httpx
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.utils import timezone

from config.rehearsal.laying import METHOD, OTHER, Person
from config.rehearsal.provider import OTHER_NAME, Book
from core.accounts.models import Account
from core.sessions import SessionStore
from identity.cases.links import token_for
from identity.cases.models import Attempt
from identity.providers.postident.adapter import from_settings

CLIENTS = 6
PART = 0.45  # of the people do something; the others only wait, and what becomes of them is known beforehand
MOST = 4_000
AFTERNOON = 0.25  # of what is done comes later: after the time to finish, where an order gives one
SUCCESS, DECLINED = "success", "declined"


@dataclass
class Traffic:
    """Everybody who does something, in one order; `seen` counts what the doors answered."""

    base_url: str
    book: Book
    chance: Random
    people: Sequence[Person]
    seen: Counter[str] = field(default_factory=Counter)
    done: int = 0
    failure: BaseException | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        size = min(MOST, round(len(self.people) * PART))
        self.active = self.chance.sample(list(self.people), size)
        self._sessions = _sessions([person.account_id for person in self.active])
        self._webhooks = {method: from_settings().webhook_url(method) for method in (METHOD, OTHER)}
        self._acts = [(person, self._choose(person)) for person in self.active]
        self._later = int(size * AFTERNOON)
        _mark_touched([person.case_id for person in self.active])

    @property
    def morning(self) -> int:
        """How many things are done before noon."""
        return (len(self._acts) - self._later) // 3

    def run(self, *, afternoon: bool, step: Callable[[], object]) -> None:
        """Do all of one half of the day, several at a time."""
        acts = self._acts[-self._later :] if afternoon else self._acts[: len(self._acts) - self._later]
        with (
            httpx.Client(base_url=self.base_url, timeout=30, trust_env=False) as http,
            ThreadPoolExecutor(CLIENTS) as pool,
        ):
            for _ in pool.map(lambda pair: self._do(Visitor(self, http, pair[0]), pair[1]), acts):
                step()

    def _do(self, visitor: Visitor, act: Callable[[Visitor], str]) -> None:
        try:
            answer = act(visitor)
        except Exception as error:
            self.failure = self.failure or error
            answer = f"broke: {type(error).__name__}"
        with self._lock:
            self.seen[answer] += 1
            self.done += 1

    def _choose(self, person: Person) -> Callable[[Visitor], str]:
        return self.chance.choice(ACTS.get(person.kind, (look, follow_mail)))

    def call_back(self, method: str, number: str, reference: str) -> int:
        body = json.dumps({"caseId": number, "referenceId": reference})
        path = "/callbacks/postident/" + self._webhooks[method].rpartition("/")[2]
        headers = {"Content-Type": "application/json"}
        with httpx.Client(base_url=self.base_url, timeout=30, trust_env=False) as http:
            return http.post(path, content=body, headers=headers).status_code

    def session_of(self, person: Person) -> str:
        return self._sessions[person.account_id]


@dataclass(frozen=True, slots=True)
class Visitor:
    """One person at a browser, or at the post office."""

    traffic: Traffic
    http: httpx.Client
    person: Person

    def ask(self, verb: str, path: str, **more: object) -> httpx.Response:
        token = secrets.token_hex(16)
        cookie = f"sessionid={self.traffic.session_of(self.person)}; csrftoken={token}"
        headers = {"Cookie": cookie, "X-CSRFToken": token, "Accept-Language": "de"}
        return self.http.request(verb, path, headers=headers, **more)  # type: ignore[arg-type]

    def end(self, how: str, *, told: int) -> str:
        """It ends at the provider now, and the provider calls so many times."""
        person, book = self.person, self.traffic.book
        book.end(person.number, how, timezone.now())
        for _ in range(told):
            status = self.traffic.call_back(METHOD, person.number, person.reference)
            if status != 204:
                return f"callback {status}"
        return f"provider: {how}" + ("" if told else ", silently")


def start_by_api(visitor: Visitor) -> str:
    """Choose the method; who is refused goes another way, all the way to the end."""
    return _started(visitor, METHOD, "api")


def start_elsewhere(visitor: Visitor) -> str:
    return _started(visitor, OTHER, "api, another way")


def _started(visitor: Visitor, method: str, what: str) -> str:
    address = f"/api/v1/cases/{visitor.person.case}/attempts"
    answer = visitor.ask("POST", address, json={"method": method})
    if answer.status_code == 201:
        if method == OTHER:
            _finish_elsewhere(visitor.traffic, answer.json()["reference"])
        return f"{what}: started"
    code = answer.json().get("code", "") if "json" in answer.headers.get("content-type", "") else ""
    if code == "method_not_offered" and method == METHOD:
        _started(visitor, OTHER, "")
    return f"{what}: {answer.status_code} {code}"


def _finish_elsewhere(traffic: Traffic, reference: str) -> None:
    number = traffic.book.number_of(reference)
    traffic.book.end(number, SUCCESS, timezone.now())
    traffic.call_back(OTHER, number, reference)


def start_by_page(visitor: Visitor) -> str:
    answer = visitor.ask("POST", f"/vorgang/{visitor.person.case}/wahl/", data={"method": METHOD})
    return f"page: {'started' if answer.status_code == 302 else answer.status_code}"


def go_on(visitor: Visitor) -> str:
    answer = visitor.ask("GET", f"/versuch/{visitor.person.attempt}/weiter/")
    outside = answer.headers.get("location", "").startswith("https://")
    return "link: to the provider" if outside else "link: stays here"


def follow_mail(visitor: Visitor) -> str:
    answer = visitor.ask("GET", f"/weiter/{token_for(visitor.person.case)}/")
    return f"signed link: {answer.status_code}"


def look(visitor: Visitor) -> str:
    pages = (f"/vorgang/{visitor.person.case}/", "/api/v1/methods", "/status/")
    return f"pages: {max(visitor.ask('GET', page).status_code for page in pages)}"


def take_up(visitor: Visitor) -> str:
    return f"late result: {visitor.ask('POST', f'/vorgang/{visitor.person.case}/annehmen/').status_code}"


def be_identified(visitor: Visitor) -> str:
    return visitor.end(SUCCESS, told=2)


def be_misread(visitor: Visitor) -> str:
    return visitor.end(OTHER_NAME, told=1)


def be_declined(visitor: Visitor) -> str:
    return visitor.end(DECLINED, told=1)


def be_identified_silently(visitor: Visitor) -> str:
    """No callback ever comes; for this one the hour after which a poll asks is over."""
    said = visitor.end(SUCCESS, told=0)
    try:
        Attempt.objects.filter(reference=visitor.person.reference).update(asked_at=timezone.now() - timedelta(hours=2))
    finally:
        connection.close()
    return said


_BEGUN = (go_on, be_identified, be_identified, be_identified_silently, be_declined, be_misread, follow_mail)
ACTS: dict[str, tuple[Callable[[Visitor], str], ...]] = {
    "started": _BEGUN,
    "both": _BEGUN,
    "failed": (be_identified, start_by_api, follow_mail),
    "unreached": (start_by_api, start_by_page),
    "choosing": (start_by_api, start_by_page, start_elsewhere),
    "offered": (take_up, follow_mail),
}
"""What people of the morning do, by how they stand; all others look at pages."""


def _sessions(accounts: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for account in Account.objects.filter(pk__in=accounts):
        session = SessionStore()
        session[SESSION_KEY] = str(account.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = account.get_session_auth_hash()
        session.save()
        found[account.pk] = str(session.session_key)
    return found


def _mark_touched(cases: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rehearsal_laid SET touched = true WHERE case_id = ANY(%s)", [list(cases)])
