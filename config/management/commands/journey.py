"""Drive the whole main job against a running script/server; a load when asked for."""

from __future__ import annotations

import statistics
import sys
import time
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand
from tqdm import tqdm

from config.journey.browser import Lost
from config.journey.people import free_people
from config.journey.person import Journey


class Command(BaseCommand):
    help = "Sign up, link, apply, identify, wait: over HTTP, without JavaScript. Exit 0 only when ePA access is open."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--method", choices=["postident_branch", "postident_eid"], default="postident_eid")
        parser.add_argument("--count", type=int, default=1, help="how many people")
        parser.add_argument("--parallel", type=int, default=1, help="how many at a time")
        parser.add_argument("--base-url", default="", help="default: the address of script/server")
        parser.add_argument("--simulator-url", default="", help="default: the simulators of script/server")

    def handle(self, *, method: str, count: int, parallel: int, **options: Any) -> None:
        base, outside = options["base_url"] or settings.BASE_URL, options["simulator_url"] or settings.SIMULATOR_URL
        people = free_people(count)
        began = time.monotonic()
        journeys = [Journey(person, method, base, outside) for person in people]
        if count == 1:
            journeys[0].say = lambda name, seconds: self.stdout.write(f"  {seconds:6.2f} s  {name}")
        failed = self._run_all(journeys, parallel)
        if count > 1:
            self._summarise(journeys)
        seconds = time.monotonic() - began
        done = count - len(failed)
        self.stdout.write(f"{done} of {count} have open access after {seconds:.1f} s ({done / seconds:.2f} a second).")
        for why in failed[:10]:
            self.stderr.write(f"  failed at {why}")
        sys.exit(1 if failed else 0)

    def _run_all(self, journeys: list[Journey], parallel: int) -> list[str]:
        failed: list[str] = []

        def one(journey: Journey) -> None:
            try:
                journey.run()
            except Lost as error:
                failed.append(str(error))

        with ThreadPoolExecutor(parallel) as pool:
            runs = pool.map(one, journeys)
            list(tqdm(runs, total=len(journeys), unit="person", disable=len(journeys) == 1, file=sys.stderr))
        return failed

    def _summarise(self, journeys: list[Journey]) -> None:
        times: dict[str, list[float]] = {}
        for journey in journeys:
            for name, seconds in journey.steps:
                times.setdefault(name, []).append(seconds)
        self.stdout.write(f"  {'step':<30}{'median':>9}{'p95':>9}")
        for name, values in times.items():
            p95 = statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]
            self.stdout.write(f"  {name:<30}{statistics.median(values):>7.2f} s{p95:>7.2f} s")
