"""Write the head of the audit trail down outside the database."""

from typing import Any

from django.core.management.base import BaseCommand

from core.audit.anchors import anchor


class Command(BaseCommand):
    help = "Append the head of the audit trail to AUDIT_ANCHOR_FILE. Celery beat does it every few minutes."

    def handle(self, **options: Any) -> None:
        made = anchor()
        self.stdout.write(f"row {made.seq} anchored" if made else "nothing new to anchor")
