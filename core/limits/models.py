"""The counters."""

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
