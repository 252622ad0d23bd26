"""Personal data at rest: sealed with AES-256-GCM, bound to table, column and row; found again by keyed hashes."""

from core.encryption.ring import KeyMissing, Tampered, lookup_candidates, lookup_hash, seal, unseal

__all__ = ["KeyMissing", "Tampered", "lookup_candidates", "lookup_hash", "seal", "unseal"]
