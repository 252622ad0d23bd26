"""The models of the rooms, where Django looks for them."""

from core.accounts.models import Account
from core.audit.models import AuditEvent, AuditHead
from core.limits.models import CachedValue, RateLimit
from core.outbox.models import OutgoingMessage

__all__ = ["Account", "AuditEvent", "AuditHead", "CachedValue", "OutgoingMessage", "RateLimit"]
