"""Insurers, insured people, addresses and cards, as the register knows them. Only the import and `linking` write."""

from __future__ import annotations

import uuid
from datetime import date

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core.encryption.fields import EncryptedTextField, LookupHashField
from core.encryption.querysets import SealedQuerySet
from core.ids import uuid7
from identity.matching import PartialDate, RegisterPerson
from identity.matching.births import age_on
from identity.members.ages import AgeClass, AgeClassField
from identity.providers.ports import PostalAddress


class Insurer(models.Model):
    """A health insurer or one of its regions, by its IK (SGB V § 293)."""

    ik = models.CharField(max_length=9, unique=True, db_comment="sensitive=false")
    name = models.CharField(max_length=150, db_comment="sensitive=false")
    region = models.CharField(max_length=30, db_comment="sensitive=false; code")
    phone = models.CharField(max_length=30, db_comment="sensitive=false")
    hours = models.CharField(max_length=150, blank=True, db_comment="sensitive=false; when somebody answers")
    street = models.CharField(max_length=100, db_comment="sensitive=false")
    postcode = models.CharField(max_length=5, db_comment="sensitive=false")
    city = models.CharField(max_length=100, db_comment="sensitive=false")
    portal_url = models.URLField(db_comment="sensitive=false")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ik__regex=r"^[0-9]{9}$"), name="identity_insurer_ik_shape")]

    def __str__(self) -> str:
        return self.name


class InsurerArea(models.Model):
    """Postcodes an insurer is responsible for."""

    insurer = models.ForeignKey(Insurer, models.CASCADE, related_name="areas", db_comment="sensitive=false")
    postcode_from = models.CharField(max_length=5, db_comment="sensitive=false")
    postcode_to = models.CharField(max_length=5, db_comment="sensitive=false; included")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(postcode_from__regex=r"^[0-9]{5}$", postcode_to__regex=r"^[0-9]{5}$")
                & Q(postcode_to__gte=F("postcode_from")),
                name="identity_insurerarea_in_order",
            ),
            models.UniqueConstraint(fields=["postcode_from", "postcode_to"], name="identity_insurerarea_once"),
        ]

    def __str__(self) -> str:
        return f"{self.postcode_from}-{self.postcode_to}"


class Insurant(models.Model):
    """An insured person as in the register. Names and numbers are encrypted; a KVNR is found by its keyed hash."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False, db_comment="sensitive=false")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, db_comment="sensitive=false")
    insurer = models.ForeignKey(Insurer, models.PROTECT, related_name="insurants", db_comment="sensitive=false")
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="insurant",
        db_comment="sensitive=false; one insured person, one account",
    )  # fmt: skip
    kvnr = EncryptedTextField(db_comment="sensitive=true; health insurance number")
    kvnr_hash = LookupHashField(purpose="kvnr", source="kvnr", unique=True, db_comment="sensitive=true; keyed hash")
    given_names = EncryptedTextField(db_comment="sensitive=true")
    family_name = EncryptedTextField(db_comment="sensitive=true")
    name_prefix = EncryptedTextField(blank=True, default="", db_comment="sensitive=true; von, de, van der")
    title = EncryptedTextField(blank=True, default="", db_comment="sensitive=true")
    birth_name = EncryptedTextField(blank=True, default="", db_comment="sensitive=true")
    birth_date = EncryptedTextField(db_comment="sensitive=true; ISO, noughts for what is not known: 1964-08-00")
    age_class = AgeClassField(
        choices=AgeClass, default=AgeClass.UNKNOWN, db_default=AgeClass.UNKNOWN, editable=False,
        db_comment="sensitive=false; coarse, for counts only, the gate looks at the birth date",
    )  # fmt: skip
    email = EncryptedTextField(blank=True, default="", db_comment="sensitive=true")
    representative_kvnr = EncryptedTextField(blank=True, default="", db_comment="sensitive=true")
    member_from = models.DateField(null=True, blank=True, db_comment="sensitive=false")
    member_to = models.DateField(null=True, blank=True, db_comment="sensitive=false; last day")
    died_on = models.DateField(null=True, blank=True, db_comment="sensitive=false")
    register_digest = models.BinaryField(
        max_length=32, null=True, db_comment="sensitive=true; keyed hash of the imported record"
    )
    imported_at = models.DateTimeField(default=timezone.now, db_comment="sensitive=false")

    objects = SealedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(member_to__isnull=True) | Q(member_to__gte=F("member_from")),
                name="identity_insurant_membership_in_order",
            ),
            models.CheckConstraint(
                condition=Q(age_class__in=AgeClass.values), name="identity_insurant_age_class_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                include=["age_class"],
                condition=Q(age_class__lt=AgeClass.SIXTEEN_OR_OLDER),
                name="identity_insurant_young",
            )
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    def is_member_on(self, day: date) -> bool:
        """Insured with us on this day, and alive."""
        return (
            self.died_on is None
            and (self.member_from is None or self.member_from <= day)
            and (self.member_to is None or day <= self.member_to)
        )

    def age_on(self, day: date) -> int:
        """Return the age in full years; the youngest possible one when the birth date is incomplete."""
        return age_on(PartialDate.parse(self.birth_date).latest(), day)

    def register_person(self) -> RegisterPerson:
        """Return what documents are compared with."""
        return RegisterPerson(
            given_names=self.given_names,
            family_name=self.family_name,
            birth_date=PartialDate.parse(self.birth_date),
            membership_from=self.member_from,
            name_prefix=self.name_prefix,
            title=self.title,
            birth_name=self.birth_name,
            membership_to=self.member_to,
            died_on=self.died_on,
        )

    def postal_address(self) -> PostalAddress | None:
        """Return where the person lives today."""
        address = self.addresses.current(timezone.localdate())
        return address.as_postal() if address else None


class AddressQuerySet(SealedQuerySet["Address"]):
    def current(self, day: date) -> Address | None:
        """The one in force on a day: what the register said last about it. None also when it said "unknown"."""
        address = self.filter(valid_from__lte=day).order_by("-recorded_at", "-pk").first()
        return address if address and address.city else None


class Address(models.Model):
    """An address and since when; never changed, only followed by the next one (P4 needs the history).

    What is recorded later counts, also when it is valid from an earlier day: so a correction undoes what it corrects.
    All empty: since then the register knows no address.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False, db_comment="sensitive=false")
    insurant = models.ForeignKey(Insurant, models.CASCADE, related_name="addresses", db_comment="sensitive=false")
    street = EncryptedTextField(db_comment="sensitive=true")
    house_number = EncryptedTextField(blank=True, default="", db_comment="sensitive=true")
    supplement = EncryptedTextField(blank=True, default="", db_comment="sensitive=true")
    postcode = EncryptedTextField(db_comment="sensitive=true")
    city = EncryptedTextField(db_comment="sensitive=true")
    country = EncryptedTextField(default="DEU", db_comment="sensitive=true; alpha-3")
    valid_from = models.DateField(db_comment="sensitive=false")
    register_matched_on = models.DateField(
        null=True, blank=True, db_comment="sensitive=false; compared with the population register"
    )
    recorded_at = models.DateTimeField(default=timezone.now, db_comment="sensitive=false")

    objects = AddressQuerySet.as_manager()

    class Meta:
        triggers = [pgtrigger.Protect(name="no_update", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return str(self.pk)

    def as_postal(self) -> PostalAddress:
        return PostalAddress(self.street, self.house_number, self.supplement, self.postcode, self.city, self.country)


class CardState(models.TextChoices):
    ACTIVE = "active"
    BLOCKED = "blocked"
    REPLACED = "replaced"
    EXPIRED = "expired"


class Card(models.Model):
    """A health card (eGK). PIN, PUK and CAN are never known here (P9)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False, db_comment="sensitive=false")
    insurant = models.ForeignKey(Insurant, models.CASCADE, related_name="cards", db_comment="sensitive=false")
    iccsn = EncryptedTextField(db_comment="sensitive=true; number on the back, 20 digits")
    iccsn_hash = LookupHashField(purpose="iccsn", source="iccsn", unique=True, db_comment="sensitive=true; keyed hash")
    nfc = models.BooleanField(db_comment="sensitive=false")
    issued_on = models.DateField(db_comment="sensitive=false")
    state = models.CharField(max_length=10, choices=CardState, db_comment="sensitive=false")

    objects = SealedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=CardState.values), name="identity_card_state_known"),
            models.UniqueConstraint(
                fields=["insurant"], condition=Q(state=CardState.ACTIVE), name="identity_card_one_active"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class CardStateChange(models.Model):
    """When a card was first seen in a state: its history."""

    card = models.ForeignKey(Card, models.CASCADE, related_name="state_changes", db_comment="sensitive=false")
    state = models.CharField(max_length=10, choices=CardState, db_comment="sensitive=false")
    seen_at = models.DateTimeField(default=timezone.now, db_comment="sensitive=false")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=CardState.values), name="identity_cardstatechange_state_known")
        ]
        triggers = [pgtrigger.Protect(name="no_update", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.card_id} {self.state}"
