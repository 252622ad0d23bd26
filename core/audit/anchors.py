"""The head of the chain, written down outside the database, where an administrator of the database cannot reach."""

import json
import os
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import NamedTuple

import structlog
from django.conf import settings

from core.audit.models import AuditHead

log = structlog.get_logger(__name__)
TAIL_BYTES = 4096


class Anchor(NamedTuple):
    seq: int
    hash: str  # hexadecimal
    at: str  # ISO 8601, UTC: when the anchored row was written


class AnchorUnreadable(Exception):
    """A line of the anchor file is no anchor."""


def anchor() -> Anchor | None:
    """Append the head to AUDIT_ANCHOR_FILE and say it in the log; None if there is nothing new.

    A head behind the last anchor means that rows were taken away: it is logged as an error and not written.
    """
    head = AuditHead.objects.filter(seq__gt=0).first()
    path = Path(settings.AUDIT_ANCHOR_FILE)
    last = _last(path)
    seq = head.seq if head else 0
    if last is not None and seq < last.seq:
        log.error("audit_head_behind_anchor", seq=seq, anchored_seq=last.seq)
        return None
    if head is None or head.at is None or (last is not None and seq == last.seq):
        return None
    made = Anchor(head.seq, bytes(head.hash).hex(), head.at.astimezone(UTC).isoformat(timespec="microseconds"))
    _append(path, made)
    log.info("audit_anchored", seq=made.seq, hash=made.hash, at=made.at)
    return made


def read_anchors(path: Path) -> Iterator[Anchor]:
    """Yield the anchors of a file. Raises AnchorUnreadable with the number of the line."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield _parse(line)
            except (ValueError, KeyError, TypeError):
                raise AnchorUnreadable(f"{path}, line {number} is no anchor") from None


def last_anchor(path: Path) -> Anchor | None:
    """Return the last whole anchor of a file, None when there is none. Raises OSError, AnchorUnreadable."""
    try:
        return _last(path)
    except (ValueError, KeyError, TypeError):
        raise AnchorUnreadable(f"{path}, the last line is no anchor") from None


def _parse(line: str) -> Anchor:
    values = json.loads(line)
    return Anchor(int(values["seq"]), str(values["hash"]), str(values["at"]))


def _last(path: Path) -> Anchor | None:
    if not path.exists():
        return None
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        lines = file.read().decode().split("\n")
    whole = [line for line in lines[:-1] if line]  # what has no line end was cut off by a crash
    return _parse(whole[-1]) if whole else None


def _append(path: Path, made: Anchor) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        os.write(descriptor, ("\n" * torn + json.dumps(made._asdict()) + "\n").encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
