"""Messages leave the house from here only: written in the transaction of the change, sent afterwards."""

from core.outbox.services import Message, deliver_due, enqueue, enqueue_many, retry_message

__all__ = ["Message", "deliver_due", "enqueue", "enqueue_many", "retry_message"]
