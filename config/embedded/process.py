"""What both servers need: to be found in a wheel, to end with their parent, to run as somebody who may."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class ServerError(RuntimeError):
    """A server could not be started; the message says why and what to do."""


def package_folder(name: str) -> Path:
    """Return the folder of an installed package without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(
            f"The package {name} is not installed: run script/server, or set DATABASE_URL and REDIS_URL to servers of "
            "your own."
        )
    return Path(next(iter(spec.submodule_search_locations)))


def end_with_parent() -> None:
    """Ask the kernel to interrupt this child when its parent dies. Runs in the child, after any change of user.

    A shell that started us in the background made us deaf to interrupts; the child must hear them, or it would stay.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _at_parents_death(signal.SIGINT)


def be_killed_with_parent() -> None:
    """The same for a child that cannot be trusted to end when it is asked, and that may be killed at any time.

    A Celery worker is one: asked to end while its broker dies too, it may wait for ever.
    """
    _at_parents_death(signal.SIGKILL)


def _at_parents_death(send: signal.Signals) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, send, 0, 0, 0)  # PR_SET_PDEATHSIG


def _may_run(program: Path, folder: Path, uid: int, gid: int) -> bool:
    """May this user execute the program and enter the folder? The kernel is asked, in a child."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        for command in ([str(program), "--version"], ["test", "-x", str(folder)]):
            subprocess.run(command, user=uid, group=gid, extra_groups=[], capture_output=True, cwd="/", check=True)
        return True
    return False


@dataclass(frozen=True)
class RunAs:
    """How to run a server that refuses to run as root."""

    prefix: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    owner: tuple[int, int] | None = None

    @classmethod
    def choose(cls, program: Path, folder: Path) -> RunAs:
        """Return this user, else `postgres` or `nobody`, else a user namespace in which root is not called root."""
        if os.geteuid() != 0:
            return cls()
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                user = pwd.getpwnam(name)
                if _may_run(program, folder, user.pw_uid, user.pw_gid):
                    ids = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
                    return cls((), ids, (user.pw_uid, user.pw_gid))
        namespace = ("unshare", "--user", "--map-user=65534", "--map-group=65534", "--")
        if shutil.which("unshare") and subprocess.run([*namespace, "true"], capture_output=True).returncode == 0:
            return cls(namespace)
        raise ServerError(
            f"PostgreSQL will not run as root, and no other user may read {program}. "
            "Start as an ordinary user, or set DATABASE_URL to a server of your own."
        )
