"""POSTIDENT (Deutsche Post, SCR-Ident): create a case, fetch its result.

After public clients, guides and help pages. Whoever goes live checks these points, which are inferred, against the
guides "SCR-Ident API 1 Start / 2 Result" that come with the contract:

- the path below the host (`base_url`), and that the methods of a contract cannot be chosen in an order;
- 429 and 503 with Retry-After, 400, 401 and 404: only the status decides here, an error's body is never read;
- the content encryption of a result: A256GCM, A128GCM, A256CBC-HS512 or A128CBC-HS256 are taken, others refused;
- a case has succeeded when one of its identifications has; one case may hold a failed and a successful identification;
- sub-status codes (`reading.REASONS`), document types 6 to 12, times without a zone (taken as German);
- custom data comes back with a result that is filed under a new case id (custom1 holds our reference);
- a referenceId that was used gives 409 also when the first answer was lost on the way;
- validUntil is always there: `VALID_DAYS_ASSUMED` is taken when it is not.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from django.utils import timezone

from core.errors import Never, OutsideError, TryAgain
from core.http import Answer, call
from identity.providers.ports import Hint, ProviderCase, Started, StartOrder
from identity.providers.postident.callback import read_hint, token_for
from identity.providers.postident.configuration import Configuration, Contract, configured
from identity.providers.postident.jwe import KeyRing, ResultKey
from identity.providers.postident.mapping import order_body
from identity.providers.postident.reading import CASE_ID, read_case
from identity.providers.postident.values import Remarks, moment

log = structlog.get_logger(__name__)

ANSWER_MAX_BYTES: Final = 100_000
RESULT_MAX_BYTES: Final = 1_000_000  # without pictures and scans: we never ask for them
VALID_DAYS_ASSUMED: Final = 14
APP_SCHEME: Final = "postident://"
URL_MAX: Final = 2000

# What a refusal means, by its status alone. Any other is kept as core.http names it (http_400, http_403 …).
REFUSED_ORDER: Mapping[int, str] = {400: "bad_order", 401: "credentials", 403: "credentials", 409: "reference_used"}
REFUSED_QUESTION: Mapping[int, str] = {400: "bad_question", 401: "credentials", 403: "credentials", 404: "unknown_case"}

_keys = KeyRing()


def from_settings() -> Postident:
    """Return the adapter that the setting POSTIDENT describes. Raises ImproperlyConfigured."""
    return Postident(configured())


class Postident:
    """An `identity.providers.ports.IdentificationProvider`. Its contracts are named by our codes of methods."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._tokens = {
            contract: token_for(contract, configuration.callback_secret).encode()
            for contract in configuration.contracts
        }

    def offers(self, method: str) -> bool:
        """Is a contract for this method configured?"""
        return method in self._configuration.contracts

    def start(self, order: StartOrder) -> Started:
        """Open a case. Slow: never inside a transaction.

        Never: bad_order, credentials (somebody must act), reference_used, not_configured, and core.http's.
        TryAgain: network and overload, unreadable_answer (the case may exist over there: the same order gives 409).
        """
        contract = self._contract(order.method)
        made = order_body(order, self.webhook_url(order.method))
        if made.shortened:
            log.info("postident_order_shortened", reference=order.reference, fields=made.shortened)
        path = f"/scr/v1/{contract.client_id}/cases"
        try:
            answer = self._call(
                "POST", path, contract, route="/scr/v1/{client}/cases", json=made.body, max_bytes=ANSWER_MAX_BYTES
            )
        except Never as error:
            raise _refusal(error, REFUSED_ORDER, order.method) from None
        return self._started(answer.body)

    def fetch(self, contract: str, provider_case_id: str) -> ProviderCase:
        """Fetch and decrypt a result. Slow: never inside a transaction.

        Never: unknown_case (deleted, another client's, or no case id at all), credentials, bad_question, other_case,
        not_a_case, plain_result, other_encryption, not_configured, and core.http's (too_large, …).
        TryAgain: network and overload, unreadable_result (damaged, for another key, a page instead of a result).
        """
        ours = self._contract(contract)
        if not CASE_ID.fullmatch(provider_case_id):
            raise Never("unknown_case")  # never a part of a path
        key = _keys.current()
        path = f"/scr/v1/{ours.client_id}/cases/{provider_case_id}/full?includeBinaryData=false"
        try:
            answer = self._call(
                "GET",
                path,
                ours,
                route="/scr/v1/{client}/cases/{case}/full",
                headers=key.headers(ours.data_password),
                max_bytes=RESULT_MAX_BYTES,
            )
        except Never as error:
            raise _refusal(error, REFUSED_QUESTION, contract) from None
        case = read_case(self._payload(answer.body, key), provider_case_id)
        if odd := sorted(case.remarks.keys() - {"shortened"}):  # the codes alone: what stood there may be anything
            log.warning("postident_result_odd", contract=contract, remarks=odd)
        return case

    def contract_of(self, token: str) -> str | None:
        """Return the contract whose callback address ends with this token; compared in constant time."""
        given, found = token.encode(errors="replace"), None
        for contract, expected in self._tokens.items():
            if hmac.compare_digest(expected, given):
                found = contract
        return found

    def read_callback(self, body: bytes) -> Hint | None:
        """Return what a callback is about; None unless the body is exactly of the documented form."""
        return read_hint(body)

    def webhook_url(self, contract: str) -> str:
        """Return the address that Deutsche Post calls for cases of this contract."""
        return f"{self._configuration.callback_base_url}/callbacks/postident/{self._tokens[contract].decode()}"

    def _contract(self, name: str) -> Contract:
        try:
            return self._configuration.contracts[name]
        except KeyError:
            raise Never("not_configured") from None

    def _call(self, verb: str, path: str, contract: Contract, **how: Any) -> Answer:
        return call(
            verb,
            self._configuration.base_url + path,
            auth=(contract.user, contract.password),
            timeout_seconds=self._configuration.timeout_seconds,
            expect=(200, 201),
            **how,
        )

    def _started(self, body: bytes) -> Started:
        given, remarks = _json(body, "unreadable_answer"), Remarks()
        case_id, url = _inside(given, "caseId"), _inside(given, "webStart", "caseURL")
        if not CASE_ID.fullmatch(case_id) or not self._is_web_address(url):
            raise TryAgain("unreadable_answer")
        valid_until = moment(_inside(given, "validUntil") or None, remarks)
        if valid_until is None:
            log.warning("postident_valid_until_missing")
        app_url = _inside(given, "iosStart", "caseUrlScheme") or _inside(given, "androidStart", "caseUrlScheme")
        return Started(
            provider_case_id=case_id,
            continue_url=url,
            valid_until=valid_until or _assumed_end(),
            app_url=app_url if app_url.startswith(APP_SCHEME) and len(app_url) <= URL_MAX else "",
        )

    def _is_web_address(self, url: str) -> bool:
        """People are sent there: an address of the web, without anything that a browser would read otherwise."""
        schemes = ("https", "http") if self._configuration.allow_http else ("https",)
        if len(url) > URL_MAX or not url.isascii() or not url.isprintable() or set(url) & set(' "<>\\^`{|}'):
            return False
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return parts.scheme in schemes and bool(parts.hostname) and parts.username is None

    def _payload(self, body: bytes, key: ResultKey) -> Any:
        if body.lstrip()[:1] in (b"{", b"["):
            if not self._configuration.allow_plain_result:
                raise Never("plain_result")
            return _json(body, "unreadable_result")
        return _json(key.open(body.strip()), "unreadable_result")


def _refusal(error: Never, meanings: Mapping[int, str], contract: str) -> OutsideError:
    code = meanings.get(error.status or 0, error.code)
    if code == "credentials":
        log.error("postident_credentials_refused", contract=contract, status=error.status)
    return Never(code, status=error.status)


def _json(text: bytes, code: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise TryAgain(code) from None


def _inside(given: Any, *keys: str) -> str:
    for key in keys:
        given = given.get(key) if isinstance(given, dict) else None
    return given if isinstance(given, str) else ""


def _assumed_end() -> datetime:
    return timezone.now() + timedelta(days=VALID_DAYS_ASSUMED)
