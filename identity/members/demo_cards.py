"""Cards of demo people: current and old, with and without NFC, blocked, and people who have none that works."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from .demo_person import DemoCard

_FIRST_NFC = date(2019, 12, 1)
_VALID_DAYS = 5 * 365


class CardMaker:
    def __init__(self, rng: Random, next_serial: Callable[[], int], today: date) -> None:
        self._rng, self._next_serial, self._today = rng, next_serial, today

    def cards_of(self, member_from: date, member_to: date | None) -> tuple[DemoCard, ...]:
        """Return the cards of a member, the oldest first; the last one is active while the membership lasts."""
        last_day = member_to or self._today
        issued_on = last_day - timedelta(self._rng.randint(0, max(0, min(_VALID_DAYS, (last_day - member_from).days))))
        cards = [self._card(issued_on, self._state(member_to))]
        while len(cards) < 3 and issued_on > member_from and self._rng.random() < 0.45:
            issued_on = max(member_from, issued_on - timedelta(self._rng.randint(200, _VALID_DAYS)))
            cards.append(self._card(issued_on, self._rng.choice(("replaced", "expired", "expired", "blocked"))))
        return tuple(reversed(cards))

    def _state(self, member_to: date | None) -> str:
        if member_to is not None and member_to < self._today:
            return self._rng.choice(("blocked", "expired"))
        return "blocked" if self._rng.random() < 0.02 else "active"

    def _card(self, issued_on: date, state: str) -> DemoCard:
        nfc = issued_on >= _FIRST_NFC and self._rng.random() > 0.05
        return DemoCard(f"8027600109{self._next_serial():010d}", nfc, issued_on, state)
