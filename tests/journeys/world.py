"""The application of one run of journeys, with all that is kept of it for the search for canaries."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import redis
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.looking import Looking
from tests.journeys.people import Canary
from tests.stack import Stack

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
BODY = re.compile(r'\\?"body\\?": \\?"([A-Za-z0-9+/=]+)')


class Eavesdropper(threading.Thread):
    """Keeps every command that Valkey gets, and the bodies of tasks as text, for tasks are gone when one looks."""

    def __init__(self, url: str) -> None:
        super().__init__(name="eavesdropper", daemon=True)
        self.heard: list[str] = []
        self.listening = threading.Event()
        self._client = redis.Redis.from_url(url)

    def run(self) -> None:
        try:
            with self._client.monitor() as monitor:
                self.listening.set()
                for command in monitor.listen():
                    self.heard.append(with_bodies(str(command["command"])))
        except (redis.ConnectionError, ValueError, AttributeError):
            return  # Valkey has ended, and the run with it


def with_bodies(text: str) -> str:
    """Return a text and, after it, the bodies of messages in it, decoded."""
    bodies = (
        base64.b64decode(found + "=" * (-len(found) % 4)).decode("utf-8", "replace") for found in BODY.findall(text)
    )
    return "\n".join([text, *bodies])


@dataclass
class World:
    """`urls`: all addresses that a browser asked for, ours and the provider's."""

    stack: Stack
    browser: Browser
    looking: Looking
    people: Iterator[Canary]
    eavesdropper: Eavesdropper
    urls: set[str] = field(default_factory=set)
    walked: list[Canary] = field(default_factory=list)

    def context(self, *, phone: bool = True, scripts: bool = True) -> BrowserContext:
        """Return a browser of one person, with nothing in it yet."""
        context = self.browser.new_context(
            base_url=self.stack.base_url,
            viewport=PHONE if phone else DESK,  # type: ignore[arg-type]
            locale="de-DE",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(20_000)
        context.on("request", lambda request: self.urls.add(request.url))
        return context

    @contextmanager
    def without_scripts(self, cookies: Any) -> Iterator[Page]:
        """Give a page that gets no script from anywhere; ours hold none and the CSP forbids them to run there."""
        context = self.context()
        context.add_cookies(cookies)
        context.route("**/*.js", lambda route: route.abort())
        yield context.new_page()
        context.close()

    def next_person(self) -> Canary:
        """Return somebody whom nobody has been yet."""
        person = next(self.people)
        self.walked.append(person)
        return person
