"""Where the state lives: JSON documents in one SQLite file, written through.

The simulators work on objects in memory; this file only lets them survive a restart or a kill. With the write-ahead
log and `synchronous=OFF` a written document survives the death of the process, not that of the machine.
"""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from simulators.json_types import Json


class Store:
    """Documents by kind and key. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Open or make `folder`/simulators.sqlite3."""
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = Lock()
        self._database = sqlite3.connect(
            folder / "simulators.sqlite3", check_same_thread=False, isolation_level=None, timeout=10
        )
        self._database.executescript(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = OFF;
            CREATE TABLE IF NOT EXISTS documents (
                position INTEGER PRIMARY KEY AUTOINCREMENT,
                kind TEXT NOT NULL,
                key TEXT NOT NULL,
                body TEXT NOT NULL,
                UNIQUE (kind, key)
            );
            """
        )

    def all(self, kind: str) -> Iterator[tuple[str, Json]]:
        """Give key and document of every document of a kind, oldest first."""
        with self._lock:
            rows = self._database.execute(
                "SELECT key, body FROM documents WHERE kind = ? ORDER BY position", [kind]
            ).fetchall()
        for key, body in rows:
            yield key, json.loads(body)

    def put(self, kind: str, key: str, document: Json) -> None:
        """Write one document; a document that is there already keeps its place."""
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        with self._lock:
            self._database.execute(
                "INSERT INTO documents (kind, key, body) VALUES (?, ?, ?)"
                " ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
                [kind, key, body],
            )

    def delete(self, kind: str, key: str) -> None:
        """Remove one document; nothing happens if there is none."""
        with self._lock:
            self._database.execute("DELETE FROM documents WHERE kind = ? AND key = ?", [kind, key])

    def clear(self, kind: str) -> None:
        """Remove every document of a kind."""
        with self._lock:
            self._database.execute("DELETE FROM documents WHERE kind = ?", [kind])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()
