"""The time line of a case as a file to keep (D3).

CSV, because phones and office programs open it as a table and other programs can read it too (GDPR, Article 20).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from identity.portal.timeline import Entry

# With them, a German Excel finds the columns and the umlauts.
DELIMITER, BYTE_ORDER_MARK = ";", "\ufeff"


def csv_of(entries: Iterable[Entry]) -> str:
    """Return what has happened, oldest first, in the words of the page; what is still to come is left out."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter=DELIMITER)
    writer.writerow([_("Date and time"), _("What has happened"), _("Reason"), _("By whom")])
    writer.writerows(
        [timezone.localtime(entry.at).isoformat(" ", "seconds"), entry.title, entry.body, entry.by]
        for entry in entries
        if entry.at
    )
    return BYTE_ORDER_MARK + table.getvalue()
