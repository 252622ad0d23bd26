"""Show me first (M7): what an order would do if it were in force, before anybody confirms it. Reads, never writes."""

from identity.workplace.preview.looking import Preview, preview_of

__all__ = ["Preview", "preview_of"]
