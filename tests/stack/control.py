"""The simulated outside world of a stack, as tests steer and read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx


class Outside:
    """Control of POSTIDENT, and the mailbox."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, headers={"X-Simulator-Token": token}, timeout=30, trust_env=False)

    def control(self, verb: str, path: str, body: Any = None) -> Any:
        """Call the control API of POSTIDENT and return its answer."""
        answer = self._http.request(verb, f"/postident/control{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    def finish(self, references: Sequence[str], method: str, outcome: str, **more: Any) -> int:
        """End the open attempts of cases, by our own references; return how many. `more`: the rest of a finish body."""
        finish = {"method": method, "outcome": outcome, **more}
        body = {"reference_ids": list(references), "finish": finish}
        return int(self.control("POST", "/bulk-finish", body)["finished"])

    def webhooks(self) -> dict[str, int]:
        """Return the number of notifications by status: waiting, held, delivered, failed, lost."""
        counts: dict[str, int] = self.control("GET", "/webhooks/summary")
        return counts

    def mails(self, since_id: int = 0, to: str = "") -> list[dict[str, Any]]:
        """Return the mails received after one, oldest first; each with id, to, subject, text, html, headers."""
        question: dict[str, str | int] = {"since_id": since_id, "limit": 5000, "to": to}
        answer = self._http.get("/postfach/api/mails", params=question)
        answer.raise_for_status()
        mails: list[dict[str, Any]] = answer.json()["mails"]
        return mails

    def close(self) -> None:
        self._http.close()
