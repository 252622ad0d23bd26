"""The whole application as real processes, to be used, overloaded and killed by tests."""

from tests.stack.stack import FAST_BEAT, Stack
from tests.stack.waiting import TookTooLong, until

__all__ = ["FAST_BEAT", "Stack", "TookTooLong", "until"]
