"""What we need from a provider of identifications, in our own words.

An adapter raises `core.errors.TryAgain` (may heal) or `core.errors.Never` (will not), and no other error of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """Where a person lives, as the register says."""

    street: str
    house_number: str
    supplement: str
    postcode: str
    city: str
    country: str  # alpha-3


@dataclass(frozen=True, slots=True)
class StartOrder:
    """What a provider is told about one attempt: no KVNR, nothing about health."""

    reference: str  # 14 characters, ours, random, once only
    method: str  # a code of rules.md, for example postident_eid
    given_names: str
    family_name: str  # with its prefix, as it stands on a document
    birth_name: str
    birth_date: str  # ISO; empty when incomplete
    email: str
    language: str  # "de" or "en"
    return_url: str  # a page of ours; carries no proof
    address: PostalAddress | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """The provider's answer to an order."""

    provider_case_id: str
    continue_url: str
    valid_until: datetime
    app_url: str = ""


class Progress(StrEnum):
    """How far one identification at the provider is."""

    STARTED = "started"
    COUPON_REQUESTED = "coupon_requested"
    INCOMPLETE = "incomplete"
    REVIEW_PENDING = "review_pending"
    DECLINED = "declined"
    SUCCESS = "success"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What the provider read from the document. `unchecked` names the fields that it did not verify: never proof."""

    document_type: str  # id_card, passport, residence_title, … or "" when unknown
    country: str  # alpha-3
    expires_on: date | None
    given_names: str
    family_name: str
    birth_name: str
    birth_date: str  # ISO, perhaps incomplete: 1964-08-00
    birth_place: str
    nationality: str
    address: PostalAddress | None
    unchecked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ProviderIdentification:
    """One identification inside a provider's case."""

    method: str  # our code of the method that was really used; "" when we do not know it
    progress: Progress
    identified_at: datetime | None = None
    modified_at: datetime | None = None
    reason: str = ""  # a code, never a text of the provider
    suspected_fraud: bool = False
    document: DocumentFacts | None = None


@dataclass(frozen=True, slots=True)
class ProviderCase:
    """A provider's case as fetched."""

    provider_case_id: str
    reference: str
    valid_until: datetime | None
    identifications: tuple[ProviderIdentification, ...] = ()
    remarks: Mapping[str, str] = field(default_factory=dict)  # codes of what was odd, for the log


@dataclass(frozen=True, slots=True)
class Hint:
    """What a callback is about. It proves nothing."""

    provider_case_id: str
    reference: str


class IdentificationProvider(Protocol):
    """An adapter. `contract` names the method whose contract with the provider is used (client id, keys)."""

    def offers(self, method: str) -> bool:
        """Is a contract for this method configured?"""
        ...

    def start(self, order: StartOrder) -> Started:
        """Open a case at the provider. Slow: never inside a transaction."""
        ...

    def fetch(self, contract: str, provider_case_id: str) -> ProviderCase:
        """Fetch the facts. Slow: never inside a transaction. `Never` with code `unknown_case` when it is gone."""
        ...

    def contract_of(self, token: str) -> str | None:
        """Return the contract that the unguessable part of a callback address belongs to."""
        ...

    def read_callback(self, body: bytes) -> Hint | None:
        """Return what a callback is about; None unless the body is exactly of the documented form."""
        ...
