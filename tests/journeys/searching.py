"""Where personal data must not be, as text, and the search for it."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import redis
from django.db import connection
from psycopg import sql

from tests.journeys.people import Canary
from tests.journeys.world import World, with_bodies

EXCERPT = 60


def places(world: World) -> dict[str, str]:
    """Return by name every place that is searched, as text."""
    notices = world.stack.outside.control("GET", "/webhooks?limit=1000")
    return {
        **{
            f"log of {part.name}": part.log.read_text(errors="replace")
            for part in world.stack.parts
            if part.log.exists()
        },
        "commands to Valkey, with task arguments": "\n".join(world.eavesdropper.heard),
        "Valkey": valkey_as_text(world.stack.redis_url),
        "addresses": "\n".join(world.urls),
        "notifications of the provider": str(notices),
        "page titles": "\n".join(world.looking.titles),
        **{f"table {name}": text for name, text in tables()},
    }


def valkey_as_text(url: str) -> str:
    """Return all keys with their values, and the bodies of messages decoded."""
    with redis.Redis.from_url(url) as client:
        lines = [f"{key.decode(errors='replace')} {_value(client, key)}" for key in client.scan_iter()]
    return with_bodies("\n".join(lines))


def _value(client: Any, key: bytes) -> str:
    readers = {
        b"string": client.get,
        b"list": lambda it: client.lrange(it, 0, -1),
        b"set": client.smembers,
        b"hash": client.hgetall,
        b"zset": lambda it: client.zrange(it, 0, -1, withscores=True),
        b"stream": client.xrange,
    }
    return str(readers[client.type(key)](key))


def tables() -> Iterator[tuple[str, str]]:
    """Yield every table of the database as COPY writes it, which is what a dump holds."""
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            yield name, table_as_text(name)


def table_as_text(name: str) -> str:
    with (
        connection.cursor() as cursor,
        cursor.cursor.copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name))) as copy,
    ):
        return b"".join(copy).decode()


def canaries_in(texts: Mapping[str, str], people: Iterable[Canary]) -> list[str]:
    """Return one line for each canary value in a text, plain in any case, as hexadecimal digits, or as Base64."""
    lowered = {place: text.lower() for place, text in texts.items()}
    found = []
    for number, person in enumerate(people, 1):
        for kind, value in person.values().items():
            for place, text in lowered.items():
                if any(form.lower() in text for form in _forms(value)):
                    found.append(f"{kind} of person {number} in {place}: {_excerpt(text, value)}")
    return found


def _forms(value: str) -> Iterator[str]:
    yield value
    yield value.encode().hex()
    for shift in range(3):  # where it begins in the text decides how it looks in Base64
        encoded = base64.b64encode(b" " * shift + value.encode()).decode()
        yield encoded[4 if shift else 0 : -4]


def _excerpt(text: str, value: str) -> str:
    place = text.find(value.lower())
    return text[max(0, place - EXCERPT) : place + EXCERPT] if place >= 0 else "(encoded)"
