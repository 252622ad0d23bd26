"""The counters: ours, and what Django's cache holds (allauth counts there)."""

from django.db import models


class RateLimit(models.Model):
    """Hits of one key within one window. Only `core.limits.services` writes here, with one statement."""

    name = models.CharField(max_length=60, db_comment="sensitive=false; which limit")
    key_hash = models.BinaryField(max_length=32, db_comment="sensitive=true; keyed hash of what is limited")
    hits = models.PositiveIntegerField(db_comment="sensitive=false")
    ends_at = models.DateTimeField(db_index=True, db_comment="sensitive=false; end of the window")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "key_hash"], name="core_ratelimit_one_per_key"),
            models.CheckConstraint(condition=models.Q(hits__gte=1), name="core_ratelimit_hits_counted"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.hits}"


class CachedValue(models.Model):
    """A value of Django's cache until its end. Only `core.limits.cache` writes here."""

    key_hash = models.BinaryField(
        max_length=32, unique=True, db_comment="sensitive=true; keyed hash of the key, which may hold an address"
    )
    value = models.JSONField(db_comment="sensitive=false; moments of hits, or that something was used")
    ends_at = models.DateTimeField(db_index=True, db_comment="sensitive=false")

    def __str__(self) -> str:
        return f"until {self.ends_at:%Y-%m-%d %H:%M:%S}"
