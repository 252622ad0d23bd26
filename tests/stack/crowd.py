"""Many insured people at once, each with an account and an open session, and what they do over HTTP."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from core.accounts.models import Account
from core.sessions import SessionStore
from identity.members.kvnr import check_digit
from identity.members.models import Address, Insurant
from tests.factories import an_insurer
from tests.stack.waiting import pause

CLIENTS = 6  # people who are at their browsers at the same time
TRIES = 8
BORN = "1964-08-12"  # an order tells no birth date, and this is the one that the simulators invent
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Member:
    """An insured person who is logged in."""

    email: str
    session: str


class NotTaken(Exception):
    """The application said no; `code` as in its problem document."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


def a_crowd(size: int, first: int = 1) -> list[Member]:
    """Create so many people, all of different names, with accounts, addresses and sessions. Needs the database."""
    numbers = range(first, first + size)
    accounts = Account.objects.bulk_create([Account(email=_email(number), password="!") for number in numbers])
    insurants = Insurant.objects.bulk_create(
        [_insurant(number, account) for number, account in zip(numbers, accounts, strict=True)]
    )
    Address.objects.bulk_create([_address(insurant) for insurant in insurants])
    return [Member(account.email, _session(account)) for account in accounts]


def _email(number: int) -> str:
    return f"member{number}@example.org"


def _insurant(number: int, account: Account) -> Insurant:
    stem = f"F{number:08d}"
    letters = "".join(LETTERS[number // 26**place % 26] for place in range(4))
    return Insurant(
        kvnr=f"{stem}{check_digit(stem)}",
        insurer=an_insurer(),
        account=account,
        given_names="Erika",
        family_name=f"Muster{letters}",
        birth_date=BORN,
        member_from=date(2015, 1, 1),
    )


def _address(insurant: Insurant) -> Address:
    return Address(
        insurant=insurant,
        street="Heidestraße",
        house_number="17",
        postcode="51147",
        city="Köln",
        valid_from=date(2015, 1, 1),
    )


def _session(account: Account) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.save()
    return str(session.session_key)


class Browser:
    """Does what people do, for one after the other. A context manager; one for each thread."""

    def __init__(self, base_url: str) -> None:
        self._token = secrets.token_hex(16)
        self._http = httpx.Client(base_url=base_url, timeout=30, trust_env=False)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def apply(self, member: Member) -> str:
        """Send the application for ePA access; return the public id of the case."""
        answer = self._post(member, "/antrag/epa/")
        if answer.status_code != 302:
            raise NotTaken(answer.status_code, "application")
        return answer.headers["location"].split("/")[2]

    def start(self, member: Member, case: str, method: str) -> str:
        """Choose a method; return the reference of the attempt. Raises NotTaken."""
        answer = self._post(member, f"/api/v1/cases/{case}/attempts", json={"method": method})
        if answer.status_code != 201:
            problem = answer.headers["content-type"].startswith("application/problem+json")
            raise NotTaken(answer.status_code, answer.json().get("code", "") if problem else "")
        return str(answer.json()["reference"])

    def _post(self, member: Member, path: str, **body: Any) -> httpx.Response:
        """Post as this person, again when the server is away, as somebody would who presses the button once more."""
        cookie = f"sessionid={member.session}; csrftoken={self._token}"
        headers = {"Cookie": cookie, "X-CSRFToken": self._token}
        for wait in range(TRIES):
            try:
                answer = self._http.post(path, headers=headers, **body)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code < 500:
                return answer
            pause(0.2 * 2**wait)
        raise NotTaken(503, "away")


def side_by_side(base_url: str, act: Callable[[Browser, Any], Any], things: Iterable[Any]) -> Sequence[Any]:
    """Run `act(browser, thing)` for all things, CLIENTS at a time; return the results in order."""
    browsers = [Browser(base_url) for _ in range(CLIENTS)]
    free = list(browsers)

    def one(thing: Any) -> Any:
        browser = free.pop()
        try:
            return act(browser, thing)
        finally:
            free.append(browser)

    try:
        with ThreadPoolExecutor(CLIENTS) as pool:
            return list(pool.map(one, things))
    finally:
        for browser in browsers:
            browser.__exit__()
