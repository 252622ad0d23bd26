"""A small load generator: many connections that are kept alive, one thread, raw sockets.

It costs 15 to 25 µs a request, so it leaves the processors to the server. Every answer is counted by its status.
"""

from __future__ import annotations

import select
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

ANSWER_SECONDS = 30  # for what is still on its way when time is up


@dataclass
class Answers:
    """What came back. Latencies in seconds, in the order of the answers."""

    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    own_cpu_seconds: float = 0.0

    @property
    def acknowledged(self) -> int:
        """How many were answered with 2xx."""
        return sum(count for status, count in self.statuses.items() if 200 <= status < 300)


class _Caller:
    """One connection and the request that is on its way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got, self.sent_at = b"", 0.0

    def send(self, request: bytes) -> None:
        self.got, self.sent_at = b"", time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> int:
        """Read what is there; return the status of a whole answer, else 0."""
        piece = self.socket.recv(262_144)
        if not piece:
            raise ConnectionError("the server hung up")
        self.got += piece
        return _status_of(self.got)


def _status_of(got: bytes) -> int:
    head, end, body = got.partition(b"\r\n\r\n")
    if not end:
        return 0
    status = int(head[9:12])
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        return status if body.endswith(b"0\r\n\r\n") else 0
    _, named, length = lower.partition(b"content-length:")
    wanted = int(length.split(b"\r\n", 1)[0]) if named else 0
    return status if len(body) >= wanted else 0


def drive(port: int, make: Callable[[], bytes], *, connections: int, seconds: float) -> Answers:
    """Keep so many requests on their way for so long; what is on its way then is waited for and counts."""
    answers, poll = Answers(), select.epoll()
    callers = {caller.socket.fileno(): caller for caller in (_Caller(port) for _ in range(connections))}
    cpu, began = time.process_time(), time.perf_counter()
    for number, caller in callers.items():
        poll.register(number, select.EPOLLIN)
        caller.send(make())
    waiting, until = len(callers), began + seconds
    while waiting:
        ready = poll.poll(ANSWER_SECONDS)
        if not ready:
            raise TimeoutError(f"{waiting} requests had no answer within {ANSWER_SECONDS} s")
        for number, _ in ready:
            caller = callers[number]
            if status := caller.receive():
                now = time.perf_counter()
                answers.statuses[status] += 1
                answers.latencies.append(now - caller.sent_at)
                if now < until:
                    caller.send(make())
                else:
                    waiting -= 1
    answers.seconds, answers.own_cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
    for caller in callers.values():
        caller.socket.close()
    poll.close()
    return answers


def a_post(path: str, body: bytes, *headers: str) -> bytes:
    """Return a POST of JSON as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def a_get(path: str, *headers: str) -> bytes:
    """Return a GET as it goes over the wire."""
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *headers]).encode() + b"\r\n\r\n"
