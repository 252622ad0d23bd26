"""Moved to `identity.status`."""

from identity.status.method_states import MethodState, State, method_states

__all__ = ["MethodState", "State", "method_states"]
