"""dj-stripe in an environment of its own, made once below `var/` from PyPI, with pinned versions."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import os
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg

from config.processes import BIN
from tests.benchmarks.ground import FOLDER, Ground, Server
from tests.benchmarks.load import a_post

SITE: Final = Path(__file__).parent / "djstripe_site"
ENVIRONMENT: Final = FOLDER / "dj-stripe"
DATABASE: Final = "djstripe"
TABLE: Final = "djstripe_webhookeventtrigger"
SECRET: Final = "whsec_benchmark"


@contextmanager
def serving(ground: Ground) -> Iterator[tuple[Server, Callable[[], bytes]]]:
    """Run it on the ground's PostgreSQL, in a database of its own; with a maker of signed events."""
    python = _environment(ground)
    with psycopg.connect(ground.postgres.url("postgres"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {DATABASE}")
    env = {"DATABASE_HOST": str(ground.postgres.socket), "DATABASE_NAME": DATABASE, "SECRET": SECRET}
    made = subprocess.run(
        [python, "stripe_site.py"], cwd=SITE, env={**os.environ, **env}, stdout=subprocess.PIPE, text=True, check=True
    )
    path = f"/stripe/webhook/{made.stdout.split()[-1]}/"
    with ground.serving("dj-stripe", "stripe_site:application", environment=env, python=python, folder=SITE) as site:
        yield site, _events(path)


def _environment(ground: Ground) -> Path:
    """Return its Python. Installed with uv, or with pip where uv fails."""
    python, wanted = ENVIRONMENT / "bin" / "python", (SITE / "requirements.txt").read_text()
    mark = ENVIRONMENT / "installed.txt"
    if mark.exists() and mark.read_text() == wanted:
        return python
    ground.tell("  making the environment of dj-stripe")
    venv.create(ENVIRONMENT, with_pip=True, clear=True)
    lock = ["--require-hashes", "-r", str(SITE / "requirements.txt")]
    fast = [str(BIN / "uv"), "pip", "install", "-q", "--system-certs", "--python", str(python), *lock]
    if subprocess.run(fast).returncode:
        subprocess.run([python, "-m", "pip", "install", "-q", *lock], check=True, stdout=sys.stderr)
    mark.write_text(wanted)
    return python


def _events(path: str) -> Callable[[], bytes]:
    """Return a maker of events as Stripe sends them, each new, of a kind that nothing has to be done about."""
    numbers = itertools.count(1)
    balance = {"object": "balance", "available": [], "livemode": False}
    usual = {"object": "event", "api_version": "2025-01-27.acacia", "livemode": False, "type": "balance.available"}
    usual |= {"data": {"object": balance}, "pending_webhooks": 1, "request": {"id": None, "idempotency_key": None}}

    def make() -> bytes:
        now = int(time.time())
        body = json.dumps({"id": f"evt_{next(numbers):024d}", "created": now, **usual}).encode()
        signature = hmac.new(SECRET.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
        return a_post(path, body, f"Stripe-Signature: t={now},v1={signature}")

    return make
