"""One person's way from nothing to open access, step by step with its times."""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urljoin

import httpx

from config.journey.browser import Browser, Lost

CODE = re.compile(r"^\s+([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", re.MULTILINE)
PATIENCE_SECONDS = 60.0


class Person(Protocol):
    """Whom the register knows and nobody has linked yet."""

    kvnr: str
    given_names: str
    family_name: str
    birth_date: str
    card_last6: str


@dataclass
class Journey:
    """Drive one person through the whole main job. `steps` holds what was done and how long it took."""

    person: Person
    method: str
    base_url: str
    simulator_url: str
    say: Callable[[str, float], None] = lambda name, seconds: None
    steps: list[tuple[str, float]] = field(default_factory=list)

    def run(self) -> None:
        """Raises Lost with the step's name when a page is not what it should be."""
        self.browser = Browser(self.base_url)
        try:
            for name, step in self._plan():
                began = time.monotonic()
                try:
                    step()
                except (Lost, httpx.HTTPError) as error:
                    raise Lost(f"{name}: {error}") from error
                seconds = time.monotonic() - began
                self.steps.append((name, seconds))
                self.say(name, seconds)
        finally:
            self.browser.close()

    def _plan(self) -> Iterator[tuple[str, Callable[[], None]]]:
        yield "sign up", self._sign_up
        yield "confirm the e-mail address", self._confirm_address
        yield "link the insurance", self._link
        yield "request ePA access", self._request_access
        yield "send the application", self._declare
        yield f"choose {self.method}", self._choose
        identify = self._use_online_id if self.method == "postident_eid" else self._go_to_post_office
        yield "identify in the simulator", identify
        yield "wait for the result", self._wait_for_result
        yield "wait for open access", self._wait_for_access

    def _sign_up(self) -> None:
        self.email = f"journey-{secrets.token_hex(8)}@example.org"
        self.browser.get("/")
        self.browser.get("/konto/signup/")
        self.browser.submit("password1", email=self.email, password1=secrets.token_urlsafe(12))

    def _confirm_address(self) -> None:
        self.browser.submit("code", code=self._code_from_mail())

    def _code_from_mail(self) -> str:
        for _ in _until():
            mails = httpx.get(f"{self.simulator_url}/postfach/api/mails", params={"to": self.email}).json()
            listed = mails["mails"] if isinstance(mails, dict) else mails
            for mail in listed:
                if found := CODE.search(mail.get("text", "") or mail.get("body", "")):
                    return found[1]
        raise Lost("no mail with a code came")

    def _link(self) -> None:
        year, month, day = self.person.birth_date.split("-")
        self.browser.get("/versicherung/")
        self.browser.submit(
            "kvnr",
            kvnr=self.person.kvnr,
            birth_date_0=day,
            birth_date_1=month,
            birth_date_2=year,
            card_digits=self.person.card_last6,
        )

    def _request_access(self) -> None:
        self.browser.get("/epa/zugang/")
        self.browser.submit("channel", channel="app_android")

    def _declare(self) -> None:
        self.browser.submit()

    def _choose(self) -> None:
        self.browser.submit("method", method=self.method)

    def _use_online_id(self) -> None:
        self.case_page = self._case_page()
        self.browser.follow("/weiter/")
        self.browser.submit("method", method="eid")
        self.browser.submit("step", step="consent")
        self.browser.submit("outcome", outcome="success", **self._document())
        self.browser.follow("zurueck")

    def _go_to_post_office(self) -> None:
        self.case_page = self._case_page()
        self.browser.follow("/weiter/")
        self.browser.submit("method", method="basic")
        self.browser.follow("schalter")
        self.browser.submit("outcome", action="finish", outcome="success", **self._document())

    def _document(self) -> dict[str, str]:
        """What stands on the person's own card."""
        return {
            "first_name": self.person.given_names,
            "last_name": self.person.family_name,
            "birth_date": self.person.birth_date,
            "birth_name": "",
        }

    def _case_page(self) -> str:
        href = next((href for href, _ in self.browser.page.links if re.search(r"/vorgang/[0-9a-f-]{36}/$", href)), None)
        if href is None:
            raise Lost(f"no link to the time line on {self.browser.where()}")
        return urljoin(self.browser.url, href)

    def _wait_for_result(self) -> None:
        self._wait_for_state(f"{self.case_page}stand.json", "identified")

    def _wait_for_access(self) -> None:
        self.browser.url = self.base_url
        self.browser.get("/epa/zugang/")
        if "/epa/zugang/" not in self.browser.url:
            raise Lost(f"no access page but {self.browser.where()}")
        self._wait_for_state(urljoin(self.browser.url, "stand.json"), "open")

    def _wait_for_state(self, address: str, wanted: str) -> None:
        state = ""
        for _ in _until():
            state = self.browser.client.get(address).json()["state"]
            if state == wanted:
                return
        raise Lost(f"still {state!r} instead of {wanted!r} after {PATIENCE_SECONDS:g} s")


def _until(seconds: float = PATIENCE_SECONDS, pause: float = 0.2) -> Iterator[None]:
    """Yield until time is up, with a pause after each look."""
    end, wait = time.monotonic() + seconds, threading.Event()
    while time.monotonic() < end:
        yield
        wait.wait(pause)
