"""One server for several commands: it runs below a process of its own, which ends it after the last user.

Three files beside the data, each locked by the kernel, so that who crashes has let go:

start.lock   held by whoever looks whether the server runs, and starts it if not
users.lock   shared by all users; the keeper waits until it has it alone, and ends the server holding it
keeper.lock  held by the keeper as long as it lives
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import IO

from config.embedded.postgres import Postgres
from config.embedded.process import ServerError
from config.embedded.valkey import Valkey

LEAVING_SECONDS = 20
MOST_FILES = 4096
READY = "ready"


class Shared:
    """A server that this process uses together with others."""

    def __init__(self, server: Postgres | Valkey) -> None:
        self.server = server
        self._users: IO[str] | None = None

    def join(self) -> None:
        """Return when the server runs; it stays until `leave` or the end of this process. Raises ServerError."""
        self.server.home.mkdir(parents=True, exist_ok=True)
        with open(self._file("start"), "w") as start:
            fcntl.flock(start, fcntl.LOCK_EX)
            self._users = open(self._file("users"), "w")  # noqa: SIM115 (held as long as we use the server)
            fcntl.flock(self._users, fcntl.LOCK_SH)  # waits while a keeper ends the server
            if self._is_free("keeper", fcntl.LOCK_EX):
                self._start_keeper()

    def leave(self) -> None:
        """Use it no more; the last one returns when the server has ended. Twice is no harm."""
        if self._users is None:
            return
        self._users.close()
        self._users = None
        end = time.monotonic() + LEAVING_SECONDS
        while not self._is_free("keeper", fcntl.LOCK_SH) and not self._has_users() and time.monotonic() < end:
            time.sleep(0.02)

    def _has_users(self) -> bool:
        """Does anybody share the lock? (A keeper that ends the server does not share it.)"""
        return not self._is_free("users", fcntl.LOCK_EX) and self._is_free("users", fcntl.LOCK_SH)

    def _file(self, name: str) -> Path:
        return self.server.home / f"{name}.lock"

    def _is_free(self, name: str, how: int) -> bool:
        with open(self._file(name), "w") as file:
            try:
                fcntl.flock(file, how | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

    def _start_keeper(self) -> None:
        reading, writing = os.pipe()
        if os.fork() == 0:
            _let_go_of_everything_but(writing)
            try:
                self._keep(writing)
            finally:
                os._exit(0)
        os.close(writing)
        with open(reading) as answer:
            if (text := answer.read()) != READY:
                raise ServerError(text or f"A server ended while it started; see {self.server.home}")

    def _keep(self, answer: int) -> None:
        """Run the server until nobody uses it. Answers READY, or what is wrong."""
        keeper = os.open(self._file("keeper"), os.O_WRONLY)
        fcntl.flock(keeper, fcntl.LOCK_EX)
        try:
            self.server.start()
            os.write(answer, READY.encode())
        except Exception as error:
            os.write(answer, str(error).encode())
            return
        finally:
            os.close(answer)
        try:
            fcntl.flock(os.open(self._file("users"), os.O_WRONLY), fcntl.LOCK_EX)
        finally:
            self.server.stop()


def _let_go_of_everything_but(kept: int) -> None:
    """Leave the terminal, and the locks and files that a fork has copied."""
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nowhere, standard)
    os.closerange(3, kept)
    os.closerange(kept + 1, MOST_FILES)
