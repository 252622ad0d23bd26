"""How often one sender may try a wrong callback address. Right ones are never counted: nobody can shut them out."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import Final

BURST: Final = 20
PER_SECOND: Final = 0.2
ADDRESSES_KEPT: Final = 10_000


class Doorkeeper:
    """A bucket per remote address, in the memory of this process; the one seen longest ago is forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def tolerates(self, address: str) -> bool:
        """Count one wrong try; False when there were too many."""
        now = time.monotonic()
        with self._lock:
            left, since = self._buckets.pop(address, (float(BURST), now))
            left = min(float(BURST), left + (now - since) * PER_SECOND)
            tolerated = left >= 1
            self._buckets[address] = (left - 1 if tolerated else left, now)
            if len(self._buckets) > ADDRESSES_KEPT:
                self._buckets.popitem(last=False)
        return tolerated
