"""The application with one safeguard taken out, to show that the tests notice. See `mutant_settings`."""

from __future__ import annotations

from collections.abc import Container
from types import ModuleType
from typing import Any

from django.apps import AppConfig


def _put(module: ModuleType, **others: Any) -> None:
    """Replace names of a module."""
    vars(module).update(others)


class Mutant(AppConfig):
    """One of these is installed last and changes the code that has been loaded."""

    name = "tests.faults"
    label = "mutant"


class InboxWithoutKey(Mutant):
    """Every hint becomes a row of its own: the statement without its ON CONFLICT. The test drops the constraint."""

    def ready(self) -> None:
        from identity.callbacks import services, storing

        insert, _, _ = storing.UPSERT.partition("ON CONFLICT")
        _put(services, UPSERT=insert)
        _put(storing, UPSERT=insert, PREPARED=insert % ("$1", "$2", "$3", "$4", "$5"))


class LostWakeUps(Mutant):
    """No worker is ever woken by news: what the broker may do to any wake-up happens to all."""

    def ready(self) -> None:
        from identity.callbacks import wake

        _put(wake, send_task=lambda *given, **more: None)


class CachedGate(Mutant):
    """Each process believes for ever what it has read first about suspensions."""

    def ready(self) -> None:
        from identity.methods import gate
        from identity.methods.models import Suspension

        kept: list[Suspension] = []

        class Remembered:
            """Stands for the query set of the orders that matter."""

            def filter(self, *, method__in: Container[str]) -> Remembered:
                if not kept:
                    kept.extend(Suspension.objects.order_by("effective_from", "pk"))
                self.of = method__in
                return self

            def order_by(self, *_: str) -> list[Suspension]:
                return [order for order in kept if order.method_id in self.of]

        _put(gate, _mattering=lambda questions, now: Remembered())


class HesitantGate(Mutant):
    """Between a ruling and the commit of what follows from it, somebody waits for the suspension that is coming.

    See `hesitating`. The locks hold: the suspension cannot come, and nothing may slip through.
    """

    def ready(self) -> None:
        from identity.callbacks import work
        from identity.cases.services import starting
        from identity.methods import gate
        from tests.faults.hesitating import hesitate

        decide, decide_all = gate.decide, gate.decide_all

        def start(*given: Any, **more: Any) -> Any:
            ruling = decide(*given, **more)
            hesitate("start")
            return ruling

        def accept(*given: Any, **more: Any) -> Any:
            rulings = decide_all(*given, **more)
            hesitate("accept")
            return rulings

        _put(starting, decide=start)
        _put(work, decide_all=accept)


class HesitantGateWithoutLock(HesitantGate):
    """The same without the locks: the suspension comes, and what was ruled on before is committed after it."""

    def ready(self) -> None:
        from identity.methods import gate

        _put(gate, hold=lambda codes, exclusive=False: None)
        super().ready()


class NobodyCarriesOut(Mutant):
    """Orders stand in the record and are held at every door, and nobody does anything about people in the middle."""

    def ready(self) -> None:
        from identity.cases.effects import carrying

        _put(carrying, carry_out_orders=lambda **_: 0)


class BlindToResults(Mutant):
    """The gate lets every result count, whatever order stands; it still lets nobody begin."""

    def ready(self) -> None:
        from identity.methods import gate, rules
        from identity.methods.choices import Action

        def blind(orders: Any, provider: str, question: Any, now: Any) -> Any:
            return None if question.action is Action.ACCEPT else rules.stopped_by(orders, provider, question, now)

        _put(gate, stopped_by=blind)
