"""Start the whole application on this machine, with demo data, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from config.demo import load_demo_data
from config.processes import Family, beat, is_free, simulators, wait_for, web, worker

LEAVING_SECONDS = 10
CHILDREN = {
    "DJANGO_SETTINGS_MODULE": "config.settings.development",
    "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",  # on a developer's machine
}
WELCOME = """
Vorweis runs.                                             Ctrl-C ends everything.

  Insured people    {base}/
  Workplace         {base}/arbeitsplatz/
  Outside world     {outside}/          POSTIDENT, record system, mailbox (simulated)
  Mailbox           {outside}/postfach/

  Log-ins (password of all: {password})
    insured person  {insurant}
    clerk           {clerk}   and a second one: {second_clerk}
    administrators  {administrator}, {second_administrator}

  Try first: log in as the insured person, link the insurance with
    KVNR {kvnr}, born {born}, card number ending in {digits},
  apply for ePA access and go to the (simulated) post office or use the (simulated) online ID.
  By machine: .venv/bin/python manage.py journey --method postident_eid
"""


class Command(BaseCommand):
    help = "Start web server, Celery worker and beat and the simulators, supervised, with demo data."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--exit-after", type=float, help="seconds; to try the start itself")

    def handle(self, *, exit_after: float | None, **options: Any) -> None:
        began = time.monotonic()
        self._require_free_ports()
        self.stdout.write("· Database", ending="\n")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("texts", "--compile")
        log_ins = load_demo_data()
        family = Family(CHILDREN, sys.stdout)
        stop: list[int] = []
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, lambda number, frame: stop.append(number))
        code = 0
        try:
            self._start(family)
            outside, base = settings.SIMULATOR_URL, settings.BASE_URL
            self.stdout.write(WELCOME.format(base=base, outside=outside, **log_ins))
            self.stdout.write(f"Started in {time.monotonic() - began:.1f} s.")
            self.stdout.flush()
            code = self._watch(family, stop, exit_after)
        except RuntimeError as error:
            self.stderr.write(f"Could not start: {error}")
            code = 1
        finally:
            family.stop()
        sys.exit(code)

    def _require_free_ports(self) -> None:
        for name, port in (
            ("VORWEIS_PORT", settings.WEB_PORT),
            ("VORWEIS_SIMULATOR_PORT", settings.SIMULATOR_PORT),
            ("VORWEIS_SMTP_PORT", settings.SMTP_PORT),
        ):
            end = time.monotonic() + LEAVING_SECONDS
            while not is_free(port):  # one that was killed a moment ago may still be clearing away
                if time.monotonic() > end:
                    raise CommandError(
                        f"Port {port} is taken, perhaps by another script/server. End that one, or choose another "
                        f"port with {name}=…"
                    )
                time.sleep(0.1)

    def _start(self, family: Family) -> None:
        family.start("simulators", simulators(settings.SIMULATOR_PORT, settings.SMTP_PORT, settings.VAR / "simulators"))
        family.start("web", web(settings.WEB_PORT))
        family.start("worker", worker(), stubborn=True)
        for port in (settings.SIMULATOR_PORT, settings.WEB_PORT):
            wait_for(port, family)
        schedule = settings.VAR / "beat-schedule"
        family.start("beat", beat(schedule), stubborn=True)  # the last one: nobody waits for it

    def _watch(self, family: Family, stop: list[int], exit_after: float | None) -> int:
        end = time.monotonic() + exit_after if exit_after else float("inf")
        while not stop and time.monotonic() < end:
            if ended := family.ended():
                names = ", ".join(f"{name} (exit {code})" for name, code in ended)
                self.stderr.write(f"Ended by itself: {names}. Everything is stopped; its last lines stand above.")
                return 1
            time.sleep(0.2)
        self.stdout.write("Stopping …")
        return 0
