"""What docker-compose.yml and the Dockerfile name exists in the project. No Docker engine is needed for that."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands
from django.urls import resolve

from config import alive
from config.environment import Environment
from config.fresh_secrets import fresh_secrets
from tests.config.sample import ADDRESSES, sample_environment

BASE = Path(settings.BASE_DIR)
COMPOSE: dict[str, Any] = yaml.safe_load((BASE / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (BASE / "Dockerfile").read_text()
OURS = [name for name, service in SERVICES.items() if service.get("image") == "vorweis:0.1.0"]
FROM_OUTSIDE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def variables(path: str) -> dict[str, str]:
    lines = [line for line in (BASE / path).read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def environment(given: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Return what the web container would see: interpolated as compose does, secrets in files."""

    def put_in(found: re.Match[str]) -> str:
        name, kind, text = found.groups()
        assert kind != "?" or given.get(name), f"{name}: {text}"
        return given.get(name) or (text if kind == "-" else "")

    for name, value in fresh_secrets().items():
        (tmp_path / name.lower()).write_text(value)
    seen = {name: FROM_OUTSIDE.sub(put_in, str(text)) for name, text in SERVICES["web"]["environment"].items()}
    return {name: text.replace("/run/secrets/", f"{tmp_path}/") for name, text in seen.items()}


@pytest.mark.parametrize("name", OURS)
def test_each_of_our_services_starts_something_that_exists(name):
    command = SERVICES[name].get("command") or re.findall(r'"([^"]+)"', DOCKERFILE.rpartition("\nCMD ")[2])
    match command:
        case ["python", "manage.py", subcommand, *_]:
            assert subcommand in get_commands()
        case [program, *words]:
            assert program in {script.name for script in entry_points(group="console_scripts")}
            for word in words:
                if ":" in word:
                    assert find_spec(word.split(":")[0]) is not None


@pytest.mark.parametrize("name", [name for name in OURS if "healthcheck" in SERVICES[name]])
def test_each_health_check_asks_something_that_exists(name):
    assert SERVICES[name]["healthcheck"]["test"][:4] == ["CMD", "python", "-m", "config.alive"]
    assert SERVICES[name]["healthcheck"]["test"][4] in alive.PARTS


def test_every_service_that_stays_has_a_health_check():
    without = [name for name, service in SERVICES.items() if "healthcheck" not in service]
    assert set(without) == {"migrate", "demo-data", "simulators"}  # the last one's stands in the Dockerfile
    assert "/gesund" in DOCKERFILE


def test_every_service_of_ours_runs_without_root_and_cannot_write_to_its_image():
    for name in [*OURS, "simulators"]:
        service = SERVICES[name]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert DOCKERFILE.count("USER vorweis") == 2


def test_compose_hands_on_all_that_production_asks_for(read_production, monkeypatch):
    asked = set()
    text = Environment.text

    def noting(self: Environment, name: str, what: str, **options: Any) -> str:
        asked.add(name)
        return text(self, name, what, **options)

    monkeypatch.setattr(Environment, "text", noting)
    read_production(dict(sample_environment()))
    assert {name.removesuffix("_FILE") for name in SERVICES["web"]["environment"] if name != "AUDIT_ANCHOR_FILE"} == (
        asked - {"AUDIT_ANCHOR_FILE"}
    )


def test_the_example_of_production_is_complete_once_it_is_filled_in(read_production, tmp_path):
    example = variables("docker/production.env.example")
    given = {name: ADDRESSES[name] for name in example}
    assert read_production(environment(given, tmp_path))["VORWEIS_DEMO"] is False


def test_the_demo_is_complete(read_production, tmp_path):
    made = read_production(environment(variables("docker/demo.env"), tmp_path))
    assert made["VORWEIS_DEMO"] is True
    assert made["POSTIDENT"]["base_url"] == "http://simulators:8001/postident/api"


def test_every_secret_of_compose_is_made_by_make_secrets():
    made = {name.lower() for name in fresh_secrets()} | {"valkey.conf"}
    assert set(COMPOSE["secrets"]) == made
    assert {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()} == made


def test_what_the_image_copies_is_there_and_not_ignored():
    ignored = (BASE / ".dockerignore").read_text()
    for source in re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE, re.MULTILINE):
        for word in source.split():
            assert (BASE / word).exists()
            assert f"!{word}\n" in ignored


def test_the_database_has_the_same_locale_as_everywhere():
    options = SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]
    assert options == "--locale=C --locale-provider=builtin --builtin-locale=C.UTF-8"


def test_the_addresses_of_health_and_metrics_are_those_of_the_project():
    assert resolve("/healthz/live").url_name == "live"
    assert resolve("/healthz/ready").url_name == "ready"
    assert resolve("/metrics").url_name == "metrics"


@pytest.mark.django_db(transaction=True)
def test_the_web_server_is_seen_alive(live_server, monkeypatch):
    monkeypatch.setattr(alive, "WEB_PORT", live_server.thread.port)
    monkeypatch.setenv("ALLOWED_HOSTS", "testserver,other")
    assert alive.web()


def test_beat_is_alive_while_it_writes_its_schedule(monkeypatch, tmp_path):
    monkeypatch.setattr(alive, "BEAT_SCHEDULE", tmp_path / "beat-schedule")
    assert not alive.beat()
    (tmp_path / "beat-schedule.db").touch()
    assert alive.beat()
    monkeypatch.setattr(alive, "BEAT_SILENT_SECONDS", -1)
    assert not alive.beat()
