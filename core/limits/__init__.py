"""Counters that hold however many ask at once, and while Redis is down."""

from core.limits.services import Limit, LimitReached, hit, hit_all, purge_limits

__all__ = ["Limit", "LimitReached", "hit", "hit_all", "purge_limits"]
