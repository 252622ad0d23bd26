"""All checks and tests, each with its time. Called by script/test after the set-up; standard library only.

script/test                    everything; the browser journeys want Chromium
script/test --no-browser       all but the journeys
script/test --fast             the tests without browser only
script/test -- -k suspension   what stands after -- goes to pytest
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import _browser

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
APPS = ("config", "identity", "epa", "pin", "branches", "core")
TEST = "config.settings.test"
CORES = 2
SIDE_BY_SIDE = ("-n", str(CORES), "--dist", "worksteal")
SHORT_FAULTS = ("--cases", "150", *SIDE_BY_SIDE)


@dataclass(frozen=True)
class Step:
    """A command. `live`: its output is shown as it comes; else only when it fails."""

    name: str
    command: Sequence[str]
    live: bool = False
    settings: str = TEST


@dataclass(frozen=True)
class Done:
    name: str
    seconds: float
    code: int
    output: str = ""


def tool(name: str, *words: str) -> list[str]:
    return [str(BIN / name), *words]


def manage(*words: str) -> list[str]:
    return [sys.executable, "manage.py", *words]


def pytest(*words: str) -> list[str]:
    return [sys.executable, "-m", "pytest", *words]


def checks() -> list[Step]:
    """What reads the code and asks Django; the longest first."""
    return [
        Step("mypy", tool("mypy", *APPS, "simulators", "tests")),
        Step("templates", tool("djlint", "--lint", "--quiet", "templates")),
        Step("imports", tool("lint-imports")),
        Step("ruff", tool("ruff", "check", ".")),
        Step("format", tool("ruff", "format", "--check", ".")),
        Step("German", manage("texts", "--check")),
        Step("drawings", manage("draw_states", "--check")),
        Step("migrations", manage("makemigrations", "--check", "--dry-run", "--skip-checks")),
        Step(
            "production", [sys.executable, "-m", "tests.config.sample", "check", "--deploy", "--fail-level", "WARNING"]
        ),
    ]


def run(step: Step) -> Done:
    """Run a step to its end and say so in one line; what a failed one printed is shown whole."""
    began = time.monotonic()
    if step.live:
        print(f"\n· {step.name}", flush=True)
    keep = None if step.live else subprocess.PIPE
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": step.settings, "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(
        step.command,
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=keep,
        stderr=keep and subprocess.STDOUT,
        text=True,
    )
    result = Done(step.name, time.monotonic() - began, done.returncode, done.stdout or "")
    print(line(result), flush=True)
    if result.code:
        print(result.output, flush=True)
    return result


def line(done: Done) -> str:
    return f"  {'ok    ' if done.code == 0 else 'FAILED'} {done.name:<12} {done.seconds:6.1f} s"


def together(steps: Sequence[Step]) -> Iterator[Done]:
    """Run steps side by side, one a core."""
    with ThreadPoolExecutor(CORES) as pool:
        for future in as_completed([pool.submit(run, step) for step in steps]):
            yield future.result()


def journeys(extra: Sequence[str]) -> Done:
    """The stories in a real browser. Without one: a line that says so, and a failure."""
    began = time.monotonic()
    try:
        browser = _browser.find_or_install()
    except _browser.Missing as missing:
        print(f"\n{missing}", flush=True)
        return Done("journeys", time.monotonic() - began, 1)
    os.environ["E2E_BROWSER"] = browser
    return run(Step("journeys", pytest("tests/journeys", *SIDE_BY_SIDE, *extra), live=True))


def arguments(words: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """Return our options, and what stands after `--` for pytest."""
    cut = words.index("--") if "--" in words else len(words)
    parser = argparse.ArgumentParser(prog="script/test", description="Set up, then run all checks and tests.")
    parser.add_argument("--no-browser", action="store_true", help="leave the browser journeys out")
    parser.add_argument("--fast", action="store_true", help="only the tests without browser")
    return parser.parse_args(words[:cut]), list(words[cut + 1 :])


def main(words: Sequence[str]) -> int:
    options, extra = arguments(words)
    began, done = time.monotonic(), []
    done.append(run(Step("texts", manage("texts", "--compile"))))
    if not options.fast:
        done += together(checks())
    done.append(run(Step("tests", pytest("-n", str(CORES), *extra), live=True)))
    if not options.fast:
        done.append(run(Step("faults", pytest("tests/faults", *SHORT_FAULTS), live=True)))
    if not (options.fast or options.no_browser):
        done.append(journeys(extra))
    print(f"\n{'—' * 32}")
    for each in done:
        print(line(each))
    failed = [each.name for each in done if each.code]
    print(
        f"{'FAILED: ' + ', '.join(failed) if failed else 'All is well'}, {time.monotonic() - began:.0f} s", flush=True
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
