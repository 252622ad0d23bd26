"""The id that follows a request into its tasks."""

import structlog


def current_request_id() -> str:
    """Return the id that the logs of this request or task carry; empty outside of both."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
