"""Their payload as our ProviderCase. Whatever is null, missing, new or unknown is survived and remarked on.

Only the status "success" of an identification is a success: "closed", "in progress" and unknown words are none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.errors import Never
from identity.providers.ports import Progress, ProviderCase, ProviderIdentification
from identity.providers.postident.document import read_document
from identity.providers.postident.mapping import REFERENCE, SHORTENED
from identity.providers.postident.values import Remarks, group, moment

CASE_ID = re.compile(r"[A-Z0-9]{12}")
METHODS: Mapping[str, str] = {
    "basic": "postident_branch",
    "eid": "postident_eid",
    "video": "video_ident",
    "photo": "robo_ident",
    "autoid": "robo_ident",
}
PROGRESS: Mapping[str, Progress] = {
    "started": Progress.STARTED,
    "coupon requested": Progress.COUPON_REQUESTED,
    "incomplete": Progress.INCOMPLETE,
    "review pending": Progress.REVIEW_PENDING,
    "declined": Progress.DECLINED,
    "success": Progress.SUCCESS,
}
CASE_STATUSES = frozenset({"new", "in progress", "closed"})
# Their codes are not public: these are ours in capitals, anything else becomes "other" with a remark.
_REASONS = """
pin_blocked eid_disabled card_expired not_supported cancelled connection_lost document_mismatch document_expired
fraud process_incomplete review
"""
REASONS = frozenset(_REASONS.split())


def read_case(payload: object, case_id: str) -> ProviderCase:
    """Return the facts of a case. Raises Never: not_a_case (no object), other_case (the result of another case)."""
    if not isinstance(payload, dict):
        raise Never("not_a_case")
    if payload.get("caseId") != case_id:
        raise Never("other_case")
    remarks = Remarks()
    status = group(payload.get("caseStatus"), "case_status", remarks)
    if status.get("status") not in CASE_STATUSES:
        remarks.note("unknown_case_status", status.get("status"))
    return ProviderCase(
        provider_case_id=case_id,
        reference=_reference(payload, remarks),
        valid_until=moment(status.get("validUntil"), remarks),
        identifications=_identifications(payload.get("identifications"), remarks),
        remarks=remarks,
    )


def _reference(payload: Mapping[str, Any], remarks: Remarks) -> str:
    """Return our reference: their echo of it, else the copy in the custom data. Without one they put the case's id."""
    order = group(payload.get("orderData"), "order_data", remarks)
    custom = group(order.get("customData"), "custom_data", remarks)
    shortened = custom.get("custom2")
    if isinstance(shortened, str) and shortened.startswith(SHORTENED):
        remarks["shortened"] = shortened.removeprefix(SHORTENED)
    echoed = group(order.get("processData"), "process_data", remarks).get("referenceId")
    for text in (echoed, custom.get("custom1")):
        if isinstance(text, str) and REFERENCE.fullmatch(text) and text != payload["caseId"]:
            return text
    return ""


def _identifications(given: object, remarks: Remarks) -> tuple[ProviderIdentification, ...]:
    if given is None:
        return ()  # before the person starts
    if not isinstance(given, list):
        remarks.note("odd_identifications")
        return ()
    found = [each for each in given if isinstance(each, dict)]
    if len(found) < len(given):
        remarks.note("odd_identifications")
    return tuple(_identification(each, remarks) for each in found)


def _identification(given: Mapping[str, Any], remarks: Remarks) -> ProviderIdentification:
    status = group(given.get("identificationStatus"), "identification_status", remarks)
    progress = _known(PROGRESS, status.get("status"))
    if progress is None:
        remarks.note("unknown_identification_status", status.get("status"))
    method = _known(METHODS, given.get("identificationMethod"))
    if method is None:
        remarks.note("unknown_method", given.get("identificationMethod"))
    at = moment(status.get("identificationTime"), remarks)
    if progress is Progress.SUCCESS and at is None:
        remarks.note("success_without_time")
    reason, is_fraud = _reason(status, remarks)
    return ProviderIdentification(
        method=method or "",
        progress=progress or Progress.UNKNOWN,
        identified_at=at,
        modified_at=moment(status.get("modified"), remarks),
        reason=reason,
        suspected_fraud=is_fraud,
        document=read_document(given.get("identificationDocument"), remarks),
    )


def _known(table: Mapping[str, Any], value: object) -> Any:
    return table.get(value) if isinstance(value, str) else None


def _reason(status: Mapping[str, Any], remarks: Remarks) -> tuple[str, bool]:
    """Return why, as a code of ours, and whether fraud is suspected."""
    code = group(status.get("subStatus"), "sub_status", remarks).get("code")
    reason = code.lower() if isinstance(code, str) else ""
    why = status.get("subStatusReason")
    is_fraud = "fraud" in reason or (isinstance(why, str) and "fraud" in why.lower())
    if why is not None and not is_fraud:
        remarks.note("unknown_sub_status_reason", why)
    if code is not None and reason not in REASONS:
        remarks.note("unknown_sub_status", code)
        reason = "other"
    return reason, is_fraud
