"""The launcher: `python -m simulators --port 8001 --smtp-port 8025 --state var/simulators`."""

import argparse
import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
OPTIONS = {
    "host": "address of the web server (127.0.0.1)",
    "port": "its port (8001)",
    "smtp-host": "address of the SMTP server (127.0.0.1)",
    "smtp-port": "its port (8025)",
    "state": "folder of the state (var/simulators)",
    "public-url": "address under which browsers reach the simulators",
    "threads": "threads that answer requests (16)",
}


def parsed(arguments: Sequence[str]) -> dict[str, str]:
    """Return the arguments as the environment variables that they stand for."""
    parser = argparse.ArgumentParser(prog="python -m simulators", description=__doc__)
    for name, text in OPTIONS.items():
        parser.add_argument(f"--{name}", help=text)
    parser.add_argument(
        "--allow-http-webhooks", action=argparse.BooleanOptionalAction, help="take webhook addresses without TLS (yes)"
    )
    given = vars(parser.parse_args(arguments))
    allow = given.pop("allow_http_webhooks")
    values = {f"SIMULATOR_{name.upper()}": value for name, value in given.items() if value is not None}
    return values if allow is None else values | {"SIMULATOR_ALLOW_HTTP_WEBHOOKS": str(int(allow))}


def application() -> Any:
    """Build the application in the worker process, which ends when its parent does."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)
    from simulators.app import served

    return served()


def main(arguments: Sequence[str]) -> None:
    """Serve until SIGINT or SIGTERM: one worker process with threads for HTTP, SMTP and webhooks."""
    os.environ.update(parsed(arguments))
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from simulators.settings import from_environment

    settings = from_environment()
    print(f"Simulators: http://{settings.host}:{settings.port}/ and SMTP on port {settings.smtp_port}", flush=True)
    Granian(
        "simulators.__main__:application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=settings.threads,
        factory=True,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        websockets=False,
        log_level=LogLevels.error,
    ).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
