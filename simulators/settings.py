"""What the simulators can be told from outside: environment first, arguments of the launcher win."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from simulators.json_types import Json

ROOT = Path(__file__).resolve().parent.parent

DEFAULT_CLIENTS: Mapping[str, Json] = {
    "DEMOFILIALE": {
        "user": "demo-filiale",
        "password": "demo-filiale-passwort",
        "data_password": "demo-filiale-datenpasswort",
        "methods": ["basic"],
    },
    "DEMOEID": {
        "user": "demo-eid",
        "password": "demo-eid-passwort",
        "data_password": "demo-eid-datenpasswort",
        "methods": ["eid"],
    },
    "DEMOALLE": {
        "user": "demo-alle",
        "password": "demo-alle-passwort",
        "data_password": "demo-alle-datenpasswort",
        "methods": ["basic", "eid", "video"],
    },
}


@dataclass(frozen=True)
class Client:
    """A customer of POSTIDENT with its contract: allowed methods and how many days a case may be started."""

    client_id: str
    user: str
    password: str
    data_password: str
    methods: tuple[str, ...]
    valid_days: int = 14
    name: str = "Musterkasse"


@dataclass(frozen=True)
class Settings:
    """One running set of simulators. Times in seconds."""

    state: Path
    host: str = "127.0.0.1"
    port: int = 8001
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 8025
    public_url: str = ""
    token: str = "simulator-demo-token"  # noqa: S105 - a demo default, told to everybody
    allow_http_webhooks: bool = True
    jwe_enc: str = "A256GCM"
    kern_dir: Path = ROOT / "node_modules" / "@kern-ux" / "native" / "dist"
    threads: int = 16
    webhook_threads: int = 8
    webhook_attempts: int = 6
    webhook_backoff_seconds: float = 1.0
    webhook_timeout_seconds: float = 5.0
    record_state: str = "ACTIVATED"
    clients: Mapping[str, Client] = field(default_factory=lambda: _clients(DEFAULT_CLIENTS))


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read every `SIMULATOR_…` variable; raise ValueError naming the one that cannot be read."""

    def number(name: str, default: str) -> float:
        text = environ.get(f"SIMULATOR_{name}", default)
        try:
            return float(text)
        except ValueError:
            raise ValueError(f"SIMULATOR_{name} is not a number") from None

    def text(name: str, default: str) -> str:
        return environ.get(f"SIMULATOR_{name}") or default

    plain = Settings(state=Path("."))
    return Settings(
        state=Path(text("STATE", "var/simulators")),
        host=text("HOST", plain.host),
        port=int(number("PORT", "8001")),
        smtp_host=text("SMTP_HOST", plain.smtp_host),
        smtp_port=int(number("SMTP_PORT", "8025")),
        public_url=text("PUBLIC_URL", "").rstrip("/"),
        token=text("TOKEN", plain.token),
        allow_http_webhooks=text("ALLOW_HTTP_WEBHOOKS", "1").lower() not in {"0", "no", "false"},
        jwe_enc=text("JWE_ENC", plain.jwe_enc),
        kern_dir=Path(text("KERN_DIR", str(plain.kern_dir))),
        threads=int(number("THREADS", "16")),
        webhook_threads=int(number("WEBHOOK_THREADS", "8")),
        webhook_attempts=int(number("WEBHOOK_ATTEMPTS", "6")),
        webhook_backoff_seconds=number("WEBHOOK_BACKOFF_SECONDS", "1.0"),
        webhook_timeout_seconds=number("WEBHOOK_TIMEOUT_SECONDS", "5"),
        record_state=text("RECORD_STATE", plain.record_state),
        clients=_clients(_given_clients(environ.get("SIMULATOR_CLIENTS", "")) or DEFAULT_CLIENTS),
    )


def _given_clients(text: str) -> Mapping[str, Json]:
    """Read the clients from JSON text or from the path of a JSON file; empty text gives none."""
    if not text.strip():
        return {}
    if not text.lstrip().startswith("{"):
        text = Path(text).read_text(encoding="utf-8")
    clients: Mapping[str, Json] = json.loads(text)
    return clients


def _clients(given: Mapping[str, Json]) -> dict[str, Client]:
    return {
        client_id: Client(client_id=client_id, **(values | {"methods": tuple(values["methods"])}))
        for client_id, values in given.items()
    }
